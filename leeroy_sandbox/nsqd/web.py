"""nsqd's HTTP: https://nsq.io/components/nsqd.html#http-api."""

import json
import ssl
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from leeroy_sandbox.nsqd.client import NAME

if TYPE_CHECKING:
    from leeroy_sandbox.nsqd.server import Nsqd


class Web:
    """The server for HTTP."""

    def __init__(self, nsqd: "Nsqd", port: int, tls: ssl.SSLContext | None) -> None:
        self._server = _Server(nsqd, port, tls)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def serve(self) -> None:
        """Answer until stopped."""
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, nsqd: "Nsqd", port: int, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.nsqd = nsqd
        self._tls = tls

    def get_request(self) -> Any:
        sock, address = super().get_request()
        sock.settimeout(30)
        if self._tls is not None:
            # The handshake is made by the thread of the connection, at its first read.
            sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return sock, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to tell of."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/ping":
            self._say(200, b"OK", "text/plain")
        elif path == "/stats":
            self._say(200, json.dumps(self._stats()).encode(), "application/json")
        else:
            self._refuse(404, "NOT_FOUND")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        path = urlsplit(self.path).path
        if path == "/pub" and length > self.server.nsqd.options.max_msg_size:
            # Not a byte of it was read, and none will be.
            self._refuse(413, "MSG_TOO_BIG")
            self.close_connection = True
            with suppress(OSError):
                self.wfile.flush()
                self.connection.shutdown(1)
            threading.Event().wait(0.05)
            return
        body = self.rfile.read(length)
        asked = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        topic, channel = asked.get("topic", ""), asked.get("channel", "")
        if not topic:
            self._refuse(400, "MISSING_ARG_TOPIC")
        elif not NAME.match(topic):
            self._refuse(400, "INVALID_TOPIC")
        elif path == "/pub" and not body:
            self._refuse(400, "MSG_EMPTY")
        elif path == "/pub":
            self.server.nsqd.publish(topic, body)
            self._say(200, b"OK", "text/plain")
        elif path == "/topic/create":
            self.server.nsqd.topic(topic)
            self._say(200, b"", "text/plain")
        elif path == "/channel/create" and NAME.match(channel):
            with self.server.nsqd.lock:
                self.server.nsqd.topic(topic).channel(channel, time.monotonic())
            self._say(200, b"", "text/plain")
        else:
            self._refuse(404, "NOT_FOUND")

    def _stats(self) -> object:
        with self.server.nsqd.lock:
            return {
                "version": "1.3.0",
                "health": "OK",
                "topics": [
                    {
                        "topic_name": name,
                        "depth": len(topic.backlog),
                        "channels": [
                            {
                                "channel_name": each,
                                "depth": len(channel.backlog),
                                "in_flight_count": len(channel.held),
                                "deferred_count": len(channel.put_off),
                            }
                            for each, channel in topic.channels.items()
                        ],
                    }
                    for name, topic in self.server.nsqd.topics.items()
                ],
            }

    def _refuse(self, status: int, why: str) -> None:
        self._say(status, json.dumps({"message": why}).encode(), "application/json")

    def _say(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
