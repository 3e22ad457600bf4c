"""A Leeroy in the middle of its day, for pages to show: some of everything, served on loopback."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha1
from pathlib import Path
from typing import Any

from sqlalchemy import Table, update
from werkzeug.serving import WSGIRequestHandler, make_server

from leeroy.app import create_app
from leeroy.config import Config, parse_config
from leeroy.database import write
from leeroy.events import parse_delivery
from leeroy.hints import NotificationHint, RequestHint
from leeroy.model import (
    Build,
    BuildRef,
    BuildState,
    PullRef,
    Reason,
    ReasonKind,
    Result,
    Status,
    StatusState,
)
from leeroy.queue.tables import hints, subjects
from leeroy.services import Services, make_services
from leeroy.store import KeptLook
from leeroy.store.tables import builds, deliveries, looks, pulls, statuses
from tests.databases import make_tables
from tests.making import a_done_row, a_pull, a_queued_row, a_running_row

OPERATOR, PASSWORD = "operator", "operators-password"
REPO = "acme/widgets"
PULL = PullRef(REPO, 412)
GUID = "7b0f4c2e-c7d1-11f1-9d3a-4f2f6c0b5a11"
#: What a stranger might call a pull request.
HOSTILE = "<script>document.title='owned'</script> \"onload=alert(1)"
LONG = "a-branch-name-without-any-place-to-break-it-" * 4

SETTINGS: dict[str, Any] = {
    "jenkins": {"base_url": "https://jenkins.acme.test", "username": "leeroy", "token": "jtoken"},
    "github_token": "ghp_0123456789abcdefghij",
    "github_webhook_secret": "webhook-secret",
    "public_url": "https://leeroy.acme.test",
    "user": OPERATOR,
    "pass": PASSWORD,
    "mode": "act",
    "builds": [
        {"github_repo": REPO, "jenkins_job_name": "widgets/unit", "context": "ci/unit"},
        {"github_repo": REPO, "jenkins_job_name": "widgets/windows", "context": "ci/windows"},
        {"github_repo": REPO, "jenkins_job_name": "widgets/docs", "context": "ci/docs"},
        {
            "github_repo": REPO,
            "jenkins_job_name": "widgets/load",
            "context": "ci/load",
            "custom": True,
            "handle_issues": True,
        },
        {"github_repo": "acme/gears", "jenkins_job_name": "gears", "context": "gears"},
    ],
}


def settings(folder: Path, **changes: Any) -> Config:
    """The settings with some changed; ``None`` leaves a key out."""
    whole = {name: value for name, value in {**SETTINGS, **changes}.items() if value is not None}
    return parse_config(
        json.dumps(whole), environ={}, read_file=Path.read_text, source=folder / "config.json"
    )


@contextmanager
def services_over(folder: Path, **changes: Any) -> Iterator[Services]:
    """The parts of one process over a database in a folder, empty at first."""
    services = make_services(settings(folder, **changes))
    make_tables(services.engine)
    yield services
    services.close()


@dataclass(frozen=True, kw_only=True)
class Site:
    """A served Leeroy."""

    url: str
    services: Services


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing of every request."""


@contextmanager
def served(folder: Path, *, empty: bool = False, **changes: Any) -> Iterator[Site]:
    """Serve it on a port the system chose."""
    with services_over(folder, **changes) as services:
        if not empty:
            fill(services)
        server = make_server(
            "127.0.0.1", 0, create_app(services), threaded=True, request_handler=_Quiet
        )
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Site(url=f"http://127.0.0.1:{server.port}", services=services)
        server.shutdown()
        thread.join()
        server.server_close()


def fill(services: Services) -> None:
    """What half a day leaves behind."""
    for fill_some in (_fill_others, _open_the_pull, _push_to_the_pull, _fill_troubles):
        fill_some(services)


def later(services: Services, seconds: float) -> None:
    """Let so much time pass: all that is remembered gets that much older."""
    with write(services.engine) as connection:
        for table, names in _MOMENTS.items():
            moved = {name: table.c[name] - seconds for name in names}
            connection.execute(update(table).values(moved))


