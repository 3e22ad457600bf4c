"""Calls end in time and in bytes, whatever the other side does, and everything else goes on."""

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from leeroy import deadlines, outgoing, services
from leeroy.errors import LeeroyError, Transient
from leeroy.github import transport
from leeroy.model import PullRef
from leeroy.outage import Outage
from leeroy.outgoing import Peer, Route
from leeroy.worker.applying import messengers
from leeroy.worker.applying.notices import MaybeSent
from tests.parts.clients.scripted import Talk, github_at, jenkins_at, raw_server

REF = PullRef("acme/widgets", 12)
#: What a call may last in these tests, and a silence: far longer than the pauses of who drips.
WHOLE, SILENCE = 0.6, 5.0
#: What a machine under load may take more.
PATIENCE = 60.0

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def drip(start: bytes, piece: bytes, pause: float = 0.02) -> Talk:
    """Begins well, and then sends a little at a time, for ever."""

    def talk(_first: str, connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return talk


DRIPS = {
    "the status line": drip(b"HTTP/1.1 200 ", b"O"),
    "the headers": drip(HEAD + b"X: ", b"x"),
    "header after header": drip(HEAD, b"X: x\r\n", pause=0.1),
    "100 after 100": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body of a known length": drip(HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
    "a body without a length": drip(HEAD + b"\r\n", b" "),
    "chunks": drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "the length of a chunk": drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
}


def asks(**ends: float) -> dict[str, Callable[[str], object]]:
    """Calls of every kind, by name, to the server at an address."""
    return {
        "github": lambda url: github_at(url, **ends).pull(REF),
        "github writes": lambda url: github_at(url, **ends).edit_comment(
            "acme/widgets", 7, "x" * 60_000
        ),
        "jenkins": lambda url: jenkins_at(url, **ends).build("main", "a", 7),
        "jenkins triggers": lambda url: jenkins_at(url, **ends).trigger("main", "a", {"PR": "7"}),
        "jenkins' console": lambda url: jenkins_at(url, **ends).console_tail("main", "a", 7, 10),
    }


ASK = asks(timeout=SILENCE, whole=WHOLE)
#: The same, with the time that a machine under load may need.
ASK_AT_LEISURE = asks(timeout=60.0, whole=60.0)


@pytest.fixture(autouse=True)
def _a_call_may_last_as_long_as_its_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    # In earnest a call may last as long as one silence; here a silence must not end it first.
    monkeypatch.setattr(Route, "seconds", property(lambda route: route.whole))


@pytest.mark.parametrize("asked", ASK)
@pytest.mark.parametrize("what", DRIPS)
def test_an_answer_that_drips_ends(what: str, asked: str) -> None:
    with raw_server(DRIPS[what]) as url:
        began = time.monotonic()
        with pytest.raises(Transient):
            ASK[asked](url)
        assert WHOLE * 0.5 <= time.monotonic() - began < PATIENCE


def test_what_was_too_slow_as_a_whole_is_said_so() -> None:
    with (
        raw_server(DRIPS["a body of a known length"]) as url,
        pytest.raises(Transient, match="GitHub did not come to an end in time"),
    ):
        ASK["github"](url)


def test_a_silence_ends_a_call_before_its_time_is_up() -> None:
    def silent(_first: str, connection: socket.socket) -> None:
        connection.recv(1)

    with raw_server(silent) as url, pytest.raises(Transient, match="did not answer in time"):
        github_at(url, timeout=0.1, whole=60.0).pull(REF)


def test_a_call_lasts_at_least_as_long_as_a_silence_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert Route(timeout=120.0).seconds == 120.0
    assert Route(timeout=15.0).seconds == outgoing.WHOLE_CALL == 30.0


def test_a_peer_that_reads_nothing_ends_too() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    peer = Peer(url, Route(timeout=SILENCE, whole=WHOLE))
    with listener, pytest.raises(Outage, match="in time"):
        peer.send("POST", url, {}, b"x" * 50_000_000)
    peer.close()


def test_a_write_ends_sooner_than_a_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    assert transport.LONGEST_WRITE < services.LEASE_SECONDS
    monkeypatch.setattr(transport, "LONGEST_WRITE", 0.2)
    with raw_server(DRIPS["the headers"]) as url, pytest.raises(Transient):
        github_at(url, timeout=SILENCE, whole=600.0).edit_comment("acme/widgets", 7, "x")


def test_redirects_and_second_tries_are_of_the_same_call() -> None:
    def around(_first: str, connection: socket.socket) -> None:
        time.sleep(WHOLE * 0.4)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")

    with raw_server(around) as url, pytest.raises(Transient, match="in time"):
        ASK["github"](url)


def answer(body: bytes, *headers: bytes) -> Talk:
    """Says it all at once."""

    def talk(_first: str, connection: socket.socket) -> None:
        head = b"\r\n".join([HEAD.rstrip(), b"Connection: close", *headers])
        connection.sendall(head + b"\r\n\r\n" + body)

    return talk


def bomb(megabytes: int) -> bytes:
    """A bracket and so many MB of spaces, packed a thousand to one; made without making them."""
    packer = zlib.compressobj(level=9, wbits=31)
    start = packer.compress(b"[") + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing refers to what came before, so it may stand there many times.
    block = packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * megabytes


BOMB = bomb(500)
GZIP = b"Content-Encoding: gzip"


@pytest.mark.parametrize("asked", ASK)
def test_what_gzip_unpacks_to_is_bounded_as_well(asked: str, monkeypatch) -> None:
    monkeypatch.undo()
    assert len(BOMB) < 1_000_000
    with raw_server(answer(BOMB, GZIP)) as url:
        tracemalloc.start()
        try:
            with ThreadPoolExecutor(3) as pool:
                results = list(pool.map(lambda _: _outcome(ASK_AT_LEISURE[asked], url), range(3)))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    if asked != "jenkins' console":
        assert all(isinstance(result, Transient) for result in results)
    # Three answers of at most 32 MB, which grow by being copied.
    assert peak < 300_000_000


def _outcome(ask: Callable[[str], object], url: str) -> object:
    try:
        return ask(url)
    except LeeroyError as exc:
        return exc


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(answer(b" " * 40_000_000, b"Content-Length: 40000000"), id="of known length"),
        pytest.param(answer(b" " * 40_000_000), id="until it ends"),
        pytest.param(answer(BOMB, GZIP), id="packed"),
    ],
)
def test_an_endless_answer_is_cut_off_and_said_so(talk: Talk, monkeypatch) -> None:
    monkeypatch.undo()
    with raw_server(talk) as url, pytest.raises(Transient, match="of more than 32 MB"):
        github_at(url).pull(REF)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(b"{}")[:-9], id="cut"),
        pytest.param(b"{}", id="not packed at all"),
        pytest.param(b"\x1f\x8b" + b"\xff" * 100, id="garbled"),
    ],
)
def test_what_cannot_be_unpacked_is_no_answer(body: bytes) -> None:
    with raw_server(answer(body, GZIP)) as url, pytest.raises(Transient):
        github_at(url).pull(REF)


