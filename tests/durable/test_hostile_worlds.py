"""Payloads, notifications and names made to lead Leeroy astray, between real sandboxes."""

import hmac
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from leeroy.hints import FollowHint
from leeroy.model import PullRef
from leeroy_sandbox.faults import Calls
from leeroy_sandbox.server import Server
from tests.stories.world import REPO, WEBHOOK_SECRET, World, make_world
from tests.waiting import PATIENCE

OPERATOR = ("operator", "operators-password")


class Canary:
    """A server that nobody has a reason to speak to."""

    def __init__(self) -> None:
        self.calls = Calls()

    def app(self) -> Callable[..., Any]:
        def answer(_environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
            start("200 OK", [("Content-Type", "application/json")])
            return [b"{}"]

        return self.calls.wrap(answer)  # type: ignore[arg-type]


@pytest.fixture
def canary() -> Iterator[tuple[Canary, str]]:
    canary = Canary()
    with Server(canary.app()) as server:
        yield canary, server.url


@pytest.fixture
def arrange(tmp_path: Path, database_url: str) -> Iterator[Callable[..., World]]:
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(
            make_world(tmp_path, database_url=database_url, **settings)
        )


def poisoned(value: Any, address: str) -> Any:
    """The payload with every address in it changed."""
    if isinstance(value, dict):
        return {key: poisoned(inner, address) for key, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, address) for inner in value]
    if isinstance(value, str) and value.startswith(("http://", "https://", "git://")):
        return f"{address}/{value.partition('://')[2]}"
    return value


def resend(world: World, delivery: Any, payload: Any) -> int:
    body = json.dumps(payload).encode()
    digest = hmac.digest(WEBHOOK_SECRET.encode(), body, "sha256").hex()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": f"sha256={digest}",
    }
    address = f"{world.url}/notification/github"
    return requests.post(address, data=body, headers=headers, timeout=PATIENCE).status_code


def test_no_address_in_a_payload_is_ever_called(arrange, canary):
    (watched, address), world = canary, arrange()
    number = world.open_pull()
    world.github.comment(REPO, number, "mary", f"/test all {address}")
    world.settle()
    world.build_next()
    build = world.jenkins.builds("ci/widgets")[0]
    assert build.number == 1
    for delivery in world.github.deliveries.log():
        payload = poisoned(json.loads(delivery.payload), address)
        assert address in json.dumps(payload)
        assert resend(world, delivery, payload) in (200, 202, 204)
    world.notify("ci/widgets", 1, phase="FINALIZED", full_url=f"{address}/x", url=f"{address}/y")
    world.settle()
    assert list(watched.calls) == []


def test_what_jenkins_says_of_its_address_is_not_followed(arrange, canary):
    (watched, address), world = canary, arrange()
    location = {"Location": f"{address}/queue/item/77/"}
    world.jenkins.faults.add("POST", "/buildWithParameters", status=201, headers=location, times=1)
    number = world.open_pull()
    world.settle()
    (row,) = world.services.store.builds_of(PullRef(REPO, number))
    assert row.queue_id == 77
    world.services.queue.put(f"{REPO}#{number}", FollowHint(why="test"))
    world.settle()
    assert world.jenkins.calls.matching("GET", "/queue/item/77/")
    assert list(watched.calls) == []


def test_replays_change_nothing_however_they_are_ordered(arrange):
    world = arrange()
    number = world.open_pull()
    world.settle()
    world.build_next()
    sha = world.head(number)
    before = world.statuses(sha), len(world.jenkins.builds("ci/widgets"))
    world.github.calls.clear()
    world.jenkins.calls.clear()
    sent = world.github.deliveries.log()
    for delivery in [*reversed(sent), *sent]:
        # The GUID is not signed: a replay can have any.
        resend(world, delivery, json.loads(delivery.payload))
    for phase in ("QUEUED", "STARTED", "COMPLETED", "FINALIZED", "STARTED"):
        world.notify("ci/widgets", 1, phase=phase, status="FAILURE")
    world.settle()
    assert world.github.calls.writes() == []
    assert world.jenkins.calls.writes() == []
    assert (world.statuses(sha), len(world.jenkins.builds("ci/widgets"))) == before


def test_odd_names_and_titles_go_through_unharmed(arrange):
    branch, title = "x&PR=9#b%2F+ü🎉{PR}'\"", "Rounder\x00\x1b[2J\u202e \u2028'\"<script>&PR=9"
    world = arrange()
    number = world.open_pull(branch, title=title)
    world.settle()
    world.build_next()
    (build,) = world.jenkins.builds("ci/widgets")
    parameters = {p.name: p.value for p in build.parameters}
    assert parameters["PR"] == str(number)
    assert world.statuses(world.head(number))["janky"][0] == "success"
    page = requests.get(f"{world.url}/pulls/{REPO}/{number}", auth=OPERATOR, timeout=PATIENCE)
    assert page.status_code == 200
    assert "<script>" not in page.text
