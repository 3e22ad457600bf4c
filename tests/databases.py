"""Databases with Leeroy's tables, of which a test takes one each.

To migrate a file takes ten times as long as to copy one that was migrated.
"""

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from leeroy.database import migrate, open_database

_folder = TemporaryDirectory(prefix="leeroy-tests-")


def make_tables(engine: Engine) -> None:
    """What `migrate` does to a new database."""
    if engine.dialect.name == "sqlite":
        shutil.copyfile(_migrated_file(), str(engine.url.database))
    else:
        migrate(engine)


@cache
def _migrated_file() -> Path:
    path = Path(_folder.name) / "migrated.db"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    # The last connection that closes writes all of it into the one file.
    engine.dispose()
    return path
