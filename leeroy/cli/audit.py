"""``leeroy audit``: who asked for what on pull requests, and what came of it."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from leeroy import logs
from leeroy.cli.database import ready_database
from leeroy.cli.main import config_option
from leeroy.config import load_config
from leeroy.database import open_database
from leeroy.model import AuditEntry, PullRef
from leeroy.store import Store

#: So many entries are shown where nobody says how many.
USUAL = 100


@click.command("audit")
@config_option
@click.argument("what", required=False, default="")
@click.option("--who", default="", help="Only what LOGIN asked for.", metavar="LOGIN")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=USUAL, show_default=True, metavar="N"
)
@click.option("--json", "as_json", is_flag=True, help="As a JSON array.")
def command(config: Path, what: str, who: str, limit: int, as_json: bool) -> None:
    """Show who asked for what, and what came of it, newest first.

    WHAT is a pull request (owner/repo#12) or a repository (owner/repo); everything else. Entries
    are kept for `keep_history_days`.
    """
    repo, pull = _parse(what)
    settings = load_config(config, os.environ)
    logs.configure(secrets=settings.secrets())
    ready_database(settings)
    url = settings.database_url.get_secret_value()
    engine = open_database(url, relative_to=settings.source.parent)
    try:
        found = Store(engine).audited(repo=repo, pull=pull, who=who, limit=limit)
    finally:
        engine.dispose()
    if as_json:
        click.echo(logs.redacted(json.dumps([_as_json(entry) for entry in found], indent=2)))
        return
    _say(found, what)


def told(entry: AuditEntry) -> str:
    """One line on an entry; the moment is in UTC.

    >>> told(AuditEntry(repo="acme/widgets", pull=12, who="mary", what="approved", sha="abc1234def",
    ...     detail="/ok-to-test", ref="comment:7", at=1795383532.5))
    '2026-11-22T21:38Z  acme/widgets#12  mary  approved  abc1234  /ok-to-test'
    """
    where = entry.repo if entry.pull is None else str(PullRef(entry.repo, entry.pull))
    said = (_moment(entry), where, entry.who, entry.what, entry.sha[:7], entry.detail)
    return "  ".join(part for part in said if part)


def _say(found: Sequence[AuditEntry], what: str) -> None:
    for entry in found:
        click.echo(logs.redacted(logs.visible(told(entry))))
    if not found:
        click.echo(f"{logs.visible(what) or 'every repository'}: nobody has asked for anything")


def _parse(what: str) -> tuple[str, int | None]:
    if "#" not in what:
        return what, None
    try:
        ref = PullRef.parse(what)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc
    return ref.repo, ref.number


def _as_json(entry: AuditEntry) -> dict[str, object]:
    return {
        "at": _moment(entry),
        "repo": entry.repo,
        "pull": entry.pull,
        "who": entry.who,
        "what": entry.what,
        "sha": entry.sha,
        "detail": entry.detail,
    }


def _moment(entry: AuditEntry) -> str:
    return datetime.fromtimestamp(entry.at, UTC).strftime("%Y-%m-%dT%H:%MZ")
