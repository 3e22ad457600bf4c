"""What the queue keeps: one row a subject, one row a hint."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Double, Index, Integer, Row, Table, Text, text

from leeroy.database import metadata
from leeroy.hints import Hint, from_json, to_json

_IS_DUE = text("due IS NOT NULL")
_HAS_FAILED = text("error IS NOT NULL")

subjects = Table(
    "subjects",
    metadata,
    Column("name", Text, primary_key=True),
    #: Whose turn it is part of: its repository's, or its own.
    Column("lane", Text, nullable=False),
    #: When to look; NULL when there is nothing to look for. Stays while a look runs.
    Column("due", Double),
    #: Its place among those that are due: a lane's next subject comes a second later each, so
    #: that thousands of one repository do not keep another's waiting.
    Column("turn", Double, nullable=False),
    #: The best of its waiting hints' priorities.
    Column("priority", Integer, nullable=False),
    #: Looks begun since the last one that ended well or the last new hint.
    Column("attempts", Integer, nullable=False),
    #: One look's right to end it; with the worker's process and the end of it: its lease.
    Column("token", Text),
    Column("leased_by", Text),
    Column("leased_until", Double),
    Index(
        "subjects_turn",
        *("priority", "turn", "due", "name"),
        sqlite_where=_IS_DUE,
        postgresql_where=_IS_DUE,
    ),
    Index("subjects_lane", "lane", "turn", sqlite_where=_IS_DUE, postgresql_where=_IS_DUE),
)

hints = Table(
    "hints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    #: The hint as JSON.
    Column("data", Text, nullable=False),
    Column("delivery", Text, nullable=False),
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
    """A reason to look at a subject again, as it is put."""

    subject: str
    hint: Hint
    #: The GUID of the delivery it came with; empty when it came otherwise.
    delivery: str = ""
    #: Seconds before it is looked at.
    delay: float = 0.0
    #: The smaller goes first; 0 is the ordinary one.
    priority: int = 0

    def as_row(self, now: float) -> dict[str, Any]:
        """The columns of a hint put at ``now``."""
        return {
            "subject": self.subject,
            "kind": self.hint.kind,
            "data": to_json(self.hint),
            "delivery": self.delivery,
            "priority": self.priority,
            "received": now,
            "due": now + self.delay,
        }


@dataclass(frozen=True, kw_only=True)
class KeptHint:
    """A hint as the queue keeps it."""

    id: int
    subject: str
    hint: Hint
    delivery: str
    priority: int
    received: float
    due: float
    #: When a look marked it; None while it is in work.
    handled: float | None
    #: What the last look failed with; when also handled, it was given up.
    error: str | None

    @classmethod
    def from_row(cls, row: Row[Any]) -> "KeptHint":
        """The hint in a row of the table."""
        columns = dict(row._mapping)
        kind, data = columns.pop("kind"), columns.pop("data")
        return cls(hint=from_json(kind, data), **columns)
