"""GitHub's deliveries and Jenkins' notifications: verified, on disk, then answered."""

import hmac

from flask import Blueprint, Response, request

from leeroy.config import DEFAULT_SERVER, Config
from leeroy.config.fields import is_glob
from leeroy.deciding.parameters import BUILD_ID
from leeroy.errors import BadDelivery
from leeroy.events import Notification, parse_notification
from leeroy.hints import NotificationHint
from leeroy.job_names import pull_of_branch_job
from leeroy.model import BranchRef, BuildRef, PullRef
from leeroy.nsq.envelope import MEDIA_TYPE, BadEnvelope
from leeroy.queue import Queue
from leeroy.store import Store
from leeroy.worker.intake import Intake, Taken, Webhook

#: Seconds to wait before looking for the build of a notification nobody claims: Jenkins' answer
#: to our trigger may still be on its way.
UNCLAIMED_DELAY = 1.0


def hooks(config: Config, queue: Queue, store: Store, intake: Intake) -> Blueprint:
    """The two endpoints that others call."""
    views = Blueprint("hooks", __name__)

    @views.post("/notification/github", strict_slashes=False)
    def github() -> Response:
        if (request.mimetype or "") == MEDIA_TYPE:
            return _envelope(intake, request.get_data())
        webhook = Webhook(
            event=request.headers.get("X-GitHub-Event"),
            guid=request.headers.get("X-GitHub-Delivery"),
            content_type=request.content_type or "",
            signature=request.headers.get("X-Hub-Signature-256"),
            body=request.get_data(),
        )
        match intake.take_webhook(webhook):
            case Taken.PING:
                return _said(200, "pong")
            case Taken.QUEUED:
                return _said(202, "queued")
            case Taken.OF_NO_INTEREST:
                return _said(204)

    @views.post("/notification/jenkins", strict_slashes=False)
    @views.post("/notification/jenkins/<server>", strict_slashes=False)
    def jenkins(server: str = DEFAULT_SERVER) -> Response:
        if server not in config.servers:
            raise BadDelivery(f"no Jenkins server is called {server}", status=404)
        _check_secret(config.server(server).notification_secret.get_secret_value())
        told = parse_notification(request.content_type or "", request.get_data())
        subject = _subject_of(config, store, server, told)
        if told.phase is None or subject is None:
            return _said(204)
        ref = BuildRef(server, told.job, told.number)
        queue.put(
            str(subject),
            NotificationHint(build=ref, phase=told.phase),
            delay=UNCLAIMED_DELAY if subject == ref else 0.0,
        )
        return _said(202, "queued")

    return views


def _envelope(intake: Intake, message: bytes) -> Response:
    """Take what some queue's own program sends; it would bring back all that is not taken."""
    try:
        taken = intake.take_envelope(message)
    except BadEnvelope as exc:
        return _said(200, f"refused: {exc}")
    return _said(202, "queued") if taken is Taken.QUEUED else _said(204)


def _check_secret(expected: str) -> None:
    """The notification carries the secret, where one is set: in the query or as Basic password."""
    if not expected:
        return
    # A Jenkins behind a proxy may have to send that one's name and password beside the secret.
    auth = request.authorization
    given = ((auth.password if auth else None) or "", request.args.get("secret") or "")
    if not any(hmac.compare_digest(one.encode(), expected.encode()) for one in given):
        raise BadDelivery("the notification's secret is missing or wrong", status=401)


def _subject_of(
    config: Config, store: Store, server: str, told: Notification
) -> PullRef | BranchRef | BuildRef | None:
    """What to look at again: what it was built for, or the build itself for now."""
    found = (
        store.find_build(
            server=server,
            job=name,
            number=told.number,
            queue_id=told.queue_id,
            build_id=told.parameters.get(BUILD_ID, ""),
        )
        for name in config.spellings_of_job(server, told.job)
    )
    row = next((each for each in found if each is not None), None)
    if row is not None:
        return row.subject
    builds = config.builds_of_job(server, told.job)
    branches = config.branches_of_job(server, told.job)
    if not builds and not branches:
        return None
    if told.pull is not None and any(build.is_for(told.pull.repo) for build in builds):
        return told.pull
    if (number := pull_of_branch_job(told.job)) is not None:
        projects = [b for b in builds if b.is_pipeline and not is_glob(b.github_repo)]
        if projects:
            return PullRef(projects[0].github_repo, number)
    if told.branch is not None and config.branches_for(told.branch.repo, told.branch.branch):
        return told.branch
    return BuildRef(server, told.job, told.number)


def _said(status: int, text: str = "") -> Response:
    return Response(text, status=status, mimetype="text/plain")
