"""The queue among threads, and what it tells whoever only reads it."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

from leeroy.hints import OtherHint
from leeroy.queue import KeptHint, Look, NewHint, Queue
from tests.waiting import PATIENCE

PULL = "acme/widgets#12"


def take(queue: Queue) -> Look:
    look = queue.take()
    assert look is not None
    return look


def kinds(hints: tuple[KeptHint, ...]) -> list[str]:
    return [kept.hint.kind for kept in hints]


# Several threads


def test_many_threads_lose_no_hint_and_share_no_subject(make_queue):
    queues = [make_queue("one"), make_queue("two")]
    looking: set[str] = set()
    handled: list[str] = []
    together: list[str] = []
    is_all_put = threading.Event()

    def put(worker: int) -> None:
        for number in range(25):
            names = [f"acme/widgets#{(number + step) % 3}" for step in range(2)]
            news = [
                NewHint(subject=name, hint=OtherHint(kind=f"{worker}.{number}")) for name in names
            ]
            queues[worker % 2].put_all(news)

    def work(worker: int) -> None:
        queue = queues[worker % 2]
        while True:
            was_all_put = is_all_put.is_set()
            look = queue.take()
            if look is None:
                if was_all_put and not looking:
                    return
                queue.wait(0.01)
                continue
            if look.subject in looking:
                together.append(look.subject)
            looking.add(look.subject)
            handled.extend(f"{look.subject} {kind}" for kind in kinds(look.hints))
            looking.discard(look.subject)
            queue.done(look)

    with ThreadPoolExecutor(5) as pool:
        workers = [pool.submit(work, number) for number in range(3)]
        putting = [pool.submit(put, number) for number in range(2)]
        wait(putting)
        is_all_put.set()
    for future in putting + workers:
        future.result()
    assert together == []
    assert len(handled) == len(set(handled)) == 2 * 25 * 2
    assert queues[0].take() is None


def test_puts_of_many_subjects_do_not_lock_each_other_out(make_queue):
    news = [
        NewHint(subject=f"acme/widgets#{number}", hint=OtherHint(kind="sweep"))
        for number in range(200)
    ]
    start = threading.Barrier(2)

    def put(order: list[NewHint]) -> int:
        count = 0
        for _ in range(4):
            start.wait(PATIENCE)
            count += sum(make_queue().put_all(order))
        return count

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(put, [news, news[::-1]])) == [800, 800]


def test_an_idle_worker_wakes_as_soon_as_something_is_put(queue):
    assert queue.take() is None
    timer = threading.Timer(0.05, queue.put, [PULL, OtherHint(kind="push")])
    timer.start()
    assert queue.wait(PATIENCE)
    timer.join()
    assert take(queue).subject == PULL


def test_what_is_put_between_taking_and_waiting_is_not_slept_over(queue):
    assert queue.take() is None
    queue.put(PULL, OtherHint(kind="push"))
    assert queue.wait(PATIENCE)


def test_an_idle_worker_waits_no_longer_than_it_said(queue):
    assert queue.take() is None
    assert not queue.wait(0.01)


def test_a_stopping_process_wakes_its_workers(queue):
    queue.take()
    timer = threading.Timer(0.05, queue.wake)
    timer.start()
    assert queue.wait(PATIENCE)
    timer.join()


# What the dashboard and the metrics ask


def test_the_depth_counts_what_is_due_and_waits(queue, clock):
    for subject in ("a", "b", "c"):
        queue.put(subject, OtherHint(kind="push"))
        clock.pass_seconds(2)
    queue.put("later", OtherHint(kind="push"), delay=60)
    assert (queue.depth(), queue.oldest_due_age()) == (3, 6.0)
    take(queue)
    assert (queue.depth(), queue.oldest_due_age()) == (2, 4.0)


def test_an_empty_queue_has_no_age(queue):
    assert (queue.depth(), queue.oldest_due_age()) == (0, 0.0)


def test_recent_hints_come_newest_first(queue):
    for number in range(5):
        queue.put(f"acme/widgets#{number % 2}", OtherHint(kind=str(number)))
    assert kinds(queue.recent_hints(3)) == ["4", "3", "2"]
    assert kinds(queue.hints_of_subject("acme/widgets#0", 2)) == ["4", "2"]


def test_purging_forgets_what_was_handled_long_ago_and_nothing_else(queue, clock):
    queue.put_all([NewHint(subject="old", hint=OtherHint(kind="old")) for _ in range(1200)])
    queue.done(take(queue))
    clock.pass_seconds(100)
    for subject in ("just handled", "due again", "waiting"):
        queue.put(subject, OtherHint(kind=subject))
        clock.pass_seconds(1)
    queue.done(take(queue))
    queue.done(take(queue), again_in=500)
    assert queue.purge(50) == 1200
    assert kinds(queue.recent_hints()) == ["waiting", "due again", "just handled"]
    assert queue.purge(50) == 0
    assert take(queue).subject == "waiting"


def test_purging_keeps_what_is_due_without_a_hint(queue, clock):
    queue.put("sweep", OtherHint(kind="start"))
    queue.done(take(queue), again_in=500)
    clock.pass_seconds(500)
    assert queue.purge(50) == 1
    assert take(queue).subject == "sweep"
