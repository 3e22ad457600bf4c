"""One segment of a glob (what stands between two slashes) against one name, in linear time.

Whoever opens a pull request chooses the names, and a pattern such as ``+(a|aa)`` makes a
backtracking engine try every way to split ``aaaa...``. Here all ways are followed at once: the
places a match may have reached are the bits of one number, and each part of the pattern moves
them along. Patterns with stars only, which most are, need no more than ``str.find``.
"""

import re
import string
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: Says whether a name, which is one between two slashes, is meant.
Segment = Callable[[str], bool]

#: ``?(a|b)``, ``*(a|b)``, ``+(a|b)``, ``@(a|b)``, ``!(a|b)``.
_OPERATORS = "?*+@!"
#: Deeper than this nobody writes, and each level is a call.
_MAX_DEPTH = 8
_SPECIAL = re.compile(r"[\\\[?]|[*+@!]\(")
_POSIX: Mapping[str, Callable[[str], bool]] = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "ascii": str.isascii,
    "blank": " \t".__contains__,
    "cntrl": lambda char: unicodedata.category(char) == "Cc",
    "digit": str.isdecimal,
    "graph": lambda char: char.isprintable() and not char.isspace(),
    "lower": str.islower,
    "print": str.isprintable,
    "punct": lambda char: unicodedata.category(char).startswith("P"),
    "space": str.isspace,
    "upper": str.isupper,
    "word": lambda char: char == "_" or char.isalnum(),
    "xdigit": string.hexdigits.__contains__,
}
_POSIX_CLASS = re.compile(r"\[:([a-z]{5,6}):\]")


class SegmentError(ValueError):
    """The segment cannot be used; the message says why."""


@dataclass(frozen=True, eq=False)
class _Part:
    """A character, a class of them, a star, or a choice."""

    #: A literal character.
    char: str = ""
    #: Says which characters it takes, where it takes one of several.
    takes: Callable[[str], bool] | None = None
    is_star: bool = False
    #: One of ``?*+@!``, where it is a choice.
    operator: str = ""
    choices: "tuple[tuple[_Part, ...], ...]" = ()


def compile_segment(pattern: str, *, dot: bool, extended: bool) -> Segment:
    """Compile a segment; without ``dot``, no wildcard takes a dot that begins the name.

    ``extended`` has choices such as ``+(a|b)``; without it parentheses mean themselves.

    >>> compile_segment("*.py", dot=True, extended=True)("x.py")
    True
    >>> compile_segment("+(a|aa)b", dot=True, extended=True)("a" * 30)
    False
    """
    if "*" not in pattern and not _SPECIAL.search(pattern):
        return pattern.__eq__
    if not _SPECIAL.search(pattern):
        return _with_stars_only(pattern, dot=dot)
    parts, rest = _parse(pattern, 0, extended=extended, depth=0)
    assert rest == len(pattern)
    return lambda name: _Match(name, dot=dot).reaches_end(parts)


def _with_stars_only(pattern: str, *, dot: bool) -> Segment:
    first, *middle, last = re.split(r"\*+", pattern)
    least = len(first) + len(last)

    def match(name: str) -> bool:
        if not name or (not first and not _may_begin(name, dot=dot)):
            return False
        if len(name) < least or not name.startswith(first) or not name.endswith(last):
            return False
        at, end = len(first), len(name) - len(last)
        for piece in middle:
            at = name.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return match


def _may_begin(name: str, *, dot: bool) -> bool:
    """Whether a wildcard may take the name's first character."""
    return not name.startswith(".") or (dot and name not in (".", ".."))


def _parse(
    pattern: str, at: int, *, extended: bool, depth: int, ends: str = ""
) -> tuple[tuple[_Part, ...], int]:
    """The parts up to the end, or up to one of ``ends``; and where that is."""
    if depth > _MAX_DEPTH:
        raise SegmentError(f"choices stand in each other more than {_MAX_DEPTH} deep")
    parts: list[_Part] = []
    while at < len(pattern) and pattern[at] not in ends:
        char = pattern[at]
        if extended and char in _OPERATORS and pattern[at + 1 : at + 2] == "(":
            choice, after = _parse_choice(pattern, at, depth=depth)
            if choice:
                parts.append(choice)
                at = after
                continue
        if char == "\\" and at + 1 < len(pattern):
            parts.append(_Part(char=pattern[at + 1]))
            at += 2
        elif char == "[" and (found := _parse_class(pattern, at)):
            parts.append(_Part(takes=found[0]))
            at = found[1]
        else:
            if char == "*":
                parts.append(_Part(is_star=True))
            else:
                parts.append(_Part(takes=_takes_any) if char == "?" else _Part(char=char))
            at += 1
    return tuple(parts), at


