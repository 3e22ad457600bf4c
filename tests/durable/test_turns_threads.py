"""Turns among threads: however many ask at once, no more go than the limit lets."""

from concurrent.futures import ThreadPoolExecutor

from leeroy.deciding.turns import Limit, Standing, give_turns
from leeroy.model import BuildState, Reason, ReasonKind
from leeroy.model.ranks import Rank
from leeroy.store import Store
from tests.making import a_pull, a_row

MOST = 3
LIMIT = Limit(
    name="builds[0]",
    most=MOST,
    states=frozenset([BuildState.NEW, BuildState.QUEUED, BuildState.RUNNING]),
)


def choose(line, now):
    return give_turns(
        [Standing(build=row, rank=Rank.PERSON, limits=(LIMIT,)) for row, _ in line], now
    )


def test_no_more_go_than_the_limit_lets_and_in_the_end_all_have_gone(engine):
    store = Store(engine)

    def line_up_and_ask(number: int) -> tuple[str, ...]:
        row = a_row(
            pull=number, created=0.0, updated=0.0, reason=Reason(ReasonKind.WAITING_FOR_TURN)
        )
        store.save_builds([row])
        given, _ = store.give_turns(choose)
        return tuple(one.id for one in given)

    with ThreadPoolExecutor(8) as threads:
        given = [one for asked in threads.map(line_up_and_ask, range(1, 25)) for one in asked]
    assert len(given) == len(set(given)) == MOST

    gone: list[str] = []
    while store.is_anything_waiting():
        for row in store.unfinished():
            if not row.is_waiting_for_turn:
                store.save_builds([a_row(**{**vars(row), "state": BuildState.DONE})])
                gone.append(row.id)
        now_given, waiting = store.give_turns(choose)
        assert len(now_given) <= MOST
        assert waiting.isdisjoint(one.id for one in now_given)
    assert len(gone) == len(set(gone)) == 24 - len(store.unfinished())


def test_the_author_says_whose_pull_request_it_is(engine):
    store = Store(engine)
    store.save_pull(a_pull(author="renovate[bot]"))
    store.save_builds([a_row(created=0.0, updated=0.0, reason=Reason(ReasonKind.WAITING_FOR_TURN))])
    seen = []
    store.give_turns(lambda line, now: seen.extend(line) or ())
    assert [author for _, author in seen] == ["renovate[bot]"]
