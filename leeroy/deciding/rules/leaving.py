"""What a subject no longer has to say: of commits it left, and of contexts that are none any more."""

from leeroy.deciding import messages
from leeroy.deciding.commits import life_at
from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts, Facts, PullFacts
from leeroy.deciding.words import Life, Place
from leeroy.model import BuildState


def take_back(facts: Facts, decision: Decision) -> Decision:
    """Take back what was said of commits that were left; and of builds that are none any more.

    Whoever else has the commit speaks for it from then on. Where nobody has, what waited or ran is
    given an end, and what ended stays as it is.
    """
    silent = [place for place in facts.own_words if place not in decision.said]
    for place in silent:
        is_left = life_at(facts, decision, place[0]) is not Life.OPEN
        if is_left or _is_of_builds(facts, decision, place):
            decision = decision.taking_back(place)
    shas = {sha for sha, _ in (*facts.own_words, *facts.marked)}
    for sha in sorted(shas | {build.sha for build in decision.builds}):
        if text := _end(facts, decision, sha):
            decision = decision.ending(sha, text)
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


def _end(facts: Facts, decision: Decision, sha: str) -> str:
    """What becomes there of what waited or ran, where nobody else speaks; empty: it goes on."""
    if life_at(facts, decision, sha) is Life.OPEN:
        return _end_of_stopped(facts, decision, sha)
    match facts:
        case BranchFacts():
            return messages.BRANCH_DELETED
        case PullFacts() if facts.pull.is_merged:
            return messages.MERGED_BEFORE
        case PullFacts() if not facts.pull.is_open:
            return messages.CLOSED
        case PullFacts():
            return messages.superseded_by(facts.pull.head_sha)
    raise TypeError(f"nothing ends for {type(facts).__name__}")


def _end_of_stopped(facts: Facts, decision: Decision, sha: str) -> str:
    """Builds were stopped by a newer push or for another base, and nothing took their place."""
    stopped = [b for b in decision.builds if b.sha == sha and b.state is BuildState.SUPERSEDED]
    bases = {word.base for (of, _), word in facts.own_words.items() if of == sha}
    if isinstance(facts, PullFacts) and bases - {facts.base}:
        return messages.superseded_base(facts.base)
    return next((build.reason for build in reversed(stopped)), "")
