"""What is left of a change once everything is taken away that no test could tell from before.

Moved lines, white space, imports, log messages, texts for people, attributes that only compilers
and linters read, Python's annotations, names that were changed everywhere alike. It is asked only
whether *anything* is left: a change that is half of this and half of that is not made smaller, as
five lines put inside an ``if`` are one new line and still a change.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from patchparser.breaking import CodeLine
from patchparser.hunks import Hunk
from patchparser.patch import PatchedFile, extension_of
from patchparser.remarks import without_remarks
from patchparser.source_tokens import TEXT_FOR_PEOPLE, tokens_of

#: Nobody renames more at once and calls it one change.
MAX_RENAMED = 4
#: Larger changes are not looked into.
MAX_LINES = 20_000


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, kw_only=True)
class Left:
    """What of a change a test could tell."""

    #: Nothing is left at all; ``why`` says what there was.
    is_nothing: bool = False
    #: For people, ``was only moved``; empty where there was no code at all.
    why: str = ""
    #: By path, how many changed lines may matter and the first of them in the new file.
    lines: dict[str, int] = field(default_factory=dict)
    first: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Side:
    """One side of a hunk."""

    lines: tuple[CodeLine, ...]
    kind: str
    path: str

    def changed(self) -> list[CodeLine]:
        return [each for each in self.lines if each.line.kind == self.kind]

    def words(self) -> Iterator[str]:
        for each in self.lines:
            yield from _WORD.findall(each.code)

    def text(self) -> str:
        return "\n".join(_indentation(each.line.text) + each.code for each in self.lines)


@dataclass(frozen=True, kw_only=True)
class _Changed:
    """A hunk, as its two sides."""

    path: str
    old: _Side
    new: _Side


def what_is_left(files: Sequence[PatchedFile]) -> Left:
    """Look at the hunks of all files together: code moves from one to another."""
    if sum(file.changes for file in files) > MAX_LINES:
        return Left()
    if any(not file.has_patch for file in files):
        return Left()  # GitHub does not show all of it
    hunks = [_sides(file.path, hunk) for file in files for hunk in file.hunks]
    added = Counter(key for hunk in hunks for key in _keys(hunk.new))
    removed = Counter(key for hunk in hunks for key in _keys(hunk.old))
    only_added, only_removed = added - removed, removed - added
    if not added and not removed:
        return Left(is_nothing=True)
    if not only_added:
        return Left(is_nothing=True, why="was only removed" if only_removed else "was only moved")
    remaining = [
        hunk
        for hunk in hunks
        if any(key in only_added for key in _keys(hunk.new))
        or any(key in only_removed for key in _keys(hunk.old))
    ]
    if _are_renamed(only_added, only_removed, remaining) or _are_equal(remaining):
        return Left(is_nothing=True, why="does what it did before")
    return _counted(hunks, only_added, only_removed)


def _counted(
    hunks: Sequence[_Changed], only_added: Counter[str], only_removed: Counter[str]
) -> Left:
    left = Left()
    for hunk in hunks:
        new = [each for each in hunk.new.changed() if _key(each, hunk.path) in only_added]
        old = [each for each in hunk.old.changed() if _key(each, hunk.path) in only_removed]
        if new or old:
            left.lines[hunk.path] = left.lines.get(hunk.path, 0) + len(new) + len(old)
            number = new[0].line.target_line if new else None
            left.first[hunk.path] = left.first.get(hunk.path) or number
    return left


def _sides(path: str, hunk: Hunk) -> _Changed:
    old, new = (
        _Side(
            lines=_without_closing_quotes(tuple(without_remarks(hunk, kind, path))),
            kind=kind,
            path=path,
        )
        for kind in "-+"
    )
    return _Changed(path=path, old=old, new=new)


def _without_closing_quotes(lines: tuple[CodeLine, ...]) -> tuple[CodeLine, ...]:
    """Quotes that a hunk begins with close a text that began above it."""
    begins = lines[:1] and lines[0].code in ('"""', "'''")
    return lines[1:] if begins and lines[0].line.kind == " " else lines


def _indentation(text: str) -> str:
    return text[: len(text) - len(text.lstrip())].expandtabs(8)


def _keys(side: _Side) -> Iterator[str]:
    for each in side.changed():
        if key := _key(each, side.path):
            yield key


