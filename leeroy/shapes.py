"""What JSON from outside holds, of the type it should have; anything else raises, and nothing is bent.

Whoever reads an answer catches what these raise: ValueError, LookupError or TypeError.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from leeroy.payloads import LARGEST_ID, LARGEST_NUMBER

E = TypeVar("E", bound=StrEnum)


def text(value: object) -> str:
    """Text that must be there, and not be empty."""
    if not isinstance(value, str) or not value:
        raise TypeError("expected text")
    return value


def words(value: object) -> str:
    """Text that may be empty or null."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("expected text or null")
    return value


def number(value: object, *, most: int = LARGEST_NUMBER) -> int:
    """A whole number that a column of ours can hold.

    >>> number(7)
    7
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise TypeError("expected a number")
    return value


def count(value: object) -> int:
    """The same, null being none."""
    return 0 if value is None else number(value)


def id_number(value: object) -> int:
    """The id of a comment or hook, of which there are more than of pull requests."""
    return number(value, most=LARGEST_ID)


def flag(value: object) -> bool:
    """True or false; null is false."""
    if value is not None and not isinstance(value, bool):
        raise TypeError("expected true, false or null")
    return bool(value)


def entries(value: object) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise TypeError("expected a list")
    return value


def some(value: object) -> list[Any]:
    """A list; null is an empty one."""
    return [] if value is None else entries(value)


def fields(value: object) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, Mapping):
        raise TypeError("expected an object")
    return value


def one_of(kind: type[E], value: object) -> E:
    """A word of a closed vocabulary, exactly as it is spelt there."""
    return kind(text(value))
