"""Clients that are slow, silent, endless or broken, before a real server: others are answered."""

import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from leeroy.events import BODY_LIMIT, PAYLOAD_LIMIT
from tests.waiting import PATIENCE, address_said, wait_until_ready

SECRET = "webhook-secret"
#: More than there are threads, several times.
CROWD = 40
#: In place of 15 seconds for a request to arrive in: some are told off soon, and of the others it
#: shows that nobody waits for them, however slow the machine is.
SOON, FOR_EVER = 2, 10 * int(PATIENCE)
SERVE = """
from leeroy.cli import main, serve
from leeroy.web import arrivals
arrivals.ARRIVAL_SECONDS = arrivals.FIRST_BYTE_SECONDS = {seconds}
arrivals.MOST_CONNECTIONS = {most}
serve.GRACE_SECONDS = {grace}
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

    def __init__(self, folder: Path, *, arrival: int, most: int = 1000) -> None:
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
        code = SERVE.format(seconds=arrival, grace=FOR_EVER, most=most)
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, "serve", "--config", str(config), "--port", "0"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": root},
                stderr=out,
            )
        self.url = address_said(self.process, self.log)
        self.port = int(self.url.rpartition(":")[2])
        wait_until_ready(self.url, self.process, self.log.read_text)

    def connect(self, data: bytes = b"") -> socket.socket:
        caller = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
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

    def ping(self) -> str:
        """What an ordinary question is answered with."""
        return requests.get(f"{self.url}/ping", timeout=PATIENCE).text

    def deliver(self, body: bytes, guid: str) -> int:
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": f"sha256={hmac.digest(SECRET.encode(), body, 'sha256').hex()}",
        }
        address = f"{self.url}/notification/github"
        return requests.post(address, data=body, headers=headers, timeout=PATIENCE).status_code

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(folder: Path, arrival: int, most: int = 1000) -> Iterator[Served]:
    served = Served(folder, arrival=arrival, most=most)
    try:
        yield served
    finally:
        served.process.kill()
        served.process.wait()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that gives each request all the time of the world."""
    with serving(tmp_path_factory.mktemp("patient"), FOR_EVER) as served:
        yield served


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that soon has enough."""
    with serving(tmp_path_factory.mktemp("strict"), SOON) as served:
        yield served


@contextmanager
def crowd(served: Served, data: bytes) -> Iterator[list[socket.socket]]:
    """Many clients that send the same and then nothing."""
    with ExitStack() as stack:
        yield [stack.enter_context(served.connect(data)) for _ in range(CROWD)]


def an_event(padding: int = 0) -> bytes:
    event = {"action": "opened", "number": 7, "repository": {"full_name": "acme/widgets"}}
    return json.dumps({**event, "padding": "x" * padding}).encode()


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW)
def test_a_crowd_that_falls_silent_holds_nobody_up(served, data):
    with crowd(served, data):
        assert served.ping() == "pong"
        assert served.deliver(an_event(), f"beside-{len(data)}") == 202


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW)
def test_who_falls_silent_is_let_go_of(strict, data):
    """What is open for ever fills the server in the end."""
    with crowd(strict, data) as silent:
        for caller in silent:
            while caller.recv(65536):
                pass


def test_a_drop_now_and_then_gains_no_time(strict):
    begun = time.monotonic()
    with crowd(strict, POST) as slow, pytest.raises(ConnectionError):  # noqa: PT012 (it shows when written to)
        while time.monotonic() < begun + PATIENCE:
            for caller in slow:
                caller.sendall(b"X")
            time.sleep(0.2)
    assert strict.ping() == "pong"


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
            (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",),
            "401",
            id="chunked, and unsigned",
        ),
        pytest.param(
            (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}XY",), "400", id="no chunks"
        ),
        pytest.param(
            (POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFF0\r\n",), "413", id="a long chunk"
        ),
        pytest.param(
            (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n{\r\n" * 40_002,),
            "400",
            id="too many chunks",
        ),
        pytest.param(
            (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",), "400", id="coded"
        ),
        pytest.param((POST + b"SCRIPT_NAME: /x\r\n\r\n",), "400", id="SCRIPT_NAME"),
        pytest.param(
            (POST + b"path_info: /x\r\nContent-Length: 0\r\n\r\n",), "400", id="PATH_INFO"
        ),
        pytest.param(
            (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",),
            "400",
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
    said = served.answer_to(*parts)
    assert said.startswith(f"HTTP/1.1 {answer} "), said
    assert served.ping() == "pong"


def test_a_crowd_larger_than_there_is_room_for_keeps_nobody_out(tmp_path):
    """The oldest that said nothing makes room; those that began stay as long as others said less."""
    with serving(tmp_path, FOR_EVER, most=100) as served, ExitStack() as stack:
        begun = [stack.enter_context(served.connect(POST)) for _ in range(20)]
        served.ping()
        silent = [stack.enter_context(served.connect()) for _ in range(300)]
        assert served.ping() == "pong"
        assert served.deliver(an_event(), "beside-too-many") == 202
        # The first were closed, and those that had begun are answered once they have said all.
        assert silent[0].recv(1) == b""
        for caller in begun:
            caller.sendall(b"Content-Length: 2\r\n\r\n{}")
            assert caller.recv(65536).startswith(b"HTTP/1.1 401 ")
        assert "connections on which nothing arrives are dropped" in served.log.read_text()


def test_a_crowd_that_begins_and_stops_keeps_nobody_out_either(tmp_path):
    with serving(tmp_path, FOR_EVER, most=100) as served, ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(served.connect(POST))
        assert served.ping() == "pong"
        assert served.deliver(an_event(), "beside-many-that-began") == 202


def signed(body: bytes, guid: str) -> bytes:
    digest = hmac.digest(SECRET.encode(), body, "sha256").hex()
    return (
        POST + b"Content-Type: application/json\r\nX-GitHub-Event: pull_request\r\n"
        b"X-GitHub-Delivery: %s\r\nX-Hub-Signature-256: sha256=%s\r\n"
        % (guid.encode(), digest.encode())
    )


@pytest.mark.parametrize("size", [7, 4096], ids=["small chunks", "larger ones"])
def test_a_body_in_chunks_is_taken(served, size):
    body = an_event(100_000)
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    sent = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    head = signed(body, f"chunks-{size}") + b"Transfer-Encoding: chunked\r\n\r\n"
    said = served.answer_to(head, sent[:5000], sent[5000:], b"0\r\n", b"\r\n")
    assert said.startswith("HTTP/1.1 202 "), said


def test_who_asks_whether_to_go_on_is_told_to_once(served):
    body = an_event()
    with served.connect(
        signed(body, "expects") + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
    ) as caller:
        assert caller.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        caller.sendall(body)
        assert caller.recv(65536).startswith(b"HTTP/1.1 202 ")


def test_who_has_sent_all_is_not_told_to_go_on(served):
    body = an_event()
    said = served.answer_to(
        signed(body, "expects-not")
        + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
        + body
    )
    assert said.startswith("HTTP/1.1 202 "), said


def test_a_slash_behind_the_address_makes_no_difference(served):
    address = f"{served.url}/notification/github/"
    assert requests.post(address, data=b"{}", timeout=PATIENCE).status_code == 401
    for path in ("jenkins/", "jenkins/default/"):
        answer = requests.post(f"{served.url}/notification/{path}", json={}, timeout=PATIENCE)
        assert "not a notification" in answer.json()["error"]


def test_what_comes_behind_a_request_is_not_looked_at(served):
    with served.connect(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n" * 2) as caller:
        said = b"".join(iter(lambda: caller.recv(65536), b""))
    assert said.count(b"HTTP/1.1 200") == 1


def test_githubs_largest_payload_is_taken(served):
    body = an_event(PAYLOAD_LIMIT - len(an_event()))
    assert len(body) == PAYLOAD_LIMIT
    assert served.deliver(body, "the-largest") == 202


def test_sigterm_does_not_wait_for_slow_clients(tmp_path):
    with serving(tmp_path, FOR_EVER) as served, ExitStack() as stack:
        for data in SLOW.values():
            for _ in range(5):
                stack.enter_context(served.connect(data))
        assert served.end() == 0
