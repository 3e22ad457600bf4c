"""Which builds a watched branch should have: one for each push, or for the newest that waits."""

from collections.abc import Sequence
from dataclasses import replace

from leeroy.config import Branch, Job
from leeroy.config import Build as BuildSettings
from leeroy.deciding import messages
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.facts import BranchFacts
from leeroy.deciding.proof import checked_out, was_given
from leeroy.deciding.unknown import Unknown, or_none
from leeroy.deciding.words import WordRank
from leeroy.model import Build, BuildState, Push, Reason, ReasonKind, Status, StatusState

#: Still in Jenkins' queue, or on its way there.
WAITING = (BuildState.NEW, BuildState.QUEUED)


def select_branch_builds(facts: BranchFacts, decision: Decision) -> Decision:
    """The contexts each pushed sha should have; what has a build already keeps it."""
    if facts.is_gone:
        return decision
    if any(settings.is_filtered for settings in facts.configured):
        decision = decision.asking(*(facts.patch_of(push) for push in facts.pushes))
    wanted = tuple(
        wanted
        for settings in facts.configured
        if settings.jenkins_job_name and not settings.is_pipeline
        for wanted in _wanted(facts, decision, settings)
    )
    skipped = tuple(
        f"{w.context}: {w.instead.description}" for w in wanted if w.instead is not None
    )
    return replace(decision, wanted=wanted, reasons=decision.reasons + skipped)


def stop_branch_builds(facts: BranchFacts, decision: Decision) -> Decision:
    """Cancel what a newer push made needless, and what was for a branch that is gone.

    What runs goes on and is reported, except for a merge group: nobody will merge it any more.
    """
    if facts.is_gone:
        return _stop_all(facts, decision)
    for settings in facts.configured:
        if not _coalesces(settings):
            continue
        needed = {w.sha for w in decision.wanted if w.context == settings.context}
        for build in decision.builds:
            is_needless = build.state in WAITING and build.sha not in needed
            if is_needless and _is_of(build, settings):
                decision = decision.stopping(build, Reason(ReasonKind.SUPERSEDED, facts.newest))
    return decision


def pushes_between(last: str, head: str, told: Sequence[Push]) -> tuple[Push, ...]:
    """The pushes that led from the head handled last to the one there is now, oldest first.

    Deliveries may come late, twice or never, so those told of are put together by the commits
    they name, and what is missing between them counts as one push. A forced push ends the chain:
    what it took away is not built. Told of nothing that leads anywhere, as by an old delivery
    sent again, there are none.
    """
    if not last:
        # What was told of first begins where nobody told of a push to.
        ends = {push.after for push in told}
        last = next((push.before for push in told if push.before not in ends), head)
    back = _walk_back(last, head, told)
    if any(push.is_forced and push.after == head for push in told):
        return back
    forth = _walk_forth(last, told)
    if head == last or any(push.after == head for push in forth):
        return forth
    if back and (back[0].is_forced or not back[0].before):
        return back
    reached = forth[-1].after if forth else last
    begins = back[0].before if back else head
    gap = () if begins == reached else (Push(before=reached, after=begins),)
    return (*forth, *gap, *back)


def _wanted(facts: BranchFacts, decision: Decision, settings: Job) -> list[Wanted]:
    wanted = _pushed(facts, settings)
    if any(request.asks_for(settings) for request in decision.requests):
        wanted[facts.newest] = Wanted(settings=settings, sha=facts.newest)
    newest = wanted.get(facts.newest)
    is_replaced = _coalesces(settings) and newest is not None and newest.instead is None
    for build in decision.builds:
        if not _is_of(build, settings) or build.sha in wanted:
            continue
        speaks = decision.newest(build.sha, build.context) or build
        if _is_in_hand(facts, speaks) and not (is_replaced and speaks.state in WAITING):
            wanted[build.sha] = Wanted(settings=settings, sha=build.sha)
    return list(wanted.values())


