"""Jobs: what is defined, and the endpoints that hear of its builds.

Full names have one part for each folder: `ci/app-test`. A multibranch project is a folder of
branch jobs. https://www.jenkins.io/doc/book/using/working-with-projects/
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from leeroy_sandbox.jenkins.access import Caller, Permission
from leeroy_sandbox.jenkins.names import job_path
from leeroy_sandbox.jenkins.parameters import Definition
from leeroy_sandbox.jenkins.reports import TestReport

if TYPE_CHECKING:
    from leeroy_sandbox.jenkins.builds import Build, Result, Revision


class Kind(StrEnum):
    """The kinds of item that have a `/job/` address."""

    FREESTYLE = "freestyle"
    PIPELINE = "pipeline"
    MULTIBRANCH = "multibranch"
    MATRIX = "matrix"
    FOLDER = "folder"

    @property
    def job_class(self) -> str:
        """The job's `_class`."""
        return _CLASSES[self][0]

    @property
    def build_class(self) -> str:
        """Its builds' `_class`."""
        return _CLASSES[self][1]

    @property
    def is_container(self) -> bool:
        """Holds other jobs and has no builds."""
        return self in (Kind.FOLDER, Kind.MULTIBRANCH)


_CLASSES = {
    Kind.FREESTYLE: ("hudson.model.FreeStyleProject", "hudson.model.FreeStyleBuild"),
    Kind.PIPELINE: (
        "org.jenkinsci.plugins.workflow.job.WorkflowJob",
        "org.jenkinsci.plugins.workflow.job.WorkflowRun",
    ),
    Kind.MULTIBRANCH: (
        "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject",
        "",
    ),
    Kind.MATRIX: ("hudson.matrix.MatrixProject", "hudson.matrix.MatrixBuild"),
    Kind.FOLDER: ("com.cloudbees.hudson.plugins.folder.Folder", ""),
}
_COLORS = {
    "SUCCESS": "blue",
    "UNSTABLE": "yellow",
    "FAILURE": "red",
    "NOT_BUILT": "notbuilt",
    "ABORTED": "aborted",
}


class Format(StrEnum):
    """What an endpoint is sent."""

    JSON = "JSON"
    XML = "XML"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where the notification plugin reports a job's builds; the names are the plugin's.

    https://plugins.jenkins.io/notification/
    """

    #: May hold `$VAR`, filled in from the build's environment, unescaped.
    url: str = field(kw_only=False)
    #: all, queued, started, completed, finalized, failed, failedAndFirstSuccess or manual.
    event: str = "all"
    format: Format = Format.JSON
    #: Milliseconds, to connect and again to answer; 0 waits for ever.
    timeout: int = 30_000
    retries: int = 0
    #: The last lines of the log that are sent along; -1 is all of it.
    loglines: int = 0
    #: Absent from the payload when None.
    notes: str | None = None
    #: A Java regular expression for the whole branch name.
    branch: str = ".*"
    #: The id of the credentials that hold the address, which the log then shows instead.
    credentials: str = ""


@dataclass(frozen=True, kw_only=True)
class Head:
    """A branch or pull request that a multibranch project finds."""

    #: `feature/x`, `PR-12`
    name: str
    commit: str


@dataclass(kw_only=True, eq=False)
class Job:
    """A job, folder or multibranch project, with its builds."""

    full_name: str
    kind: Kind = Kind.FREESTYLE
    definitions: tuple[Definition, ...] = ()
    #: A script for `sh -xe`; without one the build only takes `duration` and comes to `result`.
    shell: str = ""
    unstable_exit: int | None = None
    result: "Result | Callable[[Build], Result | str] | str" = "SUCCESS"
    #: Seconds.
    duration: float = 0.0
    #: Seconds an aborted build still takes to clean up.
    stop_takes: float = 0.0
    disabled: bool = False
    #: The question of a Pipeline's `input` step, which it comes to before anything else.
    asks: str = ""
    #: Several builds may run at once.
    concurrent: bool = True
    #: "Trigger builds remotely".
    token: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    #: Parameters and endpoints are declared in the Jenkinsfile, so the first build brings them.
    jenkinsfile: bool = False
    #: Given, or a pattern of JUnit files in the workspace.
    test_report: TestReport | str | None = None
    artifacts: tuple[str, ...] = ()
    #: May hold `${GIT_BASE_REPO}` and the like.
    git_url: str = ""
    #: The branch specifier, filled in likewise: a sha, a branch, `origin/pr/7/merge`, `*/main`.
    revision: str = "${GIT_SHA1}"
    #: What is fetched, with spaces between; filled in likewise.
    refspec: str = "+refs/heads/*:refs/remotes/origin/* +refs/pull/*/head:refs/remotes/origin/pr/*"
    #: Forget what is no longer in the repository; the plugin does not, unless told.
    prune: bool = False
    #: Checked out besides, of other repositories: a Pipeline's libraries.
    checkouts: "tuple[Revision, ...]" = ()
    quiet_period: float | None = None
    #: What users may do here, where that differs from what they may do elsewhere.
    permissions: Mapping[str, frozenset[Permission]] = field(default_factory=dict)
    #: A matrix job's.
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: What a multibranch project finds when it is indexed.
    discover: "Callable[[], Iterable[Head]] | None" = None
    #: The branch or pull request that a branch job builds.
    head: Head | None = None
    builds: "dict[int, Build]" = field(default_factory=dict)
    next_number: int = 1
    #: Its Jenkinsfile has run.
    declared: bool = False
    removed: bool = False

    @property
    def name(self) -> str:
        """The short name, which is all that queue items and notifications show."""
        return self.full_name.rpartition("/")[2]

    @property
    def display_name(self) -> str:
        """What people see: branch jobs show their branch's name."""
        return self.head.name if self.head else self.name

    @property
    def full_display_name(self) -> str:
        """What people see, outermost folder first."""
        return " » ".join([*self.full_name.split("/")[:-1], self.display_name])

    @property
    def parent(self) -> str:
        """The full name of the folder it is in."""
        return self.full_name.rpartition("/")[0]

    @property
    def path(self) -> str:
        """Its address relative to Jenkins' root."""
        return job_path(self.full_name)

    @property
    def parameters(self) -> tuple[Definition, ...]:
        """What it is known to take, by now."""
        return self.definitions if self.known else ()

    @property
    def known(self) -> bool:
        """Whether its parameters and endpoints are known to Jenkins by now."""
        return self.declared or not self.jenkinsfile

    @property
    def running(self) -> "list[Build]":
        """Builds that are not over, oldest first."""
        return [build for build in list(self.builds.values()) if build.in_progress]

    def newest(self) -> "Iterator[Build]":
        """Its builds, newest first."""
        # A copy: builds may begin while somebody looks.
        return reversed(list(self.builds.values()))

    @property
    def color(self) -> str:
        """The ball beside it: what its last finished build came to, and whether one is running."""
        if self.disabled:
            return "disabled"
        last = next((build for build in self.newest() if not build.building), None)
        running = any(build.building for build in self.newest())
        ball = _COLORS[last.result] if last and last.result else "notbuilt"
        return f"{ball}_anime" if running else ball

    def estimate(self) -> int:
        """How long a build may take, by the last good ones; -1 when nobody knows."""
        good = [b.duration for b in self.newest() if b.result in ("SUCCESS", "UNSTABLE")][:3]
        return sum(good) // len(good) if good else -1

    def grants(self, caller: Caller, permission: Permission) -> bool:
        """Whether the caller may do this here."""
        allowed = self.permissions.get(caller.name, caller.permissions)
        return permission in allowed or Permission.ADMINISTER in allowed
