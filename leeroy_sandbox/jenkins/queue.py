"""The build queue: what waits, for what, and what became of it.

Follows hudson.model.Queue: https://www.jenkins.io/doc/developer/ and
https://github.com/jenkinsci/jenkins/blob/master/core/src/main/java/hudson/model/Queue.java
::

    WAITING ─→ BUILDABLE ─→ PENDING ─→ LEFT (with a build, or without)
       └─→ BLOCKED ⇄ BUILDABLE         any but PENDING ─cancel→ LEFT (cancelled)
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from itertools import chain

from leeroy_sandbox.jenkins.builds import Build, Cause
from leeroy_sandbox.jenkins.jobs import Job
from leeroy_sandbox.jenkins.names import time_span
from leeroy_sandbox.jenkins.parameters import Value

#: How long an item that left can still be read.
LEFT_SECONDS = 300.0


class State(StrEnum):
    """Where an item is on its way; the values are its `_class`, but for PENDING."""

    WAITING = "hudson.model.Queue$WaitingItem"
    BLOCKED = "hudson.model.Queue$BlockedItem"
    BUILDABLE = "hudson.model.Queue$BuildableItem"
    #: An executor is chosen, and has not taken it yet; shown as buildable and `pending`.
    PENDING = "hudson.model.Queue$BuildableItem pending"
    LEFT = "hudson.model.Queue$LeftItem"


class Cancelled(Enum):
    """What came of cancelling."""

    DONE = "done"
    UNKNOWN = "unknown"
    TOO_LATE = "too late"


@dataclass(kw_only=True, eq=False)
class Item:
    """One request to build, or several equal ones."""

    id: int
    job: Job
    parameters: tuple[Value, ...]
    causes: list[Cause]
    #: Seconds, by Jenkins' clock.
    since: float
    due: float
    state: State = State.WAITING
    buildable_since: float = 0.0
    left_at: float = 0.0
    cancelled: bool = False
    #: Why it is blocked.
    blocked_by: str = ""
    #: The build that is in its way.
    behind: Build | None = None
    build: Build | None = None
    #: A Pipeline's `node` step: the build whose body waits here for an executor.
    placeholder_for: Build | None = None

    @property
    def params(self) -> str:
        """The parameters as the queue page shows them: one a line, each after a newline."""
        shown = ((v.name, "****" if v.value is None else v.text) for v in self.parameters)
        return "".join(f"\n{name}={text}" for name, text in shown)

    def why(self, now: float, quieting_down: bool) -> str | None:
        """What it waits for, in Jenkins' words."""
        if self.state is State.LEFT:
            return None
        if self.state is State.WAITING:
            left = self.due - now
            if left <= 0:
                return "Finished waiting"
            return f"In the quiet period. Expires in {time_span(left * 1000)}"
        if self.state is State.BLOCKED:
            return f"{self.blocked_by}{self._eta(now)}"
        return _SHUTDOWN if quieting_down else "Waiting for next available executor"

    def _eta(self, now: float) -> str:
        if self.behind is None:
            return ""
        estimate = self.job.estimate()
        left = estimate - (now * 1000 - self.behind.timestamp)
        return f" (ETA: {time_span(left) if estimate >= 0 and left > 0 else 'N/A'})"


_SHUTDOWN = "Jenkins is about to shut down"
_Key = tuple[Job, frozenset[Value]]


