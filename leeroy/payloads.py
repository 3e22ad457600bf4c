"""What JSON that strangers sent holds: read so that every database takes it, and no text is bent.

What is missing or of another type is empty or 0 here; answers of GitHub's and Jenkins' own, which
must hold what they should, are read with :mod:`leeroy.shapes`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from leeroy.errors import BadDelivery

#: No database column of ours holds a larger number; no pull request and no build ever has one.
LARGEST_NUMBER = 2**31 - 1
#: GitHub numbers comments of all repositories together: they passed 31 bits years ago.
LARGEST_ID = 2**63 - 1

#: How JSON writes a NUL, or half of a letter beyond U+FFFF: also of a whole one.
_ODD_LETTER = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_NAME = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,100}"
#: GitHub's own is narrower; this only keeps out what no log line and no address should hold.
REPOSITORY = re.compile(rf"{_NAME}/{_NAME}\Z")


def read_json(body: bytes | str) -> Any:
    """What JSON from outside says, in texts that every database takes.

    Raises:
        ValueError, RecursionError: it is none, or nobody's honest one.

    >>> read_json(b'{"title": "round\\\\u0000er"}')
    {'title': 'round\ufffder'}
    """
    text = body if isinstance(body, str) else body.decode()
    said = json.loads(text)
    # Nearly nothing has one, and large answers need not be gone through.
    return storable(said) if _ODD_LETTER.search(text) else said


def storable(value: Any) -> Any:
    """The same without what PostgreSQL (NUL) and UTF-8 (half a surrogate pair) have no place for.

    >>> storable(["a\\0b", {"\\ud800": 1}])
    ['a\ufffdb', {'?': 1}]
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    if isinstance(value, dict):
        return {storable(key): storable(inner) for key, inner in value.items()}
    return value


def json_object(body: bytes) -> dict[str, Any]:
    """The object that a body is.

    Raises:
        BadDelivery: 400, it is none.
    """
    try:
        payload = read_json(body)
    except (ValueError, RecursionError) as exc:
        raise BadDelivery("the body is not JSON") from exc
    if not isinstance(payload, dict):
        raise BadDelivery("the body is not a JSON object")
    return payload


def text_at(payload: Mapping[str, Any], *keys: str) -> str:
    """The text that stands there; empty for anything else."""
    value: Any = payload
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def number_at(payload: Mapping[str, Any], *keys: str) -> int:
    """A number that something can have; 0 for anything else."""
    value: Any = payload
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, int) and is_number(value, LARGEST_NUMBER) else 0


def id_at(payload: Mapping[str, Any], key: str) -> int:
    """GitHub's id of something; 0 where it is not told."""
    said = payload.get(key)
    value = said.get("id") if isinstance(said, dict) else None
    return value if isinstance(value, int) and is_number(value, LARGEST_ID) else 0


def is_number(value: object, largest: int) -> bool:
    """A number from 1 to the largest; JSON's true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= largest
