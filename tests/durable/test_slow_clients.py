"""Clients that are slow, silent, endless or broken, before a real server: others are answered."""

import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from leeroy.events import BODY_LIMIT, PAYLOAD_LIMIT

SECRET = "webhook-secret"
#: More than there are threads, several times.
CROWD = 40
#: In place of 15.
ARRIVAL_SECONDS = 2
SERVE = f"""
from leeroy.web import arrivals
arrivals.ARRIVAL_SECONDS = {ARRIVAL_SECONDS}
from leeroy.cli import main
main()
"""
POST = b"POST /notification/github HTTP/1.1\r\nHost: leeroy\r\n"
SLOW = {
    "says nothing": b"",
    "stops within the head": POST + b"X-Slow: ",
    "stops within the body": POST + b"Content-Length: 1000\r\n\r\n{",
    "stops within a large body": POST + b"Content-Length: 20000000\r\n\r\n{" + b" " * 300_000,
    "does not take its answer": b"GET /metrics HTTP/1.1\r\nHost: leeroy\r\n\r\n",
}


class Served:
    """A real `leeroy serve`."""

    def __init__(self, folder: Path) -> None:
        config = folder / "config.json"
        settings = {
            "jenkins": {"base_url": "http://127.0.0.1:9"},
            "github_api_url": "http://127.0.0.1:9",
            "github_token": "ghp_0123456789abcdefghij",
            "github_webhook_secret": SECRET,
            "builds": [{"github_repo": "acme/widgets", "jenkins_job_name": "widgets"}],
        }
        config.write_text(json.dumps(settings))
        self.log = folder / "log"
        root = str(Path(__file__).resolve().parents[2])
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, "serve", "--config", str(config), "--port", "0"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": root},
                stderr=out,
            )
        deadline = time.monotonic() + 20
        while "listening at " not in (said := self.log.read_text()):
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.02)
        self.url = said.partition("listening at ")[2].split()[0]
        self.port = int(self.url.rpartition(":")[2])
        while requests.get(f"{self.url}/readyz", timeout=10).status_code != 200:
            assert time.monotonic() < deadline, said
            time.sleep(0.02)

    def connect(self, data: bytes = b"") -> socket.socket:
        caller = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        caller.sendall(data)
        return caller

    def answer_to(self, *parts: bytes) -> str:
        """The status line that bytes are answered with; empty when there is none."""
        with self.connect() as caller:
            for part in parts:
                caller.sendall(part)
            try:
                return caller.recv(65536).partition(b"\r\n")[0].decode()
            except ConnectionResetError:
                return "reset"

    def ping(self) -> float:
        """How long an ordinary question takes."""
        begun = time.monotonic()
        assert requests.get(f"{self.url}/ping", timeout=10).text == "pong"
        return time.monotonic() - begun

    def deliver(self, body: bytes, guid: str) -> int:
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": f"sha256={hmac.digest(SECRET.encode(), body, 'sha256').hex()}",
        }
        address = f"{self.url}/notification/github"
        return requests.post(address, data=body, headers=headers, timeout=20).status_code

    def end(self) -> float:
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.monotonic() - begun


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("slow"))
    yield served
    served.process.kill()
    served.process.wait()


@pytest.fixture
def crowd(served: Served) -> Iterator[Callable[[bytes], list[socket.socket]]]:
    """Many clients that send the same and then nothing."""
    with ExitStack() as stack:
        yield lambda data: [stack.enter_context(served.connect(data)) for _ in range(CROWD)]


def an_event(padding: int = 0) -> bytes:
    event = {"action": "opened", "number": 7, "repository": {"full_name": "acme/widgets"}}
    return json.dumps({**event, "padding": "x" * padding}).encode()


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW)
def test_a_crowd_that_falls_silent_holds_nobody_up(served, crowd, data):
    silent = crowd(data)
    assert max(served.ping() for _ in range(3)) < 1.5
    assert served.deliver(an_event(), f"beside-{len(data)}") == 202
    deadline = time.monotonic() + ARRIVAL_SECONDS + 5
    for caller in silent:
        # Each is let go of: what is open for ever fills the server in the end.
        caller.settimeout(max(0.1, deadline - time.monotonic()))
        while caller.recv(65536):
            pass


def test_a_drop_now_and_then_gains_no_time(served, crowd):
    slow = crowd(POST)
    begun = time.monotonic()
    with pytest.raises(ConnectionError):  # noqa: PT012 (a closed connection shows when written to)
        while time.monotonic() < begun + ARRIVAL_SECONDS + 5:
            for caller in slow:
                caller.sendall(b"X")
            time.sleep(0.2)
    assert served.ping() < 1.5


@pytest.mark.parametrize(
    ("parts", "answer"),
    [
        pytest.param(
            (POST + f"Content-Length: {BODY_LIMIT + 1}\r\n\r\n".encode(),), "413", id="a long body"
        ),
        pytest.param((POST + b"Content-Length: " + b"9" * 18 + b"\r\n\r\n",), "413", id="endless"),
        pytest.param((POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",), "413", id="absurd"),
        pytest.param((POST + b"Content-Length: -1\r\n\r\n",), "400", id="negative"),
        pytest.param(
            (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}",), "400", id="two lengths"
        ),
        pytest.param(
            (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",), "411", id="chunked"
        ),
        pytest.param(
            (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",),
            "411",
            id="both, to smuggle",
        ),
        pytest.param(
            (POST + b"X: " + b"x" * 9000 + b"\r\nContent-Length: 0\r\n\r\n",), "431", id="a header"
        ),
        pytest.param(
            (POST, *[b"X-%d: x\r\n" % n for n in range(150)], b"\r\n"), "431", id="many headers"
        ),
        pytest.param((POST + b"X: " + b"x" * 65_600,), "431", id="a head without end"),
        pytest.param((b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n",), "414", id="a long address"),
        pytest.param((b"\x16\x03\x01\x02\x00\r\n\r\n",), "400", id="TLS"),
        pytest.param((b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n",), "400", id="a bad header"),
    ],
)
def test_what_is_too_much_or_wrong_is_refused_at_once(served, parts, answer):
    begun = time.monotonic()
    said = served.answer_to(*parts)
    assert said.startswith(f"HTTP/1.1 {answer} "), said
    assert time.monotonic() - begun < ARRIVAL_SECONDS
    assert served.ping() < 1.5


def test_what_comes_behind_a_request_is_not_looked_at(served):
    with served.connect(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n" * 2) as caller:
        said = b"".join(iter(lambda: caller.recv(65536), b""))
    assert said.count(b"HTTP/1.1 200") == 1


def test_githubs_largest_payload_is_taken_as_quickly_as_it_comes(served):
    body = an_event(PAYLOAD_LIMIT - len(an_event()))
    assert len(body) == PAYLOAD_LIMIT
    begun = time.monotonic()
    assert served.deliver(body, "the-largest") == 202
    assert time.monotonic() - begun < 10  # then GitHub gives up


def test_sigterm_does_not_wait_for_slow_clients(tmp_path):
    served = Served(tmp_path)
    with ExitStack() as stack:
        for data in SLOW.values():
            for _ in range(5):
                stack.enter_context(served.connect(data))
        assert served.end() < 10
