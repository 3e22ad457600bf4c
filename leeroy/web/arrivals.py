"""gunicorn's threads, given only to requests that have arrived whole.

gunicorn itself gives a connection a thread at once, and the thread then waits for what the client
sends: eight clients that begin a request and fall silent stop a server of eight threads, and nobody
hears GitHub any more. Here the loop that watches all connections collects what they send, and a
thread never waits for a client. A connection carries one request: what came behind it would have
to be collected as well.
"""

import re
import socket
import struct
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ
from typing import Any

from gunicorn import util
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from leeroy.events import BODY_LIMIT

#: Seconds a request may take to arrive. GitHub gives up after ten.
ARRIVAL_SECONDS = 15.0
#: The same once the server stops, in which a request that was under way still comes in.
LAST_SECONDS = 2.0
#: Seconds a thread waits for a client that does not take its answer.
SEND_SECONDS = 10
#: Of request line and headers.
LONGEST_HEAD = 64 * 1024
#: Of all requests that are arriving; a few of GitHub's largest payloads, or very many ordinary ones.
MOST_COLLECTED = 256 * 1024 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*(?=\r\n|\Z)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)


@dataclass
class Arriving:
    """A request as far as it has come."""

    #: By `time.monotonic`: when it has to be whole.
    deadline: float
    data: bytearray = field(default_factory=bytearray)
    #: What head and body come to; None while the head is under way.
    size: int | None = None

    def add(self, data: bytes) -> HTTPStatus | None:
        """Take what came; why the request is refused before it is whole, if it is.

        >>> request = Arriving(deadline=0)
        >>> request.add(b"POST / HTTP/1.1\\r\\nContent-Length: 3\\r\\n\\r\\na"), request.is_whole
        (None, False)
        >>> request.add(b"bc"), request.is_whole
        (None, True)
        >>> request = Arriving(deadline=0)
        >>> request.add(b"POST / HTTP/1.1\\r\\nContent-Length: 99999999\\r\\n\\r\\n").value
        413
        """
        searched = max(0, len(self.data) - 3)
        self.data += data
        if self.size is not None:
            return None
        end = self.data.find(b"\r\n\r\n", searched)
        if end < 0 or end > LONGEST_HEAD:
            is_long = len(self.data) > LONGEST_HEAD
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if is_long else None
        head = bytes(self.data[:end])
        if _CHUNKED.search(head):
            # Where such a body ends shows only when it was taken apart. Neither GitHub nor Jenkins
            # sends one, and proxies that buffer tell the length.
            return HTTPStatus.LENGTH_REQUIRED
        # One that is repeated or odd is for gunicorn to refuse.
        length = max((int(found) for found in _LENGTH.findall(head)), default=0)
        if length > BODY_LIMIT:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        self.size = end + 4 + length
        return None

    @property
    def is_whole(self) -> bool:
        """Nothing more has to come."""
        return self.size is not None and len(self.data) >= self.size


class ArrivedReader(SocketUnreader):  # type: ignore[misc, unused-ignore]
    """Lets gunicorn read what was collected, piece by piece: whole, it would be copied each time."""

    def __init__(self, sock: socket.socket, data: bytearray) -> None:
        super().__init__(sock)
        self._left = memoryview(bytes(data))

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next piece; nothing after the last, for the client is not waited for."""
        size = min(max(size_hint or 0, 8 * 1024), 1024 * 1024)
        piece, self._left = self._left[:size], self._left[size:]
        return bytes(piece)


class ArrivalWorker(ThreadWorker):  # type: ignore[misc, unused-ignore]
    """gunicorn's worker with threads, which give their time to whole requests only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[TConn, Arriving] = {}
        self._collected = 0
        self._is_stopping = False

    def enqueue_req(self, conn: TConn) -> None:
        """Wait for the request of a new connection; gunicorn would give it a thread."""
        wait = struct.pack("ll", SEND_SECONDS, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)
        self._arriving[conn] = Arriving(deadline=time.monotonic() + ARRIVAL_SECONDS)
        self.poller.register(conn.sock, EVENT_READ, partial(self._collect, conn))

    def _collect(self, conn: TConn, client: socket.socket) -> None:
        try:
            data = client.recv(256 * 1024)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        request = self._arriving[conn]
        refused = request.add(data)
        self._collected += len(data)
        if self._collected > MOST_COLLECTED:
            refused = HTTPStatus.SERVICE_UNAVAILABLE
        if data and not refused and not request.is_whole:
            return
        self._stop_collecting(conn)
        if refused:
            with suppress(OSError):
                util.write_error(client, refused.value, refused.phrase, "")
        elif request.is_whole:
            self._hand_over(conn, request)
            return
        self._close(conn)

    def _hand_over(self, conn: TConn, request: Arriving) -> None:
        conn.sock.setblocking(True)
        parser = RequestParser(self.cfg, conn.sock, conn.client)
        parser.unreader = ArrivedReader(conn.sock, request.data)
        conn.parser, conn.initialized = parser, True
        super().enqueue_req(conn)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Close the connection; gunicorn would keep everybody waiting until the client has too."""
        self._close(conn)

    def murder_pending(self) -> None:
        """Close connections whose request did not arrive in time, or at all before we stop."""
        now = time.monotonic()
        if not self.alive and not self._is_stopping:
            self._is_stopping = True
            for request in self._arriving.values():
                request.deadline = min(request.deadline, now + LAST_SECONDS)
        for conn in [c for c, request in self._arriving.items() if request.deadline <= now]:
            self._stop_collecting(conn)
            self._close(conn)

    def _stop_collecting(self, conn: TConn) -> None:
        self._collected -= len(self._arriving.pop(conn).data)
        self.poller.unregister(conn.sock)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        with suppress(OSError):
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            # What is left unread would make the kernel take back an answer still on its way.
            conn.sock.recv(1024 * 1024)
        conn.close()
