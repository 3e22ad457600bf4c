"""``leeroy config-schema``: for editors that check and complete config.json."""

import json

import click

from leeroy.cli.main import config_option
from leeroy.config import config_schema


@click.command("config-schema")
@config_option
def command(config: object) -> None:
    """Print the JSON Schema of config.json, for editors."""
    # The schema is the same whatever the settings are; the option is there as on every command.
    del config
    click.echo(json.dumps(config_schema(), indent=2))