def test_other_packing_than_was_asked_for_is_no_answer() -> None:
    with (
        raw_server(answer(b"x", b"Content-Encoding: br")) as url,
        pytest.raises(Transient, match="cannot be unpacked"),
    ):
        github_at(url).pull(REF)


BROKEN = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "zeros": b"\0" * 100_000,
    "a status that is none": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status too large": b"HTTP/1.1 99999999 OK\r\n\r\n",
    "a long line": HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
    "many headers": HEAD + b"X: x\r\n" * 1000 + b"\r\n",
    "a header without a colon": HEAD + b"nothing\r\nContent-Length: 2\r\n\r\n{}",
    "a negative length": HEAD + b"Content-Length: -5\r\n\r\n{}",
    "a length of letters": HEAD + b"Content-Length: ten\r\n\r\n{}",
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
    "a huge length": HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
    "a chunk of letters": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "a negative chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n",
    "a chunk cut short": HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{}",
    "a body cut short": HEAD + b"Content-Length: 100\r\n\r\n{}",
}


@pytest.mark.parametrize("asked", ASK)
@pytest.mark.parametrize("what", BROKEN)
def test_what_is_not_http_is_an_error_of_ours(what: str, asked: str) -> None:
    def talk(_first: str, connection: socket.socket) -> None:
        connection.sendall(BROKEN[what])

    with raw_server(talk) as url:
        try:
            ASK[asked](url)
        except LeeroyError:
            return
    # A console is shown as it is, and edit_comment reads nothing of its answer.
    assert asked in ("jenkins' console", "github writes")


