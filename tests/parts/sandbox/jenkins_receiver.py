"""Something that the sandbox Jenkins notifies, and a Jenkins that notifies it."""

import json
from pathlib import Path

import pytest

from leeroy_sandbox.faults import Calls, Faults
from leeroy_sandbox.jenkins import Endpoint, Jenkins
from leeroy_sandbox.server import Server

CLOCK = 1_790_000_000.0


class Receiver:
    """Something that is notified, and can misbehave."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.faults = Faults()
        self.status = "204 No Content"
        self.server = Server(self.calls.wrap(self.faults.wrap(self._answer)))

    def _answer(self, environ, start):
        start(self.status, [])
        return [b""]

    @property
    def url(self) -> str:
        return f"{self.server.url}/hear"

    @property
    def bodies(self) -> list[bytes]:
        return [call.body for call in self.calls]

    @property
    def phases(self) -> list[str]:
        return [json.loads(body)["build"]["phase"] for body in self.bodies]


@pytest.fixture
def receiver():
    made = Receiver()
    with made.server:
        yield made
        made.faults.clear()


@pytest.fixture
def make(tmp_path: Path, receiver: Receiver):
    """Makes a Jenkins, moved by hand, whose job `ci/app` notifies the receiver."""
    made = []

    def make(endpoint=None, *, job="ci/app", settings=None, **options) -> Jenkins:
        jenkins = Jenkins(tmp_path, auto=False, clock=lambda: CLOCK, **options)
        made.append(jenkins)
        endpoints = [Endpoint(receiver.url, **(endpoint or {}))]
        jenkins.add_job(job, endpoints=endpoints, **(settings or {}))
        return jenkins

    yield make
    for jenkins in made:
        jenkins.close()


def run(jenkins: Jenkins, job: str = "ci/app", result: str = "SUCCESS", **parameters: str):
    jenkins.start_by_hand(job, parameters)
    return jenkins.finish(job, jenkins.start_next(job).number, result)
