"""People, organizations and repositories that change their names; their ids stay."""

import shutil
from dataclasses import replace
from typing import TypeVar

from leeroy_sandbox.github.model import Account, AccountType, Pull, Repository
from leeroy_sandbox.github.render.people import Json, simple_user
from leeroy_sandbox.github.state import Refused
from leeroy_sandbox.github.statuses import Statuses

T = TypeVar("T")


class Renames(Statuses):
    """What is called otherwise from now on, and what hooks are told of it."""

    def rename_repo(self, full_name: str, new_name: str) -> str:
        """Give a repository another name; the old one redirects. The new full name."""
        with self.lock:
            repo = self.repository(full_name)
            was = repo.name
            self._move(repo, repo.owner, new_name)
            changes = {"repository": {"name": {"from": was}}}
            self._told_of_name(repo, "renamed", {"changes": changes})
            return repo.full_name

    def transfer_repo(self, full_name: str, new_owner: str) -> str:
        """Give a repository another owner; the old name redirects. The new full name."""
        with self.lock:
            repo = self.repository(full_name)
            old, new = self.account(repo.owner), self.known(new_owner)
            self._move(repo, new.login, repo.name)
            kind = "organization" if old.type is AccountType.ORGANIZATION else "user"
            changes = {"owner": {"from": {kind: simple_user(self, old)}}}
            self._told_of_name(repo, "transferred", {"changes": changes})
            return repo.full_name

    def rename_user(self, login: str, new_login: str) -> Account:
        """Give an account another login; the old one is free for somebody else.

        All it did is from now on by the new login, with the id it always had. Names of its
        repositories redirect.
        """
        with self.lock:
            account = self.account(login)
            if new_login.lower() in self._accounts:
                raise Refused(f"{new_login} is taken")
            own = [r for r in self.repositories() if r.owner == account.login]
            for repo in own:
                self._move(repo, new_login, repo.name)
            del self._accounts[account.login.lower()]
            old, account.login = account.login, new_login
            self._accounts[new_login.lower()] = account
            self._tokens = {
                text: replace(token, login=new_login) if token.login == old else token
                for text, token in self._tokens.items()
            }
            for other in self._accounts.values():
                _rename_member(other, old.lower(), new_login.lower())
            for repo in self.repositories():
                _rename_in(repo, old, new_login)
            return account

    def _move(self, repo: Repository, owner: str, name: str) -> None:
        old_path = self.git_path(repo.full_name)
        repo.owner, repo.name = owner, name
        self._names[repo.full_name.lower()] = repo.id
        new_path = self.git_path(repo.full_name)
        new_path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(old_path, new_path)
        repo.git.path = new_path
        for base in self.repositories():
            for pull in base.pulls.values():
                if pull.head_repo == repo.id:
                    pull.head_owner = owner

    def _told_of_name(self, repo: Repository, action: str, changes: Json) -> None:
        self.emit("repository", repo, self.acting(repo), lambda: changes, action)


def _rename_member(owner: Account, old: str, new: str) -> None:
    owner.members = _renamed(owner.members, old, new)
    owner.public_members = set(_renamed(dict.fromkeys(owner.public_members), old, new))
    for team in owner.teams.values():
        team.members = _renamed(team.members, old, new)


def _rename_in(repo: Repository, old: str, new: str) -> None:
    repo.roles = _renamed(repo.roles, old.lower(), new.lower())
    for said in repo.statuses.values():
        said[:] = [replace(one, creator=new) if one.creator == old else one for one in said]
    for pull in repo.pulls.values():
        _rename_on(pull, old, new)


def _rename_on(pull: Pull, old: str, new: str) -> None:
    pull.author = new if pull.author == old else pull.author
    pull.merged_by = new if pull.merged_by == old else pull.merged_by
    pull.head_owner = new if pull.head_owner == old else pull.head_owner
    for review in pull.reviews:
        review.login = new if review.login == old else review.login
    for comment in (*pull.comments, *pull.review_comments):
        comment.login = new if comment.login == old else comment.login
        comment.reactions = {
            (new if login == old else login, content): number
            for (login, content), number in comment.reactions.items()
        }


def _renamed(table: dict[str, T], old: str, new: str) -> dict[str, T]:
    return {new if key == old else key: value for key, value in table.items()}
