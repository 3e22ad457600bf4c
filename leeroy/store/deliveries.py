"""Webhook requests as they came, kept for people to look at and to ask again."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from leeroy.database import now, read, write
from leeroy.events import Delivery
from leeroy.store.tables import deliveries
from leeroy.store.upsert import upsert


@dataclass(frozen=True, kw_only=True)
class KeptDelivery:
    """A delivery as it came."""

    guid: str
    event: str
    action: str
    repo: str
    #: What it made us look at; empty: nothing.
    subject: str
    #: The bytes that were signed; empty in listings.
    payload: bytes
    #: Epoch seconds.
    received: float


class DeliveryStore:
    """Deliveries by GUID, the newest first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep_delivery(self, delivery: Delivery, body: bytes) -> None:
        """Write a delivery down; a redelivery takes the place of the first."""
        keep = self.keeping(delivery, body)
        with write(self._engine) as connection:
            keep(connection)

    def keeping(self, delivery: Delivery, body: bytes) -> Callable[[Connection], None]:
        """The same within a transaction of the caller's: one flush to disk for both of them."""
        values = {
            "event": delivery.event,
            "action": delivery.action,
            "repo": delivery.repo,
            "subject": str(delivery.subject or ""),
            # Before the transaction, in which all other writers wait.
            "payload": zlib.compress(body, level=1),
        }

        def keep(connection: Connection) -> None:
            received = {"received": now(connection)}
            upsert(connection, deliveries, {"guid": delivery.guid}, {**values, **received})

        return keep

    def write_down(self, *each: Callable[[Connection], None]) -> None:
        """Write what belongs to a delivery that leads to no hint, in one transaction."""
        with write(self._engine, is_awaited=True) as connection:
            for keep in each:
                keep(connection)

    def delivery(self, guid: str) -> KeptDelivery | None:
        """One delivery, whole."""
        with read(self._engine) as connection:
            row = connection.execute(
                select(deliveries).where(deliveries.c.guid == guid)
            ).one_or_none()
        return _kept(row, zlib.decompress(row.payload)) if row else None

    def recent_deliveries(self, limit: int = 50) -> tuple[KeptDelivery, ...]:
        """The newest, without their payloads."""
        found = select(*(c for c in deliveries.c if c.name != "payload"))
        found = found.order_by(deliveries.c.received.desc()).limit(limit)
        with read(self._engine) as connection:
            return tuple(_kept(row, b"") for row in connection.execute(found))


def _kept(row: Row[Any], payload: bytes) -> KeptDelivery:
    return KeptDelivery(
        guid=row.guid,
        event=row.event,
        action=row.action,
        repo=row.repo,
        subject=row.subject,
        payload=payload,
        received=row.received,
    )
