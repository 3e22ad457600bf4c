"""Do several things side by side, and hear of each how it went."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def each(
    executor: Executor, do: Callable[[T], R], items: Iterable[T]
) -> list[tuple[T, R | None, Exception | None]]:
    """Do it for every item at the same time; for each, in order, its result or its exception.

    One that fails does not hold back the others. A single item needs no other thread.
    """
    todo = list(items)
    if len(todo) == 1:
        return [(todo[0], *_outcome(lambda: do(todo[0])))]
    futures: list[Future[R]] = [executor.submit(do, item) for item in todo]
    return [(item, *_outcome(future.result)) for item, future in zip(todo, futures, strict=True)]


def _outcome(call: Callable[[], R]) -> tuple[R | None, Exception | None]:
    try:
        return call(), None
    except Exception as exc:  # noqa: BLE001 - whoever asked tells them apart
        return None, exc
