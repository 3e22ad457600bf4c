"""The database: opened, migrated, written to; and what it says when it cannot be."""

import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError

import leeroy.store  # noqa: F401  its tables are compared with the migrations
from leeroy import database
from leeroy.database import migrate, now, open_database, pending_migrations, read, write
from leeroy.errors import ConfigError, Transient
from leeroy.hints import OtherHint, RequestHint
from leeroy.queue import Queue
from tests.waiting import PATIENCE


def count_subjects(engine: Engine) -> int:
    with read(engine) as connection:
        return connection.execute(text("SELECT count(*) FROM subjects")).scalar_one()


def add_subject(connection, name: str) -> None:
    connection.execute(
        text(
            "INSERT INTO subjects (name, lane, turn, priority, attempts) VALUES (:name, '', 0, 0, 0)"
        ),
        {"name": name},
    )


# Opening


def test_a_relative_sqlite_path_is_taken_from_the_folder_of_the_configuration(tmp_path):
    engine = open_database("sqlite:///leeroy.db", relative_to=tmp_path)
    migrate(engine)
    engine.dispose()
    assert (tmp_path / "leeroy.db").exists()


def test_an_absolute_sqlite_path_is_taken_as_it_is(tmp_path):
    (tmp_path / "else").mkdir()
    engine = open_database(f"sqlite:///{tmp_path}/leeroy.db", relative_to=tmp_path / "else")
    assert engine.url.database == str(tmp_path / "leeroy.db")


def test_what_sqlite_committed_outlives_a_power_cut(tmp_path):
    engine = open_database("sqlite:///leeroy.db", relative_to=tmp_path)
    with read(engine) as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    full = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_through_psycopg_3(scheme):
    pytest.importorskip("psycopg")
    engine = open_database(f"{scheme}://leeroy:secret@db.example.org/leeroy?sslmode=require")
    assert engine.dialect.driver == "psycopg"
    assert dict(engine.url.query) == {"sslmode": "require", "connect_timeout": "5"}


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("leeroy:secret@db", "is not a database URL", id="no URL"),
        pytest.param("postgresql://leeroy:secret@db:x/y", "is not a database URL", id="bad port"),
        pytest.param("mysql://leeroy:secret@db/y", "mysql is not supported", id="other database"),
        pytest.param("postgresql+asyncpg://u:secret@db/y", "asyncpg is not", id="other driver"),
        pytest.param("sqlite://", "in memory would lose everything", id="no file"),
        pytest.param("sqlite:///:memory:", "in memory would lose everything", id="memory"),
    ],
)
def test_a_url_that_cannot_be_used_is_a_fault_of_the_settings(url, problem):
    with pytest.raises(ConfigError, match=problem) as caught:
        open_database(url)
    assert [fault.path for fault in caught.value.faults] == ["database_url"]
    assert "secret" not in f"{caught.value}{caught.value.__cause__}"


# Migrations


def test_a_new_database_is_made_by_the_migrations(empty_database):
    pending = pending_migrations(empty_database)
    assert pending[0] == "0001"
    assert migrate(empty_database) == pending
    assert pending_migrations(empty_database) == ()
    assert Queue(empty_database, name="one").put("acme/widgets#1", OtherHint(kind="push"))


def test_a_current_database_is_left_as_it_is(engine):
    add = Queue(engine, name="one").put("acme/widgets#1", OtherHint(kind="push"))
    assert (add, migrate(engine), count_subjects(engine)) == (True, (), 1)


def test_the_migrations_make_the_tables_as_they_are_declared(engine):
    with read(engine) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), database.metadata)
    # An index may be a matter of the migrations alone: no code depends on it.
    assert [item for item in differences if item[0] != "remove_index"] == []


