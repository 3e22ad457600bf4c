"""``leeroy check-config``: everything that is wrong with the settings, at once."""

import os
from collections.abc import Iterable
from pathlib import Path

import click

from leeroy import logs
from leeroy.cli.main import FOUND_WRONG, config_option
from leeroy.cli.outline import resolved, summary, without_effect_yet, worth_knowing
from leeroy.config import load_config


@click.command("check-config")
@config_option
@click.option("--online", is_flag=True, help="Ask GitHub and every Jenkins too.")
@click.option("--resolve", is_flag=True, help="Show what globs and templates come to.")
def command(config: Path, online: bool, resolve: bool) -> None:
    """Say everything that is wrong with the settings.

    Exits with 2 for any fault in the file, and with 1 when only --online found something wrong.
    """
    settings = load_config(config, os.environ)
    secrets = settings.secrets()
    logs.configure(secrets=secrets)
    redact = logs.Redactor(secrets)

    def say(lines: Iterable[str]) -> None:
        for line in lines:
            click.echo(redact.redact(line))

    say(summary(settings))
    say(without_effect_yet(settings))
    for line in worth_knowing(settings, os.environ):
        # These hold no value; and a word missing in them would tell which word is the secret.
        click.echo(line)
    if resolve:
        say(resolved(settings))
    if online:
        from leeroy.cli.findings import show
        from leeroy.cli.online import ask_both
        from leeroy.services import make_services

        click.echo()
        services = make_services(settings, shares_limits=False)
        try:
            is_good = show(ask_both(settings, services.github, services.jenkins), redact)
        finally:
            services.close()
        raise click.exceptions.Exit(0 if is_good else FOUND_WRONG)
