"""Insert a row or change the one with its key: the same words on SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Make the row with ``key`` hold ``values``."""
    statement = _statement(connection.dialect.name, table, tuple(key), tuple(values))
    connection.execute(statement, {**key, **values})


def upsert_all(
    connection: Connection,
    table: Table,
    key: tuple[str, ...],
    changed: tuple[str, ...],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Make the rows with these keys hold the values that go with them."""
    if rows:
        connection.execute(_statement(connection.dialect.name, table, key, changed), list(rows))


def insert_missing(
    connection: Connection,
    table: Table,
    key: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
) -> bool:
    """Make sure there is a row with ``key``; one that is there stays as it is.

    Returns:
        Whether it was missing, and now holds ``values``.
    """
    statement = _statement(connection.dialect.name, table, tuple(key), ())
    return connection.execute(statement, {**key, **(values or {})}).rowcount == 1


# Building a statement and what SQLAlchemy knows it again by costs several times what running it
# does: it is built once, and its values are given to it when it is run.
@cache
def _statement(
    dialect: str, table: Table, key: tuple[str, ...], changed: tuple[str, ...]
) -> Executable:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table)
    index = [table.c[name] for name in key]
    if not changed:
        # Otherwise SQLAlchemy does not ask PostgreSQL's driver whether a row was inserted.
        # https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.Connection.execution_options.params.preserve_rowcount
        missing = statement.on_conflict_do_nothing(index_elements=index)
        return missing.execution_options(preserve_rowcount=True)
    return statement.on_conflict_do_update(
        index_elements=index, set_={name: statement.excluded[name] for name in changed}
    )
