"""Who calls the sandbox GitHub, and whether he may: tokens, scopes, permissions, roles.

https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from flask import g, request
from werkzeug.wrappers import Response

from leeroy_sandbox.github.api.answers import DEFAULT_VERSION, Problem, answer
from leeroy_sandbox.github.model import Repository, Role, Token, TokenKind
from leeroy_sandbox.github.state import Absent

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub

VERSIONS = frozenset({"2022-11-28", "2026-03-10"})
RETIRED_VERSIONS = frozenset({"2021-01-01"})
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a call asks of its caller."""

    #: Any of these permissions does: "statuses".
    areas: tuple[str, ...] = ("metadata",)
    write: bool = False
    role: Role = Role.READ
    #: Classic scopes that do, beside `repo` (and `public_repo` where nobody is kept out).
    scopes: tuple[str, ...] = ()
    #: What a person without the role is told; None: that there is nothing.
    refusal: str | None = None
    #: Whether an archived repository refuses it.
    changes: bool = False


#: Anybody who sees the repository.
READ = Need()


def needs(
    *areas: str,
    write: bool = True,
    role: Role = Role.READ,
    scopes: tuple[str, ...] = (),
    refusal: str | None = None,
    changes: bool | None = None,
) -> Callable[[View], View]:
    """Say what a view asks of its caller; without it, that he sees the repository."""
    need = Need(
        areas=areas,
        write=write,
        role=role,
        scopes=scopes,
        refusal=refusal,
        changes=write if changes is None else changes,
    )

    def mark(view: View) -> View:
        view.need = need  # type: ignore[attr-defined]
        return view

    return mark


def by_app(view: View) -> View:
    """Say that a view is an app's own: it shows a JSON web token, and no other will do."""
    view.by_app = True  # type: ignore[attr-defined]
    return view


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whoever calls; a stranger has no token."""

    token: Token | None
    need: Need

    @property
    def name(self) -> str:
        """By whom rate limits count; empty for strangers."""
        return self.token.login if self.token else ""

    @property
    def login(self) -> str | None:
        """Who he is."""
        return self.token.login if self.token else None

    @property
    def is_app(self) -> bool:
        """Whether an app calls, by an installation's token."""
        return self.token is not None and self.token.kind is TokenKind.INSTALLATION

    def scope_headers(self) -> dict[str, str]:
        """What GitHub tells of the scopes one has and the permissions one needs."""
        if self.token is None:
            return {}
        if self.token.kind is TokenKind.CLASSIC:
            accepted = ["repo", *self.need.scopes] if self.need.areas != ("metadata",) else []
            return {
                "X-OAuth-Scopes": ", ".join(sorted(self.token.scopes)),
                "X-Accepted-OAuth-Scopes": ", ".join(accepted),
            }
        level = "write" if self.need.write else "read"
        accepted = [f"{area}={level}" for area in self.need.areas]
        return {"X-Accepted-GitHub-Permissions": "; ".join(accepted)}


