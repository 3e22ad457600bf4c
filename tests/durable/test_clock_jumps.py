"""The database's clock is set: nothing waits for hours, nothing is done twice, nothing is lost."""

import pytest

from leeroy.hints import OtherHint
from leeroy.queue import LeaseLost, NewHint
from leeroy.worker import WorkerThreads
from tests.stories.world import make_world
from tests.waiting import wait_for

PULL = "acme/widgets#1"
HOURS = 7200.0


@pytest.fixture
def steady():
    """A clock that nobody sets."""

    class Steady:
        now = 100.0

        def __call__(self):
            return self.now

    return Steady()


@pytest.fixture
def set_back(clock, steady):
    """Some seconds pass, in which the database's clock is set back by hours."""

    def set_it():
        steady.now += 8
        clock.pass_seconds(8 - HOURS)

    return set_it


def test_what_was_to_be_tried_again_soon_is_not_held_up(make_queue, clock, steady, set_back):
    queue = make_queue(steady=steady)
    queue.mind_the_clock()
    queue.put(PULL, OtherHint(kind="delivery"))
    queue.again(queue.take(), error="GitHub is down")
    queue.put_all([NewHint(subject="later", hint=OtherHint(kind="delivery"), delay=60.0)])
    set_back()
    assert queue.take() is None
    assert queue.mind_the_clock() == pytest.approx(HOURS)
    assert {queue.take().subject, queue.take().subject} == {PULL, "later"}


def test_what_a_dead_machine_held_is_free_when_its_lease_would_have_ended(
    make_queue, clock, steady, set_back
):
    dead, alive = make_queue("dead"), make_queue("alive", steady=steady)
    alive.mind_the_clock()
    dead.put(PULL, OtherHint(kind="delivery"))
    assert dead.take() is not None
    set_back()
    alive.mind_the_clock()
    assert alive.take() is None
    clock.pass_seconds(31)
    assert alive.take().subject == PULL


def test_a_jump_while_nothing_ran_is_known_by_what_was_put_before(make_queue, clock, set_back):
    make_queue().put(PULL, OtherHint(kind="delivery"), delay=1.0)
    set_back()
    started = make_queue()
    assert started.mind_the_clock() > HOURS - 10
    assert started.take().subject == PULL
    assert started.mind_the_clock() == 0


def test_clocks_that_only_differ_a_little_are_no_jump(make_queue, clock, steady):
    queue = make_queue(steady=steady)
    queue.mind_the_clock()
    queue.put(PULL, OtherHint(kind="delivery"), delay=60.0)
    steady.now += 8
    clock.pass_seconds(5)
    assert queue.mind_the_clock() == 0
    assert queue.take() is None


def test_a_clock_set_forward_ends_leases_early_and_the_first_worker_notices(make_queue, clock):
    one, two = make_queue("one"), make_queue("two")
    one.put(PULL, OtherHint(kind="delivery"))
    look = one.take()
    clock.pass_seconds(HOURS)
    assert two.take().subject == PULL
    with pytest.raises(LeaseLost):
        one.keep(look)


def test_a_running_service_goes_on_after_a_jump(tmp_path):
    with make_world(tmp_path) as world:
        keeper = WorkerThreads(
            world.services.queue, world.services.looks, threads=1, lease_seconds=0.3
        )
        keeper.start()
        world.github.faults.add("GET", r"/pulls/\d+$", status=503, headers={"Retry-After": "30"})
        number = world.open_pull()
        world.rest()
        world.github.faults.clear()
        world.pass_seconds(-HOURS)
        wait_for(lambda: world.statuses(world.head(number)))
        keeper.stop()
        world.settle()
        world.build_next()
        assert world.statuses(world.head(number))["janky"][0] == "success"
        assert len(world.jenkins.builds("ci/widgets")) == 1