class Queue:
    """Items in all states; whoever uses it holds Jenkins' lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._next_id = 1
        self._clear()

    def _clear(self) -> None:
        self.quieting_down = False
        #: Everything that has not left, by id.
        self._items: dict[int, Item] = {}
        self._left: dict[int, Item] = {}
        self._leaving: deque[Item] = deque()
        self._waiting: list[tuple[float, int, Item]] = []
        self._blocked: dict[int, Item] = {}
        self._buildable: dict[int, Item] = {}
        self._pending: dict[int, Item] = {}
        self._equal: dict[_Key, Item] = {}

    def __iter__(self) -> Iterator[Item]:
        """Items that have not left, newest first."""
        return reversed(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def schedule(
        self,
        job: Job,
        values: tuple[Value, ...],
        causes: list[Cause],
        *,
        quiet: float,
        merge: bool = True,
    ) -> tuple[Item, bool]:
        """A new item, or the equal one that already waits; and whether it is that."""
        now = self._clock()
        key = (job, frozenset(values))
        equal = self._equal.get(key) if merge else None
        if equal is not None:
            equal.causes += causes
            if equal.state is State.WAITING and now + quiet < equal.due:
                equal.due = now + quiet
                self._push(equal)
            return equal, True
        item = Item(
            id=self._take_id(),
            job=job,
            parameters=values,
            causes=causes,
            since=now,
            due=now + quiet,
        )
        self._items[item.id] = item
        self._equal.setdefault(key, item)
        self._push(item)
        return item, False

    def placeholder(self, build: Build) -> Item:
        """The item of a Pipeline's `node` step, which waits for an executor at once."""
        now = self._clock()
        item = Item(
            id=self._take_id(),
            job=build.job,
            parameters=(),
            causes=[],
            since=now,
            due=now,
            state=State.BUILDABLE,
            buildable_since=now,
            placeholder_for=build,
        )
        self._items[item.id] = self._buildable[item.id] = item
        return item

    def find(self, number: int) -> Item | None:
        """The item, if it is in the queue or left it within the last five minutes."""
        self._forget()
        return self._items.get(number) or self._left.get(number)

    def mature(self) -> None:
        """Let quiet periods run out, and sort the blocked from the buildable."""
        now = self._clock()
        while self._waiting and self._waiting[0][0] <= now:
            due, _, item = heapq.heappop(self._waiting)
            # An item cancelled, or moved to an earlier time, leaves its old entry behind.
            if item.state is State.WAITING and item.due == due:
                self.settle(item)
        for item in list(self._blocked.values()):
            self.settle(item)

    def settle(self, item: Item) -> None:
        """Make a waiting or blocked item buildable, or blocked if something is in its way."""
        self._blocked.pop(item.id, None)
        item.buildable_since = item.buildable_since or self._clock()
        item.blocked_by, item.behind = self._obstacle(item)
        if item.blocked_by:
            item.state = State.BLOCKED
            self._blocked[item.id] = item
        else:
            item.state = State.BUILDABLE
            self._buildable[item.id] = item

    def next_due(self) -> float | None:
        """When the next quiet period ends."""
        return self._waiting[0][0] if self._waiting else None

    def buildable(self) -> list[Item]:
        """Items that only wait for an executor, oldest first."""
        return [] if self.quieting_down else list(self._buildable.values())

    def assign(self, item: Item) -> None:
        """An executor is chosen: from here it cannot be merged or cancelled."""
        self._buildable.pop(item.id, None)
        self._no_longer_equal(item)
        item.state = State.PENDING
        self._pending[item.id] = item

    def leave(self, item: Item) -> None:
        """The executor takes it, or it is cancelled; a build, if any, follows a moment later."""
        self._items.pop(item.id, None)
        self._blocked.pop(item.id, None)
        self._buildable.pop(item.id, None)
        self._pending.pop(item.id, None)
        self._no_longer_equal(item)
        item.state = State.LEFT
        item.left_at = self._clock()
        self._left[item.id] = item
        self._leaving.append(item)
        self._forget()

    def cancel(self, number: int) -> Cancelled:
        """Take an item out, if it has not been given to an executor."""
        item = self.find(number)
        if item is None:
            return Cancelled.UNKNOWN
        if item.state in (State.PENDING, State.LEFT):
            return Cancelled.TOO_LATE
        item.cancelled = True
        self.leave(item)
        return Cancelled.DONE

    def drop_job(self, job: Job) -> None:
        """Cancel all that waits for a job that is no more."""
        for item in [item for item in self._items.values() if item.job is job]:
            self.cancel(item.id)

    def restart(self, *, older_than: float | None, reset_ids: bool) -> None:
        """Keep what was saved: ids and parameters, but no item that left.

        `older_than` says how old an item must be to have been saved; None saves all.
        """
        now = self._clock()
        kept = [
            # A copy: threads that still hold the old item must not move the new one.
            replace(item, state=State.WAITING, blocked_by="", behind=None)
            for item in self._items.values()
            if not reset_ids
            and item.placeholder_for is None
            and (older_than is None or now - item.since >= older_than)
        ]
        for item in self._items.values():
            item.state, item.cancelled = State.LEFT, True
        self._clear()
        if reset_ids:
            self._next_id = 1
        for item in kept:
            self._items[item.id] = item
            self._equal.setdefault((item.job, frozenset(item.parameters)), item)
            self._push(item)

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _push(self, item: Item) -> None:
        heapq.heappush(self._waiting, (item.due, item.id, item))

    def _no_longer_equal(self, item: Item) -> None:
        key = (item.job, frozenset(item.parameters))
        if self._equal.get(key) is item:
            del self._equal[key]

    def _obstacle(self, item: Item) -> tuple[str, Build | None]:
        if item.job.concurrent:
            return "", None
        if running := item.job.running:
            return f"Build #{running[-1].number} is already in progress", running[-1]
        ready = chain(self._buildable.values(), self._pending.values())
        if any(other.job is item.job for other in ready):
            return "A build is already in progress", None
        return "", None

    def _forget(self) -> None:
        gone = self._clock() - LEFT_SECONDS
        while self._leaving and self._leaving[0].left_at <= gone:
            item = self._leaving.popleft()
            if self._left.get(item.id) is item:
                del self._left[item.id]
