"""Builds: what ran, what came of it, and what it said."""

import base64
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leeroy_sandbox.jenkins.jobs import Job
from leeroy_sandbox.jenkins.parameters import Value
from leeroy_sandbox.jenkins.reports import TestReport

#: What Jenkins hides in a log, for its own pages to make links of.
ANNOTATION = re.compile(rb"\x1b\[8mha:[^\x1b]*\x1b\[0m")


_BY_USER = "Started by user "


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

    @property
    def line(self) -> str:
        """How a log begins with it: a user's name has something hidden before it."""
        if not self.class_name.endswith("$UserIdCause"):
            return self.description
        name = self.description.removeprefix(_BY_USER)
        hidden = base64.b64encode(f"jenkins.console.Link:{name}".encode()).decode()
        return f"{_BY_USER}\x1b[8mha:////{hidden}\x1b[0m{name}"


def by_user(name: str | None, full_name: str) -> Cause:
    """Somebody asked for it; `name` is None for anonymous callers."""
    return Cause(
        class_name="hudson.model.Cause$UserIdCause",
        description=f"{_BY_USER}{full_name}",
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


def by_stage_restart(of: "Build", stage: str) -> Cause:
    """Somebody restarted a declarative Pipeline from one of its stages."""
    return Cause(
        class_name="org.jenkinsci.plugins.pipeline.modeldefinition.causes."
        "RestartDeclarativePipelineCause",
        description=f"Restarted from build #{of.number}, stage {stage}",
    )


def by_naginator(of: "Build") -> Cause:
    """The Naginator plugin tried again what failed."""
    return Cause(
        class_name="com.chikli.hudson.plugin.naginator.NaginatorCause",
        description=f"Started by Naginator after build #{of.number} failure",
    )


BY_INDEXING = Cause(class_name="jenkins.branch.BranchIndexingCause", description="Branch indexing")


def by_hand(user: str) -> Cause:
    """Why a build was interrupted: somebody pressed the red cross."""
    return Cause(
        class_name="jenkins.model.CauseOfInterruption$UserInterruption",
        description=f"Aborted by {user}",
    )


def by_rejection(user: str) -> Cause:
    """Why a Pipeline was interrupted: somebody said no at its `input` step."""
    return Cause(
        class_name="org.jenkinsci.plugins.workflow.support.steps.input.Rejection",
        description=f"Rejected by {user}",
    )


@dataclass(frozen=True, kw_only=True)
class Pause:
    """An `input` step that nobody has answered."""

    id: str
    message: str
    answered: threading.Event = field(default_factory=threading.Event)


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
    #: Its checkout found no revision.
    found_nothing: bool = False
    test_report: TestReport | None = None
    artifacts: tuple[str, ...] = ()
    #: Its executor, or a Pipeline's flow, was asked to stop.
    interrupted: threading.Event = field(default_factory=threading.Event)
    #: Why it was asked to stop; a shutdown of Jenkins gives no cause.
    interruptions: list[Cause] = field(default_factory=list)
    #: The `input` step it waits at.
    waits_at: Pause | None = None
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

    @property
    def plain_log(self) -> bytes:
        """The log as people read it."""
        return ANNOTATION.sub(b"", bytes(self.log))

    def say(self, line: str) -> None:
        """Write a line into the log."""
        self.log += line.encode() + b"\n"

    def stop(self, by: str | None = None) -> None:
        """Ask it to end, in somebody's name; it takes its time."""
        self._stop([by_hand(by)] if by else [])

    def pause(self, message: str) -> Pause:
        """Wait for somebody to answer."""
        self.waits_at = Pause(id=secrets.token_hex(16).capitalize(), message=message)
        self.say(message)
        self.say("Proceed or Abort")
        return self.waits_at

    def go_on(self, user: str) -> None:
        """Somebody said yes; LookupError when it waits for nobody."""
        self.say(f"Approved by {user}")
        self._answered().answered.set()

    def reject(self, user: str) -> None:
        """Somebody said no; LookupError when it waits for nobody."""
        pause = self._answered()
        self.say(f"Rejected by {user}")
        self._stop([by_rejection(user)])
        pause.answered.set()

    def _answered(self) -> Pause:
        pause, self.waits_at = self.waits_at, None
        if pause is None:
            raise LookupError(f"{self.path} waits for no input")
        return pause

    def _stop(self, causes: list[Cause]) -> None:
        if self.building:
            self.interruptions += causes
        self.interrupted.set()
        if self.interrupt:
            self.interrupt()
        if self.waits_at:
            self.waits_at.answered.set()


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