def test_nothing_is_left_of_a_deadline_afterwards() -> None:
    assert deadlines.seconds_left() is None
    with deadlines.within(60), deadlines.within(120):
        assert 50 < (deadlines.seconds_left() or 0) <= 60
    assert deadlines.seconds_left() is None


def test_a_kept_connection_has_its_own_time_for_each_call() -> None:
    whole = 3.0

    def twice(_first: str, connection: socket.socket) -> None:
        for _ in range(3):
            time.sleep(whole * 0.4)
            connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
            connection.recv(65536)

    with raw_server(twice) as url:
        peer = Peer(url, Route(timeout=SILENCE, whole=whole))
        assert [peer.send("GET", url, {}).body for _ in range(3)] == [b"{}"] * 3
        peer.close()


# Mail and webhooks of notify


@contextmanager
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(messengers, "WHOLE_CALL", WHOLE)
    yield


def _mail_server(talk: Callable[[socket.socket], None]) -> tuple[socket.socket, SecretStr]:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                talk(connection)
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    return listener, SecretStr(f"smtp://127.0.0.1:{listener.getsockname()[1]}")


def _greets_for_ever(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"220-hello\r\n")


def _drips(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"2")
        time.sleep(0.02)


def _talks_nonsense(connection: socket.socket) -> None:
    connection.sendall(b"abc def\r\n" * 3)
    connection.recv(1000)


def _answers_out_of_turn(connection: socket.socket) -> None:
    connection.sendall(b"220 hello\r\n")
    while said := connection.recv(1000):
        connection.sendall(b"250 ok\r\n" if said.startswith(b"EHLO") else b"199 hm\r\n")


@pytest.mark.parametrize("talk", [_greets_for_ever, _drips, _talks_nonsense, _answers_out_of_turn])
def test_a_mail_server_holds_nobody_up(talk, monkeypatch: pytest.MonkeyPatch) -> None:
    mail = messengers.EmailMessage()
    mail["From"], mail["To"] = "leeroy@example.com", "ann@example.com"
    listener, url = _mail_server(talk)
    began = time.monotonic()
    with _quick(monkeypatch), listener, pytest.raises((Transient, MaybeSent)):
        messengers._mail(url, mail)
    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("what", DRIPS)
def test_a_webhook_that_drips_ends(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messengers, "ROUTE", Route(timeout=SILENCE, whole=WHOLE))
    with raw_server(DRIPS[what]) as url, pytest.raises(MaybeSent):
        messengers._post(SecretStr(url), {"text": "x"}, "tell Slack")


def test_no_webhook_puts_news_off_for_longer_than_an_hour() -> None:
    talk = b"HTTP/1.1 503 No\r\nRetry-After: 1000000\r\nContent-Length: 0\r\n\r\n"
    with (
        raw_server(lambda _first, connection: connection.sendall(talk)) as url,
        pytest.raises(Transient) as caught,
    ):
        messengers._post(SecretStr(url), {"text": "x"}, "tell Slack")
    assert caught.value.retry_after == 3600
