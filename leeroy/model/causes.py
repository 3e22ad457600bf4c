"""Why an attempt was made, and why it stands as it does: values, of which sentences are made
elsewhere (:mod:`leeroy.deciding.messages`) and never read back."""

from dataclasses import dataclass
from enum import StrEnum

from leeroy.model.github import Comment


class CauseKind(StrEnum):
    """What an attempt was made for."""

    #: Its commit had no build yet.
    HEAD = "head"
    #: It was stopped, and its commit is wanted again.
    AGAIN = "again"
    #: Jenkins had begun before its head was approved.
    APPROVED = "approved"
    #: Jenkins lost the one before.
    LOST = "lost"
    #: The pull request has another base branch; ``of`` is its name.
    BASE = "base"
    #: The one before failed; ``of`` counts from 1.
    RETRY = "retry"
    #: Somebody started it in Jenkins; ``of`` is the job and number.
    JENKINS = "jenkins"
    #: Jenkins began by itself what nobody had approved; ``of`` is the job and number.
    UNAPPROVED = "unapproved"
    #: ``/build/retry``, ``leeroy rebuild`` or the dashboard; ``of`` is the hint's id.
    REQUEST = "request"
    #: ``/build/cron``; ``of`` is the hint's id.
    CRON = "cron"
    #: A comment, a review's words or a comment on the diff; ``of`` is its id.
    COMMENT = "comment"
    REVIEW = "review"
    REVIEW_COMMENT = "review comment"


_BY_SOMEBODY = frozenset(
    {
        CauseKind.REQUEST,
        CauseKind.CRON,
        CauseKind.COMMENT,
        CauseKind.REVIEW,
        CauseKind.REVIEW_COMMENT,
    }
)


@dataclass(frozen=True)
class Cause:
    """Why an attempt was made; each is obeyed once.

    >>> str(Cause(CauseKind.RETRY, "1")), Cause.parse("review comment:7").kind.name
    ('retry:1', 'REVIEW_COMMENT')
    """

    kind: CauseKind
    of: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.of}" if self.of else self.kind

    @classmethod
    def parse(cls, text: str) -> "Cause":
        """What :func:`str` made; anything else is a ValueError."""
        kind, _, of = text.partition(":")
        return cls(CauseKind(kind), of)

    @property
    def is_by_somebody(self) -> bool:
        """People asked for this very attempt."""
        return self.kind in _BY_SOMEBODY


def cause_of(comment: Comment) -> Cause:
    """The cause of what a comment asks for."""
    return Cause(CauseKind(comment.kind), str(comment.id))


class ReasonKind(StrEnum):
    """Why a build waits, was refused, was stopped or got lost."""

    #: Too many others are in Jenkins.
    WAITING_FOR_TURN = "waiting for turn"
    #: Jenkins could not be asked; ``of`` is what it said.
    JENKINS_AWAY = "jenkins away"
    #: The job is made when its multibranch project is indexed; ``of`` says what is awaited.
    JOB_TO_COME = "job to come"
    #: There is no such job; ``of`` says it as Jenkins' client does.
    JOB_MISSING = "job missing"
    #: Jenkins would not take it; ``of`` is what it said.
    REFUSED = "refused"
    #: The job defines no parameter that carries the sha; ``of`` is its name.
    TAKES_NO_SHA = "takes no sha"
    #: It checked out another commit; ``of`` is that one, and the job where that is to be said.
    BUILT_OTHER = "built other"
    #: It does not say what it checked out; ``of`` is its number.
    SHOWS_NO_COMMIT = "shows no commit"
    FORGOTTEN = "forgotten"
    #: A restart of Jenkins ended it; ``of`` is its number.
    CUT_OFF = "cut off"
    #: Somebody or something in Jenkins aborted it; ``of`` says who, in Jenkins' words.
    ABORTED = "aborted"
    #: Jenkins keeps it in its queue; ``of`` says why.
    HELD = "held"
    #: It runs, and a pipeline's step asks people something; ``of`` is its number.
    WAITS_FOR_INPUT = "waits for input"
    #: Its job was disabled while it waited; ``of`` is the job.
    DISABLED = "disabled"
    LEFT_QUEUE = "left queue"
    CANCELLED_IN_QUEUE = "cancelled in queue"
    #: ``of`` is who asked for it.
    CANCELLED_BY = "cancelled by"
    #: Jenkins began it by itself, and nobody had approved the head; ``of`` is its number.
    UNAPPROVED = "unapproved"
    #: ``of`` is the newer commit.
    SUPERSEDED = "superseded"
    #: ``of`` is the new base branch.
    NEW_BASE = "new base"
    NEW_ATTEMPT = "new attempt"
    CLOSED = "closed"
    MERGED = "merged"
    BRANCH_DELETED = "branch deleted"


@dataclass(frozen=True)
class Reason:
    """Why a build stands as it does.

    >>> Reason.parse(str(Reason(ReasonKind.REFUSED, "Job j: disabled")))
    Reason(kind=<ReasonKind.REFUSED: 'refused'>, of='Job j: disabled')
    """

    kind: ReasonKind
    of: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.of}"

    @classmethod
    def parse(cls, text: str) -> "Reason":
        """What :func:`str` made; anything else is a ValueError."""
        kind, _, of = text.partition(":")
        return cls(ReasonKind(kind), of)
