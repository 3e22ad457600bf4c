"""What ``leeroy sweep`` found and what came of it, for people in lines and for programs as JSON."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from leeroy.worker.sweep.findings import Found, Outcome
from leeroy.worker.sweep.unread import Unread


class Came(StrEnum):
    """What came of looking at something again."""

    DONE = "done"
    #: ``mode`` is ``observe``.
    OBSERVED = "only observed"
    REFUSED = "refused"
    AGAIN = "tried again later"
    GIVEN_UP = "given up"


@dataclass(frozen=True, kw_only=True)
class Handled:
    """A pull request, branch or build that was looked at again."""

    subject: str
    came: Came
    #: Why it was not done.
    why: str = ""
    #: What was done.
    effects: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.came in (Came.DONE, Came.OBSERVED):
            told = "; ".join(self.effects) or "nothing was to be done"
            return f"{self.subject}: {'would ' if self._only_would else ''}{told}"
        return f"{self.subject}: {self.came}: {self.why}"

    @property
    def _only_would(self) -> bool:
        return self.came is Came.OBSERVED and bool(self.effects)


@dataclass(kw_only=True)
class Report:
    """All of it."""

    is_dry: bool
    #: Open pull requests that were looked over.
    pulls: int = 0
    found: list[Found] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    handled: list[Handled] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Everything could be looked at, and nothing of what was found is left undone."""
        return not self.unread and all(
            one.came in (Came.DONE, Came.OBSERVED) for one in self.handled
        )

    def summary(self) -> Iterator[str]:
        """The last lines: how much of what, and what could not be looked at."""
        if self.found:
            counts = Counter(one.outcome for one in self.found)
            yield f"found {len(self.found)}: {_counted({self._word(o): counts[o] for o in counts})}"
        else:
            where = " where it could be looked at" if self.unread else ""
            yield f"nothing was missed{where}"
        if self.handled:
            came = Counter(one.came for one in self.handled)
            good = sum(came[one] for one in (Came.DONE, Came.OBSERVED))
            yield f"{good} of {len(self.handled)} handled: {_counted(came)}"
        if self.unread:
            yield "could not be looked at:"
            yield from (f"  {each}" for each in self.unread)

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "is_whole": not self.unread,
            "is_good": self.is_good,
            "is_dry": self.is_dry,
            "pulls": self.pulls,
            "found": [
                {
                    "subject": one.subject,
                    "why": one.why,
                    "outcome": one.outcome.name.lower(),
                    "contexts": one.contexts,
                }
                for one in self.found
            ],
            "handled": [
                {
                    "subject": one.subject,
                    "outcome": one.came.name.lower(),
                    "why": one.why,
                    "effects": one.effects,
                }
                for one in self.handled
            ],
            "unread": [{"subject": one.subject, "error": one.error} for one in self.unread],
            "counts": {
                "found": {o.name.lower(): _count(self.found, outcome=o) for o in Outcome},
                "handled": {c.name.lower(): _count(self.handled, came=c) for c in Came},
                "unread": len(self.unread),
            },
        }

    def _word(self, outcome: Outcome) -> str:
        if outcome is Outcome.DUE:
            return "to be looked at again" if self.is_dry else "looked at again"
        return {
            Outcome.LATER: "left for the next sweep",
            Outcome.REPORTED: "not built",
        }[outcome]


def _count(things: list[Any], **fields: object) -> int:
    ((name, value),) = fields.items()
    return sum(getattr(one, name) is value for one in things)


def _counted(counts: dict[Any, int]) -> str:
    """Each thing with its number.

    >>> _counted({"done": 2, "refused": 1})
    '2 done, 1 refused'
    """
    return ", ".join(f"{number} {word}" for word, number in counts.items())
