"""Every message of the channel comes, through restarts and kills, and goes when it is dealt with."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from leeroy.nsq import consumer as consuming
from leeroy.nsq.consumer import Consumer, Handled
from leeroy.nsq.lookupd import Address, find_nsqds
from leeroy.nsq.protocol import Message, Wishes
from leeroy.nsq.publisher import Publisher
from leeroy_sandbox.nsqd.either import AnNsqd
from tests.parts.nsq.certificate import Certificate
from tests.waiting import wait_for

MakeNsqd = Callable[..., AnNsqd]

#: Seconds after which nsqd gives a message of a consumer that is gone to another.
TIMEOUT = 100


class Taken:
    """What a consumer was handed; it deals with it as told."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.answer = Handled.DONE
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self, message: Message) -> Handled:
        self.messages.append(message)
        self.may_go_on.wait(30)
        return self.answer

    @property
    def bodies(self) -> list[bytes]:
        return [message.body for message in self.messages]

    def wait_for(self, *bodies: bytes) -> None:
        wait_for(lambda: not self.missing(*bodies), lambda: self.missing(*bodies))

    def missing(self, *bodies: bytes) -> set[bytes]:
        return set(bodies) - set(self.bodies)


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
def consume(taken: Taken) -> Iterator[Callable[..., Consumer]]:
    """A consumer of these nsqds, which is running."""
    with ExitStack() as stack:

        def start(*nsqds: AnNsqd, tls: Any = None, lookupd: Any = (), **wishes: Any) -> Consumer:
            whole = {"topic": "hooks", "channel": "builds", "ready": 4, "longest": 2**20, **wishes}
            made = Consumer(
                nsqd=[Address(host="127.0.0.1", port=nsqd.tcp_port) for nsqd in nsqds],
                lookupd=lookupd,
                wishes=Wishes(**whole),
                handle=taken,
                tls=tls,
            )
            made.start()
            stack.callback(made.stop)
            if nsqds:
                wait_for(lambda: all(link.is_subscribed for link in made.links))
            return made

        yield start


def publish(nsqd: AnNsqd, *bodies: bytes) -> None:
    publisher = Publisher(url=f"http://127.0.0.1:{nsqd.http_port}", topic="hooks")
    for body in bodies:
        publisher.publish(body)


def settle(nsqd: AnNsqd, consumer: Consumer) -> None:
    """Have nsqd tell the disk of topic and channel, as when it ends: until then a kill loses all."""
    (link,) = consumer.links
    nsqd.stop()
    wait_for(lambda: not link.is_subscribed)
    nsqd.start()
    wait_for(lambda: link.is_subscribed)


def test_each_message_comes_once_and_is_forgotten(
    make_nsqd: MakeNsqd, consume: Callable[..., Consumer], taken: Taken
) -> None:
    nsqd = make_nsqd()
    consumer = consume(nsqd)
    bodies = [b"%d" % number for number in range(50)]
    publish(nsqd, *bodies)
    taken.wait_for(*bodies)
    consumer.stop()
    again = consume(nsqd)
    publish(nsqd, b"last")
    taken.wait_for(b"last")
    again.stop()
    assert Counter(taken.bodies) == Counter([*bodies, b"last"])


def test_messages_published_before_anybody_listened_come_too(
    make_nsqd: MakeNsqd, consume: Callable[..., Consumer], taken: Taken
) -> None:
    nsqd = make_nsqd()
    publish(nsqd, b"early")
    consume(nsqd)
    taken.wait_for(b"early")


def test_two_consumers_of_two_channels_get_every_message(
    make_nsqd: MakeNsqd, consume: Callable[..., Consumer], taken: Taken
) -> None:
    nsqd = make_nsqd()
    consume(nsqd, channel="builds")
    consume(nsqd, channel="checks")
    publish(nsqd, b"x")
    wait_for(lambda: taken.bodies == [b"x", b"x"])


def test_nothing_that_was_published_is_lost_when_nsqd_is_killed(
    make_nsqd: MakeNsqd, consume: Callable[..., Consumer], taken: Taken
) -> None:
    nsqd = make_nsqd(sync_timeout=3600.0)
    settle(nsqd, consume(nsqd))
    bodies = [b"%d" % number for number in range(300)]
    publish(nsqd, *bodies[:200])
    nsqd.kill()
    nsqd.start()
    publish(nsqd, *bodies[200:])
    taken.wait_for(*bodies)


def test_what_nsqd_has_only_in_memory_is_lost_when_it_is_killed(
    make_nsqd: MakeNsqd, consume: Callable[..., Consumer], taken: Taken
) -> None:
    nsqd = make_nsqd(mem_queue_size=10_000)
    first = consume(nsqd)
    settle(nsqd, first)
    first.stop()
    publish(nsqd, b"1", b"2", b"3")
    nsqd.kill()
    nsqd.start()
    publish(nsqd, b"last")
    consume(nsqd)
    taken.wait_for(b"last")
    assert taken.bodies == [b"last"]


