"""Commit statuses of the sandbox GitHub."""

from collections.abc import Iterator

import pytest

from tests.parts.sandbox.github_world import REPO, World, served


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with served(tmp_path) as made:
        yield made


@pytest.fixture
def sha(world) -> str:
    return world.github.repository(REPO).branches["main"]


def post(world, sha, **body):
    return world.api("POST", f"{world.repo}/statuses/{sha}", {"state": "pending", **body})


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        pytest.param({"description": "é" * 141}, "description",
                     "description is too long (maximum is 140 characters)", id="description"),
        pytest.param({"context": "c" * 256}, "context",
                     "context is too long (maximum is 255 characters)", id="context"),
        pytest.param({"target_url": "nulljob/x"}, "target_url",
                     "target_url must use http(s) scheme", id="url"),
        pytest.param({"state": "running"}, "state", "state is not included in the list",
                     id="state"),
    ],
)  # fmt: skip
def test_what_is_not_taken(world, sha, body, field, message):
    answer = post(world, sha, **body)
    assert answer.status_code == 422
    assert answer.json() == {
        "message": "Validation Failed",
        "documentation_url": "https://docs.github.com/rest",
        "errors": [{"resource": "Status", "code": "custom", "field": field, "message": message}],
        "status": "422",
    }
    assert world.github.statuses(REPO, sha).history == ()


@pytest.mark.parametrize("wrong", ["main", "0" * 40, "abc"])
def test_only_a_full_sha_of_a_commit_will_do(world, wrong):
    answer = post(world, wrong)
    assert answer.status_code == 422
    assert answer.json()["message"] == f"No commit found for SHA: {wrong}"
    assert "errors" not in answer.json()


def test_what_is_just_short_enough_is_taken(world, sha):
    answer = post(world, sha, description="é" * 140, context="c" * 255, target_url="HTTPS://x/")
    assert answer.status_code == 201
    assert answer.headers["Location"] == answer.json()["url"]
    assert answer.json()["creator"]["login"] == "leeroy"


def test_contexts_are_the_same_in_any_case_and_the_latest_counts(world, sha):
    post(world, sha, context="Unit")
    post(world, sha, context="docs", state="success")
    post(world, sha, context="unit", state="failure", description="No")
    combined = world.api.get(f"{world.repo}/commits/heads%2Fmain/status")
    assert (combined["state"], combined["total_count"], combined["sha"]) == ("failure", 2, sha)
    assert {s["context"]: s["state"] for s in combined["statuses"]} == {
        "docs": "success", "unit": "failure",
    }  # fmt: skip
    history = world.api.get(f"{world.repo}/commits/{sha}/statuses")
    assert [s["context"] for s in history] == ["unit", "docs", "Unit"]
    said = world.github.statuses(REPO, sha)
    assert [s.context for s in said.history] == ["Unit", "docs", "unit"]
    assert {context: s.state for context, s in said.latest.items()} == {
        "docs": "success", "unit": "failure",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("states", "combined"),
    [
        ([], "pending"), (["success"], "success"), (["success", "pending"], "pending"),
        (["error", "pending"], "failure"), (["failure", "success"], "failure"),
    ],
)  # fmt: skip
def test_what_all_contexts_come_to(world, sha, states, combined):
    for n, state in enumerate(states):
        post(world, sha, context=f"c{n}", state=state)
    assert world.api.get(f"{world.repo}/commits/main/status")["state"] == combined


def test_a_context_takes_a_thousand_and_no_more(world, sha):
    for n in range(1000):
        world.github.post_status(REPO, sha, "pending", "aA"[n % 2])
    assert post(world, sha, context="b").status_code == 201
    refused = post(world, sha, context="a")
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {
            "resource": "Status",
            "code": "custom",
            "message": "This SHA and context has reached the maximum number of statuses.",
        }
    ]


def test_a_fork_s_commit_can_be_given_a_status_in_its_base(world):
    world.github.fork(REPO, "alice")
    head = world.github.push("alice/widgets", "feature", {"x": "1\n"})
    assert post(world, head).status_code == 201


def test_statuses_are_posted_without_running_git(world):
    (number,) = world.github.open_pulls_quickly(REPO, 1)
    where = world.github.git_path(REPO)
    where.rename(where.with_name("out-of-reach.git"))
    assert post(world, world.github.pull(REPO, number).head_sha).status_code == 201
    for path in ("", "/files", "/commits"):
        world.api.get(f"{world.repo}/pulls/{number}{path}")
