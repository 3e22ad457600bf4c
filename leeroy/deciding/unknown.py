"""What stands in the place of a fact that nobody knows, and how a rule asks for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn, TypeVar

T = TypeVar("T")


class What(StrEnum):
    """What a look can read when a rule asks for it."""

    PATCH = "changed files"
    COMMITS = "commits"
    MERGE = "test merge"
    LABELS_FILE = "labels file"
    STATUSES = "statuses"
    PERMISSION = "permission"
    #: The same, and not as it was minutes ago.
    PERMISSION_NOW = "permission now"
    LISTED = "membership"
    COMMENT = "comment"
    DETAILS = "details"
    REPORT = "report"


@dataclass(frozen=True, order=True)
class Need:
    """One thing to read: of which sha, login, comment or build, where there are several."""

    what: What
    of: str = ""


@dataclass(frozen=True)
class Unknown:
    """A fact that is not known: nobody read it yet (then it has a need), or nobody can now."""

    why: str = "not read yet"
    needs: tuple[Need, ...] = ()
    #: The same request would be refused again.
    is_refused: bool = False
    #: The remote side says that there is no such thing; it may only not show it yet.
    is_missing: bool = False
    retry_after: float | None = None
    #: The HTTP status of the answer, where there was one.
    status: int | None = None

    @property
    def briefly(self) -> str:
        """Why, for a status that has room for a few words."""
        return str(self.status) if self.status else self.why[:70]

    def __bool__(self) -> NoReturn:
        """Neither true nor false: a rule that forgets it must not find a stranger trusted."""
        raise TypeError(f"a fact that is not known has no truth ({self.why}): use isinstance")


def unread(what: What, of: str = "") -> Unknown:
    """What stands there until somebody asks."""
    return Unknown(needs=(Need(what, of),))


def or_none(fact: T | Unknown) -> T | None:
    """The fact, or None."""
    return None if isinstance(fact, Unknown) else fact


def is_unread(fact: object) -> bool:
    """It is read once it is asked for."""
    return isinstance(fact, Unknown) and len(fact.needs) > 0
