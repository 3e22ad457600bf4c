"""Asks nsqlookupd which nsqds have a topic: https://nsq.io/components/nsqlookupd.html."""

import json
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from leeroy.errors import Transient
from leeroy.nsq.http_calls import call


@dataclass(frozen=True, kw_only=True, order=True)
class Address:
    """Where an nsqd listens by TCP.

    >>> str(Address.parse("nsqd.example.org")), str(Address.parse("[::1]:4250"))
    ('nsqd.example.org:4150', '[::1]:4250')
    """

    host: str
    port: int = 4150

    @classmethod
    def parse(cls, text: str) -> "Address":
        """``host`` or ``host:port``; one of IPv6 stands in brackets.

        Raises:
            ValueError: it is neither.
        """
        bracketed = text.startswith("[")
        host, found, port = text[1:].partition("]") if bracketed else text.partition(":")
        if bracketed and found:
            found, port = port[:1], port[1:]
        if not host or (found and (found != ":" or not port.isascii() or not port.isdecimal())):
            raise ValueError(f"{text} is not host:port")
        if found and not 0 < int(port) < 65536:
            raise ValueError(f"{port} is not the number of a port")
        return cls(host=host, port=int(port) if found else 4150)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def find_nsqds(url: str, topic: str, *, tls: ssl.SSLContext | None = None) -> tuple[Address, ...]:
    """The nsqds that have the topic; none while nobody has published to it or listened.

    Raises:
        Transient: nsqlookupd gives no answer, or none that makes sense.
    """
    answer = call(
        "GET",
        f"{url.rstrip('/')}/lookup?topic={quote(topic)}",
        # Without it, those before 1.0 wrap the answer into another.
        headers={"Accept": "application/vnd.nsq; version=1.0"},
        tls=tls,
        most=1024 * 1024,
    )
    if answer.status == 404:
        return ()
    if answer.status != 200:
        raise Transient(f"nsqlookupd answered {answer.status}")
    return parse_lookup(answer.body)


def parse_lookup(body: bytes) -> tuple[Address, ...]:
    """The addresses in an answer.

    >>> parse_lookup(b'{"producers": [{"broadcast_address": "a", "tcp_port": 4150}]}')
    (Address(host='a', port=4150),)
    """
    try:
        said = json.loads(body)
        return tuple(sorted({_address(producer) for producer in said["producers"]}))
    except (ValueError, LookupError, TypeError, RecursionError) as exc:
        raise Transient("nsqlookupd's answer makes no sense") from exc


def _address(producer: Any) -> Address:
    host, port = producer["broadcast_address"], producer["tcp_port"]
    if not isinstance(host, str) or not isinstance(port, int) or not 0 < port < 65536:
        raise ValueError("not an address")
    return Address(host=host, port=port)
