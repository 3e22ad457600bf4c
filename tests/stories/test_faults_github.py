"""Every call to GitHub fails in every way: nothing is lost, done twice, or given up in silence."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from leeroy.model import Cause, CauseKind, PullRef
from tests.stories.outages import GITHUB, Outage, Then, each
from tests.stories.world import REPO, World, make_world

SETTINGS = {
    "github_timeout": 0.5,
    "builds": [{"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}],
    "branches": [
        {
            "github_repo": REPO,
            "branch": "release/*",
            "jenkins_job_name": "ci/release",
            "context": "release",
            "paths": ["src/**"],
        }
    ],
    "patchparser": {"signoff": {"mode": "required", "label": "dco/no"}},
}
QUEUED = ("pending", "Queued in Jenkins")
ANN = ("Ann Dev", "ann@example.org")
SIGNED = "Rounder\n\nSigned-off-by: Ann Dev <ann@example.org>\n"
names = itertools.count(1)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all cases; each has a pull request or a branch of its own."""
    with make_world(tmp_path_factory.mktemp("faults"), **SETTINGS) as world:
        world.add_job("ci/release")
        # Our own name is asked once a process: not in the midst of a case.
        open_pull(world)
        world.settle()
        yield world


@contextmanager
def struck(world: World, outage: Outage, method: str, path: str) -> Iterator[None]:
    """The call fails once in the block, which ends when all that heals by itself is healed."""
    world.github.faults.clear()
    fault = world.github.faults.add(method, path, times=1, **outage.what)
    yield
    world.until(lambda: fault.hits)
    if outage.wait:
        world.rest()
        world.pass_seconds(outage.wait)
    world.settle()


def open_pull(world: World) -> int:
    """An unsigned pull request: it is built, labelled, marked and commented upon."""
    branch = f"branch-{next(names)}"
    world.github.push(REPO, branch, {f"src/{branch}.py": "x = 1\n"}, author=ANN, committer=ANN)
    return world.github.open_pull(REPO, branch)


def amend(world: World, number: int) -> None:
    """Push the same, signed off, in the place of the unsigned commit."""
    main = world.github.repository(REPO).branches["main"]
    branch = world.github.pull(REPO, number).head_ref
    world.github.push(
        REPO,
        branch,
        {f"src/{branch}.py": "x = 1\n"},
        message=SIGNED,
        author=ANN,
        committer=ANN,
        parents=[main],
        force=True,
    )


def items(world: World, number: int) -> list[str]:
    """The shas that Jenkins has in its queue for a pull request."""
    given = [{v.name: v.value for v in item.parameters} for item in world.jenkins.queue()]
    return [values["GIT_SHA1"] for values in given if values.get("PR") == str(number)]


def ours(world: World, number: int) -> list[str]:
    """What we said on the conversation."""
    return [c.body for c in world.github.comments(REPO, number) if c.login == "leeroy-bot"]


def assert_right(world: World, outage: Outage, subject: str, holds: Callable[[], object]) -> None:
    """It came right by itself, or the dashboard says what is wrong and the next look mends it."""
    if outage.then is Then.IS_TOLD and not holds():
        looks = world.services.store.looks_at(subject)
        hints = world.services.queue.hints_of_subject(subject)
        errors = [look.error for look in looks] + [hint.error or "" for hint in hints]
        assert any("GitHub answered" in error for error in errors), errors
        world.sweep(subject)
        world.settle()
    assert holds()


OPENING = {
    "read it": ("GET", r"/pulls/\d+$"),
    "list its files": ("GET", r"/pulls/\d+/files"),
    "list its commits": ("GET", r"/pulls/\d+/commits"),
    "set a status": ("POST", r"/statuses/"),
    "label": ("POST", r"/issues/\d+/labels"),
    "look for our comment": ("GET", r"/issues/\d+/comments"),
    "comment": ("POST", r"/issues/\d+/comments"),
}


@each(OPENING, GITHUB)
def test_opening_a_pull_request(world, call, outage):
    with struck(world, outage, *call):
        number = open_pull(world)
    sha = world.head(number)

    def is_right() -> bool:
        statuses = world.statuses(sha)
        return (
            items(world, number) == [sha]
            and statuses.get("janky") == QUEUED
            and statuses.get("patchparser/signoff", ("",))[0] == "failure"
            and world.github.labels(REPO, number) == ["dco/no"]
            and len(ours(world, number)) == 1
        )

    assert_right(world, outage, f"{REPO}#{number}", is_right)


