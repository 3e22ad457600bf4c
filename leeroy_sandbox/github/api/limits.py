"""Rate limits of the sandbox GitHub.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

HOUR = 3600
READS = frozenset({"GET", "HEAD", "OPTIONS"})
#: What people are notified of, and what GitHub therefore counts apart.
CONTENT = re.compile(r"/(comments|labels|reactions|reviews)(/|$)")


@dataclass(frozen=True, kw_only=True)
class Secondary:
    """The limits GitHub gives no way to ask for."""

    #: A read is one point, a write five.
    points_a_minute: int = 900
    content_a_minute: int = 80
    content_an_hour: int = 500
    concurrent: int = 100
    #: Seconds told in `Retry-After`; None: GitHub does not say, as it may.
    retry_after: int | None = 60


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A call that is not let through."""

    status: int
    message: str
    headers: dict[str, str]


class Limits:
    """Counts calls by user: all tokens of one together."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.primary = 5000
        self.anonymous = 60
        #: None: not enforced.
        self.secondary: Secondary | None = None
        #: The status of refusals; GitHub uses 429 too.
        self.refusal_status = 403
        #: How many calls were not let through.
        self.refused = 0
        self._clock = clock
        self._used: dict[str, tuple[int, float]] = {}
        self._points: dict[str, deque[tuple[float, int, bool]]] = {}
        self._running: dict[str, int] = {}
        self._lock = threading.Lock()

    def exhaust(self, name: str) -> None:
        """Use up a user's hour."""
        with self._lock:
            _, reset = self._window(name)
            self._used[name] = (self._limit(name), reset)

    def used(self, name: str) -> int:
        """How many calls a user has made in this hour."""
        with self._lock:
            return self._window(name)[0]

    def admit(self, name: str, method: str, path: str) -> Refusal | None:
        """Whether a call is let through; a refusal says why not. Follow with `leave`."""
        with self._lock:
            refusal = self._over_primary(name, path) or self._over_secondary(name, method, path)
            self.refused += refusal is not None
            self._running[name] = self._running.get(name, 0) + 1
            return refusal

    def leave(self, name: str) -> None:
        """A call is over."""
        with self._lock:
            self._running[name] -= 1

    def charge(self, name: str) -> None:
        """Count a call."""
        with self._lock:
            used, reset = self._window(name)
            self._used[name] = (min(used + 1, self._limit(name)), reset)

    def headers(self, name: str) -> dict[str, str]:
        """What every answer tells of the primary limit."""
        with self._lock:
            used, reset = self._window(name)
            limit = self._limit(name)
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - used),
            "X-RateLimit-Reset": str(int(reset)),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Resource": "core",
        }

    def _limit(self, name: str) -> int:
        return self.primary if name else self.anonymous

    def _window(self, name: str) -> tuple[int, float]:
        used, reset = self._used.get(name, (0, 0.0))
        if self._clock() >= reset:
            used, reset = 0, self._clock() + HOUR
            self._used[name] = (used, reset)
        return used, reset

    def _over_primary(self, name: str, path: str) -> Refusal | None:
        if path == "/rate_limit" or self._window(name)[0] < self._limit(name):
            return None
        who = f"user ID {name}" if name else "127.0.0.1"
        return Refusal(
            status=self.refusal_status, message=f"API rate limit exceeded for {who}.", headers={}
        )

    def _over_secondary(self, name: str, method: str, path: str) -> Refusal | None:
        rules = self.secondary
        if rules is None:
            return None
        now = self._clock()
        calls = self._points.setdefault(name, deque())
        while calls and calls[0][0] <= now - HOUR:
            calls.popleft()
        content = method not in READS and CONTENT.search(path) is not None
        calls.append((now, 1 if method in READS else 5, content))
        minute = [call for call in calls if call[0] > now - 60]
        over = (
            sum(points for _, points, _ in minute) > rules.points_a_minute
            or (content and sum(c for _, _, c in minute) > rules.content_a_minute)
            or (content and sum(c for _, _, c in calls) > rules.content_an_hour)
            or self._running.get(name, 0) >= rules.concurrent
        )
        if not over:
            return None
        told = {} if rules.retry_after is None else {"Retry-After": str(rules.retry_after)}
        return Refusal(
            status=self.refusal_status,
            message="You have exceeded a secondary rate limit. Please wait a few minutes before "
            "you try again.",
            headers=told,
        )
