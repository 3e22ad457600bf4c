"""One Jenkins as one thread reaches it: python-jenkins, with what it gets wrong put right.

https://python-jenkins.readthedocs.io/en/latest/api.html
"""

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

import jenkins
import requests

from leeroy import __version__, deadlines, shapes
from leeroy.errors import (
    CredentialsRefused,
    LeeroyError,
    NotFound,
    Permanent,
    RightsRefused,
    Transient,
)
from leeroy.metrics import Metrics
from leeroy.outage import Outage
from leeroy.outgoing import LONGEST_ANSWER, WHOLE_CALL, Peer, Reply, Route
from leeroy.payloads import read_json

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class JenkinsConnection:
    """Where a Jenkins is, who we are there, and how to reach it."""

    base_url: str
    #: Empty: nobody, for a Jenkins without security.
    username: str = ""
    #: An API token, or a password.
    token: str = field(default="", repr=False)
    #: PEM file of the certificates to trust; None: those everybody trusts.
    ca_file: str | None = None
    #: False: any certificate will do.
    verify: bool = True
    #: May hold a password.
    proxy: str | None = field(default=None, repr=False)
    #: Seconds between two pieces of an answer.
    timeout: float = 10.0
    #: Seconds for a whole call.
    whole: float = WHOLE_CALL

    @property
    def route(self) -> Route:
        """How to reach it."""
        return Route(
            ca_file=self.ca_file,
            verify=self.verify,
            proxy=self.proxy,
            timeout=self.timeout,
            whole=self.whole,
        )

    @property
    def user(self) -> str:
        """Who we are there, for people to read."""
        return self.username or "anonymous"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One thing asked of Jenkins."""

    method: str
    #: Below Jenkins' root, encoded.
    path: str
    #: The path with ``{names}`` for what differs from job to job: its name in the metrics.
    template: str
    query: Mapping[str, str] = field(default_factory=dict)
    #: Sent as a form.
    form: Mapping[str, str] = field(default_factory=dict)
    #: ``read build ci/app #7``: begins the text of every error.
    doing: str
    #: The first bytes of an answer of any length, which is then no error; None: all of it.
    start: int | None = None


@dataclass
class Restarts:
    """What one process has seen of a Jenkins' restarts; it names each of its lives."""

    session: str = ""
    #: When it was first seen to live anew, in epoch seconds; 0: it was not.
    last: float = 0.0

    def note(self, session: str) -> None:
        """An answer came from this life of it; empty: not told."""
        if session and session != self.session:
            if self.session:
                self.last = time.time()
            self.session = session


