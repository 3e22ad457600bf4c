"""Envelopes that are still to be published, written down with the hints they belong to."""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Engine,
    LargeBinary,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)

from leeroy.database import metadata, now, read, write
from leeroy.store.upsert import upsert

#: One row for each delivery; it goes when nsqd has it.
outbox = Table(
    "outbox",
    metadata,
    Column("guid", Text, primary_key=True),
    #: zlib-compressed.
    Column("message", LargeBinary, nullable=False),
    Column("created", Double, nullable=False, index=True),
    #: Until when one process publishes it; others leave it alone.
    Column("held_until", Double, nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One envelope to publish."""

    guid: str
    message: bytes


@dataclass(frozen=True, kw_only=True)
class OutboxState:
    """How much waits to be published."""

    count: int
    #: Seconds that the oldest waits; 0: nothing does.
    oldest: float


class OutboxStore:
    """Envelopes by GUID, the oldest first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def posting(self, guid: str, message: bytes) -> Callable[[Connection], None]:
        """Have a message published, within a transaction of the caller's.

        A delivery that came again before it was published is published once.
        """
        # Before the transaction, in which all other writers wait.
        packed = zlib.compress(message, level=1)

        def post(connection: Connection) -> None:
            values = {"message": packed, "created": now(connection), "held_until": 0.0}
            upsert(connection, outbox, {"guid": guid}, values)

        return post

    def take_outgoing(self, limit: int, *, hold: float) -> tuple[Outgoing, ...]:
        """The oldest messages that nobody else publishes; ours for ``hold`` seconds."""
        with read(self._engine) as connection:
            free = outbox.c.held_until <= now(connection)
            if connection.execute(select(outbox.c.guid).where(free).limit(1)).first() is None:
                return ()
        with write(self._engine) as connection:
            clock = now(connection)
            found = select(outbox.c.guid, outbox.c.message).where(outbox.c.held_until <= clock)
            found = found.order_by(outbox.c.created).limit(limit)
            rows = connection.execute(found.with_for_update(skip_locked=True)).all()
            guids = [row.guid for row in rows]
            mine = update(outbox).where(outbox.c.guid.in_(guids))
            connection.execute(mine.values(held_until=clock + hold))
        return tuple(Outgoing(guid=row.guid, message=zlib.decompress(row.message)) for row in rows)

    def forget_outgoing(self, done: Iterable[str], *, free: Iterable[str] = ()) -> None:
        """Forget what was published; what was not is anybody's again."""
        with write(self._engine) as connection:
            connection.execute(delete(outbox).where(outbox.c.guid.in_(list(done))))
            again = update(outbox).where(outbox.c.guid.in_(list(free)))
            connection.execute(again.values(held_until=0.0))

    def outbox_state(self) -> OutboxState:
        """How much waits, and for how long."""
        with read(self._engine) as connection:
            count, oldest = connection.execute(
                select(func.count(), func.min(outbox.c.created)).select_from(outbox)
            ).one()
            age = 0.0 if oldest is None else max(0.0, now(connection) - oldest)
        return OutboxState(count=count, oldest=age)
