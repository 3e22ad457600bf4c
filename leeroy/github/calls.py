"""What is asked of GitHub, and what it answers: data, and how it is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from leeroy import shapes
from leeroy.errors import LeeroyError, Permanent, Transient
from leeroy.github.gate import Spend
from leeroy.model import OddEntry
from leeroy.payloads import read_json

JSON = "application/vnd.github+json"

_T = TypeVar("_T")

#: One link of a Link header: its address, and what it is.
_LINK = re.compile(r"<([^<>]*)>([^<>]*)")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One thing asked of GitHub."""

    method: str
    #: Below the API's root, with ``{names}`` for the values; also the call's name in the metrics.
    path: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    accept: str = JSON
    #: Whose token is used.
    repo: str
    #: ``read acme/widgets#12``: begins the text of every error.
    doing: str
    spend: Spend = Spend.READ
    #: Doing it twice is doing it once, so it may be sent again when the connection broke.
    is_repeatable: bool = True
    #: Where alone GitHub may send us instead, with the same ``{names}``; empty: anywhere on its
    #: host, as it does for renamed repositories.
    only_redirect: str = ""

    @property
    def name(self) -> str:
        """What the metrics call it."""
        return f"{self.method} {self.path}"

    def url(self, root: str) -> str:
        """The whole address, with every value encoded."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        return root + self._filled(self.path) + query

    def may_be_sent_to(self, url: str, root: str) -> bool:
        """A redirect there still asks the same question."""
        if not self.only_redirect:
            return True
        return url.lower() == (root + self._filled(self.only_redirect)).lower()

    def _filled(self, path: str) -> str:
        values = {name: _encoded(name, str(value)) for name, value in self.values.items()}
        return path.format_map(values)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A good answer of GitHub."""

    call: Call
    url: str
    status: int
    body: bytes
    headers: Mapping[str, str]
    #: GitHub's clock when it said so: epoch seconds, whole ones; ours where it did not say.
    date: float

    @property
    def next_url(self) -> str | None:
        """The next page. https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api"""
        return self._link("next")

    @property
    def last_page(self) -> int:
        """The number of the last page, where GitHub says it; 1 where this is all."""
        pages = parse_qs(urlsplit(self._link("last") or "").query).get("page", ["1"])
        return int(pages[0]) if re.fullmatch(r"[1-9][0-9]{0,5}", pages[0]) else 1

    @property
    def is_empty_yes(self) -> bool:
        """What GitHub answers to a question about people: 204, and nothing in it."""
        return self.status == 204 and not self.body

    @property
    def text(self) -> str:
        """The body of an answer that is not JSON."""
        return self.body.decode("utf-8", "replace").strip()

    def read(self, parse: Callable[[Any], _T]) -> _T:
        """The facts in the body.

        Raises:
            Transient: it is not what was asked for: cut short, or a page of somebody in between.
        """
        return self.make_sense(lambda: parse(read_json(self.body)))

    def make_sense(self, parse: Callable[[], _T]) -> _T:
        """The same, of what was taken out of the body already."""
        try:
            return parse()
        except LeeroyError:
            raise
        # Whatever a parser stumbles over was in the answer: depth, size, type, a patch cut short.
        except Exception as exc:
            raise Transient(
                f"{self.call.doing}: GitHub's answer makes no sense", status=self.status
            ) from exc

    def entries(self, parse: Callable[[Any], _T]) -> list[_T | OddEntry]:
        """The facts in the entries of a list; one that makes no sense costs only itself.

        Raises:
            Transient: it is no list.
        """
        return [self._entry(said, parse) for said in self.read(shapes.entries)]

    def _entry(self, said: Any, parse: Callable[[Any], _T]) -> _T | OddEntry:
        try:
            return parse(said)
        except Exception:  # noqa: BLE001 - as above, whatever it was
            return OddEntry(
                number=_number_of(said),
                error=f"{self.call.doing}: an entry of GitHub's answer makes no sense",
            )

    def _link(self, rel: str) -> str | None:
        links = _LINK.findall(self.headers.get("link", ""))
        return next((url for url, what in links if f'rel="{rel}"' in what), None)


def _number_of(said: Any) -> int | None:
    try:
        return shapes.number(said["number"])
    except (LookupError, TypeError):
        return None


def _encoded(name: str, value: str) -> str:
    # Left as they are, dots would lead up the path to something else.
    if any(part in ("", ".", "..") for part in value.split("/")):
        raise Permanent(f"{value!r} cannot be the {name} in an address of GitHub's")
    # Half a surrogate pair, of an odd command line, is in no name of GitHub's.
    return quote(value, safe="/" if name in ("repo", "path") else "", errors="replace")
