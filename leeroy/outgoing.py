"""Calls to others over HTTP: each ends in time and in bytes, whatever the other side does.

One pool of connections for all threads. Redirects are answers, nothing is sent twice, and no
environment variable but those for proxies and certificates counts.
"""

import ssl
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import certifi
import requests
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from leeroy import deadlines
from leeroy.outage import CONNECT_TIMEOUT, NO_ANSWER, Outage, outage_of

#: Seconds for a whole call, from its first byte to the last of its answer.
WHOLE_CALL = 30.0
#: Of an answer, unpacked. A page of a hundred comments as long as GitHub takes them has 26 MB.
LONGEST_ANSWER = 32 * 1024 * 1024
#: Of an answer that is an error only its words are of interest.
LONGEST_ERROR = 256 * 1024
#: No answer makes us wait longer before we ask again.
LONGEST_WAIT = 3600.0
#: Connections kept to one host; threads that find none open their own.
KEPT_CONNECTIONS = 64

_PIECE = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Route:
    """How a host is reached."""

    #: PEM file of the certificates to trust; None: those everybody trusts.
    ca_file: str | None = None
    #: Check the certificate at all.
    verify: bool = True
    #: May hold a password.
    proxy: str | None = field(default=None, repr=False)
    #: Seconds between two pieces of an answer.
    timeout: float
    #: Seconds for the whole of a call; longer only where even a silence may last longer.
    whole: float = WHOLE_CALL

    @property
    def seconds(self) -> float:
        """What a whole call may last."""
        return max(self.whole, self.timeout)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the other side answered."""

    url: str
    status: int
    #: Names in any case of letters.
    headers: Mapping[str, str]
    body: bytes
    #: The cookies it sets, as ``name=value``.
    cookies: tuple[str, ...] = ()

    @property
    def is_redirect(self) -> bool:
        """Asks to go somewhere else, and says where."""
        return self.status in (301, 302, 303, 307, 308) and "location" in self.headers


class Peer:
    """One host, as one kind of caller reaches it; for all threads."""

    def __init__(self, root: str, route: Route) -> None:
        self._root = root
        self._route = route
        self._pool: urllib3.PoolManager | None = None

    def close(self) -> None:
        """Close the connections; a call after it opens new ones."""
        if self._pool is not None:
            self._pool.clear()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        most: int = LONGEST_ANSWER,
        start_is_enough: bool = False,
    ) -> Reply:
        """The answer, however good, unpacked; ``most`` bytes of it.

        Raises:
            Outage: none came, or not the whole of it in time, or it is longer than that.
        """
        with deadlines.within(self._route.seconds):
            try:
                return self._send(method, url, headers, body, most, start_is_enough)
            except NO_ANSWER as exc:
                left = deadlines.seconds_left()
                raise outage_of(exc, is_over=left is not None and left <= 0) from exc

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        most: int,
        start_is_enough: bool,
    ) -> Reply:
        response = self._connections().request(
            method,
            url,
            body=body,
            headers={"Accept": "*/*", "Accept-Encoding": "gzip", **headers},
            preload_content=False,
            redirect=False,
            retries=False,
        )
        try:
            if not 200 <= response.status < 300:
                most, start_is_enough = min(most, LONGEST_ERROR), True
            read = _read(response, most, start_is_enough)
        except BaseException:
            response.close()
            raise
        if len(read) == most and start_is_enough:
            response.close()  # what is left of it would be taken for the next answer
        return Reply(
            url=url,
            status=response.status,
            headers=response.headers,
            body=read,
            cookies=tuple(
                cookie.partition(";")[0] for cookie in response.headers.getlist("set-cookie")
            ),
        )

    def _connections(self) -> urllib3.PoolManager:
        # Made at the first call: reading the certificates takes a while. Two threads may both do.
        if self._pool is None:
            self._pool = _pool(self._root, self._route)
        return self._pool


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that an answer asks us to wait, never more than an hour; None: it does not say.

    >>> retry_after({"retry-after": "1000000"}, 0.0), retry_after({"retry-after": "soon"}, 0.0)
    (3600.0, None)
    """
    given = headers.get("retry-after", "").strip()
    seconds = whole_number(given)
    if seconds is not None:
        return min(float(seconds), LONGEST_WAIT)
    date = epoch(given)
    return None if date is None else min(max(date - now, 0.0), LONGEST_WAIT)


