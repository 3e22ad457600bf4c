"""GitHub's deliveries and Jenkins' notifications: verified, on disk, then answered."""

import hmac

from flask import Blueprint, Response, request

from leeroy.config import DEFAULT_SERVER, Config
from leeroy.errors import BadDelivery
from leeroy.events import (
    Delivery,
    parse_delivery,
    parse_notification,
    signing_secrets,
)
from leeroy.hints import BaseMovedHint, NotificationHint
from leeroy.job_names import project_of
from leeroy.model import BranchRef, BuildRef, PullRef, RepoRef
from leeroy.model.ranks import Rank
from leeroy.queue import Queue
from leeroy.queue.pacing import Pacing
from leeroy.store import Store
from leeroy.worker.mergeability import PRIORITY
from leeroy.worker.told import row_of, subject_of

#: Seconds to wait before looking for the build of a notification nobody claims: Jenkins' answer
#: to our trigger may still be on its way.
UNCLAIMED_DELAY = 1.0
#: Seconds in which several pushes to a base branch become one look at what they concern.
BASE_MOVED_DELAY = 1.0


def hooks(config: Config, queue: Queue, store: Store) -> Blueprint:
    """The two endpoints that others call."""
    views = Blueprint("hooks", __name__)
    pacing = Pacing()

    @views.post("/notification/github")
    def github() -> Response:
        body = request.get_data()
        delivery = _verified(config, body)
        if delivery.event == "ping":
            return _said(200, "pong")
        is_base = _tell_of_moved_base(config, queue, store, delivery, body)
        subject = delivery.subject
        if not _is_of_interest(config, subject):
            return _said(202, "queued") if is_base else _said(204)
        queue.put(
            str(subject),
            delivery.hint,
            delivery=delivery.guid,
            priority=_rank_of(delivery),
            also=store.keeping(delivery, body),
        )
        return _said(202, "queued")

    @views.post("/notification/jenkins")
    @views.post("/notification/jenkins/<server>")
    def jenkins(server: str = DEFAULT_SERVER) -> Response:
        if server not in config.servers:
            raise BadDelivery(f"no Jenkins server is called {server}", status=404)
        secret = config.server(server).notification_secret.get_secret_value()
        _check_secret(secret)
        told = parse_notification(request.content_type or "", request.get_data())
        row = row_of(store, server, told)
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


def _verified(config: Config, body: bytes) -> Delivery:
    """The delivery, once its signature is known to be made with a secret of its repository."""
    signature = request.headers.get("X-Hub-Signature-256")
    content_type = request.content_type or ""
    is_signed = bool(config.webhook_secrets) or not config.allow_unsigned_webhooks
    signed: frozenset[str] = frozenset()
    if is_signed:
        signed = signing_secrets(body, signature, config.may_have_signed(body, content_type))
    delivery = parse_delivery(
        event=request.headers.get("X-GitHub-Event"),
        guid=request.headers.get("X-GitHub-Delivery"),
        content_type=content_type,
        body=body,
    )
    if is_signed and delivery.repo and signed.isdisjoint(config.secrets_for(delivery.repo)):
        raise BadDelivery("signed with the secret of another repository", status=401)
    return delivery


def _is_of_interest(config: Config, subject: PullRef | BranchRef | None) -> bool:
    if isinstance(subject, BranchRef):
        return bool(config.jobs_for_push(subject.repo, subject.branch))
    return subject is not None and config.knows(subject.repo)


def _rank_of(delivery: Delivery) -> Rank:
    """What is looked at first when much comes at once; the payload is believed that far."""
    if isinstance(delivery.subject, BranchRef):
        return Rank.of_branch(delivery.subject.branch)
    return Rank.BOT if delivery.is_by_bot else Rank.PERSON


def _tell_of_moved_base(
    config: Config, queue: Queue, store: Store, delivery: Delivery, body: bytes
) -> bool:
    """Ask for a look at what is to be merged into a branch that somebody pushed to, if any is."""
    branch = delivery.subject
    if not isinstance(branch, BranchRef) or not config.knows(branch.repo):
        return False
    conflicts = config.for_repo(branch.repo).conflicts
    if conflicts is None or not store.open_pulls_onto(
        branch.repo, branch.branch, context=conflicts.context, limit=1
    ):
        return False
    queue.put(
        str(RepoRef(branch.repo)),
        BaseMovedHint(branch=branch.branch),
        delivery=delivery.guid,
        delay=BASE_MOVED_DELAY,
        priority=PRIORITY,
        also=store.keeping(delivery, body),
    )
    return True


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
