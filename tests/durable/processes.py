"""Real processes of Leeroy between two sandboxes, on one database."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine, select

from leeroy.database import open_database, read
from leeroy.queue.tables import subjects
from leeroy_sandbox.github import GitHub
from leeroy_sandbox.jenkins import Endpoint, Jenkins
from leeroy_sandbox.server import Server
from tests.databases import make_tables
from tests.stories.world import (
    JENKINS_TOKEN,
    NOTIFICATION_SECRET,
    PARAMETERS,
    REPO,
    a_config,
    add_hook,
    prepare_github,
)
from tests.waiting import PATIENCE, UNHURRIED, wait_for, wait_until_ready

JOB = "ci/widgets"
#: What GitHub and Jenkins are given to answer in where they do not: nobody may wait for that.
FOR_EVER = 10 * PATIENCE
#: A server or worker that gives its looks all the time they need to end.
WITH_TIME_FOR_LOOKS = f"""
from leeroy.cli import serve, work
serve.LOOKS_GRACE_SECONDS = work.GRACE_SECONDS = {PATIENCE}
{UNHURRIED}
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
#: A worker on another machine, whose lease is short so that nobody waits long for its end.
ELSEWHERE = """
import socket
from leeroy import services
socket.gethostname = lambda: {host!r}
services.LEASE_SECONDS = {lease}
from leeroy.cli import main
main()
"""


@dataclass
class Fleet:
    """Sandboxes, a database, and the processes started so far."""

    folder: Path
    github: GitHub
    jenkins: Jenkins
    config: Path
    engine: Engine
    stack: ExitStack
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    #: What is started as Leeroy.
    program: tuple[str, ...] = (sys.executable, "-m", "leeroy")

    def serve(self, *options: str) -> str:
        """A real ``leeroy serve`` that is ready; its address."""
        process = self._start(self.program, "serve", "--port", "0", *options)
        url = self._said_address(process)
        wait_until_ready(url, process, self.log.read_text)
        return url

    def work(self, *options: str) -> subprocess.Popen[bytes]:
        """A real ``leeroy work``."""
        return self._start(self.program, "work", *options)

    def work_elsewhere(self, host: str, *, lease: float) -> subprocess.Popen[bytes]:
        """The same, as on another machine, with a lease of so many seconds."""
        code = ELSEWHERE.format(host=host, lease=lease)
        return self._start((sys.executable, "-c", code), "work")

    def command(self, *words: str) -> str:
        """What a command says that ends by itself, and well."""
        done = subprocess.run(
            [sys.executable, "-m", "leeroy", *words, "--config", str(self.config)],
            cwd=self.folder,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def tell(self, github: str, jenkins: str) -> None:
        """Have GitHub and Jenkins call these addresses."""
        endpoint = Endpoint(url=f"{jenkins}/notification/jenkins?secret={NOTIFICATION_SECRET}")
        self.jenkins.add_job(JOB, parameters=PARAMETERS, endpoints=[endpoint], result="SUCCESS")
        add_hook(self.github, github)
        self.github.wait_delivered()

    def open_pulls(self, count: int) -> list[int]:
        """So many pull requests at once; GitHub tells of all of them."""
        numbers = self.github.open_pulls_quickly(REPO, count)
        for number in numbers:
            self.github.announce(REPO, number)
        return numbers

    def state(self, number: int) -> str:
        """What the pull request's status says."""
        sha = self.github.pull(REPO, number).head_sha
        latest = self.github.statuses(REPO, sha).latest
        return next((s.state for s in latest.values() if s.context == "janky"), "")

    def built(self) -> list[int]:
        """The pull request of each build and each item in the queue, in order."""
        started: list[Any] = [*self.jenkins.builds(JOB), *self.jenkins.queue()]
        return sorted(
            int(value.value) for one in started for value in one.parameters if value.name == "PR"
        )

    def holder(self, subject: str) -> str:
        """Who looks at a subject now: host, process id and start; empty: nobody."""
        found = select(subjects.c.leased_by).where(subjects.c.name == subject)
        with read(self.engine) as connection:
            return connection.execute(found).scalar() or ""

    def pid_of(self, subject: str) -> int:
        """The process that looks at a subject, once one does."""
        wait_for(lambda: self.holder(subject))
        return int(self.holder(subject).split(":")[1])

    def _start(self, program: tuple[str, ...], *options: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            process = subprocess.Popen(
                [*program, *options, "--config", str(self.config)],
                cwd=self.folder,
                env=ENVIRONMENT,
                start_new_session=True,
                stderr=out,
            )
        self.processes.append(process)
        self.stack.callback(end, process)
        return process

    def _said_address(self, process: subprocess.Popen[bytes]) -> str:
        """Where a server listens, which says so once it does."""
        index = sum("serve" in p.args for p in self.processes)  # type: ignore[operator]

        def said() -> list[str]:
            assert process.poll() is None, self.log.read_text()
            lines = self.log.read_text().splitlines()
            return [line for line in lines if "listening at" in line]

        wait_for(lambda: len(said()) >= index)
        return said()[index - 1].rpartition(" ")[2]


@contextmanager
def make_fleet(
    folder: Path, database_url: str, *, is_migrated: bool = True, **settings: Any
) -> Iterator[Fleet]:
    """The sandboxes and a database; no process of Leeroy runs yet.

    ``door`` stands before GitHub's application.
    """
    jenkins_settings = settings.pop("jenkins_settings", {"quiet_period": 0.0, "executors": 8})
    door = settings.pop("door", lambda app: app)
    settings = {"github_timeout": FOR_EVER, "jenkins": {"timeout": FOR_EVER}, **settings}
    with ExitStack() as stack:
        github = GitHub(folder / "github")
        github_url = stack.enter_context(Server(door(github.app))).url
        stack.callback(github.close)
        stack.callback(github.faults.clear)
        jenkins = stack.enter_context(Jenkins(folder / "jenkins", **jenkins_settings))
        jenkins_url = stack.enter_context(Server(jenkins.wsgi)).url
        stack.callback(jenkins.faults.clear)
        jenkins.root_url = jenkins_url
        jenkins.add_user("leeroy", token=JENKINS_TOKEN)
        prepare_github(github)
        for sandbox in (github, jenkins):
            sandbox.faults.longest_hold = FOR_EVER
        github.deliveries.timeout = PATIENCE
        config = a_config(folder, github_url, jenkins_url, database_url=database_url, **settings)
        engine = open_database(database_url)
        stack.callback(engine.dispose)
        if is_migrated:
            make_tables(engine)
        yield Fleet(
            folder=folder,
            github=github,
            jenkins=jenkins,
            config=config.source,
            engine=engine,
            stack=stack,
            log=folder / "leeroy.log",
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9, with all its children."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end(process: subprocess.Popen[bytes]) -> None:
    """The same, if it still runs."""
    if process.poll() is None:
        kill(process)


def deliver(url: str, number: int, guid: str) -> requests.Response:
    """Deliver what GitHub would say of an opened pull request."""
    import hmac

    from tests.stories.world import WEBHOOK_SECRET

    body = json.dumps(
        {
            "action": "opened",
            "number": number,
            "repository": {"full_name": REPO},
            "pull_request": {"number": number},
        }
    ).encode()
    signature = hmac.new(WEBHOOK_SECRET.encode(), body, "sha256").hexdigest()
    return requests.post(
        f"{url}/notification/github",
        data=body,
        headers={
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": f"sha256={signature}",
        },
        timeout=PATIENCE,
    )
