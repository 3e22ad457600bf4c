"""Triggering the sandbox Jenkins: what is checked in which order, and what each answer is."""

import json
from pathlib import Path

import pytest
from werkzeug.test import Client

from leeroy_sandbox.jenkins import (
    Boolean,
    Choice,
    Item,
    Jenkins,
    Password,
    Permission,
    State,
    String,
)

TOKEN = "11" + "a" * 32
READER = "11" + "b" * 32
BUILD = "/job/ci/job/app/buildWithParameters"


@pytest.fixture
def jenkins(tmp_path: Path):
    with Jenkins(tmp_path, auto=False, clock=lambda: 1_790_000_000.0) as jenkins:
        jenkins.add_user("leeroy", token=TOKEN)
        jenkins.add_user(
            "reader", token=READER, permissions={Permission.OVERALL_READ, Permission.READ}
        )
        jenkins.add_job("ci/app", parameters=[String("A", default="x"), Boolean("B")])
        jenkins.add_job("plain")
        jenkins.add_job("guarded", token="sesame")
        jenkins.add_job("off", parameters=[String("A")], disabled=True)
        yield jenkins


@pytest.fixture
def http(jenkins: Jenkins) -> Client:
    return Client(jenkins.wsgi)


def send(http: Client, method: str, path: str, *, token: str | None = TOKEN, **kwargs):
    user = {TOKEN: "leeroy", READER: "reader"}.get(token or "", "leeroy")
    auth = (user, token) if token else None
    return http.open(path, method=method, auth=auth, **kwargs)


def values(item: Item) -> dict[str, object]:
    return {value.name: value.value for value in item.parameters}


@pytest.mark.parametrize(
    ("method", "path", "token", "status", "said"),
    [
        pytest.param("POST", "/job/nowhere/build", "wrong", 401, "401", id="401 first"),
        pytest.param("POST", "/job/nowhere/build", TOKEN, 404, "Oops!", id="unknown job"),
        pytest.param("POST", "/job/off/build", READER, 409, "off is not buildable", id="409 first"),
        pytest.param("POST", f"{BUILD}?A=1", READER, 403, "Job/Build permission", id="may not"),
        pytest.param(
            "POST", "/job/off/buildWithParameters", READER, 403, "Job/Build", id="403 before 409"
        ),
        pytest.param(
            "POST", "/job/off/buildWithParameters", TOKEN, 409, "off is not buildable", id="off"
        ),
        pytest.param("GET", "/job/plain/build", TOKEN, 405, "requires POST", id="GET"),
        pytest.param("GET", BUILD, TOKEN, 405, "requires POST", id="GET with parameters"),
        pytest.param("GET", "/job/ci/job/app/build", TOKEN, 405, "<form", id="GET shows the form"),
        pytest.param(
            "POST", "/job/ci/job/app/build", TOKEN, 400, "Nothing is submitted", id="no parameters"
        ),
        pytest.param(
            "POST", "/job/ci/job/app/build?A=1", TOKEN, 400, "expects a form", id="not a form"
        ),
        pytest.param(
            "POST",
            "/job/plain/buildWithParameters",
            TOKEN,
            400,
            "plain is not parameterized",
            id="not parameterized",
        ),
        pytest.param(
            "POST", "/job/guarded/build?token=no", TOKEN, 403, "Invalid token", id="wrong token"
        ),
        pytest.param("POST", f"{BUILD}?delay=soon", TOKEN, 500, "Oops!", id="odd delay"),
        pytest.param("POST", f"{BUILD}?A=1&A=2", TOKEN, 500, "Oops!", id="a name twice"),
        pytest.param("POST", "/job/ci/build", TOKEN, 404, "Oops!", id="a folder"),
        pytest.param("POST", "/job/a;b/build", TOKEN, 400, "Semicolons", id="semicolon"),
    ],
)
def test_a_trigger_is_refused_for_the_first_reason_in_jenkins_order(
    http: Client, method: str, path: str, token: str, status: int, said: str
):
    answer = send(http, method, path, token=token)
    assert answer.status_code == status
    assert said in answer.text


def test_a_queued_build_is_a_bare_201_with_a_location_from_the_request(http: Client):
    answer = send(http, "POST", f"{BUILD}?A=1", base_url="http://10.0.0.1:8080")
    assert answer.status_code == 201
    assert answer.headers["Location"] == "http://10.0.0.1:8080/queue/item/1/"
    assert answer.data == b""
    assert "X-Jenkins" not in answer.headers
    assert "Content-Type" not in answer.headers


def test_a_proxy_decides_what_the_location_says(http: Client):
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "ci.example"}
    answer = send(http, "POST", f"{BUILD}?A=1", headers=forwarded)
    assert answer.headers["Location"] == "https://ci.example/queue/item/1/"


