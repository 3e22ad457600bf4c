"""What a decision is made of: the facts of one look, and what the rules have made of them so far."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from leeroy.config import Build as BuildSettings
from leeroy.config import Job, MergeGroup, RepoSettings
from leeroy.effects import AbortBuild, CancelQueueItem, Effect, RecordBuild
from leeroy.errors import LeeroyError
from leeroy.facts import (
    Approval,
    BranchRef,
    Build,
    BuildDetails,
    BuildState,
    Channel,
    Comment,
    JenkinsBuild,
    Notice,
    OwnComment,
    Permission,
    PullRequest,
    Push,
    SeenHead,
    Sighting,
    Status,
)
from leeroy.life import cancelled, superseded
from patchparser.patch import PatchSet
from patchparser.policy import Policy
from patchparser.pull import Commit


@dataclass(frozen=True, kw_only=True)
class Request:
    """Somebody asked for builds: by ``/build/*``, ``leeroy rebuild`` or a comment."""

    #: Names the asking, so that it is obeyed once however often a look is repeated.
    cause: str
    #: Empty: every build that is not only on command.
    context: str = ""

    def asks_for(self, settings: Job) -> bool:
        """This request means that build; one on command only by its own name."""
        if not self.context:
            return not (isinstance(settings, BuildSettings) and settings.is_on_command)
        return self.context.lower() == settings.context.lower()


@dataclass(frozen=True, kw_only=True)
class SaidComment:
    """A comment as it reads now, and what its author may do."""

    comment: Comment
    permission: Permission


@dataclass(frozen=True, kw_only=True)
class Facts(ABC):
    """What a look reads whatever its subject: our builds, and what Jenkins and GitHub say of them."""

    settings: RepoSettings
    #: What is configured to be built for it.
    configured: tuple[Job, ...]
    #: Our rows for the subject, oldest first.
    builds: tuple[Build, ...] = ()
    #: Rows of other subjects for the same shas: two may share one head.
    rivals: tuple[Build, ...] = ()
    #: Shas that another open pull request has as its head too.
    shared_heads: frozenset[str] = frozenset()
    #: What Jenkins says of our builds, by row id, for those that were looked at.
    sightings: Mapping[str, Sighting] = field(default_factory=dict)
    #: Builds we were told of that no row of ours claims.
    strays: tuple[JenkinsBuild, ...] = ()
    #: Why Jenkins could not say where a build is: by row id, or by name where no row is known.
    unseen: Mapping[str, LeeroyError] = field(default_factory=dict)
    #: The last status we wrote, by sha and lower-case context.
    written: Mapping[tuple[str, str], Status] = field(default_factory=dict)
    #: Statuses GitHub shows, by sha and lower-case context, where they were read.
    shown: Mapping[tuple[str, str], Status] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()
    #: What patchparser is to check; None: nothing, or not in this look.
    policy: Policy | None = None
    #: Where each job is found on the web, by server and job.
    job_urls: Mapping[tuple[str, str], str] = field(default_factory=dict)
    #: Seconds that builds like a running one usually take, by its row's id, where that is known.
    usual: Mapping[str, float] = field(default_factory=dict)
    now: datetime

    #: Our own page about it, for people who ask why; empty: nobody knows our address.
    page: str = ""

    @property
    def clock(self) -> float:
        """Now, in epoch seconds."""
        return self.now.timestamp()

    def linked(self, status: Status) -> Status:
        """The status with a link: to our page where it has none of its own."""
        return status if status.target_url else replace(status, target_url=self.page)

    @property
    @abstractmethod
    def repo(self) -> str:
        """The repository whose commits get the statuses."""

    @property
    @abstractmethod
    def base(self) -> str:
        """The base branch that builds are made for; empty where there is none."""


@dataclass(frozen=True, kw_only=True)
class PullFacts(Facts):
    """Everything one look at a pull request read, and the settings that apply to it."""

    pull: PullRequest
    #: The builds configured for its repository.
    configured: tuple[BuildSettings, ...]
    #: Its changed files; None when no rule needs them.
    patch: PatchSet | None = None
    #: Its commits, oldest first; None when no rule needs them.
    commits: tuple[Commit, ...] | None = None
    #: GitHub's merge of this very head into this very base, for builds that want it; empty: none.
    merge: str = ""
    #: The labeler.yml the policy names, as it is on the base branch.
    labels_file: bytes | None = None
    #: Our comments, by topic.
    comments: Mapping[str, OwnComment] = field(default_factory=dict)
    #: Labels on the pull request that we put on.
    our_labels: frozenset[str] = frozenset()
    #: This look is because the pull request was opened.
    is_just_opened: bool = False
    #: The author may push to the base repository; None when nobody asked GitHub.
    author_can_write: bool | None = None
    #: The author is on a list of the settings, or an administrator said so.
    author_is_trusted: bool = False
    approvals: tuple[Approval, ...] = ()
    #: The heads we saw before this look, oldest first.
    heads: tuple[SeenHead, ...] = ()
    #: Comments that ask for something and were not answered yet.
    said: tuple[SaidComment, ...] = ()
    #: Who called which context skipped, by sha and lower-case context.
    skips: Mapping[tuple[str, str], str] = field(default_factory=dict)
    #: What there is to see of failed builds, by row id, where somebody is about to be shown it.
    details: Mapping[str, BuildDetails] = field(default_factory=dict)

    @property
    def repo(self) -> str:
        """The base repository."""
        return self.pull.ref.repo

    @property
    def base(self) -> str:
        """The base branch."""
        return self.pull.base_ref


@dataclass(frozen=True, kw_only=True)
class BranchFacts(Facts):
    """Everything one look at a watched branch read, and the settings that apply to it."""

    ref: BranchRef
    #: The sha it points to; empty: it is gone.
    head: str
    #: What GitHub tests by this branch before merging it; None for an ordinary one.
    group: MergeGroup | None = None
    #: The pushes since the last look that handled some, oldest first.
    pushes: tuple[Push, ...] = ()
    #: What a push changed, by its ``after``; what is missing is not known, or was not asked.
    patches: Mapping[str, PatchSet] = field(default_factory=dict)
    #: The last news each channel was sent, by lower-case context.
    notices: Mapping[tuple[str, Channel], Notice] = field(default_factory=dict)
    #: Where people read GitHub.
    web_url: str

    @property
    def repo(self) -> str:
        """The repository of the branch."""
        return self.ref.repo

    @property
    def base(self) -> str:
        """A push has no base branch that could change."""
        return ""

    @property
    def is_gone(self) -> bool:
        """The branch was deleted."""
        return not self.head

    @property
    def newest(self) -> str:
        """The sha of the newest push known; GitHub may show an older head for a second."""
        return self.pushes[-1].after if self.pushes else self.head


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A context that one sha should have."""

    settings: Job
    sha: str
    #: Say this instead of building; None: build.
    instead: Status | None = None

    @property
    def context(self) -> str:
        """As people configured it; GitHub compares contexts without case."""
        return self.settings.context


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What should be so and what to do about it, as far as the rules have come."""

    wanted: tuple[Wanted, ...] = ()
    requests: tuple[Request, ...] = ()
    approvals: tuple[Approval, ...] = ()
    skips: Mapping[tuple[str, str], str] = field(default_factory=dict)
    #: Builds that somebody wants stopped, by row id, and who.
    cancelled: Mapping[str, str] = field(default_factory=dict)
    #: Rows of which Jenkins could not say now whether it has them, by id.
    unseen: frozenset[str] = frozenset()
    #: Rows of other subjects for the same shas.
    rivals: tuple[Build, ...] = ()
    #: Our rows as they are once the effects so far are applied, oldest first.
    builds: tuple[Build, ...] = ()
    effects: tuple[Effect, ...] = ()
    #: Why, line by line, for people.
    reasons: tuple[str, ...] = ()

    def newest(self, sha: str, context: str) -> Build | None:
        """The attempt that speaks for a context of a sha."""
        attempts = [
            build
            for build in self.builds
            if build.sha == sha and build.context.lower() == context.lower()
        ]
        return max(attempts, key=lambda build: build.attempt, default=None)

    def doing(self, *effects: Effect, because: str = "") -> "Decision":
        """With these effects too, and the reason for them."""
        reasons = (*self.reasons, because) if because else self.reasons
        return replace(self, effects=self.effects + effects, reasons=reasons)

    def with_build(self, build: Build) -> "Decision":
        """With this row added, or in the place of the one with its id."""
        if all(known.id != build.id for known in self.builds):
            return replace(self, builds=(*self.builds, build))
        return replace(
            self,
            builds=tuple(build if known.id == build.id else known for known in self.builds),
        )

    def stopping(self, build: Build, reason: str, *, is_asked_for: bool = False) -> "Decision":
        """With this build stopped, wherever it is: somebody asked for that, or nobody needs it."""
        if build.state is BuildState.NEW and build.id in self.unseen:
            return self  # it may wait in Jenkins, where only a row could find it later
        stopped = (cancelled if is_asked_for else superseded)(build, reason)
        match build.state:
            case _ if self._is_shared(build):
                effect: Effect = RecordBuild(build=stopped)
            case BuildState.RUNNING:
                effect = AbortBuild(build=build, reason=reason, is_asked_for=is_asked_for)
            case BuildState.QUEUED:
                effect = CancelQueueItem(build=build, reason=reason, is_asked_for=is_asked_for)
            case _:  # Jenkins never had it
                effect = RecordBuild(build=stopped)
        return self.with_build(stopped).doing(effect, because=f"{build.context}: {reason}")

    def _is_shared(self, build: Build) -> bool:
        """Jenkins takes what waits and what is asked with equal parameters for one."""
        return build.queue_id is not None and any(
            (other.server, other.job, other.sha, other.queue_id)
            == (build.server, build.job, build.sha, build.queue_id)
            for other in (*self.builds, *self.rivals)
            if other.id != build.id and not other.state.is_over
        )
