"""GitHub's refusals and silences, as errors that say what to do next."""

import requests

from leeroy.errors import NotFound, Permanent, Transient
from leeroy.events import read_json
from leeroy.github.calls import Call
from leeroy.logs import HIDDEN, redacted
from leeroy.outage import describe_outage, was_never_sent


class Unsure(Transient):
    """Nobody but GitHub knows whether it did what it was asked."""


def unanswered(call: Call, error: requests.RequestException) -> Transient:
    """No whole answer came."""
    kind = Transient if was_never_sent(error) else Unsure
    return kind(f"{call.doing}: GitHub {describe_outage(error)}")


def refusal(
    call: Call, response: requests.Response, said: str, wait: float | None
) -> Transient | Permanent:
    """GitHub said no; ``wait`` is not None when it was because of a limit.

    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    """
    status = response.status_code
    text = f"{call.doing}: GitHub answered {status}: {said}"
    if wait is not None:
        return Transient(text, retry_after=wait)
    if status in (404, 410) or (call.method == "GET" and "No commit found" in said):
        return NotFound(text, status=status)
    given = response.headers.get("retry-after", "")
    retry_after = float(given) if given.isdecimal() else None
    if status >= 500:
        return Unsure(text, retry_after=retry_after)
    # 409: somebody changed the same thing at the same time; a new look sees what is so now.
    if status in (408, 409):
        return Transient(text, retry_after=retry_after)
    return Permanent(text)


def explanation(response: requests.Response, secret: str) -> str:
    """GitHub's own words for an error, with the details of a 422, and never a secret."""
    try:
        said = read_json(response.content)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return "a page that is not GitHub's API" if response.content else "no explanation"
    errors = said.get("errors")
    details = [_detail(error) for error in errors] if isinstance(errors, list) else []
    text = str(said.get("message") or "no explanation")
    if details:
        text = f"{text} ({'; '.join(details)})"
    return redacted(text.replace(secret, HIDDEN) if secret else text)


def _detail(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    if error.get("message"):
        return str(error["message"])
    return " ".join(str(error[key]) for key in ("resource", "field", "code") if error.get(key))
