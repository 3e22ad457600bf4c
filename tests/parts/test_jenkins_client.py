"""The Jenkins client against odd answers: what it sends, and what it makes of each of them."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, parse_qsl

import pytest
from prometheus_client import CollectorRegistry

from leeroy.errors import (
    CredentialsRefused,
    LeeroyError,
    NotFound,
    Permanent,
    RightsRefused,
    Transient,
)
from leeroy.jenkins import Jenkins, JenkinsConnection
from leeroy.metrics import Metrics
from leeroy.model import JobKind, Result
from leeroy_sandbox.faults import Calls, Drop, Faults
from leeroy_sandbox.server import Server

OOPS = b"<h1>Oops!</h1><p>A problem occurred while processing the request</p>Logging ID=1f2e"
NO_CRUMB = b"<h2>HTTP ERROR 403 No valid crumb was included in the request</h2>"
PARAMETERS = {"GIT_SHA1": "c0ffee", "PR": "7", "LEEROY_BUILD_ID": "uuid-1"}


class Script:
    """A WSGI application that answers what a test set for a path, one after the other."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, dict[str, str], bytes]]] = {}

    def say(self, method: str, path: str, status: int, body: object = b"", **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.setdefault(f"{method} {path}", []).append((status, given, data))

    def __call__(self, environ, start):
        path = environ["REQUEST_URI"].partition("?")[0]
        anything = self.answers.get("* *", [(404, {}, OOPS)])
        left = self.answers.get(f"{environ['REQUEST_METHOD']} {path}", anything)
        status, headers, body = left.pop(0) if len(left) > 1 else left[0]
        start(f"{status} Said", [("Content-Type", "text/html"), *headers.items()])
        return [body]


class World:
    """A scripted Jenkins and clients of it."""

    def __init__(self) -> None:
        self.script = Script()
        self.calls = Calls()
        self.faults = Faults()
        self.server = Server(self.calls.wrap(self.faults.wrap(self.script)))
        self.metrics = Metrics(CollectorRegistry())
        self.clients: list[Jenkins] = []

    def client(self, **changes) -> Jenkins:
        settings = {"username": "leeroy", "token": "s3cret", "timeout": 5.0, **changes}
        connection = JenkinsConnection(base_url=self.server.url, **settings)
        jenkins = Jenkins({"main": connection}, metrics=self.metrics)
        self.clients.append(jenkins)
        return jenkins

    def sent(self) -> list[str]:
        return [f"{call.method} {call.path}" for call in self.calls]


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    with world.server:
        yield world
        for client in world.clients:
            client.close()


BUILD_URI = "/job/ci/job/my%20app/buildWithParameters"
JOB = "ci/my app"


@pytest.mark.parametrize("status", [201, 303])
@pytest.mark.parametrize(
    "location",
    ["http://elsewhere.example/jenkins/queue/item/41/", "/queue/item/41/", "/queue/item/41"],
)
def test_a_trigger_is_one_request_and_gives_the_number_of_the_queue_item(world, status, location):
    world.script.say("POST", BUILD_URI, status, Location=location)
    assert world.client().trigger("main", JOB, PARAMETERS) == 41
    [call] = world.calls
    assert parse_qs(call.query) == {
        "delay": ["0sec"],
        **{name: [value] for name, value in PARAMETERS.items()},
    }
    assert call.body == b""
    assert call.headers["authorization"] == "Basic " + base64.b64encode(b"leeroy:s3cret").decode()
    assert call.headers["user-agent"].startswith("leeroy/")


def test_values_cannot_become_other_parameters(world):
    world.script.say("POST", BUILD_URI, 201, Location="/queue/item/1/")
    odd = {"HEAD_BRANCH": "x&PR=9", "TITLE": "ünï + 100% #1\nnext", "PR": "7"}
    world.client().trigger("main", JOB, odd)
    [call] = world.calls
    assert dict(parse_qsl(call.query)) == {"delay": "0sec", **odd}


def test_long_parameters_travel_in_the_body(world):
    world.script.say("POST", BUILD_URI, 201, Location="/queue/item/1/")
    long = {**PARAMETERS, "BODY": "é" * 1500}
    assert world.client().trigger("main", JOB, long) == 1
    [call] = world.calls
    assert call.query == ""
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(call.body.decode())) == {"delay": "0sec", **long}


def test_a_trigger_without_parameters_uses_the_other_address(world):
    world.script.say("POST", "/job/a/build", 201, Location="/queue/item/2/")
    assert world.client().trigger("main", "a", {}) == 2


