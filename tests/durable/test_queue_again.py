"""What the queue does with looks that fail, and with deliveries that come again."""

import threading
from concurrent.futures import ThreadPoolExecutor

from leeroy.hints import OtherHint
from leeroy.queue import KeptHint, Look, Queue, pause_after
from leeroy.queue.work import SAME_DELIVERY_SECONDS

PULL = "acme/widgets#12"
OTHER = "acme/widgets#13"


def take(queue: Queue) -> Look:
    look = queue.take()
    assert look is not None
    return look


def kinds(hints: tuple[KeptHint, ...]) -> list[str]:
    return [kept.hint.kind for kept in hints]


# Looks that fail


def test_a_failed_look_is_due_again_after_growing_pauses_with_all_its_hints(queue, clock):
    queue.put(PULL, OtherHint(kind="push"))
    for attempt in (1, 2, 3, 4):
        look = take(queue)
        assert (look.attempts, kinds(look.hints)) == (attempt, ["push"])
        assert queue.again(look, error="Jenkins is away")
        clock.pass_seconds(pause_after(attempt) - 0.5)
        assert queue.take() is None
        clock.pass_seconds(0.5)


def test_a_pause_is_as_long_as_the_remote_side_asked_for(queue, clock):
    queue.put(PULL, OtherHint(kind="push"))
    queue.again(take(queue), error="rate limit", retry_after=47)
    clock.pass_seconds(46)
    assert queue.take() is None
    clock.pass_seconds(1)
    assert take(queue).attempts == 2


def test_the_caller_may_say_how_pauses_grow(make_queue, clock):
    queue = make_queue(pause=lambda attempts: 10.0 * attempts)
    queue.put(PULL, OtherHint(kind="push"))
    queue.again(take(queue), error="Jenkins is away")
    clock.pass_seconds(9)
    assert queue.take() is None
    clock.pass_seconds(1)
    assert take(queue)


def test_a_new_hint_ends_the_pause_and_begins_a_new_count(queue):
    queue.put(PULL, OtherHint(kind="push"))
    queue.again(take(queue), error="Jenkins is away")
    queue.put(PULL, OtherHint(kind="push again"))
    look = take(queue)
    assert (kinds(look.hints), look.attempts) == (["push", "push again"], 1)


def test_what_came_during_a_look_that_failed_is_looked_at_without_a_pause(queue):
    queue.put(PULL, OtherHint(kind="first"))
    look = take(queue)
    queue.put(PULL, OtherHint(kind="second"))
    queue.again(look, error="Jenkins is away")
    assert kinds(take(queue).hints) == ["first", "second"]


def test_a_look_that_goes_well_begins_a_new_count(queue):
    queue.put(PULL, OtherHint(kind="push"))
    queue.again(take(queue), error="Jenkins is away", retry_after=0)
    queue.done(take(queue), again_in=0)
    assert take(queue).attempts == 1
    assert queue.recent_hints()[0].error is None


def test_after_the_last_try_the_hints_carry_the_error(queue, clock):
    queue.put(PULL, OtherHint(kind="push"))
    for _ in range(19):
        assert queue.again(take(queue), error="Jenkins is away", retry_after=0)
    assert queue.failed() == ()
    assert not queue.again(take(queue), error="Jenkins is still away", retry_after=0)
    assert queue.take() is None
    [hint] = queue.failed()
    assert (hint.hint.kind, hint.handled, hint.error) == (
        "push",
        clock.now,
        "Jenkins is still away",
    )


def test_a_look_nobody_hinted_at_is_given_up_visibly_too(make_queue):
    queue = make_queue(max_attempts=1)
    queue.put("sweep", OtherHint(kind="start"))
    queue.done(take(queue), again_in=0)
    queue.again(take(queue), error="GitHub is away")
    assert [(hint.subject, hint.error) for hint in queue.failed()] == [("sweep", "GitHub is away")]


def test_what_was_given_up_is_looked_at_again_when_a_hint_comes(make_queue):
    queue = make_queue(max_attempts=1)
    queue.put(PULL, OtherHint(kind="push"))
    queue.again(take(queue), error="Jenkins is away")
    queue.put(PULL, OtherHint(kind="push again"))
    assert kinds(take(queue).hints) == ["push again"]


