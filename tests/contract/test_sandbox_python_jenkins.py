"""python-jenkins 1.8.3 against the sandbox Jenkins does what it does against the real one.

What it sends and which exceptions come out was measured; these tests hold the sandbox to it, so
that what is built on python-jenkins meets its true oddities here.
"""

import re
from pathlib import Path

import jenkins as python_jenkins
import pytest
import requests

from leeroy_sandbox.faults import Drop
from leeroy_sandbox.jenkins import EVERYTHING, Jenkins, String
from leeroy_sandbox.server import Server
from tests.waiting import PATIENCE

TOKEN = "11" + "a" * 32


@pytest.fixture
def jenkins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Jenkins(tmp_path, auto=False) as jenkins:
        jenkins.add_user("leeroy", token=TOKEN, password="pass word", permissions=EVERYTHING)
        jenkins.add_job("a/b/my job", parameters=[String("P")], token="sesame")
        jenkins.add_job("plain")
        jenkins.add_job("off", disabled=True)
        yield jenkins


@pytest.fixture
def url(jenkins: Jenkins):
    with Server(jenkins.wsgi) as server:
        yield server.url
        jenkins.faults.clear()


@pytest.fixture
def client(jenkins: Jenkins, url: str):
    client = python_jenkins.Jenkins(url, "leeroy", TOKEN, timeout=PATIENCE)
    client.get_whoami()
    jenkins.calls.clear()
    yield client
    client._session.close()


def start(jenkins: Jenkins, job: str) -> int:
    jenkins.start_by_hand(job)
    return jenkins.start_next(job).number


JOB = "/job/a/job/b/job/my job"


@pytest.mark.parametrize(
    ("act", "sent"),
    [
        pytest.param(lambda c: c.build_job("plain"), ["POST /job/plain/build"], id="build"),
        pytest.param(lambda c: c.build_job("plain", {}), ["POST /job/plain/build"], id="empty"),
        pytest.param(
            lambda c: c.build_job("a/b/my job", {"P": "x&y"}),
            [f"POST {JOB}/buildWithParameters?P=x%26y"],
            id="parameters",
        ),
        pytest.param(
            lambda c: c.build_job("a/b/my job", {"P": "1"}, token="sesame"),
            [f"POST {JOB}/buildWithParameters?P=1&token=sesame"],
            id="token",
        ),
        pytest.param(
            lambda c: c.get_queue_info(), ["GET /queue/api/json?depth=0"], id="queue info"
        ),
        pytest.param(
            lambda c: c.get_job_info("plain"), ["GET /job/plain/api/json?depth=0"], id="job info"
        ),
        pytest.param(
            lambda c: c.job_exists("plain"), ["GET /job/plain/api/json?tree=name"], id="job exists"
        ),
        pytest.param(lambda c: c.get_info(), ["GET /api/json"], id="info"),
        pytest.param(lambda c: c.get_whoami(), ["GET /me/api/json?depth=0"], id="who am I"),
        pytest.param(lambda c: c.get_version(), ["GET /"], id="version"),
    ],
)
def test_the_requests_are_those_that_were_measured(client, jenkins: Jenkins, act, sent):
    act(client)
    assert [f"{call.method} {call.target}" for call in jenkins.calls] == sent


def test_the_requests_about_a_build_are_those_that_were_measured(client, jenkins: Jenkins):
    start(jenkins, "plain")
    client.get_build_info("plain", 1)
    client.get_build_console_output("plain", 1)
    client.get_queue_item(1)
    client.stop_build("plain", 1)
    client.delete_build("plain", 1)
    assert [f"{call.method} {call.target}" for call in jenkins.calls] == [
        "GET /job/plain/1/api/json?depth=0",
        "GET /job/plain/1/consoleText",
        "GET /queue/item/1/api/json?depth=0",
        "POST /job/plain/1/stop",
        "GET /job/plain/1/",
        "POST /job/plain/1/doDelete",
        "GET /job/plain/",
    ]


