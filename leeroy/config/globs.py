"""What a glob of the settings is made of: to refuse what nobody means, and to see where two meet.

They are matched by :mod:`patchparser.globs`, and mean the same here; a test holds the two together.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from patchparser.globs import GlobError, matches

#: Longer ones are no globs of people.
MOST_LETTERS = 500
#: A glob's braces may choose between so many.
MOST_CHOICES = 200

#: First and last character, as code points.
Range = tuple[int, int]
_SLASH: Range = (0x2F, 0x2F)


class NotRead(Exception):
    """The glob can be used, and holds what is not looked into here: ``!(a)``, ``[[:alpha:]]``."""


@dataclass(frozen=True)
class Letter:
    """One character of these, or, turned round, any other."""

    ranges: tuple[Range, ...]
    is_turned: bool = False

    def __contains__(self, code: int) -> bool:
        return any(first <= code <= last for first, last in self.ranges) is not self.is_turned


@dataclass(frozen=True)
class Seq:
    """One after the other."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Either:
    """One of them."""

    choices: tuple["Node", ...]


@dataclass(frozen=True)
class Many:
    """The same any number of times, none included."""

    of: "Node"


Node: TypeAlias = Letter | Seq | Either | Many

_WITHIN = Letter((_SLASH,), is_turned=True)
_ANYTHING = Many(Letter((), is_turned=True))
_FOLDERS = Many(Seq((_WITHIN, Many(_WITHIN), Letter((_SLASH,)))))


@dataclass(frozen=True)
class Glob:
    """A glob as it was read."""

    node: Node
    #: It began with ``!``: it means everything else.
    is_turned: bool = False


def check_glob(glob: str) -> None:
    """GlobError where the glob cannot be used, or nobody can have meant it; never says what it is.

    >>> check_glob("src/[a-")
    Traceback (most recent call last):
    ...
    patchparser.globs.GlobError: has a [ that is never closed, or a / within it
    """
    try:
        parse(glob)
    except NotRead:
        try:
            matches(glob, "any")
        except GlobError as exc:
            raise GlobError("is not a glob that can be used") from exc


@lru_cache(maxsize=8192)
def parse(text: str) -> Glob:
    """What a glob means; GlobError where it means nothing, NotRead where that is not told."""
    if len(text) > MOST_LETTERS:
        raise GlobError(f"must have at most {MOST_LETTERS} characters")
    if text.startswith("^") and text.endswith("$"):
        raise GlobError("looks like a regular expression; a glob is meant, such as release/*")
    plain = text.lstrip("!")
    choices = [_Reader(choice).whole() for choice in _without_braces(plain)]
    return Glob(_either(choices), is_turned=(len(text) - len(plain)) % 2 == 1)


class _Reader:
    """Reads one glob without braces, letter by letter."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self) -> Node:
        """All of it, folder by folder."""
        parts: list[Node] = []
        segments = self._text.split("/")
        if "" in segments[1:] or (segments[0] == "" and len(segments) > 1):
            raise GlobError("never matches: no path has an empty part, as before, behind or in //")
        for index, segment in enumerate(segments):
            is_last = index == len(segments) - 1
            if segment == "**":
                # At the end it is everything below; elsewhere any number of folders, with their /.
                parts.append(_ANYTHING if is_last else _FOLDERS)
                continue
            inner = _Reader(segment)
            node = inner.choice(inside="")
            if segment and not segment.strip("*"):
                node = Seq((_WITHIN, Many(_WITHIN)))
            parts.append(node)
            if not is_last:
                parts.append(Letter((_SLASH,)))
        return Seq(tuple(parts))

    def choice(self, *, inside: str) -> Node:
        """What stands between here and the end, or the ``)`` that ends the choice."""
        choices: list[list[Node]] = [[]]
        while self._at < len(self._text):
            letter = self._next()
            if inside and letter == ")":
                return _either([Seq(tuple(parts)) for parts in choices])
            if inside and letter == "|":
                choices.append([])
            else:
                choices[-1].append(self._one(letter))
        if inside:
            raise GlobError("has a ( that is never closed, or a / within it")
        return Seq(tuple(choices[0]))

    def _one(self, letter: str) -> Node:
        if letter in "@?*+!" and self._text[self._at : self._at + 1] == "(":
            return self._group(letter)
        match letter:
            case "*":
                return Many(_WITHIN)
            case "?":
                return _WITHIN
            case "[":
                return self._class()
            case "\\":
                return _exactly(self._next("has a \\ with nothing behind it"))
        return _exactly(letter)

    def _group(self, kind: str) -> Node:
        self._at += 1
        if kind == "!":
            raise NotRead
        inner = self.choice(inside="(")
        match kind:
            case "*":
                return Many(inner)
            case "+":
                return Seq((inner, Many(inner)))
            case "?":
                return Either((inner, Seq(())))
        return inner

    def _class(self) -> Letter:
        never = "has a [ that is never closed, or a / within it"
        letter = self._next(never)
        is_turned = letter in "!^"
        if is_turned:
            letter = self._next(never)
        ranges: list[Range] = []
        is_first = True
        while letter != "]" or is_first:
            is_first = False
            if letter == "[" and self._text[self._at : self._at + 1] in (":", ".", "="):
                raise NotRead
            if letter == "\\":
                letter = self._next(never)
            last = letter
            if self._text[self._at : self._at + 1] == "-" and self._text[
                self._at + 1 : self._at + 2
            ] not in ("]", ""):
                self._at += 1
                last = self._next(never)
                if last == "\\":
                    last = self._next(never)
            if last < letter:
                raise GlobError("has a range that ends before it begins")
            ranges.append((ord(letter), ord(last)))
            letter = self._next(never)
        if is_turned:
            ranges.append(_SLASH)
        return Letter(tuple(ranges), is_turned=is_turned)

    def _next(self, problem: str = "") -> str:
        if self._at >= len(self._text):
            raise GlobError(problem)
        self._at += 1
        return self._text[self._at - 1]


def _exactly(letter: str) -> Letter:
    return Letter(((ord(letter), ord(letter)),))


def _either(choices: list[Node]) -> Node:
    return choices[0] if len(choices) == 1 else Either(tuple(choices))


def _without_braces(glob: str) -> list[str]:
    """What ``{a,b}`` and ``{1..3}`` choose between, as :mod:`patchparser.globs` reads them."""
    if "{" not in glob:
        return [glob]
    # The library under the one that patchparser matches with.
    from bracex import ExpansionLimitException, expand

    try:
        return list(dict.fromkeys(expand(glob, keep_escapes=True, limit=MOST_CHOICES)))
    except ExpansionLimitException as exc:
        raise GlobError(f"must choose between at most {MOST_CHOICES}") from exc
