"""Whose secret a delivery must be signed with: that of the repository it says it is of.

Each secret that is tried costs a digest of the whole body, and anybody may send one. So the body is
asked for its repository first, by a look at some places of it. What is found is not believed: it
only picks the secret, and the delivery must be signed with that of the repository it is read to be
of (:func:`leeroy.events.parse_delivery`).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

# In a JSON text a quote within a string has a backslash before it, so this is a key.
# https://docs.github.com/en/webhooks/webhook-events-and-payloads
_KEY = re.compile(rb'"repository"[ \t\r\n]{0,9}:[ \t\r\n]{0,9}\{')
_NAME = re.compile(rb'"full_name"[ \t\r\n]{0,9}:[ \t\r\n]{0,9}"([A-Za-z0-9._/\\-]{3,200})"')
_ID = re.compile(
    rb'[,{][ \t\r\n]{0,9}"id"[ \t\r\n]{0,9}:[ \t\r\n]{0,9}([1-9][0-9]{0,17})[ \t\r\n,}]'
)
#: GitHub names a repository within the first hundred bytes.
_NEAR = 2000
#: A payload has one repository at its top, and may have another one or two deeper.
MOST_CLAIMS = 4
#: What names no repository (an organization's ping) is signed with any secret we know, and is small.
MOST_UNNAMED = 100_000


class Claim(NamedTuple):
    """A repository that a delivery may be of."""

    repo: str
    #: 0: none was found.
    repo_id: int = 0


def claimed_repos(body: bytes, content_type: str = "") -> tuple[Claim, ...]:
    """The repositories a delivery may be of, as far as a look at its bytes tells.

    >>> claimed_repos(b'{"action": "x", "repository": {"id": 1, "full_name": "acme/widgets"}}')
    (Claim(repo='acme/widgets', repo_id=1),)
    """
    if content_type.startswith("application/x-www-form-urlencoded"):
        body = unquote_to_bytes(body.replace(b"+", b" "))
    return tuple(dict.fromkeys(_claims(body)))


def _claims(body: bytes) -> Iterator[Claim]:
    for count, key in enumerate(_KEY.finditer(body)):
        if count == MOST_CLAIMS:
            return
        name = _NAME.search(body, key.end(), key.end() + _NEAR)
        if name is not None:
            # From the brace on; GitHub tells the id first of all.
            number = _ID.search(body, key.end() - 1, name.start() + 1)
            repo = name[1].decode("ascii").replace("\\/", "/")
            yield Claim(repo, int(number[1]) if number else 0)