def test_the_crumb_is_fetched_once_and_sent_with_everything(jenkins: Jenkins, url: str):
    client = python_jenkins.Jenkins(url, "leeroy", "pass word", timeout=PATIENCE)
    client.build_job("plain")
    client.get_job_info("plain")
    assert [call.path for call in jenkins.calls] == [
        "/crumbIssuer/api/json",
        "/job/plain/build",
        "/job/plain/api/json",
    ]
    assert all("jenkins-crumb" in call.headers for call in list(jenkins.calls)[1:])
    client._session.close()


def test_a_password_client_is_broken_for_good_by_a_restart(jenkins: Jenkins, url: str):
    client = python_jenkins.Jenkins(url, "leeroy", "pass word", timeout=PATIENCE)
    client.build_job("plain")
    jenkins.restart()
    for _ in range(2):
        with pytest.raises(
            python_jenkins.JenkinsException, match=r"\[403\].*(?s:.)*No valid crumb"
        ):
            client.build_job("plain")
    client.crumb = None
    assert client.build_job("plain") == 1
    client._session.close()


def test_a_token_client_does_not_notice_a_restart(client, jenkins: Jenkins):
    client.build_job("plain")
    jenkins.restart()
    assert client.build_job("plain") == 1  # the same item, kept over the restart


def test_build_job_returns_the_queue_id(client, jenkins: Jenkins):
    assert client.build_job("a/b/my job", {"P": "1", "delay": "0sec"}) == 1
    assert client.build_job("a/b/my job", {"P": "2"}) == 2
    assert client.build_job("plain") == 3
    assert client.build_job("plain") == 3
    assert client.get_queue_item(1)["task"]["name"] == "my job"
    assert [item["id"] for item in client.get_queue_info()] == [3, 2, 1]


@pytest.mark.parametrize(
    ("version", "exception"),
    [
        pytest.param("2.568.2", python_jenkins.EmptyResponseException, id="the item has a page"),
        pytest.param("2.400", python_jenkins.NotFoundException, id="the item has no page"),
    ],
)
def test_a_merged_trigger_raises_although_it_is_queued(tmp_path: Path, version: str, exception):
    with Jenkins(tmp_path, auto=False, version=version) as jenkins, Server(jenkins.wsgi) as server:
        jenkins.add_user("leeroy", token=TOKEN)
        jenkins.add_job("app", parameters=[String("P")])
        client = python_jenkins.Jenkins(server.url, "leeroy", TOKEN, timeout=PATIENCE)
        client.build_job("app", {"P": "1"})
        with pytest.raises(exception):
            client.build_job("app", {"P": "1"})
        assert len(jenkins.queue()[0].causes) == 2
        client._session.close()


@pytest.mark.parametrize(
    ("job", "parameters", "exception"),
    [
        pytest.param("nowhere", None, python_jenkins.NotFoundException, id="404"),
        pytest.param("off", None, requests.HTTPError, id="409"),
        pytest.param("plain", {"P": "1"}, requests.HTTPError, id="400 not parameterized"),
        pytest.param("a/b/my job", None, requests.HTTPError, id="400 parameterized"),
        pytest.param("a/b", None, python_jenkins.NotFoundException, id="a folder"),
        pytest.param(
            "a/b/my job", [("P", "1"), ("P", "2")], python_jenkins.JenkinsException, id="500"
        ),
    ],
)
def test_a_refused_trigger_raises_what_was_measured(client, job: str, parameters, exception):
    with pytest.raises(exception) as raised:
        client.build_job(job, parameters)
    assert raised.type is exception


def test_a_multibranch_project_cannot_be_triggered(client, jenkins: Jenkins):
    jenkins.add_job("repo", kind="multibranch")
    with pytest.raises(python_jenkins.EmptyResponseException):
        client.build_job("repo")
    assert jenkins.indexings == ["repo"]


def test_a_branch_job_is_named_by_its_jenkins_name(client, jenkins: Jenkins):
    jenkins.add_job("repo", kind="multibranch")
    jenkins.add_branch("repo", "feature/x", commit="a" * 40)
    assert client.build_job("repo/feature%2Fx") == 1
    assert jenkins.calls.matching("POST", re.escape("/job/repo/job/feature%2Fx/build"))


