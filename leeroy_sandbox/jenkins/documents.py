"""What `api/json` says of jobs, builds and queue items: pure, from state to beans.

https://www.jenkins.io/doc/book/using/remote-access-api/
"""

from collections.abc import Iterable, Mapping
from typing import Any

from leeroy_sandbox.jenkins.beans import ALWAYS, Bean
from leeroy_sandbox.jenkins.builds import Build, Cause, Result, Revision, combinations
from leeroy_sandbox.jenkins.jobs import Kind
from leeroy_sandbox.jenkins.names import encode_segment
from leeroy_sandbox.jenkins.parameters import Value
from leeroy_sandbox.jenkins.queue import Item, State
from leeroy_sandbox.jenkins.reports import TestCase, TestReport, TestStatus

_GIT = "hudson.plugins.git"
_PLACEHOLDER = "org.jenkinsci.plugins.workflow.support.steps.ExecutorStepExecution$PlaceholderTask"


def item_document(item: Item, root: str, *, now: float, quieting_down: bool) -> Bean:
    """`queue/item/N/api/json`."""
    fields: dict[str, Any] = {
        "actions": _actions(item.parameters, item.causes),
        "blocked": item.state is State.BLOCKED,
        "buildable": item.state in (State.BUILDABLE, State.PENDING),
        "id": item.id,
        "inQueueSince": _ms(item.since),
        "params": item.params,
        "stuck": False,
        "task": _task(item, root),
        "url": f"queue/item/{item.id}/",
        "why": item.why(now, quieting_down),
    }
    match item.state:
        case State.WAITING:
            fields["timestamp"] = _ms(item.due)
        case State.BLOCKED:
            fields["buildableStartMilliseconds"] = _ms(item.buildable_since)
        case State.LEFT:
            fields["cancelled"] = item.cancelled
            fields["executable"] = build_link(item.build, root)
        case _:
            fields["buildableStartMilliseconds"] = _ms(item.buildable_since)
            fields["pending"] = item.state is State.PENDING
    return Bean(class_name=item.state.removesuffix(" pending"), fields=fields, level=ALWAYS)


def queue_document(items: Iterable[Bean]) -> Bean:
    """`queue/api/json`; items that left are not in it."""
    return Bean(
        class_name="hudson.model.Queue",
        fields={"discoverableItems": [], "items": list(items)},
        inline=frozenset({"items"}),
    )


def build_link(build: Build | None, root: str) -> Bean | None:
    """A build as other documents point to it."""
    return build_document(build, root) if build else None


def build_document(build: Build, root: str, *, has_in_progress: bool = True) -> Bean:
    """`job/NAME/N/api/json`."""
    kind = build.job.kind
    fields: dict[str, Any] = {
        "actions": lambda: _build_actions(build),
        "artifacts": lambda: [_artifact(path) for path in build.artifacts],
        "building": build.building,
        "description": None,
        "displayName": f"#{build.number}",
        "duration": build.duration,
        "estimatedDuration": lambda: build.job.estimate(),
        "executor": _executor(build),
        "fullDisplayName": f"{build.job.full_display_name} #{build.number}",
        "id": str(build.number),
        "inProgress": build.in_progress,
        "keepLog": False,
        "number": build.number,
        "queueId": build.queue_id,
        "result": build.result,
        "timestamp": build.timestamp,
        "url": root + build.path,
    }
    if not has_in_progress:
        del fields["inProgress"]
    if kind is Kind.PIPELINE:
        fields |= {
            "changeSets": [],
            "culprits": [],
            "nextBuild": lambda: build_link(_next(build), root),
            "previousBuild": lambda: build_link(build.previous, root),
        }
    else:
        fields |= {"builtOn": "", "changeSet": _change_set(build), "culprits": []}
    if kind is Kind.MATRIX:
        fields["runs"] = lambda: [
            run_document(build, name, root) for name in combinations(build.job)
        ]
    return Bean(class_name=kind.build_class, fields=fields, levels={"number": 2, "url": 2})


def run_document(build: Build, combination: str, root: str) -> Bean:
    """`job/NAME/AXIS=value/N/api/json`: a matrix build's part."""
    whole = build_document(build, root)
    fields = {name: value for name, value in whole.fields.items() if name != "runs"}
    fields["url"] = f"{root}{build.job.path}{encode_segment(combination)}/{build.number}/"
    return Bean(class_name="hudson.matrix.MatrixRun", fields=fields, levels=whole.levels)


def test_report_document(report: TestReport) -> Bean:
    """`job/NAME/N/testReport/api/json`."""
    suite = Bean(
        fields={
            "cases": [_case(case) for case in report.cases],
            "duration": sum(case.seconds for case in report.cases),
            "name": "tests",
            "stderr": None,
            "stdout": None,
        },
        level=ALWAYS,
    )
    return Bean(
        class_name="hudson.tasks.junit.TestResult",
        fields={
            "testActions": [],
            "duration": sum(case.seconds for case in report.cases),
            "empty": not report.cases,
            "failCount": report.count(TestStatus.FAILED),
            "passCount": report.count(TestStatus.PASSED),
            "skipCount": report.count(TestStatus.SKIPPED),
            "suites": [suite],
        },
    )


