"""What GitHub says of pull requests, statuses, comments and hooks."""

from dataclasses import dataclass
from enum import StrEnum

from leeroy.model.names import PullRef


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
    #: GitHub's id of the account, which stays when its login changes; None: it is gone.
    author_id: int | None = None
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
    #: GitHub's clock at the last push, comment, label or edit: epoch seconds, whole ones.
    updated: float
    #: GitHub's clock when it said all this: epoch seconds, whole ones.
    read: float
    #: GitHub's id of the base repository, and what it is called now; 0 and empty: not told.
    repo_id: int = 0
    repo_name: str = ""

    @property
    def is_from_fork(self) -> bool:
        """The head is not in the base repository (or was, before its repository was deleted)."""
        return self.head_repo is None or self.head_repo.lower() != self.ref.repo.lower()


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


@dataclass(frozen=True, kw_only=True)
class OddEntry:
    """An entry of a list of GitHub's that makes no sense; the others do."""

    #: Its number, where it shows one.
    number: int | None
    #: What was being read, and what became of it.
    error: str


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


class CommentKind(StrEnum):
    """Where a comment stands; ids are unique among those of one kind."""

    #: On the conversation.
    COMMENT = "comment"
    #: On the diff.
    REVIEW_COMMENT = "review comment"
    #: The words of a review as a whole.
    REVIEW = "review"


class Reaction(StrEnum):
    """What Leeroy answers a command with, before any words.

    https://docs.github.com/en/rest/reactions/reactions#about-reactions
    """

    SEEN = "eyes"
    DONE = "+1"
    REFUSED = "confused"


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment on a pull request or an issue, on its diff, or the words of a review.

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
    kind: CommentKind = CommentKind.COMMENT
    #: The sha a review or review comment was written on; empty for others.
    commit_id: str = ""
    #: GitHub's id of the author's account; None: it is gone.
    author_id: int | None = None

    @property
    def is_edited(self) -> bool:
        """Its text was changed after it was posted."""
        return self.updated > self.created


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


@dataclass(frozen=True, kw_only=True)
class OwnComment:
    """A comment of ours on a pull request: one a topic."""

    topic: str
    comment_id: int
    #: As we wrote it last, without its marker.
    body: str