def _is_in_hand(facts: BranchFacts, build: Build) -> bool:
    """It was not over when the look began, or Jenkins has a new build of its sha; else it is past."""
    if build.state is BuildState.SUPERSEDED:
        return False
    past = {known.id for known in facts.builds if known.state.is_over}
    return build.id not in past or any(
        was_given(build, stray) or checked_out(build, stray) for stray in facts.strays
    )


def _pushed(facts: BranchFacts, settings: Job) -> dict[str, Wanted]:
    pushes = facts.pushes[-1:] if _coalesces(settings) else facts.pushes
    wanted = (
        _of_push(
            facts,
            Wanted(settings=settings, sha=push.after),
            facts.pushes if _coalesces(settings) else (push,),
        )
        for push in pushes
    )
    return {one.sha: one for one in wanted if one is not None}


def _of_push(facts: BranchFacts, wanted: Wanted, pushes: Sequence[Push]) -> Wanted | None:
    """The build, or what is said instead of it; None: nothing is said for a moment."""
    settings, reason = wanted.settings, ""
    if isinstance(settings, BuildSettings) and facts.group is not None:
        reason = _not_for_the_group(settings, facts.group.base)
    patches = [facts.patch_of(push) for push in pushes] if settings.is_filtered else [None]
    if not reason and not any(settings.is_affected_by(or_none(patch)) for patch in patches):
        reason = messages.SKIPPED_PATHS
    failed = [p for p in patches if isinstance(p, Unknown) and not p.needs]
    if reason:
        excused = _status(settings, StatusState.SUCCESS, reason)
        return replace(wanted, instead=excused, rank=WordRank.EXCUSED)
    if not failed or facts.is_out_of_patience:
        return wanted
    if facts.is_blip:
        return wanted.as_said(facts)
    text = messages.not_shown("changed files", failed[0].briefly)
    pending = _status(settings, StatusState.PENDING, text)
    return replace(wanted, instead=pending, rank=WordRank.UNDER_WAY)


def _status(settings: Job, state: StatusState, text: str) -> Status:
    return Status(context=settings.context, state=state, description=messages.shorten(text))


def _not_for_the_group(settings: BuildSettings, base: str) -> str:
    """Why a build of pull requests is none of their merge group; empty: it is.

    Whatever GitHub requires must be reported on the group, or nothing is ever merged. What labels
    and drafts kept from being built came no further than the pull request itself.
    """
    if not settings.is_for_base(base):
        return messages.SKIPPED_PATHS
    if settings.is_on_command:
        return messages.skipped("built only on request")
    if settings.optional:
        return messages.skipped("not needed for merging")
    return ""


def _stop_all(facts: BranchFacts, decision: Decision) -> Decision:
    for build in decision.builds:
        if build.state is BuildState.RUNNING and not _may_abort(facts, build):
            continue
        if not build.state.is_over:
            decision = decision.stopping(build, Reason(ReasonKind.BRANCH_DELETED))
    return decision


def _may_abort(facts: BranchFacts, build: Build) -> bool:
    settings = next((s for s in facts.configured if _is_of(build, s)), None)
    lets_run = isinstance(settings, BuildSettings) and not settings.abort
    return facts.group is not None and not lets_run


def _walk_forth(last: str, told: Sequence[Push]) -> tuple[Push, ...]:
    by_start = {push.before: push for push in told if not push.is_forced}
    walked: list[Push] = []
    at = last
    while (push := by_start.pop(at, None)) is not None:
        walked.append(push)
        at = push.after
    return tuple(walked)


def _walk_back(last: str, head: str, told: Sequence[Push]) -> tuple[Push, ...]:
    by_end = {push.after: push for push in told}
    walked: list[Push] = []
    at = head
    while at and at != last and (push := by_end.pop(at, None)) is not None:
        walked.insert(0, push)
        if push.is_forced:
            break
        at = push.before
    return tuple(walked)


def _coalesces(settings: Job) -> bool:
    return isinstance(settings, Branch) and settings.coalesce


def _is_of(build: Build, settings: Job) -> bool:
    return build.context.lower() == settings.context.lower()
