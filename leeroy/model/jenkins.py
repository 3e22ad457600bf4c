"""What Jenkins says of builds, queue items and jobs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leeroy.model.builds import Result


@dataclass(frozen=True, kw_only=True)
class JenkinsBuild:
    """A build as Jenkins describes it.

    https://www.jenkins.io/doc/book/using/remote-access-api/
    """

    server: str
    job: str
    number: int
    url: str
    #: True until the result is final; a result seen before that is preliminary.
    is_building: bool
    result: Result | None
    #: Seconds; 0 while it runs.
    duration: float
    #: None when Jenkins does not know.
    queue_id: int | None
    #: Values of the parameters the job defines; passwords have none.
    parameters: Mapping[str, str]
    #: Commits it checked out, where a git plugin recorded them.
    revisions: frozenset[str]
    #: Started by "Replay", with an edited script, or from a stage in the middle of a pipeline.
    is_replay: bool
    #: Epoch seconds when it started.
    started: float
    #: Of a pipeline, which may show the commit of its library only.
    is_pipeline: bool = False
    #: Who or what interrupted it, in Jenkins' words: ``Aborted by admin``; empty: nothing did.
    interrupted: str = ""
    #: It stands at a pipeline's ``input`` step; None: nobody asked.
    waits_for_input: bool | None = None
    #: Jenkins was restarted after it began.
    is_from_before_restart: bool = False
    #: What its job gives to parameters by default; None: nobody asked.
    defaults: Mapping[str, str] | None = None


#: How Jenkins begins to say that nothing special is the matter.
_USUAL_WAITS = ("In the quiet period", "Finished waiting", "Waiting for next available executor")


@dataclass(frozen=True, kw_only=True)
class QueueItem:
    """A queue item as Jenkins describes it; readable until 5 minutes after it left the queue."""

    server: str
    id: int
    is_cancelled: bool
    #: Number and URL of the build it became, once it left the queue.
    build_number: int | None
    build_url: str
    #: Why it still waits, in Jenkins' words; empty once it left.
    why: str
    #: It left the queue, so no later answer will differ unless the build is being created.
    has_left: bool
    parameters: Mapping[str, str]
    #: Its job is disabled, which cancelled it.
    is_disabled: bool = False

    @property
    def held_by(self) -> str:
        """What keeps it in the queue beyond the usual, in Jenkins' words without its guesses.

        >>> item = QueueItem(server="", id=1, is_cancelled=False, build_number=None, build_url="",
        ...     why="Build #1 is already in progress (ETA: 27 sec)", has_left=False, parameters={})
        >>> item.held_by
        'another build is in progress'
        """
        why = self.why.partition(" (ETA:")[0].strip()
        if why.startswith(_USUAL_WAITS):
            return ""
        return "another build is in progress" if why.endswith(" already in progress") else why


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What a look found in Jenkins of one of our builds; neither item nor build: it is gone."""

    item: QueueItem | None = None
    build: JenkinsBuild | None = None

    @property
    def is_gone(self) -> bool:
        """Jenkins knows neither a queue item nor a build of it."""
        return self.item is None and self.build is None


class JobKind(StrEnum):
    """What stands behind a job's name in Jenkins."""

    #: Freestyle, pipeline, matrix: it has builds.
    JOB = "job"
    FOLDER = "folder"
    #: A multibranch project: its branch jobs have the builds.
    MULTIBRANCH = "multibranch"


@dataclass(frozen=True, kw_only=True)
class JobInfo:
    """A job as Jenkins describes it."""

    #: Full name as Jenkins writes it; it finds jobs in any case of letters.
    name: str
    kind: JobKind
    #: False when it is disabled.
    is_buildable: bool
    #: Names of the parameters it defines; it ignores all others without a word.
    parameters: frozenset[str]
    #: The values they have by default.
    defaults: Mapping[str, str] = field(default_factory=dict)
    #: The Notification plugin has an endpoint there, whatever it is; only its being there is told.
    has_endpoints: bool = False


@dataclass(frozen=True, kw_only=True)
class FailedTests:
    """What a build's test report says of the tests that failed.

    https://plugins.jenkins.io/junit/
    """

    #: Class and name of each, in the report's order; maybe not all of them.
    names: tuple[str, ...]
    #: How many failed, and how many there were.
    count: int
    total: int


@dataclass(frozen=True, kw_only=True)
class BuildDetails:
    """What people want to see of a build that failed; without secrets, not escaped."""

    #: None: it has no test report.
    tests: FailedTests | None = None
    #: The last lines of its console; empty where they are not to be shown.
    console: tuple[str, ...] = ()
