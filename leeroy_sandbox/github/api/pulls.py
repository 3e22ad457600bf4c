"""Pull requests: https://docs.github.com/en/rest/pulls/pulls?apiVersion=2022-11-28"""

from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from leeroy_sandbox.github.api.access import needs
from leeroy_sandbox.github.api.answers import (
    Problem,
    answer,
    body,
    link_header,
    page_of,
    page_slice,
    plain,
    wanted_media,
)
from leeroy_sandbox.github.model import Pull, Repository
from leeroy_sandbox.github.render import conversation, history, pulls
from leeroy_sandbox.github.state import Absent

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub

AREA = "pull_requests"
MOST_FILES = 3000
MOST_COMMITS = 250
#: Beyond these a diff is refused.
DIFF_FILES = 300
DIFF_LINES = 20_000
DIFF_BYTES = 1024 * 1024
FILES_HELP = "https://docs.github.com/rest/pulls/pulls#list-pull-requests-files"


def blueprint(github: "GitHub") -> Blueprint:
    """Pull requests with their files, commits and review comments."""
    routes = Blueprint("pulls", __name__, url_prefix="/repos/<owner>/<name>")

    @routes.get("/pulls")
    @needs(AREA, write=False)
    def listed() -> Response:
        page, link = page_of(_chosen(list(g.repo.pulls.values())))
        return answer([pulls.simple_pull(github, g.repo, p) for p in page], headers=link)

    @routes.get("/pulls/<int:number>")
    @needs(AREA, write=False)
    def one(number: int) -> Response:
        pull = github.pull(g.repo.id, number)
        media = wanted_media()
        if media in ("diff", "patch"):
            start = github.start_of(g.repo, pull)
            return plain(_whole_diff(g.repo, start, pull.head_sha, media), media)
        mergeable = github.mergeable(g.repo, pull, read=True)
        shown = pulls.full_pull(github, g.repo, pull, mergeable)
        return answer(shown, headers={"Last-Modified": _http_date(shown["updated_at"])})

    @routes.get("/pulls/<int:number>/files")
    @needs(AREA, write=False)
    def files(number: int) -> Response:
        pull = github.pull(g.repo.id, number)
        start = github.start_of(g.repo, pull)
        total = min(len(g.repo.git.files(start, pull.head_sha)), MOST_FILES)
        span = slice(page_slice().start, min(page_slice().stop, total))
        shown = history.files(
            github, g.repo, start, pull.head_sha, span, lose_counts=github.loses_counts
        )
        return answer(shown, headers=link_header(total))

    @routes.get("/pulls/<int:number>/commits")
    @needs(AREA, write=False)
    def commits(number: int) -> Response:
        pull = github.pull(g.repo.id, number)
        found = g.repo.git.between(github.start_of(g.repo, pull), pull.head_sha)
        page, link = page_of(found, MOST_COMMITS)
        return answer([history.commit(github, g.repo, c) for c in page], headers=link)

    @routes.get("/pulls/<int:number>/comments")
    @needs(AREA, write=False)
    def review_comments(number: int) -> Response:
        pull = github.pull(g.repo.id, number)
        page, link = page_of(pull.review_comments)
        shown = [conversation.review_comment(github, g.repo, pull, c) for c in page]
        return answer(shown, headers=link)

    @routes.get("/pulls/comments/<int:comment>")
    @needs(AREA, write=False)
    def review_comment(comment: int) -> Response:
        pull, found = github.find_comment(g.repo, comment, review=True)
        return answer(conversation.review_comment(github, g.repo, pull, found))

    @routes.post("/pulls/comments/<int:comment>/reactions")
    @needs(AREA)
    def react(comment: int) -> Response:
        content = body("content")["content"]
        name, login = g.repo.full_name, g.caller.login
        number, new = github.react(name, comment, login, content, review=True)
        shown = conversation.reaction(github, number, login, content, github.now())
        return answer(shown, 201 if new else 200)

    @routes.get("/pulls/<int:number>/reviews")
    @needs(AREA, write=False)
    def reviews(number: int) -> Response:
        pull = github.pull(g.repo.id, number)
        page, link = page_of(pull.reviews)
        # The API writes states in capitals, payloads do not.
        shown = [
            conversation.review(github, g.repo, pull, r) | {"state": r.state.upper()} for r in page
        ]
        return answer(shown, headers=link)

    @routes.get("/pulls/<int:number>/reviews/<int:review>")
    @needs(AREA, write=False)
    def review(number: int, review: int) -> Response:
        pull = github.pull(g.repo.id, number)
        for found in pull.reviews:
            if found.id == review:
                shown = conversation.review(github, g.repo, pull, found)
                return answer(shown | {"state": found.state.upper()})
        raise Absent(str(review))

    return routes


def _chosen(found: list[Pull]) -> list[Pull]:
    """Pull requests by the query's state, head, base and order."""
    asked = request.args
    state = asked.get("state", "open")
    if state not in ("open", "closed", "all"):
        raise Problem(422, "Validation Failed", errors=[f"state: {state}"])
    if state != "all":
        found = [p for p in found if p.state == state]
    if ":" in asked.get("head", ""):
        owner, _, branch = asked["head"].partition(":")
        found = [p for p in found if (p.head_owner.lower(), p.head_ref) == (owner.lower(), branch)]
    if "base" in asked:
        found = [p for p in found if p.base_ref == asked["base"]]
    sort = asked.get("sort", "created")
    down = asked.get("direction", "desc" if sort == "created" else "asc") == "desc"
    return sorted(
        found,
        key=lambda p: (p.updated if sort == "updated" else p.created, p.number),
        reverse=down,
    )


def _whole_diff(repo: Repository, start: str, head: str, media: str) -> bytes:
    changed = len(repo.git.files(start, head))
    if changed > DIFF_FILES:
        raise _too_large(f"files ({DIFF_FILES})")
    text = repo.git.diff(start, head)
    if text.count(b"\n") > DIFF_LINES:
        raise _too_large(f"lines ({DIFF_LINES})")
    if len(text) > DIFF_BYTES:
        raise _too_large(f"bytes ({DIFF_BYTES})")
    return text if media == "diff" else repo.git.mails(start, head)


def _too_large(what: str) -> Problem:
    return Problem(
        406,
        f"Sorry, the diff exceeded the maximum number of {what}. Consider using 'List pull "
        "requests files' API or locally cloning the repository instead.",
        errors=[{"resource": "PullRequest", "field": "diff", "code": "too_large"}],
        documentation=FILES_HELP,
    )


def _http_date(stamp: str) -> str:
    return format_datetime(datetime.fromisoformat(stamp), usegmt=True)
