"""What the dashboard and the metrics ask the queue."""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    exists,
    func,
    or_,
    select,
)

from leeroy import database
from leeroy.database import read
from leeroy.hints import Hint
from leeroy.queue.tables import KeptHint, hints, subjects


class QueueReader:
    """The queue for whoever only looks at it."""

    def __init__(
        self, engine: Engine, *, clock: Callable[[Connection], float] = database.now
    ) -> None:
        """``clock`` says the time of a transaction; all processes must agree on it."""
        self._engine = engine
        self._clock = clock

    def now(self) -> float:
        """The time all moments here and in the store are told in: ages are counted from it."""
        with read(self._engine) as connection:
            return self._clock(connection)

    def depth(self) -> int:
        """How many subjects are due and wait for a worker."""
        with read(self._engine) as connection:
            waiting = is_waiting(self._clock(connection))
            count = select(func.count()).select_from(subjects).where(waiting)
            return int(connection.execute(count).scalar_one())

    def oldest_due_age(self) -> float:
        """For how many seconds the longest waiting subject has been due; 0 when none is."""
        with read(self._engine) as connection:
            now = self._clock(connection)
            oldest = select(func.min(subjects.c.due)).where(is_waiting(now))
            due: float | None = connection.execute(oldest).scalar_one()
            return 0.0 if due is None else now - due

    def recent_hints(self, limit: int = 50) -> tuple[KeptHint, ...]:
        """The newest hints, newest first."""
        return self._hints(select(hints).order_by(hints.c.id.desc()).limit(limit))

    def hints_of_delivery(self, delivery: str) -> tuple[KeptHint, ...]:
        """What one delivery asked for, oldest first; a late redelivery asks once more."""
        return self._hints(select(hints).where(hints.c.delivery == delivery).order_by(hints.c.id))

    def hints_of_subject(self, subject: str, limit: int = 50) -> tuple[KeptHint, ...]:
        """Why a subject was looked at, newest first."""
        of_subject = select(hints).where(hints.c.subject == subject)
        return self._hints(of_subject.order_by(hints.c.id.desc()).limit(limit))

    def failed(self, limit: int = 50) -> tuple[KeptHint, ...]:
        """What was given up, newest first, with the error of its last look."""
        given_up = select(hints).where(hints.c.error.is_not(None), hints.c.handled.is_not(None))
        return self._hints(given_up.order_by(hints.c.id.desc()).limit(limit))

    def troubles(self, limit: int = 50) -> tuple[KeptHint, ...]:
        """What somebody may want to see to, newest first: what fails, and what was given up.

        Not what was given up before a look at the same subject went well.
        """
        later = hints.alias("later")
        went_well = exists().where(
            later.c.subject == hints.c.subject,
            later.c.handled > hints.c.handled,
            later.c.error.is_(None),
        )
        failing = select(hints).where(hints.c.error.is_not(None), ~went_well)
        return self._hints(failing.order_by(hints.c.id.desc()).limit(limit))

    def in_work(self, names: Collection[str]) -> frozenset[str]:
        """Those of the subjects that will be looked at, or are, without anybody asking again."""
        busy = select(subjects.c.name).where(
            subjects.c.name.in_(sorted(names)), subjects.c.due.is_not(None)
        )
        with read(self._engine) as connection:
            return frozenset(connection.scalars(busy))

    def resting(self, names: Collection[str]) -> frozenset[str]:
        """Those of the subjects that wait after a look that failed: a new hint would wake them."""
        has_failed = or_(
            subjects.c.attempts > 1, (subjects.c.attempts == 1) & subjects.c.token.is_(None)
        )
        waiting = select(subjects.c.name).where(
            subjects.c.name.in_(sorted(names)), subjects.c.due.is_not(None), has_failed
        )
        with read(self._engine) as connection:
            return frozenset(connection.scalars(waiting))

    def hints_since(self, received: float, names: Collection[str]) -> tuple[KeptHint, ...]:
        """The hints that were put for these subjects since then, oldest first."""
        found = select(hints).where(
            hints.c.subject.in_(sorted(names)), hints.c.received >= received
        )
        return self._hints(found.order_by(hints.c.id))

    def newest_hint(self) -> int:
        """The id of the newest hint; 0: there is none yet."""
        with read(self._engine) as connection:
            return connection.execute(select(func.max(hints.c.id))).scalar_one() or 0

    def hints_after(self, hint_id: int, *kinds: type[Hint]) -> tuple[KeptHint, ...]:
        """The hints of these kinds that were put after one, oldest first."""
        newer = self._hints(select(hints).where(hints.c.id > hint_id).order_by(hints.c.id))
        return tuple(kept for kept in newer if isinstance(kept.hint, kinds))

    def _hints(self, query: Select[Any]) -> tuple[KeptHint, ...]:
        with read(self._engine) as connection:
            return tuple(KeptHint.from_row(row) for row in connection.execute(query))


def is_waiting(now: float) -> ColumnElement[bool]:
    """The subjects that are due and that nobody looks at."""
    is_free = or_(subjects.c.leased_until.is_(None), subjects.c.leased_until <= now)
    return (subjects.c.due <= now) & is_free
