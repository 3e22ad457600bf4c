"""GitHub's deliveries and Jenkins' notifications: verified, on disk, then answered."""

import hmac

from flask import Blueprint, Response, request

from leeroy.config import DEFAULT_SERVER, Config
from leeroy.config.fields import is_glob
from leeroy.deciding.parameters import BUILD_ID
from leeroy.errors import BadDelivery
from leeroy.events import (
    Delivery,
    Notification,
    parse_delivery,
    parse_notification,
    signing_secrets,
)
from leeroy.hints import BaseMovedHint, NotificationHint
from leeroy.job_names import pull_of_branch_job
from leeroy.metrics import Metrics
from leeroy.model import BranchRef, BuildRef, PullRef, RepoRef
from leeroy.model.ranks import Rank
from leeroy.queue import Queue
from leeroy.store import Store
from leeroy.web.names import Names
from leeroy.worker.mergeability import PRIORITY

#: Seconds to wait before looking for the build of a notification nobody claims: Jenkins' answer
#: to our trigger may still be on its way.
UNCLAIMED_DELAY = 1.0
#: Seconds in which several pushes to a base branch become one look at what they concern.
BASE_MOVED_DELAY = 1.0


def hooks(config: Config, queue: Queue, store: Store, metrics: Metrics) -> Blueprint:
    """The two endpoints that others call."""
    views = Blueprint("hooks", __name__)
    names = Names(config, store, metrics)

    @views.post("/notification/github", strict_slashes=False)
    def github() -> Response:
        body = request.get_data()
        delivery = _verified(config, names, body)
        if delivery.event == "ping":
            return _said(200, "pong")
        delivery = names.of_settings(delivery)
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


def _verified(config: Config, names: Names, body: bytes) -> Delivery:
    """The delivery, once its signature is known to be made with a secret of its repository."""
    signature = request.headers.get("X-Hub-Signature-256")
    content_type = request.content_type or ""
    is_signed = bool(config.webhook_secrets) or not config.allow_unsigned_webhooks
    signed: frozenset[str] = frozenset()
    if is_signed:
        secrets = config.may_have_signed(body, content_type, names.configured)
        signed = signing_secrets(body, signature, secrets)
    delivery = parse_delivery(
        event=request.headers.get("X-GitHub-Event"),
        guid=request.headers.get("X-GitHub-Delivery"),
        content_type=content_type,
        body=body,
    )
    repo = names.configured(delivery.repo, delivery.repo_id)
    if is_signed and repo and signed.isdisjoint(config.secrets_for(repo)):
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


def _subject_of(
    config: Config, store: Store, server: str, told: Notification
) -> PullRef | BranchRef | BuildRef | None:
    """What to look at again: what it was built for, or the build itself for now."""
    row = store.find_build(
        server=server,
        job=told.job,
        number=told.number,
        queue_id=told.queue_id,
        build_id=told.parameters.get(BUILD_ID, ""),
    )
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
