"""One Jenkins as one thread reaches it: python-jenkins, with what it gets wrong put right.

https://python-jenkins.readthedocs.io/en/latest/api.html
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import jenkins
import requests
import urllib3

from leeroy import __version__
from leeroy.errors import LeeroyError, NotFound, Permanent, Transient
from leeroy.events import read_json
from leeroy.metrics import Metrics
from leeroy.outage import CONNECT_TIMEOUT, describe_outage, was_broken_off

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
    #: Seconds to wait for an answer.
    timeout: float = 10.0


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
    #: The body is fetched as it is read, and maybe not to its end.
    is_streamed: bool = False


class Answered(jenkins.JenkinsException):  # type: ignore[misc]
    """Jenkins answered with an error; its page is in ``response``, for :func:`refusal` to read."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(f"Jenkins answered {response.status_code}")
        self.response = response


class Wire(jenkins.Jenkins):  # type: ignore[misc]
    """A session with one Jenkins; for one thread."""

    def __init__(self, name: str, connection: JenkinsConnection, metrics: Metrics) -> None:
        super().__init__(
            connection.base_url,
            connection.username or None,
            connection.token if connection.username else None,
            timeout=(CONNECT_TIMEOUT, connection.timeout),
        )
        self._name = name
        self._connection = connection
        self._metrics = metrics
        self._session.headers["User-Agent"] = f"leeroy/{__version__}"
        # Not None, or ~/.netrc would be asked; and never Kerberos, which costs a call to try.
        self._session.auth = self._auths[0][1] or _nobody
        self._auth_resolved = True
        # The environment is asked once: for each call that would cost a quarter of what it does.
        proxy = connection.proxy
        self._settings = self._session.merge_environment_settings(
            connection.base_url,
            {"http": proxy, "https": proxy} if proxy else {},
            False,
            (connection.ca_file or True) if connection.verify else False,
            None,
        )
        self._session.trust_env = False
        if not connection.verify:
            # The operator decided it; a warning for every call would bury all others.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def read(self, call: Call, parse: Callable[[Any], _T]) -> _T:
        """The facts in Jenkins' JSON."""
        response = self.ask(call)
        try:
            return parse(read_json(response.content))
        except (ValueError, LookupError, TypeError, AttributeError) as exc:
            # Cut short, or the login page of a proxy.
            raise Transient(f"{call.doing}: Jenkins' answer makes no sense") from exc

    def read_start(self, call: Call, most: int) -> tuple[bytes, Mapping[str, str]]:
        """The first bytes of an answer of any length, and its headers; the rest is not fetched."""
        try:
            response = self.exchange(replace(call, is_streamed=True))
        except Answered as exc:
            with exc.response:  # a body that nobody reads would keep its connection
                raise refusal(call, exc.response, self._connection.username) from exc
        start = b""
        try:
            with response:
                if response.status_code != 200:
                    raise Permanent(f"{call.doing}: Jenkins answered {response.status_code}")
                for piece in response.iter_content(most):
                    start += piece
                    if len(start) >= most:
                        break
        except requests.RequestException as exc:
            raise Transient(f"{call.doing}: Jenkins {describe_outage(exc)}") from exc
        return start[:most], response.headers

    def ask(self, call: Call) -> requests.Response:
        """Jenkins' answer, if it is a good one; redirects are answers too and not followed."""
        try:
            return self.exchange(call)
        except Answered as exc:
            raise refusal(call, exc.response, self._connection.username) from exc

    def exchange(self, call: Call) -> requests.Response:
        """The same, for those who know better what an error means.

        Raises:
            Answered: Jenkins answered with an error.
            Transient: it did not answer.
        """
        try:
            return self._send(call)
        except Answered as exc:
            if call.method == "GET" or not is_crumb_missing(exc.response):
                raise
            # Jenkins wants a crumb only of those who come with a password, and did nothing yet.
            # A crumb belongs to a session, and neither outlives a restart: always a fresh one.
            self._fetch_crumb()
        return self._send(call)

    def _send(self, call: Call) -> requests.Response:
        try:
            return self._send_once(call)
        except requests.RequestException as exc:
            # Jenkins closes idle connections; the one we kept may have ended as we wrote to it.
            if call.method != "GET" or not was_broken_off(exc):
                raise Transient(f"{call.doing}: Jenkins {describe_outage(exc)}") from exc
        try:
            return self._send_once(call)
        except requests.RequestException as exc:
            raise Transient(f"{call.doing}: Jenkins {describe_outage(exc)}") from exc

    def _send_once(self, call: Call) -> requests.Response:
        query = f"?{urlencode(call.query)}" if call.query else ""
        request = requests.Request(
            call.method, self._build_url(call.path) + query, data=call.form or None
        )
        name = f"{call.method} {call.template}"
        started = time.monotonic()
        outcome = "unreachable"
        try:
            response: requests.Response = self.jenkins_request(request, stream=call.is_streamed)
            outcome = str(response.status_code)
            return response
        except Answered as exc:
            outcome = str(exc.response.status_code)
            raise
        except jenkins.TimeoutException as exc:
            outcome = "timeout"
            raise Transient(f"{call.doing}: Jenkins did not answer in time") from exc
        finally:
            self._metrics.jenkins_calls.labels(self._name, name, outcome).inc()
            self._metrics.jenkins_seconds.labels(self._name, name).observe(
                time.monotonic() - started
            )

    def _fetch_crumb(self) -> None:
        # https://www.jenkins.io/doc/book/security/csrf-protection/
        call = Call(
            method="GET",
            path=jenkins.CRUMB_URL,
            template=jenkins.CRUMB_URL,
            doing="fetch a crumb",
        )
        self.crumb = self.read(
            call,
            lambda said: {"crumbRequestField": said["crumbRequestField"], "crumb": said["crumb"]},
        )

    # What follows takes the place of python-jenkins' own.

    def maybe_add_crumb(self, req: requests.Request) -> None:
        """Send the crumb we have; python-jenkins would ask for one before its first request."""
        if self.crumb:
            req.headers[self.crumb["crumbRequestField"]] = self.crumb["crumb"]

    def _request(self, req: requests.Request, stream: bool | None = None) -> requests.Response:
        prepared = self._session.prepare_request(req)
        # A followed redirect turns a POST into a GET, and hides the queue item of a 303.
        response: requests.Response = self._session.send(
            prepared, **self._settings, timeout=self.timeout, allow_redirects=False
        )
        return response

    def _response_handler(self, response: requests.Response) -> requests.Response:
        # python-jenkins tells few errors apart, and calls a 503 "does not exist".
        if response.status_code >= 400:
            raise Answered(response)
        return response


def refusal(call: Call, response: requests.Response, user: str) -> LeeroyError:
    """An error Jenkins answered with, as one that says what to do next."""
    status = response.status_code
    text = f"{call.doing}: Jenkins answered {status}"
    user = user or "anonymous"
    if status == 401:
        return Permanent(f"{call.doing}: Jenkins does not accept the token of {user}")
    if status == 403:
        lacking = response.headers.get("X-Required-Permission", "").rpartition(".")[2]
        permission = f" (it lacks the permission {lacking})" if lacking else ""
        return Permanent(f"{call.doing}: Jenkins does not let {user}{permission}")
    if status == 404:
        return NotFound(f"{call.doing}: it does not exist or is hidden from {user}")
    if status in (502, 503, 504):
        return Transient(f"{call.doing}: Jenkins is down or starting ({status})")
    if status in (408, 425, 429) or status >= 500:
        return Transient(text)
    return Permanent(text)


def is_crumb_missing(response: requests.Response) -> bool:
    """A 403 for want of a crumb; one for want of a permission names the permission."""
    return (
        response.status_code == 403
        and "X-Required-Permission" not in response.headers
        and b"No valid crumb" in response.content
    )


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
