"""The schema is current before anything uses it."""

from leeroy.config import Config
from leeroy.database import migrate, open_database, pending_migrations
from leeroy.errors import ConfigError, Fault


def ready_database(config: Config) -> None:
    """A SQLite file is brought up to date; a PostgreSQL server is left to ``migrate-db``.

    Raises:
        ConfigError: the PostgreSQL schema is behind.
    """
    engine = open_database(config.database_url.get_secret_value(), relative_to=config.source.parent)
    try:
        if engine.dialect.name == "sqlite":
            migrate(engine)
        elif pending := pending_migrations(engine):
            fault = Fault(
                path="database_url",
                problem=f"the schema lacks {len(pending)} migrations",
                hint="run: leeroy migrate-db",
            )
            raise ConfigError([fault])
    finally:
        engine.dispose()
