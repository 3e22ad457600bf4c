r"""JavaScript's regular expressions, as actions/labeler's configuration has them, in Python.

Branch rules there go through ``new RegExp(text)`` without flags, so a labeler.yml may hold what
Python spells differently. The differences that people write are translated.
https://developer.mozilla.org/docs/Web/JavaScript/Reference/Regular_expressions

Such patterns go back and try again, and titles and branches are chosen by whoever opens a pull
request, so they run under a limit of time: docs/decisions/0022-labelers-patterns-have-a-limit.md.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

#: Escapes that mean the same on both sides, outside of classes.
SHARED_ESCAPES = frozenset("dDwWsSbBfnrtvxu0123456789")
#: Characters that begin a set operation in a class for a later Python, and nothing in JavaScript.
CLASS_LITERALS = frozenset("[&~|")


#: Longer patterns, and longer texts, are none of people.
MAX_PATTERN = 1_000
MAX_TEXT = 1_000
#: Seconds of computing. Patterns that people mean take some hundred thousandths of one.
LIMIT = 0.01


class RegexError(ValueError):
    """The text is no regular expression; the message says why."""


class TooSlow(Exception):
    """A pattern did not come to an end in its time; the message names it."""


@dataclass(frozen=True)
class JsPattern:
    """A compiled pattern, held against texts under a limit of time."""

    #: As it was written.
    pattern: str
    _compiled: "regex.Pattern[str]"

    def is_found_in(self, text: str) -> bool:
        """Whether it is found anywhere, as ``.test()`` says; raises TooSlow."""
        try:
            return self._compiled.search(text[:MAX_TEXT], timeout=LIMIT) is not None
        except TimeoutError as exc:
            raise TooSlow(f"{self.pattern[:80]} takes too long") from exc


@lru_cache(maxsize=512)
def compile_js(text: str) -> JsPattern:
    r"""Compile a JavaScript regular expression.

    >>> compile_js(r"^feature\/(?<what>\w+)$").is_found_in("feature/x")
    True
    >>> compile_js("(")
    Traceback (most recent call last):
    ...
    patchparser.js_regex.RegexError: missing ) at position 1
    """
    if len(text) > MAX_PATTERN:
        raise RegexError(f"longer than {MAX_PATTERN:,} characters")
    # Imported here: few policies have patterns, and start-up is felt.
    import regex

    try:
        # JavaScript's \d, \w and \b know ASCII only.
        return JsPattern(text, regex.compile(_translate(text), regex.ASCII | regex.VERSION0))
    except (regex.error, RecursionError, OverflowError) as exc:
        raise RegexError(str(exc)) from exc


def _translate(text: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(text):
        rest = text[at:]
        if rest.startswith("\\"):
            piece, width = _translate_escape(rest)
        elif rest.startswith("["):
            piece, width = _translate_class(rest)
        elif rest.startswith("(?<") and rest[3:4] not in ("=", "!"):
            piece, width = "(?P<", 3
        elif rest.startswith("{") and not _is_quantifier(rest):
            piece, width = r"\{", 1  # a plain character there, and something else for `regex`
        elif rest.startswith("$"):
            piece, width = r"\Z", 1  # Python's $ also matches before a final newline
        else:
            piece, width = rest[0], 1
        out.append(piece)
        at += width
    return "".join(out)


def _is_quantifier(rest: str) -> bool:
    low, comma, high = rest[1:].partition("}")[0].partition(",")
    return "}" in rest and low.isdecimal() and (not comma or not high or high.isdecimal())


def _translate_escape(rest: str) -> tuple[str, int]:
    if len(rest) == 1:
        raise RegexError("a lone backslash at the end")
    name, closed, _ = rest[3:].partition(">")
    if rest.startswith("\\k<") and closed and name.isidentifier():
        return f"(?P={name})", len(name) + 4
    if rest[1] == "c" and rest[2:3].isalpha() and rest[2:3].isascii():
        return f"\\x{ord(rest[2]) % 32:02x}", 3
    if rest[1] in SHARED_ESCAPES:
        return rest[:2], 2
    # JavaScript without the u flag reads any other escaped character as itself.
    return _escaped(rest[1]), 2


def _escaped(char: str) -> str:
    return char if char.isalnum() or char == "_" else "\\" + char


def _translate_class(rest: str) -> tuple[str, int]:
    """Translate ``[...]``: an unescaped ``[`` in it is a plain character, and it may be empty."""
    negated = rest.startswith("[^")
    at = 2 if negated else 1
    out: list[str] = []
    while at < len(rest) and rest[at] != "]":
        if rest[at] == "\\" and at + 1 < len(rest):
            following = rest[at + 1]
            out.append(rest[at : at + 2] if following in SHARED_ESCAPES else _escaped(following))
            at += 2
        else:
            out.append("\\" + rest[at] if rest[at] in CLASS_LITERALS else rest[at])
            at += 1
    if at >= len(rest):
        raise RegexError("unterminated character class")
    if not out:
        return (r"[\s\S]" if negated else r"(?!)"), at + 1
    # In a class \B is not a boundary; Python refuses it, which is what such a slip deserves.
    return f"[{'^' if negated else ''}{''.join(out)}]", at + 1
