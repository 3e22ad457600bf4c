"""The words of source code, for comparing two sides of a hunk: what may look different and be the same.

A hunk is a piece of a program: it begins inside of brackets, ends inside of a text, and no parser
takes it. So this only knows words, numbers, texts and signs, of each language family the same way,
and drops what says nothing: white space, comments, and where a language has them, annotations.
Each pattern takes something at every place, so reading is linear.
"""

import re
from collections.abc import Iterator, Sequence

from patchparser.patch import extension_of
from patchparser.python_types import is_text, without_annotations

#: Longer texts are not taken apart; nobody reads them.
MAX_TEXT = 200_000

_STRINGS = r"""[rRbBuUfF]{0,2}(?:\"{3}(?s:.*?)(?:\"{3}|\Z)|'{3}(?s:.*?)(?:'{3}|\Z)
    |"(?:[^"\\\n]|\\.)*(?:"|$)|'(?:[^'\\\n]|\\.)*(?:'|$)|`[^`]*(?:`|\Z))"""
_WORDS = r"[^\W\d]\w*|\d[\w.]*|[-=!<>:+*/%&|^]=|->|=>|::|&&|\|\||\*\*|\+\+|--|[^\w\s]"


def _lexer(comment: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?P<skip>[ \t\r]+|{comment})|(?P<newline>\n)|(?P<text>{_STRINGS})|(?P<word>{_WORDS})",
        re.MULTILINE | re.VERBOSE,
    )


_SLASHES = _lexer(r"//[^\n]*|/\*(?s:.*?)(?:\*/|\Z)")
_HASHES = _lexer(r"\#[^\n]*")
_DASHES = _lexer(r"--[^\n]*|/\*(?s:.*?)(?:\*/|\Z)")
_LEXERS = {
    extension: lexer
    for extensions, lexer in (
        ("go js jsx mjs cjs ts tsx mts cts java kt kts scala groovy cs fs swift rs dart zig", _SLASHES),
        ("c h cc cpp cxx hh hpp hxx m mm proto thrift sol php", _SLASHES),
        ("py pyi pyx rb rake sh bash zsh fish ksh pl pm r jl ex exs nim cr", _HASHES),
        ("sql lua hs lhs elm ada adb ads", _DASHES),
    )
    for extension in extensions.split()
}  # fmt: skip
_PYTHON = frozenset({"py", "pyi"})

#: A text in words for people: at least three words in a row, and no SQL.
_PROSE = re.compile(r"\b[A-Za-z]{2,}[,:;.!?]? [\"'(%{$<\[]?[A-Za-z%{$][\w'-]*[,:;.!?)]? ?\S")
_SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|PRAGMA|FROM|WHERE)\b")
_FILLED_IN = re.compile(r"\{[^{}]{0,80}\}|%[-+ #0]{0,5}[\d.*]{0,9}[a-zA-Z]|\$\{?\w{1,40}\}?")

#: What a token of a text for people begins with; no word of a program can.
TEXT_FOR_PEOPLE = "\0text"
_NEWLINE = "\n"


def tokens_of(path: str, text: str) -> list[str] | None:
    r"""The words of some lines of a file; None where the language is not known, or the text huge.

    >>> tokens_of("x.go", 'f(a,  "b") // why') == tokens_of("x.go", 'f(\n a, "b")')
    True
    >>> tokens_of("x.py", "def f(a: int = 1) -> str:\n  return a") == tokens_of(
    ...     "x.py", "def f(a=1):\n  return a")
    True
    """
    extension = extension_of(path)
    lexer = _LEXERS.get(extension)
    if lexer is None or len(text) > MAX_TEXT:
        return None
    try:
        if extension not in _PYTHON:
            return _joined_texts([token for token in _words(lexer, text) if token != _NEWLINE])
        return _joined_texts(without_annotations(list(_python_words(lexer, text))))
    except _NeverEnds:
        return None


class _NeverEnds(Exception):
    """A text or comment goes on beyond the hunk, or began above it: who knows which."""


def _words(lexer: re.Pattern[str], text: str) -> Iterator[str]:
    for match in lexer.finditer(text):
        if match.end() == len(text) and _is_open(match[0]):
            raise _NeverEnds
        if match.lastgroup != "skip":
            yield match[0]


def _is_open(token: str) -> bool:
    token = token.lstrip("rRbBuUfF")
    quote = next((each for each in ('"""', "'''", "`") if token.startswith(each)), "")
    if quote:
        return len(token) < 2 * len(quote) or not token.endswith(quote)
    return token.startswith("/*") and not token.endswith("*/")


def _python_words(lexer: re.Pattern[str], text: str) -> Iterator[str]:
    """Of the line ends only those between statements, each with the indentation that follows."""
    depth = 0
    for match in lexer.finditer("\n" + text):
        token = match[0]
        if match.end() == len(text) + 1 and _is_open(token):
            raise _NeverEnds
        if match.lastgroup == "skip":
            continue
        if token == _NEWLINE:
            if not depth:
                rest = match.string[match.end() : match.end() + 200]
                if rest[:1] != _NEWLINE:
                    yield _NEWLINE + " " * (len(rest) - len(rest.lstrip(" ")))
            continue
        depth = max(0, depth + (token in "([{") - (token in ")]}")) if len(token) == 1 else depth
        yield token


def _joined_texts(tokens: Sequence[str]) -> list[str]:
    """Texts that stand beside each other are one; those for people are as good as each other.

    So are commas before a closing bracket, and those left out there.
    """
    joined: list[str] = []
    for token in tokens:
        if is_text(token) and joined:
            # "a" + "b" says what "ab" says.
            if joined[-1] == "+" and len(joined) > 1 and is_text(joined[-2]):
                joined.pop()
            if is_text(joined[-1]):
                joined[-1] += token
                continue
        if token in (")", "]", "}") and joined and joined[-1] == ",":
            joined.pop()
        joined.append(token)
    return [_as_good_as(token) if is_text(token) else token for token in joined]


def _as_good_as(text: str) -> str:
    if not _PROSE.search(text[:2_000]) or _SQL.match(text.strip("\"'`fFrRbBuU")):
        return text
    # What is filled in must stay the same.
    return TEXT_FOR_PEOPLE + "".join(sorted(_FILLED_IN.findall(text[:2_000])))
