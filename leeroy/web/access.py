"""Who may see and do what: names and passwords are compared whole and in constant time."""

import hmac
import math
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import structlog
from flask import current_app, request

from leeroy.config import Config, Dashboard
from leeroy.errors import BadDelivery

log = structlog.get_logger()

#: Where the application keeps what is asked here.
GUESSES, METRICS = "leeroy guesses", "leeroy metrics"

CLOSED = (
    'The dashboard is closed. In the settings, give "user" and "pass" to sign in with them; or'
    ' "auth_header" and "trusted_proxies" behind a proxy that signs people in; or'
    ' "dashboard": "public" to let everybody look.'
)


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Whoever looks at the dashboard."""

    #: Empty for somebody who did not sign in, on a public dashboard.
    name: str

    @property
    def is_operator(self) -> bool:
        """May see payloads and press buttons."""
        return bool(self.name)


class Paused(BadDelivery):
    """Too many wrong passwords came from there; nothing was tried."""

    def __init__(self, seconds: float) -> None:
        self.retry_after = math.ceil(seconds)
        super().__init__(
            f"too many wrong passwords from this address: try again in {self.retry_after} s",
            status=429,
        )


def check_operator(config: Config) -> None:
    """The request carries ``user`` and ``pass`` of the settings as Basic auth.

    Raises:
        BadDelivery: 403 when none are set, 401 when they are missing or wrong.
        Paused: 429 when too many were wrong.
    """
    user, password = config.user, config.password.get_secret_value()
    if not user or not password:
        raise BadDelivery("set user and pass in the settings to allow this", status=403)
    auth = request.authorization
    if auth is None:
        raise BadDelivery("user or password is missing or wrong", status=401)
    given_user, given_password = auth.username or "", auth.password or ""
    address, guesses = _address(config), current_app.extensions[GUESSES]
    metrics = current_app.extensions[METRICS]
    if (seconds := guesses.pause(address)) > 0:
        metrics.wrong_passwords.labels("not tried").inc()
        raise Paused(seconds)
    right_user = _is_same(given_user, user)
    right_password = _is_same(given_password, password)
    if right_user and right_password:
        guesses.forget(address)
        return
    wrong = guesses.add(address, f"{given_user}\0{given_password}")
    metrics.wrong_passwords.labels("wrong").inc()
    log.warning("wrong user or password", address=address, path=request.path, wrong=wrong)
    raise BadDelivery("user or password is missing or wrong", status=401)


def check_site(config: Config) -> None:
    """The request was not made by another site's page, with which a browser sends our password.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site

    Raises:
        BadDelivery: 403.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_ours = site is None or site.lower() in ("same-origin", "none")
    if origin is not None:
        # The scheme is not compared: TLS is the proxy's. "null" has no host.
        host = urlsplit(origin).netloc.lower()
        is_ours &= bool(host) and host in _hosts(config)
    if not is_ours:
        raise BadDelivery("another site's page may not ask for this", status=403)


def _hosts(config: Config) -> frozenset[str]:
    return frozenset({request.host.lower(), urlsplit(config.public_url or "").netloc.lower()})


def _is_same(given: str, expected: str) -> bool:
    """In a time that tells nothing, not even how long ``expected`` is."""
    digests = (
        sha256(text.encode("utf-8", "surrogateescape")).digest() for text in (given, expected)
    )
    return hmac.compare_digest(*digests)


def _address(config: Config) -> str:
    """Who asks; behind a proxy that is trusted, whom that names last."""
    peer = request.remote_addr or ""
    if not _is_trusted(peer, config.trusted_proxies):
        return peer
    return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or peer


def check_visitor(config: Config) -> Visitor:
    """Who looks at the dashboard; a public one takes everybody, signed in or not.

    Raises:
        BadDelivery: as :func:`check_operator`, with the ways to open the dashboard.
    """
    try:
        return check_signed_in(config)
    except BadDelivery:
        # Wrong credentials included: they may be meant for a proxy in front.
        if config.dashboard is Dashboard.PUBLIC:
            return Visitor(name="")
        raise


def check_signed_in(config: Config) -> Visitor:
    """Who signed in: at the proxy in front, or here with ``user`` and ``pass``.

    Raises:
        BadDelivery: as :func:`check_operator`, with the ways to open the dashboard.
    """
    if name := _name_from_proxy(config):
        return Visitor(name=name)
    try:
        check_operator(config)
    except BadDelivery as exc:
        if exc.status == 403:
            raise BadDelivery(CLOSED, status=403) from exc
        raise
    return Visitor(name=config.user)


def _name_from_proxy(config: Config) -> str:
    """Who the proxy says is signed in; anybody else could send that header too."""
    if config.auth_header is None or not _is_trusted(request.remote_addr, config.trusted_proxies):
        return ""
    return request.headers.get(config.auth_header, "").strip()


def _is_trusted(address: str | None, networks: tuple[str, ...]) -> bool:
    """The address is in one of the networks.

    >>> _is_trusted("10.1.2.3", ("10.0.0.0/8",)), _is_trusted("11.1.2.3", ("10.0.0.0/8",))
    (True, False)
    >>> _is_trusted("::ffff:10.1.2.3", ("10.0.0.0/8",)), _is_trusted("", ("10.0.0.0/8",))
    (True, False)
    """
    try:
        peer = ip_address(address or "")
    except ValueError:
        # A Unix socket has none.
        return False
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
        # What a socket for both kinds of addresses says of the old kind.
        peer = peer.ipv4_mapped
    return any(peer in ip_network(network, strict=False) for network in networks)