def value_document(value: Value) -> Bean:
    fields: dict[str, Any] = {"name": value.name}
    if value.value is not None:
        fields["value"] = value.value
    return Bean(class_name=value.class_name, fields=fields, level=3, levels={"value": 4})


def _actions(parameters: Iterable[Value], causes: Iterable[Cause]) -> list[Bean]:
    found = []
    if values := [value_document(value) for value in parameters]:
        found.append(
            Bean(
                class_name="hudson.model.ParametersAction",
                fields={"parameters": values},
                level=2,
            )
        )
    if shown := [_cause(cause) for cause in causes]:
        found.append(Bean(class_name="hudson.model.CauseAction", fields={"causes": shown}, level=2))
    return found


def _cause(cause: Cause) -> Bean:
    fields: Mapping[str, Any] = {"shortDescription": cause.description, **cause.fields}
    return Bean(class_name=cause.class_name, fields=fields, level=3)


def _build_actions(build: Build) -> list[Bean]:
    found = _actions(build.parameters, build.causes)
    found += [_checkout(build, one) for one in (*build.job.checkouts, build.revision) if one]
    if build.result is Result.ABORTED and build.interruptions:
        shown = [_cause(cause) for cause in build.interruptions]
        found.append(
            Bean(
                class_name="jenkins.model.InterruptedBuildAction", fields={"causes": shown}, level=2
            )
        )
    # Actions that show nothing of themselves are there all the same.
    found.append(Bean())
    if report := build.test_report:
        found.append(
            Bean(
                class_name="hudson.tasks.junit.TestResultAction",
                fields={
                    "failCount": report.count(TestStatus.FAILED),
                    "skipCount": report.count(TestStatus.SKIPPED),
                    "totalCount": report.count(),
                    "urlName": "testReport",
                },
                level=2,
            )
        )
    return found


def _checkout(build: Build, revision: Revision) -> Bean:
    branch = Bean(fields={"SHA1": revision.commit, "name": revision.branch}, level=ALWAYS)
    last = Bean(fields={"SHA1": revision.commit, "branch": [branch]}, level=ALWAYS)
    by_name = {
        "_class": f"{_GIT}.util.Build",
        "buildNumber": build.number,
        "buildResult": None,
        "marked": {"SHA1": revision.commit, "branch": [{"SHA1": revision.commit}]},
        "revision": {"SHA1": revision.commit, "branch": [{"SHA1": revision.commit}]},
    }
    return Bean(
        class_name=f"{_GIT}.util.BuildData",
        fields={
            "buildsByBranchName": {revision.branch: by_name},
            "lastBuiltRevision": last,
            "remoteUrls": [revision.url],
            "scmName": "",
        },
        level=ALWAYS,
    )


def _task(item: Item, root: str) -> Bean:
    if item.placeholder_for:
        name = f"part of {item.job.full_display_name} #{item.placeholder_for.number}"
        return Bean(class_name=_PLACEHOLDER, fields={"name": name}, level=ALWAYS)
    fields = {"name": item.job.name, "url": root + item.job.path, "color": item.job.color}
    return Bean(class_name=item.job.kind.job_class, fields=fields, level=ALWAYS)


def _executor(build: Build) -> Bean | None:
    if not build.in_progress:
        return None
    flyweight = build.job.kind is Kind.PIPELINE
    return Bean(class_name="hudson.model.OneOffExecutor" if flyweight else "")


def _artifact(path: str) -> Bean:
    name = path.rpartition("/")[2]
    fields = {"displayPath": name, "fileName": name, "relativePath": path}
    return Bean(fields=fields, level=ALWAYS)


def _change_set(build: Build) -> Bean:
    kind = "git" if build.job.git_url else None
    return Bean(
        class_name=f"{_GIT}.GitChangeSetList" if kind else "hudson.scm.EmptyChangeLogSet",
        fields={"items": [], "kind": kind},
        level=ALWAYS,
    )


def _case(case: TestCase) -> Bean:
    fields: dict[str, Any] = {
        "testActions": [],
        "age": 0 if case.status is TestStatus.PASSED else 1,
        "className": case.class_name,
        "duration": case.seconds,
        "errorDetails": case.message or None,
        "errorStackTrace": case.message or None,
        "failedSince": 0,
        "name": case.name,
        "skipped": case.status is TestStatus.SKIPPED,
        "status": case.status,
    }
    return Bean(fields=fields, level=ALWAYS)


def _next(build: Build) -> Build | None:
    newer = [n for n in build.job.builds if n > build.number]
    return build.job.builds[min(newer)] if newer else None


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
