"""Is it there, is it well, is it ready, and what does it count: for probes and Prometheus."""

from collections.abc import Callable

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from leeroy.errors import LeeroyError
from leeroy.metrics import Metrics
from leeroy.queue import Queue


def ops(
    queue: Queue,
    metrics: Metrics,
    is_working: Callable[[], bool],
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
        if not is_working():
            return _text(503, "the queue does not run")
        try:
            queue.depth()
        except LeeroyError:
            return _text(503, "the database cannot be asked")
        return _text(200, "ready")

    @views.get("/metrics")
    def show_metrics() -> Response:
        metrics.queue_depth.set(queue.depth())
        metrics.queue_age.set(queue.oldest_due_age())
        measure()
        return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)

    return views


def _text(status: int, text: str) -> Response:
    return Response(text, status=status, mimetype="text/plain")
