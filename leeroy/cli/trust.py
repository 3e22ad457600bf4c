"""``leeroy trust``: the authors whom ``add to whitelist`` made trusted for good."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from leeroy import logs
from leeroy.cli.database import ready_database
from leeroy.cli.main import FOUND_WRONG, config_option
from leeroy.config import load_config
from leeroy.database import open_database
from leeroy.store import KeptTrust, Store


@click.group("trust")
@click.option("--config", type=click.Path(path_type=Path), help="The settings file.")
@click.pass_context
def command(ctx: click.Context, config: Path | None) -> None:
    """List authors trusted by `add to whitelist`, or revoke that.

    They count where `whitelist_command` is on. Who is trusted otherwise, by the settings or by
    GitHub's permissions, is not meant.
    """
    ctx.obj = config or ctx.obj


@command.command("list")
@config_option
@click.argument("repo", required=False)
def show(config: Path, repo: str | None) -> None:
    """Show who is trusted in REPO, by whose word and since when; in every repository else."""
    with _store(config) as store:
        kept = store.kept_trust(repo)
    for trust in kept:
        _say(told(trust))
    if not kept:
        _say(f"{repo or 'every repository'}: nobody is trusted by `add to whitelist`")


@command.command("revoke")
@config_option
@click.argument("repo")
@click.argument("login")
def revoke(config: Path, repo: str, login: str) -> None:
    """Trust LOGIN in REPO no longer.

    It counts from the next look at a pull request on. What was approved by `/ok-to-test` stays so.
    """
    with _store(config) as store:
        was_trusted = store.distrust(repo, login)
    if not was_trusted:
        _say(f"{repo}: {login} was not trusted (see: leeroy trust list)", err=True)
        raise click.exceptions.Exit(FOUND_WRONG)
    _say(f"{repo}: {login} is trusted by `add to whitelist` no longer")


@command.command("forget")
@config_option
@click.argument("login")
def forget(config: Path, login: str) -> None:
    """Ask GitHub anew whose LOGIN of `trusted_users` is.

    For when it belongs to another account by now, and that one is meant.
    """
    with _store(config) as store:
        was_known = store.forget_account(login)
    if not was_known:
        _say(f"nobody had asked whose {login} is (see trusted_users in the settings)", err=True)
        raise click.exceptions.Exit(FOUND_WRONG)
    _say(f"whose {login} is, is asked at the next look at a stranger's pull request")


def told(trust: KeptTrust) -> str:
    """One line on a trusted author; the moment is in UTC.

    >>> told(KeptTrust(repo="acme/widgets", login="ann", by="Boss", at=1795383532.5))
    'acme/widgets  ann  by Boss  2026-11-22T21:38Z'
    """
    at = datetime.fromtimestamp(trust.at, UTC).strftime("%Y-%m-%dT%H:%MZ")
    return f"{trust.repo}  {trust.login}  by {trust.by}  {at}"


@contextmanager
def _store(config: Path) -> Iterator[Store]:
    """What is remembered, without the rest of Leeroy."""
    settings = load_config(config, os.environ)
    logs.configure(secrets=settings.secrets())
    ready_database(settings)
    url = settings.database_url.get_secret_value()
    engine = open_database(url, relative_to=settings.source.parent)
    try:
        yield Store(engine)
    finally:
        engine.dispose()


def _say(line: str, *, err: bool = False) -> None:
    click.echo(logs.redacted(logs.visible(line)), err=err)
