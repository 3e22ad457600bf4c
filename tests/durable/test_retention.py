"""What is old is forgotten, a few rows at a time, and nothing that somebody still needs."""

import pytest
from sqlalchemy import func, select, update

from leeroy.database import now, read, write
from leeroy.events import Delivery
from leeroy.hints import OtherHint
from leeroy.model import AuditEntry, BranchRef, PullRef, Status, StatusState
from leeroy.store import KeptLook, Store, retention, tables
from leeroy.worker.retention import DAY_SECONDS, Retention
from tests.making import HEAD, OLD_HEAD, REPO, a_done_row, a_pull, a_running_row, config

YEAR = 366 * DAY_SECONDS


@pytest.fixture
def store(engine) -> Store:
    return Store(engine)


def age(engine, table, column, seconds):
    """Make all rows of a table so much older."""
    with write(engine) as connection:
        connection.execute(update(table).values({column: now(connection) - seconds}))


def count(engine, table) -> int:
    with read(engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_payloads_go_after_keep_days_and_the_rest_after_keep_history_days(engine, store, queue):
    store.keep_delivery(Delivery(guid="g1", event="push"), b"{}")
    store.save_look(
        KeptLook(subject="s", at=0.0, seconds=0.0, hints="", reasons=(), effects=(), error="")
    )
    store.save_audit(
        AuditEntry(repo=REPO, pull=7, who="ann", what="test", sha=HEAD, detail="", ref="c1")
    )
    store.save_builds([a_done_row()])
    forgets = Retention(config=config(keep_days=30), store=store, queue=queue)
    moments = (
        (tables.deliveries, "received"),
        (tables.looks, "at"),
        (tables.audit, "at"),
        (tables.builds, "created"),
    )
    for table, column in moments:
        age(engine, table, column, 29 * DAY_SECONDS)
    assert not any(forgets.forget().values())
    for table, column in moments:
        age(engine, table, column, 31 * DAY_SECONDS)
    assert {name for name, rows in forgets.forget().items() if rows} == {"deliveries"}
    for table, column in moments[1:]:
        age(engine, table, column, YEAR)
    assert {name for name, rows in forgets.forget().items() if rows} == {"looks", "audit", "builds"}


def test_handled_hints_go_too(queue, store, clock):
    queue.put("a", OtherHint(kind="delivery"))
    queue.done(queue.take())
    queue.put("b", OtherHint(kind="delivery"))
    clock.pass_seconds(31 * DAY_SECONDS)
    forgets = Retention(config=config(), store=store, queue=queue)
    assert forgets.forget()["hints"] == 1
    assert queue.depth() == 1


def test_what_is_still_to_be_merged_built_on_or_finished_stays(engine, store):
    store.save_pull(a_pull(head_sha=HEAD))
    store.save_branch(BranchRef(REPO, "main"), "e" * 40)
    kept = [
        a_done_row(sha=HEAD),
        a_done_row(sha="e" * 40, pull=None, branch="main", context="main", build_number=8),
        a_running_row(sha=OLD_HEAD, build_number=9, context="other"),
    ]
    gone = a_done_row(sha=OLD_HEAD, build_number=10)
    store.save_builds([*kept, gone])
    green = Status(context="janky", state=StatusState.SUCCESS, description="")
    store.save_statuses(REPO, [(HEAD, green), (OLD_HEAD, green)])
    age(engine, tables.builds, "created", YEAR)
    age(engine, tables.statuses, "updated", YEAR)
    assert store.purge_builds(365 * DAY_SECONDS) == 2
    assert len(store.builds_of(PullRef(REPO, 7))) == 2
    assert set(store.written_statuses(REPO, [HEAD, OLD_HEAD])) == {(HEAD, "janky")}
    store.save_pull(a_pull(head_sha=HEAD, is_open=False))
    assert store.purge_builds(365 * DAY_SECONDS) == 2


def test_many_rows_go_in_small_steps(engine, store, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 4)
    for number in range(10):
        store.keep_delivery(Delivery(guid=f"g{number}", event="push"), b"{}")
    age(engine, tables.deliveries, "received", YEAR)
    assert store.purge_deliveries(DAY_SECONDS) == 10
    assert count(engine, tables.deliveries) == 0
