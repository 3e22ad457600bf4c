"""Texts made to be slow for a pattern, and how much longer each doubling of them takes."""

import ast
import dataclasses
import re
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

#: Below this a text costs nothing, and a ratio is noise.
NOTHING = 200e-6
#: A doubling that takes longer than so many times as long is not in proportion.
MOST = 3.0

METHODS = ("match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn")

UNITS = (
    *("a", "A", "0", " ", "\t", "_", ".", "-", "/", "\\", "(", ")", "{", "[", "<", '"', "'", "`"),
    *("*", "#", ":", ",", "=", "@", "+", "!", "%", "$", "{a", "a ", "a.", "a, ", "a=", '"a', "0.", "%0"),
    *(" and a", " b/", "a/", "a+", "word and ", "(a", "a(", "${", "<a", "/*", "*/", "//", "\r", "é"),
)  # fmt: skip
#: What a class of characters is tried with.
_LETTERS = (*"aA0 -_./:=<>()[]{}\"'`*#,@+!%$?;|~&^\\\t\n\r", "\x1b", "\0", "é", "\U0001f600")


def is_call_of_re(node: ast.AST, *names: str) -> bool:
    """It is ``re.compile(...)`` or the like."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in names
    )


def patterns_in(value: Any, name: str, seen: set[int]) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern in a value, with a name to find it by."""
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from patterns_in(each, f"{name}[{key}]", seen)
    elif isinstance(value, tuple | list):
        for number, each in enumerate(value):
            yield from patterns_in(each, f"{name}[{number}]", seen)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type) and id(value) not in seen:
        seen.add(id(value))
        for field in dataclasses.fields(value):
            # The first argument of a call stands where the call begins.
            is_first = field.name == "argument" and getattr(value, "first_only", False)
            how = ".match" if is_first else ""
            yield from patterns_in(getattr(value, field.name), f"{name}.{field.name}{how}", seen)