@pytest.mark.parametrize(
    ("status", "body", "headers", "error", "text"),
    [
        pytest.param(
            400,
            b"ci/my app is not parameterized",
            {},
            Permanent,
            "Job ci/my app takes no parameters: define GIT_SHA1 and the others",
            id="not parameterized",
        ),
        pytest.param(
            401,
            b"",
            {},
            CredentialsRefused,
            "Jenkins does not accept the token of leeroy",
            id="bad token",
        ),
        pytest.param(
            403,
            b"leeroy is missing the Job/Build permission",
            {"X_Required_Permission": "hudson.model.Item.Build"},
            RightsRefused,
            "Jenkins user leeroy may not build ci/my app",
            id="no permission",
        ),
        pytest.param(
            404,
            OOPS,
            {},
            NotFound,
            "Job ci/my app does not exist or is hidden from leeroy",
            id="no such job",
        ),
        pytest.param(409, b"", {}, Permanent, "Job ci/my app is disabled", id="disabled"),
        pytest.param(
            500,
            OOPS,
            {},
            Permanent,
            "Job ci/my app fails on its parameters, such as an unknown choice (500)",
            id="Jenkins fails on it",
        ),
        pytest.param(
            500, b"", {}, Transient, "trigger ci/my app: Jenkins answered 500", id="500 of others"
        ),
        pytest.param(
            503,
            b"Jenkins is getting ready to work",
            {},
            Transient,
            "trigger ci/my app: Jenkins is down or starting (503)",
            id="starting",
        ),
        pytest.param(
            302,
            b"",
            {"Location": "/job/ci/job/my%20app/"},
            Permanent,
            "Jenkins would not queue job ci/my app",
            id="refused by a plugin",
        ),
        pytest.param(
            302,
            b"",
            {"Location": "."},
            Permanent,
            "Jenkins would not queue job ci/my app",
            id="refused, path only",
        ),
        pytest.param(
            301,
            b"",
            {"Location": f"https://ci.example{BUILD_URI}"},
            Transient,
            "Jenkins redirects to https://ci.example: is its base_url right?",
            id="http to https",
        ),
        pytest.param(
            201,
            b"",
            {},
            Transient,
            "trigger ci/my app: Jenkins answered without a queue item",
            id="no Location",
        ),
        pytest.param(
            201,
            b"",
            {"Location": "/job/ci/"},
            Transient,
            "trigger ci/my app: Jenkins answered without a queue item",
            id="another Location",
        ),
        pytest.param(
            201,
            b"",
            {"Location": f"/queue/item/{'9' * 25}/"},
            Transient,
            "trigger ci/my app: Jenkins answered without a queue item",
            id="no number of an item",
        ),
        pytest.param(
            201,
            b"",
            {"Location": "http://["},
            Transient,
            "trigger ci/my app: Jenkins answered without a queue item",
            id="no address",
        ),
    ],
)
def test_a_refused_trigger_says_why_in_words_fit_for_a_status(
    world, status, body, headers, error, text
):
    world.script.say("POST", BUILD_URI, status, body, **headers)
    with pytest.raises(LeeroyError) as caught:
        world.client().trigger("main", JOB, PARAMETERS)
    assert type(caught.value) is error
    assert str(caught.value) == text
    assert caught.value.status == status  # type: ignore[attr-defined]
    assert len(text) <= 140
    assert len(world.calls.matching("POST", ".")) == 1


#: What a real Jenkins answers one after the other while it starts, and what it then means.
STARTING = [
    pytest.param(503, b"Jenkins is getting ready to work", "down or starting (503)", id="503"),
    pytest.param(500, b"Error 500", "Jenkins is starting (500)", id="500 of the web server"),
    pytest.param(500, OOPS, "Jenkins is starting (500)", id="500 of Jenkins"),
    pytest.param(401, b"Unauthorized", "Jenkins is starting (401)", id="401"),
]


@pytest.mark.parametrize(("status", "body", "text"), STARTING)
def test_a_jenkins_that_starts_refuses_nothing(world, status, body, text):
    world.script.say("*", "*", status, body)
    world.script.say("GET", "/login", 503, b"Jenkins is getting ready to work")
    jenkins = world.client()
    assert jenkins.is_starting("main")
    for ask in (
        lambda: jenkins.trigger("main", JOB, PARAMETERS),
        lambda: jenkins.cancel("main", 41),
        lambda: jenkins.abort("main", "a", 7),
        lambda: jenkins.index("main", "a"),
    ):
        with pytest.raises(Transient) as caught:
            ask()
        assert type(caught.value) is Transient
        assert text in str(caught.value)


