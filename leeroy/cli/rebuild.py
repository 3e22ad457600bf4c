"""``leeroy rebuild``: ask for builds again."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from leeroy import logs
from leeroy.cli.database import ready_database
from leeroy.cli.main import config_option
from leeroy.config import Job, load_config
from leeroy.model import BranchRef, PullRef


@click.command("rebuild")
@config_option
@click.argument("what")
@click.option("--context", default="", help="Only this one; every build else.")
def command(config: Path, what: str, context: str) -> None:
    """Build WHAT again: owner/repo#12 or owner/repo@branch.

    Whoever works on the queue does it.
    """
    from leeroy.hints import RequestHint
    from leeroy.services import make_services

    ref = _parse(what)
    settings = load_config(config, os.environ)
    logs.configure(secrets=settings.secrets())
    jobs: Sequence[Job] = settings.builds_for(ref.repo)
    if isinstance(ref, BranchRef):
        jobs = settings.jobs_for_push(ref.repo, ref.branch)
    place = ref if isinstance(ref, BranchRef) else ref.repo
    if not jobs:
        raise click.UsageError(f"no build is configured for {place}")
    if context and not any(job.has_context(context) for job in jobs):
        raise click.UsageError(f"{place} has no context {context}")
    ready_database(settings)
    make_services(settings).queue.put(str(ref), RequestHint(context=context))
    click.echo(f"asked for {context or 'every build'} of {ref}")


def _parse(what: str) -> PullRef | BranchRef:
    try:
        return BranchRef.parse(what) if "@" in what else PullRef.parse(what)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc
