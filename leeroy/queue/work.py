"""Putting hints, and taking subjects to look at.

The row of a subject is its lock: whoever adds a hint, or begins or ends a look, holds that row,
and then sees all that was committed before. So no hint gets lost between two workers, and three
deliveries of one GUID at once are one piece of work.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from leeroy import database
from leeroy.database import read, write
from leeroy.errors import LeeroyError
from leeroy.hints import Hint, OtherHint
from leeroy.model import lane_of
from leeroy.queue.clock_jumps import ClockJumps
from leeroy.queue.process import is_gone
from leeroy.queue.purge import purge_some
from leeroy.queue.reader import QueueReader
from leeroy.queue.statements import (
    ADD_HINT,
    ADD_NEWS,
    BEST_SUBJECT,
    DELAY_HINT,
    DUE_HINTS,
    HELD_SUBJECT,
    HINTS_LEFT,
    HOLD_SUBJECT,
    LEASED_UNTIL,
    MAKE_DUE,
    MARK_HINT,
    SET_SUBJECT,
)
from leeroy.queue.tables import KeptHint, NewHint, hints, subjects

#: How long an idle worker waits before it looks for what other processes have put.
POLL_SECONDS = 0.2
#: For so long after a delivery was handled, the same GUID is the same news.
SAME_DELIVERY_SECONDS = 60

_NO_LEASE: Mapping[str, Any] = {"token": None, "leased_by": None, "leased_until": None}


class LeaseLost(LeeroyError):
    """Another worker has taken the subject meanwhile; nothing of this look was marked."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A worker's right to look at a subject, for as long as it extends its lease."""

    subject: str
    #: Why; empty when an earlier look asked for this one.
    hints: tuple[KeptHint, ...]
    #: 1 for the first try.
    attempts: int
    token: str
    #: When it was to be made, at the earliest: epoch seconds.
    due: float = 0.0


def pause_after(attempts: int) -> float:
    """How long to wait after so many looks that failed, in seconds.

    >>> [pause_after(attempts) for attempts in (1, 2, 3, 9, 10, 20)]
    [1.0, 2.0, 4.0, 256.0, 300.0, 300.0]
    """
    return min(300.0, 2.0 ** (attempts - 1))


