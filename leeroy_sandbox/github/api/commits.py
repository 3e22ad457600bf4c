"""Commits and comparisons: https://docs.github.com/en/rest/commits/commits?apiVersion=2022-11-28"""

from typing import TYPE_CHECKING

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from leeroy_sandbox.gitformat import EMPTY_TREE
from leeroy_sandbox.github.api.access import needs
from leeroy_sandbox.github.api.answers import (
    Problem,
    answer,
    link_header,
    page_of,
    page_slice,
    plain,
    wanted_media,
)
from leeroy_sandbox.github.model import Repository
from leeroy_sandbox.github.render import history, pulls
from leeroy_sandbox.github.render.people import Json
from leeroy_sandbox.github.render.repositories import api_url, html_url
from leeroy_sandbox.github.state import Absent

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub

MOST_FILES = 3000
#: A comparison without paging has no more commits, and never more files.
COMPARED_COMMITS = 250
COMPARED_FILES = 300


def blueprint(github: "GitHub") -> Blueprint:
    """Commits, what they changed, and what lies between two of them."""
    routes = Blueprint("commits", __name__, url_prefix="/repos/<owner>/<name>")

    @routes.get("/commits")
    @needs("contents", write=False)
    def listed() -> Response:
        start = _resolve(g.repo, request.args.get("sha") or g.repo.default_branch)
        page, link = page_of(g.repo.git.between(EMPTY_TREE, start)[::-1])
        return answer([history.commit(github, g.repo, c) for c in page], headers=link)

    @routes.get("/commits/<path:ref>")
    @needs("contents", write=False)
    def one(ref: str) -> Response:
        sha = g.repo.git.resolve(ref)
        if sha is None:
            raise Problem(422, f"No commit found for SHA: {ref}")
        commit = g.repo.git.commit(sha)
        base = commit.parents[0] if commit.parents else EMPTY_TREE
        media = wanted_media()
        if media == "sha":
            return plain(sha.encode(), "sha")
        if media in ("diff", "patch"):
            return plain(g.repo.git.diff(base, sha), media)
        total = min(len(g.repo.git.files(base, sha)), MOST_FILES)
        # Without paging this list has 300 files, where others have 30.
        paged = "page" in request.args or "per_page" in request.args
        span = page_slice() if paged else slice(0, COMPARED_FILES)
        shown = history.full_commit(
            github, g.repo, commit, slice(span.start, min(span.stop, total))
        )
        return answer(shown, headers=link_header(total) if paged else {})

    @routes.get("/commits/<sha>/pulls")
    @needs("pull_requests", write=False)
    def pulls_of(sha: str) -> Response:
        if g.repo.git.resolve(sha) is None:
            raise Problem(422, f"No commit found for SHA: {sha}")
        found = [
            pull
            for pull in g.repo.pulls.values()
            if sha in (pull.head_sha, pull.merge_sha if pull.merged else None)
            or any(
                c.sha == sha
                for c in g.repo.git.between(github.start_of(g.repo, pull), pull.head_sha)
            )
        ]
        page, link = page_of(found)
        return answer([pulls.simple_pull(github, g.repo, p) for p in page], headers=link)

    @routes.get("/compare/<path:basehead>")
    @needs("contents", write=False)
    def compare(basehead: str) -> Response:
        left, dots, right = basehead.partition("...")
        if not dots:
            raise Problem(404, "Not Found")
        base, head = (_resolve(g.repo, _without_owner(github, side)) for side in (left, right))
        media = wanted_media()
        start = g.repo.git.merge_base(base, head)
        if start is None:
            raise Problem(404, f"No common ancestor between {left} and {right}.")
        if media in ("diff", "patch"):
            return plain(g.repo.git.diff(start, head), media)
        return answer(*_comparison(github, g.repo, basehead, (base, start, head)))

    return routes


def _comparison(
    github: "GitHub", repo: Repository, basehead: str, shas: tuple[str, str, str]
) -> tuple[Json, int, dict[str, str]]:
    base, start, head = shas
    commits = repo.git.between(base, head)
    behind = repo.git.count(head, base)
    paged = "page" in request.args or "per_page" in request.args
    shown, link = page_of(commits) if paged else (commits[:COMPARED_COMMITS], {})
    first_page = page_slice().start == 0
    states = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    url = f"{api_url(github, repo)}/compare/{basehead}"
    page = f"{html_url(github, repo)}/compare/{basehead}"
    told = {
        "url": url,
        "html_url": page,
        "permalink_url": f"{html_url(github, repo)}/compare/{base[:7]}...{head[:7]}",
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": history.commit(github, repo, repo.git.commit(base)),
        "merge_base_commit": history.commit(github, repo, repo.git.commit(start)),
        "status": states.get((bool(commits), bool(behind)), "identical"),
        "ahead_by": len(commits),
        "behind_by": behind,
        "total_commits": len(commits),
        "commits": [history.commit(github, repo, c) for c in shown],
    }
    if first_page:
        span = slice(0, COMPARED_FILES)
        told["files"] = history.files(
            github, repo, start, head, span, lose_counts=github.loses_counts
        )
    return told, 200, link


def _without_owner(github: "GitHub", side: str) -> str:
    """`owner:branch` of a fork, as the sha it has there."""
    owner, colon, branch = side.partition(":")
    if not colon:
        return side
    for other in github.repositories():
        if other.network == g.repo.network and other.owner.lower() == owner.lower():
            return other.branches.get(branch, branch)
    raise Absent(side)


def _resolve(repo: Repository, ref: str) -> str:
    sha = repo.git.resolve(ref)
    if sha is None:
        raise Absent(ref)
    return sha
