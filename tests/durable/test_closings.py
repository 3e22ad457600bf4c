"""What GitHub refused one process, the others on the same database do not even try."""

import pytest

from leeroy.errors import Transient
from leeroy.github.gate import HEARING_SECONDS, Gate, Held, Spend
from leeroy.store.closings import Closings


@pytest.fixture
def make_gate(engine, clock):
    """Gates as so many processes have them; all see the same time pass."""
    closings = Closings(engine, clock=clock)
    return lambda others=closings: Gate(others=others, clock=lambda: clock.now - 900_000)


def held(gate, token="t"):
    try:
        gate.enter(token, Spend.READ, "read")
    except Held as exc:
        return exc.limit, exc.retry_after
    return None


def test_a_refusal_closes_the_gates_of_all_processes(make_gate, clock):
    one, two = make_gate(), make_gate()
    assert held(two) is None
    one.learn("t", 403, {"retry-after": "40"}, "")
    clock.pass_seconds(HEARING_SECONDS)
    assert held(two) == ("secondary limit", 40 - HEARING_SECONDS)
    assert held(two, "another token") is None


def test_a_process_that_starts_later_hears_of_it_at_once(make_gate, clock):
    make_gate().learn("t", 200, {"x-ratelimit-remaining": "0"}, "")
    clock.pass_seconds(1)
    assert held(make_gate()) == ("primary limit", 59)


def test_it_opens_for_all_when_the_time_is_over(make_gate, clock):
    one, two = make_gate(), make_gate()
    one.learn("t", 429, {"retry-after": "40"}, "")
    clock.pass_seconds(41)
    assert held(one) is None
    assert held(two) is None


def test_a_shorter_closing_does_not_end_a_longer_one(make_gate, clock):
    one, two, three = make_gate(), make_gate(), make_gate()
    one.learn("t", 429, {"retry-after": "40"}, "")
    two.learn("t", 429, {"retry-after": "5"}, "")
    clock.pass_seconds(10)
    assert held(two) == held(three) == ("secondary limit", 30)


def test_without_the_database_each_minds_what_it_was_told_itself(make_gate):
    class Away:
        def closed(self, token):
            raise Transient("the database is away")

        def close(self, token, seconds, reason):
            raise Transient("the database is away")

    gate = make_gate(Away())
    assert held(gate) is None
    gate.learn("t", 429, {"retry-after": "40"}, "")
    assert held(gate) == ("secondary limit", 40)
