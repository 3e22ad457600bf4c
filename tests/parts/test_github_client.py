"""The GitHub client against odd answers: what it sends, what it makes of them, what it never does."""

import dataclasses
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from leeroy.errors import (
    CommitNotFound,
    LeeroyError,
    NotFound,
    Permanent,
    TooManyStatuses,
    Transient,
)
from leeroy.github import GITHUB_COM_BUDGETS, Gate, GitHub, GitHubConnection
from leeroy.github.cache import Cache, Kept, Key
from leeroy.github.gate import Budget, Held, Spend
from leeroy.metrics import Metrics
from leeroy.model import (
    CommentKind,
    Permission,
    PullRef,
    Reaction,
    Status,
    StatusState,
)
from leeroy_sandbox.faults import Calls, Drop, Faults
from leeroy_sandbox.server import Server

TOKEN = "ghs_123_" + "abc.DEF-ghi_" * 42
SHA = "c0ffee" + "0" * 34
REF = PullRef("acme/widgets", 12)
STATUS = Status(context="janky", state=StatusState.PENDING, description="Queued in Jenkins")

PULL = {
    "number": 12,
    "html_url": "https://github.com/acme/widgets/pull/12",
    "title": "Ünïcode",
    "body": None,
    "user": {"login": "ann", "type": "User"},
    "state": "open",
    "merged": False,
    "draft": False,
    "labels": [{"name": "kind/bug"}],
    "head": {"ref": "x&PR=9", "sha": SHA, "repo": {"id": 2, "full_name": "ann/widgets"}},
    "base": {"ref": "main", "sha": "b" * 40, "repo": {"id": 1, "full_name": "acme/widgets"}},
    "mergeable": None,
    "commits": 1,
    "changed_files": 1,
    "additions": 3,
    "deletions": 1,
    "updated_at": "2026-11-22T10:00:00Z",
}


def comment(number=7, body="<!-- mark -->", login="leeroy-bot"):
    return {
        "id": number,
        "body": body,
        "user": {"login": login, "type": "User"},
        "html_url": f"https://github.com/acme/widgets/pull/12#issuecomment-{number}",
        "issue_url": "https://api.github.com/repos/acme/widgets/issues/12",
        "created_at": "2026-11-22T10:00:00Z",
        "updated_at": "2026-11-22T10:00:00Z",
    }


