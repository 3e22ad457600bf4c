"""Run a job's script as a freestyle job does: in a workspace, with `sh -xe`."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from leeroy_sandbox.jenkins.builds import Build
from leeroy_sandbox.jenkins.jobs import Job

# What a build may know of the machine; the rest of our environment is none of its business.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


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


def run_script(build: Build, environment: Mapping[str, str], workspace: Path) -> int:
    """Run the job's script; its exit code. Stopping the build ends it and all it started."""
    process = subprocess.Popen(
        ["/bin/sh", "-xe", "-c", build.job.shell],
        cwd=workspace,
        env={**inherited(), **environment},
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


def inherited() -> dict[str, str]:
    """What a build's commands know of the machine."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}
