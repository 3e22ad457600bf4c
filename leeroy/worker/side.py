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

    One that fails does not hold back the others. The last is done by the thread that asks, which
    would only wait.
    """
    todo = list(items)
    if not todo:
        return []
    futures: list[Future[R]] = [executor.submit(do, item) for item in todo[:-1]]
    last = _outcome(lambda: do(todo[-1]))
    outcomes = [*(_outcome(future.result) for future in futures), last]
    return [(item, *outcome) for item, outcome in zip(todo, outcomes, strict=True)]


def _outcome(call: Callable[[], R]) -> tuple[R | None, Exception | None]:
    try:
        return call(), None
    except Exception as exc:  # noqa: BLE001 - whoever asked tells them apart
        return None, exc
