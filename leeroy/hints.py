"""Hints: reasons to look at something again, one kind of value for each.

A hint names a thing and what its sender saw of it. Neither is believed: a look reads what is so
now, and what was seen is only compared, for GitHub's first answer is often the old one. Kept as
JSON; a kind that this version does not know still means that there is something to look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from leeroy.model import BuildRef, CommentKind, PullRequest, Push

#: Which comment: ids are unique among those of one kind.
CommentKey = tuple[CommentKind, int]


@dataclass(frozen=True, kw_only=True)
class PullView:
    """What a payload showed of a pull request; None: it did not tell that.

    https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
    """

    #: GitHub's clock, in epoch seconds, whole ones; 0: it did not tell.
    updated: float = 0.0
    head_sha: str | None = None
    base_ref: str | None = None
    is_open: bool | None = None
    is_draft: bool | None = None
    title: str | None = None
    labels: frozenset[str] | None = None

    def is_newer_than(self, pull: PullRequest) -> bool:
        """GitHub shows less than its payload did: what it answers is an older state.

        Whole seconds cannot tell two changes of one second apart, so where the times are equal
        the rest is compared.
        """
        if not self.updated or self.updated < pull.updated:
            return False
        if self.updated > pull.updated:
            return True
        return any(
            seen is not None and seen != shown
            for seen, shown in (
                (self.head_sha, pull.head_sha),
                (self.base_ref, pull.base_ref),
                (self.is_open, pull.is_open),
                (self.is_draft, pull.is_draft),
                (self.title, pull.title),
                (self.labels, pull.labels),
            )
        )


@dataclass(frozen=True, kw_only=True)
class DeliveryHint:
    """GitHub sent a webhook that names a pull request."""

    event: str
    action: str = ""
    seen: PullView = PullView()
    #: How often we looked and GitHub still showed less.
    tries: int = 0
    #: The id of the hint that this one repeats; 0: it repeats none.
    first: int = 0
    kind: Literal["delivery"] = "delivery"

    @property
    def is_of_opening(self) -> bool:
        """The pull request was opened just now."""
        return (self.event, self.action) == ("pull_request", "opened")

    def __str__(self) -> str:
        return f"{self.event} {self.action}".strip()


@dataclass(frozen=True, kw_only=True)
class CommentHint:
    """GitHub sent a webhook that names a comment, a review, or a comment on the diff."""

    event: str
    action: str = ""
    comment_kind: CommentKind
    comment_id: int
    seen: PullView = PullView()
    kind: Literal["comment"] = "comment"

    def __str__(self) -> str:
        return f"{self.event} {self.action}".strip()


@dataclass(frozen=True, kw_only=True)
class PushHint:
    """GitHub sent a webhook that tells how a branch moved."""

    push: Push
    tries: int = 0
    kind: Literal["push"] = "push"

    def __str__(self) -> str:
        return f"of {self.push.after[:7]}" if self.push.after else "that deleted the branch"


@dataclass(frozen=True, kw_only=True)
class NotificationHint:
    """Jenkins told of a build."""

    build: BuildRef
    #: Empty: we found out by ourselves that it is the subject's.
    phase: str = ""
    kind: Literal["notification"] = "notification"

    def __str__(self) -> str:
        return f"{self.phase} {self.build.job}#{self.build.number}".strip()


@dataclass(frozen=True, kw_only=True)
class RequestHint:
    """Somebody asked for builds: by ``/build/*``, ``leeroy rebuild`` or the dashboard."""

    #: Empty: every build that is not only on command.
    context: str = ""
    #: The hint of ``/build/cron`` this one comes of; 0: it was asked for by itself.
    cron: int = 0
    kind: Literal["request"] = "request"

    def __str__(self) -> str:
        return self.context or "all"


@dataclass(frozen=True, kw_only=True)
class BaseMovedHint:
    """Somebody pushed to a branch that pull requests are to be merged into."""

    branch: str
    kind: Literal["base moved"] = "base moved"

    def __str__(self) -> str:
        return self.branch


@dataclass(frozen=True, kw_only=True)
class MergeableHint:
    """GitHub did not know yet whether a pull request can be merged; it never tells by itself.

    https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
    """

    tries: int
    kind: Literal["mergeable"] = "mergeable"

    def __str__(self) -> str:
        return f"try {self.tries}"


@dataclass(frozen=True, kw_only=True)
class FollowHint:
    """Unfinished builds are to be read from Jenkins, which tells nothing of them."""

    #: For people: who asks.
    why: str
    kind: Literal["follow"] = "follow"

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, kw_only=True)
class SweepHint:
    """The sweep found something that no delivery led to."""

    #: For people: what it found.
    why: str
    comment_kind: CommentKind | None = None
    comment_id: int = 0
    push: Push | None = None
    kind: Literal["sweep"] = "sweep"

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, kw_only=True)
class TurnHint:
    """A build that waited for its turn may go to Jenkins."""

    context: str
    kind: Literal["turn"] = "turn"

    def __str__(self) -> str:
        return self.context


@dataclass(frozen=True, kw_only=True)
class SharedHint:
    """Another pull request, branch or merge group that has the same commit has changed."""

    kind: Literal["shared"] = "shared"

    def __str__(self) -> str:
        return "commit"


@dataclass(frozen=True, kw_only=True)
class OtherHint:
    """Of a kind that this version does not know: look again."""

    kind: str

    def __str__(self) -> str:
        return ""


_Known = Annotated[
    DeliveryHint
    | CommentHint
    | PushHint
    | NotificationHint
    | RequestHint
    | BaseMovedHint
    | MergeableHint
    | FollowHint
    | SweepHint
    | TurnHint
    | SharedHint,
    Field(discriminator="kind"),
]
Hint = (
    DeliveryHint
    | CommentHint
    | PushHint
    | NotificationHint
    | RequestHint
    | BaseMovedHint
    | MergeableHint
    | FollowHint
    | SweepHint
    | TurnHint
    | SharedHint
    | OtherHint
)
_KNOWN: TypeAdapter[Hint] = TypeAdapter(_Known)

#: Seconds between one look and the next while GitHub shows less than its payload did: replicas
#: mostly need one or two, and after a minute it is something else.
_LAG_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
#: All pauses of looking again by ourselves, by what is waited for.
PAUSES: Mapping[type[Hint], tuple[float, ...]] = {
    DeliveryHint: _LAG_PAUSES,
    PushHint: _LAG_PAUSES,
    # It mostly knows after one or two; after the last it is left to the next delivery or sweep.
    MergeableHint: (2.0, 5.0, 15.0, 60.0, 300.0),
}
#: After so many seconds a thing that a hint names and GitHub does not show is gone.
GONE_SECONDS = sum(_LAG_PAUSES)


def to_json(hint: Hint) -> str:
    """As :func:`from_json` reads it."""
    return "{}" if isinstance(hint, OtherHint) else _KNOWN.dump_json(hint).decode()


def from_json(kind: str, text: str) -> Hint:
    """The hint of that kind; what this version cannot read means no more than to look again.

    >>> from_json("turn", to_json(TurnHint(context="janky")))
    TurnHint(context='janky', kind='turn')
    >>> from_json("omen", '{"crows": 2}')
    OtherHint(kind='omen')
    """
    try:
        return _KNOWN.validate_json(text)
    except ValidationError:
        return OtherHint(kind=kind)


def once_more(hint: DeliveryHint | PushHint) -> tuple[Hint, float] | None:
    """The same hint for a later look, and in how many seconds; None: it was tried often enough.

    >>> again, pause = once_more(DeliveryHint(event="pull_request", tries=2))
    >>> again.tries, pause
    (3, 4.0)
    """
    pauses = PAUSES[type(hint)]
    if hint.tries >= len(pauses):
        return None
    return replace(hint, tries=hint.tries + 1), pauses[hint.tries]


def comment_of(hint: Hint) -> CommentKey | None:
    """The comment a hint names, of a delivery or found by the sweep."""
    match hint:
        case CommentHint(comment_kind=kind, comment_id=comment_id):
            return kind, comment_id
        case SweepHint(comment_kind=CommentKind() as kind, comment_id=comment_id):
            return kind, comment_id
    return None


def changes_checks(hint: Hint) -> bool:
    """What patchparser looks at may be another since: not after news of Jenkins or a comment."""
    match hint:
        case DeliveryHint(event=event):
            return event == "pull_request"
        case NotificationHint() | FollowHint() | MergeableHint() | BaseMovedHint() | CommentHint():
            return False
    return True


def push_of(hint: Hint) -> Push | None:
    """How a branch moved, as a hint tells it."""
    return hint.push if isinstance(hint, PushHint | SweepHint) else None


def seen_in(hint: Hint) -> PullView | None:
    """What the payload showed of the pull request."""
    return hint.seen if isinstance(hint, DeliveryHint | CommentHint) else None
