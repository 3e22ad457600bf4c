"""An nsqlookupd, which is told directly by the nsqds beside it what they have."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


class Lookupd:
    """Who has which topic; a context manager, on 127.0.0.1."""

    def __init__(self) -> None:
        self._topics: dict[int, tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def register(self, port: int, topics: tuple[str, ...]) -> None:
        """An nsqd says what it has."""
        with self._lock:
            self._topics[port] = topics

    def forget(self, port: int) -> None:
        """An nsqd is gone."""
        with self._lock:
            self._topics.pop(port, None)

    def lookup(self, topic: str) -> dict[str, Any] | None:
        """The answer to ``/lookup``; None: nobody has the topic."""
        with self._lock:
            ports = sorted(port for port, topics in self._topics.items() if topic in topics)
        if not ports:
            return None
        producers = [{"broadcast_address": "127.0.0.1", "tcp_port": port} for port in ports]
        return {"channels": [], "producers": producers}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, lookupd: Lookupd) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lookupd = lookupd


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        topic = parse_qs(place.query).get("topic", [""])[0]
        found: object = self.server.lookupd.lookup(topic) if place.path == "/lookup" else None
        if place.path == "/ping":
            found = "OK"
        body = json.dumps(found or {"message": "TOPIC_NOT_FOUND"}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
