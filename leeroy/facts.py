"""What GitHub, Jenkins and our own store say: frozen data that the rules compare and never change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_PULL = re.compile(r"^([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)#([1-9][0-9]{0,9})$")
_REPO = re.compile(r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")
_BUILD = re.compile(r"^jenkins (\S+) (.+)#([1-9][0-9]*)$", re.DOTALL)
_BRANCH = re.compile(r"^([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)@(.+)$", re.DOTALL)


@dataclass(frozen=True, order=True)
class PullRef:
    """Names a pull request.

    >>> str(PullRef("docker/docker", 12))
    'docker/docker#12'
    >>> PullRef.parse("docker/docker#12").number
    12
    """

    repo: str
    number: int

    def __str__(self) -> str:
        return f"{self.repo}#{self.number}"

    @classmethod
    def parse(cls, text: str) -> "PullRef":
        """Read ``owner/repo#12``; anything else is a ValueError that shows the form."""
        if not (match := _PULL.match(text)):
            raise ValueError(f"{text!r} is not a pull request: write owner/repo#12")
        return cls(match[1], int(match[2]))


@dataclass(frozen=True, order=True)
class BranchRef:
    """Names a branch.

    >>> str(BranchRef("docker/docker", "master"))
    'docker/docker@master'
    >>> BranchRef.parse("docker/docker@release/1.0").branch
    'release/1.0'
    """

    repo: str
    branch: str

    def __str__(self) -> str:
        return f"{self.repo}@{self.branch}"

    @classmethod
    def parse(cls, text: str) -> "BranchRef":
        """Read ``owner/repo@branch``; anything else is a ValueError that shows the form."""
        if not (match := _BRANCH.match(text)):
            raise ValueError(f"{text!r} is not a branch: write owner/repo@branch")
        return cls(match[1], match[2])


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """A pull request as GitHub describes it now.

    https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
    """

    ref: PullRef
    #: Where people read it; on the web, not the API.
    url: str
    title: str
    body: str
    #: Login of the author; ``ghost`` where the account is gone.
    author: str
    author_is_bot: bool
    is_open: bool
    is_merged: bool
    is_draft: bool
    labels: frozenset[str]
    #: ``owner/repo`` the head lives in; None when the fork was deleted.
    head_repo: str | None
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    #: None while GitHub has not computed it yet.
    has_conflict: bool | None
    #: The base repository is private.
    is_private: bool
    #: Totals GitHub counts over all pages; the lists may be cut shorter.
    commit_count: int
    changed_files: int
    additions: int
    deletions: int

    @property
    def is_from_fork(self) -> bool:
        """The head is not in the base repository (or was, before its repository was deleted)."""
        return self.head_repo is None or self.head_repo.lower() != self.ref.repo.lower()


class StatusState(StrEnum):
    """States of a commit status.

    https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
    """

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class Status:
    """A commit status: what one context says of one sha."""

    context: str
    state: StatusState
    description: str
    target_url: str = ""


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
    #: Started by "Replay", with an edited script.
    is_replay: bool
    #: Epoch seconds when it started.
    started: float


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


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What a look found in Jenkins of one of our builds; neither item nor build: it is gone."""

    item: QueueItem | None = None
    build: JenkinsBuild | None = None

    @property
    def is_gone(self) -> bool:
        """Jenkins knows neither a queue item nor a build of it."""
        return self.item is None and self.build is None


@dataclass(frozen=True, kw_only=True)
class OpenPull:
    """An open pull request as a list of them shows it.

    https://docs.github.com/en/rest/pulls/pulls#list-pull-requests
    """

    ref: PullRef
    head_sha: str
    base_ref: str
    #: Epoch seconds of the last push, comment, label or edit.
    updated: float


class Permission(StrEnum):
    """What a login may do in a repository; GitHub counts maintain as write, triage as read.

    https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
    """

    ADMIN = "admin"
    WRITE = "write"
    READ = "read"
    NONE = "none"

    @property
    def can_write(self) -> bool:
        """May push to the repository."""
        return self in (Permission.ADMIN, Permission.WRITE)


class CommentKind(StrEnum):
    """Where a comment stands."""

    #: On the conversation.
    COMMENT = "comment"
    #: On the diff.
    REVIEW_COMMENT = "review comment"


class Reaction(StrEnum):
    """What Leeroy answers a command with, before any words.

    https://docs.github.com/en/rest/reactions/reactions#about-reactions
    """

    SEEN = "eyes"
    DONE = "+1"
    REFUSED = "confused"


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment on the conversation of a pull request or an issue.

    https://docs.github.com/en/rest/issues/comments#get-an-issue-comment
    """

    id: int
    #: Names the issue where ``is_on_pull`` is false: they share their numbers.
    pull: PullRef
    is_on_pull: bool
    #: Login of the author; ``ghost`` where the account is gone.
    author: str
    author_is_bot: bool
    body: str
    #: Epoch seconds.
    created: float
    updated: float

    @property
    def is_edited(self) -> bool:
        """Its text was changed after it was posted."""
        return self.updated > self.created


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A webhook of a repository.

    https://docs.github.com/en/rest/repos/webhooks#get-a-repository-webhook
    """

    id: int
    url: str
    events: frozenset[str]
    is_active: bool
    #: ``json`` or ``form``.
    content_type: str
    #: GitHub shows that there is one, never which.
    has_secret: bool


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


@dataclass(frozen=True, order=True)
class BuildRef:
    """Names a Jenkins build that is tied to no pull request or branch yet.

    >>> str(BuildRef("default", "ci/app-test", 17))
    'jenkins default ci/app-test#17'
    """

    server: str
    job: str
    number: int

    def __str__(self) -> str:
        return f"jenkins {self.server} {self.job}#{self.number}"


@dataclass(frozen=True, order=True)
class RepoRef:
    """Names a repository: all its open pull requests.

    >>> str(RepoRef("docker/docker"))
    'docker/docker'
    """

    repo: str

    def __str__(self) -> str:
        return self.repo


#: The subject that finds what webhooks missed.
SWEEP = "sweep"

Subject = PullRef | BranchRef | BuildRef | RepoRef


def parse_subject(text: str) -> Subject:
    """The subject a name in the queue stands for.

    Raises:
        ValueError: it is none.

    >>> parse_subject("docker/docker#12"), parse_subject("docker/docker@release/1.0")
    (PullRef(repo='docker/docker', number=12), BranchRef(repo='docker/docker', branch='release/1.0'))
    >>> parse_subject("jenkins default ci/app-test#17")
    BuildRef(server='default', job='ci/app-test', number=17)
    """
    if match := _BUILD.match(text):
        return BuildRef(match[1], match[2], int(match[3]))
    if _PULL.match(text):
        return PullRef.parse(text)
    if _REPO.match(text):
        return RepoRef(text)
    return BranchRef.parse(text)
