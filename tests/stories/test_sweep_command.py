"""`leeroy sweep` beside a service, and alone: it comes back when what it found is handled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.world import REPO

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def leeroy(tmp_path):
    """The real command on the world's settings."""

    def run(*args):
        kept = {name: text for name, text in os.environ.items() if not name.startswith("LEEROY")}
        return subprocess.run(
            [sys.executable, "-m", "leeroy", *args],
            cwd=tmp_path,
            env={**kept, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def world(arrange):
    """A world that no webhook reaches."""
    world = arrange()
    for hook in world.github.repository(REPO).hooks:
        hook.active = False
    return world


def janky(world, number):
    return world.statuses(world.head(number)).get("janky")


@pytest.mark.parametrize("is_alone", [True, False], ids=["no other worker", "beside a worker"])
def test_it_returns_when_what_it_found_is_handled(world, leeroy, is_alone):
    if is_alone:
        world.crew.stop()
    number = world.open_pull()
    told = leeroy("sweep")
    assert told.returncode == 0, told.stderr
    assert f"{REPO}: 1 open pull requests looked over" in told.stdout
    assert f"{REPO}#{number}: its head or base is not the one we know (janky)" in told.stdout
    assert "1 of 1 handled" in told.stdout
    assert janky(world, number) == ("pending", "Queued in Jenkins")


def test_with_nothing_missed_it_says_so(world, leeroy):
    told = leeroy("sweep")
    assert (told.returncode, told.stdout) == (0, "nothing was missed\n")


def test_a_dry_run_only_tells(world, leeroy):
    number = world.open_pull()
    told = leeroy("sweep", "--dry-run")
    assert told.returncode == 0
    assert f"{REPO}#{number}" in told.stdout
    assert janky(world, number) is None
    assert not world.jenkins.queue()


@pytest.mark.parametrize(
    "answer",
    [{"status": 500}, {"status": 200, "body": b"[" * 200_000}, {"status": 200, "body": b"1e400"}],
    ids=["500", "200 KB of [", "1e400"],
)
def test_what_could_not_be_looked_at_is_told_and_makes_it_1(arrange, leeroy, answer):
    build = {"jenkins_job_name": "ci/widgets", "context": "janky"}
    world = arrange(builds=[{**build, "github_repo": repo} for repo in ("acme/another", REPO)])
    world.github.create_repo("acme/another", files={"README.md": "# Another\n"})
    for hook in world.github.repository(REPO).hooks:
        hook.active = False
    number = world.open_pull()
    world.github.faults.add("GET", "/acme/another/", **answer)
    told = leeroy("sweep")
    assert told.returncode == 1
    assert "could not be looked at:\n  acme/another: " in told.stdout
    assert "Traceback" not in told.stdout
    assert janky(world, number) == ("pending", "Queued in Jenkins")


def test_a_look_that_is_given_up_makes_it_1(world, leeroy):
    world.crew.stop()
    number = world.open_pull()
    world.github.faults.add("GET", f"/repos/{REPO}/pulls/{number}", status=422)
    told = leeroy("sweep")
    assert told.returncode == 1
    assert f"{REPO}#{number}: was given up" in told.stdout
