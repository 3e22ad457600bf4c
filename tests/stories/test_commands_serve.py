"""`leeroy serve` as a real process: it takes new settings without losing anything, and ends."""

import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from leeroy.database import open_database, read
from leeroy.queue.tables import hints, subjects
from tests.waiting import PATIENCE, UNHURRIED, address_said, wait_for, wait_until_ready

OLD, NEW = "the-old-secret", "the-new-secret"
ROOT = Path(__file__).resolve().parents[2]


def settings(**changes: Any) -> str:
    """Settings of a Leeroy whose GitHub and Jenkins are away: what it answers is what counts."""
    whole = {
        "jenkins": {"base_url": "http://127.0.0.1:9", "username": "leeroy", "token": "a-token"},
        "github_api_url": "http://127.0.0.1:9",
        "github_token": "ghp_0123456789abcdefghij",
        "github_webhook_secret": OLD,
        "builds": [{"github_repo": "acme/widgets", "jenkins_job_name": "widgets"}],
        **changes,
    }
    return json.dumps(whole)


@dataclass
class Serving:
    """A process that serves, and how to speak to it."""

    process: "subprocess.Popen[bytes]"
    config: Path
    log: Path
    url: str = ""
    accepted: list[str] = field(default_factory=list)

    def said(self) -> str:
        return self.log.read_text()

    def deliver(self, *, secret: str = OLD, repo: str = "acme/widgets") -> int:
        """The answer to a delivery on a connection of its own."""
        guid = str(uuid.uuid4())
        event = {"action": "opened", "number": 7, "repository": {"full_name": repo}}
        body = json.dumps(event).encode()
        digest = hmac.digest(secret.encode(), body, "sha256").hex()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": f"sha256={digest}",
        }
        answer = requests.post(
            f"{self.url}/notification/github", data=body, headers=headers, timeout=PATIENCE
        )
        if answer.status_code == 202:
            self.accepted.append(guid)
        return answer.status_code

    def take(self, text: str) -> None:
        """Write new settings, and have them taken."""
        self.config.write_text(text)
        self.process.send_signal(signal.SIGHUP)

    def end(self) -> int:
        """Send SIGTERM; the exit code, once it has ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def start(folder: Path, text: str, *options: str) -> Iterator[Serving]:
    config, log = folder / "config.json", folder / "log"
    config.write_text(text)
    # Bare options mean serve.
    program = [sys.executable, "-c", UNHURRIED]
    command = [*program, "--config", str(config), "--port", "0", *options]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=out
        )
    serving = Serving(process=process, config=config, log=log)
    try:
        serving.url = address_said(process, log)
        wait_until_ready(serving.url, process, serving.said)
        yield serving
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    with ExitStack() as stack:
        yield lambda text, *options: stack.enter_context(start(tmp_path, text, *options))


@contextmanager
def knocking(serving: Serving) -> Iterator[list[int]]:
    """Ask and deliver without a pause; the answers."""
    answers: list[int] = []
    broken: list[Exception] = []
    enough = threading.Event()

    def knock(ask: Callable[[], int]) -> None:
        while not enough.is_set():
            try:
                answers.append(ask())
            except requests.RequestException as exc:
                broken.append(exc)

    def ping() -> int:
        return requests.get(f"{serving.url}/ping", timeout=PATIENCE).status_code

    kept = requests.Session()

    def ping_again() -> int:
        return kept.get(f"{serving.url}/ping", timeout=PATIENCE).status_code

    threads = [
        threading.Thread(target=knock, args=[ask]) for ask in (ping, ping_again, serving.deliver)
    ]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        enough.set()
        for thread in threads:
            thread.join()
        kept.close()
    assert broken == []


def on_disk(folder: Path) -> set[str]:
    """The GUIDs of all deliveries that were put on the queue."""
    engine = open_database(f"sqlite:///{folder / 'leeroy.db'}")
    with read(engine) as connection:
        found = set(connection.scalars(select(hints.c.delivery)))
    engine.dispose()
    return found


def test_good_settings_are_taken_while_every_request_is_answered(serve, tmp_path):
    serving = serve(settings())
    assert (serving.deliver(secret=NEW), serving.deliver(repo="acme/gadgets")) == (401, 204)
    with knocking(serving) as answers:
        wait_for(lambda: len(answers) > 50)
        builds = [
            {"github_repo": f"acme/{name}", "jenkins_job_name": name}
            for name in ("widgets", "gadgets")
        ]
        serving.take(settings(github_webhook_secret=[NEW, OLD], builds=builds))
        wait_for(lambda: serving.deliver(secret=NEW) == 202)
        seen = len(answers)
        wait_for(lambda: len(answers) > seen + 50)
    assert set(answers) <= {200, 202}
    assert serving.deliver(repo="acme/gadgets") == 202
    assert "the settings of" in serving.said()
    serving.take(settings(github_webhook_secret=NEW))
    wait_for(lambda: serving.deliver() == 401)
    assert serving.end() == 0
    assert set(serving.accepted) <= on_disk(tmp_path)


def test_faulty_settings_are_refused_with_every_fault_and_the_old_ones_go_on(serve, tmp_path):
    serving = serve(settings())
    with knocking(serving) as answers:
        wait_for(lambda: len(answers) > 20)
        faulty = [{"github_repo": "acme/gadgets", "jenkins_job_nam": "x", "jenkins": "nowhere"}]
        serving.take(settings(github_webhook_secret="${NOWHERE_TO_BE_FOUND}", builds=faulty))
        wait_for(lambda: "stay as they were" in serving.said())
        # The worker is a fresh one, with the settings of before.
        seen = len(answers)
        wait_for(lambda: len(answers) > seen + 50)
        serving.take("{")
        wait_for(lambda: serving.said().count("stay as they were") == 2)
        seen = len(answers)
        wait_for(lambda: len(answers) > seen + 50)
    assert set(answers) <= {200, 202}
    said = serving.said()
    for fault in (
        "builds[0].jenkins_job_nam: unknown key (did you mean jenkins_job_name?)",
        "builds[0].jenkins: is not one of jenkins_servers",
        "github_webhook_secret: the environment has no NOWHERE_TO_BE_FOUND",
    ):
        assert fault in said
    assert (serving.deliver(), serving.deliver(secret=NEW)) == (202, 401)
    serving.take(settings(github_webhook_secret=NEW))
    wait_for(lambda: serving.deliver(secret=NEW) == 202)
    assert serving.end() == 0
    assert set(serving.accepted) <= on_disk(tmp_path)
    assert not [secret for secret in (OLD, NEW, "a-token") if secret in serving.said()]


def test_a_database_that_cannot_be_used_does_not_end_it(serve, tmp_path):
    serving = serve(settings())
    serving.take(settings(database_url="sqlite:///no/such/folder/leeroy.db"))
    wait_for(lambda: "stay as they were" in serving.said())
    assert serving.deliver() == 202
    assert serving.end() == 0


def test_sigterm_ends_it_in_time_and_hands_back_the_look_it_could_not_end(serve, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        serving = serve(settings(github_api_url=address, github_timeout=10 * PATIENCE))
        assert serving.deliver() == 202
        # GitHub takes the connection and says nothing: the look waits for it.
        caller, _ = silent.accept()
        port = int(serving.url.rpartition(":")[2])
        with caller, socket.create_connection(("127.0.0.1", port)):
            assert serving.end() == 0
    engine = open_database(f"sqlite:///{tmp_path / 'leeroy.db'}")
    with read(engine) as connection:
        of_pull = select(subjects).where(subjects.c.name == "acme/widgets#7")
        (row,) = connection.execute(of_pull).all()
        held = select(subjects.c.name).where(subjects.c.leased_by.is_not(None))
        assert connection.execute(held).all() == []
    engine.dispose()
    assert row.due is not None
