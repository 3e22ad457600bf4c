"""What was tried at a real Jenkins 2.579, for every kind of job; other files hold the rest of it.

With and without notifications, and through restarts: Jenkins ended in order and killed.
"""

import pytest

from leeroy_sandbox.faults import Drop
from leeroy_sandbox.jenkins import Endpoint, Stage
from tests.stories.world import NOTIFICATION_SECRET, REPO

JOB = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
KINDS = ["freestyle", "pipeline", "matrix"]
QUEUED = ("pending", "Queued in Jenkins")
WAITS = ("pending", "Waiting for Jenkins")


def said(world, number, context="janky"):
    return world.statuses(world.head(number)).get(context)


def triggers(world):
    return world.jenkins.calls.matching("POST", "/buildWithParameters")


def open_pulls(world, *branches):
    return [world.open_pull(name, files={f"src/{name}.py": "x\n"}) for name in branches]


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(params=["notifying", "silent"])
def world(request, arrange, kind):
    """A job of each kind, that tells Leeroy of its builds or does not."""
    world = arrange(begins=True)
    world.jenkins.remove_job("ci/widgets")
    settings = {} if request.param == "notifying" else {"endpoints": ()}
    if kind == "matrix":
        settings["axes"] = {"OS": ("linux", "windows")}
    world.add_job("ci/widgets", kind=kind, **settings)
    return world


def later(world):
    """After the time in which a build is looked for that nothing was heard of."""
    for _ in range(2):
        world.pass_seconds(16)
        world.settle()


def finish(world, number, result="SUCCESS"):
    world.jenkins.finish("ci/widgets", number, result)
    later(world)


def test_from_the_queue_to_the_result(world):
    number = world.open_pull()
    world.settle()
    assert said(world, number) == QUEUED
    build = world.jenkins.start_next()
    later(world)
    assert said(world, number) == ("pending", "Build #1 is running")
    finish(world, build.number, "FAILURE")
    assert said(world, number)[0] == "failure"
    assert len(triggers(world)) == 1


def test_a_push_stops_what_runs(world):
    number = world.open_pull()
    world.settle()
    old, build = world.head(number), world.jenkins.start_next()
    later(world)
    world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
    world.settle()
    assert world.statuses(old)["janky"][1].startswith("Superseded by")
    assert world.jenkins.build("ci/widgets", build.number).interruptions
    assert said(world, number) == QUEUED


def test_an_answer_that_is_lost_starts_no_second_build(world):
    world.jenkins.faults.add("POST", "/buildWithParameters", drop=Drop.AFTER, times=1)
    number = world.open_pull()
    world.settle()
    assert said(world, number) == QUEUED
    assert (len(triggers(world)), len(world.jenkins.queue())) == (1, 1)


def test_built_again_by_hand_it_counts_where_leeroy_is_told(world):
    number = world.open_pull()
    world.settle()
    world.jenkins.start_next()
    later(world)
    finish(world, 1, "FAILURE")
    world.jenkins.rebuild("ci/widgets", 1)
    again = world.jenkins.start_next()
    world.jenkins.finish("ci/widgets", again.number, "SUCCESS")
    world.settle()
    # What Jenkins tells nobody of is not looked for.
    is_told = bool(world.jenkins.jobs.get("ci/widgets").endpoints)
    assert said(world, number)[0] == ("success" if is_told else "failure")


@pytest.mark.parametrize("how", ["clean", "crash"])
def test_a_restart_with_one_running_one_queued_and_one_asked_for_while_it_is_down(world, how):
    first, second = open_pulls(world, "one", "two")
    world.settle()
    world.jenkins.start_next()
    later(world)
    world.jenkins.restart(how, reset_ids=how == "crash")
    world.jenkins.stage = Stage.JOBS
    (third,) = open_pulls(world, "three")
    world.until(lambda: said(world, third) == WAITS)
    world.jenkins.stage = Stage.UP
    later(world)
    for build in world.jenkins.builds("ci/widgets"):
        if build.in_progress:
            world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
    while world.jenkins.queue():
        build = world.jenkins.start_next()
        world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
        later(world)
    later(world)
    assert {said(world, n)[0] for n in (first, second, third)} == {"success"}
    for number in (first, second, third):
        assert "error" not in world.history(world.head(number))


