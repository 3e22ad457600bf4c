"""Whole conversations of the Jenkins client with the sandbox Jenkins."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
from leeroy_sandbox import jenkins as sandbox
from leeroy_sandbox.server import Server

SHA = "c0ffee" + "0" * 34
SENT = {"GIT_SHA1": SHA, "PR": "7", "HEAD_BRANCH": "x&PR=9 ü", "LEEROY_BUILD_ID": "uuid-1"}
DEFINED = tuple(sandbox.String(name) for name in SENT)
JOB = "ci/my app"
TOKEN = "11" + "a" * 32


@dataclass(frozen=True, kw_only=True)
class World:
    """A sandbox Jenkins that moves by hand, and how to reach it."""

    jenkins: sandbox.Jenkins
    url: str
    clients: list[Jenkins]

    def client(self, token: str = TOKEN) -> Jenkins:
        connection = JenkinsConnection(base_url=self.url, username="leeroy", token=token)
        client = Jenkins({"main": connection}, metrics=Metrics(CollectorRegistry()))
        self.clients.append(client)
        return client

    def find(self, sent=SENT, **known):
        facts = {"queue_id": None, "since": 0.0, "claimed": (), **known}
        build_id = sent.get("LEEROY_BUILD_ID", "uuid-x")
        return self.clients[-1].find("main", JOB, build_id=build_id, parameters=sent, **facts)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with sandbox.Jenkins(tmp_path, auto=False) as jenkins, Server(jenkins.wsgi) as server:
        jenkins.root_url = server.url
        jenkins.add_user("leeroy", token=TOKEN, password="pass word")
        jenkins.add_job(JOB, parameters=DEFINED)
        world = World(jenkins=jenkins, url=server.url, clients=[])
        yield world
        for client in world.clients:
            client.close()


def test_a_build_from_its_trigger_to_its_result(world):
    client = world.client()
    queue_id = client.trigger("main", JOB, SENT)
    assert len(world.jenkins.calls) == 1
    waiting = client.queue_item("main", queue_id)
    assert not waiting.has_left
    assert waiting.parameters == SENT
    world.jenkins.start_next()
    left = client.queue_item("main", queue_id)
    assert (left.has_left, left.build_number) == (True, 1)
    running = client.build("main", JOB, 1)
    assert (running.is_building, running.queue_id, running.parameters) == (True, queue_id, SENT)
    world.jenkins.finish(JOB, 1, "UNSTABLE")
    done = client.build("main", JOB, 1)
    assert (done.is_building, done.result) == (False, Result.UNSTABLE)
    assert client.job_url("main", JOB) == f"{world.url}/job/ci/job/my%20app/"
    assert done.url == f"{world.url}/job/ci/job/my%20app/1/"


def test_equal_requests_are_one_queue_item(world):
    client = world.client()
    assert client.trigger("main", JOB, SENT) == client.trigger("main", JOB, SENT)
    assert client.queue_length("main") == 1


@pytest.mark.parametrize(
    "defined",
    [
        pytest.param(DEFINED, id="the job takes our id"),
        pytest.param(DEFINED[:2], id="the job takes the sha only"),
    ],
)
def test_a_build_is_found_wherever_it_is(world, defined):
    world.jenkins.remove_job(JOB)
    world.jenkins.add_job(JOB, parameters=defined)
    client = world.client()
    assert world.find().is_gone
    queue_id = client.trigger("main", JOB, SENT)
    client.trigger("main", JOB, {**SENT, "GIT_SHA1": "f" * 40, "LEEROY_BUILD_ID": "uuid-2"})
    assert world.find().item.id == queue_id
    world.jenkins.start_next()
    world.jenkins.start_next()
    assert world.find().build.number == 1
    world.jenkins.finish(JOB, 1, "SUCCESS")
    world.jenkins.rebuild(JOB, 1)
    world.jenkins.start_next()
    assert world.find().build.number == 1
    assert world.find(claimed=[1], sent={**SENT, "LEEROY_BUILD_ID": "uuid-3"}).is_gone == (
        defined is DEFINED
    )


def test_a_long_request_is_read_the_same(world):
    client = world.client()
    long = {**SENT, "HEAD_BRANCH": "é" * 1500}
    queue_id = client.trigger("main", JOB, long)
    assert client.queue_item("main", queue_id).parameters == long


def test_a_queue_item_is_cancelled_once_and_a_started_one_not(world):
    client = world.client()
    first = client.trigger("main", JOB, SENT)
    assert client.cancel("main", first)
    assert client.queue_item("main", first).is_cancelled
    second = client.trigger("main", JOB, SENT)
    world.jenkins.start_next()
    assert not client.cancel("main", second)
    assert not client.cancel("main", 4711)


def test_a_running_build_is_aborted_and_a_gone_one_is_no_fault(world):
    client = world.client()
    client.trigger("main", JOB, SENT)
    world.jenkins.start_next()
    client.abort("main", JOB, 1)
    client.abort("main", JOB, 99)


@pytest.mark.parametrize(
    ("prepare", "error", "text"),
    [
        pytest.param(
            lambda jenkins: jenkins.disable_job(JOB),
            Permanent,
            "Job ci/my app is disabled",
            id="disabled",
        ),
        pytest.param(
            lambda jenkins: jenkins.remove_job(JOB),
            NotFound,
            "Job ci/my app does not exist or is hidden from leeroy",
            id="removed",
        ),
        pytest.param(
            lambda jenkins: (jenkins.remove_job(JOB), jenkins.add_job(JOB)),
            Permanent,
            "Job ci/my app takes no parameters: define GIT_SHA1 and the others",
            id="not parameterized",
        ),
        pytest.param(
            lambda jenkins: (
                jenkins.remove_job(JOB),
                jenkins.add_job(JOB, parameters=[sandbox.Choice("PR", choices=("1", "2"))]),
            ),
            Permanent,
            "Job ci/my app fails on its parameters, such as an unknown choice (500)",
            id="unknown choice",
        ),
        pytest.param(
            lambda jenkins: setattr(jenkins, "refuses", lambda job: True),
            Permanent,
            "Jenkins would not queue job ci/my app",
            id="refused",
        ),
        pytest.param(
            lambda jenkins: setattr(jenkins, "down", True),
            Transient,
            "trigger ci/my app: Jenkins is down or starting (503)",
            id="starting",
        ),
        pytest.param(
            lambda jenkins: (
                jenkins.remove_job(JOB),
                jenkins.add_job(
                    JOB,
                    parameters=DEFINED,
                    permissions={"leeroy": frozenset({sandbox.Permission.READ})},
                ),
            ),
            RightsRefused,
            "Jenkins user leeroy may not build ci/my app",
            id="no permission",
        ),
    ],
)
def test_a_refused_trigger_says_why(world, prepare, error, text):
    prepare(world.jenkins)
    with pytest.raises(LeeroyError) as caught:
        world.client().trigger("main", JOB, SENT)
    assert type(caught.value) is error
    assert str(caught.value) == text


def test_a_password_works_through_a_crumb_also_after_a_restart(world):
    client = world.client(token="pass word")
    assert client.trigger("main", JOB, SENT)
    world.jenkins.restart()
    assert client.trigger("main", JOB, {**SENT, "PR": "8"})


def test_an_api_token_never_asks_for_a_crumb(world):
    world.client().trigger("main", JOB, SENT)
    assert not world.jenkins.calls.matching("*", "crumbIssuer")


def test_a_wrong_token_is_not_accepted_and_not_shown(world):
    client = world.client(token="11secret")
    for ask in (
        lambda: client.trigger("main", JOB, SENT),
        lambda: client.whoami("main"),
        lambda: client.build("main", JOB, 1),
    ):
        with pytest.raises(CredentialsRefused, match="not accept the token of leeroy") as caught:
            ask()
        assert "11secret" not in str(caught.value)


def test_jobs_and_who_we_are(world):
    world.jenkins.add_job("team", kind=sandbox.Kind.MULTIBRANCH)
    client = world.client()
    assert client.whoami("main") == "leeroy"
    job = client.job("main", JOB)
    assert (job.name, job.kind, job.is_buildable) == (JOB, JobKind.JOB, True)
    assert job.parameters == set(SENT)
    assert client.job("main", "ci").kind is JobKind.FOLDER
    assert client.job("main", "team").kind is JobKind.MULTIBRANCH


def test_a_build_whose_answer_was_lost_is_found_and_not_started_twice(world):
    client = world.client()
    world.jenkins.faults.add("POST", "buildWithParameters", drop="after", times=1)
    with pytest.raises(Transient):
        client.trigger("main", JOB, SENT)
    assert world.find().item is not None
    assert len(world.jenkins.queue()) == 1


def test_a_replayed_build_is_told_from_a_rebuilt_one(world):
    client = world.client()
    world.jenkins.remove_job(JOB)
    world.jenkins.add_job(JOB, parameters=DEFINED, kind=sandbox.Kind.PIPELINE)
    client.trigger("main", JOB, SENT)
    world.jenkins.start_next()
    world.jenkins.finish(JOB, 1, "FAILURE")
    world.jenkins.replay(JOB, 1)
    world.jenkins.start_next()
    world.jenkins.rebuild(JOB, 1)
    world.jenkins.start_next()
    builds = [client.build("main", JOB, number) for number in (1, 2, 3)]
    assert [build.is_replay for build in builds] == [False, True, False]
    assert all(build.parameters == SENT for build in builds)


STAGES = [stage for stage in sandbox.Stage if stage is not sandbox.Stage.UP]


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_refused_for_good_while_jenkins_starts(world, stage):
    client = world.client()
    item = client.trigger("main", JOB, SENT)
    world.jenkins.stage = stage
    assert client.is_starting("main")
    for ask in (
        lambda: client.trigger("main", JOB, SENT),
        lambda: client.queue_item("main", item),
        lambda: client.build("main", JOB, 1),
        lambda: client.cancel("main", item),
        lambda: client.abort("main", JOB, 1),
        lambda: client.index("main", JOB),
        lambda: client.job("main", JOB),
        lambda: client.console_tail("main", JOB, 1, 10),
        lambda: client.test_report("main", JOB, 1),
    ):
        with pytest.raises(Transient, match="starting") as caught:
            ask()
        assert type(caught.value) is Transient
    world.jenkins.stage = sandbox.Stage.UP
    assert not client.is_starting("main")
    assert client.cancel("main", item)


def test_a_wrong_token_is_told_from_a_start(world):
    client = world.client(token="11secret")
    world.jenkins.stage = sandbox.Stage.JOBS
    with pytest.raises(Transient, match="Jenkins is starting") as caught:
        client.trigger("main", JOB, SENT)
    assert type(caught.value) is Transient
    world.jenkins.stage = sandbox.Stage.UP
    with pytest.raises(CredentialsRefused):
        client.trigger("main", JOB, SENT)
