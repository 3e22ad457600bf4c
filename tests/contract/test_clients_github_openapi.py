"""Every request the GitHub client can send is one that GitHub's own description allows."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from openapi_core.contrib.requests import RequestsOpenAPIRequest
from prometheus_client import CollectorRegistry

from leeroy.errors import Transient
from leeroy.github import GitHub, GitHubConnection
from leeroy.metrics import Metrics
from leeroy.model import (
    CommentKind,
    PullRef,
    PullRequest,
    Reaction,
    Status,
    StatusState,
)
from leeroy_sandbox.server import Server
from tests.contract.openapi import description

REPO = "acme/widgets"
SHA = "c0ffee" + "0" * 34
REF = PullRef(REPO, 12)
PULL = PullRequest(
    ref=REF,
    url="https://github.com/acme/widgets/pull/12",
    title="t",
    body="",
    author="ann",
    author_is_bot=False,
    is_open=True,
    is_merged=False,
    is_draft=False,
    labels=frozenset(),
    head_repo=REPO,
    head_ref="x",
    head_sha=SHA,
    base_ref="main",
    base_sha=SHA,
    has_conflict=None,
    is_private=False,
    commit_count=1,
    changed_files=1,
    additions=1,
    deletions=0,
    updated=0.0,
    read=1_000.0,
)
STATUS = Status(
    context="janky",
    state=StatusState.SUCCESS,
    description="Build #1 succeeded",
    target_url="https://ci.example/job/a/1/",
)
HOOK = {"secret": "s", "events": ("pull_request", "push")}
SINCE = datetime(2026, 11, 22, tzinfo=UTC)

#: Every method that sends something, with arguments that make it send all it can.
CALLS: dict[str, Callable[[GitHub], object]] = {
    "pull": lambda github: github.pull(REF),
    "patch": lambda github: github.patch(PULL),
    "commits": lambda github: github.commits(PULL),
    "full_name": lambda github: github.full_name(REPO),
    "open_pulls": lambda github: list(github.open_pulls(REPO)),
    "branch_head": lambda github: github.branch_head(REPO, "release/1.0"),
    "compare_files": lambda github: github.compare_files(REPO, "main", "ann:x"),
    "is_reached": lambda github: github.is_reached(REPO, SHA, head="b" * 40),
    "statuses": lambda github: github.statuses(REPO, SHA),
    "set_status": lambda github: github.set_status(REPO, SHA, STATUS),
    "add_labels": lambda github: github.add_labels(REF, ["a", "b"]),
    "remove_label": lambda github: github.remove_label(REF, "kind/bug fix"),
    "comment": lambda github: github.comment(REPO, 7),
    "comments_on": lambda github: github.comments_on(REF),
    "find_comments": lambda github: github.find_comments(REF, "m", author="a", since=SINCE),
    "post_comment": lambda github: github.post_comment(REF, "hello", marker="m", author="a"),
    "edit_comment": lambda github: github.edit_comment(REPO, 7, "hello"),
    "delete_comment": lambda github: github.delete_comment(REPO, 7),
    "react": lambda github: github.react(CommentKind.COMMENT, REPO, 7, Reaction.SEEN),
    "whoami": lambda github: github.whoami(REPO),
    "token_scopes": lambda github: github.token_scopes(REPO),
    "permission": lambda github: github.permission(REPO, "renovate[bot]"),
    "is_org_member": lambda github: github.is_org_member(REPO, "acme", "ann"),
    "is_team_member": lambda github: github.is_team_member(REPO, "acme", "core", "ann"),
    "hooks": lambda github: github.hooks(REPO),
    "create_hook": lambda github: github.create_hook(REPO, "https://leeroy.example/x", **HOOK),
    "update_hook": lambda github: github.update_hook(REPO, 5, "https://leeroy.example/x", **HOOK),
}

#: The slice has only what Leeroy was first thought to need.
NOT_IN_THE_SLICE = {
    "comments_since", "review", "reviews", "review_comment", "review_comments", "file",
    "merge_commit", "parents", "heads_below", "repositories", "status_writers", "user_id",
}  # fmt: skip


class Recorder:
    """Answers 200 and an empty object to everything, and remembers what was asked."""

    def __init__(self) -> None:
        self.requests: list[requests.Request] = []

    def __call__(self, environ, start):
        headers = {
            key[5:].replace("_", "-"): value
            for key, value in environ.items()
            if key.startswith("HTTP_")
        }
        if "CONTENT_TYPE" in environ:
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        self.requests.append(
            requests.Request(
                environ["REQUEST_METHOD"],
                f"https://api.github.com{environ['REQUEST_URI']}",
                headers=headers,
                data=environ["wsgi.input"].read() or None,
            )
        )
        start("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def github(recorder: Recorder) -> Iterator[GitHub]:
    with (
        Server(recorder) as server,
        GitHub(
            GitHubConnection(api_url=server.url),
            token_for=lambda repo: "token",
            metrics=Metrics(CollectorRegistry()),
        ) as client,
    ):
        yield client


@pytest.mark.parametrize("name", sorted(CALLS))
def test_the_request_is_one_that_github_describes(
    name: str, github: GitHub, recorder: Recorder
) -> None:
    describes = description()
    recorder.requests.clear()
    with suppress(Transient):  # the empty answer makes no sense to most
        CALLS[name](github)
    assert recorder.requests
    for request in recorder.requests:
        describes.validate_request(RequestsOpenAPIRequest(request))


def test_no_method_is_forgotten() -> None:
    methods = {
        name
        for name, value in _members(GitHub).items()
        if callable(value) and not name.startswith("_")
    }
    assert methods - {"close"} == CALLS.keys() | NOT_IN_THE_SLICE


def _members(cls: type) -> dict[str, Any]:
    return {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
