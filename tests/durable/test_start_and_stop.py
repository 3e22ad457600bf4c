"""SIGTERM finishes or hands back what runs within ten seconds; ready means ready."""

import re
import signal
import sys
import time
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from leeroy.app import create_app
from leeroy.database import migrate, read
from leeroy.queue.tables import subjects
from leeroy.services import make_services
from leeroy_sandbox.faults import Drop
from leeroy_sandbox.server import Server
from tests.durable.processes import WITH_TIME_FOR_LOOKS, make_fleet
from tests.stories.world import REPO, a_config
from tests.waiting import PATIENCE, UNHURRIED, is_ready, wait_for


@pytest.fixture
def fleet(tmp_path):
    url = f"sqlite:///{tmp_path / 'leeroy.db'}"
    with make_fleet(tmp_path, url, sweep_minutes=0) as fleet:
        fleet.program = (sys.executable, "-c", UNHURRIED)
        yield fleet


@pytest.fixture
def with_time_for_looks(fleet):
    fleet.program = (sys.executable, "-c", WITH_TIME_FOR_LOOKS)
    return fleet


@pytest.fixture(params=["serve", "work"])
def worker(request, fleet):
    """A process that makes looks, and the address where GitHub finds somebody."""
    if request.param == "serve":
        url = fleet.serve()
        fleet.tell(url, url)
        return fleet.processes[-1]
    web = fleet.serve("--no-worker")
    fleet.tell(web, web)
    return fleet.work()


def names(fleet):
    """The subjects there are: a worker that has begun puts what comes up by itself."""
    with read(fleet.engine) as connection:
        return set(connection.scalars(select(subjects.c.name)))


def stop(process, number=signal.SIGTERM):
    """Its exit code, once it has ended: long before anybody answers who is asked."""
    process.send_signal(number)
    return process.wait(PATIENCE)


def row_of(fleet, number):
    with read(fleet.engine) as connection:
        rows = connection.execute(subjects.select().where(subjects.c.name == f"{REPO}#{number}"))
        return rows.one()


def test_a_look_that_runs_is_finished(with_time_for_looks, worker):
    fleet = with_time_for_looks
    fleet.github.faults.add("GET", r"/pulls/\d+$", delay=1.0, times=1)
    [number] = fleet.open_pulls(1)
    fleet.pid_of(f"{REPO}#{number}")
    assert stop(worker) == 0
    assert fleet.state(number) == "pending"
    row = row_of(fleet, number)
    assert row.token is None


@pytest.mark.parametrize(
    ("worker", "sandbox", "method", "path"),
    [
        pytest.param("work", "github", "GET", r"/pulls/\d+$", id="a worker that reads"),
        pytest.param("serve", "jenkins", "POST", "/build", id="a server that triggers"),
        pytest.param("work", "github", "POST", "/statuses/", id="a worker that reports"),
    ],
    indirect=["worker"],
)
def test_a_look_that_hangs_is_handed_back(fleet, worker, sandbox, method, path):
    faults = getattr(fleet, sandbox).faults
    hanging = faults.add(method, path, drop=Drop.TIMEOUT, times=1)
    [number] = fleet.open_pulls(1)
    wait_for(lambda: hanging.hits)
    assert stop(worker) == 0
    row = row_of(fleet, number)
    assert (row.token, row.leased_by, row.attempts) == (None, None, 0)
    assert row.due is not None
    faults.clear()
    fleet.work()
    wait_for(lambda: fleet.state(number))
    assert fleet.built() == [number]


def test_interrupting_a_worker_by_hand_ends_it_too(fleet):
    fleet.serve("--no-worker")
    worker = fleet.work()
    wait_for(lambda: "follow builds" in names(fleet))
    assert stop(worker, signal.SIGINT) == 0


def test_a_server_is_ready_while_its_queue_runs_and_not_a_moment_longer(tmp_path):
    config = a_config(tmp_path, "http://127.0.0.1:9", "http://127.0.0.1:9", sweep_minutes=0)
    services = make_services(config)
    migrate(services.engine)
    workers = services.workers(1)
    app = create_app(services, is_working=lambda: workers.is_alive)
    with Server(app) as server:
        assert answer_of(server) == (503, "the queue does not run")
        workers.start()
        assert answer_of(server) == (200, "ready")
        workers.stop()
        assert answer_of(server) == (503, "the queue does not run")
        assert requests.get(f"{server.url}/healthz", timeout=PATIENCE).status_code == 200
    services.close()


def answer_of(server):
    answer = requests.get(f"{server.url}/readyz", timeout=PATIENCE)
    return answer.status_code, answer.text


def test_a_server_that_was_told_to_end_is_never_ready_again(fleet):
    url = fleet.serve()
    fleet.tell(url, url)
    hanging = fleet.github.faults.add("GET", r"/pulls/\d+$", drop=Drop.TIMEOUT)
    fleet.open_pulls(1)
    wait_for(lambda: hanging.hits)
    process = fleet.processes[-1]
    process.send_signal(signal.SIGTERM)
    wait_for(lambda: not is_ready(url))
    while process.poll() is None:
        assert not is_ready(url)
        time.sleep(0.1)


def test_a_delivery_that_was_accepted_while_it_ended_is_worked_off_by_the_next(fleet):
    url = fleet.serve()
    fleet.tell(url, url)
    numbers = fleet.open_pulls(20)
    time.sleep(0.05)
    stop(fleet.processes[-1])
    fleet.github.wait_delivered()
    accepted = [d for d in fleet.github.deliveries.log() if d.status_code == 202]
    told = {int(re.search(rb'"number": ?(\d+)', d.payload)[1]) for d in accepted}
    fleet.work()
    wait_for(lambda: all(fleet.state(n) for n in told & set(numbers)))
    assert set(fleet.built()) <= set(numbers)
    assert len(fleet.built()) == len(set(fleet.built()))


@pytest.mark.skipif(sys.platform != "linux", reason="reads what a process has mapped from /proc")
def test_the_process_that_only_holds_the_sockets_has_not_loaded_what_the_worker_needs(fleet):
    fleet.serve()
    holder = fleet.processes[-1].pid
    (worker,) = Path(f"/proc/{holder}/task/{holder}/children").read_text().split()
    database = [
        [
            name
            for name in ("sqlalchemy", "_sqlite3")
            if name in Path(f"/proc/{pid}/maps").read_text()
        ]
        for pid in (holder, worker)
    ]
    assert database == [[], ["sqlalchemy", "_sqlite3"]]
