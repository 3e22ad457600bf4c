"""The conversation with nsqd, byte by byte and without a socket."""

import json
import struct
from typing import Any

import pytest

from leeroy.nsq.protocol import (
    Complaint,
    Event,
    Message,
    ProtocolError,
    StartTls,
    Subscribed,
    Subscription,
    Wishes,
)

ID = b"0123456789abcdef"


def frame(kind: int, data: bytes) -> bytes:
    return struct.pack(">ii", len(data) + 4, kind) + data


def response(data: bytes) -> bytes:
    return frame(0, data)


def message(body: bytes, name: bytes = ID, attempts: int = 1) -> bytes:
    return frame(2, struct.pack(">qH", 1_700_000_000_000_000_000, attempts) + name + body)


def terms(**said: Any) -> bytes:
    return response(json.dumps({"max_rdy_count": 2500, "tls_v1": False, **said}).encode())


def a_subscription(**wishes: Any) -> Subscription:
    whole = {"topic": "hooks", "channel": "builds", "ready": 4, "longest": 1000, **wishes}
    return Subscription(Wishes(**whole))


def heard(subscription: Subscription, data: bytes) -> list[Event]:
    return list(subscription.receive(data))


@pytest.fixture
def consuming() -> Subscription:
    """One that has come as far as messages."""
    subscription = a_subscription()
    heard(subscription, terms() + response(b"OK"))
    subscription.take_output()
    return subscription


def test_it_greets_subscribes_and_asks_for_messages() -> None:
    subscription = a_subscription()
    greeting = subscription.take_output()
    assert greeting.startswith(b"  V2IDENTIFY\n")
    body = greeting.removeprefix(b"  V2IDENTIFY\n")
    assert struct.unpack(">i", body[:4])[0] == len(body) - 4
    assert json.loads(body[4:])["feature_negotiation"] is True
    assert heard(subscription, terms()) == []
    assert subscription.take_output() == b"SUB hooks builds\n"
    assert heard(subscription, response(b"OK")) == [Subscribed()]
    assert subscription.take_output() == b"RDY 4\n"
    assert subscription.take_output() == b""


def test_messages_come_whole_however_the_bytes_are_cut(consuming: Subscription) -> None:
    data = message(b"one") + response(b"_heartbeat_") + message(b"two", attempts=3)
    found = [event for at in range(len(data)) for event in heard(consuming, data[at : at + 1])]
    assert [(e.body, e.attempts) for e in found if isinstance(e, Message)] == [
        (b"one", 1),
        (b"two", 3),
    ]


def test_a_heartbeat_is_answered(consuming: Subscription) -> None:
    assert heard(consuming, response(b"_heartbeat_")) == []
    assert consuming.take_output() == b"NOP\n"


def test_a_message_is_finished_given_back_or_kept(consuming: Subscription) -> None:
    (got,) = heard(consuming, message(b"x"))
    assert isinstance(got, Message)
    consuming.touch(got)
    consuming.requeue(got, seconds=1.5)
    consuming.finish(got)
    assert consuming.take_output() == b"TOUCH %s\nREQ %s 1500\nFIN %s\n" % (ID, ID, ID)


def test_a_message_too_long_comes_without_its_body_and_the_next_one_whole(
    consuming: Subscription,
) -> None:
    data = message(b"x" * 5_000, name=b"f" * 16) + message(b"y" * 1000)
    found: list[Event] = []
    for at in range(0, len(data), 700):
        found += heard(consuming, data[at : at + 700])
    long, short = found
    assert isinstance(long, Message)
    assert isinstance(short, Message)
    assert (long.id, long.body, long.is_too_long) == (b"f" * 16, b"", True)
    assert (short.body, short.is_too_long) == (b"y" * 1000, False)


def test_what_it_could_not_finish_is_a_complaint_and_no_end(consuming: Subscription) -> None:
    said = b"E_FIN_FAILED FIN 0123456789abcdef failed ID not in flight"
    assert heard(consuming, frame(1, said)) == [Complaint(said.decode())]
    assert len(heard(consuming, message(b"x"))) == 1


def test_tls_begins_when_both_want_it() -> None:
    subscription = a_subscription(is_tls=True)
    subscription.take_output()
    assert heard(subscription, terms(tls_v1=True)) == [StartTls()]
    assert subscription.take_output() == b""
    assert heard(subscription, response(b"OK")) == []
    assert subscription.take_output() == b"SUB hooks builds\n"


def test_nothing_goes_on_in_the_clear_when_tls_is_wanted() -> None:
    with pytest.raises(ProtocolError, match="no TLS"):
        heard(a_subscription(is_tls=True), terms())


def test_nothing_said_before_tls_counts_as_said_by_tls() -> None:
    with pytest.raises(ProtocolError, match="before TLS"):
        heard(a_subscription(is_tls=True), terms(tls_v1=True) + response(b"OK"))


def test_it_asks_for_no_more_messages_than_nsqd_allows() -> None:
    subscription = a_subscription(ready=4)
    heard(subscription, terms(max_rdy_count=2) + response(b"OK"))
    assert subscription.take_output().endswith(b"RDY 2\n")


def test_it_closes_when_nsqd_says_so(consuming: Subscription) -> None:
    consuming.close()
    consuming.close()
    assert consuming.take_output() == b"CLS\n"
    assert [type(e) for e in heard(consuming, message(b"last"))] == [Message]
    assert not consuming.is_closed
    heard(consuming, response(b"CLOSE_WAIT"))
    assert consuming.is_closed


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n", "no nsqd|not nsqd", id="HTTP"),
        pytest.param(b"\x15\x03\x01\x00\x02\x02\x28\x00", "not nsqd", id="a TLS alert"),
        pytest.param(struct.pack(">ii", 3, 0), "not nsqd", id="shorter than its type"),
        pytest.param(struct.pack(">ii", 2**31 - 1, 0), "bytes at once", id="an endless answer"),
        pytest.param(frame(2, b"short"), "without its head", id="a message without a head"),
        pytest.param(frame(1, b"E_BAD_TOPIC SUB topic"), "E_BAD_TOPIC", id="a refusal"),
        pytest.param(terms(auth_required=True), "AUTH", id="AUTH"),
    ],
)
def test_what_makes_no_sense_ends_it(data: bytes, why: str) -> None:
    with pytest.raises(ProtocolError, match=why):
        heard(a_subscription(), data)


def test_an_answer_to_nothing_ends_it(consuming: Subscription) -> None:
    with pytest.raises(ProtocolError, match="nobody asked"):
        heard(consuming, response(b"OK"))