def test_a_read_of_a_jenkins_that_starts_is_no_refusal_either(world):
    world.script.say("GET", "/job/a/7/api/json", 401, b"Unauthorized")
    world.script.say("GET", "/login", 503, b"Jenkins is getting ready to work")
    with pytest.raises(Transient, match="read build a #7: Jenkins is starting") as caught:
        world.client().build("main", "a", 7)
    assert type(caught.value) is Transient


def test_whether_jenkins_starts_is_asked_without_credentials(world):
    world.script.say("GET", "/login", 200, b"<html>")
    assert not world.client().is_starting("main")
    [call] = world.calls
    assert "authorization" not in call.headers
    assert "cookie" not in call.headers


@pytest.mark.parametrize(
    ("drop", "text"),
    [(Drop.RESET, "broke off the connection"), (Drop.AFTER, "broke off the connection")],
)
def test_a_trigger_whose_answer_is_lost_is_never_sent_again_by_itself(world, drop, text):
    world.script.say("POST", BUILD_URI, 201, Location="/queue/item/1/")
    world.faults.add("POST", ".", drop=drop)
    with pytest.raises(Transient, match=text):
        world.client().trigger("main", JOB, PARAMETERS)
    assert len(world.calls) == 1


def test_silence_is_given_up_after_the_timeout(world):
    world.faults.add("*", ".", drop=Drop.TIMEOUT)
    jenkins = world.client(timeout=0.1)
    with pytest.raises(Transient, match="trigger ci/my app: Jenkins did not answer in time"):
        jenkins.trigger("main", JOB, PARAMETERS)
    with pytest.raises(Transient, match="did not answer in time"):
        jenkins.build("main", JOB, 1)
    world.faults.clear()
    assert len(world.calls) == 2


def test_nobody_listening_is_transient():
    with Server(lambda environ, start: []) as server:
        url = server.url
    with (
        Jenkins(
            {"main": JenkinsConnection(base_url=url)}, metrics=Metrics(CollectorRegistry())
        ) as jenkins,
        pytest.raises(Transient, match="Jenkins refused the connection"),
    ):
        jenkins.trigger("main", JOB, PARAMETERS)


def test_a_crumb_is_fetched_only_when_jenkins_wants_one_and_afresh_each_time(world):
    world.script.say("POST", BUILD_URI, 403, NO_CRUMB)
    world.script.say("POST", BUILD_URI, 201, Location="/queue/item/1/")
    world.script.say("POST", BUILD_URI, 201, Location="/queue/item/2/")
    world.script.say("POST", BUILD_URI, 403, NO_CRUMB)
    world.script.say("POST", BUILD_URI, 201, Location="/queue/item/3/")
    for crumb in ("one", "two"):
        said = {"crumbRequestField": "Jenkins-Crumb", "crumb": crumb}
        world.script.say(
            "GET", "/crumbIssuer/api/json", 200, said, Set_Cookie=f"JSESSIONID={crumb}; Path=/"
        )
    jenkins = world.client()
    assert [jenkins.trigger("main", JOB, PARAMETERS) for _ in range(3)] == [1, 2, 3]
    posts = [call for call in world.calls if call.method == "POST"]
    assert [call.headers.get("jenkins-crumb") for call in posts] == [
        None,
        "one",
        "one",
        "one",
        "two",
    ]
    assert posts[1].headers["cookie"] == "JSESSIONID=one"


def test_a_crumb_that_does_not_help_is_not_fetched_again(world):
    said = {"crumbRequestField": "Jenkins-Crumb", "crumb": "one"}
    world.script.say("GET", "/crumbIssuer/api/json", 200, said)
    world.script.say("POST", BUILD_URI, 403, NO_CRUMB)
    with pytest.raises(CredentialsRefused, match="use an API token"):
        world.client().trigger("main", JOB, PARAMETERS)
    assert len(world.calls) == 3


@pytest.mark.parametrize("name", ["", "/", "a//b", "../other", "a/..", "."])
def test_a_name_cannot_lead_out_of_its_folder(world, name):
    jenkins = world.client()
    with pytest.raises(Permanent, match="not the full name of a job"):
        jenkins.trigger("main", name, PARAMETERS)
    assert jenkins.job_url("main", name) == f"{world.server.url}/"
    assert len(world.calls) == 0


