"""A full disk, a read-only database: what is not on disk is not accepted, and it passes by itself."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, make_url

from leeroy.app import create_app
from leeroy.database import migrate
from leeroy.queue import Queue
from leeroy.services import Services, make_services
from leeroy_sandbox.server import Server
from tests.durable.processes import FOR_EVER, deliver, end, make_fleet
from tests.stories.world import REPO, a_config
from tests.waiting import wait_for

NOWHERE = "http://127.0.0.1:9"


@contextmanager
def answering(services: Services) -> Iterator[str]:
    """The web side of Leeroy alone; its address."""
    with Server(create_app(services)) as server:
        yield server.url
    services.close()


def queued(services: Services) -> set[str]:
    return {hint.delivery for hint in services.queue.recent_hints(10_000)}


def test_with_a_full_file_nothing_is_accepted_that_is_not_kept(tmp_path):
    """SQLite's own bound on a file's pages: it ends as a full disk does, with SQLITE_FULL."""
    services = make_services(a_config(tmp_path, NOWHERE, NOWHERE))
    bound = {"pages": 2**30}

    @event.listens_for(services.engine, "checkout")
    def _bound(connection, _record, _proxy):
        connection.execute(f"PRAGMA max_page_count = {bound['pages']}")

    migrate(services.engine)
    with answering(services) as url:
        assert deliver(url, 1, "first").status_code == 202
        bound["pages"] = 1  # SQLite takes it for: no more than there are
        answers = {str(n): deliver(url, n, f"guid-{n}").status_code for n in range(2, 60)}
        assert set(answers.values()) == {202, 503}
        accepted = {f"guid-{n}" for n, code in answers.items() if code == 202}
        assert queued(services) == {"first"} | accepted
        bound["pages"] = 2**30
        assert deliver(url, 99, "last").status_code == 202
        assert "last" in queued(services)


def test_a_file_that_may_only_be_read_accepts_nothing_and_still_answers(tmp_path):
    migrate(make_services(a_config(tmp_path, NOWHERE, NOWHERE)).engine)
    url = f"sqlite:///file:{tmp_path / 'leeroy.db'}?mode=ro&uri=true"
    services = make_services(a_config(tmp_path, NOWHERE, NOWHERE, database_url=url))
    with answering(services) as address:
        refused = deliver(address, 1, "first")
        assert refused.status_code == 503
        assert refused.json() == {"error": "the database cannot take it now"}
        assert queued(services) == set()


def test_a_database_server_that_may_only_be_read_accepts_nothing(tmp_path, database_url, engine):
    if engine.dialect.name == "sqlite":
        pytest.skip("a standby is a thing of PostgreSQL")
    options = make_url(database_url).query["options"]
    standby = make_url(database_url).update_query_dict(
        {"options": f"{options} -cdefault_transaction_read_only=on"}
    )
    url = standby.render_as_string(hide_password=False)
    services = make_services(a_config(tmp_path, NOWHERE, NOWHERE, database_url=url))
    with answering(services) as address:
        assert deliver(address, 1, "first").status_code == 503
        assert queued(services) == set()


@pytest.fixture
def small_disk(tmp_path):
    """A real file system with room for little."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("to mount a file system takes root, and more than a container has")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_on_a_full_disk_a_server_refuses_and_goes_on_once_there_is_room(tmp_path, small_disk):
    url = f"sqlite:///{small_disk / 'leeroy.db'}"
    with make_fleet(tmp_path, url, sweep_minutes=0) as fleet:
        address = fleet.serve("--no-worker")
        ballast = small_disk / "ballast"
        fill(ballast)
        numbers = fleet.github.open_pulls_quickly(REPO, 3)
        answers = deliver_until_refused(address)
        assert 503 in answers.values()
        accepted = {guid for guid, code in answers.items() if code == 202}
        # A power cut now: what it said it has, it has.
        end(fleet.processes[-1])
        ballast.unlink()
        kept = {hint.delivery for hint in Queue(fleet.engine, name="x").recent_hints(10_000)}
        assert accepted <= kept
        again = fleet.serve()
        fleet.tell(again, again)
        assert deliver(again, numbers[0], str(uuid.uuid4())).status_code == 202
        wait_for(lambda: fleet.state(numbers[0]))


def test_workers_on_a_full_disk_end_no_work_and_do_it_once_there_is_room(tmp_path, small_disk):
    url = f"sqlite:///{small_disk / 'leeroy.db'}"
    with make_fleet(tmp_path, url, sweep_minutes=0) as fleet:
        address = fleet.serve("--no-worker")
        fleet.work_elsewhere("host-a", lease=2.0)
        fleet.tell(address, address)
        # While it looks there comes to be no room for what it does.
        fleet.github.faults.add("GET", r"/pulls/\d+$", delay=FOR_EVER, times=1)
        [number] = fleet.open_pulls(1)
        fleet.pid_of(f"{REPO}#{number}")
        ballast = small_disk / "ballast"
        fill(ballast)
        fleet.github.faults.clear()
        wait_for(lambda: "cannot use the database" in fleet.log.read_text())
        ballast.unlink()
        wait_for(lambda: fleet.state(number) == "success")
        assert fleet.built() == [number]


def fill(ballast: Path) -> None:
    """Leave no room on its file system."""
    with ballast.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"\0" * 4096)
        except OSError:
            pass


def deliver_until_refused(address: str) -> dict[str, int]:
    """Deliver until it is refused, and a little more; what each was answered."""
    answers: dict[str, int] = {}
    while list(answers.values()).count(503) < 3 and len(answers) < 2_000:
        guid = str(uuid.uuid4())
        answers[guid] = deliver(address, 10_000 + len(answers), guid).status_code
    return answers