class Script:
    """A WSGI application that answers what a test set for a path, one after the other."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, dict[str, str], bytes]]] = {}

    def say(self, method: str, path: str, status: int, body: object = None, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.setdefault(f"{method} {path}", []).append((status, given, data))

    def __call__(self, environ, start):
        left = self.answers.get(f"{environ['REQUEST_METHOD']} {environ['REQUEST_URI']}")
        if left is None:
            left = [(404, {}, b'{"message": "Not Found"}')]
        status, headers, body = left.pop(0) if len(left) > 1 else left[0]
        if headers.get("ETag") and environ.get("HTTP_IF_NONE_MATCH") == headers["ETag"]:
            status, body = 304, b""
        start(f"{status} Said", [("Content-Type", "application/json"), *headers.items()])
        return [body]


class World:
    """A scripted GitHub and clients of it."""

    def __init__(self) -> None:
        self.script = Script()
        self.calls = Calls()
        self.faults = Faults()
        self.server = Server(self.calls.wrap(self.faults.wrap(self.script)))
        self.metrics = Metrics(CollectorRegistry())
        self.clients: list[GitHub] = []
        self.now = 1000.0

    def client(self, token: str = TOKEN, timeout: float = 5.0, **more) -> GitHub:
        gate = more.pop("gate", None) or Gate(clock=lambda: self.now)
        connection = GitHubConnection(api_url=self.server.url, timeout=timeout)
        github = GitHub(
            connection, token_for=lambda repo: token, metrics=self.metrics, gate=gate, **more
        )
        self.clients.append(github)
        return github

    def sent(self) -> list[str]:
        return [f"{call.method} {call.target}" for call in self.calls]


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    with world.server:
        yield world
        for client in world.clients:
            client.close()


PULL_PATH = "/repos/acme/widgets/pulls/12"
STATUS_PATH = f"/repos/acme/widgets/statuses/{SHA}"


def test_every_call_names_the_version_the_media_type_leeroy_and_the_token(world):
    world.script.say("GET", PULL_PATH, 200, PULL)
    world.client().pull(REF)
    [call] = world.calls
    assert call.headers["x-github-api-version"] == "2022-11-28"
    assert call.headers["accept"] == "application/vnd.github+json"
    assert call.headers["user-agent"].startswith("leeroy/")
    assert call.headers["authorization"] == f"Bearer {TOKEN}"


def test_a_netrc_of_the_machine_does_not_take_the_place_of_the_token(world, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    world.script.say("GET", PULL_PATH, 200, PULL)
    world.client().pull(REF)
    [call] = world.calls
    assert call.headers["authorization"] == f"Bearer {TOKEN}"


def test_a_pull_request_is_read_as_it_is(world):
    world.script.say("GET", PULL_PATH, 200, PULL)
    pull = world.client().pull(REF)
    assert (pull.title, pull.body, pull.author) == ("Ünïcode", "", "ann")
    assert (pull.head_ref, pull.head_sha, pull.head_repo) == ("x&PR=9", SHA, "ann/widgets")
    assert pull.is_from_fork
    assert pull.has_conflict is None
    assert pull.labels == {"kind/bug"}


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        pytest.param({"user": None}, "author", "ghost", id="account deleted"),
        pytest.param({"mergeable": False}, "has_conflict", True, id="conflict"),
        pytest.param({"mergeable": True}, "has_conflict", False, id="no conflict"),
        pytest.param({"head": {**PULL["head"], "repo": None}}, "head_repo", None, id="no fork"),
        pytest.param(
            {"head": {**PULL["head"], "repo": {"id": 1, "full_name": "acme/new-name"}}},
            "head_repo",
            "acme/widgets",
            id="renamed repository is no fork",
        ),
        pytest.param(
            {"user": {"login": "renovate[bot]", "type": "Bot"}}, "author_is_bot", True, id="bot"
        ),
    ],
)
def test_odd_pull_requests_are_read_too(world, change, field, value):
    world.script.say("GET", PULL_PATH, 200, {**PULL, **change})
    assert getattr(world.client().pull(REF), field) == value


LIMITED = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "1790000100"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "error", "wait"),
    [
        pytest.param(500, {}, {}, Transient, None, id="500"),
        pytest.param(502, b"<html>", {}, Transient, None, id="502 of a proxy"),
        pytest.param(503, b"<html>", {"retry_after": "7"}, Transient, 7, id="503 says how long"),
        pytest.param(429, {}, {"retry_after": "30"}, Transient, 30, id="429"),
        pytest.param(403, {}, {"retry_after": "30"}, Transient, 30, id="secondary"),
        pytest.param(
            403,
            {"message": "You have exceeded a secondary rate limit"},
            {},
            Transient,
            60,
            id="secondary without a time",
        ),
        pytest.param(
            403,
            {"message": "API rate limit exceeded for user ID 1."},
            {**LIMITED, "date": "Mon, 21 Sep 2026 13:33:20 GMT"},
            Transient,
            1790000100 - 1789997600,
            id="primary, by GitHub's clock",
        ),
        pytest.param(409, {"message": "Conflict"}, {}, Transient, None, id="409"),
        pytest.param(401, {"message": "Bad credentials"}, {}, Permanent, None, id="401"),
        pytest.param(
            403,
            {"message": "Resource not accessible by personal access token"},
            {"x_ratelimit_remaining": "4999"},
            Permanent,
            None,
            id="no permission",
        ),
        pytest.param(404, {"message": "Not Found"}, {}, NotFound, None, id="404"),
        pytest.param(410, {"message": "Gone"}, {}, NotFound, None, id="410"),
        pytest.param(451, b"", {}, Permanent, None, id="451"),
        pytest.param(200, b"<html>log in", {}, Transient, None, id="not JSON"),
        pytest.param(200, [], {}, Transient, None, id="another shape"),
        pytest.param(200, {"number": 12}, {}, Transient, None, id="fields missing"),
    ],
)
def test_an_error_says_what_to_do_next(world, status, body, headers, error, wait):
    world.script.say("GET", PULL_PATH, status, body, **headers)
    with pytest.raises(LeeroyError) as caught:
        world.client().pull(REF)
    assert type(caught.value) is error or (
        error is Transient and isinstance(caught.value, Transient)
    )
    assert str(caught.value).startswith("read acme/widgets#12: GitHub")
    assert getattr(caught.value, "retry_after", None) == wait


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(
            {
                "message": "Invalid",
                "errors": [{"resource": "Label", "field": "name", "code": "invalid"}],
            },
            "Label name invalid",
            id="details without words",
        ),
        pytest.param({"message": "No", "errors": ["because"]}, "No (because)", id="texts"),
        pytest.param([], "not GitHub's API", id="a list"),
    ],
)
def test_a_422_is_final_and_says_why(world, body, said):
    world.script.say("POST", STATUS_PATH, 422, body)
    with pytest.raises(Permanent) as caught:
        world.client().set_status("acme/widgets", SHA, STATUS)
    assert said in str(caught.value)
    assert str(caught.value).startswith("set status janky on acme/widgets@c0ffee0: ")


def test_a_status_for_a_commit_that_github_lacks_is_tried_again(world):
    world.script.say("POST", STATUS_PATH, 422, {"message": f"No commit found for SHA: {SHA}"})
    with pytest.raises(CommitNotFound, match="No commit found") as caught:
        world.client().set_status("acme/widgets", SHA, STATUS)
    assert isinstance(caught.value, Transient)
    assert caught.value.status == 422


def test_the_thousandth_status_is_the_last(world):
    words = "This SHA and context has reached the maximum number of statuses."
    error = {"resource": "Status", "code": "custom", "message": words}
    said = {"message": "Validation Failed", "errors": [error]}
    world.script.say("POST", STATUS_PATH, 422, said)
    with pytest.raises(TooManyStatuses, match="maximum number of statuses") as caught:
        world.client().set_status("acme/widgets", SHA, STATUS)
    assert isinstance(caught.value, Permanent)
    assert caught.value.status == 422


@pytest.mark.parametrize("status", [401, 403, 404, 410, 422, 500, 502])
def test_an_error_knows_the_status_of_the_answer(world, status):
    world.script.say("GET", PULL_PATH, status, {"message": "no"})
    with pytest.raises(LeeroyError) as caught:
        world.client().pull(REF)
    assert caught.value.status == status  # type: ignore[attr-defined]


def test_letters_that_github_refuses_in_a_status_are_replaced(world):
    world.script.say("POST", STATUS_PATH, 201, {})
    odd = dataclasses.replace(
        STATUS, description="label \U0001f6a7 wip, ünï €" + "\U0001f600" * 200
    )
    world.client().set_status("acme/widgets", SHA, odd)
    [call] = world.calls
    sent = json.loads(call.body)["description"]
    assert sent.startswith("label \ufffd wip, ünï €\ufffd")
    assert len(sent) == 140
    assert max(sent) <= "\uffff"


def test_what_github_says_of_an_error_is_cut(world):
    world.script.say("GET", PULL_PATH, 422, {"message": "x" * 100_000})
    with pytest.raises(Permanent) as caught:
        world.client().pull(REF)
    assert len(str(caught.value)) < 1000


def test_no_answer_puts_work_off_for_longer_than_an_hour(world):
    world.script.say("GET", PULL_PATH, 503, {}, Retry_After="1000000")
    with pytest.raises(Transient) as caught:
        world.client().pull(REF)
    assert caught.value.retry_after == 3600


def test_a_status_is_cut_to_what_github_takes(world):
    world.script.say("POST", STATUS_PATH, 201, {})
    long = dataclasses.replace(
        STATUS, context="c" * 300, description="é" * 141, target_url="nulljob/ci/7/"
    )
    world.client().set_status("acme/widgets", SHA, long)
    world.client().set_status(
        "acme/widgets", SHA, dataclasses.replace(STATUS, target_url="https://ci/job/a/")
    )
    first, second = (json.loads(call.body) for call in world.calls)
    assert (len(first["description"]), len(first["context"])) == (140, 255)
    assert "target_url" not in first
    assert second["target_url"] == "https://ci/job/a/"


def test_no_error_holds_the_token(world):
    world.script.say("GET", PULL_PATH, 401, {"message": f"Bad credentials {TOKEN}"})
    with pytest.raises(Permanent) as caught:
        world.client().pull(REF)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("drop", [Drop.RESET, Drop.AFTER, Drop.HALF])
def test_a_read_is_sent_again_when_the_connection_broke(world, drop):
    world.script.say("GET", PULL_PATH, 200, PULL)
    world.faults.add("GET", ".", drop=drop, times=1)
    assert world.client().pull(REF).title == "Ünïcode"
    assert len(world.calls) == 2


def test_a_status_is_sent_again_when_the_connection_broke(world):
    world.script.say("POST", STATUS_PATH, 201, {})
    world.faults.add("POST", ".", drop=Drop.AFTER, times=1)
    world.client().set_status("acme/widgets", SHA, STATUS)
    assert len(world.calls) == 2


def test_a_read_is_given_up_when_the_connection_breaks_twice(world):
    world.faults.add("GET", ".", drop=Drop.RESET)
    with pytest.raises(Transient, match="broke off"):
        world.client().pull(REF)
    assert len(world.calls) == 2


def test_silence_is_given_up_after_the_timeout(world):
    world.faults.add("GET", ".", drop=Drop.TIMEOUT)
    with pytest.raises(Transient, match="did not answer in time"):
        world.client(timeout=0.1).pull(REF)
    world.faults.clear()
    assert world.metrics.registry.get_sample_value(
        "leeroy_github_calls_total",
        {"call": "GET /repos/{repo}/pulls/{number}", "outcome": "timeout"},
    )


def test_nobody_listening_is_transient():
    with Server(lambda environ, start: []) as server:
        url = server.url
    github = GitHub(
        GitHubConnection(api_url=url),
        token_for=lambda repo: TOKEN,
        metrics=Metrics(CollectorRegistry()),
    )
    with pytest.raises(Transient, match="refused the connection"):
        github.pull(REF)
    github.close()


COMMENTS_PATH = "/repos/acme/widgets/issues/12/comments"


@pytest.mark.parametrize("fault", [{"drop": Drop.AFTER}, {"drop": Drop.RESET}, {"status": 502}])
def test_a_comment_is_posted_once_and_found_when_the_answer_was_lost(world, fault):
    world.script.say("POST", COMMENTS_PATH, 201, comment())
    world.script.say("GET", f"{COMMENTS_PATH}?per_page=100", 200, [comment(6, "other"), comment()])
    world.faults.add("POST", ".", times=1, **fault)
    posted = world.client().post_comment(
        REF, "<!-- mark -->", marker="<!-- mark -->", author="leeroy-bot"
    )
    assert posted.id == 7
    assert [call.method for call in world.calls] == ["POST", "GET"]


def test_a_comment_that_was_not_posted_is_left_for_later(world):
    world.script.say("GET", f"{COMMENTS_PATH}?per_page=100", 200, [comment(login="stranger")])
    world.faults.add("POST", ".", drop=Drop.RESET)
    with pytest.raises(Transient):
        world.client().post_comment(
            REF, "<!-- mark -->", marker="<!-- mark -->", author="leeroy-bot"
        )
    assert [call.method for call in world.calls] == ["POST", "GET"]


def test_a_refused_comment_is_not_looked_for(world):
    world.script.say("POST", COMMENTS_PATH, 403, {"message": "Issue is locked"})
    with pytest.raises(Permanent):
        world.client().post_comment(REF, "x", marker="x", author="leeroy-bot")
    assert [call.method for call in world.calls] == ["POST"]


def test_an_unchanged_answer_is_asked_for_by_its_etag_and_costs_nothing(world):
    world.script.say("GET", PULL_PATH, 200, PULL, ETag='W/"abc"')
    github = world.client()
    assert github.pull(REF) == github.pull(REF)
    assert [call.headers.get("if-none-match") for call in world.calls] == [None, 'W/"abc"']
    assert [call.status for call in world.calls] == [200, 304]


def test_an_etag_is_not_shown_with_another_token(world):
    world.script.say("GET", PULL_PATH, 200, PULL, ETag='"abc"')
    tokens = iter(["one", "two"])
    github = GitHub(
        GitHubConnection(api_url=world.server.url),
        token_for=lambda repo: next(tokens),
        metrics=world.metrics,
    )
    github.pull(REF)
    github.pull(REF)
    github.close()
    assert [call.status for call in world.calls] == [200, 200]


def test_threads_share_the_etags_but_not_the_connection(world):
    world.script.say("GET", PULL_PATH, 200, PULL, ETag='"abc"')
    github = world.client()
    github.pull(REF)
    thread = threading.Thread(target=github.pull, args=(REF,))
    thread.start()
    thread.join()
    assert [call.status for call in world.calls] == [200, 304]


def test_the_cache_lets_go_of_what_was_longest_unused():
    cache = Cache(most_bytes=25)
    keys = [Key(token="t", url=str(number), accept="") for number in range(3)]
    for key in keys[:2]:
        cache.put(key, Kept(etag="e", status=200, body=b"x" * 10, headers={}))
    cache.get(keys[0])
    cache.put(keys[2], Kept(etag="e", status=200, body=b"x" * 10, headers={}))
    assert [cache.get(key) is not None for key in keys] == [True, False, True]
    cache.put(keys[2], Kept(etag="e", status=200, body=b"x" * 30, headers={}))
    assert len(cache) == 0


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_renamed_repository_is_followed_with_method_body_and_token(world, status):
    world.script.say(
        "POST", STATUS_PATH, status, {}, Location=f"{world.server.url}/repositories/1/statuses/x"
    )
    world.script.say("POST", "/repositories/1/statuses/x", 201, {})
    world.client().set_status("acme/widgets", SHA, STATUS)
    first, second = world.calls
    assert second.method == "POST"
    assert second.body == first.body
    assert second.headers["authorization"] == f"Bearer {TOKEN}"


def test_the_token_goes_to_no_other_host(world):
    stranger = Calls()
    with Server(stranger.wrap(world.script)) as other:
        world.script.say("GET", PULL_PATH, 301, {}, Location=f"{other.url}{PULL_PATH}")
        with pytest.raises(Permanent, match="another host"):
            world.client().pull(REF)
    assert len(stranger) == 0


def test_a_circle_of_redirects_ends(world):
    world.script.say("GET", PULL_PATH, 301, {}, Location=PULL_PATH)
    with pytest.raises(Permanent, match="circle"):
        world.client().pull(REF)


@pytest.mark.parametrize("repo", ["../..", "acme/..", "acme/", "."])
def test_a_name_cannot_lead_out_of_its_path(world, repo):
    with pytest.raises(Permanent, match="address"):
        world.client().pull(PullRef(repo, 1))
    assert len(world.calls) == 0


def test_a_branch_name_stays_one_segment(world):
    world.script.say("GET", "/repos/acme/widgets/commits/heads%2Fa%2Fb%23c", 200, SHA.encode())
    assert world.client().branch_head("acme/widgets", "a/b#c") == SHA


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        pytest.param(422, {"message": "No commit found for SHA: heads/x"}, NotFound, id="no head"),
        pytest.param(404, {"message": "Not Found"}, NotFound, id="no repository"),
        pytest.param(200, b"<html>", Transient, id="not a sha"),
    ],
)
def test_a_branch_without_a_head_is_said_so(world, status, body, error):
    world.script.say("GET", "/repos/acme/widgets/commits/heads%2Fx", status, body)
    with pytest.raises(error):
        world.client().branch_head("acme/widgets", "x")


def test_pages_are_followed_by_their_links_in_any_form(world):
    first = "/repos/acme/widgets/pulls?state=open&sort=updated&direction=desc&per_page=100"
    entry = {"head": {"sha": SHA}, "base": {"ref": "main"}, "updated_at": "2026-11-22T10:00:00Z"}
    link = f'<{world.server.url}/repositories/1/pulls?page=2>; rel="next", <x>; rel="last"'
    world.script.say("GET", first, 200, [{**entry, "number": 1}], Link=link)
    world.script.say("GET", "/repositories/1/pulls?page=2", 200, [{**entry, "number": 2}])
    pulls = world.client().open_pulls("acme/widgets")
    assert next(pulls).ref == PullRef("acme/widgets", 1)
    assert len(world.calls) == 1  # the second page waits until it is needed
    assert [str(pull.ref) for pull in pulls] == ["acme/widgets#2"]


def test_the_next_page_is_known_from_the_kept_answer_too(world):
    path = f"/repos/acme/widgets/commits/{SHA}/status?per_page=100"
    status = {"context": "a", "state": "success", "description": None, "target_url": None}
    world.script.say(
        "GET", path, 200, {"statuses": [status]}, Link='</two>; rel="next"', ETag='"one"'
    )
    world.script.say("GET", "/two", 200, {"statuses": [{**status, "context": "b"}]}, ETag='"two"')
    github = world.client()
    for _ in range(2):
        assert [s.context for s in github.statuses("acme/widgets", SHA)] == ["a", "b"]
    assert [call.status for call in world.calls] == [200, 200, 304, 304]


# Limits


def test_after_a_limit_nothing_is_sent_until_the_time_is_over(world):
    world.script.say("GET", PULL_PATH, 403, {}, retry_after="30")
    world.script.say("GET", PULL_PATH, 200, PULL)
    github = world.client()
    for wait in (30, 30):
        with pytest.raises(Transient) as caught:
            github.pull(REF)
        assert caught.value.retry_after == wait
    assert len(world.calls) == 1
    world.now += 31
    github.pull(REF)


def test_the_last_request_of_the_hour_closes_the_gate_before_the_first_refusal(world):
    world.script.say(
        "GET",
        PULL_PATH,
        200,
        PULL,
        x_ratelimit_remaining="0",
        x_ratelimit_reset="1789997650",
        date="Mon, 21 Sep 2026 13:33:20 GMT",
    )
    github = world.client()
    github.pull(REF)
    with pytest.raises(Held) as caught:
        github.pull(REF)
    assert (caught.value.limit, caught.value.retry_after) == ("primary limit", 50)
    assert world.metrics.registry.get_sample_value(
        "leeroy_github_held_calls_total", {"limit": "primary limit"}
    )


def test_a_limit_holds_only_its_own_token():
    gate = Gate(clock=lambda: 0.0)
    gate.learn("one", 429, {"retry-after": "5"}, "")
    gate.enter("two", Spend.READ, "x")
    with pytest.raises(Held):
        gate.enter("one", Spend.READ, "x")


def test_limits_without_a_time_are_waited_out_ever_longer_and_never_over_an_hour():
    gate = Gate(clock=lambda: 0.0)
    waits = [gate.learn("t", 429, {}, "") for _ in range(8)]
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert gate.learn("t", 200, {}, "") is None
    assert gate.learn("t", 429, {}, "") == 60


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        pytest.param({"retry-after": "0"}, 1, id="no time"),
        pytest.param({"retry-after": "99999999"}, 3600, id="for ever"),
        pytest.param({"retry-after": "soon"}, 60, id="not a number"),
        pytest.param({"retry-after": "Mon, 21 Sep 2026 13:33:20 GMT"}, 20, id="a date"),
        pytest.param(
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1789997590"}, 10, id="our clock"
        ),
        pytest.param(
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, 1, id="reset is over"
        ),
        pytest.param({"x-ratelimit-remaining": "0"}, 60, id="no reset"),
        pytest.param(
            {
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": "1789997590",
                "x-ratelimit-resource": "search",
            },
            60,
            id="another resource",
        ),
    ],
)
def test_how_long_to_wait(headers, wait):
    gate = Gate(clock=lambda: 0.0, wall=lambda: 1789997580.0)
    assert gate.learn("t", 429, headers, "") == wait


def test_budgets_let_a_call_through_as_soon_as_one_is_a_minute_old():
    now = itertools.count(0.0, 10.0)
    gate = Gate(budgets=[Budget(spend=Spend.STATUS, most=2, seconds=60)], clock=lambda: next(now))
    gate.enter("t", Spend.STATUS, "x")  # at 0
    gate.enter("t", Spend.STATUS, "x")  # at 10
    with pytest.raises(Held) as caught:
        gate.enter("t", Spend.STATUS, "x")  # at 20
    assert caught.value.retry_after == 40
    gate.enter("t", Spend.CONTENT, "x")  # at 30: others are not held
    for _ in range(2):
        with pytest.raises(Held):
            gate.enter("t", Spend.STATUS, "x")
    gate.enter("t", Spend.STATUS, "x")  # at 60


def test_statuses_and_comments_have_the_budgets_of_github_com(world):
    world.script.say("POST", STATUS_PATH, 201, {})
    github = world.client(gate=Gate(budgets=GITHUB_COM_BUDGETS, clock=lambda: 0.0))
    for _ in range(180):
        github.set_status("acme/widgets", SHA, STATUS)
    with pytest.raises(Held, match="status budget"):
        github.set_status("acme/widgets", SHA, STATUS)


def test_what_is_left_is_shown_in_the_metrics_without_the_token(world):
    world.script.say(
        "GET",
        PULL_PATH,
        200,
        PULL,
        x_ratelimit_limit="5000",
        x_ratelimit_remaining="4321",
        x_ratelimit_reset="1790000000",
    )
    world.client().pull(REF)
    [gauge] = world.metrics.github_remaining.collect()
    [sample] = gauge.samples
    assert sample.value == 4321
    assert sample.labels["token"] not in TOKEN


# People, labels, hooks


@pytest.mark.parametrize(
    ("status", "body", "permission"),
    [
        (200, {"permission": "admin"}, Permission.ADMIN),
        (200, {"permission": "write", "role_name": "maintain"}, Permission.WRITE),
        (200, {"permission": "read"}, Permission.READ),
        (404, {"message": "Not Found"}, Permission.NONE),
    ],
)
def test_who_may_write(world, status, body, permission):
    world.script.say("GET", "/repos/acme/widgets/collaborators/ann/permission", status, body)
    assert world.client().permission("acme/widgets", "ann") is permission


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"permission": "emperor"}, id="another word"),
        pytest.param({"permission": "Write"}, id="spelt otherwise"),
        pytest.param({"permission": "maintain"}, id="a role's name"),
        pytest.param({"permission": None}, id="null"),
        pytest.param({"permission": ["admin"]}, id="a list"),
        pytest.param({"permission": True}, id="true"),
        pytest.param({"role_name": "admin"}, id="only the role"),
    ],
)
def test_a_permission_is_one_of_the_words_that_github_documents(world, said):
    world.script.say("GET", "/repos/acme/widgets/collaborators/ann/permission", 200, said)
    with pytest.raises(Transient, match="makes no sense"):
        world.client().permission("acme/widgets", "ann")


MEMBER = "/orgs/acme/members/ann"
PUBLIC_MEMBER = "/orgs/acme/public_members/ann"


@pytest.mark.parametrize(("public", "is_member"), [(204, True), (404, False)])
def test_a_redirect_to_the_public_members_is_no_yes(world, public, is_member):
    world.script.say("GET", MEMBER, 302, {}, Location=f"{world.server.url}{PUBLIC_MEMBER}")
    world.script.say("GET", PUBLIC_MEMBER, public, b"")
    assert world.client().is_org_member("acme/widgets", "acme", "ann") is is_member


@pytest.mark.parametrize(
    "location",
    [
        "/orgs/acme/public_members/mary",
        "/orgs/other/public_members/ann",
        "/orgs/acme/public_members/ann/",
        "/orgs/acme/public_members/ann?x",
        "/orgs/acme/members/ann",
        "/login",
        "https://sso.example/orgs/acme/public_members/ann",
        "http://[",
    ],
)
def test_no_other_redirect_makes_a_member(world, location):
    world.script.say("GET", MEMBER, 302, {}, Location=location)
    for path in ("mary", "ann", "ann/", "ann?x"):
        world.script.say("GET", f"/orgs/acme/public_members/{path}", 204, b"")
    with pytest.raises(LeeroyError):
        world.client().is_org_member("acme/widgets", "acme", "ann")


@pytest.mark.parametrize("path", [MEMBER, PUBLIC_MEMBER])
@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (200, b"{}"), (200, b"<html>log in"), (202, b""), (206, b"")],
)
def test_only_204_with_nothing_in_it_makes_a_member(world, path, status, body):
    world.script.say("GET", MEMBER, 302, {}, Location=PUBLIC_MEMBER)
    world.script.answers.pop(f"GET {path}", None)
    world.script.say("GET", path, status, body)
    with pytest.raises(Transient, match="makes no sense"):
        world.client().is_org_member("acme/widgets", "acme", "ann")


def test_an_unchanged_membership_is_still_one(world):
    world.script.say("GET", MEMBER, 204, b"", ETag='"abc"')
    github = world.client()
    assert [github.is_org_member("acme/widgets", "acme", "ann") for _ in range(2)] == [True, True]
    assert [call.status for call in world.calls] == [204, 304]


@pytest.mark.parametrize("said", [{"state": "Active"}, {"state": True}, {}, [], {"state": "x"}])
def test_another_word_is_no_membership_of_a_team(world, said):
    world.script.say("GET", "/orgs/acme/teams/core/memberships/ann", 200, said)
    with pytest.raises(Transient, match="makes no sense"):
        world.client().is_team_member("acme/widgets", "acme", "core", "ann")


def test_a_token_that_is_nobodys_has_no_login(world):
    refused = {"message": "Resource not accessible by integration"}
    world.script.say("GET", "/user", 403, refused)
    assert world.client().whoami("acme/widgets") == ""


def test_without_a_login_our_comments_are_known_by_the_marker_and_an_app_as_author(world):
    app = {**comment(8), "user": {"login": "leeroy[bot]", "type": "Bot"}}
    world.script.say("GET", f"{COMMENTS_PATH}?per_page=100", 200, [comment(7), app])
    found = world.client().find_comments(REF, "<!-- mark -->", author="")
    assert [each.id for each in found] == [8]


def test_an_inline_comment_speaks_of_the_commit_it_was_written_on(world):
    said = {
        **comment(),
        "pull_request_url": f"https://api.github.com{PULL_PATH}",
        "commit_id": "b" * 40,  # GitHub moves it along with the pushes that came later
        "original_commit_id": "a" * 40,
    }
    world.script.say("GET", "/repos/acme/widgets/pulls/comments/7", 200, said)
    assert world.client().review_comment(REF, 7).commit_id == "a" * 40


@pytest.mark.parametrize(
    ("status", "body", "is_member"),
    [(200, {"state": "active"}, True), (200, {"state": "pending"}, False), (404, {}, False)],
)
def test_an_open_invitation_to_a_team_does_not_count(world, status, body, is_member):
    world.script.say("GET", "/orgs/acme/teams/core/memberships/ann", status, body)
    assert world.client().is_team_member("acme/widgets", "acme", "core", "ann") is is_member


def test_a_failing_question_about_trust_is_not_answered_with_no(world):
    world.script.say("GET", "/repos/acme/widgets/collaborators/ann/permission", 500, {})
    with pytest.raises(Transient):
        world.client().permission("acme/widgets", "ann")


def test_the_token_says_whose_it_is_and_what_it_may(world):
    world.script.say("GET", "/user", 200, {"login": "leeroy-bot"}, X_OAuth_Scopes="repo, read:org")
    github = world.client()
    assert github.whoami("acme/widgets") == "leeroy-bot"
    assert github.token_scopes("acme/widgets") == {"repo", "read:org"}


def test_what_is_gone_already_counts_as_done(world):
    github = world.client()
    github.remove_label(REF, "a/b")
    github.delete_comment("acme/widgets", 7)
    assert world.sent() == [
        "DELETE /repos/acme/widgets/issues/12/labels/a/b",
        "DELETE /repos/acme/widgets/issues/comments/7",
    ]


def test_labels_and_reactions_are_sent_as_github_wants_them(world):
    world.script.say("POST", "/repos/acme/widgets/issues/12/labels", 200, [])
    world.script.say("POST", "/repos/acme/widgets/issues/comments/7/reactions", 201, {})
    world.script.say("POST", "/repos/acme/widgets/pulls/comments/8/reactions", 200, {})
    github = world.client()
    github.add_labels(REF, ("a", "b"))
    github.react(CommentKind.COMMENT, "acme/widgets", 7, Reaction.SEEN)
    github.react(CommentKind.REVIEW_COMMENT, "acme/widgets", 8, Reaction.DONE)
    assert [json.loads(call.body) for call in world.calls] == [
        {"labels": ["a", "b"]},
        {"content": "eyes"},
        {"content": "+1"},
    ]


def test_an_updated_hook_keeps_its_secret(world):
    hook = {
        "id": 5,
        "active": True,
        "events": ["push"],
        "config": {"url": "https://l/", "secret": "*"},
    }
    world.script.say("PATCH", "/repos/acme/widgets/hooks/5", 200, hook)
    world.client().update_hook("acme/widgets", 5, "https://l/", secret="s", events=["push"])
    [call] = world.calls
    assert json.loads(call.body) == {
        "active": True,
        "events": ["push"],
        "config": {"url": "https://l/", "content_type": "json", "insecure_ssl": "0", "secret": "s"},
    }


def test_comments_since_are_asked_for_by_their_change(world):
    since = datetime(2026, 11, 22, 10, tzinfo=UTC)
    path = (
        "/repos/acme/widgets/issues/comments"
        "?since=2026-11-22T10%3A00%3A00Z&sort=updated&direction=asc&per_page=100"
    )
    edited = {**comment(8, "/test all", "ann"), "updated_at": "2026-11-22T10:00:05Z"}
    world.script.say("GET", path, 200, [comment(), edited])
    first, second = world.client().comments_since("acme/widgets", since)
    assert (first.pull, first.is_on_pull, first.is_edited) == (REF, True, False)
    assert second.is_edited


# Files


def file(name: str, additions: int = 1, patch: bool = True) -> dict[str, object]:
    entry: dict[str, object] = {
        "sha": "f" * 40,
        "filename": name,
        "status": "modified",
        "additions": additions,
        "deletions": 0,
        "changes": additions,
    }
    if patch:
        entry["patch"] = f"@@ -0,0 +1,{additions} @@\n" + "+x\n" * additions
    return entry


def files_pages(
    world: World, all_files: list[dict], shown: Callable[[int, int, dict], dict]
) -> None:
    """Pages of any size; what `shown` makes of an entry, by page size and its place there."""
    base = f"{PULL_PATH}/files"
    for size in (100, 10, 1):
        for start in range(0, len(all_files), size):
            page = start // size + 1
            number = f"&page={page}" if page > 1 else ""
            link = f'<{world.server.url}{base}?per_page={size}&page={page + 1}>; rel="next"'
            more = {"Link": link} if start + size < len(all_files) else {}
            entries = [
                shown(size, at, entry) for at, entry in enumerate(all_files[start : start + size])
            ]
            world.script.say("GET", f"{base}?per_page={size}{number}", 200, entries, **more)


def pull_with(world: World, all_files: list[dict]):
    additions = sum(entry["additions"] for entry in all_files)
    totals = {"changed_files": len(all_files), "additions": additions, "deletions": 0}
    world.script.say("GET", PULL_PATH, 200, {**PULL, **totals})
    return world.client().pull(REF)


@pytest.mark.parametrize("count", [0, 1, 100, 101, 250])
def test_all_files_are_read_whatever_their_number(world, count):
    all_files = [file(f"f{number}") for number in range(count)]
    if count:
        files_pages(world, all_files, lambda size, at, entry: entry)
    else:
        world.script.say("GET", f"{PULL_PATH}/files?per_page=100", 200, [])
    pull = pull_with(world, all_files)
    world.calls.clear()
    patch = world.client().patch(pull)
    assert [entry.path for entry in patch] == [f"f{number}" for number in range(count)]
    assert patch.is_complete
    assert len(world.calls) == max(1, -(-count // 100))


def test_counts_that_github_left_out_are_asked_for_in_smaller_pages(world):
    all_files = [file(f"f{number}", additions=3) for number in range(130)]

    def shown(size: int, at: int, entry: dict) -> dict:
        # Of a page of 100 the files from the 95th on come without counts; of 10, the last one.
        hidden = (size == 100 and at >= 95) or (size == 10 and at == 9)
        return {**file(entry["filename"], 0, patch=False)} if hidden else entry

    files_pages(world, all_files, shown)
    pull = pull_with(world, all_files)
    world.calls.clear()
    patch = world.client().patch(pull)
    assert patch.is_complete
    assert patch.additions == 390
    assert world.sent()[2:] == [
        f"GET {PULL_PATH}/files?per_page=10&page=10",
        f"GET {PULL_PATH}/files?per_page=1&page=100",
    ]


def test_a_list_that_github_cut_is_not_complete_and_not_asked_for_again(world):
    all_files = [file("a"), file("b", 0, patch=False)]
    files_pages(world, all_files, lambda size, at, entry: entry)
    pull = dataclasses.replace(pull_with(world, all_files), changed_files=3001, additions=9999)
    world.calls.clear()
    assert not world.client().patch(pull).is_complete
    assert len(world.calls) == 1


def test_asking_again_for_counts_has_an_end(world):
    all_files = [file(f"f{number}", 0, patch=False) for number in range(100)]
    files_pages(world, all_files, lambda size, at, entry: entry)
    pull = dataclasses.replace(pull_with(world, all_files), additions=9999)
    world.calls.clear()
    assert not world.client().patch(pull).is_complete
    assert len(world.calls) <= 1 + 30


@pytest.mark.parametrize(("count", "is_complete"), [(299, True), (300, False)])
def test_a_comparison_of_300_files_may_have_been_cut(world, count, is_complete):
    path = "/repos/acme/widgets/compare/aaa...bbb?per_page=1"
    entries = [file(f"f{number}") for number in range(count)]
    world.script.say("GET", path, 200, {"status": "ahead", "files": entries})
    patch = world.client().compare_files("acme/widgets", "aaa", "bbb")
    assert (len(patch), patch.is_complete) == (count, is_complete)
