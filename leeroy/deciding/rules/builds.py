"""Which builds to start, and which to stop because nobody needs them any more."""

from leeroy.config import Build as BuildSettings
from leeroy.deciding import messages
from leeroy.deciding.attempts import attempt_for, needed_of
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.effects import TriggerBuild
from leeroy.deciding.facts import Facts, PullFacts, Request
from leeroy.deciding.life import next_retry
from leeroy.deciding.trusted import trust_in
from leeroy.deciding.unknown import Unknown
from leeroy.model import (
    Build,
    BuildState,
    Cause,
    CauseKind,
    Reason,
    ReasonKind,
)

#: A build that Jenkins lost is started again this often for one sha, and then left as an error.
TRIES_AFTER_LOSS = 1

_NEW_ATTEMPT = Reason(ReasonKind.NEW_ATTEMPT)


def stop_builds(facts: PullFacts, decision: Decision) -> Decision:
    """Cancel and abort the builds of heads and bases that are none any more, and of what closed."""
    for build in decision.builds:
        if build.state.is_over:
            continue
        if build.id in decision.cancelled:
            reason = Reason(ReasonKind.CANCELLED_BY, decision.cancelled[build.id])
            decision = decision.stopping(build, reason, is_asked_for=True)
        elif why := _why_stopped(facts, decision, build):
            decision = _stop(facts, decision, build, why)
    return decision


def _why_stopped(facts: PullFacts, decision: Decision, build: Build) -> Reason | None:
    """Why nobody needs a build any more; None: it goes on."""
    pull = facts.pull
    if pull.is_merged:
        # What runs tells something of the commit that was merged.
        return None if build.state is BuildState.RUNNING else Reason(ReasonKind.MERGED)
    if not pull.is_open:
        return Reason(ReasonKind.CLOSED)
    if build.base not in ("", pull.base_ref):
        return Reason(ReasonKind.NEW_BASE, pull.base_ref)
    # Each build says for itself which commits it is made of.
    is_needed = build.sha == pull.head_sha or any(
        (wanted.sha, wanted.context.lower()) == (build.sha, build.context.lower())
        for wanted in decision.wanted
    )
    if is_needed or _may_be_needed(facts, decision, build):
        return None
    return Reason(ReasonKind.SUPERSEDED, pull.head_sha)


def _may_be_needed(facts: PullFacts, decision: Decision, build: Build) -> bool:
    """Nobody knows whether that commit is to be built: what is not known stops nothing."""
    same = (s for s in facts.configured if s.context.lower() == build.context.lower())
    return any(settings.is_for_older_commits for settings in same) and (
        isinstance(facts.commits, Unknown)
        or isinstance(trust_in(facts, decision.approvals), Unknown)
    )


def trigger_builds(facts: Facts, decision: Decision) -> Decision:
    """Start what is missing, what was asked for again, and what an earlier look left unstarted."""
    for wanted in decision.wanted:
        if wanted.instead is not None or not wanted.settings.jenkins_job_name:
            continue
        newest = decision.newest(wanted.sha, wanted.context)
        decision = _stop_older(facts, decision, newest)
        if newest is not None and newest.state is BuildState.NEW:
            if newest.id in decision.unseen:
                continue  # Jenkins may have it already: it is asked once it can say
            decision = decision.doing(
                TriggerBuild(build=newest),
                because=f"{wanted.context}: {messages.reason(newest.reason) or messages.CUT_SHORT}",
            )
            continue
        cause = _why_again(facts, decision, wanted, newest)
        if cause is None:
            continue
        if newest is not None and not newest.state.is_over:
            decision = _stop(facts, decision, newest, _NEW_ATTEMPT)
        decision = decision.asking(*needed_of(facts, wanted, newest))
        build = attempt_for(facts, wanted, newest, cause)
        why = messages.new_attempt(cause, newest, wanted.sha, wanted.settings.retries)
        decision = decision.with_build(build).doing(
            TriggerBuild(build=build), because=f"{wanted.context}: {why}"
        )
    return decision


def _why_again(
    facts: Facts, decision: Decision, wanted: Wanted, newest: Build | None
) -> Cause | None:
    """What to start an attempt for; None: nothing asks for one."""
    request = _unmet_request(decision, wanted)
    if request is not None:
        return request.cause
    if newest is None:
        return None if _is_built_elsewhere(facts, wanted) else Cause(CauseKind.HEAD)
    if newest.base and newest.base != facts.base:
        return Cause(CauseKind.BASE, facts.base)
    if newest.state is BuildState.SUPERSEDED:
        return Cause(CauseKind.AGAIN)
    if newest.cause.kind is CauseKind.UNAPPROVED:
        return Cause(CauseKind.APPROVED)
    if newest.state is BuildState.LOST and _losses(decision, wanted) <= TRIES_AFTER_LOSS:
        return Cause(CauseKind.LOST)
    if retry := next_retry(newest, wanted.settings.retries):
        return Cause(CauseKind.RETRY, str(retry))
    return None


def _is_built_elsewhere(facts: Facts, wanted: Wanted) -> bool:
    """GitHub shows a status that is not ours: somebody's, or ours before the store was lost."""
    return (wanted.sha, wanted.context.lower()) in facts.shown


def _unmet_request(decision: Decision, wanted: Wanted) -> Request | None:
    obeyed = {
        build.cause
        for build in decision.builds
        if build.sha == wanted.sha and build.context.lower() == wanted.context.lower()
    }
    return next(
        (
            request
            for request in decision.requests
            if request.asks_for(wanted.settings) and request.cause not in obeyed
        ),
        None,
    )


def _losses(decision: Decision, wanted: Wanted) -> int:
    return sum(
        build.state is BuildState.LOST
        for build in decision.builds
        if build.sha == wanted.sha and build.context.lower() == wanted.context.lower()
    )


def _stop_older(facts: Facts, decision: Decision, newest: Build | None) -> Decision:
    """Stop attempts that a newer one took the place of, and that were just starting then."""
    for build in decision.builds:
        is_older = (
            newest is not None
            and (build.sha, build.context.lower()) == (newest.sha, newest.context.lower())
            and build.attempt < newest.attempt
        )
        if is_older and not build.state.is_over:
            decision = _stop(facts, decision, build, _NEW_ATTEMPT)
    return decision


def _stop(facts: Facts, decision: Decision, build: Build, reason: Reason) -> Decision:
    """Stop what nobody needs any more, unless its settings say to let it be."""
    settings = next(
        (s for s in facts.configured if s.context.lower() == build.context.lower()), None
    )
    if isinstance(settings, BuildSettings):
        is_running = build.state is BuildState.RUNNING
        if not settings.cancel_superseded or (is_running and not settings.abort):
            return decision
    return decision.stopping(build, reason)
