"""A build of ours, as our store remembers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leeroy.job_names import pull_of_branch_job
from leeroy.model.causes import Cause, CauseKind, Reason, ReasonKind
from leeroy.model.names import BranchRef, PullRef


class BuildState(StrEnum):
    """Where a build stands; see :mod:`leeroy.deciding.life` for what moves it."""

    #: Written down; Jenkins may or may not have been asked.
    NEW = "new"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    #: Jenkins would not take it; ``reason`` says why.
    REFUSED = "refused"
    #: Cancelled or aborted by us, because nobody needs it any more.
    SUPERSEDED = "superseded"
    #: Jenkins forgot it.
    LOST = "lost"

    @property
    def is_over(self) -> bool:
        """Nothing will change this attempt any more."""
        return self not in (BuildState.NEW, BuildState.QUEUED, BuildState.RUNNING)


class Result(StrEnum):
    """What a finished Jenkins build says."""

    SUCCESS = "SUCCESS"
    UNSTABLE = "UNSTABLE"
    FAILURE = "FAILURE"
    NOT_BUILT = "NOT_BUILT"
    ABORTED = "ABORTED"


@dataclass(frozen=True, kw_only=True)
class Build:
    """One attempt to build one sha for one context, as our store remembers it."""

    #: A UUID, sent to Jenkins as ``LEEROY_BUILD_ID``.
    id: str
    server: str
    #: Full name with folders: ``ci/app-test``.
    job: str
    repo: str
    #: None for a branch build.
    pull: int | None
    #: The watched branch of a branch build; empty for a pull request's.
    branch: str = ""
    sha: str
    #: The base branch it was asked for; empty for a branch build.
    base: str = ""
    context: str
    #: 1 for the first; the newest speaks for its context.
    attempt: int
    #: Why this attempt was made.
    cause: Cause = Cause(CauseKind.HEAD)
    #: What Jenkins is asked with, the same at every try of this attempt.
    parameters: Mapping[str, str] = field(default_factory=dict)
    queue_id: int | None = None
    build_number: int | None = None
    #: Jenkins built it for somebody who pressed Rebuild there.
    is_adopted: bool = False
    #: Of the build once it runs, of the job before.
    url: str = ""
    state: BuildState = BuildState.NEW
    result: Result | None = None
    #: Why it was refused, superseded or lost, or what a new one waits for.
    reason: Reason | None = None
    #: Seconds it ran.
    duration: float | None = None
    #: Epoch seconds by the database's clock; 0 until it is stored.
    created: float = 0.0
    updated: float = 0.0

    @property
    def is_waiting_for_turn(self) -> bool:
        """It was not given its turn yet, so Jenkins was never asked for it."""
        return self.state is BuildState.NEW and self.is_because_of(ReasonKind.WAITING_FOR_TURN)

    def is_because_of(self, kind: ReasonKind) -> bool:
        """This is why it stands as it does."""
        return self.reason is not None and self.reason.kind is kind

    @property
    def is_of_branch_job(self) -> bool:
        """Its job is the pull request's own in a multibranch project."""
        return self.pull is not None and pull_of_branch_job(self.job) == self.pull

    @property
    def merge(self) -> str:
        """The merge commit a job made for GHPRB was given in place of the sha; empty: none."""
        if self.parameters.get("ghprbActualCommit") != self.sha:
            return ""
        return self.parameters.get("sha1", "")

    @property
    def retry(self) -> int:
        """1 for the first attempt made because the one before it failed; 0: not for that.

        >>> Build(id="", server="", job="j", repo="a/b", pull=1, sha="c", context="ci", attempt=2,
        ...     cause=Cause(CauseKind.RETRY, "1")).retry
        1
        """
        return int(self.cause.of) if self.cause.kind is CauseKind.RETRY else 0

    @property
    def subject(self) -> PullRef | BranchRef:
        """What it was built for."""
        if self.pull is None:
            return BranchRef(self.repo, self.branch)
        return PullRef(self.repo, self.pull)
