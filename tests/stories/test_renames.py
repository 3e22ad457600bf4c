"""Repositories that get another name or owner: what is configured goes on, and people are told."""

import json
from pathlib import Path

import pytest
import requests
import structlog
from click.testing import CliRunner

from leeroy.cli.main import group
from tests.stories.world import REPO

NEW = "acme/gadgets"
JANKY = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}


def rename(world) -> str:
    return world.github.rename_repo(REPO, "gadgets")


def transfer(world) -> str:
    world.github.create_org("newco")
    return world.github.transfer_repo(REPO, "newco")


def open_pull(world, repo, branch="rounder"):
    world.github.push(repo, branch, {"src/widget.py": f"{branch} = True\n"})
    number = world.github.open_pull(repo, branch)
    world.settle()
    return number, world.github.pull(repo, number).head_sha


def said(world, repo, sha):
    return {s.context: s.state for s in world.github.statuses(repo, sha).latest.values()}


def page(world) -> str:
    return requests.get(world.url, auth=("operator", "operators-password"), timeout=60).text


def doctor(tmp_path: Path) -> str:
    arguments = ["--config", str(tmp_path / "config.json"), "doctor"]
    told = CliRunner().invoke(group, arguments).output
    structlog.reset_defaults()
    return " ".join(told.split())


@pytest.mark.parametrize("move", [rename, transfer])
def test_a_push_under_the_new_name_is_built(world, move):
    open_pull(world, REPO)
    new = move(world)
    _, sha = open_pull(world, new, "second")
    assert said(world, new, sha) == {"janky": "pending"}


@pytest.mark.parametrize("move", [rename, transfer])
def test_a_comment_under_the_new_name_is_obeyed(world, move):
    number, sha = open_pull(world, REPO)
    world.build_next("FAILURE")
    new = move(world)
    world.github.comment(new, number, "mary", "/retest")
    world.settle()
    assert said(world, new, sha) == {"janky": "pending"}


def test_a_push_to_a_watched_branch_under_the_new_name_is_built(arrange):
    branch = {"github_repo": REPO, "branch": "main", "jenkins_job_name": "main", "context": "main"}
    world = arrange(branches=[branch])
    world.add_job("main")
    open_pull(world, REPO)
    new = rename(world)
    sha = world.github.push(new, "main", {"b.txt": "b\n"})
    world.settle()
    assert said(world, new, sha) == {"main": "pending"}


def test_a_repository_with_a_secret_of_its_own_goes_on_too(arrange):
    world = arrange(
        github_webhook_secret="everybody-elses",
        repositories={REPO: {"github_webhook_secret": "webhook-secret"}},
    )
    open_pull(world, REPO)
    new = rename(world)
    _, sha = open_pull(world, new, "second")
    assert said(world, new, sha) == {"janky": "pending"}


def test_an_id_is_also_learnt_from_what_github_answers(world):
    number, _ = open_pull(world, REPO)
    world.services.store.learn_repository(999_999_999, REPO, REPO)  # as if no delivery had told it
    rename(world)
    world.look_again(number)
    world.settle()
    (kept,) = world.services.store.repositories()
    assert (kept.repo, kept.called) == (REPO, NEW)


def test_both_names_are_told_on_the_dashboard_and_by_doctor(world, tmp_path):
    open_pull(world, REPO)
    assert "Renamed" not in page(world)
    new = rename(world)
    open_pull(world, new, "second")
    assert f"{REPO} is called {NEW} on GitHub now" in page(world)
    assert (
        f"{REPO} is called {NEW} on GitHub now; it goes on under both names -> write {NEW} in the"
        f" settings, wherever {REPO} stands" in doctor(tmp_path)
    )


def test_nothing_is_told_once_the_settings_have_the_new_name(world, tmp_path):
    open_pull(world, REPO)
    open_pull(world, rename(world), "second")
    path = tmp_path / "config.json"
    settings = json.loads(path.read_text())
    settings["builds"].append({**JANKY, "github_repo": NEW})
    path.write_text(json.dumps(settings))
    assert "on GitHub now" not in doctor(tmp_path)


def test_whoever_takes_the_old_name_has_it(world):
    """The one that had it before is none of ours from then on: GitHub does not lead to it."""
    open_pull(world, REPO)
    new = rename(world)
    taken = world.github.create_repo(REPO, files={"README.md": "# Others\n"})
    world.services.store.learn_repository(taken.id, REPO, REPO)
    _, sha = open_pull(world, new, "second")
    assert said(world, new, sha) == {}
    assert [each.repo for each in world.services.store.unconfigured()] == [new]


def test_deliveries_of_repositories_nobody_configured_are_counted(world, tmp_path):
    world.github.create_repo("acme/other", files={"README.md": "# Other\n"})
    world.github.add_hook(
        "acme/other",
        f"{world.url}/notification/github",
        secret="webhook-secret",
        events=("pull_request",),
        content_type="json",
    )
    open_pull(world, "acme/other")
    assert (
        "leeroy_unconfigured_deliveries_total 1.0"
        in requests.get(f"{world.url}/metrics", timeout=60).text
    )
    assert "1 delivery of acme/other, which the settings do not have" in doctor(tmp_path)
    assert "acme/other: 1" in page(world)
