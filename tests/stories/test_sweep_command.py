"""`leeroy sweep` beside a service, and alone: it comes back when what it found is handled."""

import json
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
        world.workers.stop()
    number = world.open_pull()
    told = leeroy("sweep")
    assert told.returncode == 0, told.stderr
    assert f"{REPO}: 1 open pull requests looked over" in told.stdout
    assert f"{REPO}#{number}: its head or base is not the one we know (janky)" in told.stdout
    assert f"\n{REPO}#{number}: trigger ci/widgets for janky at " in told.stdout
    assert told.stdout.endswith("found 1: 1 looked at again\n1 of 1 handled: 1 done\n")
    assert janky(world, number) == ("pending", "Queued in Jenkins")


def test_with_nothing_missed_it_says_so(world, leeroy):
    told = leeroy("sweep")
    assert (told.returncode, told.stdout) == (0, "nothing was missed\n")


def test_a_dry_run_only_tells(world, leeroy):
    number = world.open_pull()
    told = leeroy("sweep", "--dry-run")
    assert told.returncode == 0
    assert f"{REPO}#{number}" in told.stdout
    assert told.stdout.endswith("found 1: 1 to be looked at again\n")
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
    world.workers.stop()
    number = world.open_pull()
    world.github.faults.add("GET", f"/repos/{REPO}/pulls/{number}", status=422)
    told = leeroy("sweep")
    assert told.returncode == 1
    assert f"\n{REPO}#{number}: given up: read {REPO}#{number}: GitHub answered 422" in told.stdout


def test_an_unfinished_build_is_read_from_jenkins_however_new_it_is(arrange, leeroy):
    world = arrange()
    world.add_job("ci/widgets", endpoints=())
    number = world.open_pull()
    world.settle()
    build = world.jenkins.start_next()
    world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
    world.workers.stop()
    told = leeroy("sweep")
    assert told.returncode == 0, told.stdout
    assert f"{REPO}#{number}: a build is unfinished" in told.stdout
    assert f"\n{REPO}#{number}: record janky: done" in told.stdout
    assert janky(world, number)[0] == "success"


def test_what_was_refused_is_not_told_as_done_and_makes_it_1(world, leeroy):
    world.workers.stop()
    number = world.open_pull()
    world.github.faults.add("POST", "/statuses/", status=403, body=b'{"message": "May not"}')
    told = leeroy("sweep")
    assert told.returncode == 1
    assert f"\n{REPO}#{number}: refused: set status janky on " in told.stdout
    assert "GitHub answered 403: May not" in told.stdout
    assert told.stdout.endswith("0 of 1 handled: 1 refused\n")


def test_what_is_only_observed_is_told_as_what_would_be_done(arrange, leeroy):
    world = arrange(mode="observe")
    world.workers.stop()
    number = world.open_pull()
    told = leeroy("sweep")
    assert told.returncode == 0
    assert f"\n{REPO}#{number}: would trigger ci/widgets for janky" in told.stdout
    assert told.stdout.endswith("1 of 1 handled: 1 only observed\n")
    assert janky(world, number) is None


def test_it_says_the_same_for_programs(arrange, leeroy):
    build = {"jenkins_job_name": "ci/widgets", "context": "janky"}
    world = arrange(builds=[{**build, "github_repo": repo} for repo in ("acme/gone", REPO)])
    world.workers.stop()
    number = world.open_pull()
    told = leeroy("sweep", "--json")
    said = json.loads(told.stdout)
    assert (told.returncode, said["is_whole"], said["is_good"], said["pulls"]) == (
        1,
        False,
        False,
        1,
    )
    assert said["found"] == [
        {
            "subject": f"{REPO}#{number}",
            "why": "its head or base is not the one we know",
            "outcome": "due",
            "contexts": ["janky"],
        }
    ]
    (handled,) = said["handled"]
    assert (handled["subject"], handled["outcome"]) == (f"{REPO}#{number}", "done")
    assert handled["effects"][0].startswith("trigger ci/widgets for janky")
    assert [one["subject"] for one in said["unread"]] == ["acme/gone"]
    assert said["counts"]["found"] == {"due": 1, "later": 0, "reported": 0}
    assert said["counts"]["handled"]["done"] == 1
