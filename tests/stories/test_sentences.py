"""Sentences are for people: whatever they say, the same is done."""

import re
from functools import wraps
from inspect import isfunction

import pytest

from leeroy.deciding import messages
from tests.stories.world import REPO, make_world

#: Not sentences: the marks that find our comments again, and what cuts and counts.
NO_SENTENCES = {"marker", "shorten", "duration", "about"}
BUILDS = [
    {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky", "retries": 1},
    {
        "github_repo": REPO,
        "jenkins_job_name": "ci/docs",
        "context": "docs",
        "paths": ["docs/**"],
    },
    {
        "github_repo": REPO,
        "jenkins_job_name": "ci/none",
        "context": "none",
        "if_job_missing": "skip",
    },
    {
        "github_repo": REPO,
        "jenkins_job_name": "ci/widgets",
        "context": "held",
        "skip_labels": ["no-ci"],
        "max_builds": 1,
    },
]


def turned(text: str) -> str:
    """Another sentence in its place: nothing of the old one is left to be found in it."""
    return re.sub(r"[A-Za-z]", lambda letter: chr(ord(letter[0]) ^ 1), text)[::-1]


@pytest.fixture
def other_sentences(monkeypatch):
    def put() -> None:
        for name, value in vars(messages).copy().items():
            if name.startswith("_") or name in NO_SENTENCES:
                continue
            if isinstance(value, str):
                monkeypatch.setattr(messages, name, turned(value))
            elif isfunction(value) and value.__module__ == messages.__name__:
                monkeypatch.setattr(messages, name, _turning(value))

    return put


def _turning(say):
    @wraps(say)
    def other(*args, **more):
        said = say(*args, **more)
        return turned(said) if isinstance(said, str) else said

    return other


def the_core(folder) -> list[object]:
    """A pull request's life, a stranger's, a closed one's: what was done at each step."""
    done: list[object] = []
    with make_world(folder, builds=BUILDS, trust="write", conflicts={"context": "c"}) as world:
        world.add_job("ci/docs")
        world.jenkins.remove_job("ci/none")

        def note() -> None:
            shas = {pull.head_sha for pull in world.github.repository(REPO).pulls.values()}
            seen = {sha: {c: s[0] for c, s in world.statuses(sha).items()} for sha in shas}
            done.append(sorted(map(str, map(sorted, map(dict.items, seen.values())))))
            # Those of one look are asked for side by side.
            done.append(sorted(item.job.full_name for item in world.jenkins.queue()))

        number = world.open_pull()
        world.settle()
        note()
        world.build_next("FAILURE", "ci/widgets")
        note()
        world.build_next("FAILURE", "ci/widgets")
        note()
        world.github.comment(REPO, number, "mary", "/retest")
        world.settle()
        note()
        world.github.push(REPO, "rounder", {"src/widget.py": "2\n"})
        world.settle()
        note()
        world.github.label(REPO, number, "no-ci")
        world.settle()
        note()
        while queue := sorted(item.job.full_name for item in world.jenkins.queue()):
            world.build_next("SUCCESS", queue[0])
        note()
        fork = world.github.fork(REPO, "stranger")
        world.github.push(fork, "patch-1", {"docs/a.md": "x\n"}, by="stranger")
        other = world.github.open_pull(REPO, "stranger:patch-1", "main", author="stranger")
        world.settle()
        note()
        world.github.comment(REPO, other, "mary", "/ok-to-test")
        world.settle()
        note()
        world.github.comment(REPO, other, "stranger", "/cancel")
        world.settle()
        note()
        world.github.close_pull(REPO, other)
        world.github.close_pull(REPO, number)
        world.settle()
        note()
    return done


def test_other_sentences_change_nothing_that_is_done(tmp_path, other_sentences):
    for folder in ("ours", "others"):
        (tmp_path / folder).mkdir()
    ours = the_core(tmp_path / "ours")
    other_sentences()
    assert messages.QUEUED != "Queued in Jenkins"
    assert the_core(tmp_path / "others") == ours
