"""Forgetting what was handled long ago."""

from collections.abc import Callable

from sqlalchemy import Connection, Engine, delete, exists, select

from leeroy.database import write
from leeroy.queue.tables import hints, subjects

#: Rows a transaction: some milliseconds, for which a delivery would wait.
_BATCH = 500


def purge_some(engine: Engine, clock: Callable[[Connection], float], older_than: float) -> int:
    """Forget some hints handled more than ``older_than`` seconds ago; how many they were.

    Subjects that have no hint left and are not due go as well.
    """
    with write(engine) as connection:
        old = select(hints.c.id).where(hints.c.handled < clock(connection) - older_than)
        rows = connection.execute(old.limit(_BATCH).with_for_update(skip_locked=True))
        ids = rows.scalars().all()
        connection.execute(delete(hints).where(hints.c.id.in_(ids)))
        if len(ids) < _BATCH:
            hinted = exists().where(hints.c.subject == subjects.c.name)
            idle = select(subjects.c.name).where(subjects.c.due.is_(None), ~hinted)
            # A row that is held is about to get a hint.
            rows = connection.execute(idle.limit(_BATCH).with_for_update(skip_locked=True))
            names = rows.scalars().all()
            connection.execute(delete(subjects).where(subjects.c.name.in_(names)))
    return len(ids)
