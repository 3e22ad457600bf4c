"""Topics and their channels: each channel gets every message, its consumers share them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from leeroy_sandbox.nsqd.backlog import Backlog, Message
from leeroy_sandbox.nsqd.options import Options


class NotYours(Exception):
    """The consumer does not have that message, or has it no more."""


@dataclass
class Held:
    """A message in the hands of a consumer."""

    message: Message
    client: int
    #: When it is taken away again.
    until: float
    #: The latest that `touch` can make of that.
    at_most: float


class Channel:
    """One series of consumers. Times are by the caller's clock."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.backlog = Backlog(options)
        self.held: dict[bytes, Held] = {}
        self.put_off: list[tuple[float, Message]] = []
        #: What was finished, oldest first; each time it was.
        self.finished: list[bytes] = []

    def take(self, client: int, timeout: float, now: float) -> Message | None:
        """Hand the next message to a consumer, for so many seconds."""
        message = self.backlog.take(now)
        if message is None:
            return None
        message.attempts = min(message.attempts + 1, 0xFFFF)
        at_most = now + self._options.max_msg_timeout
        self.held[message.id] = Held(message, client, now + timeout, at_most)
        return message

    def finish(self, client: int, name: bytes) -> None:
        """Forget a message."""
        self.finished.append(self._release(client, name).body)

    def requeue(self, client: int, name: bytes, seconds: float, now: float) -> None:
        """Let a message wait again; in memory as long as it is put off."""
        message = self._release(client, name)
        if seconds > 0:
            self.put_off.append((now + min(seconds, self._options.max_req_timeout), message))
        else:
            self.backlog.put(message, now)

    def touch(self, client: int, name: bytes, timeout: float, now: float) -> None:
        """Give a consumer its whole time anew."""
        held = self._of(client, name)
        held.until = min(now + timeout, held.at_most)

    def held_by(self, client: int) -> int:
        """How many messages a consumer has."""
        return sum(held.client == client for held in self.held.values())

    def let_time_pass(self, now: float) -> None:
        """Take back what was kept too long, and what was put off until now."""
        late = [held for held in self.held.values() if held.until <= now]
        for held in late:
            del self.held[held.message.id]
            self.backlog.put(held.message, now)
        for due, message in list(self.put_off):
            if due <= now:
                self.put_off.remove((due, message))
                self.backlog.put(message, now)
        self.backlog.sync_if_due(now)

    def kill(self) -> None:
        """Forget what is not on disk."""
        self.held.clear()
        self.put_off.clear()
        self.backlog.kill()

    def close(self) -> None:
        """Write all down."""
        kept = [held.message for held in self.held.values()]
        self.backlog.close([*kept, *(message for _, message in self.put_off)])
        self.held.clear()
        self.put_off.clear()

    def _release(self, client: int, name: bytes) -> Message:
        message = self._of(client, name).message
        del self.held[name]
        return message

    def _of(self, client: int, name: bytes) -> Held:
        held = self.held.get(name)
        if held is None:
            raise NotYours("ID not in flight")
        if held.client != client:
            raise NotYours("client does not own message")
        return held


class Topic:
    """What is published under one name."""

    def __init__(self, options: Options) -> None:
        self._options = options
        #: What waits for the first channel.
        self.backlog = Backlog(options)
        self.channels: dict[str, Channel] = {}
        self._numbers = 0

    def publish(self, body: bytes, now: float) -> None:
        """Give every channel its copy."""
        self._numbers += 1
        name = f"{time.time_ns() & 0xFFFFFFFFFF:010x}{self._numbers & 0xFFFFFF:06x}".encode()
        self._hand_on(Message(name, body, time.time_ns()), now)

    def channel(self, name: str, now: float) -> Channel:
        """A channel; the first one of all gets what was published before."""
        if name not in self.channels:
            self.channels[name] = Channel(self._options)
            while (message := self.backlog.take(now)) is not None:
                self._hand_on(message, now)
        return self.channels[name]

    def each(self, do: Callable[[Channel], object]) -> None:
        """Do something with every channel."""
        for channel in self.channels.values():
            do(channel)

    def _hand_on(self, message: Message, now: float) -> None:
        if not self.channels:
            self.backlog.put(message, now)
        for channel in self.channels.values():
            channel.backlog.put(replace(message), now)
