"""``leeroy rebuild``: ask for builds again."""

import os
from pathlib import Path

import click

from leeroy import logs
from leeroy.cli.database import ready_database
from leeroy.cli.main import config_option
from leeroy.config import load_config
from leeroy.facts import PullRef


@click.command("rebuild")
@config_option
@click.argument("pull")
@click.option("--context", default="", help="Only this one; every build of the repository else.")
def command(config: Path, pull: str, context: str) -> None:
    """Build PULL (owner/repo#12) again.

    Whoever works on the queue does it.
    """
    from leeroy.services import make_services

    try:
        ref = PullRef.parse(pull)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc
    settings = load_config(config, os.environ)
    logs.configure(secrets=settings.secrets())
    known = {build.context.lower() for build in settings.builds_for(ref.repo)}
    if not known:
        raise click.UsageError(f"no build is configured for {ref.repo}")
    if context and context.lower() not in known:
        raise click.UsageError(f"{ref.repo} has no context {context}")
    ready_database(settings)
    make_services(settings).queue.put(
        str(ref), kind="request", ref=context or "all", data={"context": context}
    )
    click.echo(f"asked for {context or 'every build'} of {ref}")
