r"""JavaScript's regular expressions, as actions/labeler's configuration has them, in Python.

Branch rules there go through ``new RegExp(text)`` without flags, so a labeler.yml may hold what
Python spells differently. The differences that people write are translated; what Python cannot
do (look-behind of variable width) is refused with a reason.
https://developer.mozilla.org/docs/Web/JavaScript/Reference/Regular_expressions
"""

import re
import warnings
from functools import lru_cache

#: Escapes that mean the same on both sides, outside of classes.
SHARED_ESCAPES = frozenset("dDwWsSbBfnrtvxu0123456789")
#: Characters that begin a set operation in a class for a later Python, and nothing in JavaScript.
CLASS_LITERALS = frozenset("[&~|")


class RegexError(ValueError):
    """The text is no regular expression; the message says why."""


@lru_cache(maxsize=512)
def compile_js(text: str) -> re.Pattern[str]:
    r"""Compile a JavaScript regular expression; ``search`` with it does what ``.test()`` does.

    >>> bool(compile_js(r"^feature\/(?<what>\w+)$").search("feature/x"))
    True
    >>> compile_js("(")
    Traceback (most recent call last):
    ...
    patchparser.js_regex.RegexError: missing ), unterminated subpattern at position 0
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # JavaScript's \d, \w and \b know ASCII only.
            return re.compile(_translate(text), re.ASCII)
    except (re.error, RecursionError, OverflowError, Warning) as exc:
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
        elif rest.startswith("$"):
            piece, width = r"\Z", 1  # Python's $ also matches before a final newline
        else:
            piece, width = rest[0], 1
        out.append(piece)
        at += width
    return "".join(out)


def _translate_escape(rest: str) -> tuple[str, int]:
    if len(rest) == 1:
        raise RegexError("a lone backslash at the end")
    if named := re.match(r"\\k<(\w+)>", rest):
        return f"(?P={named[1]})", named.end()
    if rest[1] in SHARED_ESCAPES:
        return rest[:2], 2
    # JavaScript without the u flag reads any other escaped character as itself.
    return re.escape(rest[1]), 2


def _translate_class(rest: str) -> tuple[str, int]:
    """Translate ``[...]``: an unescaped ``[`` in it is a plain character, and it may be empty."""
    negated = rest.startswith("[^")
    at = 2 if negated else 1
    out: list[str] = []
    while at < len(rest) and rest[at] != "]":
        if rest[at] == "\\" and at + 1 < len(rest):
            following = rest[at + 1]
            out.append(rest[at : at + 2] if following in SHARED_ESCAPES else re.escape(following))
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
