"""Builds on request: docker/leeroy's ``/build/*``."""

from flask import Blueprint, Response, request

from leeroy.config import Config
from leeroy.errors import BadDelivery
from leeroy.events import BuildRequest, parse_build_request
from leeroy.facts import PullRef, RepoRef
from leeroy.queue import Queue
from leeroy.web.access import check_operator


def builds(config: Config, queue: Queue) -> Blueprint:
    """The three endpoints; each answers 204 once the request is on disk."""
    views = Blueprint("builds", __name__, url_prefix="/build")

    @views.post("/retry", endpoint="retry")
    @views.post("/custom", endpoint="custom")
    def ask() -> Response:
        asked = _checked(config)
        if asked.number is None:
            raise BadDelivery("number must name the pull request", status=422)
        _put(queue, str(PullRef(asked.repo, asked.number)), asked)
        return Response(status=204)

    @views.post("/cron")
    def cron() -> Response:
        asked = _checked(config)
        _put(queue, str(RepoRef(asked.repo)), asked)
        return Response(status=204)

    return views


def _checked(config: Config) -> BuildRequest:
    check_operator(config)
    asked = parse_build_request(request.get_data())
    context = "" if asked.context.lower() == "all" else asked.context
    builds = config.builds_for(asked.repo)
    if not builds:
        raise BadDelivery(f"no build is configured for {asked.repo}", status=404)
    if context and all(build.context.lower() != context.lower() for build in builds):
        known = ", ".join(build.context for build in builds)
        raise BadDelivery(f"{asked.repo} has no context {context}: it has {known}", status=404)
    return BuildRequest(repo=asked.repo, number=asked.number, context=context, ref=asked.ref)


def _put(queue: Queue, subject: str, asked: BuildRequest) -> None:
    queue.put(subject, kind="request", ref=asked.context or "all", data={"context": asked.context})
