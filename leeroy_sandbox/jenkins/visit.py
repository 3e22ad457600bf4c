"""One request: who sends it, what it carries, and the forms Jenkins' answers have."""

from dataclasses import dataclass

from flask import Request, Response

from leeroy_sandbox.jenkins import pages
from leeroy_sandbox.jenkins.access import Caller, Permission
from leeroy_sandbox.jenkins.beans import Bean, pruner, shown, to_json
from leeroy_sandbox.jenkins.controller import Controller
from leeroy_sandbox.jenkins.jobs import Job
from leeroy_sandbox.jenkins.versions import Feature


class Refusal(Exception):
    """Ends a request with this answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request that got past the gate."""

    jenkins: Controller
    caller: Caller
    request: Request

    @property
    def here(self) -> str:
        """The root as the caller addressed it, which `Location` is built from."""
        request = self.request
        scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
        host = request.headers.get("X-Forwarded-Host", request.host)
        port = request.headers.get("X-Forwarded-Port")
        if port and ":" not in host:
            host = f"{host}:{port}"
        return f"{scheme}://{host}{request.script_root}/"

    @property
    def top(self) -> str:
        """The path of the root: what a 302's `Location` is built from, without a host."""
        return f"{self.request.script_root}/"

    @property
    def root(self) -> str:
        """The root that JSON is built from: the configured one, if there is one."""
        return self.jenkins.root_url or self.here

    @property
    def is_post(self) -> bool:
        """Whether the request may change anything."""
        return self.request.method == "POST"

    def text(self, name: str) -> str | None:
        """A value from the query or the form."""
        return self.request.values.get(name)

    # Checks: each ends the request with the answer Jenkins gives.

    def post_only(self) -> None:
        """405 for anything but POST."""
        if not self.is_post:
            answer = self.html(405, pages.method_required(self.request.path))
            answer.headers["Allow"] = "POST"
            raise Refusal(answer)

    def require(self, permission: Permission, job: Job | None = None) -> None:
        """403 unless the caller may do this (to the job)."""
        if job is not None:
            allowed = job.grants(self.caller, permission)
        else:
            held = self.caller.permissions
            allowed = permission in held or Permission.ADMINISTER in held
        if not allowed:
            raise Refusal(self.denied(permission))

    def require_read(self, job: Job | None) -> Job:
        """The job; 404 if there is none or it is hidden, 403 if it may only be discovered."""
        if job is not None and job.grants(self.caller, Permission.READ):
            return job
        if job is not None and job.grants(self.caller, Permission.DISCOVER):
            raise Refusal(self.denied(Permission.READ))
        raise Refusal(self.missing())

    # Answers.

    def html(self, status: int, body: str) -> Response:
        """A page of Jenkins' own: too long to be sent in one piece."""
        answer = self._named(Response(body, status, content_type=pages.HTML))
        answer.automatically_set_content_length = False
        answer.headers.pop("Content-Length", None)
        answer.headers["Transfer-Encoding"] = "chunked"
        answer.headers["X-Hudson"] = "1.395"
        return answer

    def json(self, bean: Bean) -> Response:
        """An API document, cut to what `depth` or `tree` ask for; raises ValueError."""
        by = pruner(self.text("depth"), self.text("tree"))
        with self.jenkins.lock:
            document = shown(bean, by)
        body = to_json(document, pretty=self.text("pretty") is not None)
        answer = Response(body, content_type="application/json;charset=utf-8")
        answer.headers["X-Frame-Options"] = "deny"
        return self._named(answer)

    def plain(self, text: bytes) -> Response:
        """Text, as logs are."""
        return self._named(Response(text, content_type="text/plain;charset=utf-8"))

    def container(self, status: int, message: str) -> Response:
        """The container's error page, without any header of Jenkins'."""
        page = pages.container_error(status, message, self.request.path)
        return Response(page, status, content_type="text/html;charset=iso-8859-1")

    def refusal(self, status: int, message: str, *, formerly: int | None = None) -> Response:
        """A page that shows the reason; before 2.524 it did not, and some had another status."""
        if Feature.PLAIN_REFUSALS.within(self.jenkins.version):
            return self.container(status, message)
        return self.oops(formerly or status)

    def oops(self, status: int = 500) -> Response:
        """Something went wrong; what, is in the log that nobody can see."""
        return self.html(status, pages.oops())

    def missing(self) -> Response:
        """Not there, or not for the caller's eyes."""
        return self.html(404, pages.not_found())

    def denied(self, permission: Permission) -> Response:
        """Nobody in particular is shown to the login; others hear what they lack."""
        name = self.caller.name
        if self.caller.user is None:
            if self.request.headers.get("X-Requested-With") == "XMLHttpRequest":
                return self._named(empty(403))
            page = pages.login_required(self.request.path, permission, permission.implied_by)
        else:
            page = pages.access_denied(name, permission.words)
        answer = self.html(403, page)
        answer.headers["X-You-Are-Authenticated-As"] = name
        answer.headers["X-You-Are-In-Group-Disabled"] = (
            "JENKINS-39402: use -Dhudson.security.AccessDeniedException2.REPORT_GROUP_HEADERS=true"
            " or use /whoAmI to diagnose"
        )
        answer.headers["X-Required-Permission"] = permission
        for implied in permission.implied_by:
            answer.headers.add("X-Permission-Implied-By", implied)
        return answer

    def _named(self, answer: Response) -> Response:
        answer.headers["X-Jenkins"] = self.jenkins.version
        answer.headers["X-Jenkins-Session"] = self.jenkins.session
        return answer


def empty(status: int, location: str | None = None) -> Response:
    """No body, and no header of Jenkins'."""
    answer = Response(status=status)
    del answer.headers["Content-Type"]
    if location:
        answer.headers["Location"] = location
    return answer