def hostile_texts(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Beginning, middle to repeat, and end of texts that may be slow for a pattern."""
    source = source_of(pattern)
    # What the pattern itself looks for brings a text far into it.
    words = list(dict.fromkeys(re.findall(r"[A-Za-z][A-Za-z@#:=-]+", re.sub(r"\\.", " ", source))))[
        :6
    ]
    for unit in UNITS:
        yield "", unit, "\0"
    for word in words:
        yield "", f"{word} ", "\0"
        for unit in (" ", "a", "a ", '"a', ".", "(", "a.", "0"):
            yield f"{word} ", unit, "\0"
            yield f"{word}(", unit, "\0"


def texts_by_structure(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """The same, made of the pattern: what leads up to a repetition, and then much of that.

    >>> sorted(set(texts_by_structure(re.compile("/[a-z]+ *"))))[:2]
    [('', '/', '\\x00'), ('', '/', '\\n')]
    """
    found: dict[tuple[str, str], None] = {}
    for before, units in _repeated(parser.parse(source_of(pattern), pattern.flags), ""):
        for unit in units:
            # Searched for, it may begin anywhere: also many times over.
            for begin, middle in ((before, unit), ("", before + unit), ("", before)):
                if middle:
                    found[(begin, middle)] = None
    for begin, middle in found:
        yield begin, middle, "\0"
        yield begin, middle, "\n"


def source_of(pattern: re.Pattern[Any]) -> str:
    """What was compiled, as text."""
    source = pattern.pattern
    return source if isinstance(source, str) else source.decode("latin-1")


def _repeated(items: Any, before: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Where a pattern repeats something: a text that leads there, and what to say many times."""
    for kind, of in items:
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            _, most, inner = of
            if most > 1:
                yield before, list(dict.fromkeys([*_samples(inner), _one(inner)]))
            yield from _repeated(inner, before)
        elif kind is sre.SUBPATTERN:
            yield from _repeated(of[-1], before)
        elif kind is sre.BRANCH:
            for branch in of[1]:
                yield from _repeated(branch, before)
        elif kind is sre.ASSERT:
            yield from _repeated(of[1], before)
        before += _one([(kind, of)])


def _samples(items: Any) -> list[str]:
    """Texts for what is one class of characters: a letter, a blank and a mark, where they fit."""
    items = list(items)
    if len(items) != 1 or items[0][0] not in (sre.IN, sre.ANY, sre.NOT_LITERAL):
        return []
    return [letter for letter in _LETTERS if _fits(letter, *items[0])][:12]


def _one(items: Any) -> str:
    """One text that the items match; each repetition once."""
    text = ""
    for kind, of in items:
        if kind is sre.LITERAL:
            text += chr(of)
        elif kind in (sre.IN, sre.ANY, sre.NOT_LITERAL):
            text += next((letter for letter in _LETTERS if _fits(letter, kind, of)), "")
        elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            text += _one(of[2]) * max(1, of[0])
        elif kind is sre.SUBPATTERN:
            text += _one(of[-1])
        elif kind is sre.BRANCH:
            text += _one(of[1][0])
    return text


def _fits(letter: str, kind: Any, of: Any) -> bool:
    if kind is sre.ANY:
        return letter != "\n"
    if kind is sre.NOT_LITERAL:
        return ord(letter) != of
    is_negated = of[0][0] is sre.NEGATE
    return is_negated != any(_is_in(letter, *each) for each in of if each[0] is not sre.NEGATE)


def _is_in(letter: str, kind: Any, of: Any) -> bool:
    if kind is sre.LITERAL:
        return ord(letter) == of
    if kind is sre.RANGE:
        return bool(of[0] <= ord(letter) <= of[1])
    classes = {
        sre.CATEGORY_DIGIT: r"\d",
        sre.CATEGORY_NOT_DIGIT: r"\D",
        sre.CATEGORY_SPACE: r"\s",
        sre.CATEGORY_NOT_SPACE: r"\S",
        sre.CATEGORY_WORD: r"\w",
        sre.CATEGORY_NOT_WORD: r"\W",
    }
    return re.match(classes[of], letter) is not None


def seconds(run: Callable[[], object], *, times: int = 5) -> float:
    """The least of so many runs, in this thread's own time."""
    best = float("inf")
    for _ in range(times):
        start = time.thread_time()
        run()
        best = min(best, time.thread_time() - start)
    return best


def growth(run: Callable[[int], Callable[[], object]], longest: int) -> list[float]:
    """How much longer each doubling takes; empty where even the longest costs nothing.

    The minimum of five decides; a first look tells where that is not needed. A machine that is busy
    with other things may be slow in the middle of one: what is linear is so at some try.
    """
    slower: list[float] = []
    for times in (1, 5, 5, 5):
        took: list[float] = []
        for part in (8, 4, 2, 1):
            use = run(longest // part)
            took.append(max(seconds(use, times=times), NOTHING))
            if len(took) > 1 and took[-1] > (much := max(0.2, 1.2 * MOST * took[-2])):
                # Of what grows so there is enough to see, unless it was something else's pause.
                took[-1] = min(took[-1], seconds(use, times=2))
                if took[-1] > much:
                    return [took[-1] / took[-2]]
        # What hardly costs anything is mostly what it takes to begin.
        ratios = [(before, after / before) for before, after in pairwise(took)]
        slower = [ratio for before, ratio in ratios if before > 2 * NOTHING] or [ratios[-1][1]]
        if max(took) < NOTHING:
            return []
        if max(slower) < MOST * 0.8:
            break
    return slower


def use_of(
    pattern: re.Pattern[Any], method: str, begin: str, unit: str, end: str
) -> Callable[[int], Callable[[], object]]:
    """What uses the pattern in this way on a text of about a length."""

    def run(length: int) -> Callable[[], object]:
        text: Any = begin + (unit * length)[:length] + end
        if isinstance(pattern.pattern, bytes):
            text = text.encode("utf-8", "surrogateescape")
        call = getattr(pattern, method)
        if method in ("sub", "subn"):
            return lambda: call(text[:0], text)
        return (lambda: list(call(text))) if method == "finditer" else lambda: call(text)

    return run
