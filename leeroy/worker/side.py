"""Do several things side by side, and hear of each how it went."""

import contextvars
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Executor, Future
from functools import partial
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def each(
    executor: Executor, do: Callable[[T], R], items: Iterable[T]
) -> list[tuple[T, R | None, Exception | None]]:
    """Do it for every item at the same time; for each, in order, its result or its exception.

    One that fails does not hold back the others. The last is done by the thread that asks, which
    would only wait; so is what no thread of the executor has begun by then: all of them may be
    waiting for somebody slow. The end that this thread has (deadlines.py) is theirs too.
    """
    todo = list(items)
    if not todo:
        return []
    futures: list[Future[R]] = [
        executor.submit(contextvars.copy_context().run, do, item) for item in todo[:-1]
    ]
    last = _outcome(lambda: do(todo[-1]))
    outcomes = [
        _outcome(partial(do, item) if future.cancel() else future.result)
        for item, future in zip(todo, futures, strict=False)
    ]
    outcomes.append(last)
    return [(item, *outcome) for item, outcome in zip(todo, outcomes, strict=True)]


def each_in_line(
    executor: Executor,
    do: Callable[[T], R],
    items: Iterable[T],
    *,
    line_of: Callable[[T], Hashable],
) -> list[tuple[T, R | None, Exception | None]]:
    """The same, but those of one line are done one after the other, in order."""
    lines: dict[Hashable, list[T]] = {}
    for item in items:
        lines.setdefault(line_of(item), []).append(item)

    def walk(line: list[T]) -> list[tuple[T, R | None, Exception | None]]:
        return [(item, *_outcome(partial(do, item))) for item in line]

    return [done for _, line, _ in each(executor, walk, lines.values()) for done in line or ()]


def _outcome(call: Callable[[], R]) -> tuple[R | None, Exception | None]:
    try:
        return call(), None
    except Exception as exc:  # noqa: BLE001 - whoever asked tells them apart
        return None, exc
