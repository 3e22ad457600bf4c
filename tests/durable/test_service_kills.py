"""kill -9 between any two effects, and a restart: every build once, every status right."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from leeroy_sandbox.github import GitHub
from leeroy_sandbox.jenkins import Endpoint, Jenkins
from leeroy_sandbox.server import Server
from tests.stories.world import (
    JENKINS_TOKEN,
    NOTIFICATION_SECRET,
    PARAMETERS,
    REPO,
    a_config,
    add_hook,
    prepare_github,
)
from tests.waiting import PATIENCE, wait_for, wait_until_ready

JOBS = ("ci/widgets", "ci/docs")
BUILDS = [
    {"github_repo": REPO, "jenkins_job_name": job, "context": job.rpartition("/")[2]}
    for job in JOBS
]
#: Calls Leeroy makes at the least for a pull request that is opened and built twice: one to read
#: it, two triggers, two statuses; then it is read again, with both builds, and both are reported.
#: More where notifications are looked at apart.
CALLS = 9


class Killer:
    """Counts the calls that reach the sandboxes, and kills the caller at one of them."""

    def __init__(self, at: int, *, before: bool) -> None:
        self.at = at
        self.before = before
        self.count = 0
        self.victim: subprocess.Popen[bytes] | None = None
        self.killed = 0

    def wrap(self, app: Callable[..., object]) -> Callable[..., object]:
        """The application, at whose door the caller may die: before the work, or after it."""

        def guarded(environ, start):
            self.count += 1
            mine = self.count == self.at
            if mine and self.before:
                self._kill()
            answer = app(environ, start)
            if mine and not self.before:
                self._kill()
            return answer

        return guarded

    def _kill(self) -> None:
        assert self.victim is not None
        os.killpg(self.victim.pid, signal.SIGKILL)
        self.victim.wait()
        self.killed += 1


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def serve(stack: ExitStack, config: Path, port: int) -> subprocess.Popen[bytes]:
    """A real Leeroy, in a process group of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "leeroy", "serve", "--config", str(config), "--port", str(port)],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(_end, process)
    wait_until_ready(f"http://127.0.0.1:{port}", process)
    return process


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, CALLS + 1))
def test_killed_at_any_call_it_builds_once_and_reports_right(stack, tmp_path, at, before):
    killer = Killer(at, before=before)
    github = GitHub(tmp_path / "github")
    github_url = stack.enter_context(Server(killer.wrap(github.app))).url
    stack.callback(github.close)
    jenkins = stack.enter_context(Jenkins(tmp_path / "jenkins", quiet_period=0.0))
    jenkins.root_url = stack.enter_context(Server(killer.wrap(jenkins.wsgi))).url
    jenkins.add_user("leeroy", token=JENKINS_TOKEN)
    prepare_github(github)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    config = a_config(
        tmp_path, github_url, str(jenkins.root_url).rstrip("/"), builds=BUILDS, sweep_minutes=0
    )
    endpoint = Endpoint(url=f"{url}/notification/jenkins?secret={NOTIFICATION_SECRET}")
    for job in JOBS:
        jenkins.add_job(job, parameters=PARAMETERS, endpoints=[endpoint], result="SUCCESS")
    killer.victim = serve(stack, config.source, port)
    add_hook(github, url)
    github.wait_delivered()
    github.push(REPO, "rounder", {"src/widget.py": "round = True\n"})
    github.calls.clear()
    killer.count = 0
    number = github.open_pull(REPO, "rounder")
    sha = github.pull(REPO, number).head_sha

    def states() -> dict[str, str]:
        return {s.context: s.state for s in github.statuses(REPO, sha).latest.values()}

    def is_over() -> bool:
        return states() == {"widgets": "success", "docs": "success"}

    wait_for(lambda: killer.killed)
    serve(stack, config.source, port)
    # What Jenkins said while nobody listened is lost; a later notification, or the sweep, makes
    # Leeroy look. Here somebody sends one for each build.
    wait_for(lambda: all(jenkins.builds(job) for job in JOBS))
    jenkins.wait_idle()
    for job in JOBS:
        notify(url, job)
    wait_for(is_over)
    assert {job: len(jenkins.builds(job)) for job in JOBS} == dict.fromkeys(JOBS, 1)


def notify(url: str, job: str) -> None:
    note = {
        "name": job.rpartition("/")[2],
        "url": "".join(f"job/{part}/" for part in job.split("/")),
        "build": {"number": 1, "phase": "FINALIZED"},
    }
    address = f"{url}/notification/jenkins?secret={NOTIFICATION_SECRET}"
    requests.post(address, data=json.dumps(note), timeout=PATIENCE)


def free_port() -> int:
    """A port nobody listens on now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
