"""Is it there, is it well, is it ready, and what does it count: for probes and Prometheus."""

import math
import time
from collections.abc import Callable

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from leeroy.errors import LeeroyError
from leeroy.metrics import Metrics
from leeroy.queue import Queue

#: While something is due, some look has to end in this time.
MOST_IDLE = 60.0
#: Whoever asks more often is told what was so just now: asking costs a write.
KEPT_SECONDS = 5.0


class Readiness:
    """Whether work can be taken, and why not."""

    def __init__(
        self,
        queue: Queue,
        *,
        is_working: Callable[[], bool],
        idle_seconds: Callable[[], float],
        check_database: Callable[[], None],
        kept_seconds: float = KEPT_SECONDS,
    ) -> None:
        self._queue = queue
        self._is_working = is_working
        self._idle_seconds = idle_seconds
        self._check_database = check_database
        self._kept_seconds = kept_seconds
        self._known: tuple[float, str] = (-math.inf, "")

    def trouble(self) -> str:
        """Why it is not ready; empty: it is."""
        if not self._is_working():
            return "the queue does not run"
        at, known = self._known
        if time.monotonic() - at >= self._kept_seconds:
            known = self._look()
            self._known = time.monotonic(), known
        return known

    def _look(self) -> str:
        try:
            self._check_database()
            waits = self._queue.oldest_due_age()
        except LeeroyError as exc:
            return f"the database cannot be used: {_kind_of(str(exc))}"
        if min(waits, self._idle_seconds()) > MOST_IDLE:
            return "no look has ended for a minute, though some are due"
        return ""


def _kind_of(error: str) -> str:
    """The kind of the trouble without names: anybody may see it."""
    known = {
        "is not the file": "its file is not the one that was opened",
        "is not whole": "it is not whole",
        "is full": "it is full",
        "readonly": "it may only be read",
        "may only be read": "it may only be read",
    }
    return next((told for sign, told in known.items() if sign in error), "it does not answer")


def ops(
    queue: Queue,
    metrics: Metrics,
    readiness: Readiness,
    measure: Callable[[], None] = lambda: None,
) -> Blueprint:
    """Open to everybody: no name of a repository, no text of a stranger, no secret."""
    views = Blueprint("ops", __name__)

    @views.get("/ping")
    def ping() -> Response:
        return _text(200, "pong")

    @views.get("/healthz")
    def healthz() -> Response:
        return _text(200, "ok")

    @views.get("/readyz")
    def readyz() -> Response:
        trouble = readiness.trouble()
        return _text(503, trouble) if trouble else _text(200, "ready")

    @views.get("/metrics")
    def show_metrics() -> Response:
        metrics.queue_depth.set(queue.depth())
        metrics.queue_age.set(queue.oldest_due_age())
        measure()
        return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)

    return views


def _text(status: int, text: str) -> Response:
    return Response(text, status=status, mimetype="text/plain")
