"""Every call to Jenkins fails in every way: each build is started once and reported right."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from leeroy.model import PullRef
from leeroy_sandbox.faults import Drop
from leeroy_sandbox.jenkins.queue import Item
from tests.stories.outages import JENKINS, Outage, Then, each
from tests.stories.world import REPO, World, make_world

QUEUED = ("pending", "Queued in Jenkins")
names = itertools.count(1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all cases; each has a pull request of its own."""
    with make_world(tmp_path_factory.mktemp("faults"), jenkins={"timeout": 0.5}) as world:
        yield world


@contextmanager
def struck(world: World, outage: Outage, method: str, path: str) -> Iterator[None]:
    """The call fails once in the block, which ends when all that heals by itself is healed."""
    world.jenkins.faults.clear()
    fault = world.jenkins.faults.add(method, path, times=1, **outage.what)
    yield
    world.until(lambda: fault.hits)
    world.settle()


def open_pull(world: World) -> int:
    branch = f"branch-{next(names)}"
    world.github.push(REPO, branch, {f"src/{branch}.py": "x = 1\n"})
    return world.github.open_pull(REPO, branch)


def push(world: World, number: int) -> None:
    branch = world.github.pull(REPO, number).head_ref
    world.github.push(REPO, branch, {f"src/{branch}.py": f"x = {next(names)}\n"})


def items(world: World, number: int) -> list[Item]:
    """What Jenkins has in its queue for a pull request."""
    return [item for item in world.jenkins.queue() if given(item)["PR"] == str(number)]


def given(item: Item) -> dict[str, str]:
    return {value.name: value.value for value in item.parameters}


def start(world: World, number: int) -> int:
    """Jenkins starts the pull request's build; its number."""
    (item,) = items(world, number)
    while item.build is None:
        world.jenkins.advance(item.id)
    return item.build.number


def janky(world: World, number: int) -> tuple[str, str]:
    return world.statuses(world.head(number)).get("janky", ("", ""))


def errors(world: World, number: int) -> str:
    """What the dashboard shows to have failed."""
    subject = f"{REPO}#{number}"
    looks = world.services.store.looks_at(subject)
    hints = world.services.queue.hints_of_subject(subject)
    return " ".join([look.error for look in looks] + [hint.error or "" for hint in hints])


def look_again_if_told(world: World, outage: Outage, number: int) -> None:
    """What was given up is shown, and the next look, as the sweep makes it, takes it up again."""
    if outage.then is Then.IS_TOLD and errors(world, number):
        world.look_again(number)
        world.settle()


@each({"trigger": ("POST", r"/buildWithParameters")}, JENKINS)
def test_triggering_a_build(world, call, outage):
    with struck(world, outage, *call):
        number = open_pull(world)
    if outage.then is Then.IS_TOLD:
        state, description = janky(world, number)
        assert state == "error"
        assert "ci/widgets" in description
        assert items(world, number) == []
        world.ask("/build/retry", {"repo": REPO, "number": number})
        world.settle()
    assert janky(world, number) == QUEUED
    assert len(items(world, number)) == 1


READING = {"read the build": ("GET", r"/job/widgets/\d+/api/json")}


@each(READING, JENKINS)
@pytest.mark.parametrize("is_over", [False, True], ids=["started", "over"])
def test_reading_a_build_jenkins_tells_of(world, call, outage, is_over):
    number = open_pull(world)
    world.settle()
    world.jenkins.hold_notifications()
    build = start(world, number)
    if is_over:
        world.jenkins.finish("ci/widgets", build, "FAILURE")
    with struck(world, outage, *call):
        world.jenkins.release_notifications()
    look_again_if_told(world, outage, number)
    state = "failure" if is_over else "pending"
    assert janky(world, number)[0] == state
    assert janky(world, number)[1].startswith(f"Build #{build} ")
    if not is_over:
        world.jenkins.finish("ci/widgets", build, "SUCCESS")
        world.settle()
        assert janky(world, number)[0] == "success"
    assert len(world.services.store.builds_of(PullRef(REPO, number))) == 1


FINDING = {
    "read the queue": ("GET", r"/queue/api/json"),
    "list the builds": ("GET", r"/job/widgets/api/json"),
}


@each(FINDING, JENKINS)
def test_looking_for_a_build_whose_trigger_was_not_answered(world, call, outage):
    world.jenkins.hold_notifications()
    with struck(world, outage, *call):
        # Nothing of it reached Jenkins, so it is looked for everywhere.
        world.jenkins.faults.add("POST", "/buildWithParameters", drop=Drop.RESET, times=1)
        number = open_pull(world)
    look_again_if_told(world, outage, number)
    world.jenkins.release_notifications()
    assert janky(world, number) == QUEUED
    assert len(items(world, number)) == 1


FOLLOWING = {"read the queue item": ("GET", r"/queue/item/\d+/api/json")}


@each(FOLLOWING, JENKINS)
def test_following_a_build_nobody_tells_of(world, call, outage):
    number = open_pull(world)
    world.settle()
    world.jenkins.hold_notifications()
    build = start(world, number)
    with struck(world, outage, *call):
        world.look_again(number)
    look_again_if_told(world, outage, number)
    assert janky(world, number) == ("pending", f"Build #{build} is running")
    world.jenkins.release_notifications()
    world.settle()


CANCELLING = {"cancel": ("POST", r"/queue/cancelItem")}