MENDING = {
    "take the label off": ("DELETE", r"/issues/\d+/labels/"),
    "edit our comment": ("PATCH", r"/issues/comments/\d+"),
}


# To take off a label that is not there is done: of that GitHub is believed.
@each(MENDING, GITHUB, but={("take the label off", "404")})
def test_mending_what_was_missing(world, call, outage):
    number = open_pull(world)
    world.settle()
    with struck(world, outage, *call):
        amend(world, number)

    def is_right() -> bool:
        return (
            items(world, number) == [world.head(number)]
            and world.statuses(world.head(number))["patchparser/signoff"][0] == "success"
            and world.github.labels(REPO, number) == []
            and len(ours(world, number)) == 1
            and "git " not in ours(world, number)[0]
        )

    assert_right(world, outage, f"{REPO}#{number}", is_right)


ASKING = {
    "read the comment": ("GET", r"/issues/comments/\d+"),
    "ask what its author may do": ("GET", r"/collaborators/"),
    "react": ("POST", r"/reactions"),
}


@each(ASKING, GITHUB)
def test_asking_in_a_comment(world, call, outage):
    number = open_pull(world)
    world.settle()
    # What people may do is remembered for minutes: somebody nobody has asked about.
    login = f"maintainer-{number}"
    world.github.create_user(login)
    world.github.set_permission(REPO, login, "write")
    with struck(world, outage, *call):
        comment = world.github.comment(REPO, number, login, "/test janky")
    builds = world.services.store.builds_of(PullRef(REPO, number))
    again = [build for build in builds if build.cause == Cause(CauseKind.COMMENT, str(comment))]
    assert len(items(world, number)) == 1
    assert world.statuses(world.head(number))["janky"] == QUEUED
    if "collaborators" in call[1] and outage.what.get("status") == 404:
        assert "takes write permission" in ours(world, number)[-1]
    elif outage.then is Then.HEALS or "reactions" in call[1]:
        assert len(again) == 1


BRANCH = {
    "read its head": ("GET", r"/commits/heads"),
    "compare": ("GET", r"/compare/"),
}


@each(BRANCH, GITHUB)
def test_pushing_to_a_watched_branch(world, call, outage):
    branch = f"release/{next(names)}"
    world.github.push(REPO, branch, {"src/a.py": "a = 1\n"})
    world.settle()
    with struck(world, outage, *call):
        sha = world.github.push(REPO, branch, {"src/a.py": "a = 2\n"})

    def is_right() -> bool:
        given = [{v.name: v.value for v in item.parameters} for item in world.jenkins.queue()]
        return (
            world.statuses(sha).get("release") == QUEUED
            and [values["GIT_SHA1"] for values in given].count(sha) == 1
        )

    assert_right(world, outage, f"{REPO}@{branch}", is_right)


@pytest.fixture(scope="module")
def nightly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with one pull request, which an operator's cron has built again and again."""
    with make_world(tmp_path_factory.mktemp("nightly"), github_timeout=0.5) as world:
        world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        yield world


NIGHTLY = {
    "list the open pull requests": ("GET", r"/pulls\?"),
    "read the statuses": ("GET", r"/commits/[0-9a-f]+/status"),
}


@each(NIGHTLY, GITHUB)
def test_asking_for_all_that_failed(nightly, call, outage):
    with struck(nightly, outage, *call):
        nightly.ask("/build/cron", {"repo": REPO, "context": "janky"})
    # What is not there may only be a second old: it is asked for again, and by then it is.
    if outage.then is Then.IS_TOLD and outage is not GITHUB["404"]:
        assert "GitHub answered" in (nightly.services.queue.hints_of_subject(REPO)[0].error or "")
        nightly.ask("/build/cron", {"repo": REPO, "context": "janky"})
        nightly.settle()
    assert nightly.statuses(nightly.head(1))["janky"] == QUEUED
    assert len(nightly.jenkins.queue()) == 1
    nightly.build_next("FAILURE")


@pytest.mark.parametrize("name", ["503 in HTML", "429", "timeout", "half an answer", "401"])
def test_asking_for_our_own_name(arrange, name):
    world = arrange(**SETTINGS)
    with struck(world, GITHUB[name], "GET", r"/user$"):
        number = open_pull(world)
    assert_right(world, GITHUB[name], f"{REPO}#{number}", lambda: len(ours(world, number)) == 1)
