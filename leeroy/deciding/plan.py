"""The table of contents of what Leeroy does: its rules in order, and the one function that decides.

Pure: the same facts always make the same plan.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from leeroy.deciding.decision import Commenting, Decision
from leeroy.deciding.effects import (
    AddLabels,
    DeleteComment,
    Effect,
    RecordBuild,
    RemoveLabel,
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
from leeroy.deciding.rules.leaving import take_back
from leeroy.deciding.rules.mended import tell_of_breaks
from leeroy.deciding.rules.mergeable import hold_conflicts
from leeroy.deciding.rules.multibranch import abort_unapproved
from leeroy.deciding.rules.report import report_builds
from leeroy.deciding.rules.results import tell_results
from leeroy.deciding.rules.trust import hold_untrusted
from leeroy.deciding.trusted import trust_in
from leeroy.deciding.unknown import Unknown, is_unread
from leeroy.deciding.words import Place, Word, end_of, verdict
from leeroy.model import BuildState, Status

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
    take_back,
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
    take_back,
    tell_of_breaks,
)


def decide(facts: PullFacts | BranchFacts) -> Decision:
    """What to do about a pull request or a branch, and why."""
    unseen = frozenset(facts.unseen)
    decision = Decision(
        builds=facts.builds, rivals=facts.rivals, requests=facts.requests, unseen=unseen
    )
    if isinstance(facts, BranchFacts):
        return _decide(BRANCH_RULES, facts, replace(decision, is_vouched=True))
    seen = replace(decision, approvals=facts.approvals, skips=facts.skips)
    return _decide(RULES, facts, _vouched(facts, seen))


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
    """The effects that make GitHub say what it should: none where it does already.

    The only place that compares: our subject's words with what it said before, and the verdict of
    all words with what stands.
    """
    words = _words(facts, decision)
    changed: dict[Place, Word | None] = {}
    for place in sorted({*words, *facts.own_words, *facts.marked}):
        known = facts.own_words.get(place)
        mine = None if place in decision.taken_back else words.get(place, known)
        if mine != known:
            changed[place] = mine
        status = _standing(facts, decision, place, mine)
        saying, because = decision.said.get(place, (None, ""))
        is_same = status == facts.written.get(place) and place not in facts.marked
        if (
            place in facts.full
            or status is None
            or is_same
            or (saying is not None and saying.is_passing)
        ):
            continue
        effect = SetStatus(repo=facts.repo, sha=place[0], status=status)
        decision = decision.doing(effect, because=because)
    decision = replace(decision, words=changed)
    if isinstance(facts, PullFacts):
        for topic, wanted in decision.comments.items():
            decision = decision.doing(*_comment(facts, topic, wanted))
        decision = decision.doing(*_labels(facts, decision))
    return decision


def _vouched(facts: PullFacts, decision: Decision) -> Decision:
    """With whether its author is trusted; asked where that decides between words."""
    trusted = trust_in(facts, ())
    if not isinstance(trusted, Unknown):
        return replace(decision, is_vouched=trusted)
    if is_unread(trusted) and facts.is_shared(facts.pull.head_sha):
        return decision.asking(trusted)
    return decision


def _words(facts: Facts, decision: Decision) -> dict[Place, Word]:
    """What the rules said, as our subject's words."""
    words: dict[Place, Word] = {}
    for place, (saying, _) in decision.said.items():
        known = facts.own_words.get(place)
        status = facts.linked(saying.status)
        vouched = [saying.is_vouched, decision.is_vouched, known.is_vouched if known else None]
        words[place] = Word(
            subject=facts.subject,
            context=status.context,
            state=status.state,
            text=status.description,
            link=status.target_url,
            base=facts.base,
            rank=saying.rank,
            # What cannot be read now changes nothing.
            is_vouched=next((one for one in vouched if one is not None), None),
            is_tacit=saying.is_tacit,
            life=saying.life,
        )
    return words


def _standing(facts: Facts, decision: Decision, place: Place, mine: Word | None) -> Status | None:
    """What should stand there now; None: what stands may stay."""
    others = [word for word in facts.words.get(place, ()) if word.subject != facts.subject]
    written = facts.written.get(place)
    is_said = written is not None or place in facts.marked
    heard = others if mine is None else [*others, mine]
    if heard:
        return verdict(heard, is_said=is_said)
    known = facts.own_words.get(place)
    context = written.context if written else known.context if known else place[1]
    return end_of(decision.ends.get(place, ""), written, context) if is_said else None


def _comment(facts: PullFacts, topic: str, wanted: Commenting) -> Iterator[Effect]:
    ref, known, body = facts.pull.ref, facts.comments.get(topic), wanted.body
    if known is None:
        if body is not None and not wanted.is_edit:
            yield WriteComment(pull=ref, topic=topic, body=body, comment_id=None)
    elif body is None:
        yield DeleteComment(pull=ref, topic=topic, comment_id=known.comment_id)
    elif known.body != body and not (wanted.mark and wanted.mark in known.body):
        yield WriteComment(pull=ref, topic=topic, body=body, comment_id=known.comment_id)


def _labels(facts: PullFacts, decision: Decision) -> Iterator[Effect]:
    """A label is taken off only where we put it on."""
    ref, there = facts.pull.ref, facts.pull.labels
    if add := sorted(decision.labels_on - there):
        yield AddLabels(pull=ref, labels=tuple(add))
    for label in sorted(decision.labels_off & there & facts.our_labels):
        yield RemoveLabel(pull=ref, label=label)
