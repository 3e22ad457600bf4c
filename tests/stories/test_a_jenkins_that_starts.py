"""A Jenkins that starts, restarts, is killed, or does not know us: nothing is lost, nothing is an end.

While it starts it answers 503, then 500 to POSTs, then 401 to good credentials, then 503, then 200.
"""

import time

import pytest

from leeroy_sandbox.jenkins import ORDINARY, Permission, Stage
from tests.stories.world import JENKINS_TOKEN, PARAMETERS, REPO

WAITS = ("pending", "Waiting for Jenkins")
JOB = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
STARTING = [stage for stage in Stage if stage is not Stage.UP]


def said(world, number, context="janky"):
    return world.statuses(world.head(number)).get(context)


def wait_said(world, number, what):
    world.until(lambda: said(world, number) == what)


class TestStages:
    @pytest.mark.parametrize("stage", STARTING, ids=lambda stage: stage.name)
    @pytest.mark.parametrize("kind", ["freestyle", "pipeline", "matrix"])
    def test_what_is_asked_for_during_a_start_is_built_once_it_is_up(self, world, stage, kind):
        world.jenkins.remove_job("ci/widgets")
        axes = {"axes": {"OS": ("linux",)}} if kind == "matrix" else {}
        world.add_job("ci/widgets", kind=kind, parameters=PARAMETERS, **axes)
        world.jenkins.stage = stage
        number = world.open_pull()
        wait_said(world, number, WAITS)
        world.jenkins.stage = Stage.UP
        world.settle()
        world.build_next()
        assert said(world, number)[0] == "success"
        assert len(world.jenkins.builds("ci/widgets")) == 1
        assert "error" not in world.history(world.head(number))

    def test_from_stage_to_stage_it_goes_on_waiting(self, world):
        world.jenkins.stage = Stage.WEB_APP
        number = world.open_pull()
        wait_said(world, number, WAITS)
        for stage in STARTING:
            world.jenkins.stage = stage
            asked = len(world.jenkins.calls)
            world.until(lambda asked=asked: len(world.jenkins.calls) > asked + 2)
        world.jenkins.stage = Stage.UP
        world.settle()
        assert len(world.jenkins.queue()) == 1
        assert world.history(world.head(number)) == ["pending", "pending"]

    @pytest.mark.parametrize("stage", STARTING, ids=lambda stage: stage.name)
    def test_a_push_during_a_start_stops_the_old_build_once_it_is_up(self, world, stage):
        number = world.open_pull()
        world.settle()
        world.jenkins.start_next()
        world.settle()
        old = world.head(number)
        world.jenkins.stage = stage
        world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
        world.github.wait_delivered(30)
        world.until(lambda: said(world, number) == WAITS)
        world.jenkins.stage = Stage.UP
        world.settle()
        assert world.statuses(old)["janky"][1].startswith("Superseded by")
        assert world.build_next() == 2
        assert said(world, number)[0] == "success"

    @pytest.mark.parametrize("kind", ["clean", "crash"])
    def test_a_lost_queue_is_asked_for_again(self, world, kind):
        numbers = [world.open_pull(name) for name in ("one", "two")]
        world.settle()
        world.jenkins.restart(kind, reset_ids=True)
        world.look_again(*numbers)
        world.settle()
        assert len(world.jenkins.queue()) == 2
        for _ in numbers:
            world.build_next()
        assert [said(world, number)[0] for number in numbers] == ["success", "success"]


class TestWhoWeAre:
    """Leeroy's own credentials and rights are no build's fault."""

    def test_a_wrong_token_is_waited_for_and_mends_itself(self, world):
        world.jenkins.add_user("leeroy", token="11" + "f" * 32)
        number = world.open_pull()
        wait_said(world, number, WAITS)
        world.jenkins.add_user("leeroy", token=JENKINS_TOKEN)
        world.settle()
        world.build_next()
        assert said(world, number)[0] == "success"

    def test_it_is_waited_for_however_long_it_takes(self, arrange):
        world = arrange(pause=lambda attempts: 0.0)
        world.jenkins.add_user("leeroy", token="11" + "f" * 32)
        number = world.open_pull()
        wait_said(world, number, WAITS)
        asked = len(world.jenkins.calls)
        world.until(lambda: len(world.jenkins.calls) > asked + 150)
        world.jenkins.add_user("leeroy", token=JENKINS_TOKEN)
        world.settle()
        assert said(world, number) == ("pending", "Queued in Jenkins")

    def test_a_token_that_ends_while_a_build_runs_costs_nothing(self, world):
        number = world.open_pull()
        world.settle()
        build = world.jenkins.start_next()
        world.settle()
        world.jenkins.add_user("leeroy", token="11" + "f" * 32)
        world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
        world.rest()
        assert said(world, number)[0] == "pending"
        world.jenkins.add_user("leeroy", token=JENKINS_TOKEN)
        world.settle()
        assert said(world, number)[0] == "success"

    def test_a_missing_right_is_that_jobs_only(self, arrange):
        other = {**JOB, "jenkins_job_name": "ci/other", "context": "other"}
        world = arrange(builds=[JOB, other])
        job = world.jenkins.jobs.get("ci/widgets")
        job.permissions = {"leeroy": ORDINARY - {Permission.BUILD}}
        number = world.open_pull()
        world.until(lambda: said(world, number, "other") == ("pending", "Queued in Jenkins"))
        wait_said(world, number, WAITS)
        job.permissions = {}
        world.settle()
        assert said(world, number) == ("pending", "Queued in Jenkins")


@pytest.mark.parametrize("kind", ["clean", "crash"])
def test_pull_requests_opened_through_a_restart_all_get_their_verdict(arrange, kind):
    world = arrange(begins=True, jenkins_settings={"auto": True, "executors": 4})
    job = world.jenkins.jobs.get("ci/widgets")
    job.result, job.duration = "SUCCESS", 0.0
    numbers = []
    for n in range(24):
        if n == 4:
            world.jenkins.restart(kind, start=3.0, reset_ids=kind == "crash")
        numbers.append(world.open_pull(f"branch-{n}", files={f"src/{n}.py": "x\n"}))
        time.sleep(0.05)
    states = {}

    def are_done():
        world.skew.seconds += 1.0
        world.services.queue.wake()
        states.update({n: said(world, n) or ("none", "") for n in numbers})
        return all(state == "success" for state, _ in states.values())

    world.until(are_done)
    assert not [n for n in numbers if "error" in world.history(world.head(n))]
    built = [
        value.value
        for build in world.jenkins.builds("ci/widgets")
        for value in build.parameters
        if value.name == "PR"
    ]
    assert all(built.count(str(n)) == 1 for n in numbers[4:])
