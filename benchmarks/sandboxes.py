"""The sandbox GitHub and Jenkins in processes of their own, and what a benchmark asks of them.

Beside the benchmark in one interpreter they would share its lock, and be part of what is measured.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from leeroy_sandbox.faults import READS, Calls
from leeroy_sandbox.github import GitHub
from leeroy_sandbox.github.deliveries import Delivery, body_and_headers
from leeroy_sandbox.jenkins import Jenkins, String
from leeroy_sandbox.server import Server

REPO = "acme/widgets"
JOBS = ("ci/widgets", "ci/docs")
GITHUB_TOKEN = "ghp_benchmark0123456789abcdef"
JENKINS_TOKEN = "11" + "b" * 32
WEBHOOK_SECRET = "webhook-secret"
#: Seconds every call takes: what design.md's numbers are told for.
GITHUB_LATENCY, JENKINS_LATENCY = 0.05, 0.025

_PARAMETERS = tuple(
    String(name)
    for name in (
        "GIT_BASE_REPO", "GIT_HEAD_REPO", "GIT_SHA1", "GITHUB_URL", "PR", "BASE_BRANCH",
        "LEEROY_BUILD_ID",
    )
)  # fmt: skip
#: For the folders of repositories and jobs; a sandbox that hangs must not hang the benchmark.
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """One signed request, ready to be sent; it can be sent again under another GUID."""

    pull: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One call that reached a sandbox."""

    #: By CLOCK_MONOTONIC, which all processes of a machine share.
    arrived: float
    method: str
    target: str
    #: The pull request a trigger is for; 0 for every other call.
    pull: int
    #: GitHub counts it against the hour: an unchanged answer is free.
    is_counted: bool

    @property
    def is_write(self) -> bool:
        """It meant to change something."""
        return self.method not in READS


class Sandbox:
    """A sandbox in another process, by its URL and what can be asked of it."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe = pipe
        self.url: str = self._heard()

    def open_pulls(self, count: int) -> list[Webhook]:
        """Open pull requests; the ``opened`` webhook of each, which nobody is sent."""
        webhooks: list[Webhook] = self._ask("open_pulls", count)
        return webhooks

    def crowd(self, count: int) -> str:
        """A repository of its own with so many open pull requests whose statuses all stand."""
        repo: str = self._ask("crowd", count)
        return repo

    def calls(self) -> list[Seen]:
        """Every call since the last :meth:`clear`, in order of arrival."""
        seen: list[Seen] = self._ask("calls")
        return seen

    def count_writes(self) -> int:
        """How many of them meant to change something."""
        counted: int = self._ask("count_writes")
        return counted

    def clear(self) -> None:
        """Forget the calls."""
        self._ask("clear")

    def _ask(self, *question: object) -> Any:
        self._pipe.send(question)
        return self._heard()

    def _heard(self) -> Any:
        if not self._pipe.poll(_PATIENCE_SECONDS):
            raise TimeoutError("a sandbox does not answer")
        return self._pipe.recv()


@contextmanager
def sandbox(
    serve: "Callable[[Connection[Any, Any], Path], None]", folder: Path
) -> Iterator[Sandbox]:
    """Run ``serve_github`` or ``serve_jenkins`` in a fresh interpreter, and end it afterwards."""
    # Not forked: the benchmark has threads.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, folder), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Sandbox(ours)
    finally:
        ours.close()  # it ends when nobody can ask any more
        process.join(5)
        process.kill()


def context_of(job: str) -> str:
    """What a job's statuses are called."""
    return job.rpartition("/")[2]


def serve_github(pipe: "Connection[Any, Any]", folder: Path) -> None:
    """A GitHub with one repository, until the pipe is closed."""
    github = GitHub(folder)
    for login in ("leeroy-bot", "mary"):
        github.create_user(login)
    github.create_org("acme")
    github.create_repo(REPO, files={"README.md": "# Widgets\n"})
    github.set_permission(REPO, "leeroy-bot", "admin")
    github.set_permission(REPO, "mary", "write")
    github.add_token("leeroy-bot", ("repo",), text=GITHUB_TOKEN)
    # Nobody listens there: deliveries are taken from the sandbox and sent by the benchmark.
    github.add_hook(
        REPO, "http://127.0.0.1:9/", secret=WEBHOOK_SECRET, events=("pull_request",),
        content_type="json",
    )  # fmt: skip
    github.limits.primary = 1_000_000_000
    github.faults.latency = GITHUB_LATENCY

    def open_pulls(count: int) -> list[Webhook]:
        taken: list[Delivery] = []

        def take(held: list[Delivery]) -> list[Delivery]:
            taken.extend(held)
            return []

        github.deliveries.hold()
        for number in github.open_pulls_quickly(REPO, count, author="mary"):
            github.announce(REPO, number)
        github.deliveries.release(order=take)
        return [_webhook(delivery) for delivery in taken if delivery.event == "pull_request"]

    def crowd(count: int) -> str:
        repo = f"acme/crowd-{count}"
        github.create_repo(repo, files={"README.md": "# Crowd\n"})
        for login, permission in (("leeroy-bot", "admin"), ("mary", "write")):
            github.set_permission(repo, login, permission)
        for number in github.open_pulls_quickly(repo, count, author="mary"):
            for job in JOBS:
                head = github.pull(repo, number).head_sha
                github.post_status(repo, head, "success", context_of(job))
        return repo

    with github.serve() as url:
        _answer(pipe, url, github.calls, {"open_pulls": open_pulls, "crowd": crowd})


def serve_jenkins(pipe: "Connection[Any, Any]", folder: Path) -> None:
    """A Jenkins with two jobs whose builds stay in the queue, until the pipe is closed."""
    with (
        Jenkins(folder, executors=0, quiet_period=0.0, auto=False) as jenkins,
        Server(jenkins.wsgi) as server,
    ):
        jenkins.root_url = server.url
        jenkins.add_user("leeroy", token=JENKINS_TOKEN)
        for job in JOBS:
            jenkins.add_job(job, parameters=_PARAMETERS)
        jenkins.faults.latency = JENKINS_LATENCY
        _answer(pipe, server.url, jenkins.calls, {})


def _answer(
    pipe: "Connection[Any, Any]", url: str, calls: Calls, more: dict[str, Callable[..., object]]
) -> None:
    known = {
        "calls": lambda: _seen(calls),
        "count_writes": lambda: len(calls.writes()),
        "clear": calls.clear,
        **more,
    }
    pipe.send(url)
    while True:
        try:
            name, *values = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        pipe.send(known[name](*values))


def _webhook(delivery: Delivery) -> Webhook:
    body, headers = body_and_headers(delivery)
    number = delivery.payload.partition(b'"number":')[2].split(b",", 1)[0]
    return Webhook(pull=int(number), headers=headers, body=body)


def _seen(calls: Calls) -> list[Seen]:
    return [
        Seen(
            arrived=call.arrived,
            method=call.method,
            target=call.target,
            pull=int(parse_qs(call.query).get("PR", ["0"])[0]),
            is_counted=call.status != 304,
        )
        for call in calls
    ]