@pytest.mark.parametrize(
    ("query", "form", "expected"),
    [
        pytest.param("", {}, {"A": "x", "B": False}, id="all may be missing"),
        pytest.param("A=1&C=2", {}, {"A": "1", "B": False}, id="unknown names are ignored"),
        pytest.param("a=1", {}, {"A": "x", "B": False}, id="case counts"),
        pytest.param("B=TRUE", {}, {"A": "x", "B": True}, id="true in any case"),
        pytest.param("B=1", {}, {"A": "x", "B": False}, id="1 is not true"),
        pytest.param("B=on", {}, {"A": "x", "B": False}, id="on is not true"),
        pytest.param("", {"A": "f", "B": "true"}, {"A": "f", "B": True}, id="from the form"),
        pytest.param("A=q", {"B": "true"}, {"A": "q", "B": True}, id="from both"),
        pytest.param("A=%26x%3D%C3%A9", {}, {"A": "&x=é", "B": False}, id="encoded"),
        pytest.param("A=", {}, {"A": "", "B": False}, id="empty is not missing"),
    ],
)
def test_only_what_the_job_defines_is_read(
    jenkins: Jenkins, http: Client, query: str, form: dict[str, str], expected: dict[str, object]
):
    assert send(http, "POST", f"{BUILD}?{query}", data=form).status_code == 201
    assert values(jenkins.queue()[0]) == expected


def test_a_choice_must_be_one_of_the_choices(jenkins: Jenkins, http: Client):
    jenkins.add_job("choosy", parameters=[Choice("C", choices=("one", "two"))])
    assert send(http, "POST", "/job/choosy/buildWithParameters?C=three").status_code == 500
    assert send(http, "POST", "/job/choosy/buildWithParameters").status_code == 201
    assert values(jenkins.queue()[0]) == {"C": "one"}


def test_the_form_of_the_browser_is_understood(jenkins: Jenkins, http: Client):
    form = {"parameter": [{"name": "A", "value": "1"}, {"name": "B", "value": True}]}
    path = "/job/ci/job/app/build"
    assert send(http, "POST", path, data={"json": json.dumps(form)}).status_code == 201
    assert values(jenkins.queue()[0]) == {"A": "1", "B": True}
    merged = send(http, "POST", path, data={"json": json.dumps(form)})
    assert (merged.status_code, merged.headers["Location"]) == (
        302,
        "/job/ci/job/app/",
    )
    unknown = {"parameter": {"name": "Z", "value": "1"}}
    assert send(http, "POST", path, data={"json": json.dumps(unknown)}).status_code == 500


def test_equal_parameters_are_one_queue_item(jenkins: Jenkins, http: Client):
    first = send(http, "POST", f"{BUILD}?A=1")
    second = send(http, "POST", f"{BUILD}?A=1&B=no")
    other = send(http, "POST", f"{BUILD}?A=2")
    assert [a.status_code for a in (first, second, other)] == [201, 303, 201]
    assert second.headers["Location"] == first.headers["Location"]
    assert [len(item.causes) for item in jenkins.queue()] == [2, 1]


def test_a_job_without_parameters_merges_and_still_says_201(jenkins: Jenkins, http: Client):
    answers = [send(http, "POST", "/job/plain/build") for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]


def test_passwords_merge_whatever_they_are(jenkins: Jenkins, http: Client):
    jenkins.add_job("secret", parameters=[Password("P")])
    codes = [send(http, "POST", f"/job/secret/buildWithParameters?P={p}").status_code for p in "ab"]
    assert codes == [201, 303]
    item = send(http, "GET", "/queue/item/1/api/json").json
    assert item["actions"][0]["parameters"] == [
        {"_class": "hudson.model.PasswordParameterValue", "name": "P"}
    ]
    assert item["params"] == "\nP=****"


@pytest.mark.parametrize("state", [State.WAITING, State.BLOCKED, State.BUILDABLE])
def test_an_item_merges_until_an_executor_is_chosen(jenkins: Jenkins, http: Client, state: State):
    jenkins.jobs.get("ci/app").concurrent = state is not State.BLOCKED
    if state is State.BLOCKED:
        send(http, "POST", f"{BUILD}?A=first")
        jenkins.start_next()
    number = int(send(http, "POST", f"{BUILD}?A=1").headers["Location"].split("/")[-2])
    if state is not State.WAITING:
        jenkins.advance(number)
    assert jenkins.items.find(number).state is state
    assert send(http, "POST", f"{BUILD}?A=1").status_code == 303


def test_a_pending_or_running_build_does_not_merge(jenkins: Jenkins, http: Client):
    send(http, "POST", f"{BUILD}?A=1")
    jenkins.advance(1)
    jenkins.advance(1)
    assert jenkins.items.find(1).state is State.PENDING
    assert send(http, "POST", f"{BUILD}?A=1").headers["Location"].endswith("/queue/item/2/")
    assert jenkins.start_next().queue_id == 1
    assert send(http, "POST", f"{BUILD}?A=1").status_code == 303  # with item 2, not the build