_MOMENTS: dict[Table, tuple[str, ...]] = {
    builds: ("created", "updated"),
    deliveries: ("received",),
    hints: ("received", "due", "handled"),
    looks: ("at",),
    pulls: ("updated",),
    statuses: ("updated",),
    subjects: ("due",),
}


def deliver(services: Services, payload: dict[str, Any], *, guid: str, event: str) -> None:
    """A delivery comes in, as the webhook's view takes it."""
    body = json.dumps(payload).encode()
    delivery = parse_delivery(event=event, guid=guid, content_type="application/json", body=body)
    services.store.keep_delivery(delivery, body)
    services.queue.put(str(delivery.subject), delivery.hint, delivery=guid)


def give_up(services: Services, error: str) -> None:
    """The look that is due failed as often as it may."""
    look = services.queue.take()
    assert look is not None
    with write(services.engine) as connection:
        connection.execute(update(subjects).values(attempts=10_000))
    services.queue.again(look, error=error)


def look_was_made(
    services: Services, because: Sequence[str] = (), done: Sequence[str] = (), error: str = ""
) -> None:
    """Somebody looked at what is due, decided this for these reasons, and did it."""
    look = services.queue.take()
    assert look is not None
    later(services, 1)
    services.store.save_look(
        KeptLook(
            subject=look.subject,
            at=0.0,
            seconds=0.06 + len(done) / 30,
            hints=", ".join(f"{kept.hint.kind} {kept.hint}" for kept in look.hints),
            reasons=tuple(because),
            effects=tuple(done),
            error=error,
        )
    )
    if error:
        services.queue.again(look, error=error, retry_after=0)
    else:
        services.queue.done(look)


def _fill_others(services: Services) -> None:
    told = {
        ("acme/gears", 88, "Bump the lubricant to 4.2", "renovate[bot]"): [
            ("gears", "success", "Build #301 succeeded in 1 min 2 s")
        ],
        (REPO, 398, HOSTILE, "mallory"): [
            ("ci/unit", "pending", "Waiting for a maintainer to comment /ok-to-test")
        ],
        (REPO, 405, "Draw corners with fewer strokes", "noor"): [
            ("ci/unit", "failure", "Build #776 failed after 4 min 9 s"),
            ("ci/windows", "success", "Build #512 succeeded in 9 min 41 s"),
            ("ci/docs", "success", "Skipped: no matching changes"),
        ],
        ("acme/gears", 91, "Teeth: count them before meshing", "ines"): [],
        (REPO, 409, f"Rename {LONG}", "tomas"): [
            ("ci/unit", "error", "Job widgets/unit does not take GIT_SHA1")
        ],
    }
    for place, ((repo, number, title, author), rows) in enumerate(told.items()):
        ref = PullRef(repo, number)
        pull = a_pull(ref=ref, title=title, author=author, head_sha=sha_of(ref))
        services.store.save_pull(pull)
        services.store.save_statuses(
            repo, [(pull.head_sha, a_status(context, *said)) for context, *said in rows]
        )
        later(services, 1900 - 330 * place)


def sha_of(ref: PullRef, push: int = 0) -> str:
    """The head of a pull request after so many pushes."""
    return sha1(f"{ref} {push}".encode()).hexdigest()


def a_status(context: str, state: str, text: str) -> Status:
    """A status of a build."""
    url = f"https://jenkins.acme.test/job/widgets/job/{context.removeprefix('ci/')}/"
    return Status(context=context, state=StatusState(state), description=text, target_url=url)


def _row(make: Callable[..., Build], job: str, push: int, **fields: Any) -> Build:
    number = fields.get("build_number")
    url = f"https://jenkins.acme.test/job/widgets/job/{job}/" + (f"{number}/" if number else "")
    whole = {"job": f"widgets/{job}", "context": f"ci/{job}", "repo": REPO, "pull": 412, **fields}
    return make(sha=sha_of(PULL, push), url=url, created=0.0, **whole)


