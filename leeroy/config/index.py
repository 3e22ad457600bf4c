"""Names and globs, so laid out that a name is tried on few of them.

A name costs one look-up. A glob is tried only where the name begins as the glob does, or, when the
glob begins with anything, ends as it does.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Generic, TypeVar

from leeroy.config.fields import is_glob
from patchparser.globs import matches

T = TypeVar("T")

_PLAIN = re.compile(r"[^*?\[\]{}()!+@|\\]*")


class Index(Generic[T]):
    """What is filed under names and globs, compared without case; found in the order it came in."""

    def __init__(self, items: Iterable[tuple[str, T]]) -> None:
        self._named: dict[str, list[tuple[int, T]]] = {}
        self._starts: dict[str, list[tuple[int, str, T]]] = {}
        self._ends: dict[str, list[tuple[int, str, T]]] = {}
        for order, (text, item) in enumerate(items):
            key = text.lower()
            if not is_glob(key):
                self._named.setdefault(key, []).append((order, item))
                continue
            start, end = plain_ends(key)
            place, part = (self._starts, start) if start else (self._ends, end)
            place.setdefault(part, []).append((order, key, item))
        self._start_lengths = sorted({len(part) for part in self._starts})
        self._end_lengths = sorted({len(part) for part in self._ends})

    def find(self, name: str) -> list[T]:
        """All that is filed under this name, or under a glob that means it.

        >>> Index([("acme/*", 1), ("acme/widgets", 2), ("*/gears", 3)]).find("Acme/Widgets")
        [1, 2]
        """
        name = name.lower()
        found = list(self._named.get(name, ()))
        found += [(order, item) for order, glob, item in self._near(name) if matches(glob, name)]
        found.sort(key=lambda each: each[0])
        return [item for _, item in found]

    def named(self, name: str) -> list[T]:
        """All that is filed under this very name."""
        return [item for _, item in self._named.get(name.lower(), ())]

    def _near(self, name: str) -> Iterator[tuple[int, str, T]]:
        for length in self._start_lengths:
            yield from self._starts.get(name[:length], ()) if length <= len(name) else ()
        for length in self._end_lengths:
            if length <= len(name):
                yield from self._ends.get(name[len(name) - length :], ())


def pairs_that_may_meet(globs: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Positions of globs, the earlier first, that begin and end alike as far as letters tell.

    >>> list(pairs_that_may_meet(["acme/a*", "acme/*", "other/*", "*/gears", "acme/*-x"]))
    [(0, 1), (0, 3), (1, 3), (2, 3), (0, 4), (1, 4)]
    """
    starts, ends = _Alike(), _Alike()
    known: list[str] = []
    for later, glob in enumerate(globs):
        start, end = plain_ends(glob.lower())
        near = starts.near(start) if start else ends.near(end[::-1])
        for first in sorted(near):
            if known[first].endswith(end) or end.endswith(known[first]):
                yield first, later
        starts.add(start, later)
        ends.add(end[::-1], later)
        known.append(end)


class _Alike:
    """Texts of which one begins the other."""

    def __init__(self) -> None:
        self._same: dict[str, list[int]] = {}
        self._longer: dict[str, list[int]] = {}

    def add(self, text: str, position: int) -> None:
        """File a text's position."""
        self._same.setdefault(text, []).append(position)
        for length in range(len(text)):
            self._longer.setdefault(text[:length], []).append(position)

    def near(self, text: str) -> set[int]:
        """Those that the text begins with, and those that begin with the text."""
        shorter = (self._same.get(text[:length], ()) for length in range(len(text) + 1))
        return {one for found in shorter for one in found}.union(self._longer.get(text, ()))


@lru_cache(maxsize=8192)
def plain_ends(glob: str) -> tuple[str, str]:
    """What every name a glob means begins and ends with, as far as letters tell.

    >>> plain_ends("acme/*-ci"), plain_ends("{a,b}/x"), plain_ends("acme/widgets?")
    (('acme/', '-ci'), ('', '/x'), ('acme/widgets', ''))
    """
    start, end = _PLAIN.match(glob), _PLAIN.match(glob[::-1])
    return (start[0] if start else ""), (end[0][::-1] if end else "")