GETTERS = {
    "get_queue_item": lambda c: c.get_queue_item(99),
    "get_build_info": lambda c: c.get_build_info("plain", 99),
    "get_job_info": lambda c: c.get_job_info("nowhere"),
    "get_build_console_output": lambda c: c.get_build_console_output("plain", 99),
}


@pytest.mark.parametrize("getter", GETTERS.values(), ids=GETTERS)
def test_a_getter_says_does_not_exist_for_404(client, getter):
    with pytest.raises(python_jenkins.JenkinsException, match="does not exist") as raised:
        getter(client)
    assert isinstance(raised.value.__context__, python_jenkins.NotFoundException)


@pytest.mark.parametrize("getter", GETTERS.values(), ids=GETTERS)
def test_a_getter_says_does_not_exist_for_503_too(client, jenkins: Jenkins, getter):
    jenkins.down = True
    with pytest.raises(python_jenkins.JenkinsException, match="does not exist") as raised:
        getter(client)
    assert raised.value.__context__.response.status_code == 503


@pytest.mark.parametrize("getter", GETTERS.values(), ids=GETTERS)
@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_getter_guesses_at_authentication(client, jenkins: Jenkins, getter, status: int):
    jenkins.faults.add("GET", ".*", status=status)
    with pytest.raises(python_jenkins.JenkinsException, match=rf"authentication failed \[{status}"):
        getter(client)


@pytest.mark.parametrize(
    ("drop", "exception"),
    [
        pytest.param(Drop.TIMEOUT, python_jenkins.TimeoutException, id="timeout"),
        pytest.param(Drop.RESET, requests.ConnectionError, id="reset"),
        pytest.param(Drop.AFTER, requests.ConnectionError, id="answer lost"),
    ],
)
def test_a_lost_answer_raises_what_was_measured(client, jenkins: Jenkins, drop: Drop, exception):
    client.timeout = 0.2
    jenkins.faults.add("POST", ".*/build", drop=drop)
    with pytest.raises(exception):
        client.build_job("plain")
    assert len(jenkins.queue()) == (drop is Drop.AFTER)


def test_a_503_to_a_trigger_is_a_raw_error(client, jenkins: Jenkins):
    jenkins.down = True
    with pytest.raises(requests.HTTPError) as raised:
        client.build_job("plain")
    assert raised.value.response.status_code == 503


def test_cancelling_swallows_404_and_shows_500(client, jenkins: Jenkins):
    client.build_job("plain")
    assert client.cancel_queue(1) is None
    assert jenkins.queue() == []
    assert client.cancel_queue(99) is None
    with pytest.raises(python_jenkins.JenkinsException, match=r"\[500\]"):
        client.cancel_queue(1)


def test_a_job_exists_or_not_or_is_called_otherwise(client):
    assert client.job_exists("plain") is True
    assert client.job_exists("nowhere") is None
    with pytest.raises(python_jenkins.JenkinsException, match="unexpected job name plain"):
        client.job_exists("PLAIN")


def test_who_am_i_and_which_version(client, url: str):
    assert client.get_whoami()["id"] == "leeroy"
    assert client.get_version() == "2.568.2"
    anonymous = python_jenkins.Jenkins(url, timeout=PATIENCE)
    with pytest.raises(python_jenkins.BadHTTPException):
        anonymous.get_version()


def test_all_builds_of_a_long_history_can_be_had(client, jenkins: Jenkins):
    for _ in range(103):
        jenkins.finish("plain", start(jenkins, "plain"), "SUCCESS")
    assert len(client.get_job_info("plain")["builds"]) == 100
    assert len(client.get_job_info("plain", fetch_all_builds=True)["builds"]) == 103


def test_all_jobs_are_found_through_their_folders(client):
    names = {job["fullname"] for job in client.get_all_jobs()}
    assert names == {"a", "a/b", "a/b/my job", "plain", "off"}
