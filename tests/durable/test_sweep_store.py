"""What the sweep keeps in mind, on both databases."""

import pytest

from leeroy.model import (
    BranchRef,
    KnownPull,
    PullRef,
    Status,
    StatusState,
    SweptPull,
    SweptRepo,
)
from leeroy.store import Store
from tests.making import HEAD, OLD_HEAD, REPO, a_done_row, a_pull

GREEN = Status(context="Janky", state=StatusState.SUCCESS, description="ok", target_url="http://j")


@pytest.fixture
def store(engine) -> Store:
    return Store(engine)


def test_how_far_a_repository_was_swept_is_kept(store):
    assert store.swept_repo(REPO) is None
    for mark in (5.0, 7.5):
        store.save_swept_repo(REPO, SweptRepo(mark=mark, known=frozenset({"janky", "docs"})))
    kept = store.swept_repo(REPO)
    assert (kept.mark, kept.known) == (7.5, {"janky", "docs"})
    assert kept.at > 0


def test_pull_requests_are_kept_as_they_were_swept_and_forgotten_when_gone(store):
    seen = SweptPull(
        head_sha=HEAD, base_ref="main", updated=3.0, lacking=frozenset({"janky"}), is_left=True
    )
    store.save_swept_pulls(REPO, {1: seen, 2: seen})
    store.save_swept_pulls(REPO, {}, gone=[2])
    assert list(store.swept_pulls(REPO)) == [1]
    kept = store.swept_pulls(REPO)[1]
    assert (kept.head_sha, kept.lacking, kept.is_left) == (HEAD, {"janky"}, True)


def test_known_are_those_asked_for_and_all_we_take_for_open(store):
    for number, is_open in ((1, True), (2, False), (3, False)):
        store.save_pull(a_pull(ref=PullRef(REPO, number), is_open=is_open))
    assert set(store.known_pulls(REPO, [2])) == {1, 2}
    assert store.known_pulls(REPO, [])[1] == KnownPull(head_sha=HEAD, base_ref="main", is_open=True)


def test_a_head_has_the_contexts_that_were_built_written_or_adopted(store):
    store.save_builds([a_done_row(sha=HEAD, context="Built")])
    store.save_statuses(REPO, [(HEAD, GREEN)])
    store.adopt_statuses(REPO, [(OLD_HEAD, GREEN)])
    assert store.contexts_at(REPO, [HEAD, OLD_HEAD]) == {
        HEAD: {"built", "janky"},
        OLD_HEAD: {"janky"},
    }
    assert store.contexts_of(REPO) == {"built"}
    assert store.adopted_statuses(REPO, [HEAD, OLD_HEAD]) == {(OLD_HEAD, "janky"): GREEN}


def test_repositories_seen_and_branches_handled_are_known(store):
    store.save_pull(a_pull(ref=PullRef("acme/gadgets", 1)))
    store.save_branch(BranchRef(REPO, "main"), HEAD)
    assert store.known_repos() == {"acme/gadgets", REPO}
    assert store.known_branches(REPO) == {"main": HEAD}
