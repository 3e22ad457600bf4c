"""What is to be published is on disk with its hint, and leaves it only when it was published."""

import time

import pytest

from leeroy.database import write
from leeroy.hints import RequestHint
from leeroy.store import Store


@pytest.fixture
def store(engine):
    return Store(engine)


def post(store, *guids):
    store.write_down(*(store.posting(guid, f"message {guid}".encode()) for guid in guids))


def guids(outgoing):
    return [each.guid for each in outgoing]


def test_it_is_written_down_with_the_hint_or_not_at_all(store, queue, engine):
    queue.put("acme/widgets#1", RequestHint(), also=store.posting("1", b"x"))
    assert store.outbox_state().count == 1

    def fail(connection):
        store.posting("2", b"x")(connection)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        queue.put("acme/widgets#2", RequestHint(), also=fail)
    assert guids(store.take_outgoing(10, hold=60)) == ["1"]
    assert queue.depth() == 1


def test_the_oldest_go_first_and_nobody_else_has_them_meanwhile(store):
    for guid in ("b", "a", "c"):
        post(store, guid)
        time.sleep(0.01)
    first = store.take_outgoing(2, hold=60)
    assert [(each.guid, each.message) for each in first] == [
        ("b", b"message b"),
        ("a", b"message a"),
    ]
    assert guids(store.take_outgoing(2, hold=60)) == ["c"]
    assert store.take_outgoing(2, hold=60) == ()
    assert store.outbox_state().count == 3


def test_what_was_published_is_forgotten_and_the_rest_is_anybodys_again(store):
    post(store, "1", "2")
    store.take_outgoing(10, hold=60)
    store.forget_outgoing(["1"], free=["2"])
    assert guids(store.take_outgoing(10, hold=60)) == ["2"]


def test_what_a_process_held_that_died_is_published_by_another(store, engine):
    post(store, "1")
    store.take_outgoing(10, hold=60)
    assert store.take_outgoing(10, hold=60) == ()
    with write(engine) as connection:
        connection.exec_driver_sql("UPDATE outbox SET held_until = held_until - 100")
    assert guids(store.take_outgoing(10, hold=60)) == ["1"]


def test_a_delivery_that_comes_again_before_it_was_published_is_published_once(store):
    post(store, "1")
    post(store, "1")
    assert guids(store.take_outgoing(10, hold=60)) == ["1"]


def test_how_long_the_oldest_waits_is_told(store, engine):
    assert store.outbox_state().oldest == 0.0
    post(store, "1")
    with write(engine) as connection:
        connection.exec_driver_sql("UPDATE outbox SET created = created - 100")
    assert store.outbox_state().oldest >= 100


def test_what_cannot_be_published_for_too_long_is_forgotten(store, engine):
    post(store, "1", "2")
    assert store.purge_outbox(60) == 0
    with write(engine) as connection:
        connection.exec_driver_sql("UPDATE outbox SET created = created - 100 WHERE guid = '1'")
    assert store.purge_outbox(60) == 1
    assert guids(store.take_outgoing(10, hold=60)) == ["2"]
