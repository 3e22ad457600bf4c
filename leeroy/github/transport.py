"""Requests to GitHub and what becomes of them: headers, limits, ETags, redirects, paging, errors.

https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api
"""

import hashlib
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import requests

from leeroy import __version__
from leeroy.errors import NotFound, Permanent
from leeroy.github.cache import Cache, Kept, Key
from leeroy.github.calls import Answer, Call
from leeroy.github.gate import Gate, Held
from leeroy.github.refusals import explanation, refusal, unanswered
from leeroy.metrics import Metrics
from leeroy.outage import CONNECT_TIMEOUT, was_broken_off

#: Without it GitHub picks a version for us, and the next one lacks fields that we read.
#: https://docs.github.com/en/rest/about-the-rest-api/api-versions
API_VERSION = "2022-11-28"

#: A renamed repository is one redirect; more than a few are a circle.
MOST_REDIRECTS = 5

#: Pages of 100; GitHub's longest list that we read whole has 3,000 entries.
MOST_PAGES = 100


@dataclass(frozen=True, kw_only=True)
class GitHubConnection:
    """Where GitHub's API is and how to reach it."""

    #: GitHub Enterprise Server: ``https://HOST/api/v3``.
    api_url: str = "https://api.github.com"
    #: PEM file of the certificates to trust; None: those everybody trusts.
    ca_file: str | None = None
    #: Check the certificate at all.
    verify: bool = True
    #: May hold a password.
    proxy: str | None = field(default=None, repr=False)
    #: Seconds to wait for an answer.
    timeout: float = 15.0


