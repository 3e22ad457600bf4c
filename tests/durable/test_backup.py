"""A copy of the SQLite file made while it is written to is whole, and Leeroy goes on from it."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from leeroy.database import migrate, open_database, pending_migrations
from leeroy.queue import Queue


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[Path, Engine]]:
    """A database as a serving process has it open."""
    file = tmp_path / "leeroy.db"
    engine = open_database(f"sqlite:///{file}")
    migrate(engine)
    yield file, engine
    engine.dispose()


class Writer(threading.Thread):
    """Puts hints without a pause; `put` has those that were acknowledged."""

    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self.queue = queue
        self.put: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.enough.is_set():
            number += 1
            subject = f"acme/widgets#{number}"
            self.queue.put(subject, kind="delivery", delivery=f"guid-{number}")
            self.put.append(subject)


def vacuum_into(file: Path, copy: Path) -> None:
    # https://www.sqlite.org/lang_vacuum.html#vacuuminto
    with closing(sqlite3.connect(file)) as source:
        source.execute("VACUUM INTO ?", [str(copy)])


def backup(file: Path, copy: Path) -> None:
    # https://www.sqlite.org/backup.html: what `sqlite3 leeroy.db ".backup copy.db"` does
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


@pytest.mark.parametrize("make_copy", [vacuum_into, backup])
def test_a_copy_made_while_serving_has_all_that_was_acknowledged(
    serving: tuple[Path, Engine], tmp_path: Path, make_copy: Callable[[Path, Path], None]
):
    file, engine = serving
    copy = tmp_path / "copy.db"
    writer = Writer(Queue(engine, name="serving"))
    writer.start()
    try:
        while len(writer.put) < 20:
            assert writer.is_alive()
        before = list(writer.put)
        make_copy(file, copy)
    finally:
        writer.enough.set()
        writer.join()
    # Nobody was held up, and nothing of what came later is in it by half.
    assert len(writer.put) > len(before)
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    restored = open_database(f"sqlite:///{copy}")
    try:
        assert pending_migrations(restored) == ()
        queue = Queue(restored, name="restored")
        taken = set()
        while (look := queue.take()) is not None:
            taken.add(look.subject)
            queue.done(look)
        assert set(before) <= taken <= set(writer.put)
    finally:
        restored.dispose()
