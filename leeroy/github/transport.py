"""Requests to GitHub and what becomes of them: headers, limits, ETags, redirects, paging, errors.

https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api
"""

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from leeroy import __version__, deadlines
from leeroy.errors import NotFound, Permanent, Transient
from leeroy.github.cache import Cache, Kept, Key
from leeroy.github.calls import Answer, Call
from leeroy.github.gate import Gate, Held
from leeroy.github.refusals import explanation, refusal, unanswered
from leeroy.metrics import Metrics
from leeroy.outage import Outage
from leeroy.outgoing import LONGEST_ANSWER, WHOLE_CALL, Peer, Reply, Route, epoch, whole_number

#: Without it GitHub picks a version for us, and the next one lacks fields that we read.
#: https://docs.github.com/en/rest/about-the-rest-api/api-versions
API_VERSION = "2022-11-28"

#: A renamed repository is one redirect; more than a few are a circle.
MOST_REDIRECTS = 5

#: Pages of 100; GitHub's longest list that we read whole has 3,000 entries.
MOST_PAGES = 100
#: Seconds for a whole call that writes: less than a look's lease, which is made sure of right
#: before, so that nobody else writes the same meanwhile.
LONGEST_WRITE = 20.0
#: Of all pages of a list together.
LONGEST_LIST = 4 * LONGEST_ANSWER


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
    #: Seconds between two pieces of an answer.
    timeout: float = 15.0
    #: Seconds for a whole call.
    whole: float = WHOLE_CALL


