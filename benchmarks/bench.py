"""The service between its sandboxes, and what is asked of it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.load import Sent, send_all, send_at
from benchmarks.sandboxes import JOBS, Sandbox, Seen
from benchmarks.served import Memory, Served, serve, write_config

#: A service that has not done its work by then is not going to.
PATIENCE_SECONDS = 180


@dataclass(frozen=True, kw_only=True)
class Burst:
    """What became of some webhooks; times in seconds."""

    answers: tuple[float, ...]
    #: From each webhook to each trigger it led to.
    delays: tuple[float, ...]
    #: From the first webhook to the last trigger.
    until_triggered: float
    #: Webhooks that were refused or not answered.
    refused: int


@dataclass(frozen=True, kw_only=True)
class Drained:
    """How what waited was worked off."""

    #: Pull requests a second, from the first call to GitHub to the last.
    rate: float
    #: Of CPU, for each.
    milliseconds: float
    #: At the end.
    memory: Memory


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The sandboxes, the database between them, and how much is asked."""

    folder: Path
    github: Sandbox
    jenkins: Sandbox
    #: The URL of an empty database for as long as it is needed; an empty one: a file of its own.
    database: Callable[[], AbstractContextManager[str]]
    rounds: int
    #: Never more pull requests than these in one measurement.
    most: int

    @contextmanager
    def served(self, name: str) -> Iterator[Served]:
        """A service with settings, and a database, that nobody has used."""
        with self.database() as url, serve(self.config(name, url)) as served:
            yield served

    def config(self, name: str, database_url: str = "") -> Path:
        """Its settings."""
        return write_config(self.folder / name, self.github.url, self.jenkins.url, database_url)

    def warm_up(self, served: Served) -> None:
        """Let every thread of the service open its connections."""
        self.burst(served, 100, min(40, self.most))

    def burst(self, served: Served, rate: float, count: int) -> Burst:
        """Send webhooks at a rate, and wait until all that they lead to is done."""
        webhooks = self.github.open_pulls(min(count, self.most))
        self.clear()
        sent = send_at(served.url, webhooks, rate)
        self.settle(len(webhooks))
        return _burst(sent, self.jenkins.calls())

    def drain(self, name: str, count: int) -> Drained:
        """Let webhooks wait on disk, with nobody to look at them; then have them worked off."""
        webhooks = self.github.open_pulls(min(count, self.most))
        with self.database() as url:
            config = self.config(name, url)
            with serve(config, "--no-worker") as served:
                sent = send_all(served.url, webhooks)
            self.clear()
            waiting = sum(one.status == 202 for one in sent)
            with serve(config) as served:
                started = served.cpu_seconds()
                self.settle(waiting)
                used = served.cpu_seconds() - started
                memory = served.memory()
        calls = self.github.calls()
        seconds = calls[-1].arrived - calls[0].arrived
        return Drained(rate=waiting / seconds, milliseconds=1000 * used / waiting, memory=memory)

    def settle(self, pulls: int) -> None:
        """Wait until the builds of so many pull requests were triggered and told of."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        writes = pulls * len(JOBS)
        while min(self.github.count_writes(), self.jenkins.count_writes()) < writes:
            if time.monotonic() > deadline:
                raise click.ClickException("the service has not done its work")
            time.sleep(0.05)
        time.sleep(0.1)  # what it does too much is to be seen as well

    def clear(self) -> None:
        """Forget the calls until now."""
        self.github.clear()
        self.jenkins.clear()


def _burst(sent: Sequence[Sent], seen: Sequence[Seen]) -> Burst:
    at = {one.pull: one.at for one in sent}
    triggers = [call for call in seen if call.pull in at]
    return Burst(
        answers=tuple(one.seconds for one in sent),
        delays=tuple(call.arrived - at[call.pull] for call in triggers),
        until_triggered=max((call.arrived for call in triggers), default=float("nan"))
        - min(at.values()),
        refused=sum(one.status != 202 for one in sent),
    )