def test_a_schema_from_a_newer_release_is_worked_with(engine):
    with write(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert pending_migrations(engine) == ()
    assert migrate(engine) == ()


def test_processes_that_start_at_once_migrate_once(database_url):
    engines = [open_database(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        applied = [pool.submit(migrate, engine) for engine in engines]
    pending = pending_migrations(engines[0])
    for engine in engines:
        engine.dispose()
    assert pending == ()
    assert sorted(bool(future.result()) for future in applied) == [False, False, False, True]


def test_a_migration_that_fails_leaves_nothing_behind(empty_database):
    with write(empty_database) as connection:
        connection.execute(text("CREATE TABLE hints (id INTEGER PRIMARY KEY)"))
    with pytest.raises(DBAPIError, match="hints"):
        migrate(empty_database)
    with pytest.raises(DBAPIError, match="subjects"):
        count_subjects(empty_database)


# Transactions and time


def test_a_transaction_is_kept_whole_or_not_at_all(engine):
    def add_and_fail() -> None:
        with write(engine) as connection:
            add_subject(connection, "acme/widgets#1")
            raise KeyError

    with pytest.raises(KeyError):
        add_and_fail()
    assert count_subjects(engine) == 0


def test_a_reader_sees_what_was_committed_and_waits_for_nobody(engine):
    with write(engine) as connection:
        add_subject(connection, "acme/widgets#1")
        assert count_subjects(engine) == 0
    assert count_subjects(engine) == 1


def test_threads_take_turns_at_writing(engine):
    with write(engine) as connection:
        add_subject(connection, "counter")

    def count(_: int) -> None:
        with write(engine) as connection:
            connection.execute(text("UPDATE subjects SET attempts = attempts + 1"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    with read(engine) as connection:
        assert connection.execute(text("SELECT attempts FROM subjects")).scalar_one() == 40


def test_the_time_is_utc_and_goes_on_within_a_transaction(engine):
    with read(engine) as connection:
        before = now(connection)
        time.sleep(0.02)
        after = now(connection)
    assert 0.01 < after - before < PATIENCE
    assert abs(time.time() - after) < PATIENCE  # a PostgreSQL elsewhere has its own clock


def test_the_queue_reads_what_was_committed_last_however_the_server_is_set(engine):
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one isolation")
    serializable = " -cdefault_transaction_isolation=serializable"
    options = engine.url.query["options"] + serializable
    other = open_database(
        engine.url.update_query_dict({"options": options}).render_as_string(hide_password=False)
    )
    with read(other) as connection:
        level = connection.execute(text("SHOW transaction_isolation")).scalar_one()
    other.dispose()
    assert level == "read committed"


# What goes wrong


def test_a_mistake_of_ours_is_not_mistaken_for_bad_luck(engine):
    with pytest.raises(DBAPIError), read(engine) as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
    with write(engine) as connection:
        add_subject(connection, "acme/widgets#1")
    with pytest.raises(IntegrityError), write(engine) as connection:
        add_subject(connection, "acme/widgets#1")


def test_a_read_only_database_is_to_be_tried_again(engine, tmp_path):
    if engine.dialect.name == "sqlite":
        url = f"sqlite:///file:{engine.url.database}?mode=ro&uri=true"
    else:
        options = engine.url.query["options"] + " -cdefault_transaction_read_only=on"
        changed = engine.url.update_query_dict({"options": options})
        url = changed.render_as_string(hide_password=False)
    other = open_database(url)
    with pytest.raises(Transient, match=r"read-?only"):
        Queue(other, name="one").put("acme/widgets#1", OtherHint(kind="push"))
    other.dispose()
    assert count_subjects(engine) == 0


def test_a_full_disk_is_to_be_tried_again(engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("only SQLite can be told how much room there is")
    queue = Queue(engine, name="one")
    with read(engine) as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(Transient, match="full"):
        queue.put("acme/widgets#1", RequestHint(context="x" * 100_000))
    assert queue.recent_hints() == ()


def test_a_database_another_process_writes_to_for_long_is_to_be_tried_again(engine, monkeypatch):
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL lets many write")
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.1)
    impatient = open_database(str(engine.url))
    with closing(sqlite3.connect(engine.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Transient, match="locked"):
            Queue(impatient, name="one").put("acme/widgets#1", OtherHint(kind="push"))
        other.execute("ROLLBACK")
    assert Queue(impatient, name="one").put("acme/widgets#1", OtherHint(kind="push"))
    impatient.dispose()


def test_a_thread_that_writes_for_long_does_not_make_the_others_wait_for_ever(engine, monkeypatch):
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL lets many write")
    monkeypatch.setattr(database, "PATIENCE_SECONDS", 0.1)
    with (
        ThreadPoolExecutor(1) as pool,
        write(engine),
        pytest.raises(Transient, match=r"busy for 0\.1 s"),
    ):
        pool.submit(migrate, engine).result()


def test_a_folder_that_is_not_there_is_told_with_its_path(tmp_path):
    engine = open_database("sqlite:///nowhere/leeroy.db", relative_to=tmp_path)
    with pytest.raises(Transient, match=r"nowhere/leeroy\.db"):
        migrate(engine)


def test_a_postgresql_that_is_away_is_to_be_tried_again_and_its_password_is_not_told():
    pytest.importorskip("psycopg")
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        engine = open_database(f"postgresql://leeroy:secret@127.0.0.1:{port}/builds")
        with pytest.raises(Transient, match=r"builds at 127\.0\.0\.1") as caught:
            pending_migrations(engine)
    assert "secret" not in f"{caught.value}{caught.value.__cause__}"


def test_a_connection_that_broke_is_replaced(engine):
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite is in our own process")
    with read(engine) as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    admin = open_database(make_url(engine.url).render_as_string(hide_password=False))
    with write(admin) as connection:
        connection.execute(text(f"SELECT pg_terminate_backend({pid})"))
    admin.dispose()
    assert count_subjects(engine) == 0


def test_a_connection_that_breaks_in_a_transaction_is_to_be_tried_again(engine):
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite is in our own process")
    with pytest.raises(Transient), write(engine) as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert count_subjects(engine) == 0


def test_the_migrations_are_numbered_as_their_files_are_named():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from leeroy import migrations
    from leeroy.database import revisions

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    assert revisions() == tuple(script.revision for script in scripts)[::-1]
