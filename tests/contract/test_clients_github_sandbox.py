"""Whole conversations of the GitHub client with the sandbox GitHub."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from leeroy.errors import CommitNotFound, NotFound, Transient
from leeroy.github import GitHub, GitHubConnection
from leeroy.metrics import Metrics
from leeroy.model import CommentKind, Permission, PullRef, Reaction, Status, StatusState
from leeroy_sandbox import github as sandbox

REPO = "acme/widgets"
BOT = "leeroy-bot"
STATUS = Status(
    context="janky",
    state=StatusState.PENDING,
    description="Queued in Jenkins",
    target_url="https://ci.example/job/a/",
)


@dataclass(frozen=True, kw_only=True)
class World:
    """A sandbox GitHub with one pull request from a fork, and a client of it."""

    github: sandbox.GitHub
    client: GitHub
    ref: PullRef
    sha: str


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    github = sandbox.GitHub(tmp_path)
    github.create_repo(REPO, {"README.md": "Widgets.\n"})
    for login in ("ann", BOT):
        github.create_user(login)
    github.set_permission(REPO, BOT, "admin")
    token = github.add_token(BOT)
    fork = github.fork(REPO, "ann")
    sha = github.push(
        fork, "x&y", {"a.py": "one\ntwo\n", "Ünï.txt": "x\n"}, message="Add a\n\nMore."
    )
    number = github.open_pull(REPO, "ann:x&y", title="Ünïcode", author="ann")
    with (
        github.serve() as url,
        GitHub(
            GitHubConnection(api_url=url),
            token_for=lambda repo: str(token),
            metrics=Metrics(CollectorRegistry()),
        ) as client,
    ):
        yield World(github=github, client=client, ref=PullRef(REPO, number), sha=sha)


def test_a_pull_request_with_its_files_and_commits(world):
    pull = world.client.pull(world.ref)
    assert (pull.title, pull.author, pull.head_repo) == ("Ünïcode", "ann", "ann/widgets")
    assert (pull.head_ref, pull.head_sha, pull.base_ref) == ("x&y", world.sha, "main")
    assert (pull.commit_count, pull.changed_files, pull.additions) == (1, 2, 3)
    assert pull.is_from_fork
    assert pull.is_open
    patch = world.client.patch(pull)
    assert {file.path: file.additions for file in patch} == {"a.py": 2, "Ünï.txt": 1}
    assert patch.is_complete
    [commit] = world.client.commits(pull)
    assert (commit.sha, commit.subject) == (world.sha, "Add a")


def test_a_deleted_fork_leaves_a_pull_request_without_a_head_repository(world):
    world.github.delete_fork("ann/widgets")
    pull = world.client.pull(world.ref)
    assert pull.head_repo is None
    assert pull.is_from_fork
    assert pull.head_sha == world.sha


def test_a_renamed_repository_keeps_the_name_it_was_asked_by(world):
    world.github.push(REPO, "own", {"b": "b"})
    own = PullRef(REPO, world.github.open_pull(REPO, "own"))
    world.github.rename_repo(REPO, "gadgets")
    pull = world.client.pull(own)
    assert pull.ref == own
    assert not pull.is_from_fork
    world.client.set_status(REPO, pull.head_sha, STATUS)
    assert list(world.github.statuses("acme/gadgets", pull.head_sha).latest) == ["janky"]
    assert len(world.client.commits(pull)) == 1


def test_a_status_is_written_and_read_back(world):
    world.client.set_status(REPO, world.sha, STATUS)
    done = Status(context="janky", state=StatusState.SUCCESS, description="Build #1 succeeded")
    world.client.set_status(REPO, world.sha, done)
    world.client.set_status(
        REPO, world.sha, Status(context="x", state=StatusState.ERROR, description="")
    )
    statuses = {status.context: status for status in world.client.statuses(REPO, world.sha)}
    assert statuses["janky"] == done
    assert statuses["x"].state is StatusState.ERROR


def test_a_status_for_a_commit_that_github_does_not_have_yet_is_tried_again(world):
    with pytest.raises(CommitNotFound, match="No commit found"):
        world.client.set_status(REPO, "d" * 40, STATUS)


def test_all_open_pulls_are_listed_over_their_pages(world):
    for number in range(104):
        world.github.push(REPO, f"b{number}", {"f": str(number)})
        world.github.open_pull(REPO, f"b{number}")
    world.github.close_pull(REPO, world.ref.number)
    heads = {pull.ref.number: pull.head_sha for pull in world.client.open_pulls(REPO)}
    assert len(heads) == 104
    assert world.ref.number not in heads


def test_an_unchanged_sweep_costs_no_quota(world):
    for _ in range(2):  # the first look makes GitHub find out whether it merges
        world.client.pull(world.ref)
    list(world.client.open_pulls(REPO))
    used = world.github.limits.used(BOT)
    assert [pull.ref for pull in world.client.open_pulls(REPO)] == [world.ref]
    world.client.pull(world.ref)
    assert world.github.limits.used(BOT) == used


def test_branches_and_comparisons(world):
    start = world.client.branch_head(REPO, "main")
    sha = world.github.push(REPO, "release/1.0", {"new.txt": "x\n"})
    assert world.client.branch_head(REPO, "release/1.0") == sha
    assert [file.path for file in world.client.compare_files(REPO, start, sha)] == ["new.txt"]
    with pytest.raises(NotFound):
        world.client.branch_head(REPO, "gone")


def test_a_comment_is_posted_found_edited_and_deleted(world):
    since = datetime(2020, 1, 1, tzinfo=UTC)
    world.github.comment(REPO, world.ref.number, "ann", "<!-- mark --> a stranger's")
    posted = world.client.post_comment(
        world.ref, "<!-- mark --> ours", marker="<!-- mark -->", author=BOT
    )
    assert (posted.author, posted.pull, posted.is_on_pull) == (BOT, world.ref, True)
    assert [c.id for c in world.client.find_comments(world.ref, "<!-- mark -->", author=BOT)] == [
        posted.id
    ]
    assert len(world.client.comments_since(REPO, since)) == 2
    world.client.edit_comment(REPO, posted.id, "<!-- mark --> better")
    assert world.client.comment(REPO, posted.id).body == "<!-- mark --> better"
    world.client.react(CommentKind.COMMENT, REPO, posted.id, Reaction.SEEN)
    world.client.react(CommentKind.COMMENT, REPO, posted.id, Reaction.SEEN)
    world.client.delete_comment(REPO, posted.id)
    world.client.delete_comment(REPO, posted.id)
    with pytest.raises(NotFound):
        world.client.comment(REPO, posted.id)


def test_a_comment_whose_answer_was_lost_is_not_posted_twice(world):
    world.github.faults.add("POST", "/comments$", drop="after", times=1)
    posted = world.client.post_comment(world.ref, "mark", marker="mark", author=BOT)
    assert [c.id for c in world.github.comments(REPO, world.ref.number)] == [posted.id]


def test_labels_are_put_on_and_taken_off(world):
    world.client.add_labels(world.ref, ["kind/bug", "a b"])
    world.client.remove_label(world.ref, "kind/bug")
    world.client.remove_label(world.ref, "kind/bug")
    assert world.github.labels(REPO, world.ref.number) == ["a b"]
    assert world.client.pull(world.ref).labels == {"a b"}


def test_who_somebody_is(world):
    world.github.set_permission(REPO, "ann", "triage")
    world.github.create_team("acme", "core", [BOT])
    client = world.client
    assert client.whoami(REPO) == BOT
    assert "repo" in (client.token_scopes(REPO) or ())
    assert client.permission(REPO, BOT) is Permission.ADMIN
    assert client.permission(REPO, "ann") is Permission.READ
    assert client.permission(REPO, "nobody-at-all") is Permission.NONE
    assert client.user_id(REPO, "ann") == world.github.account("ann").id
    assert client.user_id(REPO, "nobody-of-that-name") is None
    assert client.is_org_member(REPO, "acme", BOT)
    assert not client.is_org_member(REPO, "acme", "ann")
    assert client.is_team_member(REPO, "acme", "core", BOT)
    assert not client.is_team_member(REPO, "acme", "core", "ann")


def test_a_hook_is_installed_and_mended(world):
    made = world.client.create_hook(REPO, "http://127.0.0.1:9/a", secret="s", events=["push"])
    mended = world.client.update_hook(
        REPO, made.id, "http://127.0.0.1:9/b", secret="s", events=["push", "pull_request"]
    )
    assert world.client.hooks(REPO) == (mended,)
    assert (mended.url, mended.events) == ("http://127.0.0.1:9/b", {"push", "pull_request"})
    assert mended.has_secret
    assert mended.content_type == "json"


def test_the_end_of_the_hour_stops_all_calls_until_it_is_over(world):
    world.github.limits.exhaust(BOT)
    waits = []
    for _ in range(3):
        with pytest.raises(Transient) as caught:
            world.client.pull(world.ref)
        waits.append(caught.value.retry_after)
    assert all(wait and 3000 < wait <= 3600 for wait in waits)
    assert world.github.limits.refused == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_github_is_transient(world, status):
    world.github.faults.add("*", ".", status=status, body="<html>Unicorn!")
    with pytest.raises(Transient, match=f"answered {status}"):
        world.client.pull(world.ref)


def test_counts_that_github_lost_are_found(world):
    files = {f"f{number:02}.txt": "line\n" * 1500 for number in range(30)}
    world.github.push(REPO, "long", files)
    ref = PullRef(REPO, world.github.open_pull(REPO, "long"))
    world.github.loses_counts = True
    patch = world.client.patch(world.client.pull(ref))
    assert patch.is_complete
    assert patch.additions == 45_000
