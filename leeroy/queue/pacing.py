"""One thing a second: a turn for each that asks, and none where too many wait already."""

import threading
import time
from collections.abc import Callable, Hashable

#: So many wait for their turn; whoever comes then gets none.
MOST_WAITING = 30
#: So many keys are kept at a time.
MOST_KEYS = 10_000


class Pacing:
    """Turns by key, a second apart; in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def wait(self, key: Hashable) -> float | None:
        """Seconds until the turn of whoever asks; None: too many wait.

        >>> pacing = Pacing(clock=lambda: 0.0)
        >>> pacing.wait("ci"), pacing.wait("ci"), pacing.wait("lint")
        (0.0, 1.0, 0.0)
        """
        now = self._clock()
        with self._lock:
            if len(self._next) >= MOST_KEYS:
                self._next = {key: turn for key, turn in self._next.items() if turn > now}
            turn = max(now, self._next.get(key, now))
            if turn - now >= MOST_WAITING or len(self._next) >= MOST_KEYS:
                return None
            self._next[key] = turn + 1.0
        return turn - now
