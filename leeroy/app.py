"""The web application: blueprints, limits, and what an error looks like."""

from collections.abc import Callable
from functools import partial

import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from leeroy.database import can_be_used
from leeroy.errors import BadDelivery, Transient
from leeroy.events import BODY_LIMIT
from leeroy.services import Services
from leeroy.web.access import GUESSES, METRICS, Paused
from leeroy.web.builds import builds
from leeroy.web.dashboard import dashboard
from leeroy.web.guesses import Guesses
from leeroy.web.hooks import hooks
from leeroy.web.ops import Readiness, ops

log = structlog.get_logger()


def create_app(
    services: Services,
    *,
    is_working: Callable[[], bool] = lambda: True,
    idle_seconds: Callable[[], float] = lambda: 0.0,
) -> Flask:
    """The application over these parts.

    ``is_working`` says whether looks are being made, ``idle_seconds`` for how long none has ended.
    """
    app = Flask("leeroy")
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.extensions[GUESSES] = Guesses()
    app.extensions[METRICS] = services.metrics
    app.register_blueprint(hooks(services.config, services.queue, services.store, services.intake))
    app.register_blueprint(builds(services.config, services.queue))
    readiness = Readiness(
        services.queue,
        is_working=is_working,
        idle_seconds=idle_seconds,
        check_database=partial(can_be_used, services.engine),
    )
    app.register_blueprint(ops(services.queue, services.metrics, readiness, services.measure))
    app.register_blueprint(
        dashboard(services.config, services.queue, services.store, services.nsq_troubles)
    )
    app.register_error_handler(BadDelivery, _refused)
    app.register_error_handler(Transient, _unavailable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broke)
    app.after_request(_safely)
    return app


def _refused(error: BadDelivery) -> Response:
    log.info("refused", path=request.path, status=error.status, error=str(error))
    answer = _error(error.status, str(error))
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Leeroy"'
    if isinstance(error, Paused):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _unavailable(error: Transient) -> Response:
    """It is not on disk, so it is not accepted: GitHub shows the delivery as failed."""
    log.error("not accepted", path=request.path, error=str(error))
    return _error(503, "the database cannot take it now")


def _http(error: HTTPException) -> Response:
    return _error(error.code or 500, error.description or error.name)


def _broke(error: Exception) -> Response:
    log.exception("a view broke", path=request.path)
    return _error(500, "a defect in Leeroy; its log has more")


def _error(status: int, text: str) -> Response:
    answer = jsonify(error=text)
    answer.status_code = status
    return answer


def _safely(answer: Response) -> Response:
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer
