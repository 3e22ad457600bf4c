"""The database's clock may be set back: what was due soon would then wait for as long as that.

Set forward, it only makes leases end and pauses pass early, which a look can bear.
"""

import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine, select, update

from leeroy.database import read, write
from leeroy.queue.tables import hints, subjects

#: Clocks are corrected by less all the time, and databases answer late.
NOTICED_SECONDS = 5.0


class ClockJumps:
    """Notices when the database's clock was set back, by one that nobody sets."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[Connection], float],
        lease_seconds: float,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._steady = steady
        self._ahead: float | None = None

    def mind(self) -> float:
        """Make due what a jump back would hold up; by how much it was. Call it every few seconds."""
        with read(self._engine) as connection:
            now = self._clock(connection)
            ahead = now - self._steady()
            if self._ahead is None:
                # Nobody was there to see it, but what was put then is from the future now.
                newest = select(hints.c.received).order_by(hints.c.id.desc()).limit(1)
                back = (connection.execute(newest).scalar() or now) - now
            else:
                back = self._ahead - ahead
        if back >= NOTICED_SECONDS:
            self._make_due()
        self._ahead = ahead
        return back if back >= NOTICED_SECONDS else 0.0

    def _make_due(self) -> None:
        # All of it, so that it does not matter how many processes notice: a look too early is
        # harmless, and pauses begin anew.
        with write(self._engine) as connection:
            now = self._clock(connection)
            longest = now + self._lease_seconds
            for held_up in (
                update(subjects).where(subjects.c.due > now).values(due=now),
                update(subjects)
                .where(subjects.c.leased_until > longest)
                .values(leased_until=longest),
                update(hints).where(hints.c.handled.is_(None), hints.c.due > now).values(due=now),
            ):
                connection.execute(held_up)
