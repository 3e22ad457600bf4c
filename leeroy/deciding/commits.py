"""Which commits a subject still speaks for."""

from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts, Facts, PullFacts
from leeroy.deciding.trusted import trust_in
from leeroy.deciding.unknown import Unknown
from leeroy.deciding.words import Life


def life_at(facts: Facts, decision: Decision, sha: str) -> Life:
    """How our subject stands to a commit.

    A branch keeps the commits that were pushed to it, until it is deleted. A pull request has its
    head, and of its older commits those that are to be built; while nobody can tell which these
    are, it has left none.
    """
    match facts:
        case BranchFacts():
            return Life.LEFT if facts.is_gone else Life.OPEN
        case PullFacts() if facts.pull.is_merged:
            return Life.MERGED if sha == facts.pull.head_sha else Life.LEFT
        case PullFacts() if not facts.pull.is_open:
            return Life.LEFT
        case PullFacts():
            is_had = sha == facts.pull.head_sha or not _is_sure(facts, decision)
            return Life.OPEN if is_had or _is_wanted(decision, sha) else Life.LEFT
    raise TypeError(f"nothing is known of {type(facts).__name__}")


def _is_wanted(decision: Decision, sha: str) -> bool:
    return any(wanted.sha == sha for wanted in decision.wanted)


def _is_sure(facts: PullFacts, decision: Decision) -> bool:
    """It is known which of its older commits are to be built."""
    if not any(settings.is_for_older_commits for settings in facts.configured):
        return True
    return not (
        isinstance(facts.commits, Unknown)
        or isinstance(trust_in(facts, decision.approvals), Unknown)
        or any(isinstance(one, Unknown) for one in facts.statuses.values())
    )
