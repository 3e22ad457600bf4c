"""How the sandbox GitHub answers: JSON, errors, pages, and answers nobody needs to read again."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from flask import g, request
from werkzeug.wrappers import Response

from leeroy_sandbox.github.render.people import Json

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub

T = TypeVar("T")
DOCUMENTATION = "https://docs.github.com/rest"
JSON_TYPE = "application/json; charset=utf-8"
DEFAULT_VERSION = "2022-11-28"
#: GitHub sends it on every GET, though whoever obeys it reads old answers.
CACHE_CONTROL = "private, max-age=60, s-maxage=60"


class Problem(Exception):
    """An answer that says no."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[object] | None = None,
        documentation: str = DOCUMENTATION,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message, "documentation_url": documentation}
        if errors is not None:
            self.body["errors"] = list(errors)
        self.body["status"] = str(status)
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The whole answer."""
        return answer(self.body, self.status, self.headers)


def answer(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Data as JSON."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return Response(
        text.encode("utf-8", "replace"), status, dict(headers or {}), content_type=JSON_TYPE
    )


def created(data: Json) -> Response:
    """A new thing, and where it is."""
    return answer(data, 201, {"Location": data["url"]})


def nothing() -> Response:
    """204."""
    response = Response(status=204)
    response.headers.pop("Content-Type", None)
    return response


def plain(text: bytes, kind: str) -> Response:
    """An answer in another media type than JSON."""
    return Response(text, content_type=f"application/vnd.github.{kind}; charset=utf-8")


def wanted_media() -> str:
    """ "diff", "patch", "sha", "raw" ..., or "json", by the Accept header.

    https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api
    """
    for part in request.headers.get("Accept", "*/*").split(","):
        kind = part.split(";")[0].strip()
        if kind.startswith("application/vnd.github"):
            words = kind.removeprefix("application/vnd.github").partition("+")[0].split(".")
            known = [w for w in words if w in ("diff", "patch", "sha", "raw")]
            return known[0] if known else "json"
        if kind in ("*/*", "application/*", "application/json"):
            return "json"
    raise Problem(415, "Unsupported 'Accept' header. Must accept 'application/json'.")


def body(*required: str, optional: Sequence[str] = ()) -> Json:
    """The JSON object that was sent: 400 when it is none, 422 when its texts are not as wanted."""
    try:
        data = json.loads(request.get_data() or b"{}")
    except ValueError:
        raise Problem(400, "Problems parsing JSON") from None
    if not isinstance(data, dict):
        raise Problem(400, "Body should be a JSON object")
    for key in required:
        if key not in data:
            raise Problem(422, f'Invalid request.\n\n"{key}" wasn\'t supplied.')
    for key in (*required, *optional):
        value = data.get(key)
        if not isinstance(value, str) and (value is not None or key in required):
            said = f"For 'properties/{key}', {json.dumps(value)} is not a string."
            raise Problem(422, f"Invalid request.\n\n{said}")
    return data


def page_of(items: Sequence[T], most: int | None = None) -> tuple[Sequence[T], dict[str, str]]:
    """The items of the page asked for, and the Link header that leads to the others."""
    items = items if most is None else items[:most]
    span = page_slice()
    return items[span], link_header(len(items))


def page_slice() -> slice:
    """Which items the page asked for has."""
    size = _number("per_page", 30, 100)
    start = (_number("page", 1) - 1) * size
    return slice(start, start + size)


def link_header(total: int) -> dict[str, str]:
    """Where the other pages are; nothing when there is only one.

    https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
    """
    size, page = _number("per_page", 30, 100), _number("page", 1)
    last = max(1, -(-total // size))
    links = []
    if page > 1:
        links.append((min(page - 1, last), "prev"))
    if page < last:
        links += [(page + 1, "next"), (last, "last")]
    if page > 1:
        links.append((1, "first"))
    return _links([({"page": str(number)}, rel) for number, rel in links])


def cursor_link(cursor: str | None) -> dict[str, str]:
    """Where the next page is, of a list that is walked by cursor."""
    return _links([({"cursor": cursor}, "next")]) if cursor else {}


def _links(links: list[tuple[dict[str, str], str]]) -> dict[str, str]:
    if not links:
        return {}
    path = request.path
    if "repo" in g:
        # GitHub names the repository by its id here, whatever was asked for.
        rest = path.split("/", 4)[4:]
        path = "/".join([f"/repositories/{g.repo.id}", *rest])
    query = dict(parse_qsl(request.query_string.decode()))
    shown = [
        f'<{g.github_url}{path}?{urlencode(query | change)}>; rel="{rel}"' for change, rel in links
    ]
    return {"Link": ", ".join(shown)}


def _number(name: str, default: int, most: int | None = None) -> int:
    try:
        number = int(request.args.get(name, default))
    except ValueError:
        return default
    if number < 1:
        return default
    return number if most is None else min(number, most)


def finish(github: "GitHub", response: Response) -> Response:
    """Add what every answer has; say 304 where the caller has it already."""
    headers = response.headers
    caller = g.get("caller")
    if g.get("version") == "2026-03-10" and response.content_type == JSON_TYPE:
        _drop_retired(response)
    if request.method == "GET" and response.status_code == 200 and request.path != "/rate_limit":
        # The tag is bound to the token: another token of the same user gets another one.
        who = caller.token.text if caller and caller.token else ""
        seen = f"{who}\n{request.headers.get('Accept', '')}\n".encode() + response.get_data()
        tag = f'"{hashlib.sha256(seen).hexdigest()}"'
        headers["ETag"] = tag
        headers["Cache-Control"] = CACHE_CONTROL
        if _has(tag, headers.get("Last-Modified")):
            response.set_data(b"")
            response.status_code = 304
            headers.pop("Content-Length", None)
            headers.pop("Content-Type", None)
    if caller:
        if not (response.status_code == 304 and caller.token) and request.path != "/rate_limit":
            github.limits.charge(caller.name)
        headers.extend(github.limits.headers(caller.name))
        headers.extend(caller.scope_headers())
    headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    headers["X-GitHub-Api-Version-Selected"] = g.get("version", DEFAULT_VERSION)
    headers["X-GitHub-Request-Id"] = f"{github.next_id():X}"
    headers.add("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP")
    headers.add("Vary", "Accept-Encoding, Accept, X-Requested-With")
    return response


def _has(tag: str, modified: str | None) -> bool:
    known = request.headers.get("If-None-Match")
    if known is not None:
        return tag in [one.strip().removeprefix("W/") for one in known.split(",")]
    return modified is not None and request.headers.get("If-Modified-Since") == modified


def _drop_retired(response: Response) -> None:
    """Leave out what version 2026-03-10 has no longer.

    https://docs.github.com/en/rest/about-the-rest-api/breaking-changes
    """
    retired = {"merge_commit_sha", "assignee", "has_downloads", "rate"}

    def without(data: Any) -> Any:
        if isinstance(data, list):
            return [without(one) for one in data]
        if isinstance(data, dict):
            return {key: without(value) for key, value in data.items() if key not in retired}
        return data

    response.set_data(json.dumps(without(json.loads(response.get_data()))).encode())
