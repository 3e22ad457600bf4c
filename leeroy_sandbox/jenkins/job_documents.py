"""What `api/json` says of jobs, folders, and Jenkins itself: pure, from state to beans.

https://www.jenkins.io/doc/book/using/remote-access-api/
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from leeroy_sandbox.jenkins.beans import Bean
from leeroy_sandbox.jenkins.builds import Build, Result
from leeroy_sandbox.jenkins.documents import build_link, value_document
from leeroy_sandbox.jenkins.jobs import Job, Kind
from leeroy_sandbox.jenkins.parameters import Choice, Definition

#: `builds` shows so many; `allBuilds` shows all.
NEWEST = 100

_NOTIFICATION = "com.tikal.hudson.plugins.notification.HudsonNotificationProperty"

#: The builds that have a name in addresses and in a job's JSON.
PERMALINKS: dict[str, Callable[[Build], bool]] = {
    "lastBuild": lambda build: True,
    "lastCompletedBuild": lambda build: not build.building,
    "lastFailedBuild": lambda build: build.result is Result.FAILURE and not build.building,
    "lastStableBuild": lambda build: build.result is Result.SUCCESS and not build.building,
    "lastSuccessfulBuild": (
        lambda build: build.result in (Result.SUCCESS, Result.UNSTABLE) and not build.building
    ),
    "lastUnstableBuild": lambda build: build.result is Result.UNSTABLE and not build.building,
    "lastUnsuccessfulBuild": (
        lambda build: build.result is not Result.SUCCESS and not build.building
    ),
}


def permalink(job: Job, name: str) -> Build | None:
    """The build of that name, if there is one."""
    return next(filter(PERMALINKS[name], job.newest()), None)


@dataclass(frozen=True, kw_only=True)
class Around:
    """What a job's document needs to know of the Jenkins around it."""

    #: The address that `url` fields begin with.
    root: str
    is_buildable: Callable[[Job], bool]
    queue_item: Callable[[Job], Bean | None]
    #: What is in a folder, as far as the caller may see it.
    children: Callable[[Job], list[Job]]


def job_document(job: Job, around: Around) -> Bean:
    """`job/NAME/api/json`; folders show the jobs in them the same way."""
    named: dict[str, Any] = {
        "actions": lambda: [*_property(job.parameters), Bean()],
        "description": "",
        "displayName": job.display_name,
        "displayNameOrNull": job.head.name if job.head else None,
        "fullDisplayName": job.full_display_name,
        "fullName": job.full_name,
        "name": job.name,
        "url": around.root + job.path,
    }
    if job.kind.is_container:
        fields = named | {
            "healthReport": [],
            "jobs": lambda: [job_document(child, around) for child in around.children(job)],
            "primaryView": Bean(class_name="hudson.model.AllView", fields={"name": "All"}, level=2),
            "views": [],
        }
    else:
        fields = named | _build_fields(job, around) | _kind_fields(job)
    return Bean(
        class_name=job.kind.job_class,
        fields=fields,
        levels={"name": 999, "url": 999, "color": 2, "allBuilds": -2},
        inline=frozenset({"property"}),
    )


def root_document(jobs: Iterable[Job], around: Around, **settings: Any) -> Bean:
    """`api/json` of Jenkins itself."""
    return Bean(
        class_name="hudson.model.Hudson",
        fields={
            "assignedLabels": [Bean()],
            "mode": "NORMAL",
            "nodeDescription": "the Jenkins controller's built-in node",
            "nodeName": "",
            "numExecutors": settings["executors"],
            "description": None,
            "jobs": lambda: [job_document(job, around) for job in jobs],
            "primaryView": Bean(class_name="hudson.model.AllView", fields={"name": "all"}, level=2),
            "quietDownReason": None,
            "quietingDown": settings["quieting_down"],
            "slaveAgentPort": -1,
            "unlabeledLoad": Bean(class_name="jenkins.model.UnlabeledLoadStatistics"),
            "url": settings["url"],
            "useCrumbs": settings["csrf"],
            "useSecurity": settings["security"],
            "views": [],
        },
    )


def _build_fields(job: Job, around: Around) -> dict[str, Any]:
    root = around.root

    def links(count: int | None) -> list[Bean | None]:
        return [build_link(build, root) for build in list(job.newest())[:count]]

    def named(name: str) -> Callable[[], Bean | None]:
        return lambda: build_link(permalink(job, name), root)

    oldest = next(iter(job.builds.values()), None)
    return {
        "buildable": lambda: around.is_buildable(job),
        "builds": lambda: links(NEWEST),
        "allBuilds": lambda: links(None),
        "color": lambda: job.color,
        "firstBuild": lambda: build_link(oldest, root),
        "healthReport": [],
        "inQueue": lambda: around.queue_item(job) is not None,
        "keepDependencies": False,
        **{name: named(name) for name in PERMALINKS},
        "nextBuildNumber": job.next_number,
        "property": lambda: [*_property(job.parameters), *_notifies(job)],
        "queueItem": lambda: around.queue_item(job),
    }


def _kind_fields(job: Job) -> dict[str, Any]:
    fields: dict[str, Any] = {"concurrentBuild": job.concurrent, "disabled": job.disabled}
    if job.kind is Kind.PIPELINE:
        return fields | {"resumeBlocked": False}
    return fields | {
        "downstreamProjects": [],
        "labelExpression": None,
        "scm": Bean(
            class_name="hudson.plugins.git.GitSCM" if job.git_url else "hudson.scm.NullSCM"
        ),
        "upstreamProjects": [],
    }


def _property(definitions: Iterable[Definition]) -> list[Bean]:
    """A job's `property`: what parameters it takes; none when it takes none."""
    shown = [_definition(definition) for definition in definitions]
    if not shown:
        return []
    return [
        Bean(
            class_name="hudson.model.ParametersDefinitionProperty",
            fields={"parameterDefinitions": shown},
            level=2,
        )
    ]


def _notifies(job: Job) -> list[Bean]:
    """What shows that a job notifies somebody; not whom."""
    return [Bean(class_name=_NOTIFICATION)] if job.endpoints and job.known else []


def _definition(definition: Definition) -> Bean:
    fields: dict[str, Any] = {
        "defaultParameterValue": value_document(definition.default_value()),
        "description": definition.description,
        "name": definition.name,
        "type": definition.type,
    }
    if isinstance(definition, Choice):
        fields["choices"] = list(definition.choices)
    return Bean(class_name=f"hudson.model.{definition.type}", fields=fields, level=3)
