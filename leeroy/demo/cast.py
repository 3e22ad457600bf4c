"""Who and what the demo sets up: a repository, its people, three Jenkins jobs, a config.json."""

import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from leeroy_sandbox.github import GitHub
from leeroy_sandbox.jenkins import Jenkins, String
from leeroy_sandbox.jenkins.access import Permission

REPO = "acme/widgets"
MAIN = "main"
#: May push to the repository, so Leeroy builds what they propose.
PEOPLE = ("alice", "bob", "carol")
#: Has only a fork, so that somebody must look first.
STRANGER = "dave"
#: Pushes by hand once the story is over.
GUEST = "guest"
BOT = "leeroy-bot"
OPERATOR = "operator"

TEST_JOB, DOCS_JOB, BINARIES_JOB = "widgets/test", "widgets/docs", "widgets/binaries"
TEST, DOCS, BINARIES = "ci/test", "ci/docs", "ci/binaries"
SIGN_OFF, TESTS = "patchparser/signoff", "patchparser/tests"
#: What the webhook asks for, as the README says.
EVENTS = (
    "pull_request", "issue_comment", "pull_request_review", "pull_request_review_comment", "push",
)  # fmt: skip
#: What a job defines, as the README says.
PARAMETERS = (
    "GIT_BASE_REPO", "GIT_HEAD_REPO", "GIT_SHA1", "GITHUB_URL", "PR", "BASE_BRANCH",
    "LEEROY_BUILD_ID",
)  # fmt: skip

WIDGETS = '''"""Widgets, and how to send them."""


def boxes(widgets, size):
    """How many boxes of this size hold the widgets."""
    return -(-widgets // size)
'''
PROGRAM = '''"""Say how many boxes an order needs."""

import argparse

from widgets import boxes


def main(arguments=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("widgets", type=int)
    parser.add_argument("--size", type=int, default=12)
    order = parser.parse_args(arguments)
    print(boxes(order.widgets, order.size))


if __name__ == "__main__":
    main()
'''
TEST_WIDGETS = """import unittest

from widgets import boxes


class Boxes(unittest.TestCase):
    def test_a_box_that_is_not_full_is_a_box(self):
        self.assertEqual(boxes(25, size=12), 3)
"""
USAGE = """# Using widgets

Run `python3 order.py WIDGETS`; `--size` says how many go into a box.
"""
#: What is given to people: one file that runs; it has to count right before it is.
BUILD_BINARIES = """mkdir -p app
cp *.py app
python3 -m zipapp app --main order:main --output widgets.pyz
test "$(python3 widgets.pyz 25)" = 3
"""
#: Every page becomes HTML; one without a title is a mistake.
BUILD_DOCS = """#!/bin/sh
set -e
mkdir -p site
for page in docs/*.md; do
  grep -q '^# ' "$page" || { echo "$page has no title"; exit 1; }
  sed 's|^# \\(.*\\)|<h1>\\1</h1>|' "$page" > "site/$(basename "$page" .md).html"
done
ls site
"""
#: What the repository holds when the story begins.
FILES: Mapping[str, str] = MappingProxyType(
    {
        "README.md": "# Widgets\n\nSee docs/usage.md.\n",
        "widgets.py": WIDGETS,
        "order.py": PROGRAM,
        "tests/__init__.py": "",
        "tests/test_widgets.py": TEST_WIDGETS,
        "docs/usage.md": USAGE,
        "docs/build.sh": BUILD_DOCS,
    }
)


def shared_disk(folder: Path) -> Path:
    """Where the machines that build have the disk they share; away until somebody brings it."""
    return folder / "shared"


def _secret() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The secrets of one run, made anew each time."""

    github_token: str = field(default_factory=lambda: f"ghp_{secrets.token_hex(18)}")
    jenkins_token: str = field(default_factory=lambda: f"11{_secret()}")
    webhook: str = field(default_factory=_secret)
    notification: str = field(default_factory=_secret)
    password: str = field(default_factory=lambda: secrets.token_hex(4))


def set_up_github(github: GitHub, keys: Keys) -> None:
    """The repository, its people, and Leeroy's account with its token."""
    github.create_org("acme")
    github.create_user(BOT)
    github.create_repo(REPO, files=FILES, message="Begin\n\nSigned-off-by: Mona <mona@example.com>")
    for login in (*PEOPLE, GUEST, BOT):
        github.set_permission(REPO, login, "write")
    github.add_token(BOT, ("repo",), text=keys.github_token)


def set_up_jenkins(jenkins: Jenkins, keys: Keys) -> None:
    """Leeroy's user; everybody may look, so that the links in statuses open."""
    jenkins.add_user("leeroy", token=keys.jenkins_token)
    jenkins.users.anonymous = frozenset({Permission.OVERALL_READ, Permission.READ})


def jobs(folder: Path, repositories: Path) -> Mapping[str, Mapping[str, Any]]:
    """The jobs' settings: each checks out the commit it is given and runs a command in it."""
    # Some machines have Python only where Leeroy's own is.
    path = f'PATH="$PATH:{shlex.quote(str(Path(sys.executable).parent))}"'
    disk = f"export SHARED={shlex.quote(str(shared_disk(folder)))}"
    common = {
        "parameters": tuple(String(name) for name in PARAMETERS),
        "git_url": f"{repositories}/${{GIT_BASE_REPO}}.git",
        "revision": "${GIT_SHA1}",
    }
    return {
        TEST_JOB: {
            **common,
            "shell": f"{path}\n{disk}\npython3 -m unittest discover --top-level-directory .",
        },
        DOCS_JOB: {**common, "shell": "sh docs/build.sh"},
        BINARIES_JOB: {**common, "shell": f"{path}\n{BUILD_BINARIES}"},
    }


def settings(github_url: str, jenkins_url: str, keys: Keys) -> dict[str, Any]:
    """The config.json of the demo."""
    return {
        "jenkins": {
            "base_url": jenkins_url,
            "username": "leeroy",
            "token": keys.jenkins_token,
            "notification_secret": keys.notification,
        },
        "github_api_url": github_url,
        "github_token": keys.github_token,
        "github_webhook_secret": keys.webhook,
        "user": OPERATOR,
        "pass": keys.password,
        "builds": [
            {
                "github_repo": REPO,
                "jenkins_job_name": TEST_JOB,
                "context": TEST,
                "paths_ignore": ["docs/**"],
            },
            {
                "github_repo": REPO,
                "jenkins_job_name": DOCS_JOB,
                "context": DOCS,
                "paths": ["docs/**"],
            },
        ],
        "branches": [
            {
                "github_repo": REPO,
                "branch": MAIN,
                "jenkins_job_name": BINARIES_JOB,
                "context": BINARIES,
            },
            {
                "github_repo": REPO,
                "branch": MAIN,
                "jenkins_job_name": DOCS_JOB,
                "context": DOCS,
                "paths": ["docs/**"],
            },
        ],
        "patchparser": {
            "signoff": {"mode": "required", "label": "dco/no"},
            "tests": {"mode": "required", "label": "needs-tests"},
            "docs": {"mode": "advisory", "look_for": ["flag"]},
            "labels": {"area/docs": [{"changed-files": [{"any-glob-to-any-file": "docs/**"}]}]},
            "sync": True,
        },
    }