def _takes_any(char: str) -> bool:
    return True


def _parse_choice(pattern: str, at: int, *, depth: int) -> tuple[_Part | None, int]:
    choices = []
    begin = at + 2
    while True:
        parts, end = _parse(pattern, begin, extended=True, depth=depth + 1, ends="|)")
        if end == len(pattern):
            return None, at  # never closed: the characters mean themselves
        choices.append(parts)
        begin = end + 1
        if pattern[end] == ")":
            return _Part(operator=pattern[at], choices=tuple(choices)), begin


def _parse_class(pattern: str, at: int) -> tuple[Callable[[str], bool], int] | None:
    """``[a-z]``, ``[!a-z]`` or ``[^a-z]``; None where it is never closed."""
    begin = at + 1
    negated = pattern[begin : begin + 1] in ("!", "^")
    begin += negated
    end = begin
    tests: list[Callable[[str], bool]] = []
    while end < len(pattern) and (pattern[end] != "]" or end == begin):
        if (posix := _POSIX_CLASS.match(pattern, end)) and posix[1] in _POSIX:
            tests.append(_POSIX[posix[1]])
            end = posix.end()
        elif pattern[end] == "\\" and end + 1 < len(pattern):
            tests.append(pattern[end + 1].__eq__)
            end += 2
        elif pattern[end + 1 : end + 2] == "-" and pattern[end + 2 : end + 3] not in (
            "",
            "]",
            "\\",
        ):
            tests.append(_takes_range(pattern[end], pattern[end + 2]))
            end += 3
        else:
            tests.append(pattern[end].__eq__)
            end += 1
    if end >= len(pattern):
        return None
    return (lambda char: any(test(char) for test in tests) is not negated), end + 1


def _takes_range(low: str, high: str) -> Callable[[str], bool]:
    return lambda char: low <= char <= high


class _Match:
    """Follows a pattern's parts along one name; bit n: a match may have reached place n."""

    def __init__(self, name: str, *, dot: bool) -> None:
        self._name = name
        self._end = 1 << len(name)
        self._all = (self._end << 1) - 1
        #: Where a wildcard may not begin.
        self._closed = 0 if _may_begin(name, dot=dot) else 1
        self._places: dict[str, int] = {}
        for at, char in enumerate(name):
            self._places[char] = self._places.get(char, 0) | 1 << at
        self._taken: dict[_Part, int] = {}
        self._negated: dict[tuple[_Part, int], bool] = {}

    def reaches_end(self, parts: tuple[_Part, ...]) -> bool:
        return bool(self._name) and bool(self._follow(parts, 1) & self._end)

    def _follow(self, parts: tuple[_Part, ...], reached: int) -> int:
        for number, part in enumerate(parts):
            if not reached:
                return 0
            reached = self._step(part, reached, parts[number + 1 :])
        return reached

    def _step(self, part: _Part, reached: int, rest: tuple[_Part, ...]) -> int:
        if part.operator == "!":
            return self._step_negated(part, reached & ~self._closed, rest)
        if part.operator:
            return self._step_choice(part, reached)
        if part.is_star:
            return self._from_lowest(reached & ~self._closed)
        if part.takes:
            if part not in self._taken:
                taken = [bits for char, bits in self._places.items() if part.takes(char)]
                self._taken[part] = sum(taken)
            return (reached & ~self._closed & self._taken[part]) << 1
        return (reached & self._places.get(part.char, 0)) << 1

    def _from_lowest(self, reached: int) -> int:
        """All places from the lowest on."""
        return self._all & -(reached & -reached) if reached else 0

    def _step_choice(self, part: _Part, reached: int) -> int:
        seen = new = reached
        result = reached if part.operator in "?*" else 0
        while new:
            after = 0
            for choice in part.choices:
                after |= self._follow(choice, new)
            result |= after
            new = after & ~seen if part.operator in "*+" else 0
            seen |= after
        return result

    def _step_negated(self, part: _Part, reached: int, rest: tuple[_Part, ...]) -> int:
        """As minimatch has it: where no choice, with the rest behind it, would reach the end."""
        result = 0
        while reached:
            lowest = reached & -reached
            reached ^= lowest
            if (part, lowest) not in self._negated:
                self._negated[part, lowest] = any(
                    self._follow((*choice, *rest), lowest) & self._end for choice in part.choices
                )
            if not self._negated[part, lowest]:
                return result | self._from_lowest(lowest)
        return result
