"""Hands on what was received: envelopes on disk with their hints, published when nsqd takes them.

GitHub's answer never waits for nsqd. A message is published at least once: who dies between nsqd's
answer and forgetting the row publishes it again, and consumers know it by its GUID.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import structlog
from sqlalchemy import Connection

from leeroy.errors import LeeroyError, Transient
from leeroy.events import Delivery
from leeroy.metrics import Metrics
from leeroy.nsq.envelope import BadEnvelope, Envelope, sign, to_json, without_body
from leeroy.nsq.publisher import TooLong
from leeroy.store.outbox import OutboxState, Outgoing

log = structlog.get_logger()

#: Messages taken from the database at once.
BATCH = 10
#: Seconds for which they are ours; a process that died leaves them to others after that.
HOLD_SECONDS = 60.0
#: Seconds between two looks for what other processes have posted.
POLL_SECONDS = 1.0
#: Seconds before the next try while nsqd is away.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
#: Seconds between two rounds of forgetting, where no sweep does that.
FORGET_EVERY = 3600.0


class Publishes(Protocol):
    """The part of a publisher that is needed here."""

    def publish(self, message: bytes) -> None:
        """Hand a message over; `TooLong` and `Transient` say why it was not."""


class Keeps(Protocol):
    """The part of the store that is needed here."""

    def posting(self, guid: str, message: bytes) -> Callable[[Connection], None]:
        """Have a message published, within a transaction of the caller's."""

    def take_outgoing(self, limit: int, *, hold: float) -> tuple[Outgoing, ...]:
        """The oldest messages that nobody else publishes."""

    def forget_outgoing(self, done: list[str], *, free: list[str]) -> None:
        """Forget what was published; what was not is anybody's again."""

    def outbox_state(self) -> OutboxState:
        """How much waits, and for how long."""


class Outbox:
    """Makes envelopes and writes them down; publishes nothing itself."""

    def __init__(self, *, store: Keeps, secret: str, most_bytes: int, metrics: Metrics) -> None:
        self._store = store
        self._secret = secret
        self._most_bytes = most_bytes
        self._metrics = metrics
        self.news = threading.Event()

    def posting(
        self, delivery: Delivery, body: bytes, content_type: str, *, received: datetime
    ) -> Callable[[Connection], None]:
        """Have a delivery published, within the transaction that writes its hint."""
        envelope = Envelope(
            guid=delivery.guid,
            event=delivery.event,
            action=delivery.action,
            repository=delivery.repo,
            subject=str(delivery.subject or ""),
            received=_told(received),
            content_type=content_type,
            body=body if len(body) <= self._most_bytes else None,
        )
        try:
            message = to_json(sign(envelope, self._secret))
            if len(message) > self._most_bytes:
                message = to_json(sign(replace(envelope, body=None), self._secret))
        except BadEnvelope as exc:
            # GitHub sends nothing like it; and what cannot travel must not be refused here.
            log.error("not to be published", delivery=delivery.guid, error=str(exc))
            self._metrics.nsq_published.labels("lost").inc()
            return lambda connection: None
        if len(message) < len(body):
            log.warning("published without its body", delivery=delivery.guid, bytes=len(body))
        return self._store.posting(delivery.guid, message)

    def wake(self) -> None:
        """Say that something was posted, once that is committed."""
        self.news.set()


class Publishing:
    """The thread that publishes; ``start`` it, ``stop`` it."""

    def __init__(
        self,
        *,
        store: Keeps,
        publisher: Publishes,
        secret: str,
        outbox: Outbox,
        metrics: Metrics,
        forget: Callable[[], object] | None = None,
    ) -> None:
        """``forget`` is called now and then, where nobody else forgets what is old."""
        self._forget_old = forget
        self._forget_at = time.monotonic()
        self._store = store
        self._publisher = publisher
        self._secret = secret
        self._news = outbox.news
        self._metrics = metrics
        self._stopping = threading.Event()
        self._pause = FIRST_PAUSE
        self._trouble = ""
        self._thread = threading.Thread(target=self._work, name="publishing", daemon=True)

    def start(self) -> None:
        """Publish from now on."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Publish no more; what is on its way to nsqd is waited for."""
        self._stopping.set()
        self._news.set()
        self._thread.join(timeout)

    @property
    def is_alive(self) -> bool:
        """It goes on."""
        return self._thread.is_alive() and not self._stopping.is_set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                self._forget_if_due()
                if not self._publish_some():
                    self._news.wait(POLL_SECONDS)
                    self._news.clear()
                continue
            except LeeroyError as exc:
                self._say(str(exc))
            except Exception as exc:
                # Without this thread nothing would be published any more.
                log.exception("publishing broke")
                self._trouble = repr(exc)
            self._stopping.wait(self._pause)
            self._pause = min(LONGEST_PAUSE, 2 * self._pause)

    def _forget_if_due(self) -> None:
        if self._forget_old is not None and time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + FORGET_EVERY
            self._forget_old()

    def _publish_some(self) -> bool:
        """Publish what is there, up to a batch; whether there was anything.

        Raises:
            Transient: the database or nsqd is away.
        """
        batch = self._store.take_outgoing(BATCH, hold=HOLD_SECONDS)
        done: list[str] = []
        try:
            for each in batch:
                if self._stopping.is_set():
                    break
                self._metrics.nsq_published.labels(self._publish(each)).inc()
                done.append(each.guid)
                self._went_well()
        finally:
            if batch:
                left = [each.guid for each in batch if each.guid not in done]
                self._forget(done, left)
        return bool(batch)

    def _publish(self, each: Outgoing) -> str:
        """Publish one message; as what, a word for the metrics."""
        try:
            self._publisher.publish(each.message)
            return "whole"
        except TooLong as exc:
            log.warning("published without its body", delivery=each.guid, error=str(exc))
        with suppress(TooLong, BadEnvelope):
            self._publisher.publish(without_body(each.message, self._secret))
            return "without_body"
        log.error("cannot be published at all", delivery=each.guid)
        return "lost"

    def _forget(self, done: list[str], left: list[str]) -> None:
        try:
            self._store.forget_outgoing(done, free=left)
        except Transient as exc:
            # They are published once more when nobody holds them any longer.
            log.warning("published, and not forgotten", count=len(done), error=str(exc))

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.warning("nothing can be published now", error=trouble)
        self._trouble = trouble

    def _went_well(self) -> None:
        self._pause = FIRST_PAUSE
        if self._trouble:
            log.info("published again")
        self._trouble = ""


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
