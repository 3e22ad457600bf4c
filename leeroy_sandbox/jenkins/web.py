"""The gate of a Jenkins: what every request must get past, in Jenkins' order, whatever it asks."""

import json

from flask import Flask, Response, request

from leeroy_sandbox.jenkins import pages
from leeroy_sandbox.jenkins.access import BadCredentials, Caller, Crumbs
from leeroy_sandbox.jenkins.controller import Controller
from leeroy_sandbox.jenkins.parameters import BadParameter
from leeroy_sandbox.jenkins.views import answer
from leeroy_sandbox.jenkins.visit import Refusal, Visit

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
#: Request line and headers together (winstone's --requestHeaderSize).
_HEADER_BYTES = 8192


def create_app(jenkins: Controller) -> Flask:
    """One Jenkins as a Flask application."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False

    @app.route("/", defaults={"path": ""}, methods=_METHODS, provide_automatic_options=False)
    @app.route("/<path:path>", methods=_METHODS, provide_automatic_options=False)
    def any_address(path: str) -> Response:
        made = _answer(jenkins, [segment for segment in path.split("/") if segment])
        made.headers["X-Content-Type-Options"] = "nosniff"
        return made

    return app


def _answer(jenkins: Controller, segments: list[str]) -> Response:
    nobody = Caller(user=None, permissions=frozenset())
    visit = Visit(jenkins=jenkins, caller=nobody, request=request)
    if jenkins.is_down:
        # No Retry-After, and nothing that says Jenkins: it is not up.
        down = Response(pages.starting(), 503, content_type="text/html;charset=utf-8")
        down.headers["Cache-Control"] = "no-cache,no-store,must-revalidate"
        return down
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
        refused = visit.container(401, "Invalid password/token for user")
        refused.headers["WWW-Authenticate"] = 'Basic realm="Jenkins"'
        return refused
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
