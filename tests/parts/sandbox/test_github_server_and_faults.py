"""The floor both sandboxes stand on: the server, the faults, the record of calls."""

import threading
import time
from collections.abc import Iterator

import pytest
import requests

from leeroy_sandbox.faults import Calls, Drop, Faults
from leeroy_sandbox.server import Server
from tests.waiting import PATIENCE, wait_for


class World:
    """An application that counts how often its work was done."""

    def __init__(self) -> None:
        self.worked = 0
        self.faults = Faults()
        self.calls = Calls()
        self.app = self.calls.wrap(self.faults.wrap(self._answer))
        self.url = ""

    def _answer(self, environ, start_response):
        self.worked += 1
        body = environ["PATH_INFO"].encode("latin-1") + environ["wsgi.input"].read()
        if environ["PATH_INFO"] == "/nothing":
            start_response("204 No Content", [])
            return []
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return [body]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    with Server(made.app) as server:
        made.url = server.url
        yield made
        made.faults.clear()


def test_a_kept_connection_answers_many_calls_fast(world):
    with requests.Session() as session:
        session.get(world.url)
        took = []
        for _ in range(100):
            begun = time.monotonic()
            assert session.post(f"{world.url}/a%20b", data="é".encode()).text == "/a bé"
            took.append(time.monotonic() - begun)
        # Servers that wait do so at each call.
        assert min(took) < 0.01
        assert session.get(f"{world.url}/nothing").status_code == 204
        assert session.head(f"{world.url}/x").text == ""


def test_stopping_breaks_off_open_connections():
    with requests.Session() as session:
        with Server(World().app) as server:
            session.get(server.url)
            url = server.url
        with pytest.raises(requests.ConnectionError):
            session.get(url)


@pytest.mark.parametrize(
    ("drop", "worked", "error"),
    [
        pytest.param("reset", 0, requests.ConnectionError, id="reset-does-nothing"),
        pytest.param("timeout", 0, requests.Timeout, id="timeout-does-nothing"),
        pytest.param("half", 1, requests.exceptions.ChunkedEncodingError, id="half-does-the-work"),
        pytest.param("after", 1, requests.ConnectionError, id="after-does-the-work"),
    ],
)
def test_a_dropped_call_is_on_record_without_an_answer(world, drop, worked, error):
    world.faults.add("POST", "^/x", drop=drop, times=1)
    seconds = 0.2 if drop == "timeout" else PATIENCE
    with pytest.raises(error):
        requests.post(f"{world.url}/x/yz", data="0123456789" * 100, timeout=seconds)
    assert world.worked == worked
    assert [(c.method, c.path, c.status) for c in world.calls] == [("POST", "/x/yz", None)]
    assert requests.post(f"{world.url}/x/yz", timeout=PATIENCE).status_code == 200


def test_a_canned_answer_strikes_after_k_and_n_times(world):
    fault = world.faults.add(
        "*", "page=2", status=503, body="<html>down</html>", headers={"Retry-After": "7"},
        times=2, after=1,
    )  # fmt: skip
    answers = [requests.get(f"{world.url}/list?page=2", timeout=PATIENCE) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 503, 503, 200]
    assert (answers[1].headers["Retry-After"], answers[1].text) == ("7", "<html>down</html>")
    assert (fault.hits, world.worked) == (2, 2)
    assert requests.get(f"{world.url}/list?page=1", timeout=PATIENCE).status_code == 200


def test_a_delayed_answer_comes_after_the_work(world):
    world.faults.add("GET", "/slow", delay=PATIENCE)
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(requests.get(f"{world.url}/slow", timeout=2 * PATIENCE))
    )
    thread.start()
    wait_for(lambda: world.worked)
    assert world.worked == 1
    assert not answers
    world.faults.clear()
    thread.join(PATIENCE)
    assert answers[0].status_code == 200


def test_latency_is_added_to_every_call(world):
    world.faults.latency = 0.05
    begun = time.monotonic()
    requests.get(world.url, timeout=PATIENCE)
    assert time.monotonic() - begun >= 0.05


def test_the_record_tells_writes_from_reads(world):
    requests.get(f"{world.url}/a?b=c", timeout=PATIENCE)
    requests.patch(f"{world.url}/ü", json={"x": 1}, timeout=PATIENCE)
    read, write = world.calls
    assert (read.target, read.status) == ("/a?b=c", 200)
    assert (write.path, write.body, write.headers["content-type"]) == (
        "/ü", b'{"x": 1}', "application/json",
    )  # fmt: skip
    assert world.calls.writes() == [write]
    assert world.calls.matching("GET", r"\?b=") == [read]
    assert world.calls.matching("*", "^/ü$") == [write]
    world.calls.clear()
    assert len(world.calls) == 0


def test_an_unknown_way_to_drop_is_refused():
    with pytest.raises(ValueError, match="shrug"):
        Faults().add("GET", "/", drop="shrug")
    assert {d.value for d in Drop} == {"reset", "timeout", "half", "after", "drip"}
