"""The schema is current before anything uses it."""

from contextlib import closing
from pathlib import Path

from leeroy import migrations
from leeroy.cli.main import importing
from leeroy.config import Config
from leeroy.errors import ConfigError, Fault, Transient


def ready_database(config: Config) -> None:
    """A SQLite file is brought up to date; a PostgreSQL server is left to ``migrate-db``.

    Raises:
        ConfigError: the PostgreSQL schema is behind.
    """
    _ready(config.database_url.get_secret_value(), config.source.parent)


def ready_database_apart(config: Config) -> None:
    """The same, in a process that ends with it.

    What it takes to use a database, and to migrate one, is 25 MB of modules: the process that only
    holds the sockets would keep them for as long as it lives.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        pool.submit(_ready, config.database_url.get_secret_value(), config.source.parent).result()


def _is_current(url: str, folder: Path) -> bool:
    """A SQLite file has the newest schema; False where that does not show at a glance.

    To load what it takes to use a database takes a quarter of a server's whole start.
    """
    # Here, for the same reason as below.
    import sqlite3

    path, query = url.removeprefix("sqlite:///"), "SELECT version_num FROM alembic_version"
    if path == url or "?" in path:
        return False
    try:
        file = f"{(folder / path).absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(file, uri=True)) as connection:
            return [(_newest(),)] == connection.execute(query).fetchall()
    except sqlite3.Error:
        return False


def _newest() -> str:
    files = (Path(migrations.__file__).parent / "versions").glob("[0-9]*.py")
    return max(file.name for file in files).partition("_")[0]


#: What a start may take to see whether a SQLite file is whole; a larger one is looked at in part.
CHECK_SECONDS = 2.0


def _check_whole(url: str, folder: Path) -> None:
    """Transient where the SQLite file is garbled, or is none. Before anything heavy is loaded."""
    import sqlite3
    import time

    path = url.removeprefix("sqlite:///")
    if path == url or "?" in path or path.startswith("file:") or not (folder / path).exists():
        return
    broken = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    end = time.monotonic() + CHECK_SECONDS
    try:
        with closing(sqlite3.connect(folder / path, timeout=CHECK_SECONDS)) as connection:
            connection.set_progress_handler(lambda: int(time.monotonic() > end), 10_000)
            is_whole = connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
    except sqlite3.Error as exc:
        is_whole = getattr(exc, "sqlite_errorcode", 0) & 0xFF not in broken
    if not is_whole:
        raise Transient(
            f"the database {folder / path} is not whole: put a backup in its place, or move the file"
            " away with its -wal and -shm (Leeroy then begins anew with what GitHub shows)"
        )


def _ready(url: str, folder: Path) -> None:
    _check_whole(url, folder)
    if _is_current(url, folder):
        return
    with importing():
        from leeroy.database import migrate, open_database, pending_migrations

    engine = open_database(url, relative_to=folder)
    try:
        if engine.dialect.name == "sqlite":
            migrate(engine)
        elif pending := pending_migrations(engine):
            fault = Fault(
                path="database_url",
                problem=f"the schema lacks {len(pending)} migrations",
                hint="run: leeroy migrate-db",
            )
            raise ConfigError([fault])
    finally:
        engine.dispose()
