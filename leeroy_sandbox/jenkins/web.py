"""The gate of a Jenkins: what every request must get past, in Jenkins' order, whatever it asks."""

import json

from flask import Flask, Response, request

from leeroy_sandbox.jenkins.access import BadCredentials, Caller, Crumbs
from leeroy_sandbox.jenkins.controller import Controller
from leeroy_sandbox.jenkins.parameters import BadParameter
from leeroy_sandbox.jenkins.starting import Stage, early_answer, unauthorized
from leeroy_sandbox.jenkins.versions import Feature
from leeroy_sandbox.jenkins.views import answer
from leeroy_sandbox.jenkins.visit import Refusal, Visit

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
#: Request line and headers together (winstone's --requestHeaderSize).
_HEADER_BYTES = 8192
_POLICY = (
    "base-uri 'none'; default-src 'self'; form-action 'self'; frame-ancestors 'self'; "
    "img-src 'self' data:; script-src 'report-sample' 'self'; style-src 'report-sample' 'self' "
    "'unsafe-inline'; report-to content-security-policy; report-uri /content-security-policy/x"
)
_REPORTS = 'content-security-policy: "{root}content-security-policy-reporting-endpoint/' + (
    "0" * 200 + '"'
)


def create_app(jenkins: Controller) -> Flask:
    """One Jenkins as a Flask application."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False

    @app.route("/", defaults={"path": ""}, methods=_METHODS, provide_automatic_options=False)
    @app.route("/<path:path>", methods=_METHODS, provide_automatic_options=False)
    def any_address(path: str) -> Response:
        made = _answer(jenkins, [segment for segment in path.split("/") if segment])
        made.headers["X-Content-Type-Options"] = "nosniff"
        if Feature.CONTENT_POLICY.within(jenkins.version):
            made.headers["Content-Security-Policy-Report-Only"] = _POLICY
            made.headers["Reporting-Endpoints"] = _REPORTS.format(root=jenkins.root_url or "/")
        return made

    return app


def _answer(jenkins: Controller, segments: list[str]) -> Response:
    nobody = Caller(user=None, permissions=frozenset())
    visit = Visit(jenkins=jenkins, caller=nobody, request=request)
    stage = jenkins.stage
    if stage is not Stage.UP:
        return early_answer(stage, request, jenkins.version)
    uri = request.environ.get("REQUEST_URI", request.full_path)
    if (
        len(uri) + sum(len(name) + len(value) + 4 for name, value in request.headers)
        > _HEADER_BYTES
    ):
        return visit.container(414, "URI Too Long")
    if ";" in uri.partition("?")[0]:
        return visit.container(400, "Semicolons are not allowed in the request URI")
    try:
        caller = jenkins.users.authenticate(request.headers.get("Authorization"))
    except BadCredentials:
        return unauthorized(request)
    visit = Visit(jenkins=jenkins, caller=caller, request=request)
    if not _has_crumb(visit, segments):
        return visit.container(403, "No valid crumb was included in the request")
    try:
        return answer(visit, segments)
    except Refusal as refusal:
        return refusal.answer
    except (BadParameter, ValueError, json.JSONDecodeError):
        return visit.oops()


def _has_crumb(visit: Visit, segments: list[str]) -> bool:
    jenkins = visit.jenkins
    if not (jenkins.csrf and visit.is_post) or visit.caller.by_token:
        return True
    if segments[:1] == ["buildByToken"]:
        return True
    crumb = visit.request.headers.get(Crumbs.FIELD) or visit.text(Crumbs.FIELD)
    session = visit.request.cookies.get(jenkins.crumbs.cookie)
    return jenkins.crumbs.accepts(visit.caller, session, crumb)
