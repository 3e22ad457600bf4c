"""Publishes to a topic by nsqd's HTTP: https://nsq.io/components/nsqd.html#post-pub."""

import ssl
from urllib.parse import quote

from leeroy.errors import Permanent, Transient
from leeroy.nsq.http_calls import call


class TooLong(Permanent):
    """nsqd takes no message of this length (`--max-msg-size`), now or later."""


class Publisher:
    """One topic of one nsqd."""

    def __init__(
        self, *, url: str, topic: str, tls: ssl.SSLContext | None = None, seconds: float = 10.0
    ) -> None:
        """``url`` is nsqd's HTTP or HTTPS address, ``http://nsqd:4151``."""
        self._root = url.rstrip("/")
        self._url = f"{self._root}/pub?topic={quote(topic)}"
        self._tls = tls
        self._seconds = seconds

    def publish(self, message: bytes) -> None:
        """Hand a message over; when this returns, nsqd has it.

        Raises:
            TooLong: it never will.
            Transient: it did not take it, or nobody knows whether it did.
        """
        answer = call("POST", self._url, body=message, tls=self._tls, seconds=self._seconds)
        if answer.status == 413:
            raise TooLong(f"nsqd takes no message of {len(message)} bytes (--max-msg-size)")
        if answer.status != 200 or answer.body.strip() != b"OK":
            text = answer.body[:200].decode("utf-8", "replace").strip()
            raise Transient(f"nsqd does not take it: {answer.status} {text}")

    def ping(self) -> None:
        """Make sure that nsqd is there and well.

        Raises:
            Transient: it is not.
        """
        answer = call("GET", f"{self._root}/ping", tls=self._tls, seconds=self._seconds)
        if answer.status != 200:
            text = answer.body[:200].decode("utf-8", "replace").strip()
            raise Transient(f"nsqd is not well: {answer.status} {text}")