class Access:
    """The door: every request passes here first."""

    def __init__(self, github: "GitHub") -> None:
        self._github = github

    def admit(self, views: Mapping[str, Callable[..., Any]]) -> Response | None:
        """Let a request in, or answer it: 400, 401, 403, 404, 410, 301, 307."""
        g.github_url = self._github.url
        if not request.headers.get("User-Agent"):
            raise Problem(
                403,
                "Request forbidden by administrative rules. Please make sure your request has a "
                "User-Agent header.",
            )
        g.version = _version(request.headers.get("X-GitHub-Api-Version", DEFAULT_VERSION))
        view = views.get(request.endpoint or "")
        need = getattr(view, "need", READ)
        if getattr(view, "by_app", False):
            assertion = request.headers.get("Authorization", "").partition(" ")[2]
            try:
                g.app = self._github.app_of(assertion.strip())
            except Absent:
                raise Problem(404, "Integration not found") from None
            caller = Caller(token=None, need=need)
        else:
            caller = Caller(token=self._token(), need=need)
        g.caller = caller
        self._within_limits(caller)
        arguments = request.view_args or {}
        if "owner" in arguments:
            return self._repository(caller, arguments["owner"], arguments["name"])
        return None

    def leave(self) -> None:
        """A request is over."""
        if "admitted" in g:
            self._github.limits.leave(g.pop("admitted"))

    def _token(self) -> Token | None:
        shown = request.headers.get("Authorization")
        if shown is None:
            return None
        kind, _, text = shown.partition(" ")
        if kind.lower() == "basic":
            text = _basic_password(text)
        found = self._github.token(text.strip())
        if found is None:
            raise Problem(401, "Bad credentials")
        return found

    def _within_limits(self, caller: Caller) -> None:
        limits = self._github.limits
        refusal = limits.admit(caller.name, request.method, request.path)
        g.admitted = caller.name
        if refusal:
            raise Problem(
                refusal.status,
                refusal.message,
                headers=refusal.headers,
                documentation="https://docs.github.com/rest/using-the-rest-api/"
                "rate-limits-for-the-rest-api",
            )

    def _repository(self, caller: Caller, owner: str, name: str) -> Response | None:
        asked = f"{owner}/{name}"
        try:
            repo = self._github.repository(asked)
        except Absent:
            raise Problem(404, "Not Found") from None
        role = g.role = self._role(repo, caller)
        if not role.covers(Role.READ) or not _sees(caller, repo):
            raise Problem(404, "Not Found")
        if asked.lower() != repo.full_name.lower():
            return self._moved(repo)
        self._check(caller, repo, role)
        g.repo = repo
        # Nobody needs the names any more: views take what follows them.
        (request.view_args or {}).pop("owner")
        (request.view_args or {}).pop("name")
        return None

    def _role(self, repo: Repository, caller: Caller) -> Role:
        # An app is nobody's collaborator: what it may do anywhere is said by its permissions.
        if "app" in g:
            return Role.ADMIN
        if caller.token is not None and caller.is_app:
            return self._github.app_role(caller.token, repo)
        return self._github.role(repo, caller.login)

    def _moved(self, repo: Repository) -> Response:
        rest = request.path.split("/", 4)[4:]
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        where = "/".join([f"{self._github.url}/repositories/{repo.id}", *rest]) + query
        status = 301 if request.method in ("GET", "HEAD") else 307
        said = {"message": "Moved Permanently", "url": where}
        said["documentation_url"] = "https://docs.github.com/rest/guides/best-practices"
        return answer(said, status, {"Location": where})

    def _check(self, caller: Caller, repo: Repository, role: Role) -> None:
        need = caller.need
        if need.write and caller.token is None:
            raise Problem(401, "Requires authentication")
        if caller.token is not None:
            self._check_token(caller.token, need, repo, role)
        if not role.covers(need.role):
            if need.refusal:
                raise Problem(403, need.refusal)
            raise Problem(404, "Not Found")
        if need.changes and repo.archived:
            raise Problem(403, "Repository was archived so is read-only.")

    def _check_token(self, token: Token, need: Need, repo: Repository, role: Role) -> None:
        if token.kind is TokenKind.CLASSIC:
            enough = {"repo", *need.scopes} | (set() if repo.private else {"public_repo"})
            if need.write and not token.scopes & enough:
                raise Problem(404, "Not Found")
            return
        given = [token.permissions.get(area) for area in need.areas]
        allowed = "write" in given or (not need.write and ("read" in given or not repo.private))
        if not allowed or (need.write and not role.covers(need.role)):
            kind = (
                "integration" if token.kind is TokenKind.INSTALLATION else "personal access token"
            )
            raise Problem(403, f"Resource not accessible by {kind}")


def _basic_password(text: str) -> str:
    """The password of Basic authentication, which may be a token; nothing when it is garbled."""
    try:
        return base64.b64decode(text).decode().partition(":")[2]
    except ValueError:
        return ""


def _sees(caller: Caller, repo: Repository) -> bool:
    """Whether a classic token's scopes let it look at a private repository at all."""
    if not repo.private or caller.token is None or caller.token.kind is not TokenKind.CLASSIC:
        return True
    return bool(caller.token.scopes & {"repo", *caller.need.scopes})


def _version(asked: str) -> str:
    if asked in RETIRED_VERSIONS:
        raise Problem(410, f"The API version {asked} is no longer supported.")
    if asked not in VERSIONS:
        raise Problem(400, f"The X-GitHub-Api-Version header {asked} is not a supported version.")
    return asked