def _open_the_pull(services: Services) -> None:
    """Somebody opened it, and a build of it failed."""
    sha = sha_of(PULL)
    short = sha[:7]
    pull = a_pull(ref=PULL, title="Make widgets rounder", head_sha=sha)
    _deliver_pull(services, "opened", "5c1e8a40-c7c9-11f1-8e6b-d1f8e0c3a7b2")
    services.store.save_pull(pull)
    look_was_made(
        services,
        [f"ci/unit is missing at {short}", f"ci/windows is missing at {short}"],
        [f"trigger widgets/{job} for ci/{job} at {short}" for job in ("unit", "windows")],
    )
    unit = _row(a_done_row, "unit", 0, build_number=771, result=Result.FAILURE, duration=249.0)
    services.store.save_builds([unit, _row(a_running_row, "windows", 0, build_number=509)])
    later(services, 255)
    services.queue.put(
        str(PULL),
        NotificationHint(build=BuildRef("default", "widgets/unit", 771), phase="FINALIZED"),
    )
    failed = a_status("ci/unit", "failure", "Build #771 failed after 4 min 9 s")
    services.store.save_statuses(REPO, [(sha, failed)])
    look_was_made(
        services,
        done=[
            "record ci/unit: done as #771 with FAILURE",
            f"set ci/unit failure at {short}: {failed.description}",
        ],
    )
    later(services, 900)


def _push_to_the_pull(services: Services) -> None:
    """A push: Jenkins was away for a moment, then built it."""
    old, sha = sha_of(PULL)[:7], sha_of(PULL, 1)
    short = sha[:7]
    _deliver_pull(services, "synchronize", GUID)
    services.store.save_pull(a_pull(ref=PULL, title="Make widgets rounder", head_sha=sha))
    look_was_made(services, error="Jenkins did not answer within 10 s")
    later(services, 2)
    (row,) = (build for build in services.store.unfinished() if build.pull == PULL.number)
    gone = replace(row, state=BuildState.SUPERSEDED, reason=Reason(ReasonKind.SUPERSEDED, short))
    services.store.save_builds([gone])
    services.store.save_statuses(
        REPO,
        [
            (row.sha, a_status("ci/windows", "error", f"Superseded by {short}")),
            (sha, a_status("ci/windows", "pending", "Build #513 is running")),
        ],
    )
    look_was_made(
        services,
        [f"{old} is no longer the head", f"ci/unit, ci/windows and ci/docs are missing at {short}"],
        [
            f"abort widgets/windows #509: Superseded by {short}",
            *(f"trigger widgets/{job} for ci/{job} at {short}" for job in ("unit", "windows")),
            f"trigger widgets/docs for ci/docs at {short}",
            f"set ci/windows error at {old}: Superseded by {short}",
        ],
    )
    unit = _row(a_done_row, "unit", 1, build_number=778, duration=203.0)
    windows = _row(a_running_row, "windows", 1, build_number=513)
    services.store.save_builds([unit, windows, _row(a_queued_row, "docs", 1)])
    later(services, 206)
    services.queue.put(
        str(PULL),
        NotificationHint(build=BuildRef("default", "widgets/unit", 778), phase="FINALIZED"),
    )
    good = a_status("ci/unit", "success", "Build #778 succeeded in 3 min 23 s")
    services.store.save_statuses(REPO, [(sha, good)])
    look_was_made(
        services,
        done=[
            "record ci/unit: done as #778 with SUCCESS",
            f"set ci/unit success at {short}: {good.description}",
        ],
    )
    later(services, 40)


def _deliver_pull(services: Services, action: str, guid: str) -> None:
    payload = {
        "action": action,
        "number": PULL.number,
        "pull_request": {"title": "Make widgets rounder", "user": {"login": "ann"}},
        "repository": {"full_name": REPO, "private": False},
        "sender": {"login": "ann"},
    }
    deliver(services, payload, guid=guid, event="pull_request")


def _fill_troubles(services: Services) -> None:
    services.queue.put(f"{REPO}#409", RequestHint(context="ci/unit"))
    give_up(services, "GitHub refused POST statuses: 404 Not Found (may the token write?)")
    later(services, 400)
    push = {"ref": "refs/heads/main", "repository": {"full_name": "acme/gears"}}
    deliver(services, push, guid="91aa7c02-c7d3-11f1-90c4-0b9ef36f1d55", event="push")
    look = services.queue.take()
    assert look is not None
    error = "GitHub answered 502 to GET /repos/acme/gears: Bad Gateway"
    services.queue.again(look, error=error, retry_after=300)
    later(services, 95)
