"""The sandbox Jenkins' queue: an item's life, cancelling, restarts, and the scheduler."""

import threading
from pathlib import Path

import pytest
from werkzeug.test import Client

from leeroy_sandbox.jenkins import Jenkins, Result, State, String
from tests.waiting import PATIENCE

AUTH = ("leeroy", "11" + "a" * 32)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jenkins(tmp_path: Path, clock: Clock):
    with Jenkins(tmp_path, auto=False, clock=clock) as jenkins:
        jenkins.add_user("leeroy", token=AUTH[1])
        jenkins.add_job("app", parameters=[String("A")])
        jenkins.add_job("alone", parameters=[String("A")], concurrent=False)
        jenkins.add_job("flow", kind="pipeline")
        yield jenkins


@pytest.fixture
def http(jenkins: Jenkins) -> Client:
    return Client(jenkins.wsgi)


def item(http: Client, number: int):
    return http.get(f"/queue/item/{number}/api/json", auth=AUTH).json


def cancel(http: Client, number: object) -> int:
    return http.post(f"/queue/cancelItem?id={number}", auth=AUTH).status_code


def test_an_items_life_as_the_api_tells_it(jenkins: Jenkins, http: Client, clock: Clock):
    jenkins.start_by_hand("app", {"A": "1"})
    clock.now += 1.8
    waiting = item(http, 1)
    assert waiting["_class"] == "hudson.model.Queue$WaitingItem"
    assert waiting["why"] == "In the quiet period. Expires in 3.2 sec"
    assert waiting["timestamp"] == 1_790_000_005_000
    assert waiting["inQueueSince"] == 1_790_000_000_000
    assert (waiting["blocked"], waiting["buildable"]) == (False, False)
    assert waiting["url"] == "queue/item/1/"
    assert "executable" not in waiting

    clock.now += 3.2
    buildable = item(http, 1)
    assert buildable["_class"] == "hudson.model.Queue$BuildableItem"
    assert buildable["why"] == "Waiting for next available executor"
    assert (buildable["buildable"], buildable["pending"]) == (True, False)
    assert buildable["buildableStartMilliseconds"] == 1_790_000_005_000

    jenkins.advance(1)
    assert item(http, 1)["pending"] is True

    jenkins.advance(1)
    left = item(http, 1)
    assert left["_class"] == "hudson.model.Queue$LeftItem"
    assert (left["cancelled"], left["executable"], left["why"]) == (False, None, None)

    jenkins.advance(1)
    assert item(http, 1)["executable"] == {
        "_class": "hudson.model.FreeStyleBuild",
        "number": 1,
        "url": "http://localhost/job/app/1/",
    }


