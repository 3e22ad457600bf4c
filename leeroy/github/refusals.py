"""GitHub's refusals and silences, as errors that say what to do next."""

import time

from leeroy.errors import CommitNotFound, NotFound, Permanent, TooManyStatuses, Transient
from leeroy.github.calls import Call
from leeroy.logs import HIDDEN, redacted
from leeroy.outage import Outage
from leeroy.outgoing import Reply, retry_after
from leeroy.payloads import read_json

#: Of GitHub's own words for an error, that go into logs and statuses.
LONGEST_EXPLANATION = 500


class Unsure(Transient):
    """Nobody but GitHub knows whether it did what it was asked."""


def unanswered(call: Call, outage: Outage) -> Transient:
    """No whole answer came."""
    kind = Transient if outage.was_never_sent else Unsure
    return kind(f"{call.doing}: GitHub {outage}")


def refusal(call: Call, reply: Reply, said: str, wait: float | None) -> Transient | Permanent:
    """GitHub said no; ``wait`` is not None when it was because of a limit.

    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    """
    status = reply.status
    text = f"{call.doing}: GitHub answered {status}: {said}"
    if wait is not None:
        return Transient(text, retry_after=wait, status=status)
    if status in (404, 410):
        return NotFound(text, status=status)
    if "No commit found" in said:
        # Of what we write to, somebody has seen the head: its commit comes a moment later.
        if call.method == "GET":
            return NotFound(text, status=status)
        return CommitNotFound(text, status=status)
    if status == 422 and "maximum number of statuses" in said:
        return TooManyStatuses(text, status=status)
    asked = retry_after(reply.headers, time.time())
    if status >= 500:
        return Unsure(text, retry_after=asked, status=status)
    # 409: somebody changed the same thing at the same time; a new look sees what is so now.
    if status in (408, 409):
        return Transient(text, retry_after=asked, status=status)
    return Permanent(text, status=status)


def explanation(reply: Reply, secret: str) -> str:
    """GitHub's own words for an error, with the details of a 422, and never a secret."""
    try:
        said = read_json(reply.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return "a page that is not GitHub's API" if reply.body else "no explanation"
    errors = said.get("errors")
    details = [_detail(error) for error in errors[:10]] if isinstance(errors, list) else []
    text = str(said.get("message") or "no explanation")
    if details:
        text = f"{text} ({'; '.join(details)})"
    text = redacted(text.replace(secret, HIDDEN) if secret else text)
    return text if len(text) <= LONGEST_EXPLANATION else f"{text[:LONGEST_EXPLANATION]}…"


def _detail(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    if error.get("message"):
        return str(error["message"])
    return " ".join(str(error[key]) for key in ("resource", "field", "code") if error.get(key))
