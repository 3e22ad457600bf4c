"""GitHub's deliveries and Jenkins' notifications: verified, on disk, then answered."""

import hmac

from flask import Blueprint, Response, request

from leeroy.config import DEFAULT_SERVER, Config
from leeroy.errors import BadDelivery
from leeroy.hints import NotificationHint
from leeroy.job_names import project_of
from leeroy.model import BuildRef
from leeroy.notifications import parse_notification
from leeroy.nsq.envelope import MEDIA_TYPE, BadEnvelope
from leeroy.queue import Queue
from leeroy.queue.pacing import Pacing
from leeroy.store import Store
from leeroy.worker.intake import Intake, Taken, Webhook
from leeroy.worker.told import row_of, subject_of

#: Seconds to wait before looking for the build of a notification nobody claims: Jenkins' answer
#: to our trigger may still be on its way.
UNCLAIMED_DELAY = 1.0


def hooks(config: Config, queue: Queue, store: Store, intake: Intake) -> Blueprint:
    """The two endpoints that others call."""
    views = Blueprint("hooks", __name__)
    pacing = Pacing()

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
        secret = config.server(server).notification_secret.get_secret_value()
        _check_secret(secret)
        told = parse_notification(request.content_type or "", request.get_data())
        row = row_of(config, store, server, told)
        subject = row.subject if row is not None else subject_of(config, server, told)
        if told.phase is None or subject is None:
            return _said(204)
        ref = BuildRef(server, told.job, told.number)
        if not secret:
            return _said(*_put_unproven(queue, pacing, ref, is_ours=row is not None))
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


def _put_unproven(queue: Queue, pacing: Pacing, ref: BuildRef, *, is_ours: bool) -> tuple[int, str]:
    """Have the build looked at, whatever the notification says of it: anybody may have sent it.

    What gets no turn loses nothing for good: builds of ours are followed without notifications.
    """
    if queue.in_work([str(ref)]):
        return 202, "queued"
    # Made-up numbers do not take the turns of builds that are there.
    wait = pacing.wait(
        (ref.server, ref.job if is_ours else project_of(ref.job) or ref.job, is_ours)
    )
    if wait is None:
        return 429, "too many notifications without a secret"
    delay = wait if is_ours else max(wait, UNCLAIMED_DELAY)
    queue.put(str(ref), NotificationHint(build=ref), delay=delay)
    return 202, "queued"


def _said(status: int, text: str = "") -> Response:
    return Response(text, status=status, mimetype="text/plain")
