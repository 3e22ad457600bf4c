"""Who may see and do what: names and passwords are compared whole and in constant time."""

import hmac
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from flask import request

from leeroy.config import Config, Dashboard
from leeroy.errors import BadDelivery

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


def check_operator(config: Config) -> None:
    """The request carries ``user`` and ``pass`` of the settings as Basic auth.

    Raises:
        BadDelivery: 403 when none are set, 401 when they are missing or wrong.
    """
    user, password = config.user, config.password.get_secret_value()
    if not user or not password:
        raise BadDelivery("set user and pass in the settings to allow this", status=403)
    auth = request.authorization
    given_user = (auth.username if auth else None) or ""
    given_password = (auth.password if auth else None) or ""
    right_user = hmac.compare_digest(given_user.encode(), user.encode())
    right_password = hmac.compare_digest(given_password.encode(), password.encode())
    if not (right_user and right_password):
        raise BadDelivery("user or password is missing or wrong", status=401)


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
