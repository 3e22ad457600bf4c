"""Send notifications as the plugin does, and lose, hold, repeat or reorder them on purpose.

The plugin sends from the build's own thread, takes any status for success, follows only 307, and
never clears its failure flag: https://github.com/jenkinsci/notification-plugin (HttpWorker, Phase).
"""

import base64
import http.client
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from leeroy_sandbox.jenkins.payload import Phase


@dataclass(frozen=True, kw_only=True)
class Message:
    """One notification to one endpoint."""

    url: str
    #: The full name of the job, and the number of its build.
    job: str
    number: int
    phase: Phase
    body: bytes
    content_type: str
    #: Seconds; None waits for ever.
    timeout: float | None
    retries: int
    #: The HTTP status of each attempt; None for one that failed. Empty until it was sent.
    statuses: tuple[int | None, ...] = ()
    #: It was lost on purpose.
    lost: bool = False


#: Which messages something is done to.
Which = Callable[[Message], bool]


class Outbox:
    """Where all notifications leave, and the record of them."""

    def __init__(self) -> None:
        #: Every message that was to be sent, in the order of sending.
        self.log: list[Message] = []
        self._lock = threading.Lock()
        self._held: list[Message] = []
        self._holds: Which | None = None
        self._loses: Which | None = None
        self._times: Callable[[Message], int] = lambda message: 1

    def hold(self, which: Which = lambda message: True) -> None:
        """Keep messages back from now on; builds go on as if they had been sent."""
        self._holds = which

    def release(
        self, order: Callable[[list[Message]], Iterable[Message]] = lambda kept: kept
    ) -> int:
        """Send what was kept back, in this order (`reversed`, say), and hold no more; how many."""
        self._holds = None
        with self._lock:
            kept, self._held = self._held, []
        for message in order(kept):
            self._deliver(message)
        return len(kept)

    def lose(self, which: Which = lambda message: True) -> None:
        """Never send these, as a firewall would."""
        self._loses = which

    def repeat(self, times: int, which: Which = lambda message: True) -> None:
        """Send these so many times."""
        self._times = lambda message: times if which(message) else 1

    def behave(self) -> None:
        """Lose and repeat nothing any more."""
        self._loses = None
        self.repeat(1)

    def send(self, message: Message) -> None:
        """Send, and return when the endpoint answered: the build waits for that."""
        if self._loses and self._loses(message):
            self._record(replace(message, lost=True))
        elif self._holds and self._holds(message):
            with self._lock:
                self._held.append(message)
        else:
            self._deliver(message)

    def _deliver(self, message: Message) -> None:
        for _ in range(self._times(message)):
            self._record(replace(message, statuses=_attempts(message)))

    def _record(self, message: Message) -> None:
        with self._lock:
            self.log.append(message)


def _attempts(message: Message) -> tuple[int | None, ...]:
    statuses: list[int | None] = []
    for _ in range(1 + message.retries):
        try:
            statuses.append(_post(message))
        except (OSError, http.client.HTTPException):
            statuses.append(None)
        # One failure, and all retries are used up, even when one of them succeeds.
        if None not in statuses:
            break
    return tuple(statuses)


def _post(message: Message) -> int:
    url = message.url
    while True:
        parts = urlsplit(url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.hostname or "", parts.port, timeout=message.timeout)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, message.body, _headers(message, parts.netloc))
            answer = connection.getresponse()
        finally:
            connection.close()
        if answer.status != 307:
            return answer.status
        # The same request once more, without end; Java's URL refuses a relative Location.
        url = answer.getheader("Location", "")
        if not urlsplit(url).scheme:
            raise OSError(f"no protocol: {url}")


def _headers(message: Message, netloc: str) -> dict[str, str]:
    headers = {
        "Content-Type": message.content_type,
        "User-Agent": "Java/17.0.15",
        "Accept": "*/*; q=0.2",
        "Connection": "keep-alive",
        "Content-Length": str(len(message.body)),
    }
    userinfo, at, _ = netloc.rpartition("@")
    if at:
        # As it stands in the address: the plugin does not decode %40.
        headers["Authorization"] = f"Basic {base64.b64encode(userinfo.encode()).decode()}"
    return headers
