"""Which pull requests a sweep has looked at again, and what it keeps in mind."""

from dataclasses import replace

import pytest

from leeroy.deciding.missing import (
    ASKED_SECONDS,
    SAID_SECONDS,
    SweepJudge,
    SweepView,
    Verdict,
    Why,
)
from leeroy.model import KnownPull, OpenPull, PullRef, SweptPull
from leeroy.worker.sweep.findings import Budget
from tests.making import HEAD, OLD_HEAD, REPO

NOW = 100_000.0
KNOWN = KnownPull(head_sha=HEAD, base_ref="main", is_open=True)
SWEPT = SweptPull(head_sha=HEAD, base_ref="main", updated=50.0, at=NOW - 60)
LEFT = replace(SWEPT, lacking=frozenset({"janky"}), is_left=True)
ASKED = replace(SWEPT, lacking=frozenset({"janky"}))
SCHEDULED = SweepJudge(now=NOW)
FIRST = SweepJudge(now=NOW, is_first=True, new=frozenset({"janky"}))
BY_HAND = SweepJudge(now=NOW, is_by_hand=True)


def seen(known=KNOWN, swept=SWEPT, lacking=(), updated=50.0, **more):
    pull = OpenPull(ref=PullRef(REPO, 7), head_sha=HEAD, base_ref="main", updated=updated)
    return SweepView(pull=pull, known=known, swept=swept, lacking=tuple(lacking), **more)


@pytest.mark.parametrize(
    ("judge", "view", "verdict"),
    [
        pytest.param(SCHEDULED, seen(), Verdict(), id="unchanged"),
        pytest.param(
            SCHEDULED,
            seen(known=None, swept=None, lacking=["Janky"]),
            Verdict(why=Why.MOVED, builds=("Janky",)),
            id="opened unseen",
        ),
        pytest.param(
            SCHEDULED,
            seen(known=replace(KNOWN, head_sha=OLD_HEAD), swept=replace(SWEPT, head_sha=OLD_HEAD)),
            Verdict(why=Why.MOVED),
            id="pushed to unseen",
        ),
        pytest.param(
            SCHEDULED,
            seen(known=replace(KNOWN, base_ref="v1"), swept=replace(SWEPT, base_ref="v1")),
            Verdict(why=Why.MOVED),
            id="retargeted unseen",
        ),
        pytest.param(
            SCHEDULED,
            seen(known=replace(KNOWN, is_open=False), swept=None),
            Verdict(why=Why.MOVED),
            id="reopened unseen",
        ),
        pytest.param(SCHEDULED, seen(updated=51.0), Verdict(why=Why.UPDATED), id="updated"),
        pytest.param(
            SCHEDULED,
            seen(lacking=["janky"]),
            Verdict(why=Why.MISSING, builds=("janky",)),
            id="a status is missing",
        ),
        pytest.param(SCHEDULED, seen(swept=ASKED, lacking=["janky"]), Verdict(), id="asked lately"),
        pytest.param(
            SweepJudge(now=NOW + ASKED_SECONDS),
            seen(swept=ASKED, lacking=["janky"]),
            Verdict(why=Why.MISSING, builds=("janky",)),
            id="asked long ago",
        ),
        pytest.param(
            SCHEDULED,
            seen(swept=ASKED, lacking=["janky", "docs"]),
            Verdict(why=Why.MISSING, builds=("janky", "docs")),
            id="one more is missing",
        ),
        pytest.param(
            FIRST,
            seen(known=None, swept=None, lacking=["janky"]),
            Verdict(left=("janky",)),
            id="first sight",
        ),
        pytest.param(
            FIRST,
            seen(known=replace(KNOWN, head_sha=OLD_HEAD), swept=None, lacking=["janky"]),
            Verdict(why=Why.MOVED, builds=("janky",)),
            id="first sight: pushed to since a webhook told of it",
        ),
        pytest.param(
            SCHEDULED,
            seen(known=None, swept=LEFT, lacking=["janky"]),
            Verdict(left=("janky",)),
            id="reported before",
        ),
        pytest.param(
            SweepJudge(now=NOW, new=frozenset({"docs"})),
            seen(lacking=["janky", "docs"]),
            Verdict(why=Why.MISSING, builds=("janky", "docs"), left=()),
            id="a new context beside a missing one",
        ),
        pytest.param(
            SweepJudge(now=NOW, new=frozenset({"docs"})),
            seen(lacking=["Docs"]),
            Verdict(left=("Docs",)),
            id="a new context",
        ),
        pytest.param(
            BY_HAND,
            seen(known=None, swept=LEFT, lacking=["janky"]),
            Verdict(why=Why.MOVED, builds=("janky",)),
            id="by hand: reported before",
        ),
        pytest.param(
            BY_HAND,
            seen(swept=ASKED, lacking=["janky"]),
            Verdict(why=Why.MISSING, builds=("janky",)),
            id="by hand: asked lately",
        ),
        pytest.param(BY_HAND, seen(), Verdict(), id="by hand: unchanged"),
        pytest.param(
            SCHEDULED,
            seen(unsaid=("janky",)),
            Verdict(why=Why.UNSAID, says=("janky",)),
            id="GitHub does not show what was said",
        ),
        pytest.param(SCHEDULED, seen(swept=ASKED, unsaid=("janky",)), Verdict(), id="said lately"),
        pytest.param(
            SweepJudge(now=NOW + SAID_SECONDS),
            seen(swept=ASKED, unsaid=("janky",)),
            Verdict(why=Why.UNSAID, says=("janky",)),
            id="said a while ago",
        ),
        pytest.param(
            BY_HAND,
            seen(swept=ASKED, unsaid=("janky",)),
            Verdict(why=Why.UNSAID, says=("janky",)),
            id="by hand: said lately",
        ),
        pytest.param(
            SCHEDULED,
            seen(lacking=["docs"], unsaid=("janky",)),
            Verdict(why=Why.MISSING, builds=("docs",), says=("janky",)),
            id="one is missing, one is to be said again",
        ),
        pytest.param(
            SCHEDULED,
            seen(known=None, swept=None, lacking=["janky"], is_unread=True),
            Verdict(),
            id="opened unseen, and GitHub does not say what it has",
        ),
        pytest.param(
            FIRST,
            seen(known=None, swept=None, lacking=["janky"], is_unread=True),
            Verdict(left=("janky",)),
            id="first sight, and GitHub does not say what it has",
        ),
        pytest.param(
            SCHEDULED,
            seen(updated=51.0, is_unread=True),
            Verdict(why=Why.UPDATED),
            id="updated, it lacks nothing, and GitHub does not say what it has",
        ),
    ],
)
def test_a_pull_request_is_judged(judge, view, verdict):
    assert judge.verdict_on(view) == verdict