def test_a_branch_job_is_encoded_twice(world):
    world.script.say(
        "POST", "/job/r/job/feature%252Fx/buildWithParameters", 201, Location="/queue/item/1/"
    )
    assert world.client().trigger("main", "r/feature%2Fx", PARAMETERS) == 1
    assert world.client().job_url("main", "r/feature%2Fx").endswith("/job/r/job/feature%252Fx/")


# Reading

PARAMETER_ACTION = {
    "_class": "hudson.model.ParametersAction",
    "parameters": [
        {"name": "GIT_SHA1", "value": "c0ffee"},
        {"name": "DEBUG", "value": False},
        {"name": "PASSWORD"},
    ],
}


def build(number: int, /, **changes):
    return {
        "_class": "hudson.model.FreeStyleBuild",
        "number": number,
        "url": f"https://ci.example/job/a/{number}/",
        "building": False,
        "result": "SUCCESS",
        "queueId": 40 + number,
        "timestamp": 1790000000000 + number * 1000,
        "duration": 60500,
        "actions": [{}, PARAMETER_ACTION],
        **changes,
    }


def with_parameters(**values: str):
    pairs = [{"name": name, "value": value} for name, value in values.items()]
    return [{"parameters": pairs}]


def test_a_build_is_read_with_one_request(world):
    revision = {"lastBuiltRevision": {"SHA1": "C0FFEE"}}
    world.script.say(
        "GET", "/job/a/7/api/json", 200, build(7, actions=[{}, PARAMETER_ACTION, revision, None])
    )
    seen = world.client().build("main", "a", 7)
    assert (seen.number, seen.result, seen.is_building) == (7, Result.SUCCESS, False)
    assert (seen.duration, seen.started, seen.queue_id) == (60.5, 1790000007.0, 47)
    assert seen.parameters == {"GIT_SHA1": "c0ffee", "DEBUG": "false"}
    assert seen.revisions == {"c0ffee"}
    assert not seen.is_replay
    assert len(world.calls) == 1


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        pytest.param({"building": True, "result": "UNSTABLE"}, "is_building", True, id="not final"),
        pytest.param({"result": None, "building": True}, "result", None, id="no result"),
        pytest.param({"result": "ODD"}, "result", None, id="a result of a plugin"),
        pytest.param({"queueId": -1}, "queue_id", None, id="queue id unknown"),
        pytest.param(
            {"actions": [{"causes": [{"_class": "org.x.replay.ReplayCause"}]}]},
            "is_replay",
            True,
            id="replayed",
        ),
    ],
)
def test_odd_builds_are_read_too(world, changes, field, value):
    world.script.say("GET", "/job/a/7/api/json", 200, build(7, **changes))
    assert getattr(world.client().build("main", "a", 7), field) == value


@pytest.mark.parametrize(
    ("status", "body", "error", "text"),
    [
        pytest.param(404, OOPS, NotFound, "does not exist or is hidden from leeroy", id="absent"),
        pytest.param(403, b"Denied", RightsRefused, "Jenkins does not let leeroy", id="refused"),
        pytest.param(401, b"", CredentialsRefused, "not accept the token of leeroy", id="token"),
        pytest.param(503, b"Starting Jenkins", Transient, "down or starting", id="starting"),
        pytest.param(502, b"<html>", Transient, "down or starting", id="proxy"),
        pytest.param(500, OOPS, Transient, "answered 500", id="500"),
        pytest.param(200, b"<html>log in", Transient, "makes no sense", id="login page"),
        pytest.param(200, [1], Transient, "makes no sense", id="another shape"),
        pytest.param(200, {"number": 7}, Transient, "makes no sense", id="fields missing"),
    ],
)
def test_absent_refused_and_down_are_told_apart(world, status, body, error, text):
    world.script.say("GET", "/job/a/7/api/json", status, body)
    with pytest.raises(LeeroyError, match=text) as caught:
        world.client().build("main", "a", 7)
    assert type(caught.value) is error
    assert str(caught.value).startswith("read build a #7: ")
    assert "s3cret" not in str(caught.value)


def test_what_is_absent_for_an_instant_is_asked_for_once_more(world):
    world.script.say("GET", "/job/a/7/api/json", 404, OOPS)
    world.script.say("GET", "/job/a/7/api/json", 200, build(7))
    assert world.client().build("main", "a", 7).number == 7


