"""What a sweep could not look at: each thing is tried by itself, and costs only itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from leeroy.errors import LeeroyError
from leeroy.model import OddEntry

log = structlog.get_logger()

#: Letters: such a text may hold what somebody sent us.
MOST_OF_A_DEFECT = 300
#: The log has all of them.
MOST_TOLD = 20

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Unread:
    """One thing that could not be looked at, and why."""

    #: A repository, a pull request, a branch; or what was asked for as a whole.
    subject: str
    error: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.error}"


@dataclass(kw_only=True)
class Tries:
    """Tries one thing after the other, and keeps what failed."""

    unread: list[Unread] = field(default_factory=list)

    def read(self, subject: str, ask: Callable[[], T]) -> T | None:
        """What was asked for; None: it could not be had."""
        try:
            return ask()
        except Exception as exc:  # noqa: BLE001 - told apart below, and the sweep goes on
            self.failed(subject, exc)
            return None

    def failed(self, subject: str, error: Exception) -> None:
        """Keep what could not be looked at; an exception nobody raised on purpose is a defect."""
        if isinstance(error, LeeroyError):
            log.warning("the sweep could not read", subject=subject, error=str(error))
            self.unread.append(Unread(subject=subject, error=str(error)))
            return
        log.error("the sweep broke", subject=subject, exc_info=error)
        text = f"a defect in Leeroy: {type(error).__name__}: {error}"
        self.unread.append(Unread(subject=subject, error=text[:MOST_OF_A_DEFECT]))

    def sound(self, subject: str, entries: Iterable[T | OddEntry]) -> Iterator[T]:
        """The entries of a list that make sense."""
        for entry in entries:
            if isinstance(entry, OddEntry):
                self.skip(subject, entry)
            else:
                yield entry

    def skip(self, subject: str, entry: OddEntry) -> None:
        """Keep that an entry makes no sense."""
        name = subject if entry.number is None else f"{subject}#{entry.number}"
        log.warning("the sweep could not read", subject=name, error=entry.error)
        self.unread.append(Unread(subject=name, error=entry.error))


def in_one_line(unread: Sequence[Unread]) -> str:
    """All of it for a line of the log or the dashboard; the first of many."""
    told = [str(each) for each in unread[:MOST_TOLD]]
    if len(unread) > MOST_TOLD:
        told.append(f"and {len(unread) - MOST_TOLD} more")
    return "; ".join(told)
