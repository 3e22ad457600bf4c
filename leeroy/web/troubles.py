"""What fails, one line a subject: what the first page shows before all else."""

from collections.abc import Iterable
from dataclasses import dataclass

from leeroy.queue import KeptHint


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A subject whose looks fail."""

    subject: str
    #: The newest hint's.
    error: str
    #: When the oldest of the hints came.
    since: float
    hints: int
    #: Nobody tries again by himself.
    is_given_up: bool


def troubles(hints: Iterable[KeptHint]) -> tuple[Trouble, ...]:
    """One for each subject, those first that wait for somebody; ``hints`` are newest first."""
    of_subject: dict[str, list[KeptHint]] = {}
    for hint in hints:
        of_subject.setdefault(hint.subject, []).append(hint)
    found = [
        Trouble(
            subject=subject,
            error=failing[0].error or "",
            since=min(hint.received for hint in failing),
            hints=len(failing),
            is_given_up=all(hint.handled is not None for hint in failing),
        )
        for subject, failing in of_subject.items()
    ]
    return tuple(sorted(found, key=lambda trouble: not trouble.is_given_up))
