"""The table of contents of what Leeroy does: its rules in order, and the one function that decides.

Pure: the same facts always make the same plan.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from leeroy.deciding.decision import Decision
from leeroy.deciding.effects import (
    DeleteComment,
    Effect,
    RecordBuild,
    SetStatus,
    TriggerBuild,
    WriteComment,
)
from leeroy.deciding.facts import BranchFacts, Facts, PullFacts
from leeroy.deciding.rules.branches import select_branch_builds, stop_branch_builds
from leeroy.deciding.rules.builds import stop_builds, trigger_builds
from leeroy.deciding.rules.commands import obey_commands
from leeroy.deciding.rules.filters import select_builds
from leeroy.deciding.rules.follow import adopt_builds, follow_builds
from leeroy.deciding.rules.groups import report_group
from leeroy.deciding.rules.hygiene import check_hygiene
from leeroy.deciding.rules.mended import tell_of_breaks
from leeroy.deciding.rules.mergeable import hold_conflicts
from leeroy.deciding.rules.multibranch import abort_unapproved
from leeroy.deciding.rules.report import report_builds
from leeroy.deciding.rules.results import tell_results
from leeroy.deciding.rules.trust import hold_untrusted
from leeroy.model import BuildState

Rule = Callable[[PullFacts, Decision], Decision]
BranchRule = Callable[[BranchFacts, Decision], Decision]
F = TypeVar("F", bound=Facts)

#: In the order people would think: what happened, what is wanted, what to do, what to say.
RULES: tuple[Rule, ...] = (
    follow_builds,
    obey_commands,
    select_builds,
    hold_untrusted,
    abort_unapproved,
    adopt_builds,
    hold_conflicts,
    stop_builds,
    trigger_builds,
    report_builds,
    check_hygiene,
    tell_results,
)


#: The same for a branch that somebody pushed to.
BRANCH_RULES: tuple[BranchRule, ...] = (
    follow_builds,
    select_branch_builds,
    adopt_builds,
    stop_branch_builds,
    trigger_builds,
    report_builds,
    report_group,
    tell_of_breaks,
)


def decide(facts: PullFacts | BranchFacts) -> Decision:
    """What to do about a pull request or a branch, and why."""
    unseen = frozenset(facts.unseen)
    decision = Decision(
        builds=facts.builds, rivals=facts.rivals, requests=facts.requests, unseen=unseen
    )
    if isinstance(facts, BranchFacts):
        return _decide(BRANCH_RULES, facts, decision)
    seen = replace(decision, approvals=facts.approvals, skips=facts.skips)
    return _decide(RULES, facts, seen)


def foresee(facts: PullFacts | BranchFacts) -> tuple[Effect, ...]:
    """Every effect a look would have if Jenkins took each trigger: what ``leeroy plan`` prints."""
    first = decide(facts)
    queued = tuple(
        replace(build, state=BuildState.QUEUED) if build.state is BuildState.NEW else build
        for build in first.builds
    )
    then = decide(replace(facts, builds=queued, sightings={}, strays=(), requests=()))
    happens = tuple(e for e in first.effects if e not in then.effects)
    follows = tuple(e for e in then.effects if not isinstance(e, TriggerBuild | RecordBuild))
    return happens + follows


def _decide(
    rules: Iterable[Callable[[F, Decision], Decision]], facts: F, decision: Decision
) -> Decision:
    for rule in rules:
        decision = rule(facts, decision)
    return difference(facts, decision)


def difference(facts: Facts, decision: Decision) -> Decision:
    """The effects that make GitHub say what it should: none where it does already."""
    for (sha, key), (status, because) in decision.statuses.items():
        linked = facts.linked(status)
        if facts.written.get((sha, key)) != linked:
            effect = SetStatus(repo=facts.repo, sha=sha, status=linked)
            decision = decision.doing(effect, because=because)
    if isinstance(facts, PullFacts):
        for topic, body in decision.comments.items():
            decision = decision.doing(*_comment(facts, topic, body))
    return decision


def _comment(facts: PullFacts, topic: str, body: str | None) -> Iterator[Effect]:
    ref, known = facts.pull.ref, facts.comments.get(topic)
    if known is not None and body is None:
        yield DeleteComment(pull=ref, topic=topic, comment_id=known.comment_id)
    elif body is not None and (known is None or known.body != body):
        comment_id = known.comment_id if known is not None else None
        yield WriteComment(pull=ref, topic=topic, body=body, comment_id=comment_id)
