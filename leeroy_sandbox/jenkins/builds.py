"""Builds: what ran, what came of it, and what it said."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leeroy_sandbox.jenkins.jobs import Job
from leeroy_sandbox.jenkins.parameters import Value
from leeroy_sandbox.jenkins.reports import TestReport


class Result(StrEnum):
    """What a finished build says."""

    SUCCESS = "SUCCESS"
    UNSTABLE = "UNSTABLE"
    FAILURE = "FAILURE"
    NOT_BUILT = "NOT_BUILT"
    ABORTED = "ABORTED"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why a build was started; fields are shown after `shortDescription`."""

    class_name: str
    description: str
    fields: Mapping[str, object] = field(default_factory=dict)


def by_user(name: str | None, full_name: str) -> Cause:
    """Somebody asked for it; `name` is None for anonymous callers."""
    return Cause(
        class_name="hudson.model.Cause$UserIdCause",
        description=f"Started by user {full_name}",
        fields={"userId": name, "userName": full_name},
    )


def by_remote(address: str, note: str | None) -> Cause:
    """Somebody used the job's token."""
    said = f" with note: {note}" if note else ""
    return Cause(
        class_name="hudson.model.Cause$RemoteCause",
        description=f"Started by remote host {address}{said}",
        fields={"addr": address, "note": note},
    )


def by_rebuild(of: "Build") -> Cause:
    """Somebody asked for the same build again."""
    return Cause(
        class_name="com.sonyericsson.rebuild.RebuildCause",
        description=f"Rebuilds build #{of.number}",
        fields={
            "upstreamBuild": of.number,
            "upstreamProject": of.job.full_name,
            "upstreamUrl": of.job.path,
        },
    )


def by_replay(of: "Build") -> Cause:
    """Somebody ran a Pipeline again, perhaps with an edited script."""
    return Cause(
        class_name="org.jenkinsci.plugins.workflow.cps.replay.ReplayCause",
        description=f"Replayed #{of.number}",
    )


BY_INDEXING = Cause(class_name="jenkins.branch.BranchIndexingCause", description="Branch indexing")


@dataclass(frozen=True, kw_only=True)
class Revision:
    """What a build checked out."""

    url: str
    commit: str
    #: `origin/main`; `detached` when a sha was asked for.
    branch: str
    #: Paths changed since the previous build.
    changes: tuple[str, ...] = ()
    culprits: tuple[str, ...] = ()


@dataclass(kw_only=True, eq=False)
class Build:
    """One run of a job."""

    job: Job
    number: int
    queue_id: int
    parameters: tuple[Value, ...]
    causes: tuple[Cause, ...]
    #: When it could have started, and when it did, in milliseconds.
    queued_at: int
    timestamp: int
    duration: int = 0
    result: Result | None = None
    #: The result is not decided yet.
    building: bool = True
    #: Something is still to be done, if only closing the log.
    in_progress: bool = True
    log: bytearray = field(default_factory=bytearray)
    revision: Revision | None = None
    test_report: TestReport | None = None
    artifacts: tuple[str, ...] = ()
    #: Its executor, or a Pipeline's flow, was asked to stop.
    interrupted: threading.Event = field(default_factory=threading.Event)
    #: Ends at once what the build is waiting for; set while it runs a command.
    interrupt: Callable[[], None] | None = None
    #: Somebody has begun to end it: nobody else may.
    ending: bool = False
    #: Jenkins died under it.
    gone: bool = False

    @property
    def path(self) -> str:
        """Its address relative to Jenkins' root."""
        return f"{self.job.path}{self.number}/"

    @property
    def previous(self) -> "Build | None":
        """The build before it, of those that still exist."""
        older = [n for n in list(self.job.builds) if n < self.number]
        return self.job.builds[max(older)] if older else None

    def environment(self, root_url: str | None, workspace: str) -> dict[str, str]:
        """The variables Jenkins sets: its own, then the parameters."""
        # https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
        job = self.job
        own = {
            "BUILD_DISPLAY_NAME": f"#{self.number}",
            "BUILD_ID": str(self.number),
            "BUILD_NUMBER": str(self.number),
            "BUILD_TAG": f"jenkins-{job.full_name.replace('/', '-')}-{self.number}",
            "EXECUTOR_NUMBER": "0",
            "JOB_BASE_NAME": job.name,
            "JOB_NAME": job.full_name,
            "NODE_NAME": "built-in",
            "WORKSPACE": workspace,
        }
        if root_url:
            own |= {
                "JENKINS_URL": root_url,
                "JOB_URL": root_url + job.path,
                "BUILD_URL": root_url + self.path,
            }
        if job.head:
            own["BRANCH_NAME"] = job.head.name
            if job.head.name.startswith("PR-"):
                own["CHANGE_ID"] = job.head.name.split("-")[1]
        if self.revision:
            own |= {"GIT_COMMIT": self.revision.commit, "GIT_URL": self.revision.url}
        return own | {value.name: value.text for value in self.parameters}

    def say(self, line: str) -> None:
        """Write a line into the log."""
        self.log += line.encode() + b"\n"

    def stop(self) -> None:
        """Ask it to end; it takes its time."""
        self.interrupted.set()
        if self.interrupt:
            self.interrupt()


def combinations(job: Job) -> list[str]:
    """The names of a matrix job's parts: `ARCH=arm,OS=linux`."""
    found = [""]
    for axis in sorted(job.axes):
        found = [
            f"{one},{axis}={value}" if one else f"{axis}={value}"
            for one in found
            for value in job.axes[axis]
        ]
    return [one for one in found if one]