def test_a_read_is_sent_again_when_the_connection_broke(world):
    world.script.say("GET", "/job/a/7/api/json", 200, build(7))
    world.faults.add("GET", ".", drop=Drop.AFTER, times=1)
    assert world.client().build("main", "a", 7).number == 7
    assert len(world.calls) == 2


@pytest.mark.parametrize(
    ("said", "number", "has_left", "is_cancelled"),
    [
        pytest.param(
            {"_class": "hudson.model.Queue$WaitingItem", "id": 41, "why": "In the quiet period."},
            None,
            False,
            False,
            id="waiting",
        ),
        pytest.param(
            {
                "_class": "hudson.model.Queue$LeftItem",
                "id": 41,
                "cancelled": False,
                "executable": {"number": 95, "url": "https://ci.example/job/a/95/"},
            },
            95,
            True,
            False,
            id="started",
        ),
        pytest.param(
            {"id": 41, "cancelled": False, "executable": None}, None, True, False, id="in between"
        ),
        pytest.param(
            {"id": 41, "cancelled": True, "executable": None}, None, True, True, id="cancelled"
        ),
    ],
)
def test_a_queue_item_is_read_in_all_its_states(world, said, number, has_left, is_cancelled):
    world.script.say("GET", "/queue/item/41/api/json", 200, said)
    item = world.client().queue_item("main", 41)
    assert (item.build_number, item.has_left, item.is_cancelled) == (number, has_left, is_cancelled)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("hudson.model.FreeStyleProject", JobKind.JOB),
        ("org.jenkinsci.plugins.workflow.job.WorkflowJob", JobKind.JOB),
        ("com.cloudbees.hudson.plugins.folder.Folder", JobKind.FOLDER),
        ("jenkins.branch.OrganizationFolder", JobKind.FOLDER),
        (
            "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject",
            JobKind.MULTIBRANCH,
        ),
    ],
)
def test_a_job_says_what_it_is_and_takes(world, kind, expected):
    definitions = {"parameterDefinitions": [{"name": "GIT_SHA1"}, {"name": "PR"}]}
    said = {"_class": kind, "fullName": "CI/app", "buildable": True, "property": [{}, definitions]}
    world.script.say("GET", "/job/ci/job/app/api/json", 200, said)
    job = world.client().job("main", "ci/app")
    assert (job.name, job.kind, job.is_buildable) == ("CI/app", expected, True)
    assert job.parameters == {"GIT_SHA1", "PR"}


def test_the_server_says_who_we_are_and_how_long_its_queue_is(world):
    world.script.say("GET", "/me/api/json", 200, {"id": "leeroy"})
    world.script.say("GET", "/queue/api/json", 200, {"items": [{"id": 1}, {"id": 2}]})
    jenkins = world.client()
    assert (jenkins.whoami("main"), jenkins.queue_length("main")) == ("leeroy", 2)


# Stopping


@pytest.mark.parametrize(
    ("status", "done"),
    [
        pytest.param(204, True, id="cancelled"),
        pytest.param(302, True, id="cancelled, before 2.211"),
        pytest.param(404, False, id="gone"),
        pytest.param(500, False, id="started"),
    ],
)
def test_a_queue_item_is_cancelled_or_has_started(world, status, done):
    world.script.say("POST", "/queue/cancelItem", status, OOPS, Location="/")
    assert world.client().cancel("main", 41) is done
    assert [call.query for call in world.calls.matching("POST", ".")] == ["id=41"]


@pytest.mark.parametrize(("status", "error"), [(422, RightsRefused), (503, Transient)])
def test_a_cancel_can_be_refused(world, status, error):
    world.script.say("POST", "/queue/cancelItem", status, OOPS)
    with pytest.raises(error):
        world.client().cancel("main", 41)


@pytest.mark.parametrize("status", [302, 404])
def test_an_abort_is_one_request(world, status):
    world.script.say("POST", "/job/a/7/stop", status, OOPS, Location="/job/a/7/")
    world.client().abort("main", "a", 7)
    assert world.sent() == ["POST /job/a/7/stop"]


# Finding again


def find(world: World, *, queue_id=None, claimed=(), parameters=PARAMETERS, since=1790000000.0):
    return world.client().find(
        "main",
        "ci/app",
        build_id="uuid-1",
        parameters=parameters,
        queue_id=queue_id,
        since=since,
        claimed=claimed,
    )


def item(number: int, url: str = "https://ci.example/x/job/CI/job/app/", **values: str):
    return {"id": number, "task": {"url": url}, "actions": with_parameters(**values)}


