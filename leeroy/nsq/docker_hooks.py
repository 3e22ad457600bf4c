"""What docker's `hooks` published to NSQ in 2015: a payload with GitHub's headers put into it.

It was decoded and encoded again on the way, so GitHub's signature fits it no more: nobody can tell
who made it. https://github.com/crosbymichael/hooks
"""

import json
from dataclasses import dataclass
from typing import Any

from leeroy.nsq.envelope import BadEnvelope, Flaw


@dataclass(frozen=True, kw_only=True)
class DockerHook:
    """One message."""

    event: str
    guid: str
    #: The payload, without what was put into it.
    body: bytes


def parse_docker_hook(message: bytes) -> DockerHook:
    """The delivery in a message.

    Raises:
        BadEnvelope: it is none.

    >>> parse_docker_hook(b'{"X-Github-Event": "push", "X-Github-Delivery": ["1"], "ref": "x"}')
    DockerHook(event='push', guid='1', body=b'{"ref": "x"}')
    """
    try:
        said = json.loads(message.decode())
    except (ValueError, RecursionError) as exc:
        raise BadEnvelope(Flaw.JUNK, "not JSON") from exc
    if not isinstance(said, dict):
        raise BadEnvelope(Flaw.JUNK, "not a message of docker's hooks")
    headers = {key.lower(): _first(said[key]) for key in said if key.lower().startswith("x-")}
    payload = {key: value for key, value in said.items() if key.lower() not in headers}
    event, guid = headers.get("x-github-event", ""), headers.get("x-github-delivery", "")
    if not event or not guid:
        raise BadEnvelope(Flaw.JUNK, "not a message of docker's hooks: X-GitHub-Event is missing")
    return DockerHook(event=event, guid=guid, body=json.dumps(payload).encode())


def _first(value: Any) -> str:
    """A header's value; some programs list them all."""
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) else ""
