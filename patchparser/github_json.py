"""GitHub's pull request object and list of commits, as the checks see them.

https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from patchparser.pull import Commit, Identity, Pull, is_bots_address


class BadGitHubJson(ValueError):
    """The JSON is not what GitHub's API answers; the message names the place."""


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What the pull request object says there is, to tell when a list was cut."""

    changed_files: int | None = None
    additions: int | None = None
    deletions: int | None = None


def parse_pull(value: object) -> Pull:
    """Read the pull request object; what is absent stays empty.

    >>> parse_pull({"title": "Fix", "user": {"login": "ann"}, "head": {"ref": "x"}}).head
    'x'
    """
    pull = _object(value, "pull request")
    user = _optional_object(pull, "user", "pull request")
    labels = pull.get("labels") or []
    if not isinstance(labels, list):
        raise BadGitHubJson("pull request: labels must be a list")
    return Pull(
        title=_text(pull, "title", "pull request"),
        body=_text(pull, "body", "pull request"),
        labels=frozenset(_label(label, index) for index, label in enumerate(labels)),
        author=_text(user, "login", "pull request: user"),
        author_is_bot=_is_bot(user),
        head=_text(_optional_object(pull, "head", "pull request"), "ref", "pull request: head"),
        base=_text(_optional_object(pull, "base", "pull request"), "ref", "pull request: base"),
        is_draft=pull.get("draft") is True,
        commit_count=_count(pull, "commits"),
    )


def parse_totals(value: object) -> Totals:
    """Read how much the pull request object says was changed."""
    pull = _object(value, "pull request")
    return Totals(
        changed_files=_count(pull, "changed_files"),
        additions=_count(pull, "additions"),
        deletions=_count(pull, "deletions"),
    )


def parse_commits(value: object) -> tuple[Commit, ...]:
    """Read the list of a pull request's commits, all pages in one list."""
    if not isinstance(value, list):
        said = value.get("message") if isinstance(value, Mapping) else None
        more = f' (it says "{said}")' if isinstance(said, str) else ""
        raise BadGitHubJson(f"the commits must be the list that pulls/N/commits answers{more}")
    return tuple(_commit(item, f"commits[{index}]") for index, item in enumerate(value))


def _commit(value: object, path: str) -> Commit:
    item = _object(value, path)
    git = _object(item.get("commit"), f"{path}.commit")
    if not isinstance(git.get("message"), str):
        raise BadGitHubJson(f"{path}.commit: there is no message")
    # The account is null where the address is nobody's, and {} for some deleted ones.
    account = _optional_object(item, "author", path)
    parents = item.get("parents") or []
    if not isinstance(parents, list):
        raise BadGitHubJson(f"{path}: parents must be a list")
    author = _identity(git, "author", path)
    return Commit(
        sha=_text(item, "sha", path),
        message=git["message"],
        author=author,
        committer=_identity(git, "committer", path),
        parents=tuple(
            _text(_object(parent, f"{path}.parents"), "sha", f"{path}.parents")
            for parent in parents
        ),
        author_login=_text(account, "login", f"{path}.author"),
        author_is_bot=_is_bot(account) or is_bots_address(author.email),
    )


def _identity(git: Mapping[str, Any], role: str, path: str) -> Identity:
    person = _optional_object(git, role, f"{path}.commit")
    where = f"{path}.commit.{role}"
    return Identity(name=_text(person, "name", where), email=_text(person, "email", where))


def _is_bot(account: Mapping[str, Any]) -> bool:
    return account.get("type") == "Bot"


def _label(value: object, index: int) -> str:
    if isinstance(value, str):
        return value
    label = _object(value, f"pull request: labels[{index}]")
    return _text(label, "name", f"pull request: labels[{index}]")


def _object(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadGitHubJson(f"{path}: must be an object")
    return value


def _optional_object(holder: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any]:
    value = holder.get(key)
    return {} if value is None else _object(value, f"{path}.{key}")


def _text(holder: Mapping[str, Any], key: str, path: str) -> str:
    value = holder.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadGitHubJson(f"{path}: {key} must be text")
    return value


def _count(holder: Mapping[str, Any], key: str) -> int | None:
    value = holder.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
