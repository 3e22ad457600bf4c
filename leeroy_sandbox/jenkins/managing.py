"""What administrators do by HTTP: make, see, disable and delete jobs, and read all of them again.

https://www.jenkins.io/doc/book/using/remote-access-api/
"""

from flask import Response

from leeroy_sandbox.jenkins.access import Permission
from leeroy_sandbox.jenkins.config_xml import parse_config, render_config
from leeroy_sandbox.jenkins.jobs import Job
from leeroy_sandbox.jenkins.names import job_path
from leeroy_sandbox.jenkins.starting import Start
from leeroy_sandbox.jenkins.visit import Visit, empty

_RELOAD_SECONDS = 1.0


def config(visit: Visit, job: Job) -> Response:
    """`job/NAME/config.xml`."""
    visit.require(Permission.EXTENDED_READ, job)
    return Response(render_config(job), content_type="application/xml")


def create(visit: Visit, folder: str) -> Response:
    """`createItem`: make a job of a `config.xml`."""
    visit.post_only()
    visit.require(Permission.ADMINISTER)
    name = folder + (visit.request.args.get("name") or "")
    if name == folder or visit.jenkins.jobs.find(name) is not None:
        return visit.oops(400)
    with visit.jenkins.lock:
        visit.jenkins.jobs.add(parse_config(visit.request.get_data(), name))
    return empty(200)


def disable(visit: Visit, job: Job, *, disabled: bool) -> Response:
    """`job/NAME/disable` and `.../enable`."""
    visit.post_only()
    visit.require(Permission.ADMINISTER, job)
    visit.jenkins.disable(job, disabled=disabled)
    return empty(302, visit.top + job.path)


def delete(visit: Visit, job: Job) -> Response:
    """`job/NAME/doDelete`."""
    visit.post_only()
    visit.require(Permission.ADMINISTER, job)
    visit.jenkins.remove_job(job.full_name)
    return empty(302, visit.top + job_path(job.parent) if job.parent else visit.top)


def reload(visit: Visit) -> Response:
    """Read all from disk again: nothing but 503 for about a second, and no stage with a 401."""
    visit.post_only()
    visit.require(Permission.ADMINISTER)
    visit.jenkins.begin_start(Start(users=_RELOAD_SECONDS))
    return empty(302, visit.top)
