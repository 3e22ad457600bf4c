"""The file of a SQLite database: ours alone, the one we opened, and whole; else that is told."""

import os
import subprocess
import sys
import time

import pytest

from leeroy.app import create_app
from leeroy.database import migrate, open_database, write
from leeroy.errors import Transient
from leeroy.hints import SweepHint
from leeroy.metrics import Metrics
from leeroy.queue import NewHint
from leeroy.services import make_services
from leeroy.web.ops import Readiness
from tests.durable.processes import deliver
from tests.durable.test_disk import NOWHERE, answering
from tests.stories.world import a_config


@pytest.fixture
def services(tmp_path):
    services = make_services(a_config(tmp_path, NOWHERE, NOWHERE))
    migrate(services.engine)
    yield services
    services.close()


def readiness(services, *, idle=0.0, is_working=True):
    from functools import partial

    from leeroy.database import can_be_used

    return Readiness(
        services.queue,
        is_working=lambda: is_working,
        idle_seconds=lambda: idle,
        check_database=partial(can_be_used, services.engine),
        kept_seconds=0.0,
    )


def modes(folder):
    return {file.name: oct(file.stat().st_mode & 0o777) for file in folder.glob("leeroy.db*")}


ANOTHER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
print(database.execute("SELECT count(*) FROM subjects").fetchone()[0])
database.close()
"""


def test_another_process_that_comes_and_goes_leaves_us_the_log_we_write_to(services, tmp_path):
    def seen_by_another():
        done = subprocess.run(
            [sys.executable, "-c", ANOTHER, str(tmp_path / "leeroy.db")],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(done.stdout)

    services.queue.put("acme/widgets#1", SweepHint(why="test"))
    log = tmp_path / "leeroy.db-wal"
    before = log.stat().st_ino
    # A connection more, made while others hold their locks, must not end these.
    with services.engine.connect(), services.engine.connect(), services.engine.connect():
        assert seen_by_another() == 1
        assert log.stat().st_ino == before
    services.queue.put("acme/widgets#2", SweepHint(why="test"))
    assert seen_by_another() == 2
    assert log.stat().st_ino == before


def test_all_its_files_are_for_us_alone_whatever_the_umask(tmp_path):
    before = os.umask(0o000)
    try:
        services = make_services(a_config(tmp_path, NOWHERE, NOWHERE))
        migrate(services.engine)
        services.queue.put("acme/widgets#1", SweepHint(why="test"))
        made = modes(tmp_path)
        services.close()
    finally:
        os.umask(before)
    assert made == dict.fromkeys(("leeroy.db", "leeroy.db-wal", "leeroy.db-shm"), "0o600")


def test_one_that_others_could_read_is_closed_to_them_at_the_next_start(services, tmp_path):
    services.engine.dispose()
    (tmp_path / "leeroy.db").chmod(0o644)
    again = open_database(f"sqlite:///{tmp_path / 'leeroy.db'}")
    with write(again):
        pass
    assert set(modes(tmp_path).values()) == {"0o600"}
    again.dispose()


@pytest.mark.parametrize("is_replaced", [False, True], ids=["deleted", "replaced"])
def test_when_its_file_is_another_nothing_is_accepted(services, tmp_path, is_replaced):
    with answering(services) as url:
        assert deliver(url, 1, "first").status_code == 202
        assert readiness(services).trouble() == ""
        for file in tmp_path.glob("leeroy.db*"):
            file.unlink()
        if is_replaced:
            (tmp_path / "leeroy.db").write_bytes(b"")
        assert deliver(url, 2, "second").status_code == 503
        told = readiness(services).trouble()
    assert told == "the database cannot be used: its file is not the one that was opened"
    assert (tmp_path / "leeroy.db").exists() == is_replaced


def test_a_full_one_is_told(services, tmp_path):
    from sqlalchemy import event

    pages = {"most": 2**30}

    @event.listens_for(services.engine, "checkout")
    def _bound(connection, _record, _proxy):
        connection.execute(f"PRAGMA max_page_count = {pages['most']}")

    assert readiness(services).trouble() == ""
    pages["most"] = 1
    many = [NewHint(subject=f"acme/widgets#{n}", hint=SweepHint(why="x" * 999)) for n in range(999)]
    with pytest.raises(Transient, match="is full"):
        services.queue.put_all(many)
    assert readiness(services).trouble() == "the database cannot be used: it is full"
    pages["most"] = 2**30
    services.queue.put("acme/widgets#1", SweepHint(why="test"))
    assert readiness(services).trouble() == ""


def test_a_garbled_one_ends_serve_in_one_sentence_with_the_way_out(services, tmp_path):
    services.close()
    (tmp_path / "leeroy.db").write_bytes(b"garbled " * 4096)
    for file in tmp_path.glob("leeroy.db-*"):
        file.unlink()
    done = subprocess.run(
        [sys.executable, "-m", "leeroy", "serve", "--config", tmp_path / "config.json", "--port=0"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"leeroy: the database {tmp_path / 'leeroy.db'} is not whole: put"
    )
    assert "backup" in done.stderr
    assert done.stderr.count("\n") == 1


def test_one_with_a_broken_page_ends_serve_alike(services, tmp_path):
    services.close()
    file = tmp_path / "leeroy.db"
    whole = bytearray(file.read_bytes())
    whole[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
    file.write_bytes(whole)
    from leeroy.cli.database import ready_database

    with pytest.raises(Transient, match="is not whole"):
        ready_database(services.config)


def test_one_that_is_garbled_while_we_run_is_told(services, tmp_path):
    services.engine.dispose()
    with (tmp_path / "leeroy.db").open("r+b") as file:
        file.write(b"\xff" * 8192)
    told = readiness(services).trouble()
    assert told == "the database cannot be used: it is not whole"


def test_it_is_not_ready_while_looks_are_due_and_none_ends(services):
    assert readiness(services, idle=1000.0).trouble() == ""
    services.queue.put("acme/widgets#1", SweepHint(why="test"))
    assert readiness(services, idle=1000.0).trouble() == ""
    late = make_services(
        services.config,
        database_clock=lambda _: time.time() + 61,
    )
    told = "no look has ended for a minute, though some are due"
    assert readiness(late, idle=61.0).trouble() == told
    assert readiness(late, idle=59.0).trouble() == ""
    late.close()


def test_whoever_asks_often_is_told_what_was_so(services, tmp_path):
    assert isinstance(services.metrics, Metrics)
    client = create_app(services).test_client()
    assert client.get("/readyz").data == b"ready"
    (tmp_path / "leeroy.db").unlink()
    assert client.get("/readyz").status_code == 200
