"""Everything else under Jenkins' addresses: queue, jobs, builds, logs, who is asking.

https://www.jenkins.io/doc/book/using/remote-access-api/
"""

from flask import Response

from leeroy_sandbox.jenkins import managing, pages, triggers
from leeroy_sandbox.jenkins.access import Crumbs, Permission
from leeroy_sandbox.jenkins.beans import Bean, to_json
from leeroy_sandbox.jenkins.builds import Build, combinations
from leeroy_sandbox.jenkins.documents import (
    build_document,
    item_document,
    queue_document,
    run_document,
    test_report_document,
)
from leeroy_sandbox.jenkins.inputs import pending_inputs, workflow_run
from leeroy_sandbox.jenkins.job_documents import (
    PERMALINKS,
    Around,
    job_document,
    permalink,
    root_document,
)
from leeroy_sandbox.jenkins.jobs import Job, Kind
from leeroy_sandbox.jenkins.queue import Cancelled, Item
from leeroy_sandbox.jenkins.versions import Feature
from leeroy_sandbox.jenkins.visit import Visit, empty

_API = ["api", "json"]
#: What Jenkins keeps of every user; none of it shows anything here.
_USER_PROPERTIES = (
    "jenkins.security.ApiTokenProperty",
    "hudson.model.MyViewsProperty",
    "hudson.model.PaneStatusProperties",
    "jenkins.security.seed.UserSeedProperty",
    "hudson.search.UserSearchProperty",
    "hudson.model.TimeZoneProperty",
)


def answer(visit: Visit, segments: list[str]) -> Response:
    """Walk the address one object at a time, as Stapler does."""
    match segments:
        case ["whoAmI", "api", "json"]:
            return _who_am_i(visit)
        case ["login"]:
            return visit.html(200, pages.login())
        case ["buildByToken", "build" | "buildWithParameters" as how]:
            return triggers.build_by_token(visit, with_parameters=how != "build")
    visit.require(Permission.OVERALL_READ)
    match segments:
        case []:
            return visit.html(200, pages.about("Dashboard"))
        case ["api", "json"]:
            return _root(visit)
        case ["me", "api", "json"]:
            return _me(visit)
        case ["crumbIssuer", "api", "json"]:
            return _crumb(visit)
        case ["quietDown" | "cancelQuietDown" as what]:
            return _quiet_down(visit, on=what == "quietDown")
        case ["createItem"]:
            return managing.create(visit, "")
        case ["reload"]:
            return managing.reload(visit)
        case ["queue", *rest]:
            return _queue(visit, rest)
        case ["job", _, *_]:
            return _below_jobs(visit, segments)
    return visit.missing()


def _who_am_i(visit: Visit) -> Response:
    known = visit.caller.user is not None
    fields = {
        "anonymous": not known,
        "authenticated": True,
        "authorities": ["authenticated"] if known else [],
        "name": visit.caller.name,
    }
    return visit.json(Bean(class_name="hudson.security.WhoAmI", fields=fields))


def _me(visit: Visit) -> Response:
    user = visit.caller.user
    if user is None:
        return visit.denied(Permission.OVERALL_READ)
    fields = {
        "absoluteUrl": f"{visit.root}user/{user.name}",
        "description": None,
        "fullName": user.full_name,
        "id": user.name,
        "property": [Bean(class_name=name) for name in _USER_PROPERTIES],
    }
    return visit.json(Bean(class_name="hudson.model.User", fields=fields))


def _root(visit: Visit) -> Response:
    jenkins = visit.jenkins
    return visit.json(
        root_document(
            _readable(visit, jenkins.jobs.children("")),
            _around(visit),
            executors=jenkins.executors,
            quieting_down=jenkins.items.quieting_down,
            url=jenkins.root_url,
            csrf=jenkins.csrf,
            security=jenkins.users.security,
        )
    )


