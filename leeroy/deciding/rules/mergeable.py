"""A pull request that conflicts with its base: a status, a comment when asked for, no new build."""

from dataclasses import replace

from leeroy.config import Conflicts
from leeroy.deciding import messages
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.facts import PullFacts
from leeroy.deciding.words import WordRank
from leeroy.model import Status, StatusState

TOPIC = "conflicts"


def hold_conflicts(facts: PullFacts, decision: Decision) -> Decision:
    """Say whether it can be merged, and build nothing new while it cannot.

    What is built or being built already stands: it was true of that very commit. While GitHub does
    not know, nothing is held up.
    """
    settings = facts.settings.conflicts
    if settings is None or not facts.pull.is_open:
        return decision
    has_conflict = _has_conflict(facts, settings)
    if has_conflict is None:
        return decision
    status = _status(settings, facts.pull.base_ref, has_conflict=has_conflict)
    because = f"{settings.context}: {status.description}"
    decision = decision.saying(facts.pull.head_sha, status, because=because)
    if settings.comment:
        body = _comment(facts, has_conflict=has_conflict)
        decision = decision.commenting(TOPIC, body, is_edit=not has_conflict)
    if has_conflict:
        held = tuple(_hold(facts, decision, wanted) for wanted in decision.wanted)
        decision = replace(decision, wanted=held)
    return decision


def is_unsettled(facts: PullFacts) -> bool:
    """GitHub was to say whether it can be merged, and does not know yet.

    https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
    """
    pull = facts.pull
    return facts.settings.conflicts is not None and pull.is_open and pull.has_conflict is None


def _has_conflict(facts: PullFacts, settings: Conflicts) -> bool | None:
    """Whether it conflicts; None: nobody knows.

    GitHub forgets its answer whenever the base moves. A conflict we told of holds until it says so.
    """
    pull = facts.pull
    if pull.has_conflict is not None:
        return pull.has_conflict
    said = facts.own_word(pull.head_sha, settings.context)
    is_told = said is not None and said.rank is WordRank.FAILED and said.base == pull.base_ref
    return True if is_told else None


def _status(settings: Conflicts, base: str, *, has_conflict: bool) -> Status:
    text = messages.conflict(base) if has_conflict else messages.no_conflict(base)
    return Status(
        context=settings.context,
        state=StatusState.FAILURE if has_conflict else StatusState.SUCCESS,
        description=messages.shorten(text),
    )


def _hold(facts: PullFacts, decision: Decision, wanted: Wanted) -> Wanted:
    newest = decision.newest(wanted.sha, wanted.context)
    is_being_built = newest is not None and not newest.state.is_over
    if wanted.instead is not None or is_being_built:
        return wanted
    waits = Status(
        context=wanted.context,
        state=StatusState.PENDING,
        description=messages.shorten(messages.waits_for_merge(facts.pull.base_ref)),
    )
    return replace(wanted, instead=waits, rank=WordRank.BLOCKED)


def _comment(facts: PullFacts, *, has_conflict: bool) -> str:
    pull = facts.pull
    if not has_conflict:
        return messages.conflict_settled_comment(pull.base_ref)
    repo_url = pull.url.partition("/pull/")[0]
    return messages.conflict_comment(repo_url, pull.base_ref, pull.head_ref)
