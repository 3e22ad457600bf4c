"""What the store says of usual durations, and of pull requests into a branch; on both databases."""

import pytest

from leeroy.model import BuildState, PullRef, Result, Status, StatusState
from leeroy.store import Store
from leeroy.store.builds import LAST_SUCCESSES
from tests.making import REPO, a_done_row, a_pull, a_running_row


@pytest.fixture
def store(engine) -> Store:
    return Store(engine)


def took(store, *seconds, **fields):
    """Builds that ended one after the other."""
    for at, duration in enumerate(seconds, start=fields.pop("first", 1)):
        row = a_done_row(sha=f"{at:040x}", build_number=at, duration=duration, **fields)
        store.save_builds([row])


def test_usual_is_the_median_of_the_last_builds_that_succeeded(store):
    took(store, *[9000.0] * 5, *[60.0, 200.0] * (LAST_SUCCESSES // 2 - 1), 100.0, 100.0)
    took(store, 1.0, 1.0, 1.0, first=50, result=Result.FAILURE)
    took(store, 1.0, 1.0, 1.0, first=60, context="other")
    took(store, 1.0, 1.0, 1.0, first=70, repo="acme/gadgets")
    assert store.usual_seconds(a_running_row(build_number=90)) == 100.0


def test_what_never_succeeded_has_no_usual_duration(store):
    took(store, 60.0, result=Result.FAILURE)
    store.save_builds([a_running_row(build_number=2, state=BuildState.RUNNING)])
    assert store.usual_seconds(a_running_row()) is None


def test_pull_requests_into_a_branch_are_those_in_conflict_first_then_the_latest_seen(store):
    for number in (1, 2, 3):
        head = f"{number}" * 40
        store.save_pull(a_pull(ref=PullRef(REPO, number), head_sha=head))
    store.save_pull(a_pull(ref=PullRef(REPO, 4), base_ref="release"))
    store.save_pull(a_pull(ref=PullRef(REPO, 5), is_open=False))
    store.save_pull(a_pull(ref=PullRef("acme/gadgets", 6)))
    status = Status(context="Mergeable", state=StatusState.FAILURE, description="")
    store.save_statuses(REPO, [("1" * 40, status)])
    found = store.open_pulls_onto(REPO, "main", context="mergeable", limit=2)
    assert [ref.number for ref in found] == [1, 3]
    everything = store.open_pulls_onto(REPO, "main", context="mergeable", limit=10)
    assert [ref.number for ref in everything] == [1, 3, 2]
