"""Triggering by HTTP: what is checked, in which order, and what each refusal looks like.

https://www.jenkins.io/doc/book/using/remote-access-api/#submitting-jobs ; the order is that of
hudson.model.ParametersDefinitionProperty and jenkins.model.ParameterizedJobMixIn in
https://github.com/jenkinsci/jenkins
"""

import json

from flask import Response

from leeroy_sandbox.jenkins import pages
from leeroy_sandbox.jenkins.access import Permission
from leeroy_sandbox.jenkins.builds import Cause, by_remote, by_user
from leeroy_sandbox.jenkins.jobs import Job, Kind
from leeroy_sandbox.jenkins.parameters import (
    Value,
    parse_delay,
    values_from_form,
    values_from_request,
)
from leeroy_sandbox.jenkins.queue import Item
from leeroy_sandbox.jenkins.versions import Feature
from leeroy_sandbox.jenkins.visit import Refusal, Visit, empty


def build(visit: Visit, job: Job) -> Response:
    """`job/NAME/build`."""
    if job.kind is Kind.FOLDER:
        return visit.missing()
    if job.kind is Kind.MULTIBRANCH:
        return _index(visit, job)
    delay = _delay(visit)
    # Here the job is looked at before the caller is.
    _require_buildable(visit, job)
    if job.parameters and not visit.is_post:
        return visit.html(405, pages.method_required(job.path + "build"))
    _authorize(visit, job)
    if not job.parameters:
        return _answer(visit, job, (), delay, merged_status=201)
    form = visit.text("json")
    if form is None:
        anything = any(True for _ in visit.request.values)
        reason = "This page expects a form submission" if anything else "Nothing is submitted"
        return visit.refusal(400, reason)
    values = values_from_form(job.parameters, json.loads(form))
    return _answer(visit, job, values, delay, merged_status=302)


def build_with_parameters(visit: Visit, job: Job) -> Response:
    """`job/NAME/buildWithParameters`."""
    if job.kind.is_container:
        return visit.missing()
    delay = _delay(visit)
    _authorize(visit, job)
    _require_buildable(visit, job)
    if not job.parameters:
        return visit.refusal(400, f"{job.full_name} is not parameterized", formerly=500)
    values = values_from_request(job.parameters, visit.request.values.to_dict(flat=False))
    merged = 303 if Feature.MERGE_IS_303.within(visit.jenkins.version) else 201
    return _answer(visit, job, values, delay, merged_status=merged)


def build_by_token(visit: Visit, *, with_parameters: bool) -> Response:
    """`buildByToken/build` and `.../buildWithParameters`: the token is all it takes.

    https://plugins.jenkins.io/build-token-root/
    """
    job = visit.jenkins.jobs.find(visit.text("job") or "")
    if job is None or not job.token:
        return visit.missing()
    if visit.text("token") != job.token:
        return visit.html(403, pages.invalid_token())
    if not visit.jenkins.jobs.is_buildable(job) or bool(job.parameters) != with_parameters:
        return visit.container(400, f"{job.full_name} cannot be built this way")
    given = visit.request.values.to_dict(flat=False)
    answer = visit.jenkins.trigger(
        job,
        values_from_request(job.parameters, given),
        _remote(visit),
        delay=_delay(visit) or 0,
    )
    if answer is None:
        return visit.oops(403)
    item, merged = answer
    if merged:
        return empty(303, _location(visit, item))
    return empty(201, f"{visit.request.script_root}/queue/item/{item.id}/")


def _index(visit: Visit, project: Job) -> Response:
    visit.require(Permission.BUILD, project)
    visit.post_only()
    if project.disabled:
        return visit.oops(500)
    visit.jenkins.request_indexing(project.full_name)
    return empty(302, visit.top + project.path)


def _authorize(visit: Visit, job: Job) -> None:
    given = visit.text("token")
    if job.token and given is not None:
        if given == job.token:
            return  # and then even a GET will do
        raise Refusal(visit.html(403, pages.invalid_token()))
    visit.require(Permission.BUILD, job)
    visit.post_only()


def _require_buildable(visit: Visit, job: Job) -> None:
    if not visit.jenkins.jobs.is_buildable(job):
        raise Refusal(visit.refusal(409, f"{job.full_name} is not buildable"))


def _delay(visit: Visit) -> int | None:
    text = visit.text("delay")
    return None if text is None else parse_delay(text)


def _answer(
    visit: Visit, job: Job, values: tuple[Value, ...], delay: int | None, *, merged_status: int
) -> Response:
    answer = visit.jenkins.trigger(job, values, _cause(visit, job), delay=delay)
    if answer is None:
        return empty(302, visit.top + job.path)
    item, merged = answer
    if merged and merged_status == 302:
        return empty(302, visit.top + job.path)
    return empty(merged_status if merged else 201, _location(visit, item))


def _location(visit: Visit, item: Item) -> str:
    return f"{visit.here}queue/item/{item.id}/"


def _cause(visit: Visit, job: Job) -> Cause:
    if job.token and visit.text("token") is not None:
        return _remote(visit)
    user = visit.caller.user
    return by_user(user.name if user else None, visit.caller.full_name)


def _remote(visit: Visit) -> Cause:
    return by_remote(visit.request.remote_addr or "", visit.text("cause"))
