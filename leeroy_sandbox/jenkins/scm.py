"""Check out as the Git plugin does: fetch what the refspecs say, then look for the branch specifier.

A sha is not asked for: it is found among what was fetched, or it is not. https://plugins.jenkins.io/git/
"""

import os
import re
import subprocess
from pathlib import Path
from string import Template
from urllib.parse import unquote, urlsplit

from leeroy_sandbox.jenkins.builds import Build, Revision
from leeroy_sandbox.jenkins.shell import inherited

_SHA = re.compile(r"[0-9a-f]{6,40}")
_REMOTE = "refs/remotes/origin/"


class CheckoutFailed(Exception):
    """git could not get the revision; the build's log says why."""


class NoRevision(CheckoutFailed):
    """Nothing that was fetched is what the job wants to build."""

    def __init__(self) -> None:
        super().__init__(
            "Couldn't find any revision to build. Verify the repository and branch configuration "
            "for this job."
        )


def wanted_revision(build: Build) -> str:
    """The job's branch specifier, filled in from the build's parameters."""
    return build.job.head.commit if build.job.head else _filled(build.job.revision, build)


def remote_url(build: Build) -> str:
    """The repository, filled in likewise; empty when the job has none."""
    return _filled(build.job.git_url, build)


def named_revision(build: Build) -> Revision | None:
    """What a build that runs nothing says it checked out: the sha it was given, whatever that is."""
    commit, url = wanted_revision(build), remote_url(build)
    if not (url or build.job.head) or len(commit) != 40 or not _SHA.fullmatch(commit):
        return None
    return Revision(url=url, commit=commit, branch="detached")


def is_here(url: str) -> bool:
    """Whether a repository is on this machine, and can be fetched from."""
    return Path(_path(url)).is_dir() if url else False


def check_out(build: Build, workspace: Path) -> Revision:
    """Fetch, find the revision and check it out; says what was checked out."""
    url, refspecs = remote_url(build), _filled(build.job.refspec, build).split()
    build.say(f"Cloning repository {url}")
    if not (workspace / ".git").exists():
        _git(build, workspace, "init", "--quiet")
    prune = ["--prune"] if build.job.prune else []
    _git(build, workspace, "fetch", "--quiet", "--tags", "--force", *prune, "--", url, *refspecs)
    commit, branch = _find(build, workspace, wanted_revision(build))
    build.say(f"Checking out Revision {commit} ({branch})")
    _git(build, workspace, "checkout", "--quiet", "--force", "--detach", commit)
    _git(build, workspace, "clean", "-fdxq")
    return Revision(
        url=url, commit=commit, branch=branch, changes=_changes(build, workspace, commit)
    )


def branch_pattern(specifier: str) -> re.Pattern[str]:
    """Which branches, with their remote before them, a specifier with wildcards means.

    >>> bool(branch_pattern("*/main").fullmatch("origin/main"))
    True
    >>> [bool(branch_pattern("pr/*").fullmatch(one)) for one in ("pr/7", "pr/7/head")]
    [True, False]
    """
    if specifier.startswith(":"):
        return re.compile(specifier[1:])
    if "/" not in specifier and "**" not in specifier:
        specifier = f"*/{specifier}"
    parts = re.split(r"(\*\*|\*)", specifier.removeprefix("refs/heads/"))
    wild = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(wild.get(part, re.escape(part)) for part in parts))


def _find(build: Build, workspace: Path, wanted: str) -> tuple[str, str]:
    """The commit and its name, in the order in which the plugin looks."""
    if "*" in wanted or wanted.startswith(":"):
        return _newest(build, workspace, branch_pattern(wanted))
    if _SHA.fullmatch(wanted) and (commit := _resolve(workspace, wanted)):
        return commit, "detached"
    names = [f"{_REMOTE}{wanted}"]
    if "/" in wanted:
        branch = wanted.removeprefix("refs/heads/").removeprefix("remotes/")
        names = [f"{_REMOTE}{branch.removeprefix('origin/')}", wanted, *names]
    for name in (*names, wanted):
        if wanted and (commit := _resolve(workspace, name)):
            return commit, name.removeprefix("refs/remotes/")
    raise NoRevision


def _newest(build: Build, workspace: Path, pattern: re.Pattern[str]) -> tuple[str, str]:
    """Of the branches that match, the one with the latest commit."""
    listed = _git(
        build, workspace, "for-each-ref", "--sort=-committerdate",
        "--format=%(objectname) %(refname)", "refs/remotes",
    )  # fmt: skip
    for line in listed.splitlines():
        commit, _, name = line.partition(" ")
        branch = name.removeprefix("refs/remotes/")
        if pattern.fullmatch(branch) or pattern.fullmatch(branch.removeprefix("origin/")):
            return commit, branch
    raise NoRevision


def _changes(build: Build, workspace: Path, commit: str) -> tuple[str, ...]:
    before = build.previous.revision if build.previous else None
    if before is None or not _resolve(workspace, before.commit):
        return ()
    names = _git(build, workspace, "diff", "--name-only", "-z", before.commit, commit)
    return tuple(name for name in names.split("\0") if name)


def _resolve(workspace: Path, name: str) -> str | None:
    done = _run(workspace, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^0")
    return done.stdout.decode().strip() if done.returncode == 0 else None


def _git(build: Build, workspace: Path, *arguments: str) -> str:
    done = _run(workspace, *arguments)
    if done.returncode:
        build.log += done.stderr
        where = "fetching remote repo 'origin'" if arguments[0] == "fetch" else arguments[0]
        raise CheckoutFailed(f"Error {where}")
    return done.stdout.decode(errors="replace")


def _run(workspace: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        ["git", *arguments],
        cwd=workspace,
        env={**inherited(), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


def _path(url: str) -> str:
    return unquote(urlsplit(url).path) if url.startswith("file:") else url


def _filled(template: str, build: Build) -> str:
    return Template(template).safe_substitute(build.environment(None, ""))
