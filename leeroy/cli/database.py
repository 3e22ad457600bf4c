"""The schema is current before anything uses it."""

from contextlib import closing
from pathlib import Path

from leeroy import migrations
from leeroy.cli.main import importing
from leeroy.config import Config
from leeroy.errors import ConfigError, Fault


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


def _ready(url: str, folder: Path) -> None:
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
