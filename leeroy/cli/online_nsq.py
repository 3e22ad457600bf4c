"""What only nsqd and nsqlookupd can tell about the settings."""

from collections.abc import Iterator
from functools import partial

from leeroy.cli.findings import Check, Finding, note, ok, wrong
from leeroy.config import Config
from leeroy.config.nsq import NsqConsume
from leeroy.deciding.messages import duration
from leeroy.nsq.greeting import greet
from leeroy.nsq.lookupd import Address, find_nsqds
from leeroy.store import Store
from leeroy.worker.nsq import consume_of, make_publisher, publish_of, tls_of, wishes_of

#: Seconds after which a delivery that waits to be published is suspicious.
PATIENCE_SECONDS = 60
_ABOUT = "NSQ"


def nsq_checks(config: Config) -> Iterator[Check]:
    """One for each address in the settings."""
    if publish_of(config) is not None:
        yield Check(about=_ABOUT, topic="publish", ask=partial(_ask_publisher, config))
    consume = consume_of(config)
    if consume is None:
        return
    for text in consume.nsqd:
        ask = partial(_ask_nsqd, config, consume, Address.parse(text))
        yield Check(about=_ABOUT, topic="consume", ask=ask)
    for url in consume.lookupd:
        yield Check(about=_ABOUT, topic="lookupd", ask=partial(_ask_lookupd, config, consume, url))


def outbox_findings(config: Config, store: Store) -> Iterator[Finding]:
    """Whether deliveries wait to be published; nothing where none are."""
    state = store.outbox_state()
    if publish_of(config) is None:
        if state.count:
            yield note(
                f"deliveries waiting to be published: {state.count}, and nsq.publish is gone",
                "they are forgotten after keep_days",
            )
        return
    waits = f"deliveries waiting to be published: {state.count}"
    if state.oldest > PATIENCE_SECONDS:
        yield wrong(
            f"{waits}, the oldest for {duration(state.oldest)}",
            "see that nsqd runs, and that `leeroy serve`, `work` or `hook` does, and its log",
        )
    else:
        yield ok(waits)


def _ask_publisher(config: Config) -> Iterator[Finding]:
    publish = publish_of(config)
    assert publish is not None
    make_publisher(publish, config.source.parent).ping()
    yield ok("nsqd is there to publish to")


def _ask_nsqd(config: Config, consume: NsqConsume, address: Address) -> Iterator[Finding]:
    greet(address, wishes_of(consume), tls_of(consume, config.source.parent))
    yield ok(f"nsqd at {address} would let us consume")


def _ask_lookupd(config: Config, consume: NsqConsume, url: str) -> Iterator[Finding]:
    found = find_nsqds(url, consume.topic or "", tls=tls_of(consume, config.source.parent))
    if found:
        yield ok(f"{url} knows the topic at {', '.join(map(str, found))}")
    else:
        yield note(
            f"{url} knows no nsqd with the topic {consume.topic}",
            "it will when somebody publishes; see that nsqd has --lookupd-tcp-address",
        )
