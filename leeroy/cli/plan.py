"""``leeroy plan``: what a look would do now, and why, without doing it."""

import os
import sys
from pathlib import Path

import click

from leeroy import logs
from leeroy.cli.database import ready_database
from leeroy.cli.main import config_option
from leeroy.config import load_config
from leeroy.deciding.unknown import Unknown
from leeroy.model import PullRef


@click.command("plan")
@config_option
@click.argument("pull")
def command(config: Path, pull: str) -> None:
    """Show what Leeroy would do about PULL (owner/repo#12) now.

    And why, and what patchparser finds in it, where it is checked. Nothing is done.
    """
    from leeroy.services import make_services

    try:
        ref = PullRef.parse(pull)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc
    settings = load_config(config, os.environ)
    logs.configure(secrets=settings.secrets())
    ready_database(settings)
    facts, decision, effects = make_services(settings).looks.plan(ref)
    click.echo(f"{ref} at {facts.pull.head_sha[:7]}: {logs.visible(facts.pull.title)}")
    for reason in decision.reasons:
        click.echo(f"  because {logs.visible(reason)}")
    for effect in effects:
        click.echo(f"  {logs.visible(str(effect))}")
    if not effects:
        click.echo("  nothing to do")
    if not isinstance(facts.report, Unknown):
        report, _ = facts.report
        click.echo(f"\n{report.to_text(color=sys.stdout.isatty())}")
