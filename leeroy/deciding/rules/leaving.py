"""What a subject no longer has to say: of commits it left, and of contexts that are none any more."""

from leeroy.deciding import messages
from leeroy.deciding.commits import life_at
from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts, Facts, PullFacts
from leeroy.deciding.words import Life, Place
from leeroy.model import BuildState, Reason, ReasonKind


def take_back(facts: Facts, decision: Decision) -> Decision:
    """Take back what was said of commits that were left; and of builds that are none any more.

    Whoever else has the commit speaks for it from then on. Where nobody has, what waited or ran is
    given an end, and what ended stays as it is.
    """
    silent = [place for place in facts.own_words if place not in decision.said]
    for place in silent:
        is_left = life_at(facts, decision, place) is not Life.OPEN
        if is_left or _is_of_builds(facts, decision, place):
            decision = decision.taking_back(place)
    for place in sorted({*facts.own_words, *facts.marked}):
        if text := _end(facts, decision, place):
            decision = decision.ending(place, text)
    return decision


def _is_of_builds(facts: Facts, decision: Decision, place: Place) -> bool:
    """It is said of a head in every look, where there is something to say.

    Checks are not made in every look, and of a branch only the newest builds are read.
    """
    newest = decision.newest(*place)
    if isinstance(facts, BranchFacts):
        return newest is not None and newest.state is BuildState.SUPERSEDED
    if not isinstance(facts, PullFacts) or place[0] != facts.pull.head_sha:
        return False
    contexts = [s.context for s in facts.configured] + [b.context for b in decision.builds]
    return any(context.lower() == place[1] for context in contexts)


def _end(facts: Facts, decision: Decision, place: Place) -> str:
    """What becomes there of what waited or ran, where nobody else speaks; empty: it goes on."""
    if life_at(facts, decision, place) is Life.OPEN:
        return _end_of_stopped(facts, decision, place)
    match facts:
        case BranchFacts():
            return messages.reason(Reason(ReasonKind.BRANCH_DELETED))
        case PullFacts() if facts.pull.is_merged:
            return messages.reason(Reason(ReasonKind.MERGED))
        case PullFacts() if not facts.pull.is_open:
            return messages.reason(Reason(ReasonKind.CLOSED))
        case PullFacts():
            return messages.reason(Reason(ReasonKind.SUPERSEDED, facts.pull.head_sha))
    raise TypeError(f"nothing ends for {type(facts).__name__}")


def _end_of_stopped(facts: Facts, decision: Decision, place: Place) -> str:
    """It was stopped by a newer push or for another base, and nothing took its place."""
    newest, said = decision.newest(*place), facts.own_words.get(place)
    bases = {one.base for one in (newest, said) if one is not None}
    if isinstance(facts, PullFacts) and bases - {"", facts.base}:
        return messages.reason(Reason(ReasonKind.NEW_BASE, facts.base))
    is_stopped = newest is not None and newest.state is BuildState.SUPERSEDED
    return messages.reason(newest.reason) if newest is not None and is_stopped else ""
