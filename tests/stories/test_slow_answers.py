"""Answers that come a byte a second hold up what they are about, and nothing else."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from leeroy import deadlines
from leeroy.worker import WorkerThreads
from leeroy.worker.side import each
from tests.stories.world import REPO, make_world
from tests.waiting import PATIENCE, wait_for

#: A second for a worker is much, while an answer that drips ends after half a minute.
SLOW = 0.3


@pytest.mark.parametrize(
    "path", [r"/pulls/%d$", r"/pulls/%d/files"], ids=["the pull request", "its files"]
)
def test_fourteen_that_drip_do_not_keep_a_healthy_pull_request_from_being_built(tmp_path, path):
    builds = [
        {
            "github_repo": REPO,
            "jenkins_job_name": "ci/widgets",
            "context": "janky",
            "paths": ["*/*"],
        }
    ]
    with make_world(tmp_path, builds=builds) as world:
        world.workers.stop()
        slow = [world.open_pull(f"slow-{n}") for n in range(14)]
        for number in slow:
            world.github.faults.add("GET", path % number, drop="drip")
        services = world.services
        workers = WorkerThreads(services.queue, services.looks, threads=8, slow_seconds=SLOW)
        workers.start()
        try:
            wait_for(lambda: _dripping(world) >= 8)
            began = time.monotonic()
            healthy = world.open_pull("healthy")
            wait_for(lambda: _items(world, healthy))
            assert time.monotonic() - began < 30
            assert not any(_items(world, number) for number in slow)
        finally:
            world.github.faults.clear()
            workers.stop(PATIENCE)


def _dripping(world) -> int:
    return sum(fault.hits for fault in world.github.faults._faults)


def _items(world, number: int) -> list[str]:
    given = [{v.name: v.value for v in item.parameters} for item in world.jenkins.queue()]
    return [values["GIT_SHA1"] for values in given if values.get("PR") == str(number)]


def test_what_is_not_read_in_time_is_not_known_and_the_look_goes_on(tmp_path):
    with make_world(tmp_path, patchparser={"signoff": {"mode": "required"}}) as world:
        looks = world.services.looks
        object.__setattr__(looks.asking, "seconds", 1.0)
        world.github.faults.add("GET", r"/pulls/\d+/commits", drop="drip")
        number = world.open_pull()
        wait_for(lambda: _items(world, number))
        wait_for(lambda: "patchparser/signoff" in world.statuses(world.head(number)))
        looked = world.services.store.looks_at(f"{REPO}#{number}")
        hints = world.services.queue.hints_of_subject(f"{REPO}#{number}")
        said = [look.error for look in looked] + [hint.error or "" for hint in hints]
        assert any("not read within the 1 s of a look" in error for error in said), said
        world.github.faults.clear()


def test_a_full_executor_holds_nobody_up():
    release = threading.Event()
    with ThreadPoolExecutor(2) as side:
        waiting = [side.submit(release.wait, PATIENCE) for _ in range(2)]
        try:
            assert [done for _, done, _ in each(side, lambda n: n * 2, range(5))] == [0, 2, 4, 6, 8]
            assert not any(future.done() for future in waiting)
        finally:
            release.set()


def test_the_end_of_whoever_asks_is_that_of_what_is_done_beside_it():
    with ThreadPoolExecutor(2) as side, deadlines.within(60):
        ends = [left for _, left, _ in each(side, lambda _: deadlines.seconds_left(), range(3))]
    assert all(end is not None and 0 < end <= 60 for end in ends)