@pytest.mark.parametrize(
    ("version", "merged", "not_parameterized", "queue_item_page", "cancel"),
    [
        pytest.param("2.568.2", 303, 400, 200, 204, id="now"),
        pytest.param("2.500", 303, 500, 200, 204, id="2.500"),
        pytest.param("2.400", 303, 500, 404, 204, id="2.400"),
        pytest.param("2.300", 201, 500, 404, 204, id="2.300"),
        pytest.param("2.200", 201, 500, 404, 302, id="2.200"),
    ],
)
def test_older_versions_answer_as_they_did(
    tmp_path: Path,
    version: str,
    merged: int,
    not_parameterized: int,
    queue_item_page: int,
    cancel: int,
):
    with Jenkins(tmp_path, auto=False, version=version) as jenkins:
        jenkins.add_user("leeroy", token=TOKEN)
        jenkins.add_job("app", parameters=[String("A")])
        jenkins.add_job("plain")
        http = Client(jenkins.wsgi)
        send(http, "POST", "/job/app/buildWithParameters")
        assert send(http, "POST", "/job/app/buildWithParameters").status_code == merged
        refused = send(http, "POST", "/job/plain/buildWithParameters")
        assert refused.status_code == not_parameterized
        assert send(http, "GET", "/queue/item/1/").status_code == queue_item_page
        assert send(http, "POST", "/queue/cancelItem?id=1").status_code == cancel


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        pytest.param("", 5, id="quiet period"),
        pytest.param("delay=0sec", 0, id="0sec"),
        pytest.param("delay=10secs", 10, id="secs"),
        pytest.param("delay=10", 0, id="milliseconds, cut to seconds"),
        pytest.param("delay=3000", 3, id="milliseconds"),
    ],
)
def test_a_delay_is_in_milliseconds_unless_it_says_seconds(
    jenkins: Jenkins, http: Client, query: str, seconds: int
):
    send(http, "POST", f"{BUILD}?{query}")
    item = next(iter(jenkins.items))
    assert item.due - item.since == seconds


def test_the_earlier_time_wins_when_requests_merge(jenkins: Jenkins, http: Client):
    send(http, "POST", f"{BUILD}?A=1&delay=60sec")
    send(http, "POST", f"{BUILD}?A=1&delay=0sec")
    assert [item.state for item in jenkins.queue()] == [State.BUILDABLE]


def test_a_token_stands_for_the_permission_and_makes_get_build(jenkins: Jenkins, http: Client):
    answer = send(http, "GET", "/job/guarded/build?token=sesame&cause=push", token=READER)
    assert answer.status_code == 201
    assert jenkins.queue()[0].causes[0].description.endswith("with note: push")


def test_a_token_does_not_stand_for_read(http: Client):
    answer = send(http, "GET", "/job/guarded/build?token=sesame", token=None)
    assert answer.status_code == 403
    assert "Authentication required" in answer.text


def test_a_queue_decision_handler_sends_back_to_the_job(jenkins: Jenkins, http: Client):
    jenkins.refuses = lambda job: job.name == "app"
    answer = send(http, "POST", f"{BUILD}?A=1")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/job/ci/job/app/",
    )
    assert not jenkins.queue()


def test_names_are_found_in_any_case_and_shown_in_their_own(http: Client):
    assert send(http, "GET", "/job/CI/job/App/api/json?tree=name").json["name"] == "app"


def test_too_long_an_address_is_not_read(http: Client):
    assert send(http, "POST", f"{BUILD}?A={'x' * 8200}").status_code == 414


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("build?job=guarded&token=sesame", 201, id="built"),
        pytest.param("build?job=guarded&token=no", 403, id="wrong token"),
        pytest.param("build?job=plain&token=sesame", 404, id="job without token"),
        pytest.param("build?job=nowhere&token=sesame", 404, id="unknown job"),
        pytest.param("buildWithParameters?job=guarded&token=sesame", 400, id="wrong kind"),
    ],
)
def test_build_by_token_needs_nothing_but_the_token(http: Client, query: str, status: int):
    answer = send(http, "POST", f"/buildByToken/{query}", token=None)
    assert answer.status_code == status
    if status == 201:
        assert answer.headers["Location"] == "/queue/item/1/"
        merged = send(http, "GET", f"/buildByToken/{query}", token=None)
        assert merged.status_code == 303


def test_a_pipeline_takes_parameters_only_after_its_first_build(jenkins: Jenkins, http: Client):
    jenkins.add_job("flow", kind="pipeline", parameters=[String("A")], jenkinsfile=True)
    assert send(http, "POST", "/job/flow/buildWithParameters?A=1").status_code == 400
    assert send(http, "POST", "/job/flow/build").status_code == 201
    jenkins.finish("flow", jenkins.start_next().number)
    assert send(http, "POST", "/job/flow/buildWithParameters?A=1").status_code == 201
