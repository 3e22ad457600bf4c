"""All the ways in which a call to GitHub or Jenkins goes wrong once."""

from collections.abc import Container
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import pytest

from leeroy_sandbox.faults import Drop

HTML = b"<html><body><h1>503 Service Unavailable</h1></body></html>"


class Then(Enum):
    """What becomes of the work that met it."""

    #: It goes on by itself.
    HEALS = auto()
    #: It is given up, somebody is told, and the next look does it.
    IS_TOLD = auto()


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One thing that goes wrong, and what Leeroy makes of it."""

    then: Then = Then.HEALS
    #: Seconds after which the other side may be asked again, where nothing may be sent before.
    wait: float = 0.0
    #: What the sandbox does: the arguments of ``faults.add``.
    what: dict[str, Any] = field(default_factory=dict)


def answers(
    status: int,
    body: str | bytes = b'{"message": "Something is wrong"}',
    *,
    then: Then = Then.HEALS,
    wait: float = 0.0,
    **headers: str,
) -> Outage:
    """An answer that comes in the place of the right one."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Outage(then=then, wait=wait, what={"status": status, "body": body, "headers": named})


def drops(how: Drop) -> Outage:
    """No whole answer comes."""
    return Outage(what={"drop": how})


SECONDARY = b'{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}'

GITHUB = {
    "500": answers(500),
    "502": answers(502),
    "503 in HTML": answers(503, HTML),
    "401": answers(401, b'{"message": "Bad credentials"}', then=Then.IS_TOLD),
    "403 permission": answers(
        403, b'{"message": "Resource not accessible by personal access token"}', then=Then.IS_TOLD
    ),
    "403 secondary limit": answers(403, SECONDARY, wait=31, Retry_After="30"),
    "403 secondary limit, no Retry-After": answers(403, SECONDARY, wait=61),
    "403 primary limit": answers(403, SECONDARY, wait=61, X_RateLimit_Remaining="0"),
    "404": answers(404, b'{"message": "Not Found"}', then=Then.IS_TOLD),
    "409": answers(409),
    "422": answers(422, b'{"message": "Validation Failed"}', then=Then.IS_TOLD),
    "429": answers(429, SECONDARY, wait=31, Retry_After="30"),
    "429, no Retry-After": answers(429, wait=61),
    "timeout": drops(Drop.TIMEOUT),
    "reset": drops(Drop.RESET),
    "half an answer": drops(Drop.HALF),
    "lost answer": drops(Drop.AFTER),
}

JENKINS = {
    "500": answers(500),
    "502": answers(502),
    "503 in HTML": answers(503, HTML),
    # Who we are, and what we may do: nothing that is the build's own.
    "401": answers(401),
    "403": answers(403),
    "404": answers(404, then=Then.IS_TOLD),
    "409": answers(409, then=Then.IS_TOLD),
    "422": answers(422, then=Then.IS_TOLD),
    "429": answers(429),
    "timeout": drops(Drop.TIMEOUT),
    "reset": drops(Drop.RESET),
    "half an answer": drops(Drop.HALF),
    "lost answer": drops(Drop.AFTER),
}


def each(
    calls: dict[str, tuple[str, str]],
    outages: dict[str, Outage],
    *,
    but: Container[tuple[str, str]] = (),
) -> Any:
    """A test for each call, by method and address, and each outage; ``but`` are left out."""
    cases = [
        pytest.param(call, outage, id=f"{doing}-{name}")
        for doing, call in calls.items()
        for name, outage in outages.items()
        if (doing, name) not in but
    ]
    return pytest.mark.parametrize(("call", "outage"), cases)