class TestMultibranch:
    """The same through a start and with a lost queue, where the job is the pull request's own."""

    @pytest.fixture
    def world(self, arrange):
        world = arrange(builds=[{**JOB, "jenkins_job_name": "ci/multi", "is_pipeline": True}])
        endpoint = Endpoint(url=f"{world.url}/notification/jenkins?secret={NOTIFICATION_SECRET}")
        world.jenkins.remove_job("ci/multi")
        world.jenkins.add_job(
            "ci/multi",
            kind="multibranch",
            endpoints=[endpoint],
            git_url="https://github.test/acme/widgets.git",
        )
        return world

    def open_pull(self, world):
        world.github.push(REPO, "rounder", {"src/widget.py": "round = True\n"})
        sha = world.github.repository(REPO).branches["rounder"]
        world.jenkins.add_branch("ci/multi", "PR-1", commit=sha)
        return world.github.open_pull(REPO, "rounder")

    @pytest.mark.parametrize("stage", [s for s in Stage if s is not Stage.UP], ids=lambda s: s.name)
    def test_it_is_built_once_jenkins_is_up(self, world, stage):
        world.jenkins.stage = stage
        number = self.open_pull(world)
        world.until(lambda: said(world, number) == WAITS)
        world.jenkins.stage = Stage.UP
        world.settle()
        world.build_next()
        assert said(world, number)[0] == "success"
        assert len(world.jenkins.builds("ci/multi/PR-1")) == 1

    @pytest.mark.parametrize("how", ["clean", "crash"])
    def test_a_lost_queue_is_asked_for_again(self, world, how):
        number = self.open_pull(world)
        world.settle()
        world.jenkins.restart(how, reset_ids=True)
        world.look_again(number)
        world.settle()
        world.build_next()
        assert said(world, number)[0] == "success"
        assert len(world.jenkins.builds("ci/multi/PR-1")) == 1


class TestOddities:
    @pytest.fixture
    def world(self, arrange):
        return arrange()

    def test_a_folders_name_is_no_job(self, arrange):
        world = arrange(builds=[{**JOB, "jenkins_job_name": "team"}])
        world.jenkins.remove_job("team")
        world.add_job("team/widgets")
        number = world.open_pull()
        world.settle()
        assert said(world, number)[0] == "error"
        assert "team does not exist" in said(world, number)[1]

    @pytest.mark.parametrize(
        "branch",
        ['release/ü&x=1+2%20#;"é🙂', "long/" + "x" * 200],
        ids=["odd letters", "long"],
    )
    def test_a_base_branchs_name_arrives_byte_for_byte(self, world, branch):
        world.github.push(REPO, branch, {"VERSION": "1\n"})
        world.github.push(REPO, "rounder", {"src/widget.py": "round = True\n"})
        number = world.github.open_pull(REPO, "rounder", branch)
        world.settle()
        (item,) = world.jenkins.queue()
        assert {v.name: v.value for v in item.parameters}["BASE_BRANCH"] == branch
        world.build_next()
        assert said(world, number)[0] == "success"

    def test_a_jenkins_whose_configured_address_is_another_is_followed(self, world):
        world.jenkins.root_url = "https://jenkins.elsewhere.test/ci/"
        number = world.open_pull()
        world.settle()
        world.build_next()
        assert said(world, number)[0] == "success"
        links = [s.target_url for s in world.github.statuses(REPO, world.head(number)).history]
        assert links[-1] == "https://jenkins.elsewhere.test/ci/job/ci/job/widgets/1/"

    def test_what_waits_while_jenkins_is_about_to_shut_down_says_so(self, world):
        world.jenkins.quiet_down()
        number = world.open_pull()
        world.settle()
        world.look_again(number)
        world.settle()
        assert said(world, number) == (
            "pending",
            "Queued in Jenkins: Jenkins is about to shut down",
        )
        world.jenkins.quiet_down(on=False)
        world.build_next()
        assert said(world, number)[0] == "success"

    def test_fifty_pull_requests_at_once_are_fifty_builds(self, arrange):
        world = arrange(jenkins_settings={"auto": True, "executors": 4})
        job = world.jenkins.jobs.get("ci/widgets")
        job.result, job.duration = "SUCCESS", 0.0
        numbers = open_pulls(world, *(f"branch-{n}" for n in range(50)))
        world.until(lambda: all((said(world, n) or ("",))[0] == "success" for n in numbers))
        assert len(triggers(world)) == len(world.jenkins.builds("ci/widgets")) == 50
