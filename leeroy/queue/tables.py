"""What the queue keeps: one row a subject, one row a hint."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Double, Index, Integer, Row, Table, Text, text

from leeroy.database import metadata

_IS_DUE = text("due IS NOT NULL")
_HAS_FAILED = text("error IS NOT NULL")

subjects = Table(
    "subjects",
    metadata,
    Column("name", Text, primary_key=True),
    #: When to look; NULL when there is nothing to look for. Stays while a look runs.
    Column("due", Double),
    #: The best of its waiting hints' priorities.
    Column("priority", Integer, nullable=False),
    #: Looks begun since the last one that ended well or the last new hint.
    Column("attempts", Integer, nullable=False),
    #: One look's right to end it; with the worker's process and the end of it: its lease.
    Column("token", Text),
    Column("leased_by", Text),
    Column("leased_until", Double),
    Index(
        "subjects_due", "priority", "due", "name", sqlite_where=_IS_DUE, postgresql_where=_IS_DUE
    ),
)

hints = Table(
    "hints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("received", Double, nullable=False),
    #: No look sees it before: what is put with a delay is for later.
    Column("due", Double, nullable=False),
    #: NULL while in work.
    Column("handled", Double),
    #: What the last look failed with; a handled hint that has one was given up.
    Column("error", Text),
    Index("hints_subject", "subject", "handled"),
    Index("hints_delivery", "delivery"),
    Index("hints_handled", "handled"),
    Index("hints_failed", "id", sqlite_where=_HAS_FAILED, postgresql_where=_HAS_FAILED),
)


@dataclass(frozen=True, kw_only=True)
class NewHint:
    """Something to look at again, as it is put."""

    subject: str
    kind: str
    ref: str = ""
    #: The GUID of the delivery it came with; empty when it came otherwise.
    delivery: str = ""
    #: What else the look may want to know; small, for it is kept as JSON.
    data: Mapping[str, object] = field(default_factory=dict)
    #: Seconds before it is looked at.
    delay: float = 0.0
    #: The smaller goes first; 0 is the ordinary one.
    priority: int = 0

    def as_row(self, now: float) -> dict[str, Any]:
        """The columns of a hint put at ``now``."""
        return {
            "subject": self.subject,
            "kind": self.kind,
            "ref": self.ref,
            "delivery": self.delivery,
            "data": json.dumps(dict(self.data)),
            "priority": self.priority,
            "received": now,
            "due": now + self.delay,
        }


@dataclass(frozen=True, kw_only=True)
class Hint:
    """One hint as the queue keeps it."""

    id: int
    subject: str
    kind: str
    ref: str
    delivery: str
    data: Mapping[str, object]
    priority: int
    received: float
    due: float
    #: When a look marked it; None while it is in work.
    handled: float | None
    #: What the last look failed with; when also handled, it was given up.
    error: str | None

    @classmethod
    def from_row(cls, row: Row[Any]) -> "Hint":
        """The hint in a row of the table."""
        return cls(**{**row._mapping, "data": json.loads(row.data)})