@each(CANCELLING, JENKINS)
def test_cancelling_what_nobody_needs(world, call, outage):
    number = open_pull(world)
    world.settle()
    old = world.head(number)
    with struck(world, outage, *call):
        push(world, number)
    new = world.head(number)
    assert janky(world, number) == QUEUED
    look_again_if_told(world, outage, number)
    assert [given(item)["GIT_SHA1"] for item in items(world, number)] == [new]
    assert world.statuses(old)["janky"] == ("error", f"Superseded by {new[:7]}")


ABORTING = {"abort": ("POST", r"/\d+/stop")}


@each(ABORTING, JENKINS, but={("abort", "404")})
def test_aborting_what_nobody_needs(world, call, outage):
    number = open_pull(world)
    world.settle()
    old = world.head(number)
    build = start(world, number)
    world.settle()
    with struck(world, outage, *call):
        push(world, number)
    assert janky(world, number) == QUEUED
    look_again_if_told(world, outage, number)
    if outage.what.get("drop") not in (Drop.HALF, Drop.AFTER):
        # Jenkins sends back to the build's page: it heard it.
        assert world.jenkins.calls.matching("POST", f"/{build}/stop")[-1].status == 302
    world.jenkins.finish("ci/widgets", build, "ABORTED")
    world.settle()
    assert world.statuses(old)["janky"] == ("error", f"Superseded by {world.head(number)[:7]}")
    assert len(items(world, number)) == 1


class TestLongOutages:
    """What does not take Jenkins goes on while it is away."""

    def test_a_push_is_told_to_wait_too_and_only_the_last_one_is_built(self, arrange):
        world = arrange()
        world.jenkins.down = True
        number = open_pull(world)
        world.until(lambda: janky(world, number)[1])
        old = world.head(number)
        push(world, number)
        world.until(lambda: janky(world, number)[1])
        assert janky(world, number) == ("pending", "Waiting for Jenkins")
        world.jenkins.down = False
        world.settle()
        assert janky(world, number) == QUEUED
        assert [given(item)["GIT_SHA1"] for item in items(world, number)] == [world.head(number)]
        assert world.statuses(old)["janky"][0] == "error"

    def test_what_a_lost_answer_left_in_the_queue_is_cancelled_once_jenkins_can_be_asked(
        self, arrange
    ):
        world = arrange(jenkins={"timeout": 0.5})
        world.jenkins.faults.add("POST", "/buildWithParameters", drop=Drop.AFTER, times=1)
        world.jenkins.faults.add("GET", "/queue/api/json", status=503)
        number = open_pull(world)
        world.until(lambda: janky(world, number)[1])
        push(world, number)
        world.until(lambda: janky(world, number)[1])
        assert len(items(world, number)) == 2
        world.jenkins.faults.clear()
        world.settle()
        assert [given(item)["GIT_SHA1"] for item in items(world, number)] == [world.head(number)]

    def test_nothing_is_triggered_again_while_jenkins_cannot_say_whether_it_has_it(self, arrange):
        world = arrange(jenkins={"timeout": 0.5})
        world.jenkins.hold_notifications()
        world.jenkins.faults.add("POST", "/buildWithParameters", drop=Drop.AFTER, times=1)
        unable = world.jenkins.faults.add("GET", "/queue/api/json", status=503)
        number = open_pull(world)
        world.until(lambda: items(world, number))
        # Out of the queue, an equal request would not be taken for the same.
        build = start(world, number)
        world.until(lambda: unable.hits > 3)
        world.jenkins.faults.clear()
        world.settle()
        assert janky(world, number) == ("pending", f"Build #{build} is running")
        assert len(world.jenkins.calls.matching("POST", "/buildWithParameters")) == 1

    def test_what_is_missing_is_said_and_a_comment_is_answered(self, arrange):
        world = arrange(patchparser={"signoff": {"mode": "required"}})
        number = open_pull(world)
        world.settle()
        world.jenkins.hold_notifications()
        start(world, number)
        world.jenkins.faults.add("GET", "/job/", status=401)
        world.look_again(number)
        world.github.comment(REPO, number, "mary", "/help")

        def ours() -> int:
            return [c.login for c in world.github.comments(REPO, number)].count("leeroy-bot")

        world.until(lambda: ours() == 2)
        world.until(lambda: "does not accept the token of leeroy" in errors(world, number))

    def test_a_deleted_job_is_told_and_tried_again_once(self, arrange):
        world = arrange()
        number = open_pull(world)
        world.settle()
        start(world, number)
        world.settle()
        world.jenkins.remove_job("ci/widgets")
        for _ in range(2):
            world.look_again(number)
            world.settle()
        assert janky(world, number) == (
            "error",
            "Job ci/widgets does not exist or is hidden from leeroy",
        )
        assert len(world.jenkins.calls.matching("POST", "/buildWithParameters")) == 2

    @pytest.mark.parametrize("kind", ["clean", "crash"])
    def test_a_restart_that_counts_from_one_again_mixes_nothing_up(self, arrange, kind):
        world = arrange()
        numbers = [open_pull(world), open_pull(world)]
        world.settle()
        start(world, numbers[0])
        world.settle()
        world.jenkins.restart(kind, reset_ids=True)
        world.look_again(*numbers)
        world.settle()
        for number in numbers:
            world.look_again(number)
            world.settle()
            if janky(world, number)[0] == "pending":
                world.jenkins.finish("ci/widgets", start(world, number), "SUCCESS")
                world.settle()
        # What ran when Jenkins ended was aborted there, or forgotten: it was built again.
        assert [janky(world, number)[0] for number in numbers] == ["success", "success"]
