"""Make a sandbox slow or broken on purpose, and keep a record of every call it got.

Both are WSGI middleware: `calls.wrap(faults.wrap(app))` records first, so that a call that was
broken off is on record too; then faults strike, then latency passes, then the application answers.
"""

import io
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

from leeroy_sandbox.server import Answer, CutOff, ask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Methods that change nothing.
READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Drop(StrEnum):
    """How a caller is left without a whole answer."""

    #: The connection is reset; nothing was done.
    RESET = "reset"
    #: Nothing is done and nothing is said until the caller gives up.
    TIMEOUT = "timeout"
    #: The work is done, and half of the answer's body gets out.
    HALF = "half"
    #: The work is done, and the answer is lost: the caller cannot know.
    AFTER = "after"
    #: The work is done, and the answer's body comes a byte a second.
    DRIP = "drip"


#: Seconds between two bytes of an answer that drips.
DRIP_SECONDS = 1.0


@dataclass(kw_only=True)
class Fault:
    """One thing that goes wrong; `hits` says how often it did."""

    method: str
    path: re.Pattern[str]
    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drop: Drop | None = None
    #: The work is done at once; the answer comes this much later.
    delay: float = 0.0
    #: How many calls it strikes; None is all of them.
    times: int | None = None
    #: How many matching calls pass first.
    after: int = 0
    hits: int = 0

    def strikes(self, method: str, target: str) -> bool:
        """Whether this call is the fault's; counts it."""
        if self.method not in ("*", method) or not self.path.search(target):
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True


class Faults:
    """What goes wrong on the way to a sandbox; empty at first."""

    def __init__(self) -> None:
        #: Seconds that every call takes before it is worked on.
        self.latency = 0.0
        #: Seconds after which a `timeout` lets go of the connection, if the caller did not.
        self.longest_hold = 60.0
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._cleared = threading.Event()

    def add(
        self,
        method: str,
        path: str,
        *,
        status: int | None = None,
        body: str | bytes = b"",
        headers: Mapping[str, str] | None = None,
        drop: Drop | str | None = None,
        delay: float = 0.0,
        times: int | None = None,
        after: int = 0,
    ) -> Fault:
        """Break calls of `method` ("*" is any) whose path and query match the regex `path`.

        The first fault that strikes is the only one; `after` calls pass before it, then `times`.
        """
        fault = Fault(
            method=method,
            path=re.compile(path),
            status=status,
            body=body.encode() if isinstance(body, str) else body,
            headers=dict(headers or {}),
            drop=Drop(drop) if drop else None,
            delay=delay,
            times=times,
            after=after,
        )
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Let everything through again, at full speed; calls held by a `timeout` are let go."""
        with self._lock:
            self._faults.clear()
            self._cleared.set()
            self._cleared = threading.Event()
        self.latency = 0.0

    def wrap(self, app: "WSGIApplication") -> "WSGIApplication":
        """The application with these faults before it."""

        def broken(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
            fault = self._strike(environ["REQUEST_METHOD"], target_of(environ))
            if fault is None:
                self._pause()
                return app(environ, start)
            if fault.drop is Drop.RESET:
                raise CutOff
            if fault.drop is Drop.TIMEOUT:
                self._cleared.wait(self.longest_hold)
                raise CutOff
            self._pause()
            answer = ask(app, environ) if fault.status is None else _canned(fault)
            if fault.delay:
                self._cleared.wait(fault.delay)
            if fault.drop is Drop.DRIP:
                cleared = self._cleared
                raise CutOff(answer, pause=lambda: cleared.wait(DRIP_SECONDS))
            if fault.drop:
                raise CutOff(answer if fault.drop is Drop.HALF else None)
            return answer.start(start)

        return broken

    def _strike(self, method: str, target: str) -> Fault | None:
        with self._lock:
            return next((f for f in self._faults if f.strikes(method, target)), None)

    def _pause(self) -> None:
        if self.latency:
            time.sleep(self.latency)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request that arrived."""

    method: str
    #: Decoded, without the query.
    path: str
    query: str
    body: bytes
    #: Names in lower case.
    headers: Mapping[str, str]
    #: By `time.monotonic`, which all processes of a machine share.
    arrived: float
    #: None while it is worked on, and for ever when the caller got no whole answer.
    status: int | None = None

    @property
    def target(self) -> str:
        """The path, with the query where there is one."""
        return f"{self.path}?{self.query}" if self.query else self.path


class Calls:
    """Every request a sandbox got, in order of arrival."""

    def __init__(self) -> None:
        self._calls: dict[int, Call] = {}
        self._next = 0
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(list(self._calls.values()))

    def __len__(self) -> int:
        return len(self._calls)

    def matching(self, method: str, path: str) -> list[Call]:
        """Calls of `method` ("*" is any) whose path and query match the regex `path`."""
        pattern = re.compile(path)
        return [c for c in self if method in ("*", c.method) and pattern.search(c.target)]

    def writes(self) -> list[Call]:
        """Calls that meant to change something, whatever became of them."""
        return [c for c in self if c.method not in READS]

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._calls.clear()

    def wrap(self, app: "WSGIApplication") -> "WSGIApplication":
        """The application with this record before it."""

        def recorded(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
            number = self._arrive(environ)
            answer = ask(app, environ)
            self._answered(number, int(answer.status.split(" ", 1)[0]))
            return answer.start(start)

        return recorded

    def _arrive(self, environ: "WSGIEnvironment") -> int:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        headers = {
            key[5:].replace("_", "-").lower(): value
            for key, value in environ.items()
            if key.startswith("HTTP_")
        }
        if "CONTENT_TYPE" in environ:
            headers["content-type"] = environ["CONTENT_TYPE"]
        call = Call(
            method=environ["REQUEST_METHOD"],
            path=_text(environ["PATH_INFO"]),
            query=environ.get("QUERY_STRING", ""),
            body=body,
            headers=headers,
            arrived=time.monotonic(),
        )
        with self._lock:
            self._next += 1
            self._calls[self._next] = call
            return self._next

    def _answered(self, number: int, status: int) -> None:
        with self._lock:
            if number in self._calls:  # not when the record was cleared meanwhile
                self._calls[number] = replace(self._calls[number], status=status)


def _canned(fault: Fault) -> Answer:
    assert fault.status is not None
    headers = {"Content-Type": "text/html; charset=utf-8", **fault.headers}
    return Answer(
        status=f"{fault.status} {_phrase(fault.status)}",
        headers=list(headers.items()),
        body=fault.body,
    )


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"


def target_of(environ: "WSGIEnvironment") -> str:
    """The path, decoded, with the query where there is one."""
    query = environ.get("QUERY_STRING", "")
    path = _text(environ["PATH_INFO"])
    return f"{path}?{query}" if query else path


def _text(wsgi: str) -> str:
    # WSGI carries the path's bytes as latin-1 (PEP 3333).
    return wsgi.encode("latin-1").decode("utf-8", "replace")
