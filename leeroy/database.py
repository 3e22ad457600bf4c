"""The one database: SQLite in a file by default, PostgreSQL for several machines.

Every table of Leeroy is in :data:`metadata` and is created by the migrations, never otherwise.
Every moment in every table is a number: seconds since 1970-01-01 UTC, with fractions, as
:func:`now` says it (columns of type ``Double``). It is the database's clock, so that machines
whose clocks differ agree on what is due; both databases compare and subtract it alike.
"""

import importlib.util
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from leeroy.database_file import DatabaseFile
from leeroy.errors import ConfigError, Fault, Transient

#: The tables of queue.py and store.py.
metadata = MetaData()

#: How long to wait for another's write, for a free connection or for an answer to a connect:
#: half of the 10 s after which GitHub gives a webhook up.
PATIENCE_SECONDS = 5
#: Connections kept, and that many more when it gets busy: 8 web threads, 12 workers, and commands.
POOL_SIZE = 20
#: For so long after the last write that found the disk full it counts as full.
FULL_SECONDS = 30.0

_URL_HINT = "use sqlite:///leeroy.db or postgresql://USER@HOST/NAME"
_MIGRATIONS = Path(__file__).with_name("migrations")
#: Any fixed number: it keeps two machines from migrating one PostgreSQL at the same time.
_MIGRATION_LOCK = 1_279_608_146

#: What may pass by itself, by the low byte of https://www.sqlite.org/rescode.html. Its plain
#: ERROR is a mistake of ours and stays one.
_SQLITE_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SQLITE_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
#: read_only_sql_transaction: a standby, https://www.postgresql.org/docs/15/errcodes-appendix.html.
_POSTGRESQL_READ_ONLY = "25006"

# now() stands still in a transaction, which may have waited for a lock:
# https://www.postgresql.org/docs/15/functions-datetime.html#FUNCTIONS-DATETIME-CURRENT
_POSTGRESQL_NOW = text("SELECT extract(epoch FROM clock_timestamp())::double precision")


def open_database(url: str, *, relative_to: Path | None = None) -> Engine:
    """The engine for ``url``; nothing is connected before the first use.

    A relative SQLite path is taken from the folder ``relative_to``: the configuration's.

    >>> open_database("postgresql://leeroy:secret@db/leeroy")
    Engine(postgresql+psycopg://leeroy:***@db/leeroy?connect_timeout=5)

    :raises ConfigError: the URL is none, or not of a database Leeroy can use.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not chained: the text of the URL, and so its password, is in the original error.
        raise _url_fault("is not a database URL") from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return _open_sqlite(parsed, relative_to or Path())
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return _open_postgresql(parsed)
    raise _url_fault(f"{parsed.drivername} is not supported")


def _url_fault(problem: str, hint: str = _URL_HINT) -> ConfigError:
    return ConfigError([Fault(path="database_url", problem=problem, hint=hint)])


def _open_sqlite(url: URL, folder: Path) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise _url_fault("a database in memory would lose everything")
    if not url.database.startswith("file:"):
        url = url.set(database=str(folder / url.database))
    engine = create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"timeout": PATIENCE_SECONDS},
        # SQLite's own waiting is polling, up to 100 ms a time; our threads take turns instead.
        execution_options={"write_lock": threading.Lock(), "line_lock": threading.Lock()},
        # Each connection comes back from `read` or `write`, which have ended its transaction.
        pool_reset_on_return=None,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    if url.database and not url.database.startswith("file:"):
        file = DatabaseFile(Path(url.database))
        engine.update_execution_options(file=file)
        event.listen(engine, "do_connect", lambda *_: file.ready())
    return engine


def _file_of(engine: Engine) -> DatabaseFile | None:
    file = engine.get_execution_options().get("file")
    return file if isinstance(file, DatabaseFile) else None


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # Python's own BEGIN comes late and is never IMMEDIATE: we say it ourselves, in _begin.
    # https://docs.python.org/3.11/library/sqlite3.html#sqlite3-controlling-transactions
    connection.isolation_level = None
    # https://www.sqlite.org/pragma.html. FULL: what was committed outlives a power cut.
    connection.execute(f"PRAGMA busy_timeout = {int(PATIENCE_SECONDS * 1000)}")
    _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _switch_to_wal(connection: Any) -> None:
    # Of two that make the same new file at once, SQLite refuses one without any waiting.
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection, words: str) -> None:
    # Not by an event of SQLAlchemy's: with one to tell of, all that a connection does costs more.
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute(words)


def _open_postgresql(url: URL) -> Engine:
    url = url.set(drivername="postgresql+psycopg")
    if importlib.util.find_spec("psycopg") is None:
        raise _url_fault("PostgreSQL needs a driver", "pip install 'leeroy[postgresql]'")
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": str(PATIENCE_SECONDS)})
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_timeout=PATIENCE_SECONDS,
        pool_pre_ping=True,
        # The queue locks a row, then reads what was committed until then: the server's default,
        # but a server may be set otherwise.
        isolation_level="READ COMMITTED",
        hide_parameters=True,
    )


@contextmanager
def write(engine: Engine, *, is_awaited: bool = False) -> Iterator[Connection]:
    """One short transaction that writes; committed when the block ends, or nothing of it is.

    One that ``is_awaited``, by whoever sent a webhook, goes before all others of this process that
    wait for their turn.

    :raises Transient: the database is away, busy, full or read-only.
    """
    with (
        _told_apart(engine),
        # All but those stand in a line first: at the lock itself there is never more than one of them.
        nullcontext() if is_awaited else _turn(engine, "line_lock"),
        _turn(engine, "write_lock"),
        engine.connect() as connection,
        connection.begin(),
    ):
        # A transaction that reads first and then writes is refused, without any waiting, when
        # another wrote in between: https://www.sqlite.org/isolation.html. So writers say so at once.
        file = _file_of(engine)
        if file is not None:
            file.check()
        _begin(connection, "BEGIN IMMEDIATE")
        yield connection
    if file is not None:
        file.refused = None


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """One short transaction that only reads, and never waits for a writer.

    :raises Transient: the database is away.
    """
    with _told_apart(engine), engine.connect() as connection, connection.begin():
        _begin(connection, "BEGIN")
        yield connection


def now(connection: Connection) -> float:
    """The database's time: seconds since 1970-01-01 UTC, to the millisecond or better.

    SQLite's is the clock of its machine, which is this one: it need not be asked.
    """
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.execute(_POSTGRESQL_NOW).scalar_one())


def pending_migrations(engine: Engine) -> tuple[str, ...]:
    """The migrations the database still needs, oldest first; empty when it is current.

    Empty too when a newer Leeroy made the schema, as happens in a rolling upgrade: a migration
    only adds what the release before it can live with.
    """
    with read(engine) as connection:
        return _pending(connection)


def migrate(engine: Engine) -> tuple[str, ...]:
    """Bring the schema up to date, all or nothing; the migrations that were applied.

    Any number of processes may do this at once: one does it, the others find it done.
    """
    with write(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        pending = _pending(connection)
        if pending:
            _upgrade(connection)
    return pending


def revisions() -> tuple[str, ...]:
    """The migrations there are, oldest first: the number that a file's name begins with."""
    found = (_MIGRATIONS / "versions").glob("[0-9]*.py")
    return tuple(sorted(path.name.partition("_")[0] for path in found))