class Queue(QueueReader):
    """The queue as one process sees it; any number of its threads may share it."""

    def __init__(
        self,
        engine: Engine,
        *,
        name: str,
        lease_seconds: float = 30.0,
        max_attempts: int = 20,
        pause: Callable[[int], float] = pause_after,
        clock: Callable[[Connection], float] = database.now,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """``name`` is this process': :func:`leeroy.queue.this_process`."""
        super().__init__(engine, clock=clock)
        self._name = name
        self._lease_seconds = lease_seconds
        self._max_attempts = max_attempts
        self._pause = pause
        self._jumps = ClockJumps(engine, clock=clock, lease_seconds=lease_seconds, steady=steady)
        self._news = threading.Condition()
        self._puts = 0
        self._thread = threading.local()

    def put(
        self,
        subject: str,
        hint: Hint,
        *,
        delivery: str = "",
        delay: float = 0.0,
        priority: int = 0,
        also: Callable[[Connection], object] | None = None,
    ) -> bool:
        """Ask for a look; on disk on return. False: this delivery is in work, or just was.

        ``also`` writes what belongs to it, in the same transaction, even when it is not new.
        """
        new = NewHint(subject=subject, hint=hint, delivery=delivery, delay=delay, priority=priority)
        return self.put_all([new], also=also)[0]

    def put_all(
        self, new: Iterable[NewHint], *, also: Callable[[Connection], object] | None = None
    ) -> list[bool]:
        """Put several hints, all or none; for each, in the order given, whether it was new."""
        # Rows are held in one order everywhere: no two puts ever wait for each other in a ring.
        order = sorted(enumerate(new), key=lambda item: item[1].subject)
        fresh: set[int] = set()
        if order:
            with write(self._engine, is_awaited=True) as connection:
                now = self._clock(connection)
                _hold(connection, [hint.subject for _, hint in order])
                recent = now - SAME_DELIVERY_SECONDS
                for index, hint in order:
                    row = hint.as_row(now)
                    if connection.execute(ADD_NEWS, {**row, "recent": recent}).rowcount:
                        _make_due(connection, hint.subject, due=row["due"], priority=hint.priority)
                        fresh.add(index)
                if also is not None:
                    also(connection)
        self.wake(len(fresh))
        return [index in fresh for index in range(len(order))]

    def come_up(self, subject: str, *, priority: int = 0) -> None:
        """Make a subject due now that no hint leads to: its looks ask for one another."""
        with write(self._engine) as connection:
            now = self._clock(connection)
            _hold(connection, [subject])
            _make_due(connection, subject, due=now, priority=priority)
        self.wake()

    def take(self) -> Look | None:
        """The look to make now: best priority, then longest due. None: nothing is due."""
        self._thread.puts = self._puts
        with write(self._engine) as connection:
            now = self._clock(connection)
            while row := connection.execute(BEST_SUBJECT, {"now": now}).first():
                look = Look(
                    subject=row.name,
                    hints=_hints_for(connection, row.name, now),
                    attempts=row.attempts + 1,
                    token=uuid.uuid4().hex,
                    due=row.due,
                )
                if row.attempts < self._max_attempts:
                    _set(
                        connection,
                        look,
                        attempts=look.attempts,
                        token=look.token,
                        leased_by=self._name,
                        leased_until=now + self._lease_seconds,
                    )
                    return look
                # None of them came to an end: it kills its workers, and would go on doing so.
                _give_up(connection, look, row, now, "every look at it was cut short")
        return None

    def wait(self, timeout: float = POLL_SECONDS) -> bool:
        """Wait until something is put in this process; True if it was, since our last take."""
        seen = getattr(self._thread, "puts", 0)
        with self._news:
            return self._news.wait_for(lambda: self._puts != seen, timeout)

    def wake(self, workers: int = 1) -> None:
        """Let that many waiting threads of this process go on: there is work, or it stops."""
        with self._news:
            self._puts += workers
            self._news.notify(workers)

    def extend(self, look: Look) -> None:
        """Keep the lease while the look goes on; call it every third of ``lease_seconds``."""
        with self._holding(look) as (connection, now, _):
            _set(connection, look, leased_until=now + self._lease_seconds)

    def keep(self, look: Look) -> None:
        """Make sure of the lease before doing what must not be done twice; mostly only a read.

        A process may have stood still for longer than its lease, and others gone on without it.

        Raises:
            LeaseLost: another has the subject now.
        """
        mine = {"subject": look.subject, "look": look.token}
        with read(self._engine) as connection:
            until = connection.execute(LEASED_UNTIL, mine).scalar()
            left = 0.0 if until is None else until - self._clock(connection)
        if left < self._lease_seconds / 2:
            self.extend(look)

    def done(self, look: Look, *, again_in: float | None = None) -> None:
        """The look went well: its hints are handled; what came meanwhile is due.

        With ``again_in`` also due in so many seconds, hint or not; each look decides that anew.
        """
        with self._holding(look) as (connection, now, row):
            _mark(connection, look, handled=now, error=None)
            later = None if again_in is None else now + again_in
            _end(connection, look, row, now, due=later, attempts=0)

    def again(self, look: Look, *, error: str, retry_after: float | None = None) -> bool:
        """The look failed: due again after a pause. False: that was the last try; given up.

        What was given up is in ``failed()``; a new hint, or :meth:`retry`, takes it up again.
        """
        with self._holding(look) as (connection, now, row):
            if row.attempts >= self._max_attempts:
                _give_up(connection, look, row, now, error)
                return False
            _mark(connection, look, handled=None, error=error)
            # A hint that came during the look has begun a new count.
            pause = self._pause(max(1, row.attempts)) if retry_after is None else retry_after
            _end(connection, look, row, now, due=now + pause, attempts=row.attempts)
            return True

    def done_but(self, look: Look, *, kept: Mapping[int, str], lost: Mapping[int, str]) -> None:
        """The look went well but for some hints: each is due again by itself, or given up.

        A hint is tried again after as long as it has waited already, and at most five minutes.
        """
        with self._holding(look) as (connection, now, row):
            dues = []
            for hint in look.hints:
                error = kept.get(hint.id) or lost.get(hint.id)
                marks = {"hint": hint.id, "handled": now, "error": error}
                connection.execute(
                    MARK_HINT, marks | ({"handled": None} if hint.id in kept else {})
                )
                if hint.id in kept:
                    pause = min(self._pause(20), max(self._pause(1), now - hint.received))
                    dues.append(now + pause)
                    connection.execute(DELAY_HINT, {"hint": hint.id, "again": now + pause})
            _end(connection, look, row, now, due=min(dues, default=None), attempts=0)

    def give_up(self, look: Look, *, error: str) -> None:
        """The look failed for good: its hints carry the error at once, as after the last try."""
        with self._holding(look) as (connection, now, row):
            _give_up(connection, look, row, now, error)

    def release(self, look: Look) -> None:
        """Hand the look back as if it had not begun: this process stops."""
        with self._holding(look) as (connection, now, row):
            _end(connection, look, row, now, due=row.due, attempts=max(0, row.attempts - 1))

    def mind_the_clock(self) -> float:
        """See whether the database's clock was set back, and by how much; call it now and then."""
        back = self._jumps.mind()
        if back:
            self.wake()
        return back

    def free_leases_of_the_dead(self) -> int:
        """Free what dead processes of this machine held, due at once; call it now and then.

        What another machine held is free when its lease ends. Processes under one host name must
        see each other's process ids: two containers need two host names.
        """
        held = select(subjects.c.name, subjects.c.token, subjects.c.leased_by)
        with read(self._engine) as connection:
            rows = connection.execute(held.where(subjects.c.leased_by.is_not(None))).all()
        dead = {name for name in {row.leased_by for row in rows} if is_gone(name)}
        theirs = sorted((row.name, row.token) for row in rows if row.leased_by in dead)
        freed = 0
        if theirs:
            with write(self._engine) as connection:
                for name, token in theirs:
                    is_held = (subjects.c.name == name, subjects.c.token == token)
                    lease = update(subjects).where(*is_held).values(_NO_LEASE)
                    freed += connection.execute(lease).rowcount
            self.wake(freed)
        return freed

    def retry(self, subject: str) -> int:
        """Take up again, now, all that failed for a subject; how many hints that is."""
        with write(self._engine) as connection:
            now = self._clock(connection)
            _hold(connection, [subject])
            failed = update(hints).where(hints.c.subject == subject, hints.c.error.is_not(None))
            count = connection.execute(failed.values(handled=None, error=None, due=now)).rowcount
            if count:
                _make_due(connection, subject, due=now, priority=0)
        self.wake(min(1, count))
        return count

    def purge(self, older_than: float) -> int:
        """Forget hints handled more than ``older_than`` seconds ago; how many they were.

        In many short transactions: no delivery waits for it.
        """
        count = 0
        while batch := purge_some(self._engine, self._clock, older_than):
            count += batch
        return count

    @contextmanager
    def _holding(self, look: Look) -> Iterator[tuple[Connection, float, Row[Any]]]:
        """A transaction that holds the row of the look's subject, if the look still has it."""
        with write(self._engine) as connection:
            names = {"subject": look.subject, "look": look.token}
            row = connection.execute(HELD_SUBJECT, names).first()
            if row is None:
                raise LeaseLost(f"the look at {look.subject} took too long: another has it now")
            yield connection, self._clock(connection), row


def _hold(connection: Connection, names: Iterable[str]) -> None:
    """Hold the rows of subjects, new or not; SQLite's one writer holds all there are."""
    if connection.dialect.name == "postgresql":
        held = [{"subject": name, "lane": lane_of(name)} for name in names]
        connection.execute(HOLD_SUBJECT, held)


def _make_due(connection: Connection, subject: str, *, due: float, priority: int) -> None:
    names = {"subject": subject, "lane": lane_of(subject)}
    connection.execute(MAKE_DUE, {**names, "due": due, "priority": priority})


def _hints_for(connection: Connection, subject: str, now: float) -> tuple[KeptHint, ...]:
    rows = connection.execute(DUE_HINTS, {"subject": subject, "now": now})
    return tuple(KeptHint.from_row(row) for row in rows)


def _set(connection: Connection, look: Look, **columns: object) -> None:
    connection.execute(SET_SUBJECT, {"subject": look.subject, **columns})


def _mark(connection: Connection, look: Look, *, handled: float | None, error: str | None) -> None:
    if look.hints:
        marks = [{"hint": hint.id, "handled": handled, "error": error} for hint in look.hints]
        connection.execute(MARK_HINT, marks)


def _end(
    connection: Connection,
    look: Look,
    row: Row[Any],
    now: float,
    *,
    due: float | None,
    attempts: int,
) -> None:
    """Free the subject; due at ``due``, or before, for a hint this look has not seen.

    It has had its turn: what is due again at once waits for those that came meanwhile.
    """
    left = connection.execute(HINTS_LEFT, {"subject": look.subject}).all()
    seen = {hint.id for hint in look.hints}
    dues = [hint.due for hint in left if hint.id not in seen]
    dues += [] if due is None else [due]
    _set(
        connection,
        look,
        due=min(dues, default=None),
        turn=max(row.turn, now),
        priority=min((hint.priority for hint in left), default=row.priority),
        attempts=attempts,
        **_NO_LEASE,
    )


def _give_up(connection: Connection, look: Look, row: Row[Any], now: float, error: str) -> None:
    """Let the look's hints carry the error, and leave the subject until the next hint."""
    if not look.hints:
        # The look was asked for by an earlier one: the error needs somebody to carry it.
        carrier = NewHint(subject=look.subject, hint=OtherHint(kind="again")).as_row(now)
        connection.execute(ADD_HINT, {**carrier, "handled": now, "error": error})
    _mark(connection, look, handled=now, error=error)
    _end(connection, look, row, now, due=None, attempts=0)
