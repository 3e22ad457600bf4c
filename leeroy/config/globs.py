"""The settings' globs: of repositories, branches and paths, with the meaning of :mod:`patchparser.globs`.

Strangers choose the names that are matched, so a glob becomes a pattern of RE2, which takes time as
the name is long and no more. What cannot be said so is refused when the settings are read.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from leeroy.config.patterns import PatternError, compiled

MOST_LETTERS = 500
#: A glob's braces may choose between so many.
MOST_CHOICES = 200

#: First and last character, as code points.
Range = tuple[int, int]
_SLASH: Range = (0x2F, 0x2F)
_NEVER_NEXT = "must not hold !( ): leave out with a key made for that"


class GlobError(ValueError):
    """The glob cannot be used; the message says why, and never what it is."""


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


def matches(glob: str, name: str) -> bool:
    """The glob means this name.

    >>> matches("docs/**", "docs/a/b.md"), matches("*.md", "docs/a.md"), matches("!*.md", "a.py")
    (True, False, True)
    """
    pattern, is_turned = _compiled(glob)
    return compiled(pattern).matches(name) is not is_turned


def check_glob(glob: str) -> None:
    """GlobError where the glob cannot be used."""
    try:
        compiled(_compiled(glob)[0])
    except PatternError as exc:
        raise GlobError("is too large for a glob") from exc


@lru_cache(maxsize=8192)
def _compiled(glob: str) -> tuple[str, bool]:
    read = parse(glob)
    return pattern_of(read.node), read.is_turned


@lru_cache(maxsize=8192)
def parse(text: str) -> Glob:
    """What a glob means; GlobError where it means nothing we can tell.

    >>> parse("a/!(b)")
    Traceback (most recent call last):
    ...
    leeroy.config.globs.GlobError: must not hold !( ): leave out with a key made for that
    """
    if len(text) > MOST_LETTERS:
        raise GlobError(f"must have at most {MOST_LETTERS} characters")
    if text.startswith("^") and text.endswith("$"):
        raise GlobError("looks like a regular expression; a glob is meant, such as release/*")
    if text.startswith("!("):
        raise GlobError(_NEVER_NEXT)
    plain = text.lstrip("!")
    choices = [_Reader(choice).whole() for choice in _without_braces(plain)]
    return Glob(_either(choices), is_turned=(len(text) - len(plain)) % 2 == 1)


def pattern_of(node: Node) -> str:
    """The same as a pattern of RE2.

    >>> pattern_of(parse("a/**/[b-d]?").node)
    '[a][/](?:[^/](?:[^/])*[/])*[b-d][^/]'
    """
    match node:
        case Letter(ranges=(), is_turned=True):
            return r"(?s:.)"
        case Letter(ranges=ranges, is_turned=is_turned):
            inside = "".join(
                _shown(first) + (f"-{_shown(last)}" if last > first else "")
                for first, last in ranges
            )
            return f"[{'^' if is_turned else ''}{inside}]"
        case Seq(parts=parts):
            return "".join(pattern_of(part) for part in parts)
        case Either(choices=choices):
            return f"(?:{'|'.join(pattern_of(choice) for choice in choices)})"
        case Many(of=inner):
            return f"(?:{pattern_of(inner)})*"


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
            raise GlobError(_NEVER_NEXT)
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
                raise GlobError("must not hold a class with a name, as [:alpha:]")
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


def _shown(code: int) -> str:
    letter = chr(code)
    return (
        letter if letter.isascii() and (letter.isalnum() or letter in "/_") else f"\\x{{{code:x}}}"
    )
