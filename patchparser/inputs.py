"""What the command is given: files, stdin, a checkout, each read into the library's types."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import click

from patchparser import git_checkout
from patchparser.attributes import Attributes
from patchparser.faults import PolicyError
from patchparser.git_checkout import Checkout, CheckoutError
from patchparser.github_json import (
    BadGitHubJson,
    Totals,
    parse_commits,
    parse_pull,
    parse_totals,
)
from patchparser.patch import PatchError, PatchSet, parse_diff
from patchparser.policy import DEFAULT_POLICY, Policy, read_policy
from patchparser.pull import Commit, Pull

#: Where a project keeps its policy, at the top of its checkout.
POLICY_FILE = ".patchparser.json"

#: From here on, a commit message file holds what the commit changes (git commit --verbose).
SCISSORS = "# ------------------------ >8 ------------------------"

T = TypeVar("T")


class WrongInput(click.ClickException):
    """What was given cannot be used; the message names the place and the way out."""

    exit_code = 2


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What ``--pull`` says."""

    pull: Pull = field(default_factory=Pull)
    totals: Totals = field(default_factory=Totals)
    #: The event's, where the file is an event.
    action: str | None = None


@dataclass(frozen=True, kw_only=True)
class Branch:
    """What a range of the checkout says."""

    patch: PatchSet
    commits: tuple[Commit, ...]
    pull: Pull
    attributes: Attributes


def find_checkout() -> Checkout | None:
    """Find the checkout the command runs in."""
    return git_checkout.find_checkout(Path.cwd())


def read_policy_file(name: str | None, checkout: Checkout | None) -> Policy:
    """Read the policy given, else the project's own, else take the default."""
    top = checkout.top if checkout else Path.cwd()
    if name is None and (top / POLICY_FILE).is_file():
        name = str(top / POLICY_FILE)
    if name is None:
        return DEFAULT_POLICY
    text = _decode(name, _read(name))
    try:
        policy = read_policy(text)
    except PolicyError as exc:
        raise WrongInput(_told(name, exc)) from exc
    return _with_labels_file(policy, top) if policy.labels_file else policy


def read_pull_file(name: str) -> Asked:
    """Read a pull request object, or an event that holds one, as GITHUB_EVENT_PATH does."""
    value = _json(name)
    action = None
    if isinstance(value, dict) and isinstance(value.get("pull_request"), dict):
        action = value.get("action") if isinstance(value.get("action"), str) else None
        value = value["pull_request"]
    return _parsed(
        name, lambda: Asked(pull=parse_pull(value), totals=parse_totals(value), action=action)
    )


def read_commits_file(name: str) -> tuple[Commit, ...]:
    """Read GitHub's array of commits."""
    value = _json(name)
    return _parsed(name, lambda: parse_commits(value))


def read_patch_file(diff: str | None, files: str | None, totals: Totals) -> PatchSet:
    """Read a unified diff, or GitHub's array of files."""
    if diff is not None:
        data = _read(diff)
        return _parsed(diff, lambda: parse_diff(data))
    from patchparser.github_files import parse_github_files

    name = files or ""
    value = _json(name)
    return _parsed(
        name,
        lambda: parse_github_files(
            value,
            changed_files=totals.changed_files,
            additions=totals.additions,
            deletions=totals.deletions,
        ),
    )


def read_branch(checkout: Checkout | None, text: str) -> Branch:
    """Read what a branch of the checkout would bring to its base."""
    if checkout is None:
        raise WrongInput(
            f"{Path.cwd()} is no git checkout; run this in one, or give --diff or --files"
        )
    span = _parsed("", lambda: checkout.find_range(text))
    data = _parsed("", lambda: checkout.read_diff(span))
    patch = _parsed(f"git diff {span.start[:10]}", lambda: parse_diff(data) if data else PatchSet())
    commits = _parsed("", lambda: checkout.read_commits(span))
    return Branch(
        patch=patch,
        commits=commits,
        pull=Pull(base=span.base, head=span.head, commit_count=len(commits)),
        attributes=checkout.read_attributes(file.path for file in patch),
    )


def read_message_file(name: str) -> str:
    """Read a commit message as git will keep it: without comments, without what it changes."""
    text = _read(name).decode("utf-8", errors="surrogateescape").partition(SCISSORS)[0]
    return "\n".join(line for line in text.split("\n") if not line.startswith("#"))


def path_in_checkout(path: str, checkout: Checkout | None) -> str:
    """Name a path as the checkout does, from wherever in it the command runs."""
    if checkout is None:
        return os.path.normpath(path)
    # Only the folder is resolved: a link in the checkout keeps its own name.
    whole = Path(os.path.normpath(Path.cwd().resolve() / path))
    top = checkout.top.resolve()
    return str(whole.relative_to(top)) if whole.is_relative_to(top) else os.path.normpath(path)


def _with_labels_file(policy: Policy, top: Path) -> Policy:
    from patchparser.labeler_yaml import parse_labeler_yaml

    name = str(top / policy.labels_file)
    data = _read(name)
    try:
        parsed = parse_labeler_yaml(data)
    except PolicyError as exc:
        raise WrongInput(_told(name, exc)) from exc
    for fault in parsed.ignored:
        click.echo(f"{name}: passed over: {fault}", err=True)
    return policy.with_label_rules(parsed.rules)


def _told(name: str, exc: PolicyError) -> str:
    return "\n".join([f"{name} cannot be used:", *(f"  {fault}" for fault in exc.faults)])


def _parsed(name: str, parse: Callable[[], T]) -> T:
    try:
        return parse()
    except (PatchError, BadGitHubJson, CheckoutError) as exc:
        raise WrongInput(f"{name}: {exc}" if name else str(exc)) from exc


def _json(name: str) -> object:
    text = _decode(name, _read(name))
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as exc:
        raise WrongInput(
            f"{name}: no JSON: {exc.msg} at line {exc.lineno}, column {exc.colno}"
        ) from exc
    except RecursionError as exc:
        raise WrongInput(f"{name}: nested too deeply") from exc
    return value


def _decode(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise WrongInput(f"{name}: no UTF-8 at byte {exc.start}") from exc


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as exc:
        raise WrongInput(f"{name}: {exc.strerror}") from exc
