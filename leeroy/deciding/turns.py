"""Whose turn it is, where not everything may be in Jenkins at once.

Merge queues go before branches, branches before people, people before bots; among equals the
repository goes first that has the least there, so that nobody's hundred pull requests hold up the
one of somebody else; then whoever waits longest.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leeroy.model import Build, BuildState
from leeroy.model.ranks import Rank

#: What was given its turn so many seconds ago and nobody looked at since holds up nobody else.
FORGOTTEN_SECONDS = 900.0


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How many builds may be somewhere at once."""

    #: Builds that share it name it alike.
    name: str
    most: int
    #: A build counts in these states.
    states: frozenset[BuildState]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An unfinished build in the line: it waits for its turn, or has had it."""

    build: Build
    rank: Rank
    limits: tuple[Limit, ...] = ()


def give_turns(line: Iterable[Standing], now: float) -> tuple[str, ...]:
    """The ids of the builds that may go to Jenkins now, the first one first."""
    standings = list(line)
    waiting = [one for one in standings if one.build.is_waiting_for_turn]
    there = [one for one in standings if one not in waiting and not _is_forgotten(one, now)]
    taken = Counter(
        limit.name for one in there for limit in one.limits if one.build.state in limit.states
    )
    of_repo = Counter(one.build.repo.lower() for one in there)
    given: list[str] = []
    while (nxt := _next(waiting, taken, of_repo)) is not None:
        waiting.remove(nxt)
        taken.update(limit.name for limit in nxt.limits)
        of_repo[nxt.build.repo.lower()] += 1
        given.append(nxt.build.id)
    return tuple(given)


def _next(
    waiting: Sequence[Standing], taken: Counter[str], of_repo: Counter[str]
) -> Standing | None:
    fits = [one for one in waiting if all(taken[x.name] < x.most for x in one.limits)]

    def order(one: Standing) -> tuple[int, int, float, str]:
        build = one.build
        return (one.rank, of_repo[build.repo.lower()], build.created, build.id)

    return min(fits, key=order, default=None)


def _is_forgotten(one: Standing, now: float) -> bool:
    build = one.build
    return build.state is BuildState.NEW and now - build.updated > FORGOTTEN_SECONDS
