"""People, organizations, teams and tokens of the sandbox GitHub."""

import secrets
from collections.abc import Iterable, Mapping

from leeroy_sandbox.github.labels import Labels
from leeroy_sandbox.github.model import Account, AccountType, Role, Team, Token, TokenKind
from leeroy_sandbox.github.state import MAINTAINER, Absent

SCOPES = ("repo", "read:org", "admin:repo_hook")
#: What a fine-grained or installation token may do when nothing else is said.
PERMISSIONS = {
    "metadata": "read",
    "statuses": "write",
    "pull_requests": "write",
    "issues": "write",
    "contents": "read",
    "webhooks": "write",
    "members": "read",
}


class Accounts(Labels):
    """Who there is, and what they may do."""

    def create_user(
        self, login: str, type: AccountType | str = AccountType.USER, *, email: str | None = None
    ) -> Account:
        """A new account; `renovate[bot]` is best given the type Bot."""
        with self.lock:
            account = self.add_account(login, AccountType(type))
            account.email = email or account.email
            return account

    def create_org(self, login: str, members: Iterable[str] = ()) -> Account:
        """A new organization, with its members; MAINTAINER owns it."""
        with self.lock:
            account = self.add_account(login, AccountType.ORGANIZATION)
            self.set_member(login, MAINTAINER, role="admin")
            for member in members:
                self.set_member(login, member)
            return account

    def set_member(
        self,
        org: str,
        login: str,
        *,
        role: str = "member",
        state: str = "active",
        public: bool = False,
    ) -> None:
        """Make somebody a member (or `admin`), perhaps only `pending`."""
        with self.lock:
            key = self.known(login).login.lower()
            owner = self.account(org)
            owner.members[key] = (role, state)
            (owner.public_members.add if public else owner.public_members.discard)(key)

    def remove_member(self, org: str, login: str) -> None:
        """Take somebody out of an organization and its teams."""
        with self.lock:
            owner = self.account(org)
            owner.members.pop(login.lower(), None)
            owner.public_members.discard(login.lower())
            for team in owner.teams.values():
                team.members.pop(login.lower(), None)

    def create_team(
        self, org: str, slug: str, members: Iterable[str] = (), *, parent: str | None = None
    ) -> None:
        """A new team; its members become the organization's too."""
        with self.lock:
            self.account(org).teams[slug] = Team(slug=slug, parent=parent)
            for login in members:
                self.set_team_member(org, slug, login)

    def set_team_member(self, org: str, slug: str, login: str, state: str = "active") -> None:
        """Put somebody in a team."""
        with self.lock:
            owner = self.account(org)
            if login.lower() not in owner.members:
                self.set_member(org, login)
            owner.teams[slug].members[login.lower()] = ("member", state)

    def team_membership(self, org: str, slug: str, login: str) -> tuple[str, str]:
        """Role and state in a team or one of its child teams."""
        teams = self.account(org).teams
        if slug not in teams:
            raise Absent(slug)
        own = teams[slug].members.get(login.lower())
        if own:
            return own
        for team in teams.values():
            if team.parent == slug:
                try:
                    return self.team_membership(org, team.slug, login)
                except Absent:
                    continue
        raise Absent(login)

    def set_permission(self, repo: str, login: str, role: Role | str) -> None:
        """Say what somebody may do in a repository; `none` takes it back."""
        with self.lock:
            found = self.repository(repo)
            key = self.known(login).login.lower()
            if Role(role) is Role.NONE:
                found.roles.pop(key, None)
            else:
                found.roles[key] = Role(role)

    def add_token(
        self,
        login: str,
        scopes: Iterable[str] = SCOPES,
        *,
        kind: TokenKind | str = TokenKind.CLASSIC,
        permissions: Mapping[str, str] | None = None,
        text: str | None = None,
    ) -> str:
        """A new token of somebody; its text."""
        with self.lock:
            kind = TokenKind(kind)
            token = Token(
                text=text or _token_text(kind),
                login=self.known(login).login,
                kind=kind,
                scopes=frozenset(scopes) if kind is TokenKind.CLASSIC else frozenset(),
                permissions=dict(PERMISSIONS if permissions is None else permissions),
            )
            self._tokens[token.text] = token
            return token.text

    def revoke_token(self, text: str) -> None:
        """Make a token worthless."""
        with self.lock:
            self._tokens.pop(text, None)

    def rotate_token(self, text: str) -> str:
        """Replace a token by a new one that may do the same, as Apps do every hour."""
        with self.lock:
            old = self._tokens.pop(text)
            return self.add_token(old.login, old.scopes, kind=old.kind, permissions=old.permissions)


def _token_text(kind: TokenKind) -> str:
    if kind is TokenKind.CLASSIC:
        return f"ghp_{secrets.token_hex(18)}"
    if kind is TokenKind.FINE_GRAINED:
        return f"github_pat_{secrets.token_hex(41)}"
    # Since April 2026 an installation's token is some 520 characters with dots in it.
    return f"ghs_123456_{secrets.token_hex(18)}.{secrets.token_hex(150)}.{secrets.token_hex(85)}"
