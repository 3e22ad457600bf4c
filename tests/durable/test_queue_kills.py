"""What the queue keeps when its process is killed, shown with real processes and kill -9."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leeroy import database
from leeroy.hints import OtherHint
from leeroy.queue import LeaseLost, Queue, this_process
from leeroy.queue.process import is_gone
from tests.waiting import PATIENCE, wait_for

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import sys
import time
from leeroy.database import open_database
from leeroy.hints import OtherHint
from leeroy.queue import Queue, this_process

url, name, lease_seconds = sys.argv[1:]
queue = Queue(open_database(url), name=name or this_process(), lease_seconds=float(lease_seconds))
"""
TAKES = """
print("took", queue.take().subject, flush=True)
time.sleep(3600)
"""
PUTS = """
number = 0
while True:
    number += 1
    queue.put(f"acme/widgets#{number % 7}", OtherHint(kind="push"), delivery=str(number))
    print(number, flush=True)
"""
WORKS = """
while True:
    look = queue.take()
    if look is None:
        queue.wait()
        continue
    print(*(hint.delivery for hint in look.hints), flush=True)
    queue.done(look)
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(database_url: str) -> Iterator[Start]:
    """Start a process that works on the test's database; all are killed in the end."""
    children = []

    def start_child(does: str, name: str = "", lease: float = 30.0) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", CHILD + does, database_url, name, str(lease)]
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        children.append(child)
        return child

    yield start_child
    for child in children:
        if child.returncode is None:
            kill(child)


def line_of(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def kill(child: subprocess.Popen[str]) -> str:
    """End the process as a power cut would, and return what it had still said."""
    child.send_signal(signal.SIGKILL)
    said, _ = child.communicate()
    return said


@pytest.fixture
def queue(engine) -> Queue:
    """The queue as this process has it, by the database's own clock."""
    return Queue(engine, name=this_process())


def test_what_a_killed_worker_held_is_free_at_once_after_a_restart_on_its_machine(queue, start):
    queue.put("acme/widgets#1", OtherHint(kind="push"))
    child = start(TAKES)
    assert line_of(child) == "took acme/widgets#1"
    assert (queue.free_leases_of_the_dead(), queue.take()) == (0, None)
    kill(child)
    assert queue.free_leases_of_the_dead() == 1
    look = queue.take()
    assert look is not None
    assert (look.hints[0].hint.kind, look.attempts) == ("push", 2)


def test_what_a_worker_on_another_machine_held_is_free_when_its_lease_ends(queue, start):
    queue.put("acme/widgets#1", OtherHint(kind="push"))
    child = start(TAKES, "another.machine:17:4711", lease=1.0)
    line_of(child)
    kill(child)
    assert queue.free_leases_of_the_dead() == 0
    wait_for(queue.take)


def test_a_worker_that_slept_through_its_lease_is_told_so(queue, engine):
    sleeper = Queue(engine, name="another.machine:17:4711", lease_seconds=0.05)
    queue.put("acme/widgets#1", OtherHint(kind="push"))
    look = sleeper.take()
    assert look is not None
    wait_for(queue.take)
    with pytest.raises(LeaseLost):
        sleeper.done(look)


def test_what_was_put_before_a_kill_is_there_after_it(queue, start):
    child = start(PUTS)
    said = [line_of(child) for _ in range(50)]
    said += kill(child).split()
    kept = {hint.delivery for hint in queue.recent_hints(10_000)}
    assert set(said) <= kept
    # The one that may have been on disk before it was said.
    assert len(kept) - len(said) <= 1


def test_workers_killed_at_any_moment_lose_nothing(queue, start):
    for number in range(60):
        queue.put(f"acme/widgets#{number % 20}", OtherHint(kind="push"), delivery=str(number))
    looked_at: list[str] = []
    for lines in (1, 4, 2):
        child = start(WORKS)
        looked_at += [line_of(child) for _ in range(lines)]
        looked_at += kill(child).splitlines()
        queue.free_leases_of_the_dead()
    while look := queue.take():
        looked_at.append(" ".join(hint.delivery for hint in look.hints))
        queue.done(look)
    assert {delivery for line in looked_at for delivery in line.split()} == set(map(str, range(60)))
    # At least once, and twice only for the look each killed worker was at.
    assert len(looked_at) <= 20 + 3
    assert all(hint.handled is not None for hint in queue.recent_hints(100))


def test_a_process_is_known_by_host_id_and_start(start, queue):
    child = start(TAKES)
    host, pid, began = this_process().rsplit(":", 2)
    assert pid == str(os.getpid())
    assert not is_gone(this_process())
    assert is_gone(f"{host}:{pid}:1{began}"), "another process had this id before"
    kill(child)
    assert is_gone(f"{host}:{child.pid}:{began}")
    assert not is_gone(f"another.machine:{child.pid}:{began}")
    assert not is_gone("a name of another form")


def test_a_process_that_ended_is_gone_even_if_nobody_has_asked_how(start, queue):
    if not Path("/proc/self/stat").exists():
        pytest.skip("only /proc tells a zombie")
    host = this_process().rsplit(":", 2)[0]
    child = start(TAKES)
    began = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
    assert not is_gone(f"{host}:{child.pid}:{began}")
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(f"{host}:{child.pid}:{began}")


def test_the_clock_of_a_queue_is_the_databases(engine, queue):
    with database.read(engine) as connection:
        before = database.now(connection)
    queue.put("acme/widgets#1", OtherHint(kind="push"))
    assert 0 <= queue.recent_hints()[0].received - before < PATIENCE
