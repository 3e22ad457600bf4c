"""Whatever GitHub or Jenkins answers to whatever is asked: a sound fact, or an error of ours."""

import dataclasses
import itertools
import json
import typing
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from leeroy.errors import LeeroyError
from leeroy.github import GitHub, GitHubConnection
from leeroy.jenkins import Jenkins, JenkinsConnection
from leeroy.metrics import Metrics
from leeroy.model import (
    CommentKind,
    OddEntry,
    OpenPull,
    PullRef,
    PullRequest,
    Reaction,
    Status,
    StatusState,
)
from leeroy_sandbox.server import Server
from tests.parts.clients.odd_answers import NONSENSE, changed, misfits

REPO = "acme/widgets"
REF = PullRef(REPO, 12)
SHA = "c0ffee" + "0" * 34
STATUS = Status(context="janky", state=StatusState.PENDING, description="Queued in Jenkins")
HOOK_SETTINGS: dict[str, Any] = {"secret": "s3cret", "events": ["push"]}
USER = {"login": "ann", "type": "User"}
TIMES = {"created_at": "2026-11-22T10:00:00Z", "updated_at": "2026-11-22T10:00:00Z"}

PULL_SAID = {
    "html_url": "https://github.com/acme/widgets/pull/12",
    "title": "Round",
    "body": "More.",
    "user": USER,
    "state": "open",
    **TIMES,
    "merged": False,
    "draft": False,
    "labels": [{"name": "kind/bug"}],
    "head": {"ref": "x", "sha": SHA, "repo": {"id": 2, "full_name": "ann/widgets"}},
    "base": {"ref": "main", "sha": "b" * 40, "repo": {"id": 1, "private": False}},
    "mergeable": True,
    "commits": 1,
    "changed_files": 1,
    "additions": 1,
    "deletions": 0,
    "updated_at": "2026-11-22T10:00:00Z",
}
FILE_SAID = {
    "sha": "f" * 40,
    "filename": "a.py",
    "status": "renamed",
    "previous_filename": "b.py",
    "additions": 1,
    "deletions": 0,
    "changes": 1,
    "patch": "@@ -0,0 +1 @@\n+x",
}
PERSON_SAID = {"name": "Ann", "email": "ann@example.com"}
COMMIT_SAID = {
    "sha": SHA,
    "commit": {"message": "Fix", "author": PERSON_SAID, "committer": PERSON_SAID},
    "author": USER,
    "parents": [{"sha": "b" * 40}],
}
COMMENT_SAID = {
    "id": 7,
    "body": "m",
    "user": USER,
    "html_url": "https://github.com/acme/widgets/pull/12#issuecomment-7",
    "issue_url": "https://api.github.com/repos/acme/widgets/issues/12",
    **TIMES,
}
INLINE_SAID = {
    "id": 7,
    "body": "m",
    "user": USER,
    "pull_request_url": "https://api.github.com/repos/acme/widgets/pulls/12",
    "original_commit_id": SHA,
    **TIMES,
}
REVIEW_SAID = {
    "id": 7,
    "body": "m",
    "user": USER,
    "commit_id": SHA,
    "submitted_at": "2026-11-22T10:00:00Z",
}
HOOK_SAID = {
    "id": 5,
    "active": True,
    "events": ["push"],
    "config": {"url": "https://leeroy.example", "content_type": "json", "secret": "********"},
}
OPEN_SAID = {
    "number": 12,
    "head": {"sha": SHA},
    "base": {"ref": "main"},
    "updated_at": "2026-11-22T10:00:00Z",
}
STATUS_SAID = {"context": "janky", "state": "pending", "description": "", "target_url": None}
PULL = PullRequest(
    ref=REF,
    url="https://github.com/acme/widgets/pull/12",
    title="Round",
    body="",
    author="ann",
    author_is_bot=False,
    is_open=True,
    is_merged=False,
    is_draft=False,
    labels=frozenset(),
    head_repo="ann/widgets",
    head_ref="x",
    head_sha=SHA,
    base_ref="main",
    base_sha="b" * 40,
    has_conflict=None,
    is_private=False,
    commit_count=1,
    changed_files=1,
    additions=1,
    deletions=0,
    updated=0.0,
    read=0.0,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """One method of a client."""

    ask: Callable[[Any], object]
    #: What it is answered with when all is well; the method reads nothing of it where it is None.
    good: Any = None
    #: Error statuses that are answers too.
    answers: frozenset[int] = frozenset()
    #: Nonsense with status 200 is refused, also where no JSON is read.
    refuses_nonsense: bool = True


GONE = frozenset({404, 410})

GITHUB = {
    "pull": Row(ask=lambda g: g.pull(REF), good=PULL_SAID),
    "patch": Row(ask=lambda g: g.patch(PULL), good=[FILE_SAID]),
    "commits": Row(ask=lambda g: g.commits(PULL), good=[COMMIT_SAID]),
    "open_pulls": Row(ask=lambda g: tuple(g.open_pulls(REPO)), good=[OPEN_SAID]),
    "file": Row(ask=lambda g: g.file(REPO, "a", "main"), answers=GONE, refuses_nonsense=False),
    "branch_head": Row(ask=lambda g: g.branch_head(REPO, "main")),
    "compare_files": Row(
        ask=lambda g: g.compare_files(REPO, "a", "b"),
        good={"status": "ahead", "files": [FILE_SAID]},
    ),
    "is_reached": Row(
        ask=lambda g: g.is_reached(REPO, SHA, head="b" * 40),
        good={"status": "behind"},
        answers=GONE,
    ),
    "merge_commit": Row(
        ask=lambda g: g.merge_commit(PULL),
        good={"object": {"sha": SHA}, "parents": [{"sha": "b" * 40}]},
        answers=GONE,
    ),
    "parents": Row(
        ask=lambda g: g.parents(REPO, SHA), good={"parents": [{"sha": SHA}]}, answers=GONE
    ),
    "statuses": Row(ask=lambda g: g.statuses(REPO, SHA), good={"statuses": [STATUS_SAID]}),
    "set_status": Row(ask=lambda g: g.set_status(REPO, SHA, STATUS), refuses_nonsense=False),
    "add_labels": Row(ask=lambda g: g.add_labels(REF, ["a"]), refuses_nonsense=False),
    "remove_label": Row(
        ask=lambda g: g.remove_label(REF, "a"), answers=GONE, refuses_nonsense=False
    ),
    "comment": Row(ask=lambda g: g.comment(REPO, 7), good=COMMENT_SAID),
    "review_comment": Row(ask=lambda g: g.review_comment(REF, 7), good=INLINE_SAID),
    "review": Row(ask=lambda g: g.review(REF, 7), good=REVIEW_SAID),
    "comments_since": Row(
        ask=lambda g: g.comments_since(REPO, datetime(2026, 1, 1, tzinfo=UTC)), good=[COMMENT_SAID]
    ),
    "comments_on": Row(ask=lambda g: g.comments_on(REF), good=[COMMENT_SAID]),
    "find_comments": Row(
        ask=lambda g: g.find_comments(REF, "m", author="ann"), good=[COMMENT_SAID]
    ),
    "post_comment": Row(
        ask=lambda g: g.post_comment(REF, "m", marker="m", author="ann"), good=COMMENT_SAID
    ),
    "edit_comment": Row(ask=lambda g: g.edit_comment(REPO, 7, "m"), refuses_nonsense=False),
    "delete_comment": Row(
        ask=lambda g: g.delete_comment(REPO, 7), answers=GONE, refuses_nonsense=False
    ),
    "react": Row(
        ask=lambda g: g.react(CommentKind.COMMENT, REPO, 7, Reaction.SEEN), refuses_nonsense=False
    ),
    "whoami": Row(ask=lambda g: g.whoami(REPO), good=USER, answers=frozenset({403})),
    "token_scopes": Row(ask=lambda g: g.token_scopes(REPO), refuses_nonsense=False),
    "permission": Row(
        ask=lambda g: g.permission(REPO, "ann"), good={"permission": "read"}, answers=GONE
    ),
    "user_id": Row(ask=lambda g: g.user_id(REPO, "ann"), good={**USER, "id": 5}, answers=GONE),
    "is_org_member": Row(ask=lambda g: g.is_org_member(REPO, "acme", "ann"), answers=GONE),
    "is_team_member": Row(
        ask=lambda g: g.is_team_member(REPO, "acme", "core", "ann"),
        good={"state": "active"},
        answers=GONE,
    ),
    "hooks": Row(ask=lambda g: g.hooks(REPO), good=[HOOK_SAID]),
    "create_hook": Row(
        ask=lambda g: g.create_hook(REPO, "https://leeroy.example", **HOOK_SETTINGS),
        good=HOOK_SAID,
    ),
    "update_hook": Row(
        ask=lambda g: g.update_hook(REPO, 5, "https://leeroy.example", **HOOK_SETTINGS),
        good=HOOK_SAID,
    ),
    "full_name": Row(ask=lambda g: g.full_name(REPO), good={"full_name": REPO}),
    "repositories": Row(
        ask=lambda g: g.repositories(REPO), good=[{"full_name": REPO, "archived": False}]
    ),
    "heads_below": Row(
        ask=lambda g: g.heads_below(REPO, "gh"),
        good=[{"ref": "refs/heads/gh-1", "object": {"sha": SHA}}],
    ),
    "review_comments": Row(ask=lambda g: g.review_comments(REF), good=[INLINE_SAID]),
    "status_writers": Row(
        ask=lambda g: g.status_writers(REPO, SHA), good=[{"context": "janky", "creator": USER}]
    ),
    "reviews": Row(ask=lambda g: g.reviews(REF), good=[REVIEW_SAID]),
}

PARAMETERS = {"GIT_SHA1": SHA, "LEEROY_BUILD_ID": "uuid-1"}
SHOWN = [{"name": "GIT_SHA1", "value": SHA}, {"name": "LEEROY_BUILD_ID", "value": "uuid-1"}]
BUILD_SAID = {
    "number": 7,
    "url": "https://ci.example/job/app/7/",
    "result": "SUCCESS",
    "building": False,
    "queueId": 41,
    "timestamp": 1790000001000,
    "duration": 3000,
    "actions": [
        {
            "parameters": SHOWN,
            "causes": [{"_class": "hudson.model.Cause$UserIdCause"}],
            "lastBuiltRevision": {"SHA1": SHA},
            "buildsByBranchName": {"x": {"buildNumber": 7, "marked": {"SHA1": SHA}}},
        }
    ],
}
ITEM_SAID = {
    "_class": "hudson.model.Queue$LeftItem",
    "id": 41,
    "why": None,
    "cancelled": False,
    "executable": {"number": 7, "url": "https://ci.example/job/app/7/"},
    "actions": [{"parameters": SHOWN}],
    "task": {"url": "https://ci.example/job/app/"},
}
JOB_SAID = {
    "_class": "hudson.model.FreeStyleProject",
    "fullName": "app",
    "buildable": True,
    "property": [{"parameterDefinitions": [{"name": "GIT_SHA1"}]}],
    "actions": [{"parameterDefinitions": [{"name": "PR"}]}],
}
REPORT_SAID = {
    "failCount": 1,
    "passCount": 1,
    "skipCount": 0,
    "totalCount": 2,
    "suites": [{"cases": [{"className": "a.B", "name": "c", "status": "FAILED"}]}],
    "childReports": [{"result": {"suites": [{"cases": []}]}}],
}


def _find(jenkins: Jenkins) -> object:
    return jenkins.find(
        "main",
        "app",
        build_id="uuid-1",
        parameters={"GIT_SHA1": SHA},
        queue_id=41,
        since=1790000000.0,
        claimed=(),
    )


NO_REPORT = Row(
    ask=lambda j: j.test_report("main", "app", 7),
    good=REPORT_SAID,
    answers=frozenset({404}),
    refuses_nonsense=False,  # nobody can read it, so there is none
)

JENKINS = {
    "trigger": Row(ask=lambda j: j.trigger("main", "app", PARAMETERS)),
    "queue_item": Row(ask=lambda j: j.queue_item("main", 41), good=ITEM_SAID),
    "build": Row(ask=lambda j: j.build("main", "app", 7), good=BUILD_SAID),
    "find": Row(ask=_find, good={"items": [ITEM_SAID], "builds": [BUILD_SAID]}),
    "cancel": Row(
        ask=lambda j: j.cancel("main", 41), answers=frozenset({404, 500}), refuses_nonsense=False
    ),
    "abort": Row(
        ask=lambda j: j.abort("main", "app", 7), answers=frozenset({404}), refuses_nonsense=False
    ),
    "job": Row(ask=lambda j: j.job("main", "app"), good=JOB_SAID),
    "index": Row(ask=lambda j: j.index("main", "app"), refuses_nonsense=False),
    "job_config": Row(ask=lambda j: j.job_config("main", "app"), refuses_nonsense=False),
    "waits_for_input": Row(
        ask=lambda j: j.waits_for_input("main", "app", 7),
        good=[{"id": "Deploy"}],
        answers=frozenset(range(300, 500)),  # most likely it lacks the plugin
        refuses_nonsense=False,
    ),
    "queued": Row(ask=lambda j: j.queued("main", "app"), good={"items": [ITEM_SAID]}),
    "recent_builds": Row(
        ask=lambda j: j.recent_builds("main", "app", 50), good={"builds": [BUILD_SAID]}
    ),
    "test_report": NO_REPORT,
    "console_tail": Row(ask=lambda j: j.console_tail("main", "app", 7, 10), refuses_nonsense=False),
    "whoami": Row(ask=lambda j: j.whoami("main"), good={"id": "leeroy"}),
    "is_starting": Row(
        ask=lambda j: j.is_starting("main"),
        answers=frozenset(range(300, 600)),
        refuses_nonsense=False,
    ),
    "queue_length": Row(ask=lambda j: j.queue_length("main"), good={"items": [{"id": 1}]}),
    "job_url": Row(
        ask=lambda j: j.job_url("main", "app"),
        answers=frozenset(range(300, 600)),
        refuses_nonsense=False,
    ),
}

CLIENTS: dict[str, tuple[type, dict[str, Row]]] = {
    "github": (GitHub, GITHUB),
    "jenkins": (Jenkins, JENKINS),
}
each_method = pytest.mark.parametrize(
    ("client", "name"),
    [
        pytest.param(client, name, id=f"{client}.{name}")
        for client, (_, rows) in CLIENTS.items()
        for name in rows
    ],
)


class World:
    """A server that answers one thing to everything, and both clients of it."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 200, dict[str, str](), b""
        self.server = Server(self._answer)

    def _answer(self, environ: Any, start: Any) -> list[bytes]:
        start(f"{self.status} Said", list(self.headers.items()))
        return [self.body]

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def ask(self, client: str, name: str) -> object:
        """The method's result, or its error, which is one of ours."""
        # Anew each time: what an answer said of limits holds up what is asked after it.
        metrics = Metrics(CollectorRegistry())
        row = CLIENTS[client][1][name]
        made: GitHub | Jenkins
        if client == "github":
            made = GitHub(
                GitHubConnection(api_url=self.server.url),
                token_for=lambda repo: "token",
                metrics=metrics,
            )
        else:
            connection = JenkinsConnection(base_url=self.server.url, username="u", token="t")
            made = Jenkins({"main": connection}, metrics=metrics)
        with made:
            try:
                return row.ask(made)
            except LeeroyError as exc:
                return exc


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = World()
    with world.server:
        yield world


@pytest.mark.parametrize("client", CLIENTS)
def test_no_method_is_forgotten(client: str) -> None:
    kind, rows = CLIENTS[client]
    methods = {
        name
        for base in kind.__mro__
        for name, value in vars(base).items()
        if callable(value) and not name.startswith("_")
    }
    assert methods - {"close"} == rows.keys()


@each_method
def test_a_good_answer_is_read(world: World, client: str, name: str) -> None:
    row = CLIENTS[client][1][name]
    if row.good is not None:
        world.says(200, json.dumps(row.good).encode())
        result = world.ask(client, name)
        assert not isinstance(result, LeeroyError), result
        _assert_sound(client, name, result)


@each_method
def test_an_error_is_one_of_ours_and_knows_its_status(world: World, client: str, name: str) -> None:
    row = CLIENTS[client][1][name]
    for status in (400, 401, 403, 404, 405, 409, 410, 418, 422, 429, 500, 502, 503, 599):
        for body in (b"<html>", b'{"message": "No", "errors": 7}', b"null", b"[" * 200_000):
            world.says(status, body)
            result = world.ask(client, name)
            if status in row.answers:
                _assert_sound(client, name, result)
            else:
                assert isinstance(result, LeeroyError), (status, body[:20])
                assert result.status == status  # type: ignore[attr-defined]


@each_method
def test_nonsense_is_no_answer(world: World, client: str, name: str) -> None:
    for what, body in NONSENSE.items():
        world.says(200, body)
        result = world.ask(client, name)
        if CLIENTS[client][1][name].refuses_nonsense and not _is_all_odd(result):
            assert isinstance(result, LeeroyError), what
        _assert_sound(client, name, result, what)


@each_method
def test_a_part_of_a_wrong_kind_is_refused_or_does_no_harm(
    world: World, client: str, name: str
) -> None:
    row = CLIENTS[client][1][name]
    if row.good is None:
        pytest.skip("it reads nothing of the answer")
    for what, body in changed(row.good):
        world.says(200, body)
        _assert_sound(client, name, world.ask(client, name), what)


@each_method
def test_a_redirect_to_nowhere_ends(world: World, client: str, name: str) -> None:
    odd = (
        "",
        "/",
        "http://[",
        "//elsewhere.example/",
        "https://elsewhere.example/x",
        "javascript:alert(1)",
        "http://user:passw0rd@elsewhere.example/",
        f"/queue/item/{'9' * 25}/",
        "/" + "x" * 60_000,
        "\x80",
    )
    for status, location in itertools.product((300, 301, 302, 303, 304, 307), (None, *odd)):
        world.says(status, b"", **({} if location is None else {"Location": location}))
        result = world.ask(client, name)
        _assert_sound(client, name, result, str(location)[:40])
        assert "passw0rd" not in str(result)


@each_method
def test_odd_headers_do_no_harm(world: World, client: str, name: str) -> None:
    for value in ("9" * 5000, "-1", "nan", "inf", "1e400", "", "\xff", "Mon, 99 Foo 99999", "²"):
        for status in (200, 403, 429, 503):
            world.says(
                status,
                b"{}",
                Retry_After=value,
                Date=value,
                ETag=value,
                Link=f"<{value}>; rel=next, <<<>>",
                X_RateLimit_Limit=value,
                X_RateLimit_Remaining="0",
                X_RateLimit_Reset=value,
                X_Text_Size=value,
                X_OAuth_Scopes=value,
                Set_Cookie=value,
                X_Required_Permission=value,
            )
            result = world.ask(client, name)
            _assert_sound(client, name, result, value[:20])
            wait = getattr(result, "retry_after", None)
            assert wait is None or 0 <= wait <= 3600


def _is_all_odd(result: object) -> bool:
    """A list of which each entry is known to make no sense."""
    return (
        isinstance(result, tuple)
        and len(result) > 0
        and all(isinstance(entry, OddEntry) for entry in result)
    )


def _assert_sound(client: str, name: str, result: object, what: str = "") -> None:
    """An error of ours, or what the method's annotation promises, of numbers that we can store."""
    if isinstance(result, LeeroyError):
        return
    promised = typing.get_type_hints(getattr(CLIENTS[client][0], name))["return"]
    if name == "open_pulls":
        promised = tuple[OpenPull | OddEntry, ...]
    assert list(misfits(result, promised)) == [], what
