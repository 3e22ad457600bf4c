"""Whole stories, and every request of Leeroy's in them is one that GitHub describes."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from leeroy import logs
from leeroy.cli.main import group
from leeroy_sandbox import github as sandbox
from tests.contract.openapi import Contract, validated
from tests.stories import world as stories
from tests.stories.world import REPO, World, make_world

POLICY = {
    "signoff": {"mode": "required", "label": "dco/no"},
    "docs": {"mode": "advisory", "when": ["src/**"], "expect": ["docs/**"]},
    "tests": {"mode": "advisory", "min_lines": 1},
    "labels": {"area/code": [{"changed-files": [{"any-glob-to-any-file": "src/**"}]}]},
    "size": True,
}
CODE = {"src/widget.py": "def widget():\n    return 'round'\n"}
WHOLE = {**CODE, "docs/widget.md": "Round.\n", "tests/test_widget.py": "def test_it(): pass\n"}
#: Names with all that has a meaning in a path, a query or a header.
ODD_BRANCH = "x&PR=9#b%2F+ü🎉"
SIGNED = "Make widgets rounder\n\nSigned-off-by: Mona <mona@example.com>\n"


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Makes a world whose GitHub holds all that passes by against its description."""
    contracts: list[Contract] = []

    class Described(sandbox.GitHub):
        @contextmanager
        def serve(self, port: int = 0) -> Iterator[str]:
            with validated(self) as contract, super().serve(port) as url:
                contracts.append(contract)
                yield url

    monkeypatch.setattr(stories, "GitHub", Described)
    with ExitStack() as stack:

        def make(**settings: Any) -> tuple[World, Contract]:
            made = stack.enter_context(make_world(tmp_path, **settings))
            return made, contracts[0]

        yield make
    logs.configure()


def operations(world: World, contract: Contract) -> set[str]:
    """What was asked of GitHub so far, by GitHub's own names; and nothing was wrong with it."""
    world.settle()
    contract.check()
    assert contract.faults == []
    return contract.described


def test_the_life_of_a_pull_request_is_told_in_words_github_knows(watch):
    world, contract = watch(
        repositories={REPO: {"patchparser": POLICY}},
        builds=[
            {
                "github_repo": REPO,
                "jenkins_job_name": "ci/widgets",
                "context": "ci/ünïcode + spaces",
                "build_commits": "new",
            }
        ],
    )
    number = world.open_pull(ODD_BRANCH, files=CODE, title="Rounder ✓ “widgets” \u202e🎉")
    world.settle()
    world.build_next("FAILURE")
    github = world.github
    github.push(REPO, ODD_BRANCH, WHOLE, message=SIGNED)
    world.settle()
    world.build_next()
    github.edit_pull(REPO, number, title="Rounder still")
    github.comment(REPO, number, "mary", "/test all")
    github.push(REPO, "release", {"other.txt": "x\n"})
    github.edit_pull(REPO, number, base="release")
    github.close_pull(REPO, number)
    said = operations(world, contract)
    assert said >= {
        "pulls/get",
        "pulls/list-files",
        "pulls/list-commits",
        "repos/create-commit-status",
        "issues/add-labels",
        "issues/create-comment",
        "issues/list-comments",
    }


def test_comments_and_labels_are_mended_in_words_github_knows(watch):
    world, contract = watch(repositories={REPO: {"patchparser": POLICY}}, builds=[])
    number = world.open_pull(files=CODE)
    world.settle()
    main = world.github.repository(REPO).branches["main"]
    for message in ("still not", SIGNED):
        world.github.push(REPO, "rounder", WHOLE, message=message, parents=[main], force=True)
        world.settle()
    world.github.merge_pull(REPO, number)
    said = operations(world, contract)
    assert said >= {"issues/add-labels", "issues/remove-label", "issues/update-comment"}


def test_requests_of_operators_ask_github_what_it_describes(watch):
    world, contract = watch()
    number = world.open_pull()
    world.settle()
    world.build_next("FAILURE")
    world.ask("/build/retry", {"number": number, "repo": REPO, "context": "janky"})
    world.ask("/build/cron", {"repo": REPO, "context": "all"})
    assert operations(world, contract) >= {"pulls/list", "repos/get-combined-status-for-ref"}


def test_commands_ask_github_what_it_describes(watch, tmp_path):
    world, contract = watch(public_url="https://leeroy.example.com")
    number = world.open_pull()
    world.settle()

    def run(*args: str) -> int:
        told = CliRunner().invoke(group, ["--config", str(tmp_path / "config.json"), *args])
        assert told.exception is None or isinstance(told.exception, SystemExit), told.output
        return told.exit_code

    assert run("check-config", "--online") == 1  # no webhook leads to that address
    assert run("hooks", "install") == 0
    assert run("hooks", "install") == 0
    assert run("hooks", "list") == 0
    assert run("check-config", "--online") == 0
    assert run("plan", f"{REPO}#{number}") == 0
    assert run("doctor") in (0, 1)
    said = operations(world, contract)
    assert said >= {
        "repos/list-webhooks",
        "repos/create-webhook",
        "repos/update-webhook",
        "users/get-authenticated",
        "repos/get-collaborator-permission-level",
    }
    hook = next(c for c in world.github.calls.matching("POST", f"/repos/{REPO}/hooks$"))
    assert json.loads(hook.body)["config"]["url"].startswith("https://leeroy.example.com/")


def test_every_request_says_who_asks_and_by_which_version(watch):
    world, _ = watch()
    world.open_pull()
    world.settle()
    calls = list(world.github.calls)
    assert calls
    for call in calls:
        assert call.headers["user-agent"].startswith("leeroy/")
        assert call.headers["x-github-api-version"] == "2022-11-28"
        assert call.headers["authorization"] == f"Bearer {stories.TOKEN}"
        assert call.headers["accept"].startswith("application/vnd.github")
        assert stories.TOKEN not in call.target
