"""The few things Leeroy may do: data only, made by the rules, applied by the worker.

A look happens at least once, so each is safe to repeat. ``str()`` of an effect is the line that
``leeroy plan``, the log and the dashboard show.
"""

from dataclasses import dataclass

from leeroy.facts import Build, PullRef, Status


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
    reason: str

    def __str__(self) -> str:
        return f"cancel queue item {self.build.queue_id} of {self.build.job}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class AbortBuild:
    """Stop a running build nobody needs any more."""

    build: Build
    reason: str

    def __str__(self) -> str:
        return f"abort {self.build.job} #{self.build.build_number}: {self.reason}"


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
)
