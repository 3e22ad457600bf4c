"""One HTTP request with an end: so many seconds and so many bytes for all of it.

nsqd refuses what is too long before it has read it (413) and hangs up while we still send. So we
look for an answer while we send, and read one that is already there when sending fails.
https://nsq.io/components/nsqd.html#http-api
"""

import io
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import unquote, urlsplit

from leeroy.errors import Transient

#: Bytes sent before we look for an answer again.
_PIECE = 64 * 1024
#: Seconds a piece may take before we look for an answer.
_LOOK_SECONDS = 0.25


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def call(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    seconds: float = 10.0,
    most: int = 64 * 1024,
) -> Answer:
    """The answer to one request; never redirected, never kept open.

    Raises:
        Transient: there was none within ``seconds``, or it is longer than ``most`` bytes.
    """
    deadline = time.monotonic() + seconds
    try:
        with _connect(url, deadline, tls) as sock:
            begun = _send(sock, _request(method, url, headers or {}, body), deadline)
            return _answer(_Reader(sock, begun, deadline, most), method)
    except (OSError, HTTPException, ValueError) as exc:
        why = "gave no answer in time" if isinstance(exc, TimeoutError) else str(exc) or repr(exc)
        raise Transient(f"{_shown(url)}: {why}") from exc


def _connect(url: str, deadline: float, tls: ssl.SSLContext | None) -> socket.socket:
    place = urlsplit(url)
    name = place.hostname or ""
    sock = socket.create_connection((name, _port(url)), timeout=_left(deadline))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if place.scheme != "https":
        return sock
    with ExitStack() as stack:
        stack.callback(sock.close)
        secured = (tls or ssl.create_default_context()).wrap_socket(sock, server_hostname=name)
        stack.pop_all()
    return secured


def _port(url: str) -> int:
    place = urlsplit(url)
    return place.port or (443 if place.scheme == "https" else 80)


def _request(method: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    place = urlsplit(url)
    host = f"[{place.hostname}]" if ":" in (place.hostname or "") else place.hostname
    said = {
        "Host": f"{host}:{_port(url)}",
        "Connection": "close",
        "User-Agent": "leeroy",
        "Content-Length": str(len(body)),
        **headers,
    }
    if place.username is not None:
        # nsqd itself has no password; a proxy in front of it may.
        name = f"{unquote(place.username)}:{unquote(place.password or '')}"
        said["Authorization"] = f"Basic {b64encode(name.encode()).decode()}"
    target = (place.path or "/") + (f"?{place.query}" if place.query else "")
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1") + body


def _send(sock: socket.socket, data: bytes, deadline: float) -> bytes:
    """Send the request; the first bytes of an answer that came before all was sent."""
    left = memoryview(data)
    while left:
        if early := _already_there(sock):
            return early
        sock.settimeout(min(_left(deadline), _LOOK_SECONDS))
        try:
            left = left[sock.send(left[:_PIECE]) :]
        except TimeoutError:
            continue
        except OSError:
            # nsqd hung up: it has said why, or it is gone, which reading will show.
            break
    return b""


def _already_there(sock: socket.socket) -> bytes:
    sock.settimeout(0)
    with suppress(BlockingIOError, ssl.SSLWantReadError, OSError):
        return sock.recv(_PIECE)
    return b""


def _answer(reader: "_Reader", method: str) -> Answer:
    response = HTTPResponse(_Sock(reader), method=method)  # type: ignore[arg-type]
    response.begin()
    return Answer(status=response.status, body=response.read())


class _Reader(io.RawIOBase):
    """The bytes of an answer, within the time and the length it may have."""

    def __init__(self, sock: socket.socket, begun: bytes, deadline: float, most: int) -> None:
        self._sock = sock
        self._begun = begun
        self._deadline = deadline
        self._most = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self._begun:
            count = min(len(self._begun), len(buffer))
            buffer[:count], self._begun = self._begun[:count], self._begun[count:]
        else:
            self._sock.settimeout(_left(self._deadline))
            count = self._sock.recv_into(buffer)
        self._most -= count
        if self._most < 0:
            raise ValueError("the answer is too long")
        return count


class _Sock:
    """As much of a socket as `HTTPResponse` asks for."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._reader)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _shown(url: str) -> str:
    """The address without a password."""
    place = urlsplit(url)
    return f"{place.scheme}://{place.netloc.rpartition('@')[2]}{place.path}"
