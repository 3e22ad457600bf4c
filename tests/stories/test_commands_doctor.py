"""`leeroy doctor`: each thing that can be wrong with a running Leeroy is told with its way out."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from sqlalchemy import text, update

from leeroy.cli.main import group
from leeroy.database import now, open_database, revisions, write
from leeroy.hints import OtherHint
from leeroy.queue.process import this_process
from leeroy.queue.tables import hints, subjects
from leeroy.store.tables import builds
from leeroy_sandbox.jenkins import Revision
from tests.stories.world import REPO


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture
def doctor(world, tmp_path: Path) -> Callable[[], Result]:
    path = tmp_path / "config.json"
    whole = {"public_url": world.url, **json.loads(path.read_text())}
    path.write_text(json.dumps(whole))
    return lambda: CliRunner().invoke(group, ["--config", str(path), "doctor"])


def wrongs(told: Result) -> list[tuple[str, str]]:
    """Each thing that is wrong, with its way out."""
    lines = [line.strip() for line in told.output.splitlines()]
    return [
        (line.removeprefix("wrong  "), lines[index + 1].removeprefix("-> "))
        for index, line in enumerate(lines)
        if line.startswith("wrong ")
    ]


def lease(engine, subject: str, holder: str) -> None:
    """A look that is being made."""
    with write(engine) as connection:
        row = {
            "name": subject, "lane": subject, "turn": 0.0, "priority": 0, "attempts": 1, "due": now(connection), "token": "t",
            "leased_by": holder, "leased_until": now(connection) + 30,
        }  # fmt: skip
        connection.execute(subjects.insert().values(row))


def test_when_nothing_is_wrong_it_says_so(world, doctor):
    world.open_pull()
    world.settle()
    told = doctor()
    assert (told.exit_code, wrongs(told)) == (0, [])
    for line in (
        "ok     no faults",
        "ok     the schema is current",
        "ok     it can be written to",
        "ok     nothing waits",
        "ok     1 unfinished, 0 of them older than 6 h",
        "ok     credentials: they work, as leeroy",
        "Nothing is wrong.",
    ):
        assert line in told.output


def test_it_leaves_nothing_behind(world, doctor):
    doctor()
    with write(world.services.engine) as connection:
        assert not connection.execute(subjects.select()).all()


def test_what_waits_for_a_long_time_means_that_nobody_works(world, doctor):
    world.workers.stop()
    world.services.queue.put(f"{REPO}#7", OtherHint(kind="delivery"))
    with write(world.services.engine) as connection:
        connection.execute(update(subjects).values(due=now(connection) - 300))
    ((said, way_out),) = wrongs(doctor())
    assert said == "1 to look at, the longest waits for 5 min, and nobody looks"
    assert "leeroy work" in way_out


def test_workers_that_cannot_keep_up_are_told_from_none(world, doctor):
    world.workers.stop()
    lease(world.services.engine, "acme/widgets#1", this_process())
    world.services.queue.put(f"{REPO}#7", OtherHint(kind="delivery"))
    with write(world.services.engine) as connection:
        waiting = update(subjects).where(subjects.c.token.is_(None))
        connection.execute(waiting.values(due=now(connection) - 300))
    told = doctor()
    ((said, _),) = wrongs(told)
    assert said.endswith(f"{this_process()} cannot keep up")
    assert f"at work: {this_process()}" in told.output


def test_a_worker_that_died_in_the_middle_is_named(world, doctor):
    world.workers.stop()
    with subprocess.Popen(["true"]) as process:
        pass
    dead = f"{os.uname().nodename}:{process.pid}:1"
    lease(world.services.engine, "acme/widgets#1", dead)
    ((said, way_out),) = wrongs(doctor())
    assert said == f"{dead} died in the middle of a look"
    assert "taken up at once" in way_out


@pytest.mark.parametrize(
    ("handled", "what"),
    [
        pytest.param(True, "was given up", id="given up"),
        pytest.param(False, "fails and is tried again", id="in work"),
    ],
)
def test_looks_that_fail_are_told_with_their_error(world, doctor, handled, what):
    world.workers.stop()
    world.services.queue.put(f"{REPO}#7", OtherHint(kind="delivery"))
    with write(world.services.engine) as connection:
        at = now(connection)
        failed = {"error": "read acme/widgets#7: GitHub refused", "received": at - 7200}
        connection.execute(update(hints).values(handled=at if handled else None, **failed))
    ((said, way_out),) = wrongs(doctor())
    assert said == f"{REPO}#7 {what}, asked for 2 h ago: read acme/widgets#7: GitHub refused"
    assert way_out.endswith(f"run: leeroy rebuild {REPO}#7")


def test_what_was_given_up_and_went_well_since_is_mended(world, doctor):
    world.workers.stop()
    world.services.queue.put(f"{REPO}#7", OtherHint(kind="delivery"))
    with write(world.services.engine) as connection:
        connection.execute(update(hints).values(handled=now(connection), error="refused"))
    world.services.queue.put(f"{REPO}#7", OtherHint(kind="request"))
    with write(world.services.engine) as connection:
        later = update(hints).where(hints.c.error.is_(None))
        connection.execute(later.values(handled=now(connection)))
        connection.execute(update(subjects).values(due=None))
    assert wrongs(doctor()) == []


def test_a_build_that_never_ends_is_told_with_where_to_look(world, doctor):
    number = world.open_pull()
    world.settle()
    with write(world.services.engine) as connection:
        connection.execute(update(builds).values(created=now(connection) - 8 * 3600))
    ((said, way_out),) = wrongs(doctor())
    assert said == f"janky of {REPO}#{number} is queued since 8 h"
    assert f"{world.jenkins_url}/job/ci/job/widgets/" in way_out
    assert way_out.endswith(f"leeroy rebuild {REPO}#{number} --context janky")


def test_a_schema_that_is_behind_is_told_and_left_as_it_is(world, doctor):
    world.workers.stop()
    with write(world.services.engine) as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    (said, way_out), *_ = wrongs(doctor())
    assert said == f"the schema lacks {', '.join(revisions())}"
    assert way_out == "run: leeroy migrate-db"
    with write(world.services.engine) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == []


def test_a_database_that_is_not_there_is_not_made(world, doctor, tmp_path):
    path = tmp_path / "config.json"
    whole = {**json.loads(path.read_text()), "database_url": "sqlite:///none.db"}
    path.write_text(json.dumps(whole))
    told = doctor()
    assert told.exit_code == 0
    assert "none.db does not exist yet" in told.output
    assert not (tmp_path / "none.db").exists()


def test_a_database_that_is_none_is_told(world, doctor, tmp_path):
    path = tmp_path / "config.json"
    (tmp_path / "garbage.db").write_bytes(b"no database at all" * 100)
    whole = {**json.loads(path.read_text()), "database_url": "sqlite:///garbage.db"}
    path.write_text(json.dumps(whole))
    told = doctor()
    assert told.exit_code == 1
    assert "garbage.db is not whole" in wrongs(told)[0][0]


def test_what_is_wrong_here_does_not_keep_it_from_asking_outside(world, doctor):
    world.github.revoke_token(json.loads(doctor_settings(world))["github_token"])
    world.workers.stop()
    with write(world.services.engine) as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    said = [text for text, _ in wrongs(doctor())]
    assert said[0].startswith("the schema lacks")
    assert any("Bad credentials" in text for text in said)


def doctor_settings(world) -> str:
    return Path(world.services.config.source).read_text()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_told(world, doctor, tmp_path):
    tmp_path.chmod(0o500)
    try:
        told = doctor()
    finally:
        tmp_path.chmod(0o700)
    assert wrongs(told)[0][0] == f"{tmp_path} cannot be written to"


@pytest.fixture
def postgres_settings(tmp_path: Path) -> Iterator[Path]:
    """Settings with an empty PostgreSQL."""
    server = os.environ.get("LEEROY_TEST_POSTGRES")
    if not server:
        pytest.skip("LEEROY_TEST_POSTGRES holds no URL of a PostgreSQL to try this on")
    from uuid import uuid4

    from sqlalchemy import make_url

    schema = f"leeroy_{uuid4().hex}"
    admin = open_database(server)
    with write(admin) as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
    path = tmp_path / "config.json"
    whole = {
        "jenkins": {"base_url": "http://127.0.0.1:9"},
        "github_api_url": "http://127.0.0.1:9",
        "github_token": "ghp_0123456789abcdefghij",
        "github_webhook_secret": "webhook-secret",
        "builds": [{"github_repo": REPO, "jenkins_job_name": "ci/widgets"}],
        "database_url": url.render_as_string(hide_password=False),
    }
    path.write_text(json.dumps(whole))
    yield path
    with write(admin) as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


def test_on_postgresql_serve_refuses_a_schema_behind_until_migrate_db_ran(postgres_settings):
    path = str(postgres_settings)
    runner = CliRunner()
    refused = runner.invoke(group, ["--config", path, "serve", "--port", "0"])
    (fault,) = refused.exception.faults  # type: ignore[union-attr]
    assert (fault.path, fault.hint) == ("database_url", "run: leeroy migrate-db")
    assert "run: leeroy migrate-db" in runner.invoke(group, ["--config", path, "doctor"]).output
    assert runner.invoke(group, ["--config", path, "migrate-db"]).output.startswith("applied 0001")
    again = runner.invoke(group, ["--config", path, "migrate-db"])
    assert again.output == "the schema is current\n"
    told = runner.invoke(group, ["--config", path, "doctor"]).output
    assert "ok     it can be written to" in told


def test_a_login_that_is_somebody_elses_now_is_told(arrange, tmp_path):
    world = arrange(trusted_users=["oldname"], whitelist_command=True)
    old = world.github.create_user("oldname")
    store = world.services.store
    store.save_account("oldname", old.id)
    store.trust(REPO, "stranger", world.github.account("stranger").id, "mary")
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"public_url": world.url, **json.loads(path.read_text())}))

    def told() -> list[str]:
        said = CliRunner().invoke(group, ["--config", str(path), "doctor"])
        return [f"{what} {way_out}" for what, way_out in wrongs(said) if "account" in what]

    assert told() == []
    for login in ("oldname", "stranger"):
        world.github.rename_user(login, f"{login}-2")
        world.github.create_user(login)
    first, second = told()
    assert "leeroy trust forget oldname" in first
    assert f"leeroy trust revoke {REPO} stranger" in second
    forgot = ["--config", str(path), "trust", "forget", "oldname"]
    assert [CliRunner().invoke(group, forgot).exit_code for _ in range(2)] == [0, 1]


def test_a_job_that_stopped_notifying_is_told(world, doctor):
    for n in range(4):
        if n == 1:
            world.jenkins.jobs.get("ci/widgets").endpoints = ()
        number = world.open_pull(f"branch-{n}", files={f"src/{n}.py": "x\n"})
        world.settle()
        build = world.jenkins.start_next()
        world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
        world.look_again(number)
        world.settle()
    ((said, way_out),) = wrongs(doctor())
    assert said == "job ci/widgets stopped notifying: nothing was heard of its last 3 builds"
    assert "Job Notifications" in way_out


def test_a_pipeline_that_shows_another_commit_is_noted(world, doctor):
    library = Revision(url="https://git.test/library", commit="3" * 40, branch="main")
    world.jenkins.remove_job("ci/widgets")
    world.add_job("ci/widgets", kind="pipeline", checkouts=(library,))
    number = world.open_pull()
    world.settle()
    world.build_next("SUCCESS")
    told = doctor()
    assert (told.exit_code, wrongs(told)) == (0, [])
    sha = world.head(number)[:7]
    assert f"note   job ci/widgets: build #1 was given {sha} and shows only 3333333" in told.output
