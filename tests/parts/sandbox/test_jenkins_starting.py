"""The sandbox Jenkins starts as a real one: in stages, each with other wrong answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from leeroy_sandbox.jenkins import EVERYTHING, Jenkins, Stage, Start, State, String

TOKEN = ("leeroy", "11" + "a" * 32)


class Clock:
    """Time that goes on when told to."""

    now = 1000.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jenkins(tmp_path: Path, clock: Clock) -> Iterator[Jenkins]:
    with Jenkins(tmp_path, auto=False, clock=lambda: clock.now, version="2.579") as jenkins:
        jenkins.add_user("leeroy", token=TOKEN[1])
        jenkins.add_job("app", parameters=[String("A")])
        yield jenkins


@pytest.fixture
def http(jenkins: Jenkins) -> Client:
    return Client(jenkins.wsgi)


def asked(http: Client) -> tuple[int, int, int]:
    """What a read, a trigger, and a stranger at the login are answered."""
    return (
        http.get("/job/app/api/json", auth=TOKEN).status_code,
        http.post("/job/app/buildWithParameters?A=1", auth=TOKEN).status_code,
        http.get("/login").status_code,
    )


@pytest.mark.parametrize(
    ("stage", "answers"),
    [
        (Stage.WEB_APP, (503, 500, 503)),
        (Stage.EXTENSIONS, (503, 500, 503)),
        (Stage.JOBS, (401, 401, 503)),
        (Stage.USERS, (503, 503, 503)),
        (Stage.UP, (200, 201, 200)),
    ],
)
def test_each_stage_has_its_own_answers(jenkins: Jenkins, http: Client, stage, answers):
    jenkins.stage = stage
    assert jenkins.stage is stage
    assert asked(http) == answers
    assert len(jenkins.queue()) == (stage is Stage.UP)


def test_a_start_goes_through_its_stages_in_the_time_it_is_given(jenkins, http, clock):
    jenkins.restart(start=Start(web_app=1, extensions=1, jobs=3, users=1))
    seen: list[tuple[int, int, int]] = []
    for _ in range(7):
        seen.append(asked(http))
        clock.now += 1
    assert seen == [(503, 500, 503)] * 2 + [(401, 401, 503)] * 3 + [(503,) * 3, (200, 201, 200)]


def test_a_start_of_so_many_seconds_has_all_stages(jenkins, http, clock):
    jenkins.restart(start=10)
    stages = set()
    for _ in range(100):
        stages.add(jenkins.stage)
        clock.now += 0.1
    assert stages == set(Stage) - {Stage.UP}
    clock.now += 0.1
    assert jenkins.stage is Stage.UP


def page(http: Client, stage: Stage, jenkins: Jenkins) -> TestResponse:
    jenkins.stage = stage
    return http.post("/job/app/buildWithParameters", auth=TOKEN)


def test_the_pages_of_a_start_are_told_apart_by_their_headers(jenkins, http):
    plain = page(http, Stage.WEB_APP, jenkins)
    assert plain.content_type.startswith("text/plain")
    assert "X-Jenkins" not in plain.headers
    oops = page(http, Stage.EXTENSIONS, jenkins)
    assert oops.headers["X-Jenkins"] == "2.579"
    assert "A problem occurred" in oops.text
    assert "Logging ID=" in oops.text
    refused = page(http, Stage.JOBS, jenkins)
    assert refused.headers["WWW-Authenticate"] == 'Basic realm="Jenkins", charset="UTF-8"'
    assert refused.headers["Cache-Control"] == "must-revalidate,no-cache,no-store"
    starting = page(http, Stage.USERS, jenkins)
    assert starting.headers["Cache-Control"] == "no-cache,no-store,must-revalidate"
    assert "Retry-After" not in starting.headers


def test_whoever_shows_no_credentials_is_told_503_while_good_ones_are_refused(jenkins, http):
    jenkins.stage = Stage.JOBS
    assert http.get("/job/app/api/json").status_code == 503
    assert http.get("/login").status_code == 503


def test_nothing_is_built_before_it_is_up(tmp_path: Path):
    with Jenkins(tmp_path, quiet_period=0.0) as jenkins:
        jenkins.add_job("app")
        jenkins.stage = Stage.JOBS
        jenkins.start_by_hand("app")
        with pytest.raises(TimeoutError):
            jenkins.wait_idle(0.2)
        assert not jenkins.builds("app")
        jenkins.stage = Stage.UP
        jenkins.wait_idle(10)
        assert len(jenkins.builds("app")) == 1


def test_what_was_queued_is_built_once_the_start_is_over(tmp_path: Path):
    with Jenkins(tmp_path, quiet_period=0.0, executors=0) as jenkins:
        jenkins.add_job("app")
        jenkins.start_by_hand("app")
        jenkins.restart(start=0.3)
        jenkins.executors = 1
        assert jenkins.queue()[0].id == 1
        jenkins.wait_idle(10)
        assert [build.queue_id for build in jenkins.builds("app")] == [1]


def test_reading_everything_again_is_nothing_but_503(jenkins: Jenkins, http: Client, clock: Clock):
    assert http.post("/reload", auth=TOKEN).status_code == 403
    jenkins.add_user("admin", token="root", permissions=EVERYTHING)
    assert http.post("/reload", auth=("admin", "root")).status_code == 302
    assert asked(http) == (503, 503, 503)
    clock.now += 1
    assert asked(http) == (200, 201, 200)


class TestARestart:
    def test_keeps_the_queue_or_loses_it_and_counts_again_from_1(self, jenkins: Jenkins):
        for value in "abc":
            jenkins.start_by_hand("app", {"A": value})
        jenkins.restart()
        assert [item.id for item in jenkins.queue()] == [1, 2, 3]
        jenkins.restart("crash", reset_ids=True)
        assert jenkins.queue() == []
        assert jenkins.start_by_hand("app", {"A": "d"}).id == 1

    def test_aborts_what_runs_without_a_cause_or_loses_it(self, jenkins: Jenkins, http: Client):
        for value in "ab":
            jenkins.start_by_hand("app", {"A": value})
            jenkins.start_next()
        jenkins.restart(loses=lambda build: build.number == 2)
        said = http.get("/job/app/1/api/json", auth=TOKEN).json
        assert (said["result"], said["building"]) == ("ABORTED", False)
        assert "jenkins.model.InterruptedBuildAction" not in str(said["actions"])
        assert http.get("/job/app/2/api/json", auth=TOKEN).status_code == 404

    def test_leaves_items_waiting_by_their_old_ids(self, jenkins: Jenkins, clock: Clock):
        item = jenkins.start_by_hand("app", {"A": "1"})
        jenkins.restart(start=5)
        clock.now += 10
        assert [(i.id, i.state) for i in jenkins.queue()] == [(item.id, State.BUILDABLE)]
