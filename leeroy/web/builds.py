"""Builds on request: docker/leeroy's ``/build/*``."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, Response, request

from leeroy.config import Config, Job
from leeroy.errors import BadDelivery
from leeroy.events import BuildRequest, parse_build_request
from leeroy.hints import RequestHint
from leeroy.model import BranchRef, PullRef, RepoRef, Subject
from leeroy.queue import Queue
from leeroy.web.access import check_operator, check_site


def builds(config: Config, queue: Queue) -> Blueprint:
    """The three endpoints; each answers 204 once the request is on disk."""
    views = Blueprint("builds", __name__, url_prefix="/build")

    @views.post("/retry", endpoint="retry")
    @views.post("/custom", endpoint="custom")
    def ask() -> Response:
        asked = _checked(config)
        subject = _subject_of(asked)
        if subject is None:
            raise BadDelivery("number must name the pull request, or ref the branch", status=422)
        _put(queue, subject, asked)
        return Response(status=204)

    @views.post("/cron")
    def cron() -> Response:
        asked = _checked(config)
        subject = _subject_of(replace(asked, number=None)) or RepoRef(asked.repo)
        _put(queue, subject, asked)
        return Response(status=204)

    return views


def _checked(config: Config) -> BuildRequest:
    check_site(config)
    check_operator(config)
    asked = parse_build_request(request.get_data())
    context = "" if asked.context.lower() == "all" else asked.context
    asked = replace(asked, context=context, ref=asked.ref.removeprefix("refs/heads/"))
    subject = _subject_of(asked) or RepoRef(asked.repo)
    jobs: Sequence[Job] = config.builds_for(asked.repo)
    if isinstance(subject, BranchRef):
        jobs = config.jobs_for_push(subject.repo, subject.branch)
    if not jobs:
        raise BadDelivery(f"no build is configured for {subject}", status=404)
    if context and not any(job.has_context(context) for job in jobs):
        known = ", ".join(job.context for job in jobs)
        raise BadDelivery(f"{subject} has no context {context}: it has {known}", status=404)
    return asked


def _subject_of(asked: BuildRequest) -> PullRef | BranchRef | None:
    """The pull request, else the branch that only a ref names; None: neither is named."""
    if asked.number is not None:
        return PullRef(asked.repo, asked.number)
    return BranchRef(asked.repo, asked.ref) if asked.ref else None


def _put(queue: Queue, subject: Subject, asked: BuildRequest) -> None:
    queue.put(str(subject), RequestHint(context=asked.context))
