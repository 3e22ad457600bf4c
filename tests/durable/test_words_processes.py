"""Real processes that write one commit's statuses, held before and after each write, and killed.

GitHub's door is a barrier: a write waits there until the test lets it in, and its answer until the
test lets it out. So two looks at pull requests with one head meet in every way there is.
"""

import itertools
import threading
from collections.abc import Callable, Iterator

import pytest

from leeroy.deciding.words import verdict
from leeroy.model import PullRef
from leeroy.store import Store
from tests.durable.processes import JOB, Fleet, kill, make_fleet, wait_for
from tests.stories.world import REPO

CONTEXT = "mergeable"
#: In place of 25: what a killed process was at is free again within so many seconds.
LEASE = 2.0


class Barrier:
    """Holds the writes of statuses at GitHub's door, before they are made and after."""

    _app: Callable[..., object]

    def __init__(self) -> None:
        self._opens = threading.Condition()
        #: Writes that wait: a number each, and whether they were made.
        self.waiting: dict[int, bool] = {}
        self._let_go: set[tuple[int, bool]] = set()
        self._numbers = itertools.count()
        self.is_open = True
        self.writes = 0

    def before(self, app: Callable[..., object]) -> Callable[..., object]:
        """Stand before an application."""
        self._app = app
        return self

    def __call__(self, environ: dict[str, object], start: Callable[..., object]) -> object:
        is_write = environ["REQUEST_METHOD"] == "POST" and "/statuses/" in str(environ["PATH_INFO"])
        if not is_write:
            return self._app(environ, start)
        number = next(self._numbers)
        self._wait(number, is_made=False)
        answer = self._app(environ, start)
        self.writes += 1
        self._wait(number, is_made=True)
        return answer

    def _wait(self, number: int, *, is_made: bool) -> None:
        with self._opens:
            self.waiting[number] = is_made
            self._opens.wait_for(lambda: self.is_open or (number, is_made) in self._let_go, 60)
            del self.waiting[number]

    def let_go(self, number: int) -> None:
        """Let one that waits go one step further."""
        with self._opens:
            self._let_go.add((number, self.waiting[number]))
            self._opens.notify_all()

    def open(self) -> None:
        """Hold nothing any more."""
        with self._opens:
            self.is_open = True
            self._opens.notify_all()


@pytest.fixture
def barrier() -> Barrier:
    return Barrier()


@pytest.fixture
def fleet(tmp_path, database_url, barrier) -> Iterator[Fleet]:
    # Built only on request: nothing but the check speaks.
    build = {"github_repo": REPO, "jenkins_job_name": JOB, "context": "janky", "custom": True}
    settings = {"conflicts": {"context": CONTEXT}, "builds": [build], "sweep_minutes": 0}
    with make_fleet(tmp_path, database_url, door=barrier.before, **settings) as fleet:
        yield fleet
        barrier.open()


def arrange(fleet: Fleet) -> tuple[str, list[int]]:
    """Three pull requests of one head: main and others agree with it, ``release`` does not."""
    github = fleet.github
    for base in ("release", "next"):
        github.push(REPO, base, {"src/widget.py" if base == "release" else "NEXT": "1\n"})
    github.push(REPO, "rounder", {"src/widget.py": "round = True\n"})
    numbers = [github.open_pull(REPO, "rounder", base) for base in ("main", "next", "release")]
    return github.pull(REPO, numbers[0]).head_sha, numbers


def is_whole(fleet: Fleet, sha: str, numbers: list[int]) -> bool:
    """GitHub shows the verdict of what all have said, and nobody is about to write."""
    heard = Store(fleet.engine).heard(PullRef(REPO, numbers[0]), [sha])
    said = heard.words.get((sha, CONTEXT), ())
    shown = fleet.github.statuses(REPO, sha).latest.get(CONTEXT)
    stands = verdict(said)
    return (
        shown is not None
        and stands is not None
        and (shown.state, shown.description) == (stands.state, stands.description)
        and heard.written.get((sha, CONTEXT)) == stands
        and {word.subject for word in said} == {PullRef(REPO, number) for number in numbers}
    )


def assert_whole(
    fleet: Fleet, barrier: Barrier, sha: str, numbers: list[int], changes: int
) -> None:
    """It comes to that, and there were no more writes than changes."""
    wait_for(lambda: is_whole(fleet, sha, numbers), 60)
    assert barrier.writes <= changes


@pytest.mark.parametrize("is_made", [False, True], ids=["before the write", "after it"])
def test_a_look_that_is_killed_at_its_write_is_made_again_and_the_verdict_stands(
    fleet, barrier, is_made
):
    web = fleet.serve("--no-worker")
    fleet.work_elsewhere("host-a", lease=LEASE)
    fleet.tell(web, web)
    barrier.is_open = False
    sha, numbers = arrange(fleet)
    wait_for(lambda: barrier.waiting, 60)
    first = next(iter(barrier.waiting))
    if is_made:
        barrier.let_go(first)
        wait_for(lambda: barrier.waiting.get(first), 60)
    kill(fleet.processes[-1])
    fleet.work_elsewhere("host-b", lease=LEASE)
    barrier.open()
    # A write a word, and once more what the killed one was at.
    assert_whole(fleet, barrier, sha, numbers, changes=len(numbers) + 1)


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_two_processes_that_meet_at_one_commit_leave_its_verdict(fleet, barrier, steps):
    web = fleet.serve("--no-worker")
    fleet.work_elsewhere("host-a", lease=LEASE)
    fleet.work_elsewhere("host-b", lease=LEASE)
    fleet.tell(web, web)
    barrier.is_open = False
    sha, numbers = arrange(fleet)
    for _ in range(steps):
        wait_for(lambda: barrier.waiting or is_whole(fleet, sha, numbers), 60)
        assert len(barrier.waiting) <= 1  # nobody else writes meanwhile
        for number in list(barrier.waiting):
            barrier.let_go(number)
    barrier.open()
    assert_whole(fleet, barrier, sha, numbers, changes=len(numbers))
