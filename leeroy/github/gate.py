"""GitHub's limits, minded for all threads: a call over a limit is not sent but due later.

Nobody sleeps here. A held call raises :class:`Held` with the seconds to wait, and the work goes back
to the queue. What GitHub refused one process, the others on the same database hear within seconds.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import structlog

from leeroy.errors import LeeroyError, Transient
from leeroy.outgoing import LONGEST_WAIT, epoch, retry_after, whole_number

log = structlog.get_logger()

#: GitHub asks to wait at least this long when it does not say how long.
SHORTEST_WAIT = 60.0
#: Seconds after which it is asked again whether another process was told to wait.
HEARING_SECONDS = 2.0


class Spend(StrEnum):
    """What a call counts as, besides a request of the hour."""

    READ = "read"
    STATUS = "status"
    #: Comments, labels, reactions: what GitHub calls content creation.
    CONTENT = "content"


@dataclass(frozen=True, kw_only=True)
class Budget:
    """At most so many calls of a kind in so many seconds."""

    spend: Spend
    most: int
    seconds: float


#: What github.com allows one token besides its requests of the hour; GitHub Enterprise Server
#: has no such limits unless its operator sets them.
#: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
GITHUB_COM_BUDGETS = (
    Budget(spend=Spend.STATUS, most=180, seconds=60),
    Budget(spend=Spend.CONTENT, most=80, seconds=60),
    Budget(spend=Spend.CONTENT, most=500, seconds=3600),
)


class Held(Transient):
    """A call was not sent, because GitHub would refuse it now."""

    def __init__(self, doing: str, limit: str, wait: float) -> None:
        super().__init__(f"{doing}: GitHub's {limit} is reached", retry_after=wait)
        self.limit = limit


class TellsOthers(Protocol):
    """Part of :class:`leeroy.store.closings.Closings`."""

    def closed(self, token: str) -> tuple[float, str] | None: ...
    def close(self, token: str, seconds: float, reason: str) -> None: ...


@dataclass(kw_only=True)
class _Account:
    """How one token stands; times are the gate's clock's."""

    #: Nothing is sent before this.
    closed_until: float = 0.0
    #: Which limit closed it.
    limit: str = ""
    #: Secondary limits met without being told how long to wait, since the last good answer.
    unexplained: int = 0
    #: When the others were last asked.
    heard: float | None = None
    #: When the calls within each budget's window were sent, oldest first.
    spent: dict[Budget, deque[float]] = field(default_factory=dict)


class Gate:
    """Knows for each token when the next call may be sent; shared by all threads."""

    def __init__(
        self,
        *,
        budgets: Sequence[Budget] = (),
        others: TellsOthers | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._budgets = tuple(budgets)
        self._others = others
        self._clock = clock
        self._wall = wall
        self._accounts: dict[str, _Account] = {}
        self._lock = threading.Lock()

    def enter(self, token: str, spend: Spend, doing: str) -> None:
        """Count a call that is about to be sent; ``doing`` begins the text of the error.

        Raises:
            Held: it must not be sent now.
        """
        self._hear(token)
        with self._lock:
            now = self._clock()
            account = self._accounts.setdefault(token, _Account())
            if now < account.closed_until:
                raise Held(doing, account.limit, account.closed_until - now)
            windows = [
                (budget, account.spent.setdefault(budget, deque()))
                for budget in self._budgets
                if budget.spend is spend
            ]
            for budget, sent in windows:
                while sent and sent[0] <= now - budget.seconds:
                    sent.popleft()
                if len(sent) >= budget.most:
                    raise Held(doing, f"{spend} budget", sent[0] + budget.seconds - now)
            for _, sent in windows:
                sent.append(now)

    def learn(
        self, token: str, status: int, headers: Mapping[str, str], message: str
    ) -> float | None:
        """Take in what an answer says of the limits.

        Returns:
            Seconds to wait when the answer is a refusal because of a limit; None when it is not.
        """
        with self._lock:
            account = self._accounts.setdefault(token, _Account())
            before = account.closed_until
            wait = self._judge(account, status, headers, message)
            left, limit = account.closed_until - self._clock(), account.limit
            is_news = account.closed_until >= before + 1.0
        if is_news:
            self._tell(token, left, limit)
        return wait

    def _judge(
        self, account: _Account, status: int, headers: Mapping[str, str], message: str
    ) -> float | None:
        until_reset = self._until_reset(headers)
        if not is_limit(status, headers, message):
            account.unexplained = account.unexplained if status >= 400 else 0
            if until_reset is not None:
                self._close(account, "primary limit", until_reset)
            return None
        wait = retry_after(headers, self._wall())
        if wait is not None:
            limit = "secondary limit"
        elif until_reset is not None:
            wait, limit = until_reset, "primary limit"
        else:
            wait, limit = SHORTEST_WAIT * 2**account.unexplained, "secondary limit"
            account.unexplained = min(account.unexplained + 1, 10)
        # Primary limits are counted by the hour, so no wait is longer, whatever an answer says.
        wait = min(max(wait, 1.0), LONGEST_WAIT)
        self._close(account, limit, wait)
        return wait

    def _hear(self, token: str) -> None:
        """Take in what the others were told, every few seconds."""
        if self._others is None:
            return
        with self._lock:
            account = self._accounts.setdefault(token, _Account())
            now = self._clock()
            if account.heard is not None and 0 <= now - account.heard < HEARING_SECONDS:
                return
            account.heard = now
        try:
            closed = self._others.closed(token)
        except LeeroyError as exc:
            log.warning("cannot ask when GitHub may be asked", error=str(exc))
            return
        if closed is not None:
            with self._lock:
                self._close(account, closed[1], closed[0])

    def _tell(self, token: str, left: float, limit: str) -> None:
        if self._others is None:
            return
        try:
            self._others.close(token, left, limit)
        except LeeroyError as exc:
            log.warning("cannot tell the others to leave GitHub alone", error=str(exc))

    def _close(self, account: _Account, limit: str, wait: float) -> None:
        until = self._clock() + min(wait, LONGEST_WAIT)
        if until > account.closed_until:
            account.closed_until, account.limit = until, limit

    def _until_reset(self, headers: Mapping[str, str]) -> float | None:
        """Seconds until requests are counted from zero again, when none is left."""
        if headers.get("x-ratelimit-remaining") != "0":
            return None
        # Search and GraphQL have limits of their own, which do not close this gate.
        if headers.get("x-ratelimit-resource", "core") != "core":
            return None
        reset = whole_number(headers.get("x-ratelimit-reset", ""))
        if reset is None:
            return SHORTEST_WAIT
        # GitHub's own clock, where it says so: ours may be wrong.
        now = epoch(headers.get("date", ""))
        return max(reset - (self._wall() if now is None else now), 1.0)


def is_limit(status: int, headers: Mapping[str, str], message: str) -> bool:
    """A refusal that passes with time; any other 403 is about permissions and never passes.

    >>> is_limit(403, {}, "You have exceeded a secondary rate limit and have been ...")
    True
    >>> is_limit(403, {}, "Resource not accessible by personal access token")
    False
    """
    if status == 429:
        return True
    return status == 403 and (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or "rate limit" in message.lower()
        or "abuse detection" in message.lower()
    )
