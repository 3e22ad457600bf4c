"""Commit statuses: https://docs.github.com/en/rest/commits/statuses?apiVersion=2022-11-28"""

from typing import TYPE_CHECKING

from flask import Blueprint, g
from werkzeug.wrappers import Response

from leeroy_sandbox.github.api.access import needs
from leeroy_sandbox.github.api.answers import Problem, answer, body, created, page_of
from leeroy_sandbox.github.model import Role
from leeroy_sandbox.github.render import conversation

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub

STATUS_SCOPES = ("repo:status",)


def blueprint(github: "GitHub") -> Blueprint:
    """Statuses of a commit: posted, combined, listed."""
    routes = Blueprint("statuses", __name__, url_prefix="/repos/<owner>/<name>")

    @routes.post("/statuses/<sha>")
    @needs("statuses", role=Role.WRITE, scopes=STATUS_SCOPES)
    def post(sha: str) -> Response:
        data = body("state", optional=("context", "description", "target_url"))
        status = github.post_status(
            g.repo.full_name,
            sha,
            data["state"],
            data.get("context") or "default",
            description=data.get("description"),
            target_url=data.get("target_url"),
            by=g.caller.login,
        )
        return created(conversation.status(github, g.repo, status))

    @routes.get("/commits/<path:ref>/status")
    @needs("statuses", write=False, scopes=STATUS_SCOPES)
    def combined(ref: str) -> Response:
        sha = _resolve(ref)
        latest = list(github.statuses(g.repo.full_name, sha).latest.values())[::-1]
        page, link = page_of(latest)
        shown = conversation.combined_status(github, g.repo, sha, latest, list(page))
        return answer(shown, headers=link)

    @routes.get("/commits/<path:ref>/statuses")
    @routes.get("/statuses/<path:ref>")
    @needs("statuses", write=False, scopes=STATUS_SCOPES)
    def history(ref: str) -> Response:
        said = github.statuses(g.repo.full_name, _resolve(ref)).history
        page, link = page_of(said[::-1])
        return answer([conversation.status(github, g.repo, s) for s in page], headers=link)

    return routes


def _resolve(ref: str) -> str:
    sha: str | None = g.repo.git.resolve(ref)
    if sha is None:
        raise Problem(404, "Not Found")
    return sha
