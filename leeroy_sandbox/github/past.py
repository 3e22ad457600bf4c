"""The sandbox GitHub as it was: copies of its tables, and its git without what came later.

A table's copy shares what never changes (commits, statuses) and everything git knows, so that one is
made in less than a millisecond; a copy equal to the one before it is not kept.
"""

import copy
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from leeroy_sandbox.git import Bare, GitFailed
from leeroy_sandbox.gitformat import FULL_SHA
from leeroy_sandbox.github.model import Account, Pull, Repository
from leeroy_sandbox.github.state import State

#: Where git looks for a name: https://git-scm.com/docs/gitrevisions
PLACES = ("", "refs/", "refs/tags/", "refs/heads/")
#: What was worked out for a head and a base holds at any time, and is shared.
SHARED = frozenset({"merges", "merge_reads"})


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What GitHub knew at one moment; tokens are always those of now."""

    accounts: dict[str, Account]
    repositories: dict[int, Repository]
    names: dict[str, int]


def tables_of(state: State) -> Tables:
    """A copy that later changes leave alone."""
    return Tables(
        accounts=_copied(state._accounts),
        repositories=_copied(state._repositories),
        names=dict(state._names),
    )


def show(past: State, now: State, then: Tables) -> None:
    """Make `past`, a copy of `now`, be as the tables say."""
    past.__dict__.update(now.__dict__)
    past._accounts, past._names = then.accounts, then.names
    past._repositories = {
        number: replace(repo, git=GitThen(repo, now._repositories.get(number)))
        for number, repo in then.repositories.items()
    }


def refs_of(repo: Repository) -> dict[str, str]:
    """Every ref a repository's tables tell of, and its sha."""
    refs = {f"refs/heads/{name}": sha for name, sha in repo.branches.items()}
    for number, pull in repo.pulls.items():
        refs[f"refs/pull/{number}/head"] = pull.head_sha
        if pull.merge_ref:
            refs[f"refs/pull/{number}/merge"] = pull.merge_ref
    return refs | {f"refs/tags/{name}": sha for name, sha in repo.tags.items()}


class GitThen(Bare):
    """A repository's git as it was: names and commits that came later are not there."""

    def __init__(self, then: Repository, now: Repository | None) -> None:
        # Not Bare's own: nothing is made here, and what git said is remembered by both.
        self.__dict__.update(then.git.__dict__)
        self._refs = refs_of(then)
        self._tips = set(self._refs.values())
        self._tips_now = set(refs_of(now).values()) if now else set()

    def refs(self) -> dict[str, str]:
        """Every ref and the sha it pointed at."""
        return dict(sorted(self._refs.items()))

    def point(self, ref: str, sha: str) -> None:
        """Nothing: the past is only looked at."""

    def resolve(self, name: str) -> str | None:
        """The commit a sha or a ref's name stood for."""
        for place in PLACES:
            if place + name in self._refs:
                return self._refs[place + name]
        found = super().resolve(name)
        if found is None or not found.startswith(name.lower()) or self._came_later(found):
            return None
        return found

    def _came_later(self, sha: str) -> bool:
        """Whether a ref of now leads to it, and none of then did."""
        if sha in self._tips or not FULL_SHA.fullmatch(sha):
            return False
        return not self._leads_to(self._tips, sha) and self._leads_to(self._tips_now, sha)

    def _leads_to(self, tips: set[str], sha: str) -> bool:
        asked = "\n".join([sha, *(f"^{tip}" for tip in tips)]) + "\n"
        try:
            return not self.run("rev-list", "-n1", "--stdin", given=asked.encode()).strip()
        except GitFailed:
            return False


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    if isinstance(value, list | set):
        return type(value)(_copied(one) for one in value)
    if not is_dataclass(value) or vars(type(value))["__dataclass_params__"].frozen:
        return value
    made = copy.copy(value)
    shared = SHARED if isinstance(value, Pull) else frozenset()
    for field in fields(value):
        if field.name not in shared:
            setattr(made, field.name, _copied(getattr(value, field.name)))
    return made
