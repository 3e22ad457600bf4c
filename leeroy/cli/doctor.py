"""``leeroy doctor``: what is wrong with a running Leeroy, and the way out."""

import os
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import DBAPIError

from leeroy import logs
from leeroy.cli.doctor_jobs import job_findings
from leeroy.cli.doctor_people import people_checks
from leeroy.cli.findings import Finding, Found, note, ok, run_checks, show, wrong
from leeroy.cli.main import FOUND_WRONG, config_option
from leeroy.cli.online_nsq import outbox_findings
from leeroy.config import Config, load_config
from leeroy.database import now, pending_migrations, read, write
from leeroy.deciding import messages
from leeroy.deciding.messages import duration
from leeroy.errors import LeeroyError
from leeroy.model import Build, PullRef
from leeroy.queue import KeptHint, Queue
from leeroy.queue.process import is_gone
from leeroy.queue.tables import hints, subjects
from leeroy.services import Services, make_services
from leeroy.store import Store
from leeroy.worker.names import renamed_repos

#: What is due is looked at within moments; after so many seconds nobody seems to work.
PATIENCE_SECONDS = 60
#: Hints with errors that are shown; the dashboard has them all.
MOST_SHOWN = 10

#: What may pass, and what will not: both are findings here.
_REFUSED = (LeeroyError, DBAPIError)
_NOBODY_WORKS = "see that `leeroy serve` (without --no-worker) or `leeroy work` runs, and its log"


@click.command("doctor")
@config_option
@click.option(
    "--older-than",
    "hours",
    default=6.0,
    show_default=True,
    help="Hours after which an unfinished build is suspicious.",
)
def command(config: Path, hours: float) -> None:
    """Say what is wrong with a running Leeroy.

    Every line has its way out. It looks at the settings, the database, the queue, unfinished builds, at GitHub and at
    every Jenkins.
    """
    from leeroy.cli.online import ask_both

    settings = load_config(config, os.environ)
    secrets = settings.secrets()
    logs.configure(secrets=secrets)
    redact = logs.Redactor(secrets)
    services = make_services(settings, shares_limits=False)
    try:
        here: list[Found] = [(f"Settings {config}", (ok("no faults"),))]
        local = list(_local(services, hours * 3600))
        is_good = show(here + local, redact)
        is_good &= show(ask_both(settings, services.github, services.jenkins), redact)
        if len(local) > 1:  # the database answers
            people = run_checks(list(people_checks(settings, services.github, services.store)))
            is_good &= show([each for each in people if each[1]], redact)
    finally:
        services.close()
    click.echo("Nothing is wrong." if is_good else "Something is wrong: see the lines above.")
    raise click.exceptions.Exit(0 if is_good else FOUND_WRONG)


def _local(services: Services, too_old: float) -> Iterator[Found]:
    """What the database tells; nothing more is asked of one that cannot answer."""
    found = tuple(_database(services.engine))
    yield "Database", found
    if any(each.verdict != "ok" for each in found):
        return
    try:
        yield "Queue", tuple(_queue(services.queue, services.engine))
        told = job_findings(services.engine, services.queue, services.jenkins)
        yield "Builds", (*_builds(services.store, services.engine, too_old), *told)
        if names := tuple(_names(services.config, services.store, services.queue.now())):
            yield "Names", names
        if found := tuple(outbox_findings(services.config, services.store)):
            yield "NSQ", found
    except _REFUSED as exc:
        yield "Database", (wrong(_reason(exc), "see that it runs and can be reached"),)


def _database(engine: Engine) -> Iterator[Finding]:
    file = engine.url.database or ""
    if engine.dialect.name == "sqlite" and not file.startswith("file:"):
        if not os.access(Path(file).parent, os.W_OK | os.X_OK):
            yield wrong(
                f"{Path(file).parent} cannot be written to",
                "give Leeroy's user the folder, or put database_url elsewhere",
            )
            return
        # Asking SQLite would make the file, which then belonged to whoever asked.
        if not Path(file).exists():
            yield note(f"{file} does not exist yet", "the first `leeroy serve` makes it")
            return
    try:
        pending = pending_migrations(engine)
    except _REFUSED as exc:
        yield wrong(_reason(exc), "see that it runs, and that database_url is right")
        return
    yield ok("it can be reached")
    if pending:
        yield wrong(f"the schema lacks {', '.join(pending)}", "run: leeroy migrate-db")
        return
    yield ok("the schema is current")
    try:
        _try_writing(engine)
    except _REFUSED as exc:
        yield wrong(
            f"it cannot be written to: {_reason(exc)}",
            "see whether the disk is full, and whether Leeroy's user may write",
        )
    else:
        yield ok("it can be written to")


def _reason(error: Exception) -> str:
    reason = error.orig if isinstance(error, DBAPIError) else error
    return " ".join(str(reason).split())


