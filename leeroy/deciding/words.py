"""What stands on a commit, made of the words of all who share it.

GitHub keeps one status for a context of a commit. Several pull requests, branches and merge groups
may have that commit, and each has something to say: its *word*. What people see is
:func:`verdict` of all their words. Pure: the same words always make the same verdict, in whatever
order they were said (docs/decisions/0026-words-and-verdict.md).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from leeroy.config import MergeGroup
from leeroy.deciding.messages import DESCRIPTION_LIMIT, shorten
from leeroy.model import BranchRef, PullRef, Status, StatusState

Subject = PullRef | BranchRef
#: A context of a commit: its sha, and the context in lower case.
Place = tuple[str, str]


class WordRank(IntEnum):
    """What kind of word it is; of several the smallest stands."""

    #: Failure, then error: a build failed, a sign-off is missing, a conflict.
    FAILED = 1
    #: It ends by itself: to be built, queued, running, waiting for Jenkins, GitHub not readable.
    UNDER_WAY = 2
    #: Nothing is built, and GitHub would merge it: a label, ``[skip ci]``, waiting for a maintainer.
    HELD = 3
    #: A build succeeded; a check passed, or was skipped by its own policy.
    SUCCEEDED = 4
    #: Nothing is built, and GitHub would not merge it: a draft, a conflict.
    BLOCKED = 5
    #: Nobody looked, and that is fine: no matching changes, ``/skip``.
    EXCUSED = 6


class Life(IntEnum):
    """Whether the subject still has the commit; words of those who left count only among themselves."""

    OPEN = 1
    #: Merged, and a build of it goes on.
    MERGED = 2
    #: Closed, deleted or moved on to another commit, and a build goes on.
    LEFT = 3


@dataclass(frozen=True, kw_only=True)
class Word:
    """What one subject has to say of one context of one commit."""

    subject: Subject
    context: str
    state: StatusState
    text: str
    link: str = ""
    #: The base branch it was said for; empty for a branch.
    base: str = ""
    rank: WordRank
    #: Somebody trusted wrote it, or it is of a build we started. None: nobody asked yet.
    is_vouched: bool | None
    #: Said only where something stands already: nothing was built, so nothing need be said.
    is_tacit: bool = False
    life: Life = Life.OPEN

    @property
    def status(self) -> Status:
        """As it reads where nobody shares the commit."""
        return Status(
            context=self.context, state=self.state, description=self.text, target_url=self.link
        )


def speaker(words: Iterable[Word]) -> Word | None:
    """The word that stands; None where nobody says anything.

    >>> from leeroy.model import PullRef, StatusState
    >>> def word(number, rank, state, is_vouched):
    ...     return Word(subject=PullRef("a/b", number), context="ci", state=StatusState(state),
    ...         text="...", rank=WordRank[rank], is_vouched=is_vouched)
    >>> failed = word(1, "FAILED", "failure", True)
    >>> passed = word(2, "SUCCEEDED", "success", True)
    >>> copied = word(3, "HELD", "pending", False)
    >>> speaker([passed, failed, copied]).subject.number
    1
    >>> speaker([copied, passed]).subject.number  # a stranger's word does not count beside it
    2
    """
    heard = tuple(words)
    life = min((word.life for word in heard), default=Life.OPEN)
    heard = tuple(word for word in heard if word.life is life)
    if any(word.is_vouched and _silences(word) for word in heard):
        heard = tuple(word for word in heard if word.is_vouched)
    return min(heard, key=_order, default=None)


def verdict(words: Collection[Word], *, is_said: bool = True) -> Status | None:
    """The status that should stand; None: none need be written.

    ``is_said``: something of ours stands there already, so that tacit words are said as well.
    """
    first = speaker(words)
    if first is None or (not is_said and all(word.is_tacit for word in words)):
        return None
    if len({word.subject for word in words}) == 1:
        return first.status
    return replace(first.status, description=whose(first.subject, first.text))


def end_of(text: str, stands: Status | None, context: str) -> Status | None:
    """The end of what nobody speaks for any more; None: it has one."""
    if not text or (stands is not None and stands.state is not StatusState.PENDING):
        return None
    return Status(context=context, state=StatusState.ERROR, description=text)


def whose(subject: Subject, text: str) -> str:
    """The text with the name of whose word it is, where several share a commit.

    What is cut is the middle: the last sentence says what to do about it.

    >>> from leeroy.model import BranchRef, PullRef
    >>> whose(PullRef("a/b", 12), "Build #3 failed after 20 s")
    '#12: Build #3 failed after 20 s'
    >>> whose(BranchRef("a/b", "main"), "Queued in Jenkins")
    'main: Queued in Jenkins'
    >>> long = whose(PullRef("a/b", 12), "Not built: " + "x" * 98 + ". To build it, comment /test ci")
    >>> len(long), long[-33:]
    (140, 'x…. To build it, comment /test ci')
    """
    name = f"{_name(subject)}: "
    room = DESCRIPTION_LIMIT - len(name)
    if len(text) <= room:
        return name + text
    head, stop, tail = text.rpartition(". ")
    tail = stop + tail
    if not head or len(tail) > room // 2:
        return name + shorten(text, room)
    return name + shorten(head, room - len(tail)) + tail


def rank_of(state: StatusState) -> WordRank:
    """The rank of what a build or a check came to.

    >>> rank_of(StatusState.ERROR).name, rank_of(StatusState.PENDING).name
    ('FAILED', 'UNDER_WAY')
    """
    match state:
        case StatusState.FAILURE | StatusState.ERROR:
            return WordRank.FAILED
        case StatusState.PENDING:
            return WordRank.UNDER_WAY
        case StatusState.SUCCESS:
            return WordRank.SUCCEEDED


def is_of_group(subject: Subject) -> bool:
    """It is a branch on which GitHub's merge queue tests what it will merge."""
    return isinstance(subject, BranchRef) and MergeGroup.parse(subject.branch) is not None


def _silences(word: Word) -> bool:
    """Beside it, words that nobody vouched for do not count: it is a verdict, or a group's.

    An excuse and a hold are no verdict. But what a merge group says holds for all that is in it.
    """
    return word.rank <= WordRank.SUCCEEDED or is_of_group(word.subject)


def _order(word: Word) -> tuple[object, ...]:
    subject = word.subject
    if isinstance(subject, PullRef):
        place: tuple[int, int, str] = (2, subject.number, "")
    else:
        place = (1 if is_of_group(subject) else 0, 0, subject.branch)
    is_error = word.state is StatusState.ERROR
    return (word.rank, is_error, not word.is_vouched, word.is_tacit, place)


def _name(subject: Subject) -> str:
    if isinstance(subject, PullRef):
        return f"#{subject.number}"
    if group := MergeGroup.parse(subject.branch):
        return f"merge queue, #{group.number}"
    return shorten(subject.branch, 40)
