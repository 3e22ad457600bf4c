"""Which commits a subject still speaks for."""

from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts, Facts, PullFacts
from leeroy.deciding.trusted import trust_in
from leeroy.deciding.unknown import Unknown
from leeroy.deciding.words import Life, Place


def life_at(facts: Facts, decision: Decision, place: Place) -> Life:
    """How our subject stands to a context of a commit.

    A branch keeps the commits that were pushed to it, until it is deleted. A pull request has its
    head, and of its older commits what is to be built there; while nobody can tell what that is, it
    has left none.
    """
    match facts:
        case BranchFacts():
            return Life.LEFT if facts.is_gone else Life.OPEN
        case PullFacts() if facts.pull.is_merged:
            return Life.MERGED if place[0] == facts.pull.head_sha else Life.LEFT
        case PullFacts() if not facts.pull.is_open:
            return Life.LEFT
        case PullFacts():
            is_had = place[0] == facts.pull.head_sha or _may_be_wanted(facts, decision, place)
            return Life.OPEN if is_had else Life.LEFT
    raise TypeError(f"nothing is known of {type(facts).__name__}")


def _may_be_wanted(facts: PullFacts, decision: Decision, place: Place) -> bool:
    """It is to be built, or nobody knows whether it is."""
    if any((one.sha, one.context.lower()) == place for one in decision.wanted):
        return True
    same = (s for s in facts.configured if s.context.lower() == place[1])
    return any(settings.is_for_older_commits for settings in same) and (
        isinstance(facts.commits, Unknown)
        or isinstance(trust_in(facts, decision.approvals), Unknown)
        or isinstance(facts.statuses.get(place[0]), Unknown)
    )
