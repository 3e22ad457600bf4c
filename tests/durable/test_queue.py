"""What the queue promises to whoever puts, takes and ends a look: one sentence a test."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import event

from leeroy.hints import OtherHint, RequestHint
from leeroy.model import lane_of
from leeroy.queue import KeptHint, LeaseLost, Look, NewHint, Queue

PULL = "acme/widgets#12"
OTHER = "acme/widgets#13"


def take(queue: Queue) -> Look:
    look = queue.take()
    assert look is not None
    return look


def kinds(hints: tuple[KeptHint, ...]) -> list[str]:
    return [kept.hint.kind for kept in hints]


# Putting and taking


def test_a_hint_comes_to_the_worker_as_it_was_put(queue, clock):
    hint = RequestHint(context="Grüße")
    queue.put(PULL, hint, delivery="G", priority=-1)
    look = take(queue)
    assert (look.subject, look.attempts) == (PULL, 1)
    assert look.hints == (
        KeptHint(
            id=look.hints[0].id,
            subject=PULL,
            hint=hint,
            delivery="G",
            priority=-1,
            received=clock.now,
            due=clock.now,
            handled=None,
            error=None,
        ),
    )


def test_nothing_put_means_nothing_to_take(queue):
    assert queue.take() is None


def test_ten_hints_are_one_look_in_the_order_they_came(queue):
    for number in range(10):
        queue.put(PULL, OtherHint(kind=str(number)))
    assert kinds(take(queue).hints) == [str(number) for number in range(10)]
    assert queue.take() is None


def test_several_hints_are_put_at_once_and_answered_in_order(queue):
    queue.put(OTHER, OtherHint(kind="push"), delivery="G")
    news = [
        NewHint(subject=subject, hint=OtherHint(kind="push"), delivery="G")
        for subject in (PULL, OTHER, PULL)
    ]
    assert queue.put_all(news) == [True, False, False]
    assert {take(queue).subject, take(queue).subject} == {PULL, OTHER}


def test_putting_nothing_is_fine(queue):
    assert queue.put_all([]) == []


def test_hints_put_at_once_are_all_put_or_none(queue):
    good = NewHint(subject=PULL, hint=OtherHint(kind="push"))
    bad = NewHint(subject=OTHER, hint=OtherHint(kind="push"), delay="soon")
    with pytest.raises(TypeError):
        queue.put_all([good, bad])
    assert (queue.take(), queue.recent_hints()) == (None, ())


def test_the_longest_due_subject_is_taken_first(queue, clock):
    for subject in ("c", "a", "b"):
        queue.put(subject, OtherHint(kind="push"))
        clock.pass_seconds(1)
    assert [take(queue).subject for _ in range(3)] == ["c", "a", "b"]


def test_the_best_priority_is_taken_before_the_longest_due(queue, clock):
    for subject, priority in (("swept", 10), ("pushed", 0), ("asked", -10)):
        queue.put(subject, OtherHint(kind="any"), priority=priority)
        clock.pass_seconds(1)
    assert [take(queue).subject for _ in range(3)] == ["asked", "pushed", "swept"]


def test_a_subject_has_the_best_priority_of_its_waiting_hints(queue, clock):
    queue.put("swept", OtherHint(kind="sweep"), priority=10)
    queue.put("pushed", OtherHint(kind="push"))
    queue.put("swept", OtherHint(kind="push"), priority=-1)
    assert take(queue).subject == "swept"


def test_a_priority_lasts_no_longer_than_its_hints(queue, clock):
    queue.put(PULL, OtherHint(kind="command"), priority=-10)
    queue.done(take(queue))
    queue.put(OTHER, OtherHint(kind="push"))
    clock.pass_seconds(1)
    queue.put(PULL, OtherHint(kind="push"))
    assert take(queue).subject == OTHER


def test_a_delayed_hint_is_not_due_before_its_time(queue, clock):
    queue.put(PULL, OtherHint(kind="later"), delay=60)
    clock.pass_seconds(59)
    assert queue.take() is None
    clock.pass_seconds(1)
    assert kinds(take(queue).hints) == ["later"]


def test_a_look_before_its_time_does_not_use_up_a_delayed_hint(queue, clock):
    queue.put(PULL, OtherHint(kind="later"), delay=60)
    queue.put(PULL, OtherHint(kind="now"))
    look = take(queue)
    assert kinds(look.hints) == ["now"]
    queue.done(look)
    assert queue.take() is None
    clock.pass_seconds(60)
    assert kinds(take(queue).hints) == ["later"]


# One worker at a time


def test_a_subject_is_looked_at_by_one_worker_at_a_time(make_queue):
    one, two = make_queue("one"), make_queue("two")
    one.put(PULL, OtherHint(kind="push"))
    look = take(one)
    assert two.take() is None
    one.put(PULL, OtherHint(kind="push"))
    assert two.take() is None
    one.done(look)
    assert take(two).subject == PULL


def test_different_subjects_are_looked_at_side_by_side(make_queue):
    one, two = make_queue("one"), make_queue("two")
    one.put(PULL, OtherHint(kind="push"))
    one.put(OTHER, OtherHint(kind="push"))
    assert {take(one).subject, take(two).subject} == {PULL, OTHER}


def test_what_came_during_a_look_leads_to_another_one(queue):
    queue.put(PULL, OtherHint(kind="first"))
    look = take(queue)
    queue.put(PULL, OtherHint(kind="second"))
    queue.done(look)
    look = take(queue)
    assert kinds(look.hints) == ["second"]
    queue.done(look)
    assert queue.take() is None


def test_a_look_may_make_its_subject_due_again(queue, clock):
    queue.put("sweep", OtherHint(kind="start"))
    queue.done(take(queue), again_in=600)
    clock.pass_seconds(599)
    assert queue.take() is None
    clock.pass_seconds(1)
    assert take(queue).hints == ()


def test_a_hint_brings_the_next_look_forward(queue, clock):
    queue.put("sweep", OtherHint(kind="start"))
    queue.done(take(queue), again_in=600)
    queue.put("sweep", OtherHint(kind="by hand"))
    assert kinds(take(queue).hints) == ["by hand"]


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda queue, look: queue.done(look), id="done"),
        pytest.param(lambda queue, look: queue.again(look, error="x", retry_after=9), id="again"),
    ],
)
def test_what_is_put_at_the_very_end_of_a_look_is_not_lost(queue, engine, end):
    queue.put(PULL, OtherHint(kind="first"))
    look = take(queue)
    began: list[bool] = []

    def put_meanwhile(_connection, _cursor, statement, *_more) -> None:
        # The last thing the end of a look does; what was put after it had read is not to vanish.
        if statement.startswith("UPDATE subjects") and not began:
            began.append(True)
            wait([pool.submit(queue.put, PULL, OtherHint(kind="second"))], timeout=0.3)

    event.listen(engine, "before_cursor_execute", put_meanwhile)
    with ThreadPoolExecutor(1) as pool:
        end(queue, look)
    assert "second" in kinds(take(queue).hints)


# Leases


def test_the_subjects_of_a_silent_worker_are_free_when_its_lease_ends(make_queue, clock):
    one, two = make_queue("one"), make_queue("two")
    one.put(PULL, OtherHint(kind="push"))
    take(one)
    clock.pass_seconds(29)
    assert two.take() is None
    clock.pass_seconds(1)
    look = take(two)
    assert (kinds(look.hints), look.attempts) == (["push"], 2)


def test_an_extended_lease_is_kept(make_queue, clock):
    one, two = make_queue("one"), make_queue("two")
    one.put(PULL, OtherHint(kind="push"))
    look = take(one)
    for _ in range(5):
        clock.pass_seconds(29)
        one.extend(look)
        assert two.take() is None


def test_a_late_look_still_counts_when_nobody_else_took_the_subject(queue, clock):
    queue.put(PULL, OtherHint(kind="push"))
    look = take(queue)
    clock.pass_seconds(31)
    queue.done(look)
    assert queue.take() is None


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda queue, look: queue.extend(look), id="extend"),
        pytest.param(lambda queue, look: queue.done(look), id="done"),
        pytest.param(lambda queue, look: queue.again(look, error="late"), id="again"),
        pytest.param(lambda queue, look: queue.release(look), id="release"),
    ],
)
def test_who_lost_the_lease_is_told_and_changes_nothing(make_queue, clock, end):
    one, two = make_queue("one"), make_queue("two")
    one.put(PULL, OtherHint(kind="push"))
    lost = take(one)
    clock.pass_seconds(30)
    kept = take(two)
    with pytest.raises(LeaseLost, match=PULL):
        end(one, lost)
    assert one.take() is None
    assert [(hint.handled, hint.error) for hint in one.recent_hints()] == [(None, None)]
    two.done(kept)
    assert two.recent_hints()[0].handled == clock.now


def test_a_look_can_end_only_once(queue):
    queue.put(PULL, OtherHint(kind="push"))
    look = take(queue)
    queue.done(look)
    with pytest.raises(LeaseLost):
        queue.done(look)


def test_a_look_handed_back_is_due_at_once_and_was_no_try(queue):
    queue.put(PULL, OtherHint(kind="push"))
    queue.release(take(queue))
    assert take(queue).attempts == 1


def test_a_look_handed_back_keeps_what_came_meanwhile(queue):
    queue.put(PULL, OtherHint(kind="first"))
    look = take(queue)
    queue.put(PULL, OtherHint(kind="second"))
    queue.release(look)
    assert kinds(take(queue).hints) == ["first", "second"]


# Taking turns


def test_ten_thousand_hints_of_one_repository_do_not_keep_another_waiting(queue, clock):
    queue.put_all(
        NewHint(subject=f"acme/busy#{number + 1}", hint=OtherHint(kind="push"))
        for number in range(10_000)
    )
    for _ in range(10):
        clock.now += 0.02
        queue.done(take(queue))
    queue.put("acme/quiet#1", OtherHint(kind="push"))
    taken = [take(queue).subject for _ in range(2)]
    assert "acme/quiet#1" in taken


def test_repositories_take_turns_however_much_each_of_them_has(queue):
    for repo, most in (("a/a", 30), ("b/b", 3), ("c/c", 3)):
        queue.put_all(
            NewHint(subject=f"{repo}#{number + 1}", hint=OtherHint(kind="push"))
            for number in range(most)
        )
    first = [lane_of(take(queue).subject) for _ in range(9)]
    assert sorted(first) == ["a/a"] * 3 + ["b/b"] * 3 + ["c/c"] * 3


def test_one_subject_that_is_asked_for_all_the_time_waits_its_turn(queue, clock):
    queue.put("a/a#1", OtherHint(kind="push"))
    queue.put_all(
        NewHint(subject=f"b/b#{number + 1}", hint=OtherHint(kind="push")) for number in range(5)
    )
    seen = []
    for _ in range(6):
        clock.now += 1
        look = take(queue)
        queue.put("a/a#1", OtherHint(kind="push"))
        queue.done(look)
        seen.append(look.subject)
    assert len({subject for subject in seen if subject.startswith("b/b")}) >= 3


def test_what_was_put_for_later_and_then_at_once_does_not_wait_behind_the_others(queue, clock):
    queue.put("a/a#1", OtherHint(kind="later"), delay=300)
    queue.put("a/a#1", OtherHint(kind="push"))
    clock.now += 1
    queue.put("b/b#1", OtherHint(kind="push"))
    assert take(queue).subject == "a/a#1"
