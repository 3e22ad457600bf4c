"""Patterns of the settings, matched in time that grows with the text and no faster.

They see what strangers write. RE2 never goes back in the text, so no pattern can be made to hold a
thread for minutes; what it has not (looking ahead, referring back) is a fault of the settings.
https://github.com/google/re2/wiki/Syntax
"""

from functools import lru_cache
from typing import Annotated

import re2
from pydantic import AfterValidator, StringConstraints

#: Longer ones are no pattern that somebody wrote.
MOST_LETTERS = 1000
#: Bytes RE2 may use for one: ``(a{1000}){1000}`` is refused when it is read, not when it is used.
MOST_MEMORY = 1 << 20


class PatternError(ValueError):
    """The pattern cannot be used; the message says why."""


class Pattern:
    """A compiled pattern."""

    def __init__(self, text: str, *, ignores_case: bool = False) -> None:
        options = re2.Options()
        options.log_errors = False
        options.max_mem = MOST_MEMORY
        options.case_sensitive = not ignores_case
        try:
            self._compiled = re2.compile(text, options)
        except re2.error as exc:
            raise PatternError(_reason(exc)) from exc

    def matches(self, text: str) -> bool:
        """The whole text is what the pattern means.

        >>> Pattern("ok to test|(?i)lgtm").matches("LGTM"), Pattern("test").matches("test it")
        (True, False)
        """
        return self._compiled.fullmatch(_encoded(text)) is not None

    def words(self, text: str) -> dict[str, str] | None:
        """What the named groups hold where the whole text matches; None where it does not.

        >>> Pattern("(?P<repo>[^/]+)-pr").words("widgets-pr")
        {'repo': 'widgets'}
        """
        match = self._compiled.fullmatch(_encoded(text))
        if match is None:
            return None
        return {name: (value or b"").decode() for name, value in match.groupdict().items()}


@lru_cache(maxsize=8192)
def compiled(text: str, *, ignores_case: bool = False) -> Pattern:
    """The pattern, made once; PatternError where RE2 refuses it."""
    return Pattern(text, ignores_case=ignores_case)


def check_pattern(text: str) -> str:
    """The text, if it can be used as a pattern.

    >>> check_pattern("(?=a)b")
    Traceback (most recent call last):
    ...
    leeroy.config.patterns.PatternError: is not a pattern of RE2, invalid perl operator: https://github.com/google/re2/wiki/Syntax
    """
    compiled(text)
    return text


#: A pattern as the settings write it.
PatternText = Annotated[
    str, StringConstraints(min_length=1, max_length=MOST_LETTERS), AfterValidator(check_pattern)
]


def _encoded(text: str) -> bytes:
    # A half of a surrogate pair, which JSON can hold, is no text: it stands as a question mark.
    return text.encode("utf-8", "replace")


def _reason(error: Exception) -> str:
    # Behind the colon RE2 repeats the pattern; a fault repeats no value.
    told = error.args[0] if error.args else ""
    reason = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    syntax = "https://github.com/google/re2/wiki/Syntax"
    return f"is not a pattern of RE2, {reason.partition(':')[0]}: {syntax}"
