"""Several processes on one database, as on several machines: everything is done, and done once."""

import os
import signal
from pathlib import Path

import alembic.command
import pytest
from alembic.config import Config
from sqlalchemy import inspect

import leeroy.migrations
from leeroy.database import pending_migrations, revisions, write
from leeroy.errors import Transient
from leeroy.hints import OtherHint
from leeroy.queue import LeaseLost
from tests.durable.processes import FOR_EVER, kill, make_fleet
from tests.stories.world import REPO
from tests.waiting import PATIENCE, wait_for

#: In place of 25: the other machine's work is free again within so many seconds.
LEASE = 2.0


@pytest.fixture
def fleet(tmp_path, database_url):
    with make_fleet(tmp_path, database_url, sweep_minutes=0) as fleet:
        yield fleet


def test_thirty_pull_requests_at_once_are_each_built_once(fleet):
    webs = [fleet.serve("--no-worker"), fleet.serve("--no-worker")]
    workers = [fleet.work(), fleet.work()]
    fleet.tell(*webs)
    # A moment a call, so that both have something to do.
    fleet.github.faults.latency = 0.02
    numbers = fleet.open_pulls(30)
    wait_for(lambda: all(fleet.state(n) == "success" for n in numbers))
    assert fleet.built() == numbers
    assert all(worker.poll() is None for worker in workers)


def test_what_a_killed_worker_was_at_is_taken_over_by_its_neighbour(fleet):
    """By a process that runs already: it need not be started again."""
    web = fleet.serve("--no-worker")
    fleet.work_elsewhere("host-a", lease=LEASE)
    fleet.work_elsewhere("host-a", lease=LEASE)
    fleet.tell(web, web)
    # Jenkins takes it, and nobody lives to hear that.
    fleet.jenkins.faults.add("POST", "/buildWithParameters", delay=FOR_EVER, times=1)
    [number] = fleet.open_pulls(1)
    wait_for(fleet.built)
    kill_holder(fleet, number)
    wait_for(lambda: fleet.state(number) == "success")
    assert fleet.built() == [number]


def test_what_a_machine_that_died_was_at_is_taken_over_by_another(fleet):
    web = fleet.serve("--no-worker")
    fleet.work_elsewhere("host-a", lease=LEASE)
    fleet.tell(web, web)
    fleet.jenkins.faults.add("POST", "/buildWithParameters", delay=FOR_EVER, times=1)
    [number] = fleet.open_pulls(1)
    wait_for(fleet.built)
    fleet.work_elsewhere("host-b", lease=LEASE)
    kill_holder(fleet, number)
    wait_for(lambda: fleet.holder(f"{REPO}#{number}").startswith("host-b"))
    wait_for(lambda: fleet.state(number) == "success")
    assert fleet.built() == [number]


def test_a_machine_that_stood_still_does_nothing_over_again(fleet):
    web = fleet.serve("--no-worker")
    fleet.work_elsewhere("host-a", lease=LEASE)
    fleet.tell(web, web)
    # It has read that nothing is built yet, and stands still before it acts on that.
    reading = fleet.github.faults.add("GET", r"/pulls/\d+$", delay=FOR_EVER, times=1)
    [number] = fleet.open_pulls(1)
    wait_for(lambda: reading.hits)
    pid = fleet.pid_of(f"{REPO}#{number}")
    wait_for(lambda: stands_still(fleet, pid))
    try:
        fleet.work_elsewhere("host-b", lease=LEASE)
        wait_for(lambda: fleet.state(number) == "success")
        writes = len(fleet.github.calls.writes())
    finally:
        fleet.github.faults.clear()
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: "another worker took this over" in fleet.log.read_text())
    assert fleet.built() == [number]
    assert len(fleet.github.calls.writes()) == writes


def test_a_start_on_an_old_schema_is_refused_where_others_may_use_it(tmp_path, database_url):
    """The oldest there is: none at all."""
    with make_fleet(tmp_path, database_url, is_migrated=False) as fleet:
        assert pending_migrations(fleet.engine) == revisions()
        if fleet.engine.dialect.name == "sqlite":
            fleet.serve()
            assert pending_migrations(fleet.engine) == ()
        else:
            worker = fleet.work()
            assert worker.wait(PATIENCE) == 2
            assert "leeroy migrate-db" in fleet.log.read_text()


def test_no_migration_takes_away_what_the_release_before_uses(empty_database):
    seen: dict[str, set[str]] = {}
    for revision in revisions():
        upgrade_to(empty_database, revision)
        inspector = inspect(empty_database)
        tables = inspector.get_table_names()
        columns = {t: {c["name"]: c for c in inspector.get_columns(t)} for t in tables}
        for table, names in seen.items():
            added = columns[table].keys() - names
            assert names <= columns[table].keys()
            # What it does not know of it does not fill in.
            assert all(columns[table][n]["nullable"] or columns[table][n]["default"] for n in added)
        seen = {table: set(names) for table, names in columns.items()}


def test_before_it_acts_a_look_hears_that_another_has_its_subject(make_queue, clock):
    one, two = make_queue("one"), make_queue("two")
    one.put("acme/widgets#1", OtherHint(kind="delivery"))
    look = one.take()
    one.keep(look)
    clock.pass_seconds(31)
    # Too late, but nobody else came: it is its own again.
    one.keep(look)
    assert two.take() is None
    clock.pass_seconds(31)
    assert two.take() is not None
    with pytest.raises(LeaseLost):
        one.keep(look)


def stands_still(fleet, pid):
    """Stop a process, but not within a transaction: from one that has a file locked, and stands
    still, nobody but the operator can take it."""
    os.kill(pid, signal.SIGSTOP)
    try:
        with write(fleet.engine):
            return True
    except Transient:
        os.kill(pid, signal.SIGCONT)
        return False


def kill_holder(fleet, number):
    pid = fleet.pid_of(f"{REPO}#{number}")
    kill(next(process for process in fleet.processes if process.pid == pid))


def upgrade_to(engine, revision: str) -> None:
    with write(engine) as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, revision)


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(leeroy.migrations.__file__).parent))
    return config
