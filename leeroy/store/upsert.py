"""Insert a row or change the one with its key: the same words on SQLite and PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Make the row with ``key`` hold ``values``; with no values, only make sure it is there."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values({**key, **values})
    if values:
        statement = statement.on_conflict_do_update(
            index_elements=[table.c[name] for name in key], set_=dict(values)
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=[table.c[name] for name in key])
    connection.execute(statement)
