"""GitHub Apps of the sandbox GitHub: what they are, where they are installed, and their tokens."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from leeroy_sandbox.github.accounts import PERMISSIONS
from leeroy_sandbox.github.assertions import PublicKey, check_assertion, read_claims
from leeroy_sandbox.github.model import (
    Account,
    App,
    Installation,
    Repository,
    Role,
    Token,
    TokenKind,
)
from leeroy_sandbox.github.renames import Renames
from leeroy_sandbox.github.state import Absent, Refused

#: How long an installation's token holds.
TOKEN_SECONDS = 3600


class Apps(Renames):
    """What is done to apps."""

    def create_app(
        self,
        slug: str,
        owner: str,
        *,
        key: PublicKey | None = None,
        permissions: Mapping[str, str] | None = None,
    ) -> App:
        """Register an app; it acts as `slug[bot]`. Without a `key` nobody checks its signature."""
        with self.lock:
            self.known(f"{slug}[bot]")
            app = App(
                id=self.next_id(),
                slug=slug,
                owner=self.known(owner).id,
                created=self.now(),
                key=key,
                permissions=dict(PERMISSIONS if permissions is None else permissions),
            )
            self._apps[app.id] = app
            return app

    def install_app(
        self, slug: str, account: str, repositories: Iterable[str] | None = None
    ) -> Installation:
        """Install an app for all of an account's repositories, or for some."""
        with self.lock:
            app = next(one for one in self._apps.values() if one.slug == slug)
            chosen = None
            if repositories is not None:
                chosen = frozenset(self.repository(name).id for name in repositories)
            made = Installation(
                id=self.next_id(),
                app=app.id,
                account=self.known(account).id,
                repositories=chosen,
                created=self.now(),
            )
            self._installations[made.id] = made
            return made

    def suspend_installation(self, number: int, suspended: bool = True) -> None:
        """Take all rights from an installation, or give them back."""
        with self.lock:
            self._installations[number].suspended = self.now() if suspended else None

    def app_of(self, assertion: str) -> App:
        """The app that signed; raises `BadAssertion`, and `Absent` for one nobody registered."""
        claims = read_claims(assertion)
        for app in self._apps.values():
            if str(claims.get("iss")) in (str(app.id), app.client_id):
                check_assertion(assertion, app.key, self.now())
                return app
        raise Absent("Integration not found")

    def installations(self) -> list[Installation]:
        """All of them, of all apps."""
        return list(self._installations.values())

    def installation(self, app: App, number: int) -> Installation:
        """One of the app's."""
        found = self._installations.get(number)
        if found is None or found.app != app.id:
            raise Absent(f"installation {number}")
        return found

    def installation_on(self, app: App, owner: str, repository: int | None) -> Installation:
        """The app's installation for an account, or for one of its repositories."""
        account = self.account(owner).id
        for found in self._installations.values():
            if (found.app, found.account) != (app.id, account):
                continue
            if found.covers(account, repository):
                return found
        raise Absent(f"{app.slug} is not installed for {owner}")

    def installation_token(
        self, number: int, permissions: Mapping[str, str] | None = None
    ) -> Token:
        """A new token of an installation, for an hour; with fewer permissions if asked."""
        with self.lock:
            found = self._installations[number]
            app = self._apps[found.app]
            wanted = app.permissions if permissions is None else permissions
            if any(
                app.permissions.get(area) not in (level, "write") for area, level in wanted.items()
            ):
                raise Refused("The permissions requested are not granted to this installation.")
            text = self.add_token(
                f"{app.slug}[bot]", kind=TokenKind.INSTALLATION, permissions=wanted
            )
            expires = self.now() + TOKEN_SECONDS
            made = replace(self._tokens[text], installation=number, expires=expires)
            self._tokens[text] = made
            return made

    def app_role(self, token: Token, repo: Repository) -> Role:
        """What the token of an installation may do at most; its permissions say the rest."""
        if token.installation is None:
            return Role.ADMIN
        found = self._installations[token.installation]
        if found.suspended is None and found.covers(self.account(repo.owner).id, repo.id):
            return Role.ADMIN
        return self.role(repo, None)

    def account_by_id(self, number: int) -> Account:
        """An account, by its id."""
        return next(one for one in self._accounts.values() if one.id == number)
