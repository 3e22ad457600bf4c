"""Deliveries come in here, from GitHub and from queues: verified, on disk with their hints.

Whoever brings one hears what became of it only after it is committed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from functools import partial

import structlog
from sqlalchemy import Connection

from leeroy.config import Config
from leeroy.config.nsq import Accept
from leeroy.errors import BadDelivery
from leeroy.events import GUID, Delivery, parse_delivery, signing_secrets
from leeroy.hints import BaseMovedHint
from leeroy.metrics import Metrics
from leeroy.model import BranchRef, PullRef, RepoRef, parse_subject
from leeroy.model.ranks import Rank
from leeroy.nsq.docker_hooks import parse_docker_hook
from leeroy.nsq.envelope import BadEnvelope, Envelope, Flaw, parse
from leeroy.queue import Queue
from leeroy.store import Store
from leeroy.worker.mergeability import PRIORITY
from leeroy.worker.names import Names
from leeroy.worker.publishing import Outbox

log = structlog.get_logger()

#: Seconds in which several pushes to a base branch become one look at what they concern.
BASE_MOVED_DELAY = 1.0

Also = Callable[[Connection], None]


class Taken(Enum):
    """What became of a delivery."""

    #: It is on disk: there will be a look, or it will be published.
    QUEUED = auto()
    #: It was understood, and leads to nothing.
    OF_NO_INTEREST = auto()
    #: GitHub's question whether anybody is there.
    PING = auto()


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A request as GitHub makes it: what Leeroy believes of its headers, and its body."""

    event: str | None
    guid: str | None
    content_type: str
    signature: str | None
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Takes deliveries, whoever brings them."""

    config: Config
    queue: Queue
    store: Store
    metrics: Metrics
    names: Names
    #: None: deliveries are not published.
    outbox: Outbox | None = None
    #: Deliveries are stored and published, and nothing is looked at.
    is_only_publishing: bool = False

    def take_webhook(self, webhook: Webhook) -> Taken:
        """Take what GitHub sends.

        Raises:
            BadDelivery: it is not GitHub's, or makes no sense.
            Transient: it is not on disk.
        """
        delivery = self._verified(webhook)
        if delivery.event == "ping":
            return Taken.PING
        published = delivery
        if not self.is_only_publishing:
            delivery = self.names.of_settings(delivery)
        also = self.store.keeping(delivery, webhook.body)
        is_of_use = not self.is_only_publishing and self._is_of_use(delivery)
        if self.outbox is None or not (is_of_use or self._publishes_all):
            return self._put(delivery, also) if is_of_use else Taken.OF_NO_INTEREST
        posting = self.outbox.posting(
            published,
            webhook.body,
            webhook.content_type,
            received=datetime.now(UTC),
        )
        if is_of_use:
            self._put(delivery, _both(also, posting))
        else:
            self.store.write_down(also, posting)
        self.outbox.wake()
        return Taken.QUEUED

    def take_message(self, message: bytes) -> Taken:
        """Take what nsqd brings: an envelope, or one of docker's messages where those are taken.

        Raises:
            BadEnvelope: it is of no use to bring it again; that is counted, and in the log.
            Transient: it is not on disk.
        """
        consume = self.config.nsq.consume if self.config.nsq else None
        if consume is not None and consume.accept is Accept.DOCKER_HOOKS:
            return self._take(message, _docker_hook_in)
        return self.take_envelope(message)

    def take_envelope(self, message: bytes) -> Taken:
        """Take an envelope, whatever queue brings it; raises the same."""
        consume = self.config.nsq.consume if self.config.nsq else None
        secrets = [one.get_secret_value() for one in consume.secret] if consume else []
        return self._take(message, partial(_envelope_in, secrets=secrets))

    def _take(self, message: bytes, parse: Callable[[bytes], tuple[Delivery, bytes]]) -> Taken:
        try:
            taken = self._queued(*parse(message))
        except BadDelivery as exc:
            # What is in a good envelope is no delivery.
            self._refuse(Flaw.JUNK, str(exc))
            raise BadEnvelope(Flaw.JUNK, str(exc)) from exc
        except BadEnvelope as exc:
            self._refuse(exc.flaw, str(exc))
            raise
        self.metrics.envelopes.labels(taken.name.lower()).inc()
        return taken

    def _queued(self, delivery: Delivery, body: bytes) -> Taken:
        delivery = self.names.of_settings(delivery)
        if not self._is_of_use(delivery):
            return Taken.OF_NO_INTEREST
        return self._put(delivery, self.store.keeping(delivery, body))

    def _refuse(self, flaw: Flaw, text: str) -> None:
        self.metrics.envelopes.labels(flaw.value).inc()
        log.warning("refused what a queue brought", flaw=flaw.value, error=text)

    @property
    def _publishes_all(self) -> bool:
        nsq = self.config.nsq
        return self.is_only_publishing or bool(nsq and nsq.publish and nsq.publish.all)

    def _put(self, delivery: Delivery, also: Also) -> Taken:
        """Write hints down for all that the delivery is about; ``also`` with each."""
        if self._moves_a_base(delivery):
            assert isinstance(delivery.subject, BranchRef)
            self.queue.put(
                str(RepoRef(delivery.repo)),
                BaseMovedHint(branch=delivery.subject.branch),
                delivery=delivery.guid,
                delay=BASE_MOVED_DELAY,
                priority=PRIORITY,
                also=also,
            )
        if self._is_of_interest(delivery.subject):
            self.queue.put(
                str(delivery.subject),
                delivery.hint,
                delivery=delivery.guid,
                priority=_rank_of(delivery),
                also=also,
            )
        return Taken.QUEUED

    def _is_of_use(self, delivery: Delivery) -> bool:
        return self._is_of_interest(delivery.subject) or self._moves_a_base(delivery)

    def _is_of_interest(self, subject: PullRef | BranchRef | None) -> bool:
        if isinstance(subject, BranchRef):
            return bool(self.config.jobs_for_push(subject.repo, subject.branch))
        return subject is not None and self.config.knows(subject.repo)

    def _moves_a_base(self, delivery: Delivery) -> bool:
        """Somebody pushed to a branch into which pull requests are to be merged."""
        branch = delivery.subject
        if not isinstance(branch, BranchRef) or not self.config.knows(branch.repo):
            return False
        conflicts = self.config.for_repo(branch.repo).conflicts
        return conflicts is not None and bool(
            self.store.open_pulls_onto(
                branch.repo, branch.branch, context=conflicts.context, limit=1
            )
        )

    def _verified(self, webhook: Webhook) -> Delivery:
        """The delivery, once its signature is known to be made with a secret of its repository."""
        config = self.config
        is_signed = bool(config.webhook_secrets) or not config.allow_unsigned_webhooks
        signed: frozenset[str] = frozenset()
        if is_signed:
            secrets = config.may_have_signed(
                webhook.body, webhook.content_type, self.names.configured
            )
            signed = signing_secrets(webhook.body, webhook.signature, secrets)
        delivery = parse_delivery(
            event=webhook.event,
            guid=webhook.guid,
            content_type=webhook.content_type,
            body=webhook.body,
        )
        repo = self.names.configured(delivery.repo, delivery.repo_id)
        if is_signed and repo and signed.isdisjoint(config.secrets_for(repo)):
            raise BadDelivery("signed with the secret of another repository", status=401)
        return delivery


def _docker_hook_in(message: bytes) -> tuple[Delivery, bytes]:
    hook = parse_docker_hook(message)
    delivery = parse_delivery(
        event=hook.event, guid=hook.guid, content_type="application/json", body=hook.body
    )
    return delivery, hook.body


def _envelope_in(message: bytes, *, secrets: Sequence[str]) -> tuple[Delivery, bytes]:
    """The delivery an envelope tells of; it has the rights of a webhook of its repository."""
    envelope = parse(message, secrets=secrets)
    if envelope.body is None:
        return _without_body(envelope), b""
    delivery = parse_delivery(
        event=envelope.event,
        guid=envelope.guid,
        content_type=envelope.content_type,
        body=envelope.body,
    )
    if delivery.repo != envelope.repository:
        raise BadEnvelope(Flaw.JUNK, "the envelope and its body name different repositories")
    return delivery, envelope.body


def _without_body(envelope: Envelope) -> Delivery:
    """What can be told of a delivery whose body was too long to travel."""
    delivery = Delivery(
        guid=envelope.guid,
        event=envelope.event,
        action=envelope.action,
        repo=envelope.repository,
        subject=_subject_of(envelope),
    )
    if not GUID.match(delivery.guid):
        raise BadEnvelope(Flaw.JUNK, "the envelope's GUID is malformed")
    return delivery


def _subject_of(envelope: Envelope) -> PullRef | BranchRef | None:
    """What to look at when there is no body to tell."""
    try:
        subject = parse_subject(envelope.subject)
    except ValueError:
        return None
    is_ours = isinstance(subject, PullRef | BranchRef) and subject.repo == envelope.repository
    return subject if is_ours else None  # type: ignore[return-value]


def _rank_of(delivery: Delivery) -> Rank:
    """What is looked at first when much comes at once; the payload is believed that far."""
    if isinstance(delivery.subject, BranchRef):
        return Rank.of_branch(delivery.subject.branch)
    return Rank.BOT if delivery.is_by_bot else Rank.PERSON


def _both(*each: Also) -> Also:
    def write_all(connection: Connection) -> None:
        for write in each:
            write(connection)

    return write_all
