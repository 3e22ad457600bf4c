"""Takes messages from a channel: one thread for each nsqd, and one that asks nsqlookupd.

Each message is dealt with before the next one of its thread; while it cannot be (the database is
away), we take none at all and give back what we have. What nsqd keeps for later by itself
(`REQ` with a pause) it keeps in memory, so it is we who pause.
"""

import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto

import structlog

from leeroy.errors import LeeroyError
from leeroy.nsq.lookupd import Address, find_nsqds
from leeroy.nsq.protocol import (
    Complaint,
    Message,
    ProtocolError,
    StartTls,
    Subscribed,
    Subscription,
    Wishes,
)

log = structlog.get_logger()

#: Seconds between two tries to reach an nsqd: short at first, for mostly it was only restarted.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
#: Seconds in which we take nothing, while messages cannot be dealt with.
FIRST_REST, LONGEST_REST = 0.5, 30.0
#: Seconds between two questions to nsqlookupd.
LOOK_EVERY = 30.0
#: Seconds to reach an nsqd, and for it to take what we say.
_PATIENCE = 10.0
#: Seconds after which we look whether to stop, when nothing comes.
_TICK = 0.25
#: Seconds nsqd has to say that it sends no more, when we stop.
_FAREWELL = 1.0


class Handled(Enum):
    """What became of a message."""

    #: Dealt with for good: nsqd may forget it.
    DONE = auto()
    #: It cannot be dealt with now; nothing else can either.
    NOT_NOW = auto()


@dataclass
class Link:
    """How it stands with one nsqd."""

    address: Address
    is_subscribed: bool = False
    #: Why not, or why nothing is taken; empty: all is well.
    trouble: str = ""
    #: Nobody told us of it but nsqlookupd, which may take it back.
    is_found: bool = False
    _failures: int = field(default=0, repr=False)

    def pause(self) -> float:
        """Seconds before the next try; more after each that failed."""
        seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**self._failures)
        self._failures = min(self._failures + 1, 16)
        # Consumers that lost the same nsqd do not all come back in the same moment.
        return seconds * random.uniform(0.5, 1.0)

    def was_of_use(self) -> None:
        """A message came: the next time it is lost counts as the first."""
        self._failures = 0


