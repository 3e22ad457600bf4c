"""Run a job's script as a freestyle job does: in a workspace, on a checkout, with `sh -xe`."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from string import Template

from leeroy_sandbox.jenkins.builds import Build, Revision
from leeroy_sandbox.jenkins.jobs import Job

_SHA = re.compile(r"[0-9a-f]{40}")
# What a build may know of the machine; the rest of our environment is none of its business.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


class CheckoutFailed(Exception):
    """git could not get the revision; the build's log says why."""


class Workspaces:
    """Directories to build in: each build has its own, and the next of its job finds it again."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._taken: set[Path] = set()
        self._lock = threading.Lock()

    def take(self, job: Job) -> Path:
        """A directory that no other build is using."""
        with self._lock:
            number = 1
            while (path := self._path(job, number)) in self._taken:
                number += 1
            self._taken.add(path)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def give_back(self, path: Path) -> None:
        """The build is over."""
        with self._lock:
            self._taken.discard(path)

    def _path(self, job: Job, number: int) -> Path:
        # Jenkins calls the second one `name@2`.
        return self._root / (job.full_name + (f"@{number}" if number > 1 else ""))


def named_revision(build: Build) -> Revision | None:
    """What the build is to check out, by its job's settings and its parameters alone."""
    job = build.job
    if job.head:
        return Revision(url=_filled(job.git_url, build), commit=job.head.commit, branch="detached")
    if not job.git_url:
        return None
    wanted = _filled(job.revision, build)
    if not wanted or "$" in wanted:
        wanted = "HEAD"
    branch = "detached" if _SHA.fullmatch(wanted) else f"origin/{wanted}"
    return Revision(url=_filled(job.git_url, build), commit=wanted, branch=branch)


def check_out(build: Build, wanted: Revision, workspace: Path) -> Revision:
    """Fetch and check out the revision; says what was checked out."""
    build.say(f"Cloning repository {wanted.url}")
    if not (workspace / ".git").exists():
        _git(build, workspace, "init", "--quiet")
    _git(build, workspace, "fetch", "--quiet", "--no-tags", wanted.url, wanted.commit)
    _git(build, workspace, "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD")
    _git(build, workspace, "clean", "-fdxq")
    commit = _git(build, workspace, "rev-parse", "HEAD").strip()
    build.say(f"Checking out Revision {commit} ({wanted.branch})")
    return Revision(
        url=wanted.url,
        commit=commit,
        branch=wanted.branch,
        changes=_changes(build, workspace, commit),
    )


def run_script(build: Build, environment: Mapping[str, str], workspace: Path) -> int:
    """Run the job's script; its exit code. Stopping the build ends it and all it started."""
    process = subprocess.Popen(
        ["/bin/sh", "-xe", "-c", build.job.shell],
        cwd=workspace,
        env={**_inherited(), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )

    def end() -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)

    build.interrupt = end
    if build.interrupted.is_set():  # it was stopped before there was anything to end
        end()
    assert process.stdout
    with process:
        for line in process.stdout:
            build.log += line
    build.interrupt = None
    return process.returncode


def _changes(build: Build, workspace: Path, commit: str) -> tuple[str, ...]:
    before = build.previous.revision if build.previous else None
    if before is None:
        return ()
    try:
        names = _git(build, workspace, "diff", "--name-only", "-z", before.commit, commit)
    except CheckoutFailed:  # the earlier commit was never fetched here
        return ()
    return tuple(name for name in names.split("\0") if name)


def _git(build: Build, workspace: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=workspace,
        env={**_inherited(), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        build.log += done.stderr
        raise CheckoutFailed(f"git {arguments[0]} failed")
    return done.stdout.decode(errors="replace")


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def _filled(template: str, build: Build) -> str:
    return Template(template).safe_substitute(build.environment(None, ""))
