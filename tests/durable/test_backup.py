"""The backup that docs/operating.md shows: whole while Leeroy serves, and enough to go on from."""

import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from leeroy.queue import Queue
from tests.durable.processes import deliver, end, make_fleet
from tests.stories.world import REPO
from tests.waiting import PATIENCE, wait_for

OPERATING = Path(__file__).resolve().parents[2] / "docs" / "operating.md"


@pytest.fixture
def fleet(tmp_path):
    with make_fleet(tmp_path, f"sqlite:///{tmp_path / 'leeroy.db'}", sweep_minutes=0) as fleet:
        yield fleet


def shown_command(source: Path, copy: Path) -> list[str]:
    """The command for those who have no sqlite3, with paths of ours."""
    said = OPERATING.read_text().replace("\\\n", " ")
    (found,) = re.findall(r"^\$ (python3 -c .*?VACUUM INTO.*)$", said, re.MULTILINE)
    words = shlex.split(found, comments=True)
    assert words[3] == "/var/lib/leeroy/leeroy.db"
    return [sys.executable, *words[1:3], str(source), str(copy)]


def test_a_backup_made_while_it_serves_is_gone_on_from(fleet, tmp_path):
    web = fleet.serve("--no-worker")
    fleet.tell(web, web)
    numbers = fleet.github.open_pulls_quickly(REPO, 12)
    answers = []

    def go_on_delivering():
        for number in numbers:
            answers.append(deliver(web, number, f"guid-{number}").status_code)

    first = numbers[0]
    assert deliver(web, first, "before").status_code == 202
    delivering = threading.Thread(target=go_on_delivering)
    delivering.start()
    copy = tmp_path / "backup.db"
    subprocess.run(shown_command(tmp_path / "leeroy.db", copy), check=True, timeout=PATIENCE)
    delivering.join()
    # Nobody waited for it, and nothing was refused because of it.
    assert answers == [202] * len(numbers)
    with sqlite3.connect(copy) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()

    end(fleet.processes[-1])
    fleet.engine.dispose()
    # As it is written there: the file in the place of the old one, and what belongs to that goes.
    for rest in ("leeroy.db-wal", "leeroy.db-shm"):
        (tmp_path / rest).unlink(missing_ok=True)
    shutil.copy(copy, tmp_path / "leeroy.db")
    kept = {hint.subject for hint in Queue(fleet.engine, name="x").recent_hints(100)}
    again = fleet.serve()
    fleet.tell(again, again)
    wait_for(lambda: fleet.state(first) == "success")
    wait_for(lambda: all(fleet.state(n) for n in numbers if f"{REPO}#{n}" in kept))
    assert len(fleet.built()) == len(set(fleet.built()))


def test_what_was_built_after_the_backup_is_not_built_again(fleet, tmp_path):
    """It is not in the restored store, but it is in Jenkins and on GitHub."""
    web = fleet.serve()
    fleet.tell(web, web)
    copy = tmp_path / "backup.db"
    subprocess.run(shown_command(tmp_path / "leeroy.db", copy), check=True, timeout=PATIENCE)
    [number] = fleet.open_pulls(1)
    wait_for(lambda: fleet.state(number) == "success")
    end(fleet.processes[-1])
    fleet.engine.dispose()
    for rest in ("leeroy.db-wal", "leeroy.db-shm"):
        (tmp_path / rest).unlink(missing_ok=True)
    shutil.copy(copy, tmp_path / "leeroy.db")
    fleet.serve()
    fleet.command("sweep")
    assert fleet.built() == [number]
    assert fleet.state(number) == "success"
