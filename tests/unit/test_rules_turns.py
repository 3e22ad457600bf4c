"""Whose turn it is: merge queues, branches, people, bots; and no repository before its time."""

import pytest

from leeroy.deciding.turns import FORGOTTEN_SECONDS, Limit, Standing, give_turns
from leeroy.model import Build, BuildState, Reason, ReasonKind
from leeroy.model.ranks import Rank
from tests.making import a_queued_row, a_row, a_running_row

NOW = 2_000.0
UNFINISHED = frozenset([BuildState.NEW, BuildState.QUEUED, BuildState.RUNNING])
IN_QUEUE = UNFINISHED - {BuildState.RUNNING}
MOST_TWO = Limit(name="builds[0]", most=2, states=UNFINISHED)


def waits(name: str, **fields) -> Standing:
    return stands(a_row(id=name, reason=Reason(ReasonKind.WAITING_FOR_TURN)), **fields)


def stands(build: Build, **fields) -> Standing:
    row = {key: fields.pop(key) for key in ("repo", "created") if key in fields}
    build = Build(**{**vars(build), "updated": NOW, **row})
    return Standing(**{"build": build, "rank": Rank.PERSON, "limits": (MOST_TWO,), **fields})


def runs(name: str, **fields) -> Standing:
    return stands(a_running_row(id=name), **fields)


@pytest.mark.parametrize(
    ("line", "given"),
    [
        pytest.param([waits("a"), waits("b")], ("a", "b"), id="room for all"),
        pytest.param([waits("a"), waits("b"), waits("c")], ("a", "b"), id="no more than there is"),
        pytest.param([runs("r"), waits("a"), waits("b")], ("a",), id="what runs takes room"),
        pytest.param([runs("r"), runs("s"), waits("a")], (), id="full"),
        pytest.param([runs("r"), runs("s"), runs("t"), waits("a")], (), id="fuller than full"),
        pytest.param(
            [runs("r", limits=()), runs("s", limits=()), waits("a")], ("a",), id="others' builds"
        ),
    ],
)
def test_there_are_never_more_than_the_limit(line, given):
    assert give_turns(line, NOW) == given


def test_merge_queues_go_before_branches_before_people_before_bots():
    line = [
        waits("bot", rank=Rank.BOT, created=1),
        waits("person", rank=Rank.PERSON, created=2),
        waits("branch", rank=Rank.BRANCH, created=3),
        waits("queue", rank=Rank.MERGE_QUEUE, created=4),
    ]
    assert give_turns(line, NOW) == ("queue", "branch")
    wide = Limit(name="wide", most=9, states=UNFINISHED)
    line = [Standing(build=one.build, rank=one.rank, limits=(wide,)) for one in line]
    assert give_turns(line, NOW) == ("queue", "branch", "person", "bot")


def test_whoever_waits_longest_goes_first():
    line = [waits("late", created=30), waits("first", created=10), waits("then", created=20)]
    assert give_turns(line, NOW) == ("first", "then")


def test_a_hundred_pull_requests_of_one_repository_do_not_hold_up_another():
    many = [waits(f"many{n}", repo="acme/many", created=n) for n in range(100)]
    line = [*many, waits("one", repo="acme/one", created=999)]
    assert give_turns(line, NOW) == ("many0", "one")
    assert give_turns([runs("r", repo="acme/many"), *line], NOW) == ("one",)


def test_every_limit_counts():
    in_queue = Limit(name="jenkins default", most=1, states=IN_QUEUE)
    both = (MOST_TWO, in_queue)
    queued = stands(a_queued_row(id="q"), limits=(in_queue,))
    assert give_turns([queued, waits("a", limits=both)], NOW) == ()
    running = runs("r", limits=both)
    assert give_turns([running, waits("a", limits=both), waits("b", limits=both)], NOW) == ("a",)


def test_one_that_has_no_room_does_not_hold_up_one_that_has():
    other = Limit(name="builds[1]", most=1, states=UNFINISHED)
    line = [
        runs("r"),
        runs("s"),
        waits("stuck", rank=Rank.MERGE_QUEUE),
        waits("free", rank=Rank.BOT, limits=(other,)),
    ]
    assert give_turns(line, NOW) == ("free",)


def test_a_turn_that_nobody_takes_is_given_to_somebody_else():
    asleep = a_row(id="asleep", updated=NOW - FORGOTTEN_SECONDS - 1)
    awake = a_row(id="awake", updated=NOW)
    limit = (Limit(name="builds[0]", most=1, states=UNFINISHED),)
    for holder, given in ((asleep, ("a",)), (awake, ())):
        line = [Standing(build=holder, rank=Rank.PERSON, limits=limit), waits("a", limits=limit)]
        assert give_turns(line, NOW) == given
