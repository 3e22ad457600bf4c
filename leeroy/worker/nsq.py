"""The parts that the settings' `nsq` asks for, made; nothing is connected before they start."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

from leeroy.config import Config
from leeroy.config.nsq import NsqConsume, NsqPublish
from leeroy.errors import ConfigError, Fault
from leeroy.metrics import Metrics
from leeroy.nsq.consumer import Consumer, Handled
from leeroy.nsq.lookupd import Address
from leeroy.nsq.protocol import Message, Wishes
from leeroy.nsq.publisher import Publisher
from leeroy.store import Store
from leeroy.worker.consuming import LONGEST_MESSAGE
from leeroy.worker.publishing import Outbox, Publishing


def make_outbox(config: Config, store: Store, metrics: Metrics) -> Outbox | None:
    """Where deliveries wait to be published; None: they are not."""
    publish = publish_of(config)
    if publish is None:
        return None
    return Outbox(
        store=store,
        secret=publish.secret[0].get_secret_value(),
        most_bytes=publish.most_bytes,
        metrics=metrics,
    )


def make_publishing(
    config: Config,
    store: Store,
    outbox: Outbox | None,
    metrics: Metrics,
    *,
    forget: Callable[[], object] | None = None,
) -> Publishing | None:
    """The thread that publishes, and also forgets where nobody else does; None: nothing is."""
    publish = publish_of(config)
    if publish is None or outbox is None:
        return None
    return Publishing(
        store=store,
        publisher=make_publisher(publish, config.source.parent),
        secret=publish.secret[0].get_secret_value(),
        outbox=outbox,
        metrics=metrics,
        forget=forget,
    )


def make_publisher(publish: NsqPublish, folder: Path) -> Publisher:
    """What reaches nsqd by HTTP."""
    url = publish.url.get_secret_value()
    tls = None
    if url.startswith("https:"):
        tls = _tls(publish.ca_file, folder, "nsq.publish.ca_file")
    return Publisher(url=url, topic=publish.topic, tls=tls)


def make_consumer(config: Config, handle: Callable[[Message], Handled]) -> Consumer | None:
    """What takes messages from nsqd; None: nothing is taken."""
    consume = consume_of(config)
    if consume is None or not consume.is_by_nsq:
        return None
    return Consumer(
        nsqd=[Address.parse(text) for text in consume.nsqd],
        lookupd=consume.lookupd,
        wishes=wishes_of(consume),
        handle=handle,
        tls=tls_of(consume, config.source.parent),
    )


def wishes_of(consume: NsqConsume) -> Wishes:
    """What we ask of each nsqd."""
    return Wishes(
        topic=consume.topic or "",
        channel=consume.channel or "",
        ready=consume.ready,
        is_tls=consume.tls is not None,
        longest=LONGEST_MESSAGE,
        hostname=socket.gethostname(),
    )


def tls_of(consume: NsqConsume, folder: Path) -> ssl.SSLContext | None:
    """Which nsqds are trusted; None: it is not spoken to by TLS."""
    if consume.tls is None:
        return None
    context = _tls(consume.tls.ca_file, folder, "nsq.consume.tls.ca_file")
    if not consume.tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def publish_of(config: Config) -> NsqPublish | None:
    """The settings for publishing."""
    return config.nsq.publish if config.nsq else None


def consume_of(config: Config) -> NsqConsume | None:
    """The settings for consuming."""
    return config.nsq.consume if config.nsq else None


def _tls(ca_file: str | None, folder: Path, path: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(folder / ca_file) if ca_file else None)
    except OSError as exc:
        problem = f"holds no certificates that can be read: {exc}"
        raise ConfigError([Fault(path=path, problem=problem)]) from exc
