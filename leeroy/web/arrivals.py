"""gunicorn's threads, given only to requests that have arrived whole.

gunicorn itself gives a connection a thread at once, and the thread then waits for what the client
sends: eight clients that begin a request and fall silent stop a server of eight threads, and nobody
hears GitHub any more. Here the loop that watches all connections collects what they send, and a
thread never waits for a client. When too many say nothing, the oldest of them makes room for who
may. A connection carries one request: what came behind it would have
to be collected as well.
"""

import re
import resource
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

import structlog
from gunicorn import util
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from leeroy.events import BODY_LIMIT

#: Seconds until the first byte of a request; GitHub and proxies send at once.
FIRST_BYTE_SECONDS = 5.0
#: Seconds a request may take to arrive. GitHub gives up after ten.
ARRIVAL_SECONDS = 15.0
#: Seconds between two looks at who took too long.
CHECK_SECONDS = 0.25
#: At the same time; fewer where the operating system allows fewer open files.
MOST_CONNECTIONS = 1000
#: Files that are open besides: the database, GitHub, Jenkins.
OTHER_FILES = 200
#: The same once the server stops, in which a request that was under way still comes in.
LAST_SECONDS = 2.0
#: Seconds a thread waits for a client that does not take its answer.
SEND_SECONDS = 10
#: Of request line and headers.
LONGEST_HEAD = 64 * 1024
#: Of all requests that are arriving; a few of GitHub's largest payloads, or very many ordinary ones.
MOST_COLLECTED = 256 * 1024 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*(?=\r\n|\Z)", re.IGNORECASE)
_CODED = re.compile(rb"\r\ntransfer-encoding[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n|\Z)", re.IGNORECASE)
#: What only a server that stands between may say; gunicorn would believe it.
_SCRIPT_NAME = re.compile(rb"\r\n(?:script_name|path_info)[ \t]*:", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
#: Of the line before a chunk.
_LONGEST_CHUNK_LINE = 256
#: The largest body in chunks of 2 KiB; walking through smaller ones would keep others waiting.
MOST_CHUNKS = 40_000
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

log = structlog.get_logger()


@dataclass
class Chunks:
    """Where a body in chunks ends. gunicorn takes it apart; here only its end is looked for.

    >>> chunks = Chunks(at=0)
    >>> chunks.end(b"2\\r\\n{}\\r\\n0\\r\\n"), chunks.end(b"2\\r\\n{}\\r\\n0\\r\\n\\r\\n")
    (None, 12)
    """

    #: Where the next chunk begins.
    at: int
    count: int = 0

    def end(self, data: bytes | bytearray) -> int | None:
        """The first byte behind the body; None: it has not come.

        Raises:
            ValueError: these are no chunks.
        """
        while True:
            line = _CHUNK.match(data, self.at, self.at + _LONGEST_CHUNK_LINE)
            if line is None:
                if (
                    len(data) >= self.at + _LONGEST_CHUNK_LINE
                    or b"\n" in data[self.at : self.at + _LONGEST_CHUNK_LINE]
                ):
                    raise ValueError("no chunk begins here")
                return None
            size = int(line[1], 16)
            if size == 0:
                # Trailers would stand here; who sends some is answered by gunicorn.
                end = line.end() + 2
                if len(data) < end:
                    return None
                if data[line.end() : end] != b"\r\n":
                    raise ValueError("trailers are not taken")
                return end
            if len(data) < line.end() + size + 2:
                if line.end() + size > BODY_LIMIT + LONGEST_HEAD:
                    raise OverflowError
                return None
            if data[line.end() + size : line.end() + size + 2] != b"\r\n":
                raise ValueError("a chunk is longer than it says")
            self.at = line.end() + size + 2
            self.count += 1
            if self.count > MOST_CHUNKS:
                raise ValueError("too many chunks")


@dataclass
class Arriving:
    """A request as far as it has come."""

    #: By `time.monotonic`: when it has to be whole.
    deadline: float
    data: bytearray = field(default_factory=bytearray)
    #: What head and body come to; None while that is not known.
    size: int | None = None
    #: How to find the end of a body whose length nobody told.
    chunks: Chunks | None = None
    #: The client waits to be told that its body is wanted.
    is_waiting: bool = False

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
        if self.size is None and self.chunks is None:
            end = self.data.find(b"\r\n\r\n", searched)
            if end < 0 or end > LONGEST_HEAD:
                is_long = len(self.data) > LONGEST_HEAD
                return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if is_long else None
            if refused := self._read_head(end):
                return refused
        return self._find_end() if self.chunks is not None and self.size is None else None

    @property
    def is_whole(self) -> bool:
        """Nothing more has to come."""
        return self.size is not None and len(self.data) >= self.size

    def _read_head(self, end: int) -> HTTPStatus | None:
        head = bytes(self.data[:end])
        if _SCRIPT_NAME.search(head):
            return HTTPStatus.BAD_REQUEST
        if expects := _EXPECTS.search(head):
            # Answered here: gunicorn would do so when all has come.
            del self.data[expects.start() : expects.end()]
            head, end = bytes(self.data[: end - len(expects[0])]), end - len(expects[0])
            self.is_waiting = b" HTTP/1.1\r\n" in head
        codings, lengths = _CODED.findall(head), _LENGTH.findall(head)
        if codings:
            # Both, or another coding, is how requests are smuggled past who reads them otherwise.
            if lengths or [coding.strip().lower() for coding in codings] != [b"chunked"]:
                return HTTPStatus.BAD_REQUEST
            self.chunks = Chunks(at=end + 4)
            return None
        # One that is repeated or odd is for gunicorn to refuse.
        length = max((int(found) for found in lengths), default=0)
        if length > BODY_LIMIT:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        self.size = end + 4 + length
        return None

    def _find_end(self) -> HTTPStatus | None:
        assert self.chunks is not None
        try:
            self.size = self.chunks.end(self.data)
        except OverflowError:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        except ValueError:
            return HTTPStatus.BAD_REQUEST
        if len(self.data) > BODY_LIMIT + LONGEST_HEAD:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None


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
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        is_bounded = files != resource.RLIM_INFINITY
        most = min(MOST_CONNECTIONS, files - OTHER_FILES) if is_bounded else MOST_CONNECTIONS
        self.worker_connections = max(20, most)
        #: The others are for requests that have arrived.
        self._most_arriving = self.worker_connections * 3 // 4
        self._arriving: dict[TConn, Arriving] = {}
        #: Those of them that have said nothing, the oldest first.
        self._silent: dict[TConn, None] = {}
        self._collected = 0
        self._dropped = 0
        self._checked = self._told_of_dropped = 0.0
        self._is_stopping = False

    def enqueue_req(self, conn: TConn) -> None:
        """Wait for the request of a new connection; gunicorn would give it a thread."""
        if len(self._arriving) >= self._most_arriving:
            self._drop_oldest()
        wait = struct.pack("ll", SEND_SECONDS, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)
        seconds = min(FIRST_BYTE_SECONDS, ARRIVAL_SECONDS)
        self._arriving[conn] = Arriving(deadline=time.monotonic() + seconds)
        self._silent[conn] = None
        self.poller.register(conn.sock, EVENT_READ, partial(self._collect, conn))

    def _drop_oldest(self) -> None:
        """Make room for who may have something to say: of those who said nothing the oldest goes."""
        conn = next(iter(self._silent or self._arriving))
        self._stop_collecting(conn)
        self._close(conn)
        self._dropped += 1
        now = time.monotonic()
        if now >= self._told_of_dropped + 60:
            self._told_of_dropped = now
            log.warning("connections on which nothing arrives are dropped", count=self._dropped)
            self._dropped = 0

    def _collect(self, conn: TConn, client: socket.socket) -> None:
        request = self._arriving.get(conn)
        if request is None:
            return  # dropped since the operating system told of it
        try:
            data = client.recv(256 * 1024)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if conn in self._silent:
            del self._silent[conn]
            if not self._is_stopping:
                request.deadline += max(0.0, ARRIVAL_SECONDS - FIRST_BYTE_SECONDS)
        before = len(request.data)
        refused = request.add(data)
        self._collected += len(request.data) - before
        if self._collected > MOST_COLLECTED:
            refused = HTTPStatus.SERVICE_UNAVAILABLE
        if data and not refused and not request.is_whole:
            if request.is_waiting:
                request.is_waiting = False
                with suppress(OSError):
                    client.sendall(CONTINUE)
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
        if now < self._checked + CHECK_SECONDS:
            return
        self._checked = now
        for conn in [c for c, request in self._arriving.items() if request.deadline <= now]:
            self._stop_collecting(conn)
            self._close(conn)

    def _stop_collecting(self, conn: TConn) -> None:
        self._collected -= len(self._arriving.pop(conn).data)
        self._silent.pop(conn, None)
        self.poller.unregister(conn.sock)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        with suppress(OSError):
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            # What is left unread would make the kernel take back an answer still on its way.
            conn.sock.recv(1024 * 1024)
        conn.close()
