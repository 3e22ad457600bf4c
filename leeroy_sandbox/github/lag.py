"""Let the sandbox GitHub answer as it was: its API lags behind its webhooks, as GitHub's replicas do.

    github.lag(Resource.PULL, reads=2)            # GET pulls/N: old twice after each change
    github.lag(Resource.COMMENT, seconds=0.3)     # GET issues/comments/N: old for 0.3 s
    github.lag(r"/pulls/7/files", Resource.LABELS)  # several, and a regex of one's own: old once
    github.lag()                                  # everything
    github.end_lags()

What counts are changes after the call. Each address (path and query) lags by itself: its answer is
the one of `reads` reads ago, or of `seconds` ago, whole and with the ETag it had then; what was not
there yet is 404. So in a story: `world.settle()`, then `github.lag(...)`, then the change.

`Resource.COMMIT` is whether a repository has a commit at all: while that lags, POST of a status on a
sha that came later is answered 422 "No commit found for SHA: ...". Other writes never lag, and git
does not either.
"""

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING

from leeroy_sandbox.faults import target_of
from leeroy_sandbox.github.past import Tables, show, tables_of
from leeroy_sandbox.github.state import Absent, State
from leeroy_sandbox.server import ask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_END = r"(\?|$)"


class Resource(StrEnum):
    """What can lag, as the regex that finds it in a path and query."""

    #: The list of them, open ones for example.
    PULLS = r"/pulls" + _END
    PULL = r"/pulls/\d+" + _END
    FILES = r"/pulls/\d+/files" + _END
    COMMITS = r"/pulls/\d+/commits" + _END
    COMMENTS = r"/issues/(\d+/)?comments" + _END
    COMMENT = r"/issues/comments/\d+" + _END
    REVIEWS = r"/pulls/\d+/reviews" + _END
    REVIEW = r"/pulls/\d+/reviews/\d+" + _END
    REVIEW_COMMENTS = r"/pulls/(\d+/)?comments" + _END
    REVIEW_COMMENT = r"/pulls/comments/\d+" + _END
    #: What is said of a commit, combined or listed.
    STATUSES = r"/commits/[^?]+/status(es)?" + _END
    LABELS = r"/issues/\d+/labels" + _END
    #: Branches and other refs, and what the default branch has at a path.
    BRANCHES = r"/branches(/|\?|$)|/git/(ref|matching-refs)/|/contents/"
    #: Whether the repository has a commit.
    COMMIT = r"/statuses/[0-9a-f]{40}" + _END + r"|/(git/)?commits/[^/?]+" + _END


#: The write that asks whether a commit is there.
_STATUS_POST = re.compile(r"^/repos/(?P<repo>[^/]+/[^/]+)/statuses/(?P<sha>[^/?]+)$")


@dataclass(kw_only=True)
class Lag:
    """Answers that are late; `answers` says how many of them were old."""

    patterns: tuple[re.Pattern[str], ...]
    reads: int
    seconds: float | None
    #: The version shown at first.
    since: int
    answers: int = 0
    #: Of each address the versions of its latest `reads` reads.
    read: dict[str, deque[int]] = field(default_factory=dict)

    def covers(self, target: str) -> bool:
        """Whether this address lags."""
        return any(pattern.search(target) for pattern in self.patterns)

    def shown(self, target: str, current: int) -> int:
        """Which version an address shows at this read; counts it."""
        if self.seconds is not None:
            return self.since
        latest = self.read.setdefault(target, deque(maxlen=self.reads))
        shown = latest[0] if len(latest) == self.reads else self.since
        latest.append(current)
        return shown

    def needed(self) -> Iterable[int]:
        """Versions that may yet be shown."""
        return {self.since, *(version for latest in self.read.values() for version in latest)}


@dataclass(frozen=True, kw_only=True)
class _Version:
    tables: Tables
    #: By the sandbox's clock.
    made: float


class Lags:
    """Which answers lag, and what was so before each change; empty, and free, at first."""

    def __init__(self, github: State) -> None:
        self._github = github
        self._lags: list[Lag] = []
        self._versions: dict[int, _Version] = {}
        self._current = 0

    def add(self, *what: str, reads: int | None = None, seconds: float | None = None) -> Lag:
        """See `GitHub.lag`."""
        if reads is not None and seconds is not None:
            raise ValueError("a lag is of reads or of seconds")
        with self._github.lock:
            self._remember()
            lag = Lag(
                patterns=tuple(re.compile(one) for one in what or ("",)),
                reads=1 if reads is None else reads,
                seconds=seconds,
                since=self._current,
            )
            if lag.reads < 1:
                raise ValueError("a lag is of one read at least")
            self._lags.append(lag)
            return lag

    def end(self) -> None:
        """Show everything as it is again."""
        with self._github.lock:
            self._lags.clear()
            self._versions.clear()

    def note(self) -> None:
        """Remember what is so, if it changed; the lock is held."""
        if self._lags:
            self._remember()
            self._forget()

    def wrap(
        self, app: "WSGIApplication", past: State, past_app: "WSGIApplication"
    ) -> "WSGIApplication":
        """The application, with that of the past before it for whatever lags."""

        def late(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
            method, target = environ["REQUEST_METHOD"], target_of(environ)
            post = _STATUS_POST.search(target) if method == "POST" else None
            if not self._lags or not (method == "GET" or post):
                return app(environ, start)
            with self._github.lock:
                tables = self._then(target)
                if tables is not None:
                    show(past, self._github, tables)
                    if post is None or _lacks(past, post["repo"], post["sha"]):
                        return ask(past_app, environ).start(start)
                answer = ask(app, environ)
                if method == "GET":
                    # That GitHub works out whether it merges, because somebody looks, is no change.
                    made = self._versions[self._current].made
                    self._versions[self._current] = self._version(made)
                return answer.start(start)

        return late

    def _then(self, target: str) -> Tables | None:
        """What a call is shown instead of what is so now."""
        self.note()
        shown = self._current
        for lag in [one for one in self._lags if one.covers(target)]:
            version = lag.shown(target, self._current)
            lag.answers += version < self._current
            shown = min(shown, version)
        return None if shown == self._current else self._versions[shown].tables

    def _version(self, made: float) -> _Version:
        return _Version(tables=tables_of(self._github), made=made)

    def _remember(self) -> None:
        version = self._version(self._github.clock())
        last = self._versions.get(self._current)
        if last is None or last.tables != version.tables:
            self._current += 1
            self._versions[self._current] = version

    def _forget(self) -> None:
        now = self._github.clock()
        for lag in self._lags:
            if lag.seconds is not None:
                old = [n for n, v in self._versions.items() if v.made <= now - lag.seconds]
                lag.since = max([lag.since, *old])
        oldest = [lag.since for lag in self._lags if lag.seconds is not None]
        needed = {self._current}.union(*(lag.needed() for lag in self._lags))
        self._versions = {
            n: v for n, v in self._versions.items() if n in needed or (oldest and n >= min(oldest))
        }


def _lacks(past: State, repo: str, sha: str) -> bool:
    try:
        return past.repository(repo).git.resolve(sha) is None
    except Absent:
        return False


class Watched(AbstractContextManager[None]):
    """A lock that may be taken again by who has it; says so right before it is let go of."""

    def __init__(self, before_release: Callable[[], None]) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._before_release = before_release

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._depth == 1:
                self._before_release()
        finally:
            self._depth -= 1
            self._lock.release()
