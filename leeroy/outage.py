"""Words for what goes wrong on the way to GitHub or Jenkins, when no whole answer came back."""

from collections.abc import Iterator

import requests
from requests import exceptions

#: Seconds to wait for a connection. How long an answer may take is for the settings to say.
CONNECT_TIMEOUT = 5.0


def describe_outage(error: requests.RequestException) -> str:
    """What happened, in a few words that never hold a URL, a header or a password.

    >>> describe_outage(exceptions.ReadTimeout())
    'did not answer in time'
    >>> describe_outage(exceptions.ConnectionError(ConnectionRefusedError(111, "refused")))
    'refused the connection'
    """
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedError):
            return "refused the connection"
    if was_broken_off(error):
        return "broke off the connection"
    return "could not be reached"


def was_broken_off(error: requests.RequestException) -> bool:
    """The connection stood and then ended: a kept-alive one may have been closed just before."""
    if isinstance(error, exceptions.ChunkedEncodingError):
        return True
    return isinstance(error, exceptions.ConnectionError) and any(
        isinstance(cause, ConnectionResetError | BrokenPipeError | ConnectionAbortedError)
        for cause in _causes(error)
    )


def was_never_sent(error: requests.RequestException) -> bool:
    """No connection was made, so the other side cannot have done anything."""
    if isinstance(error, exceptions.ConnectTimeout | exceptions.SSLError | exceptions.ProxyError):
        return True
    return any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error))


_WORDS: tuple[tuple[type[requests.RequestException], str], ...] = (
    (exceptions.SSLError, "has a certificate we do not trust, or does not speak TLS"),
    (exceptions.ProxyError, "cannot be reached through the proxy"),
    (exceptions.ConnectTimeout, "did not take the connection in time"),
    (exceptions.Timeout, "did not answer in time"),
    (exceptions.ChunkedEncodingError, "broke off its answer"),
    (exceptions.ContentDecodingError, "sent an answer that cannot be unpacked"),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exceptions that an exception of requests or urllib3 was made of."""
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