def _crumb(visit: Visit) -> Response:
    jenkins = visit.jenkins
    if not jenkins.csrf:
        return visit.missing()
    session = visit.request.cookies.get(jenkins.crumbs.cookie)
    crumb, opened = jenkins.crumbs.issue(visit.caller, session)
    fields = {"crumb": crumb, "crumbRequestField": Crumbs.FIELD}
    made = visit.json(Bean(class_name="hudson.security.csrf.DefaultCrumbIssuer", fields=fields))
    if opened:
        made.headers.add("Set-Cookie", f"{jenkins.crumbs.cookie}={opened}; Path=/; HttpOnly")
    return made


def _quiet_down(visit: Visit, *, on: bool) -> Response:
    visit.post_only()
    visit.require(Permission.ADMINISTER)
    visit.jenkins.quiet_down(on=on)
    return empty(302, visit.top)


def _queue(visit: Visit, rest: list[str]) -> Response:
    match rest:
        case ["api", "json"]:
            with visit.jenkins.lock:
                visit.jenkins.items.mature()
                items = [i for i in visit.jenkins.items if _may_read(visit, i.job)]
            return visit.json(queue_document(_item(visit, item) for item in items))
        case ["cancelItem"]:
            return _cancel(visit)
        case ["item", number, *below] if number.isdigit():
            with visit.jenkins.lock:
                visit.jenkins.items.mature()
                item = visit.jenkins.items.find(int(number))
            if item is None:
                return visit.missing()
            visit.require_read(item.job)
            return _queue_item(visit, item, below)
    return visit.missing()


def _queue_item(visit: Visit, item: Item, below: list[str]) -> Response:
    match below:
        case ["api", "json"]:
            return visit.json(_item(visit, item))
        case [] if Feature.QUEUE_ITEM_PAGE.within(visit.jenkins.version):
            example = f"/queue/item/{item.id}/api/json?tree=cancelled,executable[url]"
            text = f"Queue item exists. For details check, for example, {example}"
            return Response(text, content_type="text/plain;charset=utf-8")
        case ["cancelQueue"]:
            visit.post_only()
            if item.job.grants(visit.caller, Permission.CANCEL):
                visit.jenkins.cancel(item.id)
            return empty(204)
    return visit.missing()


def _cancel(visit: Visit) -> Response:
    visit.post_only()
    jenkins = visit.jenkins
    given = visit.text("id") or ""
    number = int(given) if given.isdecimal() else 0
    with jenkins.lock:
        item = jenkins.items.find(number)
    if item is None or not _may_read(visit, item.job):
        status = 404
    elif not item.job.grants(visit.caller, Permission.CANCEL):
        status = 422
    else:
        came_to = jenkins.cancel(number)
        status = {Cancelled.DONE: 204, Cancelled.UNKNOWN: 404, Cancelled.TOO_LATE: 500}[came_to]
    if not Feature.CANCEL_STATUS.within(jenkins.version):
        return empty(302, visit.request.headers.get("Referer") or f"{visit.top}queue/")
    return empty(204) if status == 204 else visit.oops(status)


def _item(visit: Visit, item: Item) -> Bean:
    with visit.jenkins.lock:
        return item_document(
            item,
            visit.root,
            now=visit.jenkins.clock(),
            quieting_down=visit.jenkins.items.quieting_down,
        )


def _below_jobs(visit: Visit, segments: list[str]) -> Response:
    names = []
    while segments[:1] == ["job"] and len(segments) > 1:
        names.append(segments[1])
        segments = segments[2:]
    job = visit.require_read(visit.jenkins.jobs.find("/".join(names)))
    match segments:
        case []:
            return visit.html(200, pages.about(job.full_display_name))
        case ["api", "json"]:
            return visit.json(job_document(job, _around(visit)))
        case ["disable" | "enable" as what]:
            return managing.disable(visit, job, disabled=what == "disable")
        case ["doDelete"]:
            return managing.delete(visit, job)
        case ["config.xml"]:
            return managing.config(visit, job)
        case ["createItem"] if job.kind is Kind.FOLDER:
            return managing.create(visit, f"{job.full_name}/")
        case ["build"]:
            return triggers.build(visit, job)
        case ["buildWithParameters"]:
            return triggers.build_with_parameters(visit, job)
        case [combination, *rest] if job.axes and combination in combinations(job):
            return _run(visit, job, combination, rest)
        case [name, *rest]:
            found = _find_build(job, name)
            return _build(visit, found, rest) if found else visit.missing()
    return visit.missing()


