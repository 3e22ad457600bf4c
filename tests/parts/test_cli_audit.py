"""`leeroy audit`: who asked for what, and what came of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from leeroy.cli.main import group
from leeroy.database import open_database
from leeroy.model import AuditEntry
from leeroy.store import Store
from tests.databases import make_tables

TOKEN = "ghp_0123456789abcdefghij"


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture
def audit(tmp_path: Path) -> Callable[..., Result]:
    path = tmp_path / "config.json"
    whole = {
        "jenkins": {"base_url": "http://jenkins.test", "username": "leeroy", "token": "t" * 34},
        "github_token": TOKEN,
        "github_webhook_secret": "webhook-secret",
        "builds": [{"github_repo": "acme/widgets", "jenkins_job_name": "widgets-pr"}],
        "database_url": "sqlite:///leeroy.db",
    }
    path.write_text(json.dumps(whole))
    engine = open_database("sqlite:///leeroy.db", relative_to=tmp_path)
    make_tables(engine)
    store = Store(engine)
    for number, who, what in (
        (7, "mary", "approved"),
        (7, "stranger", "refused"),
        (8, "mary", "/test"),
    ):
        store.save_audit(
            AuditEntry(
                repo="acme/widgets",
                pull=number,
                who=who,
                what=what,
                sha="a" * 40,
                detail=f"said \x1b[31m{TOKEN}",
                ref=f"comment:{number}:{who}",
            )
        )
    engine.dispose()
    return lambda *args: CliRunner().invoke(group, ["--config", str(path), "audit", *args])


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        pytest.param([], ["mary /test", "stranger refused", "mary approved"], id="everything"),
        pytest.param(
            ["acme/widgets#7"], ["stranger refused", "mary approved"], id="a pull request"
        ),
        pytest.param(
            ["ACME/widgets"], ["mary /test", "stranger refused", "mary approved"], id="repo"
        ),
        pytest.param(["--who", "Stranger"], ["stranger refused"], id="a person"),
        pytest.param(["--limit", "1"], ["mary /test"], id="the newest"),
    ],
)
def test_it_shows_who_asked_for_what_newest_first(audit, args, shown):
    told = audit(*args)
    assert told.exit_code == 0
    lines = [line.split("  ") for line in told.output.splitlines()]
    assert [f"{who} {what}" for _, _, who, what, *_ in lines] == shown


def test_scripts_get_json(audit):
    entry = json.loads(audit("--json", "--limit", "1").output)[0]
    assert (entry["repo"], entry["pull"], entry["who"]) == ("acme/widgets", 8, "mary")


def test_what_people_wrote_moves_no_cursor_and_shows_no_secret(audit):
    for told in (audit(), audit("--json")):
        assert "\x1b" not in told.output
        assert TOKEN not in told.output


def test_where_nobody_asked_it_says_so(audit):
    assert audit("acme/gears").output == "acme/gears: nobody has asked for anything\n"


def test_a_pull_request_that_is_none_is_wrong_use(audit):
    assert audit("acme/widgets#x").exit_code == 2
