"""``leeroy migrate-db``: bring the database's schema up to date."""

import os
from pathlib import Path

import click

from leeroy import logs
from leeroy.cli.main import config_option
from leeroy.config import load_config
from leeroy.database import migrate, open_database


@click.command("migrate-db")
@config_option
def command(config: Path) -> None:
    """Bring the database's schema up to date.

    It is safe to run beside a serving Leeroy.
    """
    settings = load_config(config, os.environ)
    logs.configure(secrets=settings.secrets())
    engine = open_database(
        settings.database_url.get_secret_value(), relative_to=settings.source.parent
    )
    done = migrate(engine)
    engine.dispose()
    click.echo(f"applied {', '.join(done)}" if done else "the schema is current")
