"""``leeroy sweep``: find what was missed now, and handle it before it returns."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leeroy import logs
from leeroy.cli.database import ready_database
from leeroy.cli.main import FOUND_WRONG, config_option
from leeroy.config import load_config

if TYPE_CHECKING:
    from leeroy.queue import KeptHint
    from leeroy.services import Services
    from leeroy.worker.sweep.unread import Unread

#: For so many seconds nothing may come to an end when all that is left has failed before.
PATIENCE_SECONDS = 30.0
#: Between two questions how far it is.
POLL_SECONDS = 0.2


@click.command("sweep")
@config_option
@click.option("--dry-run", is_flag=True, help="Only say what would be looked at again.")
def command(config: Path, dry_run: bool) -> None:
    """Find what webhooks missed, and handle it.

    What the scheduled sweep only reports, because nobody asked for it yet, is built. Needs no
    other worker. Exits with 0 when it could look at everything.
    """
    from leeroy.hints import FollowHint, SweepHint
    from leeroy.services import make_services

    settings = load_config(config, os.environ)
    # What it does is told in lines of its own.
    logs.configure(secrets=settings.secrets(), as_json=not os.isatty(2))
    ready_database(settings)
    services = make_services(settings)
    try:
        last = services.queue.newest_hint()
        is_whole = _look_over(services, is_dry=dry_run)
        if not dry_run:
            is_whole &= _handle(
                services, lambda: services.queue.hints_after(last, SweepHint, FollowHint)
            )
    finally:
        services.close()
    raise click.exceptions.Exit(0 if is_whole else FOUND_WRONG)


def _look_over(services: "Services", *, is_dry: bool) -> bool:
    """Sweep, and say what was found; whether everything could be looked over."""
    unread: list[Unread] = []
    with _progress("Looking over repositories") as advance:
        for swept in services.sweep.run(is_by_hand=True, is_dry=is_dry):
            advance(swept.name, None)
            unread += swept.unread
            if swept.pulls:
                _say(f"{swept.name}: {swept.pulls} open pull requests looked over")
            for found in swept.found:
                _say(f"  {found}")
    if unread:
        _say("could not be looked at:")
    for each in unread:
        _say(f"  {each}")
    return not unread


def _handle(services: "Services", ours: Callable[[], tuple["KeptHint", ...]]) -> bool:
    """Work until all that was found is handled; whether that went well."""
    total = len(ours())
    if not total:
        _say("nothing was missed")
        return True
    crew = services.crew(is_passing=True)
    crew.start()
    try:
        with _progress("Handling what was found") as advance:
            left, seen = total, time.monotonic()
            while waiting := [hint for hint in ours() if hint.handled is None]:
                if len(waiting) != left:
                    left, seen = len(waiting), time.monotonic()
                advance(f"{total - left} of {total}", (total - left) / total)
                has_failed = all(hint.error is not None for hint in waiting)
                if has_failed and time.monotonic() - seen > PATIENCE_SECONDS:
                    break
                time.sleep(POLL_SECONDS)
    finally:
        crew.stop()
    failed = [hint for hint in ours() if hint.handled is None or hint.error is not None]
    for hint in failed:
        what = "is tried again later" if hint.handled is None else "was given up"
        _say(f"{hint.subject}: {what}: {hint.error or 'not looked at yet'}")
    _say(f"{total - len(failed)} of {total} handled")
    return not failed


@contextmanager
def _progress(what: str) -> Iterator[Callable[[str, float | None], None]]:
    """Show on a terminal how far it is; elsewhere the lines that are said must do."""
    if not sys.stderr.isatty():
        yield lambda _name, _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)

        def advance(name: str, done: float | None) -> None:
            text = f"{what}: {logs.visible(name)}"
            progress.update(task, description=text, total=1 if done is not None else None)
            if done is not None:
                progress.update(task, completed=done)

        yield advance


def _say(line: str) -> None:
    click.echo(logs.visible(logs.redacted(line)))
