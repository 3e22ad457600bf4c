"""The settings of NSQ: where deliveries are published to, and where they are taken from."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from leeroy.config.fields import (
    Flag,
    MessageUrl,
    Model,
    Secrets,
    Shown,
    Text,
    WebUrl,
    Whole,
    or_off,
)
from leeroy.errors import Fault

#: https://nsq.io/components/nsqd.html: what topics and channels may be called.
_NAME = re.compile(r"[.a-zA-Z0-9_-]{1,64}(?:#ephemeral)?")
_ADDRESS = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > 64:
        raise ValueError("may have 64 letters, digits and . _ - only")
    return name


def _check_address(text: str) -> str:
    match = _ADDRESS.fullmatch(text)
    if not match or (match[1] and not 0 < int(match[1]) < 65536):
        raise ValueError("must be host or host:port, such as nsqd.example.com:4150")
    return text


NsqName = Annotated[str, AfterValidator(_check_name)]
NsqdAddress = Annotated[str, AfterValidator(_check_address)]


class Accept(StrEnum):
    """What a consumer takes for a delivery."""

    ENVELOPES = "envelopes"
    DOCKER_HOOKS = "docker-hooks"


class NsqTls(Model):
    """TLS to nsqd's port for TCP."""

    ca_file: Annotated[Text | None, Shown("the system's")] = None
    """Certificates (PEM) to trust, relative to the config file."""
    verify: Flag = True
    """Check nsqd's certificate, and that it is of the host that was asked for."""


class NsqPublish(Model):
    """Where deliveries are published to."""

    url: MessageUrl
    """nsqd's address by HTTP, such as http://127.0.0.1:4151. nsqd itself has no password; a proxy in
    front of it may: http://USER:PASSWORD@HOST."""
    topic: NsqName
    """The topic."""
    secret: Secrets
    """What envelopes are signed with: a random text of its own, which consumers have too; of a list
    the first."""
    all: Flag = False
    """Publish every verified delivery, also of events and repositories that Leeroy has no use for
    itself."""
    most_bytes: Annotated[Whole, Field(ge=4096, le=64 * 1024 * 1024)] = 1024 * 1024
    """Bytes of the longest message nsqd takes (its --max-msg-size); what is longer is published
    without its body."""
    ca_file: Annotated[Text | None, Shown("the system's")] = None
    """Certificates (PEM) to trust for an https address, relative to the config file."""


class NsqConsume(Model):
    """Where deliveries are taken from."""

    nsqd: tuple[NsqdAddress, ...] = ()
    """Each nsqd's address by TCP, host:port; without a port 4150."""
    lookupd: tuple[WebUrl, ...] = ()
    """Each nsqlookupd's address by HTTP, such as http://127.0.0.1:4161, which tells of more nsqds.
    With neither only envelopes sent by HTTP are taken (docs/nsq.md)."""
    topic: NsqName | None = None
    """The topic."""
    channel: NsqName | None = None
    """The channel: every Leeroy with settings of its own needs one of its own."""
    secret: Secrets = ()
    """What envelopes must be signed with; a list while one replaces the other."""
    ready: Annotated[Whole, Field(ge=1, le=100)] = 8
    """Messages that each nsqd hands over at the same time."""
    tls: Annotated[NsqTls | None, or_off(NsqTls)] = None
    """Speak TLS with nsqd."""
    accept: Accept = Accept.ENVELOPES
    """"docker-hooks" takes the messages of docker's old `hooks` instead, which nobody signs; needs
    `allow_unsigned_webhooks`."""

    @property
    def is_by_nsq(self) -> bool:
        """There is an nsqd to take messages from."""
        return bool(self.nsqd or self.lookupd)


class Nsq(Model):
    """Deliveries by NSQ."""

    publish: Annotated[NsqPublish | None, or_off(NsqPublish)] = None
    """Hand verified deliveries on to a topic."""
    consume: Annotated[NsqConsume | None, or_off(NsqConsume)] = None
    """Take deliveries from a channel."""


def nsq_faults(nsq: Nsq | None, *, allows_unsigned: bool) -> Iterator[Fault]:
    """What is wrong with settings whose values are right one by one."""
    consume = nsq.consume if nsq else None
    if consume is None:
        return
    for key in ("topic", "channel"):
        if consume.is_by_nsq and not getattr(consume, key):
            yield Fault(path=f"nsq.consume.{key}", problem="is missing")
    if not consume.is_by_nsq:
        for key in ("topic", "channel", "tls"):
            if getattr(consume, key):
                yield Fault(
                    path=f"nsq.consume.{key}",
                    problem="has no nsqd to be asked of",
                    hint='add "nsqd": ["HOST:4150"], or "lookupd"',
                )
    if consume.accept is Accept.DOCKER_HOOKS and not allows_unsigned:
        yield Fault(
            path="nsq.consume.accept",
            problem="takes messages that nobody signs",
            hint='"allow_unsigned_webhooks": true says that anybody may make Leeroy look',
        )
    if consume.accept is Accept.ENVELOPES and not consume.secret:
        yield Fault(
            path="nsq.consume.secret",
            problem="is missing: anybody who reaches nsqd could publish",
            hint="it is nsq.publish.secret of who publishes",
        )
