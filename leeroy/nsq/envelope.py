"""A delivery on its way through a queue: signed, so that whoever takes it out can believe it.

Everybody who reaches a queue can put something into it. So an envelope is signed with a secret of
its own, which publishers and consumers share; consumers need no secret of GitHub's. It is one JSON
object::

    {"version": 1, "guid": "72d3162e-...", "event": "pull_request", "action": "opened",
     "repository": "octo/app", "subject": "octo/app#7", "received": "2026-11-28T12:00:00.000Z",
     "content_type": "application/json", "body": "{...}", "signature": "sha256=5f4d..."}

The signature is the HMAC-SHA-256 of these bytes, in UTF-8: the line ``leeroy-delivery 1``, one
line for each of guid, event, action, repository, subject, received and content_type, one line with
the body's length in bytes (``-`` where it was left out), each ended by a line feed, then the body.
No value holds a line feed, so no two envelopes have the same bytes.
"""

import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

MEDIA_TYPE = "application/vnd.leeroy.delivery+json"
VERSION = 1

_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}\Z")
#: What no line may hold; GitHub's names have none of these.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
#: Bytes of each value but the body. The longest is the name of a branch, behind its repository's.
_LONGEST_VALUE = 1000


class Flaw(StrEnum):
    """Why an envelope is not taken; a word for the metrics."""

    #: Not an envelope at all, or not a whole one.
    JUNK = "junk"
    #: Of a version that is not ours.
    VERSION = "version"
    #: None of our secrets signed it.
    FORGED = "forged"


class BadEnvelope(ValueError):
    """Not to be believed, now or later: it is of no use to bring it again."""

    def __init__(self, flaw: Flaw, text: str) -> None:
        super().__init__(text)
        self.flaw = flaw


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One delivery, as it travels."""

    guid: str
    event: str
    #: Empty for events that have none.
    action: str = ""
    #: ``owner/name``; empty for the few events that belong to none.
    repository: str = ""
    #: What to look at again: ``owner/name#12``, ``owner/name@branch``; empty: whatever the body
    #: says. All there is to go by when the body was too long to travel.
    subject: str = ""
    #: When GitHub sent it, ``2026-11-28T12:00:00.000Z``.
    received: str
    #: Of the body, as GitHub said it.
    content_type: str
    #: The bytes that GitHub signed; None: left out, for they were too long.
    body: bytes | None
    #: ``sha256=`` and 64 digits; empty as long as nobody has signed it.
    signature: str = ""


def signed_bytes(envelope: Envelope) -> bytes:
    """What the signature is made of.

    >>> signed_bytes(Envelope(guid="1", event="push", received="now", content_type="x", body=b"{}"))
    b'leeroy-delivery 1\\n1\\npush\\n\\n\\n\\nnow\\nx\\n2\\n{}'
    """
    body = envelope.body
    lines = [
        f"leeroy-delivery {VERSION}",
        *(getattr(envelope, name) for name in _LINES),
        "-" if body is None else str(len(body)),
    ]
    return "".join(f"{line}\n" for line in lines).encode() + (body or b"")


def sign(envelope: Envelope, secret: str) -> Envelope:
    """The same envelope with its signature.

    Raises:
        BadEnvelope: it holds what no envelope can carry.
    """
    _check(envelope)
    return replace(envelope, signature=_signature(envelope, secret))


def to_json(envelope: Envelope) -> bytes:
    """The bytes to publish."""
    said = {
        "version": VERSION,
        **{name: getattr(envelope, name) for name in _LINES},
        "body": None if envelope.body is None else envelope.body.decode(),
        "signature": envelope.signature,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def without_body(message: bytes, secret: str) -> bytes:
    """The same message of ours, without what made it too long.

    Raises:
        BadEnvelope: it is no envelope.
    """
    return to_json(sign(replace(_read(message), body=None), secret))


def parse(message: bytes, *, secrets: Sequence[str]) -> Envelope:
    """The envelope in a message, once one of ``secrets`` is known to have signed it.

    Raises:
        BadEnvelope: it is none, or nobody who has a secret made it.
    """
    envelope = _read(message)
    given = envelope.signature.encode()
    made = [_signature(envelope, secret).encode() for secret in secrets]
    # All are compared, whichever it is: how long it takes tells nothing.
    if not sum(hmac.compare_digest(one, given) for one in made):
        raise BadEnvelope(Flaw.FORGED, "the signature does not match: is it the topic's secret?")
    return envelope


def _read(message: bytes) -> Envelope:
    try:
        said = json.loads(message.decode())
    except (ValueError, RecursionError) as exc:
        raise BadEnvelope(Flaw.JUNK, "not JSON") from exc
    if not isinstance(said, dict) or "version" not in said:
        raise BadEnvelope(Flaw.JUNK, "not an envelope")
    if type(said["version"]) is not int or said["version"] != VERSION:
        raise BadEnvelope(Flaw.VERSION, f"not of version {VERSION}: an older or newer Leeroy's")
    body = said.get("body", "")
    texts = {name: _text(said, name) for name in (*_LINES, "signature")}
    if not (body is None or isinstance(body, str)):
        raise BadEnvelope(Flaw.JUNK, "body is neither text nor null")
    try:
        envelope = Envelope(**texts, body=None if body is None else body.encode())
        _check(envelope)
    except UnicodeEncodeError as exc:
        raise BadEnvelope(Flaw.JUNK, "holds half a letter") from exc
    if not _SIGNATURE.match(envelope.signature):
        raise BadEnvelope(Flaw.FORGED, "the signature is missing or malformed")
    return envelope


def _check(envelope: Envelope) -> None:
    """Make sure that the signed bytes of an envelope are those of no other."""
    for name in _LINES:
        value = getattr(envelope, name)
        if len(value.encode()) > _LONGEST_VALUE or _CONTROL.search(value):
            raise BadEnvelope(Flaw.JUNK, f"{name} holds what no envelope can carry")
    for name in ("guid", "event"):
        if not getattr(envelope, name):
            raise BadEnvelope(Flaw.JUNK, f"{name} is missing")
    try:
        (envelope.body or b"").decode()
    except UnicodeDecodeError as exc:
        raise BadEnvelope(Flaw.JUNK, "the body is no text") from exc


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name, "")
    if not isinstance(value, str):
        raise BadEnvelope(Flaw.JUNK, f"{name} is no text")
    return value


def _signature(envelope: Envelope, secret: str) -> str:
    return "sha256=" + hmac.digest(secret.encode(), signed_bytes(envelope), "sha256").hex()


#: The values that are a line of the signed bytes, in their order.
_LINES = tuple(f.name for f in fields(Envelope) if f.name not in ("body", "signature"))
