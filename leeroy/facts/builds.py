"""A build of ours, as our store remembers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class BuildState(StrEnum):
    """Where a build stands; see :mod:`leeroy.life` for what moves it."""

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
    #: Why this attempt was made: ``head``, or the request or comment that asked for it.
    cause: str = "head"
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
    reason: str = ""
    #: Seconds it ran.
    duration: float | None = None
    #: Epoch seconds by the database's clock; 0 until it is stored.
    created: float = 0.0
    updated: float = 0.0
