"""GitHub's answers, kept to ask whether they changed: an unchanged one costs no quota.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Key(NamedTuple):
    """What an answer depends on. GitHub's ETags are worth nothing to another token."""

    #: A digest of the token, never the token.
    token: str
    url: str
    accept: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An answer and the ETag to ask with; sent back as it came, ``W/`` and quotes included."""

    etag: str
    status: int
    body: bytes
    headers: Mapping[str, str]


class Cache:
    """The last answers by use, up to so many bytes of them; shared by all threads."""

    def __init__(self, most_bytes: int = 8 * 1024 * 1024) -> None:
        self._most = most_bytes
        self._held = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Kept | None:
        """What GitHub answered last time."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Key, kept: Kept) -> None:
        """Keep an answer in place of the last one, and let go of those longest unused."""
        with self._lock:
            self._drop(key)
            self._kept[key] = kept
            self._held += len(kept.body)
            while self._held > self._most:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        if kept := self._kept.pop(key, None):
            self._held -= len(kept.body)
