"""Send webhooks as GitHub does: signed, in order, one thread a hook, every attempt in a log.

Nothing is sent again by itself. Tests may hold deliveries back, put them in another order, lose
them or send them twice.
"""

import hashlib
import hmac
import itertools
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from urllib.parse import urlencode

import requests

from leeroy_sandbox.github.model import Hook

#: A larger event is simply not delivered.
LARGEST = 25 * 1024 * 1024
AGENT = "GitHub-Hookshot/5a3c1f7"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One attempt to tell one hook of one event."""

    id: int
    #: Names the event: the same for every hook that is told, and when it is sent again.
    guid: str
    hook: Hook
    event: str
    action: str | None
    repository: int | None
    #: JSON, whatever the hook's content type.
    payload: bytes
    redelivery: bool = False
    #: By `time.time`; 0 before it was sent.
    delivered: float = 0.0
    duration: float = 0.0
    status: str = "pending"
    #: 0 when no answer came at all.
    status_code: int = 0
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    response_headers: dict[str, str] = field(default_factory=dict)
    response: str = ""


def body_and_headers(delivery: Delivery) -> tuple[bytes, dict[str, str]]:
    """What goes over the wire: the signature covers the bytes as sent."""
    hook = delivery.hook
    if hook.content_type == "json":
        body, kind = delivery.payload, "application/json"
    else:
        body = urlencode({"payload": delivery.payload}).encode()
        kind = "application/x-www-form-urlencoded"
    headers = {
        "Accept": "*/*",
        "Content-Type": kind,
        "User-Agent": AGENT,
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Hook-ID": str(hook.id),
        "X-GitHub-Hook-Installation-Target-ID": str(hook.target),
        "X-GitHub-Hook-Installation-Target-Type": hook.target_type,
    }
    if hook.secret:
        key = hook.secret.encode()
        headers["X-Hub-Signature"] = f"sha1={hmac.new(key, body, hashlib.sha1).hexdigest()}"
        headers["X-Hub-Signature-256"] = f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
    return body, headers


class Deliveries:
    """The outgoing side: lanes, one a hook, and the log."""

    def __init__(self) -> None:
        #: Seconds a receiver has to answer.
        self.timeout = 10.0
        self._log: list[Delivery] = []
        self._lanes: dict[int, _Lane] = {}
        self._held: list[Delivery] | None = None
        self._losing: list[_Rule] = []
        self._doubling: list[_Rule] = []
        self._ids = itertools.count(5_000_001)
        self._changed = threading.Condition(threading.RLock())
        self._waiting = 0

    def new_guid(self) -> str:
        """A name for an event."""
        return str(uuid.uuid4())

    def send(
        self,
        hook: Hook,
        *,
        guid: str,
        event: str,
        payload: bytes,
        action: str | None = None,
        repository: int | None = None,
        redelivery: bool = False,
    ) -> None:
        """Put a delivery on its hook's lane."""
        if len(payload) > LARGEST:
            return
        with self._changed:
            delivery = Delivery(
                id=next(self._ids),
                guid=guid,
                hook=hook,
                event=event,
                action=action,
                repository=repository,
                payload=payload,
                redelivery=redelivery,
            )
            if self._held is not None:
                self._held.append(delivery)
            else:
                self._enqueue(delivery)

    def hold(self) -> None:
        """Keep deliveries back until `release`."""
        with self._changed:
            self._held = self._held or []

    def release(self, order: Callable[[list[Delivery]], Sequence[Delivery]] | None = None) -> None:
        """Send what was held back, in another order if asked: `release(order=reversed_list)`."""
        with self._changed:
            held, self._held = self._held or [], None
            for delivery in order(held) if order else held:
                self._enqueue(delivery)

    def lose(self, event: str | None = None, times: int | None = None) -> None:
        """Never let the next deliveries arrive: the log says that nobody answered."""
        with self._changed:
            self._losing.append(_Rule(event, times))

    def double(self, event: str | None = None, times: int | None = None) -> None:
        """Send the next deliveries twice, by the same GUID."""
        with self._changed:
            self._doubling.append(_Rule(event, times))

    def behave(self) -> None:
        """Neither lose nor double any more."""
        with self._changed:
            self._losing.clear()
            self._doubling.clear()

    def log(self, hook: int | None = None) -> list[Delivery]:
        """Every attempt, oldest first."""
        with self._changed:
            return [d for d in self._log if hook is None or d.hook.id == hook]

    def wait(self, timeout: float = 120.0) -> None:
        """Return when everything not held back was sent; TimeoutError when that takes too long."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting == 0, timeout):
                raise TimeoutError(f"{self._waiting} deliveries still under way")

    def stop(self) -> None:
        """End the threads; what was not sent never will be."""
        with self._changed:
            lanes = list(self._lanes.values())
            self._lanes.clear()
        dropped = sum(lane.end() for lane in lanes)
        with self._changed:
            self._waiting -= dropped

    def _enqueue(self, delivery: Delivery) -> None:
        copies = 2 if any(rule.applies(delivery) for rule in self._doubling) else 1
        for number in range(copies):
            if number:
                delivery = replace(delivery, id=next(self._ids))
            self._waiting += 1
            lane = self._lanes.get(delivery.hook.id)
            if lane is None:
                lane = self._lanes[delivery.hook.id] = _Lane(self._attempt)
            lane.put(delivery)

    def _attempt(self, session: requests.Session, delivery: Delivery) -> None:
        with self._changed:
            lost = any(rule.applies(delivery) for rule in self._losing)
        done = _lost(delivery) if lost else _post(session, delivery, self.timeout)
        done.hook.last_code = done.status_code or None
        done.hook.last_status = "active" if done.status == "OK" else done.status
        with self._changed:
            self._log.append(done)
            self._waiting -= 1
            self._changed.notify_all()


class _Rule:
    """Which deliveries something befalls, and how often still."""

    def __init__(self, event: str | None, times: int | None) -> None:
        self.event = event
        self.times = times

    def applies(self, delivery: Delivery) -> bool:
        if self.times == 0 or self.event not in (None, delivery.event):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class _Lane:
    """A thread that sends one hook's deliveries one after another."""

    def __init__(self, attempt: Callable[[requests.Session, Delivery], None]) -> None:
        self._attempt = attempt
        self._queue: SimpleQueue[Delivery | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sandbox-hookshot", daemon=True)
        self._thread.start()

    def put(self, delivery: Delivery | None) -> None:
        self._queue.put(delivery)

    def end(self) -> int:
        """Send nothing more; how many deliveries that leaves unsent."""
        dropped = 0
        try:
            while True:
                dropped += self._queue.get_nowait() is not None
        except Empty:
            self.put(None)
        self._thread.join(timeout=2)
        return dropped

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (delivery := self._queue.get()) is not None:
                self._attempt(session, delivery)


def _lost(delivery: Delivery) -> Delivery:
    return replace(
        delivery,
        delivered=time.time(),
        status="failed to connect to host",
        url=delivery.hook.url,
    )


def _post(session: requests.Session, delivery: Delivery, timeout: float) -> Delivery:
    body, headers = body_and_headers(delivery)
    sent = replace(delivery, delivered=time.time(), url=delivery.hook.url, headers=headers)
    begun = time.monotonic()
    shown: dict[str, str] = {}
    code, text = 0, ""
    try:
        answer = session.post(
            delivery.hook.url, data=body, headers=headers, timeout=timeout, allow_redirects=False
        )
    except requests.Timeout:
        status = "timed out"
    except requests.RequestException:
        status = "failed to connect to host"
    else:
        code = answer.status_code
        status = "OK" if answer.ok and code < 300 else f"Invalid HTTP Response: {code}"
        shown, text = dict(answer.headers), answer.text
    return replace(
        sent,
        duration=round(time.monotonic() - begun, 3),
        status=status,
        status_code=code,
        response_headers=shown,
        response=text,
    )