class Consumer:
    """Threads that take the messages of one channel; ``start`` them, ``stop`` them."""

    def __init__(
        self,
        *,
        nsqd: Sequence[Address],
        lookupd: Sequence[str] = (),
        wishes: Wishes,
        handle: Callable[[Message], Handled],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``handle`` is called by several threads, and raises nothing."""
        self._wishes = wishes
        self._handle = handle
        self._tls = tls
        self._lookupd = tuple(lookupd)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._links = {address: Link(address) for address in nsqd}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Connect, and take messages from now on."""
        for link in self.links:
            self._run(self._keep, link, name=f"nsqd-{link.address}")
        if self._lookupd:
            self._run(self._look_again_and_again, name="nsqlookupd")

    def stop(self, timeout: float = 5.0) -> None:
        """Take no more; what is being dealt with is finished, as far as it ends in time."""
        self._stopping.set()
        deadline = time.monotonic() + timeout
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    @property
    def links(self) -> tuple[Link, ...]:
        """How it stands with each nsqd."""
        with self._lock:
            return tuple(self._links.values())

    def _run(self, target: Callable[..., None], *args: object, name: str) -> None:
        thread = threading.Thread(target=target, args=args, name=name, daemon=True)
        with self._lock:
            self._threads = [t for t in self._threads if t.is_alive()]
            self._threads.append(thread)
            # Started under the lock: one that is not yet alive would be swept out.
            thread.start()

    def _keep(self, link: Link) -> None:
        """Stay connected to one nsqd."""
        while not self._stopping.is_set():
            try:
                _Conversation(self._wishes, self._tls, self._handle, link, self._stopping).hold()
            except (OSError, ProtocolError) as exc:
                self._lost(link, str(exc) or repr(exc))
            except Exception as exc:
                # Without this thread nothing would come from there any more.
                log.exception("the conversation with nsqd broke", nsqd=str(link.address))
                self._lost(link, f"a defect in Leeroy: {exc!r}")
            if self._stopping.is_set() or self._is_dropped(link):
                return
            self._stopping.wait(link.pause())

    def _lost(self, link: Link, trouble: str) -> None:
        was_subscribed, link.is_subscribed = link.is_subscribed, False
        if was_subscribed or trouble != link.trouble:
            log.warning("nsqd cannot be reached", nsqd=str(link.address), error=trouble)
        link.trouble = trouble

    def _is_dropped(self, link: Link) -> bool:
        """nsqlookupd no longer knows it: somebody else will say when it is back."""
        with self._lock:
            return link.address not in self._links

    def _look_again_and_again(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.wait(0.0):
            found = self._look()
            pause = LOOK_EVERY if found else min(LOOK_EVERY, pause * 2)
            self._stopping.wait(pause)

    def _look(self) -> bool:
        """Ask every nsqlookupd; whether one of them knows of an nsqd."""
        found: set[Address] = set()
        is_whole = True
        for url in self._lookupd:
            try:
                found.update(find_nsqds(url, self._wishes.topic, tls=self._tls))
            except LeeroyError as exc:
                is_whole = False
                log.warning("nsqlookupd cannot be asked", error=str(exc))
        with self._lock:
            new = [Link(address, is_found=True) for address in sorted(found - self._links.keys())]
            self._links.update((link.address, link) for link in new)
            if is_whole:
                # Only those that are gone as well: nsqlookupd itself may just have been restarted.
                for link in list(self._links.values()):
                    if link.is_found and link.address not in found and not link.is_subscribed:
                        del self._links[link.address]
        for link in new:
            self._run(self._keep, link, name=f"nsqd-{link.address}")
        return bool(found)


class _Conversation:
    """One connection to one nsqd, from connect to close."""

    def __init__(
        self,
        wishes: Wishes,
        tls: ssl.SSLContext | None,
        handle: Callable[[Message], Handled],
        link: Link,
        stopping: threading.Event,
    ) -> None:
        self._wishes = wishes
        self._tls = tls
        self._handle = handle
        self._link = link
        self._stopping = stopping
        self._subscription = Subscription(wishes)
        #: nsqd hears us no more.
        self._is_lost: OSError | None = None
        #: Until when nothing is taken; None: all is taken.
        self._rests_until: float | None = None
        self._rest = FIRST_REST

    def hold(self) -> None:
        """Take messages until we stop or the connection is lost.

        Raises:
            OSError, ProtocolError: it is lost, or was never there.
        """
        address = self._link.address
        self._sock = socket.create_connection((address.host, address.port), timeout=_PATIENCE)
        try:
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._hold()
        finally:
            self._sock.close()

    def _hold(self) -> None:
        # nsqd says something in each heartbeat; three that stay away are a dead connection.
        silence = 3 * self._wishes.heartbeat / 1000
        heard = time.monotonic()
        self._send()
        while not self._stopping.is_set():
            data = self._receive()
            if data:
                heard = time.monotonic()
            elif self._is_lost is not None:
                raise self._is_lost
            elif time.monotonic() - heard > silence:
                raise ProtocolError(f"nsqd says nothing for {silence:.0f} s")
            for event in self._subscription.receive(data):
                self._take(event)
                self._send()
            self._go_on()
            self._send()
        self._say_farewell()

    def _take(self, event: object) -> None:
        match event:
            case StartTls():
                self._start_tls()
            case Subscribed():
                self._link.is_subscribed, self._link.trouble = True, ""
                log.info("subscribed", nsqd=str(self._link.address), topic=self._wishes.topic)
            case Complaint(text):
                log.info("nsqd complains", nsqd=str(self._link.address), error=text)
            case Message() as message:
                self._deal_with(message)

    def _deal_with(self, message: Message) -> None:
        if self._rests_until is not None or self._stopping.is_set():
            self._subscription.requeue(message)
            return
        if self._handle(message) is Handled.DONE:
            self._subscription.finish(message)
            self._link.was_of_use()
            if self._rest != FIRST_REST:
                # Only one was asked for after a rest.
                self._rest, self._link.trouble = FIRST_REST, ""
                self._subscription.ready(self._wishes.ready)
            return
        self._subscription.ready(0)
        self._subscription.requeue(message)
        self._rests_until = time.monotonic() + self._rest
        self._rest = min(LONGEST_REST, self._rest * 2)
        self._link.trouble = "messages cannot be dealt with now"

    def _go_on(self) -> None:
        """Ask for one message when the rest is over; for more when that one could be handled."""
        if self._rests_until is not None and time.monotonic() >= self._rests_until:
            self._rests_until = None
            self._subscription.ready(1)

    def _say_farewell(self) -> None:
        """Let nsqd know that we go: what we have not begun is somebody else's at once."""
        with suppress(OSError, ProtocolError):
            self._subscription.close()
            self._send()
            deadline = time.monotonic() + _FAREWELL
            while not (self._subscription.is_closed or self._is_lost):
                if time.monotonic() > deadline:
                    break
                for event in self._subscription.receive(self._receive()):
                    if isinstance(event, Message):
                        self._subscription.requeue(event)
                self._send()

    def _start_tls(self) -> None:
        context = self._tls or ssl.create_default_context()
        self._sock.settimeout(_PATIENCE)
        # It takes the place of the plain one, which is closed with it.
        self._sock = context.wrap_socket(self._sock, server_hostname=self._link.address.host)

    def _receive(self) -> bytes:
        """What came; nothing when nothing comes for a moment."""
        self._sock.settimeout(_TICK)
        try:
            data = self._sock.recv(64 * 1024)
        except TimeoutError:
            return b""
        if not data:
            raise ConnectionResetError("nsqd hung up")
        return data

    def _send(self) -> None:
        """Say what is to be said.

        When nsqd is gone, what it sent before is still read and dealt with: it was in our hands, so
        a killed nsqd may have forgotten it.
        """
        output = self._subscription.take_output()
        if output and self._is_lost is None:
            try:
                self._sock.settimeout(_PATIENCE)
                self._sock.sendall(output)
            except OSError as exc:
                self._is_lost = exc
