"""The whole nsqd: it starts, stops, is killed, and starts again with what its disk still has."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from leeroy_sandbox.nsqd.client import Client
from leeroy_sandbox.nsqd.lookupd import Lookupd
from leeroy_sandbox.nsqd.options import Options
from leeroy_sandbox.nsqd.topics import Topic
from leeroy_sandbox.nsqd.web import Web


class Nsqd:
    """An nsqd on 127.0.0.1; a context manager. Its ports stay the same over a restart."""

    def __init__(
        self,
        options: Options | None = None,
        *,
        lookupd: Lookupd | None = None,
        https: ssl.SSLContext | None = None,
    ) -> None:
        self.options = options or Options()
        #: Held by whoever looks at topics.
        self.lock = threading.RLock()
        self.topics: dict[str, Topic] = {}
        self._lookupd = lookupd
        self._https = https
        self._clients: list[Client] = []
        self._numbers = 0
        self._is_up = threading.Event()
        self.tcp_port = self.http_port = 0
        self._threads: list[threading.Thread] = []

    @property
    def http_url(self) -> str:
        """Where it is published to."""
        return f"{'https' if self._https else 'http'}://127.0.0.1:{self.http_port}"

    def start(self) -> Self:
        """Listen, with what the disk has."""
        self._listener = socket.create_server(("127.0.0.1", self.tcp_port), backlog=64)
        self.tcp_port = self._listener.getsockname()[1]
        self._web = Web(self, self.http_port, self._https)
        self.http_port = self._web.port
        self._is_up.set()
        self._threads = [
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True),
            threading.Thread(target=self._let_time_pass, daemon=True),
            threading.Thread(target=self._web.serve, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self._register()
        return self

    def stop(self) -> None:
        """End in order (SIGTERM): nothing is lost."""
        self._hang_up()
        with self.lock:
            for topic in self.topics.values():
                topic.backlog.close(())
                topic.each(lambda channel: channel.close())

    def kill(self) -> None:
        """End at once (SIGKILL): what was not on disk is lost."""
        self._hang_up()
        with self.lock:
            for topic in self.topics.values():
                topic.backlog.kill()
                topic.each(lambda channel: channel.kill())

    def publish(self, topic: str, body: bytes) -> None:
        """As `/pub` does."""
        with self.lock:
            self.topic(topic).publish(body, time.monotonic())
        self._wake()

    def topic(self, name: str) -> Topic:
        """A topic; the first who names it makes it."""
        with self.lock:
            if name not in self.topics:
                self.topics[name] = Topic(self.options)
                self._register()
            return self.topics[name]

    def depth(self, topic: str, channel: str) -> int:
        """Messages of a channel that wait or are held."""
        with self.lock:
            found = self.topic(topic).channel(channel, time.monotonic())
            return len(found.backlog) + len(found.held) + len(found.put_off)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_up.is_set():
            self.stop()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                if not self._is_up.is_set():
                    sock.close()
                    return
                self._numbers += 1
                client = Client(self, sock, self._numbers)
                self._clients.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: Client) -> None:
        client.serve()
        with self.lock, suppress(ValueError):
            self._clients.remove(client)

    def _let_time_pass(self) -> None:
        while self._is_up.is_set():
            with self.lock:
                now = time.monotonic()
                for topic in self.topics.values():
                    topic.backlog.sync_if_due(now)
                    for channel in topic.channels.values():
                        channel.let_time_pass(now)
            self._wake()
            time.sleep(0.05)

    def _wake(self) -> None:
        with self.lock:
            clients = list(self._clients)
        for client in clients:
            client.wake()

    def _hang_up(self) -> None:
        self._is_up.clear()
        if self._lookupd is not None:
            self._lookupd.forget(self.tcp_port)
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._web.stop()
        with self.lock:
            clients, self._clients = self._clients, []
        for client in clients:
            client.break_off()
        for thread in self._threads:
            thread.join(5)

    def _register(self) -> None:
        if self._lookupd is not None and self._is_up.is_set():
            self._lookupd.register(self.tcp_port, tuple(self.topics))
