"""The sandbox GitHub as one thing: its state, its HTTP side, what can go wrong with it."""

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from leeroy_sandbox.faults import Calls, Faults
from leeroy_sandbox.github.api import create_app
from leeroy_sandbox.github.api.limits import Limits
from leeroy_sandbox.github.apps import Apps
from leeroy_sandbox.github.lag import Lag, Lags, Watched
from leeroy_sandbox.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class GitHub(Apps):
    """A GitHub with state over real git repositories under `root`.

    Its methods are what people do on the web or by git; each tells the hooks of it. `serve` answers
    the REST API. Hooks run on their own threads: `wait_delivered` before looking at what they did.
    """

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(root, clock=clock)
        self.calls = Calls()
        self.faults = Faults()
        #: Rate limits; the primary one counts from the start, secondary ones are off.
        self.limits = Limits(clock)
        #: Report zero counts after 20,000 lines of patches, as GitHub was seen to do.
        self.loses_counts = False
        self._lags = Lags(self)
        self.lock = Watched(self._lags.note)
        past = copy.copy(self)
        app = self._lags.wrap(create_app(self), past, create_app(past))
        self.app: WSGIApplication = self.calls.wrap(self.faults.wrap(app))

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Answer the API on loopback, and end the threads afterwards; yields its URL."""
        with Server(self.app, port) as server:
            self.url = server.url
            try:
                yield server.url
            finally:
                self.faults.clear()
                self.close()

    def lag(self, *what: str, reads: int | None = None, seconds: float | None = None) -> Lag:
        """Answer as it was, for so many reads or seconds after each change from now on.

        `what` are members of `Resource` or regexes of path and query; everything when there are
        none. One read when neither `reads` nor `seconds` is said. See `leeroy_sandbox.github.lag`.
        """
        return self._lags.add(*what, reads=reads, seconds=seconds)

    def end_lags(self) -> None:
        """Answer as it is again."""
        self._lags.end()

    def close(self) -> None:
        """End the threads that send webhooks."""
        self.deliveries.stop()