def _pending(connection: Connection) -> tuple[str, ...]:
    known = revisions()
    if not inspect(connection).has_table("alembic_version"):
        return known
    current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if current is None:
        return known
    return known[known.index(current) + 1 :] if current in known else ()


def _upgrade(connection: Connection) -> None:
    # Imported here: it takes 10 MB, and a serving process whose schema is current needs none of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _turn(engine: Engine, name: str) -> AbstractContextManager[object]:
    lock = engine.get_execution_options().get(name)
    return nullcontext() if lock is None else _turn_at(lock)


@contextmanager
def _turn_at(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(timeout=PATIENCE_SECONDS):
        raise Transient(f"the database was busy for {PATIENCE_SECONDS} s")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _told_apart(engine: Engine) -> Iterator[None]:
    """Raise ``Transient`` for what may pass, and let our own mistakes through as they are."""
    try:
        yield
    except PoolTimeout as exc:
        raise Transient(f"no connection to {_describe(engine.url)} became free") from exc
    except (DBAPIError, sqlite3.Error) as exc:
        if getattr(_of_driver(exc), "sqlite_errorcode", 0) & 0xFF in _SQLITE_BROKEN:
            raise not_whole(str(engine.url.database)) from exc
        if not _may_pass(exc):
            raise
        reason = " ".join(str(_of_driver(exc)).split())
        error = Transient(f"cannot use {_describe(engine.url)}: {reason}")
        file = _file_of(engine)
        if file is not None and "is full" in reason:
            file.refused = time.monotonic(), error
        raise error from exc


def not_whole(path: str) -> Transient:
    """What to do about a file that is no database any more. Some passing hands may mend it."""
    return Transient(
        f"the database {path} is not whole: stop Leeroy, and put a backup in its place, or move the"
        " file away with its -wal and -shm (Leeroy then begins anew with what GitHub shows)"
    )


def can_be_used(engine: Engine) -> None:
    """Transient, with the reason, where the database cannot be written, or is not the one we had."""
    file = _file_of(engine)
    if file is not None:
        file.check()
        # What fits in the log may still be written when nothing else is.
        at, error = file.refused or (-FULL_SECONDS, None)
        if error is not None and time.monotonic() - at < FULL_SECONDS:
            raise error
    if engine.dialect.name != "sqlite":
        with read(engine) as connection:
            if connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on":
                raise Transient(f"{_describe(engine.url)} may only be read")
        return
    with write(engine) as connection:
        # A number nobody uses, written again as it is: a page of the log, as any write.
        number = connection.execute(text("PRAGMA user_version")).scalar_one()
        connection.execute(text(f"PRAGMA user_version = {int(number)}"))


def _may_pass(exc: DBAPIError | sqlite3.Error) -> bool:
    sqlite_code = getattr(_of_driver(exc), "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in _SQLITE_PASSING
    if isinstance(exc, OperationalError | InterfaceError):
        return True
    return getattr(_of_driver(exc), "sqlstate", None) == _POSTGRESQL_READ_ONLY


def _of_driver(exc: DBAPIError | sqlite3.Error) -> BaseException | None:
    return exc.orig if isinstance(exc, DBAPIError) else exc


def _describe(url: URL) -> str:
    # Never the URL itself: a password may stand in it, and in its query too.
    if url.get_backend_name() == "sqlite":
        return f"the database {url.database}"
    return f"the database {url.database} at {url.host or 'the local socket'}"
