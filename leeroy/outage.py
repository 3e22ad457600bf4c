"""Words for what goes wrong on the way to GitHub, Jenkins and others, when no whole answer came."""

import ssl
from collections.abc import Iterator
from http.client import HTTPException

from urllib3 import exceptions

#: Seconds to wait for a connection. How long an answer may take is for the settings to say.
CONNECT_TIMEOUT = 5.0

#: What urllib3 lets out for whatever goes wrong; ValueError is for addresses and headers.
NO_ANSWER = (exceptions.HTTPError, HTTPException, OSError, ValueError)


class Outage(Exception):
    """No whole answer came. Its text never holds a URL, a header or a password.

    >>> str(outage_of(exceptions.ReadTimeoutError(None, "/", "")))
    'did not answer in time'
    >>> refused = outage_of(exceptions.ProtocolError("x", ConnectionRefusedError(111, "refused")))
    >>> str(refused), refused.was_never_sent
    ('refused the connection', True)
    """

    def __init__(
        self,
        words: str,
        *,
        was_never_sent: bool = False,
        was_broken_off: bool = False,
        is_timeout: bool = False,
    ) -> None:
        super().__init__(words)
        #: The other side cannot have done anything.
        self.was_never_sent = was_never_sent
        #: The connection stood and then ended: a kept one may have been closed just before.
        self.was_broken_off = was_broken_off
        self.is_timeout = is_timeout


def outage_of(error: BaseException, *, is_over: bool = False) -> Outage:
    """What an error of urllib3 means; ``is_over``: the time for the whole answer is up."""
    causes = list(_causes(error))

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if has(exceptions.ProxyError):
        return Outage("cannot be reached through the proxy", was_never_sent=True)
    if has(exceptions.SSLError, ssl.SSLError) and not has(ssl.SSLEOFError, TimeoutError):
        words = "has a certificate we do not trust, or does not speak TLS"
        return Outage(words, was_never_sent=True)
    if has(ConnectionRefusedError):
        return Outage("refused the connection", was_never_sent=True)
    if has(exceptions.NewConnectionError):
        return Outage("could not be reached", was_never_sent=True)
    if has(exceptions.ConnectTimeoutError):
        words = "did not take the connection in time"
        return Outage(words, was_never_sent=True, is_timeout=True)
    if has(exceptions.TimeoutError, TimeoutError):
        words = "did not come to an end in time" if is_over else "did not answer in time"
        return Outage(words, is_timeout=True)
    if has(exceptions.IncompleteRead, exceptions.InvalidChunkLength):
        return Outage("broke off its answer", was_broken_off=True)
    if has(ConnectionError, ssl.SSLEOFError):
        return Outage("broke off the connection", was_broken_off=True)
    if has(exceptions.ProtocolError, HTTPException):
        return Outage("does not speak HTTP as it should")
    return Outage("could not be reached", was_never_sent=isinstance(error, ValueError))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The errors that an error of urllib3 was made of, itself first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
        waiting += cause.args
