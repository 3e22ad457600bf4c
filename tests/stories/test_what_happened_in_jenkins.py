"""What people and restarts do to builds in Jenkins, and what statuses say of it."""

import pytest

from tests.stories.world import PARAMETERS, REPO

JOB = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}


def said(world, number, context="janky"):
    return world.statuses(world.head(number)).get(context)


def opened(world):
    number = world.open_pull()
    world.settle()
    return number


class TestAborted:
    def test_it_is_said_by_whom(self, world):
        number = opened(world)
        build = world.jenkins.start_next()
        world.settle()
        world.jenkins.abort("ci/widgets", build.number, user="mary")
        world.jenkins.finish("ci/widgets", build.number, "ABORTED")
        world.settle()
        state, text = said(world, number)
        assert state == "error"
        assert text.startswith("Build #1 was aborted by mary after ")

    def test_without_a_cause_it_is_only_aborted(self, world):
        number = opened(world)
        world.build_next("ABORTED")
        assert said(world, number)[0] == "error"
        assert said(world, number)[1].startswith("Build #1 was aborted after ")
        assert len(world.jenkins.queue()) == 0

    @pytest.mark.parametrize("kind", ["freestyle", "matrix"])
    def test_what_a_restart_ended_is_built_again_once(self, world, kind):
        world.jenkins.remove_job("ci/widgets")
        axes = {"axes": {"OS": ("linux",)}} if kind == "matrix" else {}
        world.add_job("ci/widgets", kind=kind, parameters=PARAMETERS, **axes)
        number = opened(world)
        for _ in range(2):
            world.jenkins.start_next()
            world.settle()
            world.jenkins.restart()
            world.look_again(number)
            world.settle()
        assert said(world, number) == ("error", "A restart of Jenkins ended build #2")
        assert len(world.jenkins.queue()) == 0

    def test_a_pipeline_goes_on_after_a_restart(self, world):
        world.jenkins.remove_job("ci/widgets")
        world.add_job("ci/widgets", kind="pipeline", parameters=PARAMETERS)
        number = opened(world)
        build = world.jenkins.start_next()
        world.settle()
        world.jenkins.restart()
        world.look_again(number)
        world.settle()
        world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
        world.settle()
        assert said(world, number)[0] == "success"
        assert len(world.jenkins.builds("ci/widgets")) == 1


def test_a_pipeline_that_waits_for_somebody_says_so(world):
    world.jenkins.remove_job("ci/widgets")
    world.add_job("ci/widgets", kind="pipeline", parameters=PARAMETERS)
    number = opened(world)
    world.jenkins.start_next()
    world.settle()
    world.jenkins.wait_for_input("ci/widgets", 1, "Deploy?")
    world.look_again(number)
    world.settle()
    assert said(world, number) == ("pending", "Build #1 waits for input in Jenkins")
    world.jenkins.answer_input("ci/widgets", 1)
    world.look_again(number)
    world.settle()
    assert said(world, number) == ("pending", "Build #1 is running")
    world.jenkins.finish("ci/widgets", 1, "SUCCESS")
    world.settle()
    assert said(world, number)[0] == "success"


class TestInTheQueue:
    def test_disabling_the_job_is_told_as_that(self, world):
        number = opened(world)
        world.jenkins.disable_job("ci/widgets")
        world.look_again(number)
        world.settle()
        assert said(world, number) == (
            "error",
            "Job ci/widgets was disabled while the build waited",
        )

    def test_what_blocks_it_is_said(self, world):
        world.jenkins.remove_job("ci/widgets")
        world.add_job("ci/widgets", parameters=PARAMETERS, concurrent=False)
        first = opened(world)
        world.jenkins.start_next()
        second = world.open_pull("second", files={"src/b.py": "x\n"})
        world.settle()
        (item,) = world.jenkins.queue()
        world.jenkins.advance(item.id)
        world.look_again(second)
        world.settle()
        assert said(world, second) == (
            "pending",
            "Queued in Jenkins: another build is in progress",
        )
        world.jenkins.finish("ci/widgets", 1, "SUCCESS")
        world.settle()
        world.build_next()
        assert [said(world, n)[0] for n in (first, second)] == ["success", "success"]


class TestNames:
    def test_a_job_written_in_another_case_is_matched_with_its_notifications(self, arrange):
        world = arrange(builds=[{**JOB, "jenkins_job_name": "CI/Widgets"}])
        world.jenkins.remove_job("CI/Widgets")
        world.add_job("ci/widgets")
        number = opened(world)
        build = world.jenkins.start_next("ci/widgets")
        world.settle()
        assert said(world, number) == ("pending", "Build #1 is running")
        world.jenkins.finish("ci/widgets", build.number, "FAILURE")
        world.settle()
        assert said(world, number)[0] == "failure"
        world.jenkins.rebuild("ci/widgets", 1)
        world.build_next("SUCCESS")
        assert said(world, number)[0] == "success"

    def test_a_job_called_job_in_a_folder_called_job(self, arrange):
        world = arrange(builds=[{**JOB, "jenkins_job_name": "job/job"}])
        number = opened(world)
        world.build_next()
        assert said(world, number)[0] == "success"

    @pytest.mark.parametrize("how", ["renamed", "moved"])
    def test_a_job_that_is_elsewhere_now_is_told_as_jenkins_tells_it(self, world, how):
        if how == "renamed":
            world.jenkins.rename_job("ci/widgets", "gadgets")
        else:
            world.jenkins.move_job("ci/widgets", "")
        number = opened(world)
        assert said(world, number) == (
            "error",
            "Job ci/widgets does not exist or is hidden from leeroy",
        )