OURS = {"GIT_SHA1": "c0ffee", "PR": "7"}


@pytest.mark.parametrize(
    ("items", "found"),
    [
        pytest.param([item(1, **OURS, LEEROY_BUILD_ID="uuid-1")], 1, id="by our id"),
        pytest.param([item(1, **OURS, LEEROY_BUILD_ID="uuid-2")], None, id="another attempt"),
        pytest.param([item(1, **OURS), item(2)], 1, id="equal where the job has no id"),
        pytest.param([item(1, GIT_SHA1="other", PR="7")], None, id="another sha"),
        pytest.param([item(1, EXTRA="1")], None, id="nothing in common"),
        pytest.param([item(41, EXTRA="1")], 41, id="by queue id"),
        pytest.param([item(1, "https://ci.example/job/other/", **OURS)], None, id="another job"),
    ],
)
def test_a_build_is_found_in_the_queue(world, items, found):
    world.script.say("GET", "/queue/api/json", 200, {"items": items})
    world.script.say("GET", "/job/ci/job/app/api/json", 200, {"builds": []})
    sighting = find(world, queue_id=41)
    assert (sighting.item.id if sighting.item else None) == found


@pytest.mark.parametrize(
    ("builds", "found"),
    [
        pytest.param([], None, id="none"),
        pytest.param(
            [build(9), build(8, actions=with_parameters(**OURS, LEEROY_BUILD_ID="uuid-1"))],
            8,
            id="by our id",
        ),
        pytest.param(
            [
                build(9, actions=with_parameters(LEEROY_BUILD_ID="uuid-1")),
                build(8, actions=with_parameters(LEEROY_BUILD_ID="uuid-1")),
            ],
            8,
            id="the first, not one rebuilt later",
        ),
        pytest.param(
            [build(8, actions=with_parameters(**OURS, LEEROY_BUILD_ID="x"), queueId=41)],
            None,
            id="a queue id that was used again",
        ),
        pytest.param([build(8, actions=[], queueId=41)], 8, id="by queue id"),
        pytest.param(
            [build(8, actions=with_parameters(**OURS, DEBUG="no"))], 8, id="by equal parameters"
        ),
        pytest.param([build(7, actions=with_parameters(**OURS))], None, id="claimed by another"),
        pytest.param(
            [build(8, actions=with_parameters(**OURS), timestamp=1789999900000)],
            None,
            id="older than the row",
        ),
        pytest.param(
            [build(8, actions=with_parameters(**OURS), timestamp=1789999990000)],
            8,
            id="older by Jenkins' clock only",
        ),
        pytest.param(
            [
                build(
                    8,
                    actions=[*with_parameters(**OURS), {"causes": [{"_class": "x.ReplayCause"}]}],
                )
            ],
            None,
            id="replayed",
        ),
    ],
)
def test_a_build_is_found_among_the_latest(world, builds, found):
    world.script.say("GET", "/queue/api/json", 200, {"items": []})
    world.script.say("GET", "/job/ci/job/app/api/json", 200, {"builds": builds})
    sighting = find(world, queue_id=41, claimed=[7])
    assert (sighting.build.number if sighting.build else None) == found
    assert sighting.is_gone == (found is None)


def test_a_build_between_the_queue_and_its_number_is_not_given_up(world):
    ours = build(8, actions=with_parameters(LEEROY_BUILD_ID="uuid-1"))
    world.script.say("GET", "/queue/api/json", 200, {"items": []})
    world.script.say("GET", "/job/ci/job/app/api/json", 200, {"builds": []})
    world.script.say("GET", "/job/ci/job/app/api/json", 200, {"builds": [ours]})
    assert find(world).build.number == 8


def test_a_look_into_a_job_that_is_not_there_is_not_found(world):
    world.script.say("GET", "/queue/api/json", 200, {"items": []})
    with pytest.raises(NotFound):
        find(world)


def test_an_unknown_server_is_said_so(world):
    with pytest.raises(Permanent, match="no Jenkins server other"):
        world.client().whoami("other")


def test_calls_are_counted_by_kind_and_outcome(world):
    world.script.say("GET", "/job/a/7/api/json", 200, build(7))
    world.client().build("main", "a", 7)
    assert world.metrics.registry.get_sample_value(
        "leeroy_jenkins_calls_total",
        {"server": "main", "call": "GET job/{job}/{number}", "outcome": "200"},
    )
