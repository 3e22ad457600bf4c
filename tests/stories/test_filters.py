"""Filters follow what people change on the pull request: labels, title, draft."""

import pytest

from tests.stories.world import REPO

JOB = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
QUEUED = ("pending", "Queued in Jenkins")


def opened(arrange, build, **pull):
    world = arrange(builds=[{**JOB, **build}])
    number = world.open_pull(**pull)
    world.settle()
    return world, number


def janky(world, number):
    return world.statuses(world.head(number))["janky"]


def test_a_draft_waits_and_is_built_when_it_is_ready(arrange):
    world, number = opened(arrange, {"drafts": False}, draft=True)
    assert janky(world, number)[1].startswith("Not built: a draft")
    world.github.draft(REPO, number, False)
    world.settle()
    assert janky(world, number) == QUEUED


def test_converted_to_draft_it_keeps_the_build_that_runs_and_starts_no_other(arrange):
    world, number = opened(arrange, {"drafts": False})
    world.github.draft(REPO, number)
    world.settle()
    assert janky(world, number) == QUEUED
    world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
    world.settle()
    assert janky(world, number)[1].startswith("Not built: a draft")
    assert world.jenkins.queue() == []


def test_a_label_that_is_asked_for_builds_when_it_is_put_on(arrange):
    world, number = opened(arrange, {"labels": ["ci"]})
    assert janky(world, number)[0] == "pending"
    assert world.jenkins.queue() == []
    world.github.label(REPO, number, "CI")
    world.settle()
    assert janky(world, number) == QUEUED


def test_a_label_that_skips_lets_go_when_it_is_taken_off(arrange):
    world = arrange(builds=[{**JOB, "skip_labels": ["no-ci"]}])
    world.github.hold_deliveries()
    number = world.open_pull()
    world.github.label(REPO, number, "no-ci")
    world.github.release()
    world.settle()
    assert world.jenkins.queue() == []
    world.github.unlabel(REPO, number, "no-ci")
    world.settle()
    assert janky(world, number) == QUEUED


def test_a_title_without_its_skip_phrase_builds(arrange):
    world, number = opened(arrange, {}, title="[skip ci] words")
    assert world.jenkins.queue() == []
    world.github.edit_pull(REPO, number, title="words")
    world.settle()
    assert janky(world, number) == QUEUED


@pytest.mark.parametrize(
    ("author", "state"),
    [("mary", "success"), ("stranger", "pending")],
    ids=["may write", "may not"],
)
def test_no_author_turns_a_required_check_green_by_skipping_it(arrange, author, state):
    world = arrange(builds=[{**JOB, "skip_success": True}], trust="everyone")
    fork = world.github.fork(REPO, author)
    world.github.push(fork, "patch-1", {"src/widget.py": "x = 1\n"}, by=author)
    number = world.github.open_pull(
        REPO, f"{author}:patch-1", author=author, title="[skip ci] trust me"
    )
    world.settle()
    assert world.jenkins.queue() == []
    assert janky(world, number)[0] == state
