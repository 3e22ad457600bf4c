"""Ends for what a thread waits for, kept by its sockets.

The usual timeout is of one read, so an answer that comes a byte a second never ends. Here the
sockets themselves know when all must be over, whatever is read from them, by whom and how often::

    with deadlines.within(30):
        ...  # whatever waits at a socket made here: TimeoutError after 30 s in all
"""

import contextvars
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any


@dataclass(kw_only=True)
class _Limits:
    #: By the monotonic clock.
    end: float
    #: Bytes that may still be received; None: any number.
    bytes_left: int | None


_limits: contextvars.ContextVar[_Limits | None] = contextvars.ContextVar("limits", default=None)


@contextmanager
def within(seconds: float, *, most_bytes: int | None = None) -> Iterator[None]:
    """Let nothing that this thread does at a socket last longer, all waits together.

    ``most_bytes`` is what it may receive meanwhile. Within another one the sooner end counts.
    """
    outer, end = _limits.get(), time.monotonic() + seconds
    if outer is not None:
        end = min(end, outer.end)
    token = _limits.set(_Limits(end=end, bytes_left=most_bytes))
    try:
        yield
    finally:
        _limits.reset(token)


def seconds_left() -> float | None:
    """Seconds until all must be over, negative when it is past; None: there is no end."""
    limits = _limits.get()
    return None if limits is None else limits.end - time.monotonic()


def minded(plain: socket.socket) -> socket.socket:
    """The connection of this socket, which is of no use afterwards, as one that minds the end."""
    timeout = plain.gettimeout()
    mindful = _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())
    mindful.settimeout(timeout)
    return mindful


def mind(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same context; the sockets it wraps from now on mind the end."""
    context.sslsocket_class = _TLSSocket
    return context


if TYPE_CHECKING:
    _Waiting = socket.socket
else:
    _Waiting = object


class _Minding(_Waiting):
    """Every wait is cut to what is left: the timeout between two reads stays what it was set to."""

    _timeout: float | None = None

    def settimeout(self, value: float | None, /) -> None:
        self._timeout = value
        super().settimeout(value)

    def gettimeout(self) -> float | None:
        return self._timeout

    def recv(self, *args: Any, **kwargs: Any) -> bytes:
        self._cut_short()
        received = super().recv(*args, **kwargs)
        _count(len(received))
        return received

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._cut_short()
        received = super().recv_into(*args, **kwargs)
        _count(received)
        return received

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._cut_short()
        return super().send(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._cut_short()
        super().sendall(*args, **kwargs)

    def _cut_short(self) -> None:
        left = seconds_left()
        if left is None:
            return
        if left <= 0:
            raise TimeoutError("all of it took too long")
        super().settimeout(left if self._timeout is None else min(self._timeout, left))


def _count(received: int) -> None:
    limits = _limits.get()
    if limits is not None and limits.bytes_left is not None:
        limits.bytes_left -= received
        if limits.bytes_left < 0:
            raise OSError("it says too much")


class _Socket(_Minding, socket.socket):
    pass


class _TLSSocket(_Minding, ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        self._cut_short()
        super().do_handshake(block)
