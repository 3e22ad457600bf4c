"""`leeroy trust`: who was trusted by `add to whitelist` is listed, and can be revoked."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from sqlalchemy import update

from leeroy.cli.main import group
from leeroy.database import open_database, write
from leeroy.store import KeptTrust, Store
from leeroy.store.tables import trusted
from tests.databases import make_tables

REPO, OTHER = "Acme/widgets", "acme/gadgets"
TOKEN = "ghp_0123456789abcdefghij"
#: 2026-11-22 21:38:52 UTC.
AT = 1795383532.5


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    whole = {
        "jenkins": {"base_url": "http://jenkins.test", "username": "leeroy", "token": "t" * 34},
        "github_token": TOKEN,
        "github_webhook_secret": "webhook-secret",
        "builds": [{"github_repo": REPO, "jenkins_job_name": "widgets-pr"}],
        "database_url": "sqlite:///leeroy.db",
    }
    path.write_text(json.dumps(whole))
    return path


@pytest.fixture
def store(settings: Path) -> Iterator[Store]:
    engine = open_database("sqlite:///leeroy.db", relative_to=settings.parent)
    make_tables(engine)
    yield Store(engine)
    engine.dispose()


@pytest.fixture
def trust(settings: Path) -> Callable[..., Result]:
    return lambda *args: CliRunner().invoke(group, ["--config", str(settings), "trust", *args])


def trust_at(store: Store, repo: str, login: str, by: str, at: float = AT) -> None:
    """Trust an author as if it had been then."""
    store.trust(repo, login, 5, by)
    row = (trusted.c.repo == repo) & (trusted.c.login == login.lower())
    with write(store._engine) as connection:
        connection.execute(update(trusted).where(row).values(at=at))


def test_the_store_keeps_by_whom_and_when_an_author_was_trusted(store):
    trust_at(store, REPO, "Stranger", "Boss")
    assert store.kept_trust() == (
        KeptTrust(repo=REPO, login="stranger", user_id=5, by="Boss", at=AT),
    )


def test_a_list_has_every_trusted_author_of_all_repositories(store, trust):
    trust_at(store, REPO, "Zoe", "boss")
    trust_at(store, OTHER, "Ann", "Chief", at=AT + 60)
    trust_at(store, REPO, "bob", "boss")
    told = trust("list")
    assert (told.exit_code, told.stderr) == (0, "")
    assert sorted(told.stdout.splitlines()) == [
        "Acme/widgets  bob  by boss  2026-11-22T21:38Z",
        "Acme/widgets  zoe  by boss  2026-11-22T21:38Z",
        "acme/gadgets  ann  by Chief  2026-11-22T21:39Z",
    ]


@pytest.mark.parametrize("spelt", [REPO, "acme/WIDGETS"])
def test_a_list_of_one_repository_has_no_others(store, trust, spelt):
    trust_at(store, REPO, "zoe", "boss")
    trust_at(store, OTHER, "ann", "chief")
    assert trust("list", spelt).stdout == "Acme/widgets  zoe  by boss  2026-11-22T21:38Z\n"


def test_a_list_says_when_nobody_is_trusted(store, trust):
    told = trust("list")
    said = "every repository: nobody is trusted by `add to whitelist`\n"
    assert (told.exit_code, told.stdout) == (0, said)
    trust_at(store, REPO, "zoe", "boss")
    told = trust("list", OTHER)
    assert (told.exit_code, told.stdout) == (
        0,
        "acme/gadgets: nobody is trusted by `add to whitelist`\n",
    )


def test_before_the_first_start_nobody_is_trusted(settings, trust):
    told = trust("list")
    assert (told.exit_code, told.exception) == (0, None)
    assert "nobody is trusted" in told.stdout


@pytest.mark.parametrize(
    ("repo", "login"),
    [
        pytest.param(REPO, "stranger", id="as it is kept"),
        pytest.param(REPO, "StrangeR", id="login in other letters"),
        pytest.param("acme/Widgets", "Stranger", id="both in other letters"),
    ],
)
def test_who_was_revoked_is_trusted_no_longer(store, trust, repo, login):
    trust_at(store, REPO, "Stranger", "boss")
    assert {t.login for t in store.kept_trust(REPO)} == {"stranger"}
    told = trust("revoke", repo, login)
    said = f"{repo}: {login} is trusted by `add to whitelist` no longer\n"
    assert (told.exit_code, told.stdout, told.stderr) == (0, said, "")
    assert {t.login for t in store.kept_trust(REPO)} == set()
    assert store.kept_trust() == ()


def test_revoking_leaves_other_authors_and_other_repositories_alone(store, trust):
    for repo, login in ((REPO, "zoe"), (REPO, "ann"), (OTHER, "zoe")):
        trust_at(store, repo, login, "boss")
    assert trust("revoke", REPO, "zoe").exit_code == 0
    assert {t.login for t in store.kept_trust(REPO)} == {"ann"}
    assert {t.login for t in store.kept_trust(OTHER)} == {"zoe"}


def test_revoking_somebody_who_was_not_trusted_is_1_and_says_so(store, trust):
    trust_at(store, OTHER, "zoe", "boss")
    told = trust("revoke", REPO, "Zoe")
    said = "Acme/widgets: Zoe was not trusted (see: leeroy trust list)\n"
    assert (told.exit_code, told.stdout, told.stderr) == (1, "", said)
    assert {t.login for t in store.kept_trust(OTHER)} == {"zoe"}


def test_who_was_revoked_can_be_trusted_again(store, trust):
    trust_at(store, REPO, "zoe", "boss")
    assert [trust("revoke", REPO, "zoe").exit_code for _ in range(2)] == [0, 1]
    store.trust(REPO, "zoe", 5, "boss")
    assert {t.login for t in store.kept_trust(REPO)} == {"zoe"}


def test_a_repository_that_the_settings_forgot_is_listed_and_revoked_all_the_same(store, trust):
    trust_at(store, "gone/away", "zoe", "boss")
    assert trust("list").stdout.startswith("gone/away  zoe  ")
    assert trust("revoke", "gone/away", "zoe").exit_code == 0
    assert store.kept_trust() == ()


def test_nothing_that_is_printed_is_obeyed_by_a_terminal_or_gives_a_secret_away(store, trust):
    trust_at(store, REPO, "zoe\x1b[2J\nann", f"boss {TOKEN}")
    listed = trust("list")
    assert listed.stdout.startswith("Acme/widgets  zoe\\x1b[2j\\x0aann  by boss ***  ")
    refused = trust("revoke", "a/b\x1b[2J", "x\ny")
    assert refused.stderr.startswith("a/b\\x1b[2J: x\\x0ay was not trusted")
    assert "\x1b" not in listed.output + refused.output


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["--config", "{}", "trust", "list"], id="before the name"),
        pytest.param(["trust", "--config", "{}", "list"], id="between group and command"),
        pytest.param(["trust", "list", "--config", "{}"], id="after the name"),
        pytest.param(["trust", "revoke", REPO, "zoe", "--config={}"], id="after the arguments"),
        pytest.param(["--config={}", "trust", "revoke", REPO, "zoe"], id="before revoke"),
    ],
)
def test_config_may_stand_before_or_after_the_commands_names(store, settings, args):
    trust_at(store, REPO, "zoe", "boss")
    told = CliRunner().invoke(group, [arg.format(settings) for arg in args])
    assert told.exit_code == 0
    assert told.stdout.startswith("Acme/widgets")
