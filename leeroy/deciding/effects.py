"""The few things Leeroy may do: data only, made by the rules, applied by the worker.

A look happens at least once, so each is safe to repeat. ``str()`` of an effect is the line that
``leeroy plan``, the log and the dashboard show.
"""

from dataclasses import dataclass

from leeroy.config import Notify as NotifySettings
from leeroy.deciding import messages
from leeroy.model import (
    Approval,
    AuditEntry,
    Build,
    Channel,
    Comment,
    News,
    PullRef,
    Reaction,
    Reason,
    Status,
)


@dataclass(frozen=True, kw_only=True)
class RecordBuild:
    """Remember what Jenkins said of a build; writes only our own store."""

    build: Build

    def __str__(self) -> str:
        build = self.build
        number = f" as #{build.build_number}" if build.build_number else ""
        result = f" with {build.result}" if build.result else ""
        return f"record {build.context}: {build.state}{number}{result}"


@dataclass(frozen=True, kw_only=True)
class TriggerBuild:
    """Start a Jenkins build; the row is stored as ``new`` before Jenkins is asked."""

    build: Build

    def __str__(self) -> str:
        again = f", attempt {self.build.attempt}" if self.build.attempt > 1 else ""
        return f"trigger {self.build.job} for {self.build.context} at {self.build.sha[:7]}{again}"


@dataclass(frozen=True, kw_only=True)
class CancelQueueItem:
    """Take a build nobody needs any more out of Jenkins' queue."""

    build: Build
    reason: Reason
    #: Somebody wants it stopped; else nobody needs it any more.
    is_asked_for: bool = False

    def __str__(self) -> str:
        return f"cancel queue item {self.build.queue_id} of {self.build.job}: {messages.reason(self.reason)}"


@dataclass(frozen=True, kw_only=True)
class AbortBuild:
    """Stop a running build nobody needs any more."""

    build: Build
    reason: Reason
    #: Somebody wants it stopped; else nobody needs it any more.
    is_asked_for: bool = False

    def __str__(self) -> str:
        return f"abort {self.build.job} #{self.build.build_number}: {messages.reason(self.reason)}"


@dataclass(frozen=True, kw_only=True)
class SetStatus:
    """Write a commit status that differs from the last one we wrote."""

    repo: str
    sha: str
    status: Status

    def __str__(self) -> str:
        status = self.status
        return f"set {status.context} {status.state} at {self.sha[:7]}: {status.description}"


@dataclass(frozen=True, kw_only=True)
class AddLabels:
    """Put labels on a pull request."""

    pull: PullRef
    labels: tuple[str, ...]

    def __str__(self) -> str:
        return f"label {', '.join(self.labels)}"


@dataclass(frozen=True, kw_only=True)
class RemoveLabel:
    """Take a label off that we put on."""

    pull: PullRef
    label: str

    def __str__(self) -> str:
        return f"unlabel {self.label}"


@dataclass(frozen=True, kw_only=True)
class WriteComment:
    """Post our one comment on a topic, or edit it in place when it is there already."""

    pull: PullRef
    #: ``hygiene``, ``results`` …: one comment each; also in its hidden marker.
    topic: str
    body: str
    #: Of the comment to edit; None to post it.
    comment_id: int | None = None

    def __str__(self) -> str:
        return f"{'edit' if self.comment_id else 'post'} the {self.topic} comment"


@dataclass(frozen=True, kw_only=True)
class DeleteComment:
    """Delete our comment on a topic."""

    pull: PullRef
    topic: str
    comment_id: int

    def __str__(self) -> str:
        return f"delete the {self.topic} comment"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Answer a comment that asked for something, once."""

    comment: Comment
    body: str

    def __str__(self) -> str:
        return f"reply to {self.comment.author}'s {self.comment.kind}"


@dataclass(frozen=True, kw_only=True)
class React:
    """Show on a comment that it was obeyed."""

    comment: Comment
    reaction: Reaction

    def __str__(self) -> str:
        return f"react {self.reaction} to {self.comment.author}'s {self.comment.kind}"


@dataclass(frozen=True, kw_only=True)
class Approve:
    """Let a head be built; writes only our own store, as the next five do."""

    pull: PullRef
    approval: Approval

    def __str__(self) -> str:
        return f"approve {self.approval.sha[:7]}, as {self.approval.by} asked"


@dataclass(frozen=True, kw_only=True)
class RevokeApprovals:
    """Let nothing be built any more that was only approved."""

    pull: PullRef

    def __str__(self) -> str:
        return "revoke the approvals"


@dataclass(frozen=True, kw_only=True)
class SkipContext:
    """Call an optional context of a head skipped."""

    pull: PullRef
    sha: str
    context: str
    by: str

    def __str__(self) -> str:
        return f"skip {self.context} at {self.sha[:7]}, as {self.by} asked"


@dataclass(frozen=True, kw_only=True)
class TrustAuthor:
    """Trust an author for good."""

    repo: str
    login: str
    user_id: int
    by: str

    def __str__(self) -> str:
        return f"trust {self.login}, as {self.by} asked"


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Write down who asked for what, and what came of it."""

    entry: AuditEntry

    def __str__(self) -> str:
        return f"{self.entry.who} asked for {self.entry.what}: {self.entry.detail}"


@dataclass(frozen=True, kw_only=True)
class MarkObeyed:
    """Never answer a comment again; the last thing a look does."""

    comment: Comment

    def __str__(self) -> str:
        return f"done with {self.comment.author}'s {self.comment.kind}"


@dataclass(frozen=True, kw_only=True)
class Notify:
    """Tell people that a branch broke or was mended; never twice of one build."""

    channel: Channel
    news: News
    #: The build that made it so.
    of: Build
    to: NotifySettings

    def __str__(self) -> str:
        where = f"{self.of.repo}@{self.of.branch}"
        return f"tell by {self.channel} that {self.of.context} of {where} is {self.news}"


#: What writes only our own store, and before anything is done because of it.
Recorded = Approve | RevokeApprovals | SkipContext | TrustAuthor | Audit

Effect = (
    RecordBuild
    | TriggerBuild
    | CancelQueueItem
    | AbortBuild
    | SetStatus
    | AddLabels
    | RemoveLabel
    | WriteComment
    | DeleteComment
    | Notify
    | Reply
    | React
    | Recorded
    | MarkObeyed
)
