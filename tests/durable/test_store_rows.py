"""What the store keeps of builds, pull requests and deliveries, on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, func, select

from leeroy.database import now, read
from leeroy.deciding import messages
from leeroy.events import Delivery, parse_delivery
from leeroy.hints import OtherHint
from leeroy.model import Build, BuildState, PullRef, Reason, ReasonKind, Result
from leeroy.queue import Queue
from leeroy.store import Store
from leeroy.store.tables import heads
from tests.making import HEAD, OLD_HEAD, REPO, a_pull, a_queued_row

BODY = (
    b'{"action": "opened", "number": 7, "pull_request": {"number": 7},'
    b' "repository": {"full_name": "acme/widgets"}}'
)


@pytest.fixture
def store(engine: Engine) -> Store:
    return Store(engine)


def a_row(**fields: object) -> Build:
    return replace(a_queued_row(), state=BuildState.NEW, queue_id=None, created=0.0, **fields)


def a_delivery(guid: str = "6f2a") -> Delivery:
    return parse_delivery(
        event="pull_request", guid=guid, content_type="application/json", body=BODY
    )


def test_a_new_build_is_stored_with_the_time_of_the_database(store, engine):
    with read(engine) as connection:
        before = now(connection)
    (stored,) = store.save_builds([a_row()])
    assert stored.created == stored.updated >= before
    assert store.builds_of(PullRef(stored.repo, stored.pull or 0)) == (stored,)


def test_a_change_keeps_when_the_build_was_created(store):
    (stored,) = store.save_builds([a_row()])
    (changed,) = store.save_builds([replace(stored, state=BuildState.QUEUED, queue_id=7)])
    assert (changed.created, changed.queue_id) == (stored.created, 7)
    assert store.unfinished() == (changed,)


def test_a_build_asked_for_again_as_new_is_the_one_there_is(store):
    (first,) = store.save_builds([a_row()])
    (again,) = store.save_builds(
        [a_row(reason=Reason(ReasonKind.JENKINS_AWAY, "waits for Jenkins"))]
    )
    assert again.id == first.id
    assert [messages.reason(row.reason) for row in store.unfinished()] == ["waits for Jenkins"]


@pytest.mark.parametrize("created", [0.0, 5.0], ids=["as new", "as known"])
def test_a_build_that_is_over_stays_as_it_is(store, created):
    (stored,) = store.save_builds([a_row()])
    over = replace(stored, state=BuildState.DONE, result=Result.SUCCESS)
    (over,) = store.save_builds([over])
    late = replace(stored, state=BuildState.RUNNING, created=created)
    assert store.save_builds([late]) == (over,)
    assert store.unfinished() == ()


def test_a_build_that_says_when_it_was_created_need_not_be_known(store):
    (stored,) = store.save_builds([replace(a_row(), created=5.0)])
    assert (stored.created, store.unfinished()) == (5.0, (stored,))


def test_silent_are_builds_that_jenkins_has_and_that_did_not_change_since(store):
    new, queued, running, other, over = store.save_builds(
        [
            a_row(id="new"),
            a_row(id="queued"),
            a_row(id="running"),
            a_row(id="other", server="second"),
            a_row(id="over"),
        ]
    )
    _, _, _, over = store.save_builds(
        [
            replace(queued, state=BuildState.QUEUED),
            replace(running, state=BuildState.RUNNING),
            replace(other, state=BuildState.QUEUED),
            replace(over, state=BuildState.DONE, result=Result.SUCCESS),
        ]
    )
    silent = {server: list(ids) for server, ids in store.silent(over.updated).items()}
    assert silent == {new.server: ["queued", "running"], "second": ["other"]}
    assert store.silent(new.created - 1) == {}
    assert {build.id for build in store.with_ids(["other", "new", "gone"])} == {"other", "new"}


def test_only_builds_of_other_pull_requests_at_the_same_shas_are_rivals(store):
    rows = [
        a_row(id="1", pull=7, sha=HEAD),
        a_row(id="2", pull=8, sha=HEAD),
        a_row(id="3", pull=9, sha=OLD_HEAD),
    ]
    store.save_builds(rows)
    assert [row.pull for row in store.rivals_of(PullRef(REPO, 7), {HEAD})] == [8]


def test_a_head_that_comes_back_was_seen_when_it_was_first(store, engine):
    pull = a_pull()
    for head in (HEAD, OLD_HEAD, HEAD):
        store.save_pull(replace(pull, head_sha=head))
    with read(engine) as connection:
        assert connection.execute(select(func.count()).select_from(heads)).scalar_one() == 2


def test_a_redelivery_takes_the_place_of_the_first(store):
    store.keep_delivery(a_delivery(), b"one")
    store.keep_delivery(a_delivery(), b"two")
    (kept,) = store.recent_deliveries()
    found = store.delivery(kept.guid)
    assert found is not None
    assert found.payload == b"two"


def test_a_delivery_and_its_hint_are_both_on_disk_or_neither(store, engine):
    queue = Queue(engine, name="one")

    def fail(connection: object) -> None:
        store.keeping(a_delivery("lost"), BODY)(connection)  # type: ignore[arg-type]
        raise RuntimeError("the power goes")

    with pytest.raises(RuntimeError, match="power"):
        queue.put("acme/widgets#7", OtherHint(kind="delivery"), delivery="lost", also=fail)
    assert (queue.depth(), store.delivery("lost")) == (0, None)
    kept = a_delivery("kept")
    queue.put("acme/widgets#7", OtherHint(kind="delivery"), also=store.keeping(kept, BODY))
    assert queue.depth() == 1
    assert store.delivery("kept") is not None