class Answered(jenkins.JenkinsException):  # type: ignore[misc]
    """Jenkins answered with an error; its page is in ``reply``, for :func:`refusal` to read."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"Jenkins answered {reply.status}")
        self.reply = reply


class Wire(jenkins.Jenkins):  # type: ignore[misc]
    """A session with one Jenkins; for one thread, over connections that all share."""

    def __init__(
        self,
        name: str,
        connection: JenkinsConnection,
        peer: Peer,
        metrics: Metrics,
        restarts: Restarts | None = None,
    ) -> None:
        super().__init__(
            connection.base_url,
            connection.username or None,
            connection.token if connection.username else None,
        )
        self._name = name
        self._connection = connection
        self._peer = peer
        self._metrics = metrics
        self._restarts = restarts or Restarts()
        # We know who we are; python-jenkins would try Kerberos too, which costs a call.
        self._auth_resolved = True
        #: What python-jenkins was told to send by JENKINS_API_EXTRA_HEADERS, and what we do.
        self._headers: dict[str, str] = {
            **{name: str(value) for name, value in self._session.headers.items()},
            "Accept-Encoding": "gzip",
            "User-Agent": f"leeroy/{__version__}",
        }
        if connection.username:
            user = f"{connection.username}:{connection.token}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(user).decode()}"
        #: Of the web session a crumb belongs to; by name.
        self._cookies: dict[str, str] = {}

    def read(self, call: Call, parse: Callable[[Any], _T]) -> _T:
        """The facts in Jenkins' JSON."""
        reply = self.ask(call)
        try:
            return parse(read_json(reply.body))
        except LeeroyError:
            raise
        # Whatever a parser stumbles over was in the answer: cut short, the login page of a proxy,
        # too deep, too large, of another type.
        except Exception as exc:
            text = f"{call.doing}: Jenkins' answer makes no sense"
            raise Transient(text, status=reply.status) from exc

    def ask(self, call: Call) -> Reply:
        """Jenkins' answer, if it is a good one; redirects are answers too and not followed."""
        try:
            return self.exchange(call)
        except Answered as exc:
            raise refusal(call, exc.reply, self._connection.user) from exc

    def exchange(self, call: Call) -> Reply:
        """The same, for those who know better what an error means.

        Raises:
            Answered: Jenkins answered with an error.
            Transient: it did not answer, or is only starting.
        """
        with deadlines.within(self._connection.route.seconds):
            try:
                return self._with_crumb(call)
            except Answered as exc:
                status = exc.reply.status
                # So it answers while it starts, to the best credentials and any POST.
                may_be_starting = status == 401 or (status == 500 and call.method != "GET")
                if may_be_starting and self.is_starting():
                    text = f"{call.doing}: Jenkins is starting ({status})"
                    raise Transient(text, status=status) from exc
                raise

    def is_starting(self) -> bool:
        """Jenkins does not answer people yet; all else that it answers then means nothing.

        Its login page, asked for without credentials, is the one thing that tells.
        """
        call = Call(method="GET", path="login", template="login", doing="ask for the login page")
        return self._measured(call, lambda: self._send_plain(call)).status == 503

    def _with_crumb(self, call: Call) -> Reply:
        try:
            return self._send(call)
        except Answered as exc:
            if call.method == "GET" or not is_crumb_missing(exc.reply):
                raise
            # Jenkins wants a crumb only of those who come with a password, and did nothing yet.
            # A crumb belongs to a session, and neither outlives a restart: always a fresh one.
            self._fetch_crumb()
        return self._send(call)

    def _send(self, call: Call) -> Reply:
        try:
            return self._measured(call, lambda: self._send_once(call))
        except Transient as exc:
            # Jenkins closes idle connections; the one we kept may have ended as we wrote to it.
            outage = exc.__cause__
            if call.method != "GET" or not isinstance(outage, Outage) or not outage.was_broken_off:
                raise
        return self._measured(call, lambda: self._send_once(call))

    def _measured(self, call: Call, send: Callable[[], Reply]) -> Reply:
        name = f"{call.method} {call.template}"
        started = time.monotonic()
        outcome = "unreachable"
        try:
            reply = send()
            outcome = str(reply.status)
            return reply
        except Answered as exc:
            outcome = str(exc.reply.status)
            raise
        except Outage as outage:
            outcome = "timeout" if outage.is_timeout else outcome
            raise Transient(f"{call.doing}: Jenkins {outage}") from outage
        finally:
            self._metrics.jenkins_calls.labels(self._name, name, outcome).inc()
            self._metrics.jenkins_seconds.labels(self._name, name).observe(
                time.monotonic() - started
            )

    def _send_once(self, call: Call) -> Reply:
        query = f"?{urlencode(call.query)}" if call.query else ""
        request = requests.Request(
            call.method, self._build_url(call.path) + query, data=call.form or None
        )
        reply: Reply = self.jenkins_request(request, stream=call.start)
        return reply

    def _send_plain(self, call: Call) -> Reply:
        headers = {"User-Agent": self._headers["User-Agent"]}
        return self._peer.send(
            call.method, self._build_url(call.path), headers, most=1000, start_is_enough=True
        )

    def _fetch_crumb(self) -> None:
        # https://www.jenkins.io/doc/book/security/csrf-protection/
        call = Call(
            method="GET",
            path=jenkins.CRUMB_URL,
            template=jenkins.CRUMB_URL,
            doing="fetch a crumb",
        )
        self.crumb, self._cookies = None, {}
        self.crumb = self.read(call, _parse_crumb)

    # What follows takes the place of python-jenkins' own.

    def maybe_add_crumb(self, req: requests.Request) -> None:
        """Send the crumb we have; python-jenkins would ask for one before its first request."""
        if self.crumb:
            req.headers[self.crumb["crumbRequestField"]] = self.crumb["crumb"]

    def _request(self, req: requests.Request, stream: int | None = None) -> Reply:
        headers, body = {**self._headers, **req.headers}, None
        if req.data:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(req.data).encode()
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self._cookies.items())
        reply = self._peer.send(
            req.method,
            req.url,
            headers,
            body,
            most=LONGEST_ANSWER if stream is None else stream,
            start_is_enough=stream is not None,
        )
        self._restarts.note(reply.headers.get("X-Jenkins-Session", ""))
        # A session matters only to crumbs, and those only to passwords.
        if self._connection.username:
            for name, _, value in (cookie.partition("=") for cookie in reply.cookies):
                self._cookies[name.strip()] = value.strip()
            self._cookies = {name: value for name, value in self._cookies.items() if value}
        return reply

    def _response_handler(self, response: Reply) -> Reply:
        # python-jenkins tells few errors apart, and calls a 503 "does not exist".
        if response.status >= 400:
            raise Answered(response)
        return response


def refusal(call: Call, reply: Reply, user: str) -> LeeroyError:
    """An error Jenkins answered with, as one that says what to do next."""
    status = reply.status
    text = f"{call.doing}: Jenkins answered {status}"
    if status == 401:
        text = f"{call.doing}: Jenkins does not accept the token of {user}"
        return CredentialsRefused(text, status=status)
    if status == 403:
        lacking = reply.headers.get("X-Required-Permission", "").rpartition(".")[2]
        permission = f" (it lacks the permission {lacking[:40]})" if lacking else ""
        text = f"{call.doing}: Jenkins does not let {user}{permission}"
        return RightsRefused(text, status=status)
    if status == 404:
        text = f"{call.doing}: it does not exist or is hidden from {user}"
        return NotFound(text, status=status)
    if status in (502, 503, 504):
        text = f"{call.doing}: Jenkins is down or starting ({status})"
    if status in (408, 425, 429) or status >= 500:
        return Transient(text, status=status)
    return Permanent(text, status=status)


def is_crumb_missing(reply: Reply) -> bool:
    """A 403 for want of a crumb; one for want of a permission names the permission."""
    return (
        reply.status == 403
        and "X-Required-Permission" not in reply.headers
        and b"No valid crumb" in reply.body
    )


def _parse_crumb(said: Any) -> dict[str, str]:
    return {
        "crumbRequestField": shapes.text(said["crumbRequestField"]),
        "crumb": shapes.text(said["crumb"]),
    }
