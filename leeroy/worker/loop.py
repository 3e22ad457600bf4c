"""The threads that make looks: each takes what is due, one keeps their leases."""

import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

import structlog

from leeroy.errors import LeeroyError, Transient
from leeroy.queue import LeaseLost, Look, Queue
from leeroy.worker.looks import Looks

log = structlog.get_logger()

#: How long a worker rests when the database cannot be asked.
REST_SECONDS = 1.0
#: A look that lasts longer waits for somebody slow; another thread works in the place of its own.
SLOW_SECONDS = 5.0
#: How often that is seen to.
TICK_SECONDS = 1.0


class Beside(Protocol):
    """A thread of its own that lives as long as the workers."""

    def start(self) -> None:
        """Begin."""

    def stop(self, timeout: float) -> None:
        """End, within so many seconds."""


class WorkerThreads:
    """Worker threads over one queue; ``start`` them, and ``stop`` them before the process ends."""

    def __init__(
        self,
        queue: Queue,
        looks: Looks,
        *,
        threads: int = 8,
        lease_seconds: float = 30.0,
        slow_seconds: float = SLOW_SECONDS,
        begin: Iterable[Callable[[], None]] = (),
        beside: Iterable[Beside] = (),
    ) -> None:
        """``begin`` is called at the start: it puts what comes up again by itself.

        ``beside`` are started after the workers, and stopped before them.
        """
        self._beside = tuple(beside)
        self._begin = tuple(begin)
        self._queue = queue
        self._looks = looks
        self._lease_seconds = lease_seconds
        self._slow_seconds = slow_seconds
        self._ended = time.monotonic()
        #: By token, when the look began.
        self._began: dict[str, float] = {}
        self._stand_ins: set[threading.Thread] = set()
        self._stopping = threading.Event()
        self._running: dict[str, Look] = {}
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, name=f"worker-{n}", daemon=True)
            for n in range(threads)
        ]
        self._keeper = threading.Thread(target=self._keep_leases, name="leases", daemon=True)

    def start(self) -> None:
        """Take what processes that died here held, then work."""
        self._take_over()
        self._end(self._mind_the_clock)
        for begin in self._begin:
            self._end(begin)
        for thread in (*self._threads, self._keeper):
            thread.start()
        for other in self._beside:
            other.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Finish what runs; what does not end in time is handed back."""
        self._stopping.set()
        self._queue.wake(len(self._threads))
        deadline = time.monotonic() + timeout
        for other in self._beside:
            other.stop(max(0.0, min(timeout / 3, deadline - time.monotonic())))
        with self._lock:
            stand_ins = tuple(self._stand_ins)
        for thread in (*self._threads, *stand_ins):
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._lock:
            left = list(self._running.values())
        for look in left:
            self._end(partial(self._queue.release, look))

    @property
    def is_alive(self) -> bool:
        """Some worker thread takes looks."""
        return not self._stopping.is_set() and any(t.is_alive() for t in self._threads)

    @property
    def idle_seconds(self) -> float:
        """For how long no look has ended, since the start at the longest."""
        return time.monotonic() - self._ended

    def _stand_in(self) -> None:
        """Work as long as others wait for somebody slow and something is due."""
        try:
            while not self._stopping.is_set() and self._slow() > 0:
                look = self._queue.take()
                if look is None:
                    break
                self._make(look)
        except LeeroyError as exc:
            log.error("the queue cannot be asked", error=str(exc))
        finally:
            with self._lock:
                self._stand_ins.discard(threading.current_thread())

    def _slow(self) -> int:
        """How many looks have lasted long."""
        before = time.monotonic() - self._slow_seconds
        with self._lock:
            return sum(began < before for began in self._began.values())

    def _send_stand_ins(self) -> None:
        """For each look that lasts long another thread, at most as many again."""
        missing = min(self._slow(), len(self._threads)) - len(self._stand_ins)
        for _ in range(missing):
            thread = threading.Thread(target=self._stand_in, name="stand-in", daemon=True)
            with self._lock:
                self._stand_ins.add(thread)
            thread.start()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                look = self._queue.take()
            except LeeroyError as exc:
                log.error("the queue cannot be asked", error=str(exc))
                self._stopping.wait(REST_SECONDS)
                continue
            if look is None:
                self._queue.wait()
                continue
            self._make(look)

    def _make(self, look: Look) -> None:
        with self._lock:
            self._running[look.token] = look
            self._began[look.token] = time.monotonic()
        try:
            self._looks.make(look)
        except LeaseLost:
            log.warning("another worker took this over", subject=look.subject)
        except Transient as exc:
            log.error("the look could not be ended", subject=look.subject, error=str(exc))
        except Exception as exc:
            log.exception("look broke", subject=look.subject)
            error = f"a defect in Leeroy: {type(exc).__name__}: {exc}"
            self._end(partial(self._queue.again, look, error=error))
        finally:
            with self._lock:
                self._running.pop(look.token, None)
                self._began.pop(look.token, None)
                self._ended = time.monotonic()

    def _take_over(self) -> None:
        freed = self._queue.free_leases_of_the_dead()
        if freed:
            log.info("took over from a process that died", subjects=freed)

    def _mind_the_clock(self) -> None:
        if back := self._queue.mind_the_clock():
            log.warning("the database's clock was set back", seconds=round(back))

    def _keep_leases(self) -> None:
        minded = time.monotonic()
        while not self._stopping.wait(
            min(TICK_SECONDS, self._slow_seconds, self._lease_seconds / 3)
        ):
            self._end(self._send_stand_ins)
            if time.monotonic() - minded < self._lease_seconds / 3:
                continue
            minded = time.monotonic()
            self._end(self._mind_the_clock)
            self._end(self._take_over)
            with self._lock:
                running = list(self._running.values())
            for look in running:
                self._end(partial(self._queue.extend, look))

    def _end(self, call: Callable[[], object]) -> None:
        """Say something of a look to the queue, where nobody waits to hear it failed."""
        try:
            call()
        except LeeroyError as exc:
            log.warning("the queue did not take it", error=str(exc))
        except Exception:
            # Without the thread that keeps the leases, all that runs would soon be taken over.
            log.exception("the queue broke")