@pytest.mark.parametrize(
    ("judge", "view", "is_settled"),
    [
        pytest.param(SCHEDULED, seen(), True, id="nothing lacks"),
        pytest.param(SCHEDULED, seen(lacking=["janky"]), False, id="it lacks something new"),
        pytest.param(SCHEDULED, seen(swept=LEFT, lacking=["Janky"]), True, id="reported before"),
        pytest.param(FIRST, seen(None, None, ["janky"]), False, id="first sight"),
        pytest.param(BY_HAND, seen(swept=LEFT, lacking=["janky"]), False, id="by hand"),
    ],
)
def test_github_is_asked_for_statuses_only_where_they_may_tell_something(judge, view, is_settled):
    assert judge.is_settled(view) is is_settled


class TestMemory:
    def test_what_is_unchanged_is_not_written_again(self):
        for view in (seen(), seen(swept=LEFT, lacking=["janky"]), seen(swept=ASKED)):
            once = SCHEDULED.remember(view, SCHEDULED.verdict_on(view), is_put=False)
            if once is not None:
                again = replace(view, swept=replace(once, at=NOW))
                assert SCHEDULED.remember(again, SCHEDULED.verdict_on(again), is_put=False) is None

    def test_what_was_reported_stays_reported(self):
        view = seen(known=None, swept=None, lacking=["janky"])
        kept = FIRST.remember(view, FIRST.verdict_on(view), is_put=False)
        assert kept is not None
        assert kept.is_left
        assert SCHEDULED.verdict_on(replace(view, swept=kept)) == Verdict(left=("janky",))

    def test_what_github_did_not_tell_is_asked_again(self):
        view = seen(known=None, swept=None, lacking=["janky"], is_unread=True)
        assert SCHEDULED.remember(view, SCHEDULED.verdict_on(view), is_put=False) is None

    def test_what_had_no_room_is_found_again(self):
        view = seen(known=None, swept=None, lacking=["janky"])
        assert SCHEDULED.remember(view, SCHEDULED.verdict_on(view), is_put=False) is None

    def test_what_had_no_room_in_a_sweep_by_hand_is_built_by_a_scheduled_one(self):
        view = seen(known=None, swept=LEFT, lacking=["janky"])
        kept = BY_HAND.remember(view, BY_HAND.verdict_on(view), is_put=False)
        after = replace(view, swept=kept)
        assert SCHEDULED.verdict_on(after) == Verdict(why=Why.MISSING, builds=("janky",))


@pytest.mark.parametrize(
    ("most", "asked", "taken"),
    [
        pytest.param(3, [2, 2, 1], [True, False, True], id="smaller ones fill it up"),
        pytest.param(2, [0, 2, 0, 1], [True, True, True, False], id="looks that build nothing"),
        pytest.param(2, [3, 1], [True, False], id="what is too big alone goes first"),
        pytest.param(0, [1, 0], [False, True], id="none"),
    ],
)
def test_a_sweep_sets_off_so_many_builds(most, asked, taken):
    budget = Budget(most)
    assert [budget.takes(builds) for builds in asked] == taken
