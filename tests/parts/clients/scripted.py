"""A server that says exactly what a test wants, byte by byte, and clients of it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry

from leeroy.github import GitHub, GitHubConnection
from leeroy.jenkins import Jenkins, JenkinsConnection
from leeroy.metrics import Metrics

#: Given the request's first line and the connection, says something; the connection then ends.
Talk = Callable[[str, socket.socket], None]


@contextmanager
def raw_server(talk: Talk) -> Iterator[str]:
    """A server on loopback whose every answer is what ``talk`` writes; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            first = _read_request(connection)
            try:
                talk(first, connection)
            except OSError:
                return  # the client had enough

    def listen() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _read_request(connection: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return ""
        head += piece
    first, _, rest = head.partition(b"\r\n")
    _, _, body = rest.partition(b"\r\n\r\n")
    for line in rest.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += connection.recv(65536)
    return first.decode("latin-1")


def github_at(url: str, **more: float) -> GitHub:
    """A client of the GitHub there."""
    connection = GitHubConnection(api_url=url, **more)  # type: ignore[arg-type]
    metrics = Metrics(CollectorRegistry())
    return GitHub(connection, token_for=lambda repo: "token", metrics=metrics)


def jenkins_at(url: str, **more: float) -> Jenkins:
    """A client of the Jenkins there."""
    connection = JenkinsConnection(base_url=url, username="leeroy", token="s3cret", **more)  # type: ignore[arg-type]
    return Jenkins({"main": connection}, metrics=Metrics(CollectorRegistry()))
