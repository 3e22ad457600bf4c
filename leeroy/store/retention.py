"""Forgetting what nobody will ask about any more, a few rows a transaction."""

from typing import Any

from sqlalchemy import ColumnElement, Engine, Table, and_, delete, exists, or_, select, tuple_

from leeroy.database import now, write
from leeroy.model import BuildState
from leeroy.store.outbox import outbox
from leeroy.store.tables import (
    adopted,
    audit,
    branches,
    builds,
    deliveries,
    looks,
    pulls,
    statuses,
    words,
)

#: Rows a transaction: some milliseconds, for which a delivery would wait.
BATCH = 500

_OVER = [state.value for state in BuildState if state.is_over]


class RetentionStore:
    """Purges; each says how many rows it forgot."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def purge_deliveries(self, older_than: float) -> int:
        """Forget deliveries, with their payloads, that came more than so many seconds ago."""
        return self._purge(deliveries, deliveries.c.received, older_than)

    def purge_outbox(self, older_than: float) -> int:
        """Forget what could not be published for so many seconds."""
        return self._purge(outbox, outbox.c.created, older_than)

    def purge_looks(self, older_than: float) -> int:
        """Forget what looks decided more than so many seconds ago."""
        return self._purge(looks, looks.c.at, older_than)

    def purge_audit(self, older_than: float) -> int:
        """Forget what people asked for more than so many seconds ago."""
        return self._purge(audit, audit.c.at, older_than)

    def purge_builds(self, older_than: float) -> int:
        """Forget builds that began more than so many seconds ago, and words and statuses as old.

        What is not over, and the head of an open pull request or of a watched branch, stays:
        without it, that head would be built again.
        """
        is_over = builds.c.state.in_(_OVER)
        count = self._purge(builds, builds.c.created, older_than, is_over, ~_is_head(builds))
        for table in (words, statuses, adopted):
            count += self._purge(table, table.c.updated, older_than, ~_is_head(table))
        return count

    def _purge(
        self,
        table: Table,
        moment: ColumnElement[Any],
        older_than: float,
        *conditions: ColumnElement[bool],
    ) -> int:
        key = tuple(table.primary_key.columns)
        name = key[0] if len(key) == 1 else tuple_(*key)
        count = 0
        while True:
            with write(self._engine) as connection:
                is_old = and_(moment < now(connection) - older_than, *conditions)
                some = select(*key).where(is_old).limit(BATCH)
                forgotten = connection.execute(delete(table).where(name.in_(some))).rowcount
            count += forgotten
            if forgotten < BATCH:
                return count


def _is_head(table: Table) -> ColumnElement[bool]:
    """The row is of a commit that is still to be merged or built upon."""
    of_pull = exists().where(
        pulls.c.repo == table.c.repo, pulls.c.head_sha == table.c.sha, pulls.c.is_open
    )
    of_branch = exists().where(branches.c.repo == table.c.repo, branches.c.sha == table.c.sha)
    return or_(of_pull, of_branch)