def test_what_was_given_up_can_be_taken_up_again(make_queue):
    queue = make_queue(max_attempts=1)
    queue.put(PULL, OtherHint(kind="push"))
    queue.put(PULL, OtherHint(kind="comment"))
    queue.again(take(queue), error="Jenkins is away")
    assert queue.retry(PULL) == 2
    assert queue.failed() == ()
    assert kinds(take(queue).hints) == ["push", "comment"]


def test_a_pause_can_be_cut_short(queue):
    queue.put(PULL, OtherHint(kind="push"))
    queue.again(take(queue), error="Jenkins is away")
    assert queue.retry(PULL) == 1
    assert kinds(take(queue).hints) == ["push"]


def test_there_is_nothing_to_retry_where_nothing_failed(queue):
    queue.put(PULL, OtherHint(kind="push"))
    queue.done(take(queue))
    assert (queue.retry(PULL), queue.retry("acme/unheard-of#1")) == (0, 0)
    assert queue.take() is None


def test_a_subject_that_kills_its_workers_is_given_up(make_queue, clock):
    queue = make_queue(max_attempts=3)
    queue.put(PULL, OtherHint(kind="poison"))
    queue.put(OTHER, OtherHint(kind="push"), delay=85)
    for _ in range(3):
        assert take(queue).subject == PULL
        clock.pass_seconds(30)
    assert take(queue).subject == OTHER
    assert [hint.error for hint in queue.failed()] == ["every look at it was cut short"]


# The same delivery


def test_a_delivery_in_work_is_not_put_twice(queue):
    assert queue.put(PULL, OtherHint(kind="push"), delivery="G")
    assert not queue.put(PULL, OtherHint(kind="push"), delivery="G")
    look = take(queue)
    assert not queue.put(PULL, OtherHint(kind="push"), delivery="G")
    queue.done(look)
    assert queue.take() is None


def test_a_delivery_handled_within_the_minute_is_not_put_again(queue, clock):
    queue.put(PULL, OtherHint(kind="push"), delivery="G")
    clock.pass_seconds(1000)
    queue.done(take(queue))
    clock.pass_seconds(SAME_DELIVERY_SECONDS - 1)
    assert not queue.put(PULL, OtherHint(kind="push"), delivery="G")
    assert queue.take() is None


def test_a_delivery_handled_before_is_looked_at_again(queue, clock):
    queue.put(PULL, OtherHint(kind="push"), delivery="G")
    queue.done(take(queue))
    clock.pass_seconds(SAME_DELIVERY_SECONDS)
    assert queue.put(PULL, OtherHint(kind="push"), delivery="G")
    queue.done(take(queue))
    assert [hint.handled for hint in queue.hints_of_delivery("G")] == [
        clock.now - SAME_DELIVERY_SECONDS,
        clock.now,
    ]


def test_one_delivery_may_name_several_subjects(queue):
    assert queue.put(PULL, OtherHint(kind="push"), delivery="G")
    assert queue.put(OTHER, OtherHint(kind="push"), delivery="G")


def test_hints_without_a_delivery_are_all_news(queue):
    assert queue.put(PULL, OtherHint(kind="sweep"))
    assert queue.put(PULL, OtherHint(kind="sweep"))


def test_three_hooks_sending_one_guid_at_once_are_one_piece_of_work(make_queue):
    hooks = [make_queue(name) for name in ("one", "two", "three")]
    with ThreadPoolExecutor(3) as pool:
        for number in range(10):
            start = threading.Barrier(3)

            def deliver(queue, start=start, guid=f"G{number}"):
                start.wait()
                return queue.put(PULL, OtherHint(kind="push"), delivery=guid)

            assert sorted(pool.map(deliver, hooks)) == [False, False, True]


def test_what_is_given_up_at_once_is_in_failed_until_somebody_asks_again(make_queue):
    queue = make_queue()
    queue.put("acme/widgets#1", OtherHint(kind="delivery"))
    queue.give_up(queue.take(), error="it is gone")
    assert queue.take() is None
    assert [hint.error for hint in queue.failed()] == ["it is gone"]
    queue.retry("acme/widgets#1")
    assert queue.take().subject == "acme/widgets#1"