class Transport:
    """Sends calls; one session a thread, limits and ETags shared by all."""

    def __init__(
        self,
        connection: GitHubConnection,
        *,
        token_for: Callable[[str], str],
        metrics: Metrics,
        gate: Gate,
        cache: Cache,
    ) -> None:
        self._root = connection.api_url.rstrip("/")
        self._connection = connection
        self._token_for = token_for
        self._metrics = metrics
        self._gate = gate
        self._cache = cache
        self._own = threading.local()
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()

    def close(self) -> None:
        """Close the connections of all threads."""
        for session in list(self._sessions):
            session.close()

    def send(self, call: Call) -> Answer:
        """Do what the call says, wherever its repository has moved to.

        Raises:
            Transient, Permanent, NotFound: with what was being done and what GitHub said.
        """
        return self._follow(call, call.url(self._root))

    def send_unless_gone(self, call: Call) -> Answer | None:
        """The same; None when what it is about is not there, or hidden from us."""
        try:
            return self.send(call)
        except NotFound:
            return None

    def pages(self, call: Call, most: int = MOST_PAGES) -> Iterator[Answer]:
        """The answer and the pages after it, each asked for when it is needed."""
        answer = self.send(call)
        yield answer
        for _ in range(most - 1):
            if not (url := answer.next_url):
                return
            answer = self._follow(call, self._same_host(call, answer.url, url))
            yield answer

    def _follow(self, call: Call, url: str) -> Answer:
        # Not left to requests: it turns POST into GET at a 301.
        for _ in range(MOST_REDIRECTS):
            answer, location = self._exchange(call, url)
            if location is None:
                return answer
            target = self._same_host(call, url, location)
            if "?" in url and "?" not in target:
                target += url[url.index("?") :]
            url = target
        raise Permanent(f"{call.doing}: GitHub redirects in a circle")

    def _same_host(self, call: Call, url: str, target: str) -> str:
        """An address GitHub gave us; the token goes nowhere else."""
        target = urljoin(url, target)
        ours, theirs = urlsplit(self._root), urlsplit(target)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            # Without a name and password that may stand before it.
            host = theirs.netloc.rpartition("@")[2]
            raise Permanent(f"{call.doing}: GitHub sends us to another host, {host}")
        return target

    def _exchange(self, call: Call, url: str) -> tuple[Answer, str | None]:
        """One request: its answer, and where else to ask instead, if anywhere."""
        token = self._token_for(call.repo)
        who = digest(token)
        try:
            self._gate.enter(who, call.spend, call.doing)
        except Held as held:
            self._metrics.github_held.labels(held.limit).inc()
            raise
        key = Key(token=who, url=url, accept=call.accept)
        kept = self._cache.get(key) if call.method == "GET" else None
        response = self._ask(call, url, token, kept)
        message = "" if response.ok else explanation(response, token)
        wait = self._gate.learn(who, response.status_code, response.headers, message)
        self._measure_limits(who, response.headers)
        if response.status_code == 304 and kept:
            return _answer(call, url, response, kept), None
        if response.is_redirect:
            answer = _answer(call, url, response)
            return answer, response.headers["location"]
        if not 200 <= response.status_code < 300:
            raise refusal(call, response, message, wait)
        etag = response.headers.get("etag")
        if call.method == "GET" and etag:
            # Only what a page needs besides its body: the rest changes with every answer.
            headers = {"link": response.headers.get("link", "")}
            headers["x-oauth-scopes"] = response.headers.get("x-oauth-scopes", "")
            packed = zlib.compress(response.content, level=1)  # to a tenth: it is JSON
            self._cache.put(key, Kept(etag=etag, body=packed, headers=headers))
        return _answer(call, url, response), None

    def _ask(self, call: Call, url: str, token: str, kept: Kept | None) -> requests.Response:
        headers = {"If-None-Match": kept.etag} if kept else {}
        try:
            return self._request(call, url, token, headers)
        except requests.RequestException as exc:
            # GitHub closes idle connections; the one we kept may have ended as we wrote to it.
            if not (call.is_repeatable and was_broken_off(exc)):
                raise unanswered(call, exc) from exc
        try:
            return self._request(call, url, token, headers)
        except requests.RequestException as exc:
            raise unanswered(call, exc) from exc

    def _request(
        self, call: Call, url: str, token: str, headers: dict[str, str]
    ) -> requests.Response:
        started = time.monotonic()
        outcome = "unreachable"
        try:
            response = self._session().request(
                call.method,
                url,
                json=call.body,
                headers={"Accept": call.accept, **headers},
                auth=_Bearer(token),
                timeout=(CONNECT_TIMEOUT, self._connection.timeout),
                allow_redirects=False,
            )
            outcome = str(response.status_code)
            return response
        except requests.Timeout:
            outcome = "timeout"
            raise
        finally:
            self._metrics.github_calls.labels(call.name, outcome).inc()
            self._metrics.github_seconds.labels(call.name).observe(time.monotonic() - started)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = requests.Session()
            proxy = self._connection.proxy
            # The environment is asked once a session: for each call that would cost a quarter of
            # what the call does.
            settings = session.merge_environment_settings(
                self._root,
                {"http": proxy, "https": proxy} if proxy else {},
                None,
                self._connection.ca_file or self._connection.verify,
                None,
            )
            session.trust_env = False
            session.proxies, session.verify = settings["proxies"], settings["verify"]
            session.headers["User-Agent"] = f"leeroy/{__version__}"
            session.headers["X-GitHub-Api-Version"] = API_VERSION
            self._sessions.add(session)
        return session

    def _measure_limits(self, who: str, headers: Mapping[str, str]) -> None:
        resource = headers.get("x-ratelimit-resource", "core")
        for name, gauge in (
            ("limit", self._metrics.github_limit),
            ("remaining", self._metrics.github_remaining),
            ("reset", self._metrics.github_reset),
        ):
            if (value := headers.get(f"x-ratelimit-{name}", "")).isdecimal():
                gauge.labels(who, resource).set(int(value))


def _answer(call: Call, url: str, response: requests.Response, kept: Kept | None = None) -> Answer:
    """A good answer; of what is unchanged the body is the kept one."""
    try:
        date = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except ValueError:
        date = time.time()
    return Answer(
        call=call,
        url=url,
        body=zlib.decompress(kept.body) if kept else response.content,
        headers=kept.headers if kept else response.headers,
        date=date,
    )


class _Bearer(requests.auth.AuthBase):
    # Given to requests with each call: else a ~/.netrc would override the header.
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def digest(token: str) -> str:
    """A short name for a token, fit for a metric; it does not lead back to the token."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]