class Transport:
    """Sends calls; connections, limits and ETags are shared by all threads."""

    def __init__(
        self,
        connection: GitHubConnection,
        *,
        token_for: Callable[[str], str],
        metrics: Metrics,
        gate: Gate,
        cache: Cache,
        side: Executor | None = None,
    ) -> None:
        self._root = connection.api_url.rstrip("/")
        self._route = Route(
            ca_file=connection.ca_file,
            verify=connection.verify,
            proxy=connection.proxy,
            timeout=connection.timeout,
            whole=connection.whole,
        )
        self._peer = Peer(self._root, self._route)
        self._side = side
        self._token_for = token_for
        self._metrics = metrics
        self._gate = gate
        self._cache = cache

    def close(self) -> None:
        """Close the connections of all threads."""
        self._peer.close()

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
        """The answer and the pages after it, each asked for when it is needed.

        Raises:
            Transient: together they are longer than a list can be.
        """
        first = self.send(call)
        yield first
        yield from self._rest(call, first, most)

    def pages_at_once(self, call: Call, most: int) -> list[Answer]:
        """All pages, those after the first side by side where threads for that were handed in."""
        first = self.send(call)
        if first.last_page == 1:  # or GitHub did not say how many there are
            return [first, *self._rest(call, first, most)]
        numbers = range(2, min(first.last_page, most) + 1)
        calls = [replace(call, query={**call.query, "page": number}) for number in numbers]
        answers = [first, *self._each(calls)]
        if sum(len(answer.body) for answer in answers) > LONGEST_LIST:
            raise Transient(f"{call.doing}: GitHub's list does not end")
        return answers

    def _rest(self, call: Call, answer: Answer, most: int) -> Iterator[Answer]:
        length = len(answer.body)
        for _ in range(most - 1):
            if not (url := answer.next_url):
                return
            answer = self._follow(call, self._same_host(call, answer.url, url))
            length += len(answer.body)
            if length > LONGEST_LIST:
                raise Transient(f"{call.doing}: GitHub's list does not end")
            yield answer

    def _each(self, calls: list[Call]) -> list[Answer]:
        if self._side is None or len(calls) < 2:
            return [self.send(call) for call in calls]
        begun: list[tuple[Call, Future[Answer]]] = [
            (call, self._side.submit(self.send, call)) for call in calls
        ]
        try:
            # What no thread has begun when its turn comes is done by this one: it may be one of
            # those threads itself, and must never wait for another to become free.
            return [
                self.send(call) if future.cancel() else future.result() for call, future in begun
            ]
        finally:
            for _, future in begun:
                future.cancel()

    def _follow(self, call: Call, url: str) -> Answer:
        whole = self._route.seconds
        with deadlines.within(whole if call.method == "GET" else min(whole, LONGEST_WRITE)):
            for _ in range(MOST_REDIRECTS):
                answer, location = self._exchange(call, url)
                if location is None:
                    return answer
                target = self._same_host(call, url, location)
                if not call.may_be_sent_to(target, self._root):
                    raise Permanent(f"{call.doing}: GitHub sends us to something else")
                if "?" in url and "?" not in target:
                    target += url[url.index("?") :]
                url = target
        raise Permanent(f"{call.doing}: GitHub redirects in a circle")

    def _same_host(self, call: Call, url: str, target: str) -> str:
        """An address GitHub gave us; the token goes nowhere else."""
        try:
            target = urljoin(url, target)
            ours, theirs = urlsplit(self._root), urlsplit(target)
        except ValueError as exc:
            raise Permanent(f"{call.doing}: GitHub sends us to no address") from exc
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            # Without a name and password that may stand before it.
            host = theirs.netloc.rpartition("@")[2]
            raise Permanent(f"{call.doing}: GitHub sends us to another host, {host[:100]}")
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
        reply = self._ask(call, url, token, kept)
        message = "" if reply.status < 400 else explanation(reply, token)
        wait = self._gate.learn(who, reply.status, reply.headers, message)
        self._measure_limits(who, reply.headers)
        if reply.status == 304 and kept:
            return _answer(call, url, reply, kept), None
        if reply.is_redirect:
            return _answer(call, url, reply), reply.headers["location"]
        if not 200 <= reply.status < 300:
            raise refusal(call, reply, message or "no explanation", wait)
        etag = reply.headers.get("etag")
        if call.method == "GET" and etag:
            # Only what a page needs besides its body: the rest changes with every answer.
            headers = {"link": reply.headers.get("link", "")}
            headers["x-oauth-scopes"] = reply.headers.get("x-oauth-scopes", "")
            packed = zlib.compress(reply.body, level=1)  # to a tenth: it is JSON
            keep = Kept(etag=etag, status=reply.status, body=packed, headers=headers)
            self._cache.put(key, keep)
        return _answer(call, url, reply), None

    def _ask(self, call: Call, url: str, token: str, kept: Kept | None) -> Reply:
        headers = {"If-None-Match": kept.etag} if kept else {}
        try:
            return self._request(call, url, token, headers)
        except Outage as outage:
            # GitHub closes idle connections; the one we kept may have ended as we wrote to it.
            if not (call.is_repeatable and outage.was_broken_off):
                raise unanswered(call, outage) from outage
        try:
            return self._request(call, url, token, headers)
        except Outage as outage:
            raise unanswered(call, outage) from outage

    def _request(self, call: Call, url: str, token: str, headers: dict[str, str]) -> Reply:
        headers = {
            "Accept": call.accept,
            "User-Agent": f"leeroy/{__version__}",
            "X-GitHub-Api-Version": API_VERSION,
            **headers,
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(call.body).encode()
        started = time.monotonic()
        outcome = "unreachable"
        try:
            reply = self._peer.send(call.method, url, headers, body)
            outcome = str(reply.status)
            return reply
        except Outage as outage:
            outcome = "timeout" if outage.is_timeout else outcome
            raise
        finally:
            self._metrics.github_calls.labels(call.name, outcome).inc()
            self._metrics.github_seconds.labels(call.name).observe(time.monotonic() - started)

    def _measure_limits(self, who: str, headers: Mapping[str, str]) -> None:
        resource = headers.get("x-ratelimit-resource", "core")
        for name, gauge in (
            ("limit", self._metrics.github_limit),
            ("remaining", self._metrics.github_remaining),
            ("reset", self._metrics.github_reset),
        ):
            value = whole_number(headers.get(f"x-ratelimit-{name}", ""))
            if value is not None:
                gauge.labels(who, resource).set(value)


def _answer(call: Call, url: str, reply: Reply, kept: Kept | None = None) -> Answer:
    """A good answer; of what is unchanged the body is the kept one."""
    date = epoch(reply.headers.get("date", ""))
    return Answer(
        call=call,
        url=url,
        status=kept.status if kept else reply.status,
        body=zlib.decompress(kept.body) if kept else reply.body,
        headers=kept.headers if kept else reply.headers,
        date=time.time() if date is None else date,
    )


def digest(token: str) -> str:
    """A short name for a token, fit for a metric; it does not lead back to the token."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]