def test_what_was_in_our_hands_when_nsqd_was_killed_is_dealt_with(
    make_nsqd: MakeNsqd, consume: Callable[..., Consumer], taken: Taken
) -> None:
    nsqd = make_nsqd(sync_every=1)
    consume(nsqd, ready=4)
    taken.may_go_on.clear()
    publish(nsqd, b"1", b"2", b"3", b"4")
    taken.wait_for(b"1")
    time.sleep(0.3)  # the other three are on their way to us
    nsqd.kill()
    taken.may_go_on.set()
    taken.wait_for(b"1", b"2", b"3", b"4")


def test_it_comes_back_soon_after_nsqd_does(
    make_nsqd: MakeNsqd, consume: Callable[..., Consumer], taken: Taken
) -> None:
    nsqd = make_nsqd()
    (link,) = consume(nsqd).links
    nsqd.stop()
    wait_for(lambda: not link.is_subscribed and bool(link.trouble))
    nsqd.start()
    publish(nsqd, b"x")
    taken.wait_for(b"x")
    assert link.trouble == ""


def test_while_nothing_can_be_dealt_with_nothing_is_taken_and_nothing_lost(
    make_nsqd: MakeNsqd,
    consume: Callable[..., Consumer],
    taken: Taken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consuming, "FIRST_REST", 0.2)
    nsqd = make_nsqd(sync_timeout=3600.0)
    consumer = consume(nsqd)
    (link,) = consumer.links
    settle(nsqd, consumer)
    taken.answer = Handled.NOT_NOW
    bodies = [b"%d" % number for number in range(20)]
    publish(nsqd, *bodies)
    wait_for(lambda: len(taken.messages) >= 3)
    assert link.trouble
    assert len(taken.messages) < 10
    # What was given back is on disk, not in the memory of an nsqd that waits for its time.
    nsqd.kill()
    taken.answer = Handled.DONE
    nsqd.start()
    taken.wait_for(*bodies)
    wait_for(lambda: link.trouble == "")
    # nsqd was not made to hand them out again and again meanwhile.
    assert max(message.attempts for message in taken.messages) < 20


def test_a_consumer_that_stops_gives_back_what_it_has_not_begun(
    make_nsqd: MakeNsqd, consume: Callable[..., Consumer], taken: Taken
) -> None:
    nsqd = make_nsqd()
    first = consume(nsqd, ready=4, message_timeout=TIMEOUT * 1000)
    taken.may_go_on.clear()
    bodies = [number * 300_000 for number in (b"1", b"2", b"3", b"4")]  # not read all at once
    publish(nsqd, *bodies)
    taken.wait_for(bodies[0])
    stopping = threading.Thread(target=first.stop)
    stopping.start()
    time.sleep(0.1)
    taken.may_go_on.set()
    stopping.join()
    begun = time.monotonic()
    consume(nsqd, message_timeout=TIMEOUT * 1000)
    taken.wait_for(*bodies)
    assert len(taken.messages) == 4
    assert time.monotonic() - begun < TIMEOUT  # not after that of the first


def test_a_message_too_long_comes_without_its_body_and_is_forgotten(
    make_nsqd: MakeNsqd, consume: Callable[..., Consumer], taken: Taken
) -> None:
    nsqd = make_nsqd()
    consume(nsqd, longest=1000)
    publish(nsqd, b"x" * 500_000, b"short")
    wait_for(lambda: len(taken.messages) == 2)
    assert sorted((m.is_too_long, m.body) for m in taken.messages) == [
        (False, b"short"),
        (True, b""),
    ]


def test_a_consumer_that_takes_longer_than_two_heartbeats_gets_it_again(
    make_nsqd: MakeNsqd, consume: Callable[..., Consumer], taken: Taken
) -> None:
    nsqd = make_nsqd()
    consume(nsqd, heartbeat=1000, message_timeout=1000)
    taken.may_go_on.clear()
    publish(nsqd, b"slow")
    taken.wait_for(b"slow")
    time.sleep(3.0)
    taken.may_go_on.set()
    wait_for(lambda: len(taken.messages) >= 2)
    assert set(taken.bodies) == {b"slow"}


def test_it_consumes_by_tls(
    make_nsqd: MakeNsqd,
    certificate: Certificate,
    consume: Callable[..., Consumer],
    taken: Taken,
) -> None:
    nsqd = make_nsqd(tls=certificate)
    consume(nsqd, tls=certificate.for_client(), is_tls=True)
    bodies = [b"%d" % number * 50_000 for number in range(10)]
    publish_by_tls = Publisher(
        url=f"https://127.0.0.1:{nsqd.https_port}", topic="hooks", tls=certificate.for_client()
    )
    for body in bodies:
        publish_by_tls.publish(body)
    taken.wait_for(*bodies)


def test_nsqlookupd_says_where_the_topic_is(
    make_nsqd: MakeNsqd, lookupd: Any, consume: Callable[..., Consumer], taken: Taken
) -> None:
    assert find_nsqds(lookupd.url, "hooks") == ()
    consume(lookupd=[lookupd.url])
    first, second = make_nsqd(lookupd), make_nsqd(lookupd)
    publish(first, b"from the first")
    publish(second, b"from the second")
    taken.wait_for(b"from the first", b"from the second")
