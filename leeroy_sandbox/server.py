"""Serve a WSGI application on loopback, fast enough to stand beside the client that measures it.

Werkzeug's own server waits 10 ms after each answer on a kept-alive connection, and wsgiref's does
not keep connections; both would be what a benchmark measures.
"""

import io
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote_to_bytes

#: How much a chunk of a chunked answer holds.
_PIECE = 4096

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an application answered, whole."""

    #: "200 OK"
    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def start(self, start_response: "StartResponse") -> list[bytes]:
        """Hand the answer on, as a WSGI application would."""
        start_response(self.status, self.headers)
        return [self.body]


class CutOff(Exception):
    """An application raises it to break the connection off instead of answering."""

    def __init__(
        self, sent: Answer | None = None, *, pause: Callable[[], bool] | None = None
    ) -> None:
        super().__init__("the connection is broken off")
        #: Called before each byte of the answer's body, until it says that this is enough.
        self.pause = pause
        #: An answer of which only half gets out; nothing at all when None.
        self.sent = sent


def ask(app: "WSGIApplication", environ: "WSGIEnvironment") -> Answer:
    """Call a WSGI application and collect its whole answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        started[:] = [(status, headers)]
        return written.append

    chunks = app(environ, start_response)
    try:
        written.extend(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = started[0]
    return Answer(status=status, headers=headers, body=b"".join(written))


class Server:
    """A threaded HTTP/1.1 server for one application on 127.0.0.1; a context manager."""

    def __init__(
        self, app: "WSGIApplication", port: int = 0, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._listener = _Listener(app, port, tls)
        self._thread = threading.Thread(
            target=self._listener.serve_forever,
            kwargs={"poll_interval": 0.02},
            name="sandbox-server",
            daemon=True,
        )

    @property
    def port(self) -> int:
        """The port the operating system chose, or the one asked for."""
        return int(self._listener.server_address[1])

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"{'https' if self._listener.tls else 'http'}://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Answer from now on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering, and break off the connections still open."""
        if self._thread.is_alive():
            self._listener.shutdown()
            self._thread.join()
        self._listener.server_close()
        self._listener.break_off()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Listener(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, app: "WSGIApplication", port: int, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.app = app
        self.tls = tls
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            # The handshake waits for the connection's own thread: a slow client holds nobody up.
            connection = self.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        with self._lock:
            self._open.add(connection)
        return connection, address

    def close_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that went away is its own business; anything else is a fault of the sandbox.
        if not isinstance(sys.exception(), OSError | ValueError):
            super().handle_error(request, client_address)

    def break_off(self) -> None:
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


def _chunked(body: bytes, *, is_whole: bool) -> bytes:
    """The body in the pieces of chunked encoding; without the end when it is not whole."""
    pieces = [body[start : start + _PIECE] for start in range(0, len(body), _PIECE)]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return sent + b"0\r\n\r\n" if is_whole else sent


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: _Listener

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `faults.Calls` keeps the record."""

    def __getattr__(self, name: str) -> Any:
        # BaseHTTPRequestHandler looks for do_GET, do_PATCH ...: all are answered alike.
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        try:
            answer = ask(self.server.app, self._environ())
        except CutOff as cut:
            if cut.sent and cut.pause:
                self._drip(cut.sent, cut.pause)
            elif cut.sent:
                self._send(cut.sent, cut.sent.body[: len(cut.sent.body) // 2], is_whole=False)
                self.close_connection = True
            else:
                self._reset()
            return
        self._send(answer, answer.body)

    def _send(self, answer: Answer, body: bytes, *, is_whole: bool = True) -> None:
        head = [f"HTTP/1.1 {answer.status}"]
        given = {name.lower() for name, _ in answer.headers}
        head += [f"{name}: {value}" for name, value in answer.headers]
        if "transfer-encoding" in given:
            body = _chunked(body, is_whole=is_whole)
        elif "content-length" not in given and not answer.status.startswith(("204", "304")):
            head.append(f"Content-Length: {len(answer.body)}")
        if "date" not in given:
            head.append(f"Date: {self.date_time_string()}")
        if self.close_connection:
            head.append("Connection: close")
        start = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(start + (b"" if self.command == "HEAD" else body))
        self.wfile.flush()

    def _drip(self, answer: Answer, pause: Callable[[], bool]) -> None:
        """The head at once, then a byte at a time, for as long as the other side listens."""
        self._send(answer, b"", is_whole=False)
        for at in range(len(answer.body)):
            if pause():
                break
            self.wfile.write(answer.body[at : at + 1])
            self.wfile.flush()
        self.close_connection = True

    def _reset(self) -> None:
        self.close_connection = True
        # Linger of no seconds: the client sees a reset, not a tidy end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _environ(self) -> "WSGIEnvironment":
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "REQUEST_URI": self.path,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": str(self.client_address[0]),
            "CONTENT_LENGTH": str(length),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if self.server.tls else "http",
            "wsgi.input": io.BytesIO(self.rfile.read(length) if length else b""),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key == "CONTENT_TYPE":
                environ[key] = value
            elif key != "CONTENT_LENGTH":
                key = f"HTTP_{key}"
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ
