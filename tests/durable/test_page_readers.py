"""What pages ask the queue and the store, on both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from leeroy.hints import OtherHint
from leeroy.model import BuildState, PullRef, Status, StatusState
from leeroy.queue import Queue
from leeroy.store import Store
from tests.durable.conftest import Clock
from tests.making import a_done_row, a_queued_row, a_row, a_running_row


@pytest.fixture
def store(engine: Engine) -> Store:
    return Store(engine)


def fail(queue: Queue, subject: str, error: str) -> None:
    queue.put(subject, OtherHint(kind="delivery"))
    look = queue.take()
    assert look is not None
    queue.again(look, error=error, retry_after=1000)


class TestTroubles:
    def test_what_fails_and_what_was_given_up_is_there_newest_first(
        self, make_queue: Callable[..., Queue], clock: Clock
    ):
        fail(make_queue(max_attempts=1), "a/b#1", "given up")
        fail(make_queue(), "a/b#2", "again later")
        queue = make_queue()
        assert [(hint.subject, hint.error) for hint in queue.troubles()] == [
            ("a/b#2", "again later"),
            ("a/b#1", "given up"),
        ]
        assert len(queue.troubles(limit=1)) == 1

    def test_what_went_well_since_is_not(self, make_queue: Callable[..., Queue], clock: Clock):
        queue = make_queue(max_attempts=1)
        fail(queue, "a/b#1", "given up")
        clock.pass_seconds(10)
        queue.put("a/b#2", OtherHint(kind="delivery"))
        queue.done(queue.take())
        assert [hint.subject for hint in queue.troubles()] == ["a/b#1"]
        queue.put("a/b#1", OtherHint(kind="delivery"))
        queue.done(queue.take())
        assert queue.troubles() == ()

    def test_now_is_the_queues_own_time(self, queue: Queue, clock: Clock):
        clock.pass_seconds(5)
        assert queue.now() == clock.now


class TestStore:
    def test_statuses_are_those_of_the_commits_named_whatever_the_repository(self, store: Store):
        status = Status(context="CI", state=StatusState.SUCCESS, description="Well")
        for repo, sha in [("a/b", "1"), ("a/b", "2"), ("c/d", "1"), ("c/d", "2")]:
            store.save_statuses(repo, [(sha, status)])
        found = store.statuses_at([("c/d", "1"), ("a/b", "2"), ("e/f", "1")])
        assert [(kept.repo, kept.sha) for kept in found] == [("a/b", "2"), ("c/d", "1")]
        assert found[0].status == status
        assert found[0].written > 0
        assert store.statuses_at([]) == ()

    def test_builds_for_people_are_the_newest_first_and_not_too_many(self, store: Store):
        rows = [a_row(attempt=attempt, created=float(attempt)) for attempt in (1, 2, 3)]
        store.save_builds([*rows, a_row(pull=8)])
        found = store.newest_builds_of(PullRef("acme/widgets", 7), limit=2)
        assert [row.attempt for row in found] == [3, 2]

    def test_only_what_is_not_over_is_counted(self, store: Store):
        store.save_builds(
            [
                a_queued_row(context="a"),
                a_queued_row(context="b"),
                a_running_row(context="c"),
                a_done_row(context="d"),
            ]
        )
        assert store.unfinished_counts() == {BuildState.QUEUED: 2, BuildState.RUNNING: 1}
