"""Splits a unified diff into its files: names, what happened, counts, and where the hunks are."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto


class Change(Enum):
    """What the headers of a section say happened to the file."""

    ADDED = auto()
    REMOVED = auto()
    MODIFIED = auto()
    RENAMED = auto()
    COPIED = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One file's part of a diff."""

    source: str
    target: str
    change: Change


def split_diff(data: bytes) -> Iterator[Section]:
    """The sections of a diff, in order."""
    raise NotImplementedError
