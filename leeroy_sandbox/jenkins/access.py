"""Who is asking, and what they may do: users, API tokens, permissions, crumbs.

https://www.jenkins.io/doc/book/security/access-control/ and
https://www.jenkins.io/doc/book/security/csrf-protection/
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

#: A session that nobody used for this long is gone (winstone's --sessionEviction).
SESSION_SECONDS = 1800.0


class Permission(StrEnum):
    """What a user may be allowed; the values are Jenkins' own identifiers."""

    ADMINISTER = "hudson.model.Hudson.Administer"
    OVERALL_READ = "hudson.model.Hudson.Read"
    DISCOVER = "hudson.model.Item.Discover"
    READ = "hudson.model.Item.Read"
    #: To see a job's `config.xml`; whoever may change it may see it.
    EXTENDED_READ = "hudson.model.Item.ExtendedRead"
    BUILD = "hudson.model.Item.Build"
    CANCEL = "hudson.model.Item.Cancel"
    DELETE_BUILD = "hudson.model.Run.Delete"

    @property
    def words(self) -> str:
        """The name people read in "USER is missing the ... permission"."""
        return _TITLES[self]

    @property
    def implied_by(self) -> tuple[str, ...]:
        """The permissions that would do as well, narrowest first."""
        generic = ("GenericRead",) if self in _READING else ("GenericUpdate", "GenericWrite")
        return (*(f"hudson.security.Permission.{name}" for name in generic), Permission.ADMINISTER)


_TITLES = {
    Permission.ADMINISTER: "Overall/Administer",
    Permission.OVERALL_READ: "Overall/Read",
    Permission.DISCOVER: "Job/Discover",
    Permission.READ: "Job/Read",
    Permission.EXTENDED_READ: "Job/ExtendedRead",
    Permission.BUILD: "Job/Build",
    Permission.CANCEL: "Job/Cancel",
    Permission.DELETE_BUILD: "Run/Delete",
}
_READING = (
    Permission.OVERALL_READ,
    Permission.READ,
    Permission.DISCOVER,
    Permission.EXTENDED_READ,
)

#: What a user who triggers and aborts builds needs.
ORDINARY = frozenset(
    {Permission.OVERALL_READ, Permission.READ, Permission.BUILD, Permission.CANCEL}
)
EVERYTHING = frozenset(Permission)


class BadCredentials(Exception):
    """A Basic header that names no user, or a wrong secret."""


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody who can sign in."""

    name: str
    full_name: str
    token: str = field(repr=False)
    password: str = field(default="", repr=False)
    permissions: frozenset[Permission] = ORDINARY


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who sent a request; nobody in particular when `user` is None."""

    user: User | None
    permissions: frozenset[Permission]
    #: Signed in with an API token: Jenkins then asks for no crumb.
    by_token: bool = False

    @property
    def name(self) -> str:
        """The user's name; `anonymous` for nobody in particular."""
        return self.user.name if self.user else "anonymous"

    @property
    def full_name(self) -> str:
        """The name that causes show."""
        return self.user.full_name if self.user else "anonymous"


class Users:
    """Everybody Jenkins knows, and how they prove it."""

    def __init__(self, *, security: bool = True) -> None:
        #: Off: credentials are not looked at, and everybody may do everything.
        self.security = security
        #: What callers without credentials may do.
        self.anonymous: frozenset[Permission] = frozenset()
        self._users: dict[str, User] = {}

    def add(
        self,
        name: str,
        *,
        token: str | None = None,
        password: str = "",
        full_name: str = "",
        permissions: frozenset[Permission] = ORDINARY,
    ) -> User:
        """Create or replace a user; without `token` one is made up, as long as Jenkins' are."""
        user = User(
            name=name,
            full_name=full_name or name,
            token=token or "11" + secrets.token_hex(16),
            password=password,
            permissions=frozenset(permissions),
        )
        self._users[name.lower()] = user
        return user

    def authenticate(self, header: str | None) -> Caller:
        """The caller an `Authorization` header proves; raises `BadCredentials`."""
        if not self.security:
            return Caller(user=None, permissions=EVERYTHING)
        if not header or not header.lower().startswith("basic "):
            return Caller(user=None, permissions=self.anonymous)
        try:
            name, colon, secret = (
                base64.b64decode(header[6:], validate=True).decode().partition(":")
            )
        except (binascii.Error, UnicodeDecodeError):
            raise BadCredentials from None
        user = self._users.get(name.lower())
        if user is None or not colon:
            raise BadCredentials
        if _same(secret, user.token):
            return Caller(user=user, permissions=user.permissions, by_token=True)
        if user.password and _same(secret, user.password):
            return Caller(user=user, permissions=user.permissions)
        raise BadCredentials


class Crumbs:
    """Crumbs, and the web sessions they hold in."""

    #: The request header, or form field, a crumb is sent in.
    FIELD = "Jenkins-Crumb"

    def __init__(self, clock: Callable[[], float], *, bound: bool) -> None:
        self._clock = clock
        #: Crumbs hold only within the session they were given to.
        self._bound = bound
        self._salt = secrets.token_hex(16)
        self._sessions: dict[str, float] = {}
        self.cookie = ""
        self.forget_sessions()

    def forget_sessions(self) -> None:
        """A Jenkins that starts knows no session, and names its cookie anew."""
        self._sessions.clear()
        self.cookie = f"JSESSIONID.{secrets.token_hex(4)}"

    def issue(self, caller: Caller, session: str | None) -> tuple[str, str | None]:
        """A crumb for the caller, and the id of the session that had to be opened for it."""
        opened = None
        if session is None or not self._alive(session):
            session = opened = f"node0{secrets.token_hex(13)}.node0"
        self._sessions[session] = self._clock() + SESSION_SECONDS
        return self._crumb(caller, session), opened

    def accepts(self, caller: Caller, session: str | None, crumb: str | None) -> bool:
        """Whether the crumb is the caller's, in this session."""
        if not crumb or (self._bound and (session is None or not self._alive(session))):
            return False
        if session is not None:
            self._sessions[session] = self._clock() + SESSION_SECONDS
        return _same(crumb, self._crumb(caller, session or ""))

    def _alive(self, session: str) -> bool:
        return self._sessions.get(session, 0.0) > self._clock()

    def _crumb(self, caller: Caller, session: str) -> str:
        if not self._bound:
            return hashlib.md5(f"{caller.name};{self._salt}".encode()).hexdigest()
        return hashlib.sha256(f"{caller.name};{session};{self._salt}".encode()).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