def epoch(date: str) -> float | None:
    """A date as HTTP writes it, in epoch seconds; None for anything else."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def whole_number(text: str) -> int | None:
    """A number in a header; None for what is none, or one that nothing honest has.

    >>> whole_number("4999"), whole_number("9" * 5000), whole_number("-1")
    (4999, None, None)
    """
    return int(text) if 0 < len(text) <= 18 and text.isascii() and text.isdecimal() else None


def _read(response: urllib3.BaseHTTPResponse, most: int, start_is_enough: bool) -> bytes:
    unpack = _unpacker(response.headers.get("content-encoding", ""))
    read = bytearray()
    while piece := response.read(_PIECE, decode_content=False):
        # One byte more than there may be shows that there is more.
        read += unpack(piece, most + 1 - len(read))
        if len(read) > most:
            if start_is_enough:
                return bytes(read[:most])
            raise Outage(f"sent an answer of more than {most // (1024 * 1024)} MB")
    if read:
        unpack(b"", 0)
    return bytes(read)


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """A function that unpacks a piece, up to so many bytes of it; an empty piece is the end."""
    match encoding.strip().lower():
        case "" | "identity":
            return lambda piece, most: piece[:most]
        case "gzip" | "x-gzip":
            packed = zlib.decompressobj(wbits=31)
        case _:
            raise Outage("sent an answer that cannot be unpacked")

    def unpack(piece: bytes, most: int) -> bytes:
        if not piece:
            if not packed.eof:
                raise Outage("broke off its answer", was_broken_off=True)
            return b""
        try:
            return packed.decompress(piece, most)
        except zlib.error:
            raise Outage("sent an answer that cannot be unpacked") from None

    return unpack


def _pool(root: str, route: Route) -> urllib3.PoolManager:
    settings = _environment(root, route)
    proxy = requests.utils.select_proxy(root, settings["proxies"])
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    more: dict[str, Any] = {
        "num_pools": 4,
        "maxsize": KEPT_CONNECTIONS,
        "timeout": urllib3.Timeout(connect=min(CONNECT_TIMEOUT, route.seconds), read=route.timeout),
    }
    if "https" in (_scheme(root), _scheme(proxy or "")):
        more["ssl_context"] = _trusting(settings["verify"])
        more["cert_reqs"] = "CERT_REQUIRED" if settings["verify"] else "CERT_NONE"
    if proxy:
        parts = urlsplit(proxy)
        if parts.username:
            user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            more["proxy_headers"] = urllib3.make_headers(proxy_basic_auth=user)
        # It is trusted as the host itself is.
        pool: urllib3.PoolManager = urllib3.ProxyManager(
            proxy, proxy_ssl_context=more.get("ssl_context"), **more
        )
    else:
        pool = urllib3.PoolManager(**more)
    pool.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
    return pool


def _scheme(url: str) -> str:
    return urlsplit(url).scheme.lower()


def _environment(root: str, route: Route) -> dict[str, Any]:
    """What the settings say, else what HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE and so on do."""
    with requests.Session() as session:
        found: dict[str, Any] = dict(
            session.merge_environment_settings(
                root,
                {"http": route.proxy, "https": route.proxy} if route.proxy else {},
                None,
                (route.ca_file or True) if route.verify else False,
                None,
            )
        )
    return found


def _trusting(verify: str | bool) -> ssl.SSLContext:
    """A TLS context that trusts a file or folder of certificates, everybody's, or anybody."""
    try:
        return deadlines.mind(_context(verify))
    except OSError as exc:  # of which ssl's own are a kind
        words = "cannot be asked: the certificates to trust cannot be read"
        raise Outage(words, was_never_sent=True) from exc


def _context(verify: str | bool) -> ssl.SSLContext:
    if verify is False:
        # The operator decided it; a warning for every call would bury all others.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return create_urllib3_context(cert_reqs=ssl.CERT_NONE)
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    where = Path(certifi.where() if verify is True else verify)
    if where.is_dir():
        context.load_verify_locations(capath=where)
    else:
        context.load_verify_locations(cafile=where)
    return context


class _Connection(HTTPConnection):
    def _new_conn(self) -> Any:
        return deadlines.minded(super()._new_conn())


class _TLSConnection(HTTPSConnection):
    def _new_conn(self) -> Any:
        return deadlines.minded(super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection
