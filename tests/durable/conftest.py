"""Every durable test runs on SQLite, and on PostgreSQL where one is given."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, make_url, text

from leeroy.database import open_database, write
from leeroy.queue import Queue
from tests.databases import make_tables


class Clock:
    """A clock that goes only when told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self, _connection: Connection) -> float:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        """Let so much time pass."""
        self.now += seconds


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new, empty database: a file, or a schema that is dropped afterwards."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'leeroy.db'}"
        return
    server = os.environ.get("LEEROY_TEST_POSTGRES")
    if not server:
        pytest.skip("LEEROY_TEST_POSTGRES holds no URL of a PostgreSQL to try this on")
    schema = f"leeroy_{uuid.uuid4().hex}"
    admin = open_database(server)
    with write(admin) as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
    yield url.render_as_string(hide_password=False)
    with write(admin) as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture
def empty_database(database_url: str) -> Iterator[Engine]:
    """A database without tables."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty_database: Engine) -> Engine:
    """A database with Leeroy's tables."""
    make_tables(empty_database)
    return empty_database


@pytest.fixture
def clock() -> Clock:
    """The time all queues of one test agree on."""
    return Clock()


@pytest.fixture
def make_queue(engine: Engine, clock: Clock) -> Callable[..., Queue]:
    """Queues as so many processes have them, on one database."""

    def make(name: str = "one", **settings: object) -> Queue:
        return Queue(engine, name=name, **{"clock": clock, **settings})  # type: ignore[arg-type]

    return make


@pytest.fixture
def queue(make_queue: Callable[..., Queue]) -> Queue:
    """The queue as one process has it."""
    return make_queue()