def _try_writing(engine: Engine) -> None:
    """Write something and take it away in one transaction, which reaches the disk all the same."""
    name = "leeroy doctor"
    with write(engine) as connection:
        connection.execute(
            insert(subjects).values(name=name, lane=name, turn=0, priority=0, attempts=0)
        )
        connection.execute(delete(subjects).where(subjects.c.name == name))


def _queue(queue: Queue, engine: Engine) -> Iterator[Finding]:
    depth, age = queue.depth(), queue.oldest_due_age()
    gone, at_work = _lease_holders(engine)
    if age > PATIENCE_SECONDS:
        waits = f"{depth} to look at, the longest waits for {duration(age)}"
        if at_work:
            yield wrong(f"{waits}; {', '.join(at_work)} cannot keep up", "start more `leeroy work`")
        else:
            yield wrong(f"{waits}, and nobody looks", _NOBODY_WORKS)
    elif depth:
        yield ok(f"{depth} to look at, the longest waits for {duration(age)}")
    else:
        yield ok("nothing waits")
    if at_work:
        yield ok(f"at work: {', '.join(at_work)}")
    elif age <= PATIENCE_SECONDS:
        yield note("no look is being made, so whether workers run cannot be told from here")
    for name in gone:
        yield wrong(
            f"{name} died in the middle of a look",
            "start `leeroy serve` or `leeroy work`: what it had is taken up at once",
        )
    yield from _failed(queue, engine)


def _lease_holders(engine: Engine) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The processes that hold looks: those known to be gone, and those at work."""
    held = select(subjects.c.leased_by, subjects.c.leased_until).where(
        subjects.c.leased_by.is_not(None)
    )
    with read(engine) as connection:
        clock = now(connection)
        rows = connection.execute(held).all()
    gone = {row.leased_by for row in rows if is_gone(row.leased_by)}
    at_work = {row.leased_by for row in rows if row.leased_until > clock} - gone
    return tuple(sorted(gone)), tuple(sorted(at_work))


def _failed(queue: Queue, engine: Engine) -> Iterator[Finding]:
    """Looks that failed, one line a subject: tried again, or given up and not mended since."""
    chosen = select(hints).where(hints.c.error.is_not(None)).order_by(hints.c.id.desc())
    with read(engine) as connection:
        clock = now(connection)
        rows = connection.execute(chosen.limit(10 * MOST_SHOWN)).all()
    newest: dict[str, KeptHint] = {}
    for row in rows:
        newest.setdefault(row.subject, KeptHint.from_row(row))
    shown = 0
    for subject, hint in newest.items():
        if hint.handled is not None and _went_well_since(queue, hint):
            continue
        if shown == MOST_SHOWN:
            yield wrong("and more", "the dashboard shows them all")
            return
        shown += 1
        since = duration(clock - hint.received)
        what = "was given up" if hint.handled is not None else "fails and is tried again"
        yield wrong(f"{subject} {what}, asked for {since} ago: {hint.error}", _again(subject))


def _went_well_since(queue: Queue, failed: KeptHint) -> bool:
    (latest, *_) = queue.hints_of_subject(failed.subject, 1)
    return latest.id > failed.id and latest.handled is not None and latest.error is None


def _again(subject: str) -> str:
    try:
        PullRef.parse(subject)
    except ValueError:
        return "mend what the error says"
    return f"mend what the error says, then run: leeroy rebuild {subject}"


def _builds(store: Store, engine: Engine, too_old: float) -> Iterator[Finding]:
    unfinished = store.unfinished()
    with read(engine) as connection:
        clock = now(connection)
    old = [build for build in unfinished if clock - build.created > too_old]
    yield ok(f"{len(unfinished)} unfinished, {len(old)} of them older than {duration(too_old)}")
    for build in old:
        yield wrong(*_stuck(build, clock))


def _names(config: Config, store: Store, clock: float) -> Iterator[Finding]:
    """Repositories that GitHub calls otherwise than the settings do, and those they lack."""
    for renamed in renamed_repos(config, store):
        way_out = f"write {renamed.called} in the settings, wherever {renamed.repo} stands"
        yield wrong(f"{renamed}; it goes on under both names", way_out)
    for each in store.unconfigured():
        if config.knows(each.repo):
            continue
        came = "1 delivery" if each.deliveries == 1 else f"{each.deliveries} deliveries"
        yield note(
            f"{came} of {each.repo}, which the settings do not have; the last {duration(clock - each.last)} ago",
            "add it to the settings, or take the webhook off",
        )


def _stuck(build: Build, clock: float) -> tuple[str, str]:
    whose = build.repo if build.pull is None else str(PullRef(build.repo, build.pull))
    reason = f" ({messages.reason(build.reason)})" if build.reason else ""
    told = f"{build.context} of {whose} is {build.state} since {duration(clock - build.created)}"
    look = f"look at {build.url}" if build.url else f"look at job {build.job} in Jenkins"
    again = f"; again: leeroy rebuild {whose} --context {build.context}" if build.pull else ""
    return f"{told}{reason}", f"{look}{again}"
