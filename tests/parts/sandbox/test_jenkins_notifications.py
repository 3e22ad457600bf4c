"""The sandbox Jenkins' notifications: what is said when, to the byte."""

import json
from xml.etree import ElementTree

import pytest

from leeroy_sandbox.jenkins import (
    Boolean,
    Format,
    Password,
    String,
    TestReport,
)
from tests.parts.sandbox.jenkins_receiver import Receiver, make, receiver, run

__all__ = ["make", "receiver"]  # fixtures


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
