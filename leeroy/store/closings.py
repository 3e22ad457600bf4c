"""Until when GitHub is to be left alone, told to all processes on one database."""

from collections.abc import Callable

from sqlalchemy import Connection, Engine, delete, select

from leeroy import database
from leeroy.database import read, write
from leeroy.store.tables import closings
from leeroy.store.upsert import upsert


class Closings:
    """The last closing of each token, named by a digest."""

    def __init__(
        self, engine: Engine, *, clock: Callable[[Connection], float] = database.now
    ) -> None:
        self._engine = engine
        self._clock = clock

    def closed(self, token: str) -> tuple[float, str] | None:
        """For how many seconds still, and which limit did it; None: it is open."""
        found = select(closings).where(closings.c.token == token)
        with read(self._engine) as connection:
            row = connection.execute(found).one_or_none()
            if row is None:
                return None
            left = row.until - self._clock(connection)
        return (left, row.reason) if left > 0 else None

    def close(self, token: str, seconds: float, reason: str) -> None:
        """Tell all that it is closed for so long; a longer closing stays. Old ones are forgotten."""
        with write(self._engine) as connection:
            now = self._clock(connection)
            connection.execute(delete(closings).where(closings.c.until < now))
            found = select(closings.c.until).where(closings.c.token == token)
            until = connection.execute(found).scalar_one_or_none()
            if until is None or until < now + seconds:
                values = {"until": now + seconds, "reason": reason}
                upsert(connection, closings, {"token": token}, values)
