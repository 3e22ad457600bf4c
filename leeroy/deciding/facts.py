"""What one look read: of a pull request, or of a branch that somebody pushed to."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from leeroy.config import Build as BuildSettings
from leeroy.config import Job, MergeGroup, RepoSettings
from leeroy.deciding.unknown import Need, Unknown, What, unread
from leeroy.deciding.words import Word
from leeroy.errors import LeeroyError
from leeroy.hints import CommentKey
from leeroy.model import (
    Approval,
    AuditEntry,
    BranchRef,
    Build,
    BuildDetails,
    Cause,
    Channel,
    Comment,
    CommentKind,
    JenkinsBuild,
    Notice,
    OwnComment,
    Permission,
    PullRef,
    PullRequest,
    Push,
    SeenHead,
    Sighting,
    Status,
)
from patchparser.patch import PatchSet
from patchparser.policy import Policy
from patchparser.pull import Commit
from patchparser.report import Report

#: For so many seconds nobody is told of what GitHub does not show: mostly it does the next time.
BLIP_SECONDS = 5.0
#: For so many seconds a build waits for it.
PATIENCE = 300.0


@dataclass(frozen=True, kw_only=True)
class Request:
    """Somebody asked for builds: by ``/build/*``, ``leeroy rebuild`` or a comment."""

    #: Names the asking, so that it is obeyed once however often a look is repeated.
    cause: Cause
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
    #: What Jenkins says of our builds, by row id, for those that were looked at.
    sightings: Mapping[str, Sighting] = field(default_factory=dict)
    #: Builds we were told of that no row of ours claims.
    strays: tuple[JenkinsBuild, ...] = ()
    #: Why Jenkins could not say where a build is: by row id, or by name where no row is known.
    unseen: Mapping[str, LeeroyError] = field(default_factory=dict)
    #: What everybody who has one of these commits says of it, by sha and lower-case context.
    words: Mapping[tuple[str, str], tuple[Word, ...]] = field(default_factory=dict)
    #: What stands there by us, whoever's word it is; for the one place that compares.
    written: Mapping[tuple[str, str], Status] = field(default_factory=dict)
    #: Where our subject was about to write when a look was cut short.
    marked: frozenset[tuple[str, str]] = frozenset()
    #: Where GitHub takes no further status: it has 1,000 of that context already.
    full: frozenset[tuple[str, str]] = frozenset()
    #: Statuses that GitHub shows and we did not write, by sha and lower-case context.
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
    #: What was asked for and got an answer, and of what the answer is only why there is none.
    answered: frozenset[Need] = frozenset()
    failed: Mapping[Need, Unknown] = field(default_factory=dict)
    #: For how many seconds we have been asking; 0 while everything answers.
    waited: float = 0.0

    @property
    def is_blip(self) -> bool:
        """What cannot be read failed only just now: that is nobody's business yet."""
        return self.waited < BLIP_SECONDS

    @property
    def is_out_of_patience(self) -> bool:
        """Who waits for this has waited long enough for GitHub."""
        return self.waited >= PATIENCE

    def noting(self, answers: Mapping[Need, object]) -> dict[str, Any]:
        """What is noted of answers, whatever they are of."""
        failed = {need: a for need, a in answers.items() if isinstance(a, Unknown)}
        return {
            "answered": self.answered | answers.keys(),
            "failed": {**self.failed, **failed},
        }

    @property
    def clock(self) -> float:
        """Now, in epoch seconds."""
        return self.now.timestamp()

    def linked(self, status: Status) -> Status:
        """The status with a link: to our page where it has none of its own."""
        return status if status.target_url else replace(status, target_url=self.page)

    @cached_property
    def own_words(self) -> Mapping[tuple[str, str], Word]:
        """What our subject said before: a rule's memory."""
        return {
            place: word
            for place, words in self.words.items()
            for word in words
            if word.subject == self.subject
        }

    def own_word(self, sha: str, context: str) -> Word | None:
        """What our subject said of a context of a sha before; None: nothing."""
        return self.own_words.get((sha, context.lower()))

    def is_shared(self, sha: str) -> bool:
        """Somebody else has something to say of that commit too."""
        return any(
            word.subject != self.subject
            for (of, _), words in self.words.items()
            if of == sha
            for word in words
        )

    @property
    @abstractmethod
    def subject(self) -> PullRef | BranchRef:
        """Whom it is about."""

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
    #: Its changed files.
    patch: PatchSet | Unknown = unread(What.PATCH)
    #: Its commits, oldest first.
    commits: tuple[Commit, ...] | Unknown = unread(What.COMMITS)
    #: GitHub's merge of this very head into this very base; empty: none.
    merge: str | Unknown = unread(What.MERGE)
    #: The labeler.yml the policy names, as it is on the base branch; None: there is none.
    labels_file: bytes | Unknown | None = unread(What.LABELS_FILE)
    #: Our comments, by topic.
    comments: Mapping[str, OwnComment] = field(default_factory=dict)
    #: Labels on the pull request that we put on.
    our_labels: frozenset[str] = frozenset()
    #: This look is because the pull request was opened.
    is_just_opened: bool = False
    #: The author may push to the base repository.
    author_can_write: bool | Unknown = unread(What.PERMISSION)
    #: The author is on a list of the settings, or an administrator said so.
    author_is_trusted: bool | Unknown = unread(What.LISTED)
    approvals: tuple[Approval, ...] = ()
    #: The heads we saw before this look, oldest first.
    heads: tuple[SeenHead, ...] = ()
    #: Comments the hints name that were not answered yet, and how they read now.
    named: tuple[CommentKey, ...] = ()
    read_comments: Mapping[CommentKey, Comment | Unknown | None] = field(default_factory=dict)
    #: What those who wrote them may do.
    permissions: Mapping[str, Permission | Unknown] = field(default_factory=dict)
    #: The same, asked anew: for what lets something be built.
    permissions_now: Mapping[str, Permission | Unknown] = field(default_factory=dict)
    #: What people asked for at this head before, where somebody asks for something now.
    asked_before: tuple[AuditEntry, ...] = ()
    #: What GitHub shows of commits, by sha, where that was asked.
    statuses: Mapping[str, tuple[Status, ...] | Unknown] = field(default_factory=dict)
    #: Who called which context skipped, by sha and lower-case context.
    skips: Mapping[tuple[str, str], str] = field(default_factory=dict)
    #: What there is to see of failed builds, by row id, where somebody is about to be shown it.
    details: Mapping[str, BuildDetails | Unknown] = field(default_factory=dict)
    #: patchparser's report, and what is wrong with the labels file.
    report: tuple[Report, str] | Unknown = unread(What.REPORT)

    @property
    def subject(self) -> PullRef:
        """The pull request."""
        return self.pull.ref

    @property
    def repo(self) -> str:
        """The base repository."""
        return self.pull.ref.repo

    def has_told(self, topic: str, mark: str) -> bool:
        """We remember that our comment on the topic carries this mark."""
        said = self.comments.get(topic)
        return said is not None and mark in said.body

    def comment_of(self, key: CommentKey) -> Comment | Unknown | None:
        """The comment as it reads now; None: there is nothing in it for us."""
        return self.read_comments.get(key, unread(What.COMMENT, f"{key[0]}:{key[1]}"))

    def permission_of(self, login: str) -> Permission | Unknown:
        """What somebody may do in the base repository."""
        return self.permissions.get(login, unread(What.PERMISSION, login))

    def permission_now_of(self, login: str) -> Permission | Unknown:
        """The same, asked of GitHub in this very look."""
        return self.permissions_now.get(login, unread(What.PERMISSION_NOW, login))

    def statuses_of(self, sha: str) -> tuple[Status, ...] | Unknown:
        """What GitHub shows of a commit."""
        return self.statuses.get(sha, unread(What.STATUSES, sha))

    def details_of(self, build_id: str) -> BuildDetails | Unknown:
        """What there is to see of a failed build."""
        return self.details.get(build_id, unread(What.DETAILS, build_id))

    def told(self, answers: Mapping[Need, Any]) -> "PullFacts":
        """With what was asked for, or why it cannot be known."""
        one: dict[str, Any] = {}
        many: dict[str, dict[Any, Any]] = {name: {} for name in set(_MANY.values())}
        for need, answer in answers.items():
            if need.of:
                key: Any = need.of
                if need.what is What.COMMENT:
                    kind, _, number = need.of.rpartition(":")
                    key = (CommentKind(kind), int(number))
                many[_MANY[need.what]][key] = answer
            else:
                one[_ONE[need.what]] = answer
        shown = {
            (sha, status.context.lower()): status
            for sha, statuses in many["statuses"].items()
            if not isinstance(statuses, Unknown)
            for status in statuses
            if not self._is_ours(sha, status)
        }
        grown = {name: {**getattr(self, name), **new} for name, new in many.items() if new}
        changed: dict[str, Any] = {**one, **grown, "shown": {**self.shown, **shown}}
        return replace(self, **self.noting(answers), **changed)

    def _is_ours(self, sha: str, status: Status) -> bool:
        """We wrote it, for this pull request or for another that has the commit."""
        ours = self.written.get((sha, status.context.lower()))
        return ours is not None and (ours.state, ours.description) == (
            status.state,
            status.description,
        )

    @property
    def base(self) -> str:
        """The base branch."""
        return self.pull.base_ref


#: Where answers go: to a field, or to a field's key.
_ONE = {
    What.PATCH: "patch",
    What.COMMITS: "commits",
    What.MERGE: "merge",
    What.LABELS_FILE: "labels_file",
    What.PERMISSION: "author_can_write",
    What.LISTED: "author_is_trusted",
    What.REPORT: "report",
}
_MANY = {
    What.STATUSES: "statuses",
    What.PERMISSION: "permissions",
    What.PERMISSION_NOW: "permissions_now",
    What.COMMENT: "read_comments",
    What.DETAILS: "details",
}


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
    #: Where pushes led, as we were told, and GitHub does not show it yet.
    unshown: frozenset[str] = frozenset()
    #: The same, where GitHub does not say whether it is so.
    unproven: Mapping[str, Unknown] = field(default_factory=dict)
    #: What a push changed, by its ``after``; None: there is nothing left to compare with.
    patches: Mapping[str, PatchSet | Unknown | None] = field(default_factory=dict)
    #: The last news each channel was sent, by lower-case context.
    notices: Mapping[tuple[str, Channel], Notice] = field(default_factory=dict)
    #: Where people read GitHub.
    web_url: str

    @property
    def subject(self) -> BranchRef:
        """The branch."""
        return self.ref

    @property
    def repo(self) -> str:
        """The repository of the branch."""
        return self.ref.repo

    @property
    def base(self) -> str:
        """A push has no base branch that could change."""
        return ""

    def patch_of(self, push: Push) -> PatchSet | Unknown | None:
        """What a push changed; None: nobody can ever tell."""
        if not push.before or push.is_forced:
            return None
        return self.patches.get(push.after, unread(What.PATCH, push.after))

    def told(self, answers: Mapping[Need, Any]) -> "BranchFacts":
        """With what was asked for, or why it cannot be known."""
        read = {need.of: answer for need, answer in answers.items()}
        return replace(self, **self.noting(answers), patches={**self.patches, **read})

    @property
    def is_gone(self) -> bool:
        """The branch was deleted."""
        return not self.head

    @property
    def newest(self) -> str:
        """The sha of the newest push known; GitHub may show an older head for a second."""
        return self.pushes[-1].after if self.pushes else self.head