def _key(each: CodeLine, path: str) -> str:
    """What two lines share that say the same; empty for brackets alone.

    White space says nothing, but where a line of Python begins.
    """
    words = " ".join(_WORD.findall(each.code)).removesuffix(" ,")
    if not any(char.isalnum() for char in words):
        return ""
    if extension_of(path) in ("py", "pyi"):
        return f"{len(_indentation(each.line.text))} {words}"
    return words


_WORD = re.compile(r"\w+|[^\w\s]")


def _are_renamed(
    only_added: Counter[str], only_removed: Counter[str], hunks: Sequence[_Changed]
) -> bool:
    """Whether each line that is new is one that is gone, wherever it was, with names changed."""
    gone: dict[str, list[list[str]]] = {}
    for key in only_removed.elements():
        words = key.split(" ")
        gone.setdefault(_shape(words), []).append(words)
    renamed: dict[str, str] = {}
    for key in only_added.elements():
        words = key.split(" ")
        if not (same := gone.get(_shape(words))):
            return False
        for before, after in zip(same.pop(0), words, strict=True):
            if before != after and (
                not (_is_name(before) and _is_name(after))
                or renamed.setdefault(before, after) != after
                or len(renamed) > MAX_RENAMED
            ):
                return False
    return _is_fair(renamed, hunks)


def _shape(words: Sequence[str]) -> str:
    return " ".join("a" if _is_name(word) else word for word in words)


def _is_fair(renamed: dict[str, str], hunks: Sequence[_Changed]) -> bool:
    """Whether this was a rename, and not one thing put in the place of another.

    The old name is gone, the new one was not there, and the patch shows where it is made.
    """
    news = set(renamed.values())
    before = {word for hunk in hunks for word in hunk.old.words()}
    after = {word for hunk in hunks for word in hunk.new.words()}
    if len(news) < len(renamed) or not after.isdisjoint(renamed) or not before.isdisjoint(news):
        return False
    lines = [_WORD.findall(each.code) for hunk in hunks for each in hunk.new.changed()]
    return all(any(_makes(words, name) for words in lines) for name in news)


#: What stands before a name where it is only used.
_USES = _names(
    """return throw new case await yield else in not and or typeof delete raise assert goto go defer if
    is as from import use match do extends implements"""
)


def _makes(words: Sequence[str], name: str) -> bool:
    """Whether a line makes a name: ``def x``, ``Type *x``, ``x = 1``, ``x: T``, Go's ``(x *T)``."""
    for at, word in enumerate(words):
        if word != name:
            continue
        before = words[at - 1] if at else ""
        behind = [*words[at + 1 : at + 3], "", ""][:2]
        if behind[0] in ("=", ":") and behind[1] not in ("=" if behind[0] == "=" else ":",):
            return True
        if before in ("*", "&") and at > 1:
            before = words[at - 2]
        if (before.isidentifier() and before not in _USES) or before in (">", "]"):
            return True
        if before in ("(", ",") and (behind[0] == "*" or behind[0].isidentifier()):
            return True
    return False


def _are_equal(hunks: Sequence[_Changed]) -> bool:
    """Whether both sides of all hunks say the same, a few names aside."""
    renamed: dict[str, str] = {}
    for hunk in hunks:
        old, new = (tokens_of(hunk.path, side.text()) for side in (hunk.old, hunk.new))
        if old is None or new is None or len(old) != len(new):
            return False
        for before, after in zip(old, new, strict=True):
            if before != after:
                if not (_is_name(before) and _is_name(after)):
                    return False
                if renamed.setdefault(before, after) != after or len(renamed) > MAX_RENAMED:
                    return False
    if not renamed:
        return True
    return _is_fair(renamed, hunks)


#: Words of languages that a rename never makes of each other.
_KEYWORDS = _names(
    """true false True False None null nil undefined NULL nullptr this self super and or not is in if
    else elif for while do switch case match break continue return throw raise yield await async try
    catch except finally defer go new delete int long short float double bool boolean char byte void
    string var let const final static public private protected unsafe mut ref min max any all first
    last left right add sub before after start end open close lock unlock read write get set put"""
)


def _is_name(token: str) -> bool:
    return token.isidentifier() and token not in _KEYWORDS and not token.startswith(TEXT_FOR_PEOPLE)
