"""``leeroy sweep``: find what was missed now, and handle it before it returns."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leeroy import logs
from leeroy.cli.database import ready_database
from leeroy.cli.main import FOUND_WRONG, config_option
from leeroy.config import Mode, load_config
from leeroy.model import BuildRef, parse_subject

if TYPE_CHECKING:
    from leeroy.cli.sweep_report import Handled, Report
    from leeroy.queue import KeptHint
    from leeroy.services import Services

#: For so many seconds nothing may come to an end when all that is left has failed before.
PATIENCE_SECONDS = 30.0
#: Between two questions how far it is.
POLL_SECONDS = 0.2


@click.command("sweep")
@config_option
@click.option("--dry-run", is_flag=True, help="Only say what would be looked at again.")
@click.option("--json", "as_json", is_flag=True, help="Say it all at the end, as JSON.")
def command(config: Path, dry_run: bool, as_json: bool) -> None:
    """Find what webhooks missed, and handle it.

    What the scheduled sweep only reports, because nobody asked for it yet, is built, and every
    unfinished build is read from Jenkins. Needs no other worker. Exits with 0 when it could look at
    everything and nothing of what it found is left undone.
    """
    from leeroy.cli.sweep_report import Report
    from leeroy.hints import FollowHint, SweepHint
    from leeroy.services import make_services
    from leeroy.worker.sweep.findings import Outcome

    settings = load_config(config, os.environ)
    # What it does is told in lines of its own.
    logs.configure(secrets=settings.secrets(), as_json=not os.isatty(2))
    ready_database(settings)
    services = make_services(settings)
    report = Report(is_dry=dry_run)
    say: Callable[[str], None] = (lambda _line: None) if as_json else _say
    try:
        began, last = services.queue.now(), services.queue.newest_hint()
        _look_over(services, report, say)
        if not dry_run:
            due = {one.subject for one in report.found if one.outcome is Outcome.DUE}
            hints = services.queue.hints_after(last, SweepHint, FollowHint)
            ours = frozenset(kept.id for kept in hints if kept.subject in due)
            _work(
                services,
                lambda: [
                    kept
                    for kept in services.queue.hints_after(last, SweepHint, FollowHint)
                    if kept.id in ours
                ],
            )
            for subject in sorted(due):
                of_subject = [h for h in services.queue.hints_of_subject(subject) if h.id in ours]
                report.handled.append(_handled(services, subject, of_subject, began))
                say(str(report.handled[-1]))
    finally:
        services.close()
    if as_json:
        click.echo(logs.redacted(json.dumps(report.as_json(), indent=2)))
    for line in report.summary():
        say(line)
    raise click.exceptions.Exit(0 if report.is_good else FOUND_WRONG)


def _look_over(services: "Services", report: "Report", say: Callable[[str], None]) -> None:
    """Sweep, and say what was found."""
    with _progress("Looking over repositories") as advance:
        for swept in services.sweep.run(is_by_hand=True, is_dry=report.is_dry):
            advance(swept.name, swept.share)
            report.pulls += swept.pulls
            report.found += swept.found
            report.unread += swept.unread
            if swept.pulls:
                say(f"{swept.name}: {swept.pulls} open pull requests looked over")
            for found in swept.found:
                say(f"  {found}")


def _work(services: "Services", ours: Callable[[], Sequence["KeptHint"]]) -> None:
    """Work until all that was found is handled, or nothing more can be."""
    total = len(ours())
    if not total:
        return
    workers = services.workers(is_passing=True)
    workers.start()
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
        workers.stop()


def _handled(
    services: "Services", subject: str, hints: Sequence["KeptHint"], began: float
) -> "Handled":
    """What came of it: as the queue and the looks since then say, not as was planned."""
    from leeroy.cli.sweep_report import Came, Handled

    for hint in hints:
        if hint.handled is None:
            return Handled(subject=subject, came=Came.AGAIN, why=hint.error or "not looked at yet")
        if hint.error is not None:
            return Handled(subject=subject, came=Came.GIVEN_UP, why=hint.error)
    looks = [look for look in services.store.looks_at(subject) if look.at >= began]
    if looks and looks[0].error:
        return Handled(subject=subject, came=Came.REFUSED, why=looks[0].error)
    effects = (effect for look in reversed(looks) if not look.error for effect in look.effects)
    came = Came.OBSERVED if _is_observed(services, subject) else Came.DONE
    return Handled(subject=subject, came=came, effects=tuple(effects))


def _is_observed(services: "Services", subject: str) -> bool:
    ref = parse_subject(subject)
    if ref is None or isinstance(ref, BuildRef):
        return False
    return services.config.for_repo(ref.repo).mode is Mode.OBSERVE


@contextmanager
def _progress(what: str) -> Iterator[Callable[[str, float], None]]:
    """Show on a terminal how far it is; elsewhere the lines that are said must do."""
    if not sys.stderr.isatty():
        yield lambda _name, _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=1)

        def advance(name: str, done: float) -> None:
            text = f"{what}: {logs.visible(name)}"
            progress.update(task, description=text, completed=done)

        yield advance


def _say(line: str) -> None:
    click.echo(logs.visible(logs.redacted(line)))
