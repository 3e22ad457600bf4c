"""The line of builds that wait for their turn: who may go is decided in one place at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine, and_, select, update

from leeroy.database import now, read, write
from leeroy.model import Build, BuildState, Reason, ReasonKind
from leeroy.store.builds import IS_UNFINISHED, build_of_row
from leeroy.store.tables import builds, pulls

_TURN = Reason(ReasonKind.WAITING_FOR_TURN)
_IS_WAITING = and_(
    IS_UNFINISHED, builds.c.state == BuildState.NEW.value, builds.c.reason == str(_TURN)
)
# Held until the turns are given: two who give at once, each not seeing what the other gives, would
# give too many.
_LINE = select(builds).where(IS_UNFINISHED).order_by(builds.c.id).with_for_update()

#: An unfinished build, and who made its pull request; empty for a branch's.
InLine = tuple[Build, str]


class TurnStore:
    """What waits, and who was told to go."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def is_anything_waiting(self) -> bool:
        """Some build waits for its turn."""
        with read(self._engine) as connection:
            found = connection.execute(select(builds.c.id).where(_IS_WAITING).limit(1))
            return found.first() is not None

    def give_turns(
        self, choose: Callable[[Sequence[InLine], float], Iterable[str]]
    ) -> tuple[tuple[Build, ...], frozenset[str]]:
        """Give their turn to those ``choose`` says of the line as it is now.

        Which they are, and the ids of those that go on waiting.
        """
        with write(self._engine) as connection:
            at = now(connection)
            rows = [build_of_row(row) for row in connection.execute(_LINE)]
            authors = _authors(connection, rows)
            line = [(row, authors.get((row.repo, row.pull), "")) for row in rows]
            chosen = tuple(choose(line, at))
            if chosen:
                going = update(builds).where(builds.c.id.in_(chosen))
                connection.execute(going.values(reason="", updated=at))
        by_id = {row.id: row for row in rows}
        given = tuple(replace(by_id[one], reason=None, updated=at) for one in chosen)
        waiting = {row.id for row in rows if row.is_waiting_for_turn}
        return given, frozenset(waiting.difference(chosen))


def _authors(connection: Connection, rows: Sequence[Build]) -> dict[tuple[str, int | None], str]:
    wanted = pulls.c.number.in_({row.pull for row in rows if row.pull is not None})
    found = select(pulls.c.repo, pulls.c.number, pulls.c.author).where(
        pulls.c.repo.in_({row.repo for row in rows}), wanted
    )
    return {(pull.repo, pull.number): pull.author for pull in connection.execute(found)}
