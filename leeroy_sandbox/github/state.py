"""The tables of the sandbox GitHub, and what every part of it looks up in them."""

import itertools
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from leeroy_sandbox.git import Bare
from leeroy_sandbox.gitformat import EMPTY_TREE, Person
from leeroy_sandbox.github.model import (
    Account,
    AccountType,
    App,
    Comment,
    Installation,
    Pull,
    Repository,
    Role,
    Token,
)

#: Who acts in an organization's repository when nobody is named.
MAINTAINER = "mona"


class Absent(LookupError):
    """What was asked for is not there; GitHub says 404."""


class Refused(Exception):
    """GitHub says 422; `errors` as its body has them."""

    def __init__(self, message: str, errors: list[dict[str, object]] | None = None) -> None:
        super().__init__(message)
        self.errors = errors


class State:
    """Accounts, tokens and repositories, behind one lock."""

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.root = root
        #: Where its HTTP side answers; `serve` sets it.
        self.url = "http://127.0.0.1"
        self.clock = clock
        #: How many times a pull request is read before its mergeability is known.
        self.reads_before_mergeable = 1
        self.lock: AbstractContextManager[object] = threading.RLock()
        self._accounts: dict[str, Account] = {}
        self._tokens: dict[str, Token] = {}
        self._apps: dict[int, App] = {}
        self._installations: dict[int, Installation] = {}
        self._repositories: dict[int, Repository] = {}
        #: Lower-case full name -> id, of today and of before renames.
        self._names: dict[str, int] = {}
        self._ids = itertools.count(1001)
        self._last_commit = 0
        #: Every commit ever pushed here, oldest first.
        self._written: list[str] = []

    def now(self) -> int:
        """Whole seconds, as GitHub tells time."""
        return int(self.clock())

    def next_id(self) -> int:
        """A number nothing else has."""
        return next(self._ids)

    def account(self, login: str) -> Account:
        """An account, by login in any case."""
        found = self._accounts.get(login.lower())
        if found is None:
            raise Absent(login)
        return found

    def known(self, login: str) -> Account:
        """An account; made as a plain user when there is none, for anybody may sign up."""
        with self.lock:
            if login.lower() not in self._accounts:
                kind = AccountType.BOT if login.endswith("[bot]") else AccountType.USER
                self.add_account(login, kind)
            return self._accounts[login.lower()]

    def add_account(self, login: str, kind: AccountType) -> Account:
        """A new account."""
        number = self.next_id()
        plain = login.removesuffix("[bot]")
        account = Account(
            id=number,
            login=login,
            type=kind,
            name=plain.capitalize(),
            email=f"{plain}@example.com",
            created=self.now(),
        )
        self._accounts[login.lower()] = account
        return account

    def account_of(self, email: str) -> Account | None:
        """Whose commits these are, by e-mail address."""
        wanted = email.lower()
        return next((a for a in self._accounts.values() if a.email.lower() == wanted), None)

    def token(self, text: str) -> Token | None:
        """The token of this text, as long as it holds."""
        found = self._tokens.get(text)
        if found and found.expires is not None and found.expires <= self.now():
            return None
        return found

    def repository(self, name: str | int) -> Repository:
        """A repository, by owner/name (also a former one) or id."""
        number = name if isinstance(name, int) else self._names.get(name.lower(), 0)
        found = self._repositories.get(number)
        if found is None:
            raise Absent(f"{name}: no such repository")
        return found

    def repositories(self) -> list[Repository]:
        """All of them."""
        return list(self._repositories.values())

    def start_of(self, repo: Repository, pull: Pull) -> str:
        """The commit from which a pull request's changes are counted: its merge base."""
        return repo.git.merge_base(pull.base_sha, pull.head_sha) or EMPTY_TREE

    def pull(self, repo: str | int, number: int) -> Pull:
        """A pull request."""
        found = self.repository(repo).pulls.get(number)
        if found is None:
            raise Absent(f"{repo}#{number}: no such pull request")
        return found

    def role(self, repo: Repository, login: str | None) -> Role:
        """What somebody may do in a repository; None is a caller without a token."""
        given = repo.roles.get(login.lower(), Role.NONE) if login else Role.NONE
        least = Role.NONE if repo.private else Role.READ
        if login:
            if login.lower() == repo.owner.lower():
                return Role.ADMIN
            role, state = self.account(repo.owner).members.get(login.lower(), ("", ""))
            if state == "active":
                if role == "admin":
                    return Role.ADMIN
                least = Role.READ
        return given if given.covers(least) else least

    def association(self, repo: Repository, login: str, *, of_pull: bool = False) -> str:
        """GitHub's `author_association`: a hint, and only public memberships are told."""
        owner = self.account(repo.owner)
        if login.lower() == repo.owner.lower():
            return "OWNER"
        if login.lower() in owner.members and login.lower() in owner.public_members:
            return "MEMBER"
        if login.lower() in repo.roles:
            return "COLLABORATOR"
        if any(p.merged and p.author.lower() == login.lower() for p in repo.pulls.values()):
            return "CONTRIBUTOR"
        return "FIRST_TIME_CONTRIBUTOR" if of_pull else "NONE"

    def acting(self, repo: Repository, login: str | None = None) -> Account:
        """Who does something: the one named, the owner, or an organization's maintainer."""
        if login:
            return self.known(login)
        owner = self.account(repo.owner)
        return self.known(MAINTAINER) if owner.type is AccountType.ORGANIZATION else owner

    def find_comment(self, repo: Repository, number: int, *, review: bool) -> tuple[Pull, Comment]:
        """A comment by its id, and where it stands."""
        for pull in repo.pulls.values():
            for comment in pull.review_comments if review else pull.comments:
                if comment.id == number:
                    return pull, comment
        raise Absent(f"comment {number}")

    def person(self, account: Account, given: tuple[str, str] | None = None) -> Person:
        """Who writes a commit now; every commit is a second later than the one before."""
        self._last_commit = max(self._last_commit + 1, self.now())
        name, email = given or (account.name, account.email)
        return Person(name=name, email=email, when=self._last_commit)

    def git_path(self, full_name: str) -> Path:
        """Where a repository's git directory is: jobs clone from here."""
        return self.root / f"{full_name}.git"

    def open_git(self, full_name: str, network: int) -> Bare:
        """A git repository that shares its network's objects."""
        return Bare(self.git_path(full_name), self.root / "networks" / str(network))
