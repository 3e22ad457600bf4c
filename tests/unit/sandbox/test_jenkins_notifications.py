"""The sandbox Jenkins' notifications: what is sent when, to the byte, and how it goes wrong."""

import base64
import json
import socket
import threading
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from leeroy.sandbox.faults import Calls, Drop, Faults
from leeroy.sandbox.jenkins import (
    Boolean,
    Endpoint,
    Format,
    Jenkins,
    Password,
    Phase,
    String,
    TestReport,
)
from leeroy.sandbox.server import Server

CLOCK = 1_790_000_000.0


class Receiver:
    """Something that is notified, and can misbehave."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.faults = Faults()
        self.status = "204 No Content"
        self.server = Server(self.calls.wrap(self.faults.wrap(self._answer)))

    def _answer(self, environ, start):
        start(self.status, [])
        return [b""]

    @property
    def url(self) -> str:
        return f"{self.server.url}/hear"

    @property
    def bodies(self) -> list[bytes]:
        return [call.body for call in self.calls]

    @property
    def phases(self) -> list[str]:
        return [json.loads(body)["build"]["phase"] for body in self.bodies]


@pytest.fixture
def receiver():
    made = Receiver()
    with made.server:
        yield made
        made.faults.clear()


@pytest.fixture
def make(tmp_path: Path, receiver: Receiver):
    """Makes a Jenkins, moved by hand, whose job `ci/app` notifies the receiver."""
    made = []

    def make(endpoint=None, *, job="ci/app", settings=None, **options) -> Jenkins:
        jenkins = Jenkins(tmp_path, auto=False, clock=lambda: CLOCK, **options)
        made.append(jenkins)
        endpoints = [Endpoint(receiver.url, **(endpoint or {}))]
        jenkins.add_job(job, endpoints=endpoints, **(settings or {}))
        return jenkins

    yield make
    for jenkins in made:
        jenkins.close()


def run(jenkins: Jenkins, job: str = "ci/app", result: str = "SUCCESS", **parameters: str):
    jenkins.start_by_hand(job, parameters)
    return jenkins.finish(job, jenkins.start_next(job).number, result)


def test_the_four_phases_come_in_order_and_queued_only_at_the_start(make, receiver: Receiver):
    jenkins = make()
    jenkins.start_by_hand("ci/app")
    assert receiver.phases == []
    jenkins.start_next()
    assert receiver.phases == ["QUEUED", "STARTED"]
    jenkins.finish("ci/app", 1, "SUCCESS")
    assert receiver.phases == ["QUEUED", "STARTED", "COMPLETED", "FINALIZED"]


def test_a_cancelled_item_is_never_spoken_of(make, receiver: Receiver):
    jenkins = make()
    jenkins.start_by_hand("ci/app")
    jenkins.cancel(1)
    assert receiver.phases == []


def test_started_reads_to_the_byte(make, receiver: Receiver):
    parameters = [String("A"), Boolean("B"), Password("P", default="s3cret")]
    jenkins = make(settings={"parameters": parameters}, root_url="https://jenkins.example")
    jenkins.start_by_hand("ci/app", {"A": "<a&b='é\u2028\n"})
    jenkins.start_next()
    escaped = r"\u003ca\u0026b\u003d\u0027é\u2028\n"
    assert receiver.bodies[1].decode() == (
        '{"name":"app","display_name":"app","url":"job/ci/job/app/","build":'
        '{"full_url":"https://jenkins.example/job/ci/job/app/1/","number":1,"queue_id":1,'
        '"timestamp":1790000000000,"duration":0,"phase":"STARTED","url":"job/ci/job/app/1/",'
        '"scm":{"changes":[],"culprits":[]},'
        f'"parameters":{{"A":"{escaped}","B":"false"}},"log":"","artifacts":{{}}}}}}'
    )


def test_completed_reads_to_the_byte(make, receiver: Receiver):
    jenkins = make({"notes": ""}, settings={"artifacts": ["dist/app.zip"]})
    jenkins.start_by_hand("ci/app")
    jenkins.start_next()
    report = TestReport.of(passed=8, failed=["pkg.Class.test"], skipped=1)
    jenkins.finish("ci/app", 1, "UNSTABLE", test_summary=report)
    assert receiver.bodies[2].decode() == (
        '{"name":"app","display_name":"app","url":"job/ci/job/app/","build":'
        '{"number":1,"queue_id":1,"timestamp":1790000000000,"duration":0,"phase":"COMPLETED",'
        '"status":"UNSTABLE","url":"job/ci/job/app/1/","scm":{"changes":[],"culprits":[]},'
        '"log":"","notes":"","test_summary":{"total":10,"failed":1,"passed":8,"skipped":1,'
        '"failed_tests":["pkg.Class.test"]},'
        '"artifacts":{"dist/app.zip":{"archive":"nulljob/ci/job/app/1/artifact/dist/app.zip"}}}}'
    )


def test_the_request_is_javas(make, receiver: Receiver):
    jenkins = make()
    run(jenkins)
    headers = next(iter(receiver.calls)).headers
    assert headers["content-type"] == "application/json;charset=UTF-8"
    assert headers["user-agent"].startswith("Java/")


@pytest.mark.parametrize(
    ("event", "results", "phases"),
    [
        pytest.param("queued", ["SUCCESS"], ["QUEUED"], id="queued"),
        pytest.param("started", ["SUCCESS"], ["STARTED"], id="started"),
        pytest.param("completed", ["FAILURE"], ["COMPLETED"], id="completed"),
        pytest.param("finalized", ["ABORTED"], ["FINALIZED"], id="finalized"),
        pytest.param("failed", ["SUCCESS", "UNSTABLE", "ABORTED"], [], id="not failed"),
        pytest.param("failed", ["FAILURE"], ["FINALIZED"], id="failed"),
        pytest.param("failedAndFirstSuccess", ["SUCCESS"], [], id="first build succeeds"),
        pytest.param(
            "failedAndFirstSuccess",
            ["FAILURE", "ABORTED", "SUCCESS", "SUCCESS"],
            ["FINALIZED", "FINALIZED"],
            id="mended",
        ),
        pytest.param(
            "failedAndFirstSuccess", ["FAILURE", "UNSTABLE", "SUCCESS"], ["FINALIZED"], id="between"
        ),
        pytest.param("manual", ["FAILURE"], [], id="manual"),
    ],
)
def test_an_endpoint_hears_only_its_event(
    make, receiver: Receiver, event: str, results: list[str], phases: list[str]
):
    jenkins = make({"event": event})
    for result in results:
        run(jenkins, result=result)
    assert receiver.phases == phases


def test_started_shows_the_commit_of_the_build_before(make, receiver: Receiver):
    settings = {"parameters": [String("GIT_SHA1")], "git_url": "https://git.example/acme/app.git"}
    jenkins = make(settings=settings)
    run(jenkins, GIT_SHA1="a" * 40)
    run(jenkins, GIT_SHA1="b" * 40)
    scm = [json.loads(body)["build"]["scm"] for body in receiver.bodies]
    url = {"url": "https://git.example/acme/app.git"}
    nothing = {"changes": [], "culprits": []}
    first = {"branch": "detached", "commit": "a" * 40}
    second = {"branch": "detached", "commit": "b" * 40}
    assert scm[:2] == [url | nothing] * 2
    assert scm[2:4] == [url | first | nothing] * 2
    assert scm[4:6] == [url | first | nothing] * 2
    assert scm[6:8] == [url | second | nothing] * 2


def test_a_pipeline_never_says_what_it_built(make, receiver: Receiver):
    jenkins = make(settings={"kind": "pipeline", "git_url": "https://git.example/acme/app.git"})
    run(jenkins)
    assert {json.dumps(json.loads(body)["build"]["scm"]) for body in receiver.bodies} == {
        '{"changes": [], "culprits": []}'
    }


def test_a_branch_is_known_by_its_encoded_name_and_shown_by_its_own(make, receiver: Receiver):
    jenkins = make(job="repo", settings={"kind": "multibranch"})
    jenkins.add_branch("repo", "feature/x", commit="a" * 40)
    run(jenkins, "repo/feature%2Fx")
    # Its Jenkinsfile brings the endpoint, so the first build is heard of only at its end.
    assert receiver.phases == ["COMPLETED", "FINALIZED"]
    document = json.loads(receiver.bodies[0])
    assert (document["name"], document["display_name"]) == ("feature%2Fx", "feature/x")
    assert document["url"] == "job/repo/job/feature%252Fx/"
    run(jenkins, "repo/feature%2Fx")
    assert len(receiver.phases) == 6


@pytest.mark.parametrize(
    ("pattern", "heard"),
    [
        pytest.param(".*", True, id="any"),
        pytest.param("PR-\\d+", True, id="whole name"),
        pytest.param("PR", False, id="part of the name"),
    ],
)
def test_the_branch_filter_matches_the_whole_name(
    make, receiver: Receiver, pattern: str, heard: bool
):
    jenkins = make({"branch": pattern}, job="repo", settings={"kind": "multibranch"})
    jenkins.add_branch("repo", "PR-12", commit="a" * 40)
    run(jenkins, "repo/PR-12")
    assert bool(receiver.phases) is heard


def test_a_job_without_branches_is_skipped_by_any_real_filter(make, receiver: Receiver):
    jenkins = make({"branch": "main"})
    run(jenkins)
    assert receiver.phases == []


def test_the_last_lines_of_the_log_come_along(make, receiver: Receiver):
    jenkins = make({"loglines": 1, "event": "finalized"})
    run(jenkins)
    text = json.loads(receiver.bodies[0])["build"]["log"]
    assert text.startswith("[...truncated 0.0")
    assert text.endswith(" KB...]\nFinished: SUCCESS")


def test_the_whole_log_comes_along(make, receiver: Receiver):
    jenkins = make({"loglines": -1, "event": "finalized"})
    build = run(jenkins)
    assert json.loads(receiver.bodies[0])["build"]["log"] == build.log.decode()


@pytest.mark.parametrize("kind", ["freestyle", "pipeline"])
def test_the_log_shows_where_started_and_completed_went(make, receiver: Receiver, kind: str):
    jenkins = make(settings={"kind": kind})
    build = run(jenkins)
    assert build.log.decode().count(f"Notifying endpoint with url '{receiver.url}'") == 2


def test_a_secret_endpoint_shows_only_its_credentials_id(make, receiver: Receiver):
    jenkins = make({"credentials": "leeroy-url"})
    log = run(jenkins).log.decode()
    assert "Notifying endpoint with credentials id 'leeroy-url'" in log
    assert receiver.url not in log


@pytest.mark.parametrize("status", [200, 302, 308, 404, 413, 500, 503])
def test_any_status_counts_as_heard(make, receiver: Receiver, status: int):
    jenkins = make({"event": "started", "retries": 3})
    receiver.faults.add("POST", "/hear", status=status, headers={"Location": receiver.url})
    run(jenkins)
    assert len(receiver.calls) == 1
    assert jenkins.notifications.log[0].statuses == (status,)


def test_a_307_is_followed_with_the_same_post(make, receiver: Receiver):
    jenkins = make({"event": "started"})
    elsewhere = f"{receiver.server.url}/there?x=1"
    receiver.faults.add("POST", "/hear", status=307, headers={"Location": elsewhere})
    run(jenkins)
    assert [call.target for call in receiver.calls] == ["/hear", "/there?x=1"]
    assert receiver.bodies[0] == receiver.bodies[1]


def test_a_307_to_a_relative_place_is_a_failure(make, receiver: Receiver):
    jenkins = make({"event": "started"})
    receiver.faults.add("POST", "/hear", status=307, headers={"Location": "/there"})
    run(jenkins)
    assert jenkins.notifications.log[0].statuses == (None,)


def test_after_one_failure_all_retries_are_sent(make, receiver: Receiver):
    jenkins = make({"event": "started", "retries": 3})
    receiver.faults.add("POST", "/hear", drop=Drop.RESET, times=1)
    run(jenkins)
    assert jenkins.notifications.log[0].statuses == (None, 204, 204, 204)
    assert len({bytes(body) for body in receiver.bodies}) == 1


def test_a_receiver_that_is_not_there_costs_the_build_nothing_but_time(tmp_path: Path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        with Jenkins(tmp_path, auto=False) as jenkins:
            jenkins.add_job("app", endpoints=[Endpoint(url, retries=1)])
            assert run(jenkins, "app").result == "SUCCESS"
            assert [m.statuses for m in jenkins.notifications.log] == [(None, None)] * 4


def test_a_slow_receiver_holds_the_build_up_until_the_timeout(make, receiver: Receiver):
    jenkins = make({"event": "started", "timeout": 100})
    receiver.faults.add("POST", "/hear", drop=Drop.TIMEOUT)
    before = time.monotonic()
    run(jenkins)
    assert 0.1 <= time.monotonic() - before < 2
    assert jenkins.notifications.log[0].statuses == (None,)


def test_userinfo_becomes_basic_auth_undecoded(make, receiver: Receiver):
    jenkins = make()
    url = receiver.url.replace("http://", "http://bot:p%40x@")
    jenkins.add_job("authed", endpoints=[Endpoint(url, event="started")])
    run(jenkins, "authed")
    kind, _, secret = next(iter(receiver.calls)).headers["authorization"].partition(" ")
    assert (kind, base64.b64decode(secret)) == ("Basic", b"bot:p%40x")


def test_variables_in_the_address_are_filled_in_unescaped(make, receiver: Receiver):
    jenkins = make()
    jenkins.add_job(
        "addressed",
        parameters=[String("ID")],
        endpoints=[
            Endpoint(f"{receiver.url}?id=${{ID}}&job=$JOB_NAME", event="started"),
            Endpoint(f"{receiver.url}?id=$UNKNOWN", event="started"),
        ],
    )
    run(jenkins, "addressed", ID="a&b")
    assert [call.query for call in receiver.calls] == ["id=a&b&job=addressed"]


@pytest.mark.parametrize(
    ("version", "phases", "absent", "content_type"),
    [
        pytest.param(
            "1.4",
            ["STARTED", "COMPLETED", "FINISHED"],
            {"queue_id", "timestamp", "duration", "log", "display_name"},
            "application/x-www-form-urlencoded",
            id="1.4",
        ),
        pytest.param(
            "1.5",
            ["STARTED", "COMPLETED", "FINISHED"],
            {"queue_id", "timestamp", "duration", "log"},
            "application/json;charset=UTF-8",
            id="1.5",
        ),
        pytest.param(
            "1.11",
            ["STARTED", "COMPLETED", "FINALIZED"],
            {"timestamp", "duration", "display_name"},
            "application/json;charset=UTF-8",
            id="1.11",
        ),
        pytest.param(
            "1.13",
            ["QUEUED", "STARTED", "COMPLETED", "FINALIZED"],
            {"duration", "display_name"},
            "application/json;charset=UTF-8",
            id="1.13",
        ),
    ],
)
def test_older_plugins_say_less(
    make, receiver: Receiver, version: str, phases: list[str], absent: set[str], content_type: str
):
    jenkins = make(notification_version=version)
    run(jenkins)
    assert receiver.phases == phases
    everything = {"queue_id", "timestamp", "duration", "log", "display_name"}
    build = json.loads(receiver.bodies[-1])["build"]
    assert everything - set(build) == absent
    assert next(iter(receiver.calls)).headers["content-type"] == content_type


def test_xml_has_camel_case_and_entries(make, receiver: Receiver):
    jenkins = make({"format": Format.XML}, settings={"parameters": [String("A")]})
    run(jenkins, A="1 < 2")
    last = list(receiver.calls)[-1]
    assert last.headers["content-type"] == "application/xml;charset=UTF-8"
    assert last.body.startswith(b"<job><name>app</name><displayName>app</displayName>")
    build = ElementTree.fromstring(last.body).find("build")
    assert build.findtext("queueId") == "1"
    entry = build.find("parameters/entry")
    assert [string.text for string in entry] == ["A", "1 < 2"]


def test_held_notifications_are_released_in_any_order(make, receiver: Receiver):
    jenkins = make()
    jenkins.hold_notifications()
    run(jenkins)
    assert receiver.phases == []
    assert jenkins.notifications.release(order=reversed) == 4
    assert receiver.phases == ["FINALIZED", "COMPLETED", "STARTED", "QUEUED"]
    run(jenkins)
    assert len(receiver.phases) == 8


def test_notifications_can_be_lost_and_repeated(make, receiver: Receiver):
    jenkins = make()
    jenkins.notifications.lose(lambda message: message.phase is Phase.COMPLETED)
    jenkins.notifications.repeat(2, lambda message: message.phase is Phase.FINALIZED)
    run(jenkins)
    assert receiver.phases == ["QUEUED", "STARTED", "FINALIZED", "FINALIZED"]
    assert [message.lost for message in jenkins.notifications.log] == [False] * 2 + [True] + (
        [False] * 2
    )
    jenkins.notifications.behave()
    run(jenkins)
    assert receiver.phases[4:] == ["QUEUED", "STARTED", "COMPLETED", "FINALIZED"]


def test_a_restart_aborts_without_a_word_and_a_pipeline_goes_on(make, receiver: Receiver):
    jenkins = make(settings={"kind": "freestyle"})
    jenkins.add_job("flow", kind="pipeline", endpoints=[Endpoint(receiver.url)])
    for job in ("ci/app", "flow"):
        jenkins.start_by_hand(job)
        jenkins.start_next(job)
    receiver.calls.clear()
    jenkins.restart()
    jenkins.finish("ci/app", 1, "SUCCESS")
    assert receiver.phases == []
    jenkins.finish("flow", 1, "SUCCESS")
    assert receiver.phases == ["COMPLETED", "FINALIZED"]


def test_kill_is_notified_before_it_is_answered(tmp_path: Path, receiver: Receiver):
    """So a Leeroy that waits for the answer in its only thread waits for itself."""
    release = threading.Event()
    with Jenkins(tmp_path, quiet_period=0) as jenkins:
        job = jenkins.add_job(
            "flow",
            kind="pipeline",
            endpoints=[Endpoint(receiver.url)],
            result=lambda build: release.wait(5) and "SUCCESS",
        )
        jenkins.start_by_hand("flow")
        with jenkins.lock:
            assert jenkins.lock.wait_for(lambda: job.declared, 5)
        jenkins.kill(jenkins.build("flow", 1))
        assert receiver.phases == ["QUEUED", "STARTED", "COMPLETED", "FINALIZED"]
        release.set()
        jenkins.wait_idle()
        assert len(receiver.phases) == 4