def test_an_items_keys_stand_in_jenkins_order(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("app")
    assert list(item(http, 1)) == [
        *("_class", "actions", "blocked", "buildable", "id", "inQueueSince", "params", "stuck"),
        *("task", "url", "why", "timestamp"),
    ]
    task = item(http, 1)["task"]
    assert task == {
        "_class": "hudson.model.FreeStyleProject",
        "name": "app",
        "url": "http://localhost/job/app/",
        "color": "notbuilt",
    }


def test_params_start_with_a_newline_sent_as_an_escape(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("app", {"A": "é"})
    raw = http.get("/queue/item/1/api/json", auth=AUTH).text
    assert r'"params":"\u000aA=é"' in raw


def test_the_queue_lists_what_has_not_left(jenkins: Jenkins, http: Client):
    for value in "abc":
        jenkins.start_by_hand("app", {"A": value})
    jenkins.start_next()
    queue = http.get("/queue/api/json", auth=AUTH).json
    assert queue["_class"] == "hudson.model.Queue"
    assert sorted(entry["id"] for entry in queue["items"]) == [2, 3]
    shown = queue["items"][0]["actions"][0]["parameters"][0]
    assert shown["name"] == "A"


def test_a_job_that_runs_alone_blocks_its_next_item(jenkins: Jenkins, http: Client):
    for value in "abc":
        jenkins.start_by_hand("alone", {"A": value})
    jenkins.start_next()
    assert jenkins.advance(2).state is State.BLOCKED
    blocked = item(http, 2)
    assert blocked["_class"] == "hudson.model.Queue$BlockedItem"
    assert blocked["why"].startswith("Build #1 is already in progress (ETA:")
    assert blocked["blocked"] is True
    jenkins.finish("alone", 1)
    assert item(http, 2)["buildable"] is True
    jenkins.advance(3)
    assert item(http, 3)["why"] == "A build is already in progress"


def test_nothing_to_start_is_an_error_and_not_a_hang(jenkins: Jenkins):
    jenkins.start_by_hand("alone", {"A": "a"})
    jenkins.start_by_hand("alone", {"A": "b"})
    jenkins.start_next()
    with pytest.raises(LookupError):
        jenkins.start_next()


def test_an_item_that_left_is_forgotten_after_five_minutes(
    jenkins: Jenkins, http: Client, clock: Clock
):
    jenkins.start_by_hand("app")
    jenkins.start_next()
    clock.now += 299
    assert item(http, 1)["executable"]["number"] == 1
    clock.now += 1
    assert http.get("/queue/item/1/api/json", auth=AUTH).status_code == 404


def test_cancelling_says_what_came_of_it(jenkins: Jenkins, http: Client):
    for value in "abc":
        jenkins.start_by_hand("app", {"A": value})
    assert cancel(http, 1) == 204
    assert (item(http, 1)["cancelled"], item(http, 1)["executable"]) == (True, None)
    assert cancel(http, 1) == 500  # it has left already
    jenkins.start_next()
    assert cancel(http, 2) == 500  # it has started
    jenkins.advance(3)
    jenkins.advance(3)
    assert cancel(http, 3) == 500  # pending
    assert cancel(http, 99) == 404
    assert cancel(http, "x") == 404
    assert http.get("/queue/cancelItem?id=1", auth=AUTH).status_code == 405


def test_cancelling_without_permission_is_422(jenkins: Jenkins, http: Client):
    held = jenkins.users.authenticate(None).permissions | {"hudson.model.Item.Read"}
    jenkins.add_job("kept", permissions={"leeroy": frozenset(held)})
    jenkins.start_by_hand("kept")
    assert cancel(http, 1) == 422


def test_the_old_way_to_cancel_always_says_204(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("app")
    for _ in range(2):
        assert http.post("/queue/item/1/cancelQueue", auth=AUTH).status_code == 204
    assert not jenkins.queue()


def test_a_job_disabled_meanwhile_lets_its_item_go_without_a_build(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("app")
    # In its file, which Jenkins then reads again; by Jenkins' own page its items are cancelled.
    jenkins.jobs.get("app").disabled = True
    with pytest.raises(LookupError):
        jenkins.start_next("app")
    assert (item(http, 1)["cancelled"], item(http, 1)["executable"]) == (False, None)
    assert jenkins.builds("app") == []


def test_a_removed_job_takes_its_items_and_a_new_one_starts_at_one(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("app")
    jenkins.start_next()
    jenkins.start_by_hand("app")
    jenkins.remove_job("app")
    assert item(http, 2)["cancelled"] is True
    assert http.get("/job/app/api/json", auth=AUTH).status_code == 404
    jenkins.add_job("app")
    jenkins.start_by_hand("app")
    assert jenkins.start_next().number == 1


def test_quieting_down_accepts_and_starts_nothing(jenkins: Jenkins, http: Client, clock: Clock):
    jenkins.quiet_down()
    assert http.post("/job/app/buildWithParameters", auth=AUTH).status_code == 201
    clock.now += 5
    assert item(http, 1)["why"] == "Jenkins is about to shut down"
    assert http.get("/api/json", auth=AUTH).json["quietingDown"] is True
    with pytest.raises(LookupError):
        jenkins.start_next()
    jenkins.quiet_down(on=False)
    assert jenkins.start_next().number == 1


def test_a_clean_restart_keeps_the_queue_and_aborts_freestyle(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("app")
    jenkins.start_by_hand("flow")
    jenkins.start_next("app")
    jenkins.start_next("flow")
    jenkins.start_by_hand("app", {"A": "2"})
    jenkins.restart("clean", down_for=30)
    assert http.get("/api/json", auth=AUTH).status_code == 503
    jenkins.clock.now += 30
    assert [entry.id for entry in jenkins.queue()] == [3]
    assert http.get("/queue/item/1/api/json", auth=AUTH).status_code == 404
    assert jenkins.build("app", 1).result is Result.ABORTED
    assert jenkins.build("flow", 1).in_progress
    assert jenkins.start_by_hand("app", {"A": "3"}).id == 4
    jenkins.finish("flow", 1, "SUCCESS")
    assert jenkins.build("flow", 1).result is Result.SUCCESS


def test_a_crash_loses_young_items_and_running_freestyle_builds(
    jenkins: Jenkins, http: Client, clock: Clock
):
    jenkins.start_by_hand("app", {"A": "runs"})
    jenkins.start_next()
    jenkins.start_by_hand("app", {"A": "old"})
    clock.now += 60
    jenkins.start_by_hand("app", {"A": "young"})
    jenkins.restart("crash")
    assert [entry.id for entry in jenkins.queue()] == [2]
    assert http.get("/job/app/1/api/json", auth=AUTH).status_code == 404
    assert jenkins.start_next().number == 2  # numbers are not used again


def test_a_crash_can_start_the_ids_again(jenkins: Jenkins):
    for value in "abc":
        jenkins.start_by_hand("app", {"A": value})
    jenkins.restart("crash", reset_ids=True)
    assert jenkins.queue() == []
    assert jenkins.start_by_hand("app").id == 1


def test_items_kept_over_a_restart_still_merge(jenkins: Jenkins, http: Client):
    jenkins.start_by_hand("app", {"A": "1"})
    jenkins.restart()
    answer = http.post("/job/app/buildWithParameters?A=1", auth=AUTH)
    assert (answer.status_code, answer.headers["Location"][-2:]) == (303, "1/")


def test_rebuild_and_replay_are_new_builds_with_the_same_parameters(jenkins: Jenkins):
    jenkins.start_by_hand("app", {"A": "1"})
    jenkins.finish("app", jenkins.start_next().number, "FAILURE")
    again = [jenkins.rebuild("app", 1), jenkins.replay("app", 1)]
    assert [entry.id for entry in again] == [2, 3]
    assert {entry.parameters for entry in again} == {jenkins.build("app", 1).parameters}
    causes = [[cause.class_name.rpartition(".")[2] for cause in entry.causes] for entry in again]
    assert causes == [["Cause$UserIdCause", "RebuildCause"], ["Cause$UserIdCause", "ReplayCause"]]


def test_the_scheduler_waits_for_the_quiet_period_and_for_executors(tmp_path: Path):
    gate = threading.Event()

    def result(build):
        gate.wait(PATIENCE)
        return "SUCCESS"

    with Jenkins(tmp_path, quiet_period=0.3, executors=1) as jenkins:
        jenkins.add_job("app", parameters=[String("A")], result=result)
        with jenkins.lock:
            jenkins.start_by_hand("app", {"A": "1"})
            jenkins.start_by_hand("app", {"A": "2"})
            assert [entry.state for entry in jenkins.queue()] == [State.WAITING] * 2
            assert jenkins.lock.wait_for(lambda: jenkins.jobs.get("app").builds, PATIENCE)
        assert [entry.state for entry in jenkins.queue()] == [State.BUILDABLE]
        gate.set()
        jenkins.wait_idle()
        assert [build.result for build in jenkins.builds("app")] == ["SUCCESS"] * 2


def test_without_executors_everything_stays_queued(tmp_path: Path):
    with Jenkins(tmp_path, quiet_period=0, executors=0) as jenkins:
        jenkins.add_job("app")
        jenkins.start_by_hand("app")
        with pytest.raises(TimeoutError):
            jenkins.wait_idle(0.05)
        assert jenkins.builds("app") == []
        jenkins.executors = 1
        jenkins.wait_idle()
        assert len(jenkins.builds("app")) == 1


def test_a_pipeline_starts_at_once_and_waits_inside_for_an_executor(tmp_path: Path):
    with Jenkins(tmp_path, quiet_period=0, executors=1) as jenkins:
        jenkins.add_job("busy", duration=10 * PATIENCE)
        jenkins.add_job("flow", kind="pipeline")
        jenkins.start_by_hand("busy")
        with jenkins.lock:
            assert jenkins.lock.wait_for(lambda: jenkins.jobs.get("busy").builds, PATIENCE)
        jenkins.start_by_hand("flow")
        with jenkins.lock:
            assert jenkins.lock.wait_for(lambda: list(jenkins.items), PATIENCE)
            assert jenkins.lock.wait_for(lambda: jenkins.jobs.get("flow").builds, PATIENCE)
            assert jenkins.lock.wait_for(
                lambda: any(entry.placeholder_for for entry in jenkins.items), PATIENCE
            )
        assert jenkins.build("flow", 1).building
        jenkins.build("busy", 1).stop()
        jenkins.wait_idle()
        assert jenkins.build("flow", 1).result is Result.SUCCESS
