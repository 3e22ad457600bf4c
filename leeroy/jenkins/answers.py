"""Jenkins' JSON, turned into facts. A field that is missing or odd raises; the caller says so.

https://www.jenkins.io/doc/book/using/remote-access-api/
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from leeroy import shapes
from leeroy.deciding.parameters import BUILD_ID
from leeroy.job_names import parse_job_url
from leeroy.model import FailedTests, JenkinsBuild, JobInfo, JobKind, QueueItem, Result
from leeroy.payloads import read_json

#: What is asked for, as Jenkins' ``tree``; it adds ``_class`` wherever there is one.
BUILD_TREE = (
    "number,url,result,building,queueId,timestamp,duration,"
    "actions[parameters[name,value],lastBuiltRevision[SHA1],causes[shortDescription],"
    "buildsByBranchName[buildNumber,marked[SHA1]]]"
)
ITEM_TREE = "id,why,cancelled,executable[number,url],actions[parameters[name,value]],task[url]"
_DEFINITIONS = "parameterDefinitions[name,defaultParameterValue[value]]"
JOB_TREE = f"fullName,buildable,property[{_DEFINITIONS}],actions[{_DEFINITIONS}]"

#: Causes of builds that are no fresh run of the job: an edited script, or only its last stages.
#: https://plugins.jenkins.io/workflow-cps/ and https://plugins.jenkins.io/pipeline-model-definition/
_REPLAYS = (".ReplayCause", ".RestartDeclarativePipelineCause")

#: A report of many jobs (matrix, Maven) has those of its parts in it.
_SUITES = "suites[cases[className,name,status]]"
TESTS_TREE = f"failCount,passCount,skipCount,totalCount,{_SUITES},childReports[result[{_SUITES}]]"
#: https://javadoc.jenkins.io/plugin/junit/hudson/tasks/junit/CaseResult.Status.html
FAILED_STATUSES = frozenset(["FAILED", "REGRESSION"])
#: So many names of failed tests are kept.
MOST_TESTS = 100

#: Seconds by which Jenkins' clock may be behind ours.
CLOCK_SKEW = 60.0


def parse_build(server: str, job: str, said: Any) -> JenkinsBuild:
    """A build."""
    number, result, queue_id = (
        shapes.number(said["number"]),
        said.get("result"),
        said.get("queueId"),
    )
    actions = [action for action in shapes.some(said.get("actions")) if action]
    return JenkinsBuild(
        server=server,
        job=job,
        number=number,
        url=shapes.words(said.get("url")),
        is_building=shapes.flag(said["building"]),
        result=Result(result) if result in list(Result) else None,
        duration=_milliseconds(said.get("duration")),
        # -1 where Jenkins does not know it.
        queue_id=None if queue_id in (None, -1) else shapes.number(queue_id),
        parameters=parse_parameters(actions),
        revisions=frozenset(sha for action in actions for sha in _revisions(action, number)),
        is_replay=any(
            shapes.words(cause.get("_class")).endswith(_REPLAYS)
            for action in actions
            for cause in shapes.some(action.get("causes"))
        ),
        started=_milliseconds(said.get("timestamp")),
        interrupted=next(
            (
                shapes.words(cause.get("shortDescription"))
                for action in actions
                if shapes.words(action.get("_class")).endswith(".InterruptedBuildAction")
                for cause in shapes.some(action.get("causes"))
            ),
            "",
        ),
        is_pipeline=shapes.words(said.get("_class")).endswith(".WorkflowRun"),
    )


def parse_queue_item(server: str, said: Any) -> QueueItem:
    """A queue item; ``executable`` exists only on one that has left the queue."""
    executable = said.get("executable")
    return QueueItem(
        server=server,
        id=shapes.number(said["id"]),
        is_cancelled=shapes.flag(said.get("cancelled")),
        build_number=shapes.number(executable["number"]) if executable else None,
        build_url=shapes.words(executable.get("url")) if executable else "",
        why=shapes.words(said.get("why")),
        has_left="executable" in said or shapes.words(said.get("_class")).endswith("LeftItem"),
        parameters=parse_parameters(shapes.some(said.get("actions"))),
    )


def parse_job(said: Any) -> JobInfo:
    """A job, or the folder or multibranch project that has this name."""
    holders = [*shapes.some(said.get("property")), *shapes.some(said.get("actions"))]
    definitions = [
        definition
        for holder in holders
        if holder
        for definition in shapes.some(holder.get("parameterDefinitions"))
    ]
    return JobInfo(
        name=shapes.text(said["fullName"]),
        kind=_kind(shapes.words(said.get("_class"))),
        is_buildable=shapes.flag(said.get("buildable")),
        parameters=frozenset(shapes.text(one["name"]) for one in definitions),
        defaults={
            shapes.text(one["name"]): _text(default["value"])
            for one in definitions
            if (default := one.get("defaultParameterValue")) and default.get("value") is not None
        },
        has_endpoints=any(
            shapes.words(holder.get("_class")).endswith(".HudsonNotificationProperty")
            for holder in holders
            if holder
        ),
    )


def parse_tests(said: bytes) -> FailedTests | None:
    """The failed tests of a report; None for what was cut short, or is no report.

    >>> parse_tests(b'''{"failCount": 1, "passCount": 2, "skipCount": 0, "suites": [{"cases": [
    ...     {"className": "pkg.A", "name": "works", "status": "PASSED"},
    ...     {"className": "pkg.A", "name": "fails", "status": "REGRESSION"}]}]}''')
    FailedTests(names=('pkg.A.fails',), count=1, total=3)
    """
    try:
        return _parse_tests(read_json(said))
    # One that nobody can read is none, and no reason to be silent on what else is known.
    except Exception:  # noqa: BLE001
        return None


def _parse_tests(report: Any) -> FailedTests:
    children = [child["result"] for child in shapes.some(report.get("childReports"))]
    names = [
        f"{shapes.words(case.get('className'))}.{shapes.words(case.get('name'))}".strip(".")
        for part in (report, *children)
        for suite in shapes.some(part.get("suites"))
        for case in shapes.some(suite.get("cases"))
        if case.get("status") in FAILED_STATUSES
    ]
    failed, passed, skipped = (
        shapes.count(report.get(f"{word}Count")) for word in ("fail", "pass", "skip")
    )
    return FailedTests(
        names=tuple(names[:MOST_TESTS]),
        count=max(failed, len(names)),
        total=shapes.count(report.get("totalCount")) or failed + passed + skipped,
    )


def parse_parameters(actions: Any) -> dict[str, str]:
    """Names and values as text; booleans as Jenkins' shell steps see them, passwords not at all.

    >>> parse_parameters([{}, {"parameters": [{"name": "PR", "value": "7"},
    ...     {"name": "DEPLOY", "value": False}, {"name": "PASSWORD"}]}])
    {'PR': '7', 'DEPLOY': 'false'}
    """
    return {
        shapes.text(parameter["name"]): _text(parameter["value"])
        for action in actions
        if action
        for parameter in shapes.some(action.get("parameters"))
        if "value" in parameter
    }


def job_of_item(said: Any) -> str:
    """The full name of the job a queue item is for; the item itself has only the short one."""
    return parse_job_url(shapes.words((said.get("task") or {}).get("url")))


def choose_item(
    items: Collection[QueueItem], *, sent: Mapping[str, str], queue_id: int | None
) -> QueueItem | None:
    """The queue item that was made of these parameters, or has this id."""
    return next(
        (item for item in items if _is_ours(item.parameters, sent, item.id == queue_id)), None
    )


def choose_build(
    builds: Collection[JenkinsBuild],
    *,
    sent: Mapping[str, str],
    queue_id: int | None,
    since: float,
    claimed: Collection[int],
) -> JenkinsBuild | None:
    """The build that was made of these parameters or this queue item, not of an earlier trigger.

    The first of them: one that somebody rebuilt or replayed later has the same parameters.
    """
    return min(
        (
            build
            for build in builds
            if build.number not in claimed
            and build.started >= since - CLOCK_SKEW
            and not build.is_replay
            and _is_ours(
                build.parameters, sent, queue_id is not None and build.queue_id == queue_id
            )
        ),
        key=lambda build: build.number,
        default=None,
    )


def is_made_of(shown: Mapping[str, str], sent: Mapping[str, str]) -> bool:
    """What Jenkins shows was started with what we sent.

    By our build's id where the job takes it. Else by all the parameters both know: Jenkins drops
    those a job does not define, and adds the defaults of those it was not given.

    >>> is_made_of({"PR": "7", "DEBUG": "false"}, {"PR": "7", "GIT_SHA1": "abc"})
    True
    >>> is_made_of({"PR": "7"}, {"PR": "8"}), is_made_of({"DEBUG": "false"}, {"PR": "8"})
    (False, False)
    """
    if BUILD_ID in shown and BUILD_ID in sent:
        return shown[BUILD_ID] == sent[BUILD_ID]
    both = shown.keys() & sent.keys()
    # A job may be set to trim its string parameters.
    return bool(both) and all(shown[name].strip() == sent[name].strip() for name in both)


def _is_ours(shown: Mapping[str, str], sent: Mapping[str, str], has_our_queue_id: bool) -> bool:
    # After a crash of Jenkins queue ids begin again at 1: ours may be another's by now, so it
    # counts only where no parameter can tell.
    if has_our_queue_id and not shown.keys() & sent.keys():
        return True
    return is_made_of(shown, sent)


def _revisions(action: Any, number: int) -> Iterator[str]:
    """The commit a git plugin built, and the one it merged into the base to make that.

    >>> sorted(_revisions({"lastBuiltRevision": {"SHA1": "a1"}, "buildsByBranchName": {
    ...     "PR-1": {"buildNumber": 7, "marked": {"SHA1": "b2"}},
    ...     "main": {"buildNumber": 6, "marked": {"SHA1": "c3"}}}}, 7))
    ['a1', 'b2']
    """
    if built := action.get("lastBuiltRevision"):
        yield shapes.text(built["SHA1"]).lower()
    # A merge that Jenkins made itself is known nowhere else; what it merged is "marked".
    for build in (action.get("buildsByBranchName") or {}).values():
        if build.get("buildNumber") == number and build.get("marked"):
            yield shapes.text(build["marked"]["SHA1"]).lower()


def _text(value: object) -> str:
    """A parameter's value; objects and lists are kinds of parameters that we never send."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _milliseconds(value: object) -> float:
    """Jenkins counts in milliseconds; in seconds."""
    return 0.0 if value is None else shapes.id_number(value) / 1000


def _kind(name: str) -> JobKind:
    if name.endswith("MultiBranchProject"):
        return JobKind.MULTIBRANCH
    # Organization folders hold multibranch projects.
    return JobKind.FOLDER if name.endswith(("Folder", "OrganizationFolder")) else JobKind.JOB