def _around(visit: Visit) -> Around:
    jenkins = visit.jenkins

    def queue_item(job: Job) -> Bean | None:
        queued = next((item for item in jenkins.items if item.job is job), None)
        return _item(visit, queued) if queued else None

    return Around(
        root=visit.root,
        is_buildable=jenkins.jobs.is_buildable,
        queue_item=queue_item,
        children=lambda folder: _readable(visit, jenkins.jobs.children(folder.full_name)),
    )


def _find_build(job: Job, name: str) -> Build | None:
    if name in PERMALINKS:
        return permalink(job, name)
    return job.builds.get(int(name)) if name.isdigit() else None


def _build(visit: Visit, build: Build, rest: list[str]) -> Response:
    match rest:
        case []:
            return visit.html(200, pages.about(f"{build.job.full_display_name} #{build.number}"))
        case ["api", "json"]:
            has_in_progress = Feature.IN_PROGRESS.within(visit.jenkins.version)
            return visit.json(build_document(build, visit.root, has_in_progress=has_in_progress))
        case ["stop"]:
            return _stop(visit, build)
        case ["term" | "kill" as how] if build.job.kind is Kind.PIPELINE:
            return _stop(visit, build, at_once=how == "kill")
        case ["doDelete"]:
            return _delete(visit, build)
        case ["consoleText"]:
            return visit.plain(build.plain_log)
        case ["logText", "progressiveText"]:
            return _progressive(visit, build)
        case ["wfapi", "describe" | "pendingInputActions" as what] if (
            build.job.kind is Kind.PIPELINE
        ):
            return _workflow(visit, build, what)
        case ["testReport", "api", "json"] if build.test_report:
            return visit.json(test_report_document(build.test_report))
    return visit.missing()


def _workflow(visit: Visit, build: Build, what: str) -> Response:
    """What the Pipeline REST API plugin tells; nothing else shows that a build waits for input."""
    with visit.jenkins.lock:
        if what == "describe":
            told: object = workflow_run(build, visit.top, now=visit.jenkins.clock())
        else:
            told = pending_inputs(build, visit.top)
    return Response(to_json(told), content_type="application/json;charset=utf-8")


def _run(visit: Visit, job: Job, combination: str, rest: list[str]) -> Response:
    build = _find_build(job, rest[0]) if rest else None
    if build is None or rest[1:] != _API:
        return visit.missing()
    return visit.json(run_document(build, combination, visit.root))


def _stop(visit: Visit, build: Build, *, at_once: bool = False) -> Response:
    visit.post_only()
    visit.require(Permission.CANCEL, build.job)
    if at_once and build.building:
        visit.jenkins.kill(build)
    elif build.building:
        build.stop(by=visit.caller.full_name)
    return empty(302, visit.request.headers.get("Referer") or visit.top + build.path)


def _delete(visit: Visit, build: Build) -> Response:
    visit.post_only()
    visit.require(Permission.DELETE_BUILD, build.job)
    with visit.jenkins.lock:
        build.job.builds.pop(build.number, None)
    return empty(302, visit.top + build.job.path)


def _progressive(visit: Visit, build: Build) -> Response:
    log = bytes(build.log)
    start = int(visit.text("start") or 0)
    # Lines end as HTTP likes them, while what is counted are the bytes of the file.
    text = log[start if start <= len(log) else 0 :]
    if visit.jenkins.crlf:
        text = text.replace(b"\n", b"\r\n")
    made = visit.plain(text)
    made.headers["X-Text-Size"] = str(len(log))
    if build.in_progress:
        made.headers["X-More-Data"] = "true"
    return made


def _may_read(visit: Visit, job: Job) -> bool:
    return job.grants(visit.caller, Permission.READ)


def _readable(visit: Visit, jobs: list[Job]) -> list[Job]:
    return [job for job in jobs if _may_read(visit, job)]
