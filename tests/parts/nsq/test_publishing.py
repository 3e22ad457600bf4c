"""What is published is in nsqd when `publish` returns, and otherwise one hears why."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from leeroy.errors import Transient
from leeroy.nsq.http_calls import call
from leeroy.nsq.publisher import Publisher, TooLong
from leeroy_sandbox.nsqd.either import AnNsqd
from tests.parts.nsq.certificate import Certificate

MakeNsqd = Callable[..., AnNsqd]


def publisher_of(nsqd: AnNsqd, topic: str = "hooks") -> Publisher:
    return Publisher(url=f"http://127.0.0.1:{nsqd.http_port}", topic=topic)


def depth(nsqd: AnNsqd) -> int:
    import requests

    stats = requests.get(f"http://127.0.0.1:{nsqd.http_port}/stats?format=json", timeout=5).json()
    return int(stats["topics"][0]["depth"])


def test_what_is_published_is_there(make_nsqd: MakeNsqd) -> None:
    nsqd = make_nsqd()
    publisher = publisher_of(nsqd)
    publisher.ping()
    for number in range(3):
        publisher.publish(b"message %d" % number)
    assert depth(nsqd) == 3


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 25 * 1024 * 1024])
def test_a_message_too_long_is_refused_before_it_is_read_and_we_hear_so(
    make_nsqd: MakeNsqd, size: int
) -> None:
    publisher = publisher_of(make_nsqd())
    for _ in range(10):
        with pytest.raises(TooLong, match="max-msg-size"):
            publisher.publish(b"x" * size)
    publisher.publish(b"x" * 1024 * 1024)


def test_a_message_too_long_is_refused_by_tls_too(
    make_nsqd: MakeNsqd, certificate: Certificate
) -> None:
    nsqd = make_nsqd(tls=certificate)
    publisher = Publisher(
        url=f"https://127.0.0.1:{nsqd.https_port}", topic="hooks", tls=certificate.for_client()
    )
    publisher.publish(b"short")
    with pytest.raises(TooLong):
        publisher.publish(b"x" * 20 * 1024 * 1024)


def test_a_certificate_nobody_trusts_is_not_talked_to(
    make_nsqd: MakeNsqd, certificate: Certificate
) -> None:
    nsqd = make_nsqd(tls=certificate)
    with pytest.raises(Transient, match="CERTIFICATE_VERIFY_FAILED"):
        Publisher(url=f"https://127.0.0.1:{nsqd.https_port}", topic="hooks").publish(b"x")


def test_what_nsqd_does_not_take_may_be_taken_later(make_nsqd: MakeNsqd) -> None:
    nsqd = make_nsqd()
    with pytest.raises(Transient, match=r"400.*INVALID_TOPIC"):
        publisher_of(nsqd, topic="no/topic").publish(b"x")
    nsqd.stop()
    with pytest.raises(Transient):
        publisher_of(nsqd).publish(b"x")
    nsqd.start()
    publisher_of(nsqd).publish(b"x")


def served(answer: bytes, *, drip: float = 0.0) -> str:
    """The address of a server that reads nothing and says this, once."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        sock, _ = listener.accept()
        with listener, sock:
            try:
                for at in range(len(answer)) if drip else ():
                    sock.sendall(answer[at : at + 1])
                    time.sleep(drip)
                if not drip:
                    sock.sendall(answer)
                sock.recv(1024)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_an_answer_that_drips_has_an_end() -> None:
    url = served(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK" * 10, drip=0.05)
    begun = time.monotonic()
    with pytest.raises(Transient, match="no answer in time"):
        call("GET", url, seconds=0.5)
    assert time.monotonic() - begun < 5


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    url = served(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000)
    with pytest.raises(Transient, match="too long"):
        call("GET", url, most=1000)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n<login>", id="another's page"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="not HTTP"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_not_nsqds_answer_does_not_count(answer: bytes) -> None:
    with pytest.raises(Transient):
        Publisher(url=served(answer), topic="hooks").publish(b"x")


def test_a_password_in_the_address_is_sent_to_a_proxy_and_not_shown() -> None:
    url = served(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n").replace("//", "//me:secret@")
    with pytest.raises(Transient) as raised:
        Publisher(url=url, topic="hooks").publish(b"x")
    assert "secret" not in str(raised.value)
