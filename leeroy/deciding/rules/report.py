"""What Jenkins says of a build -> the commit status people see."""

from dataclasses import replace

from leeroy.config import IfJobMissing, Job
from leeroy.deciding import messages
from leeroy.deciding.commits import life_at
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.facts import Facts
from leeroy.deciding.words import Life, WordRank, rank_of
from leeroy.model import (
    Build,
    BuildState,
    CauseKind,
    Reason,
    ReasonKind,
    Result,
    Status,
    StatusState,
)

#: UNSTABLE is set per build (``unstable_as``).
STATE_OF_RESULT = {
    Result.SUCCESS: StatusState.SUCCESS,
    Result.FAILURE: StatusState.FAILURE,
    Result.ABORTED: StatusState.ERROR,
    Result.NOT_BUILT: StatusState.ERROR,
}


def report_builds(facts: Facts, decision: Decision) -> Decision:
    """Say of each context how its build stands, or why there is none."""
    for one in decision.wanted:
        if one.instead is not None and not _is_built(facts, decision, one):
            status = _skipped(decision, one.sha, one.instead)
            rank = one.rank if status is one.instead else WordRank.EXCUSED
            decision = decision.saying(one.sha, status, rank, is_tacit=one.is_tacit)
    for sha, context in {(b.sha, b.context.lower()): None for b in decision.builds}:
        build = decision.newest_onto(sha, context, facts.base)
        if build is not None and (sha, context) not in decision.said:
            decision = _report(facts, decision, build)
    return decision


def _report(facts: Facts, decision: Decision, build: Build) -> Decision:
    life = life_at(facts, decision, (build.sha, build.context.lower()))
    if _is_to_be_missing(facts, build) or _is_past(facts, build, life):
        return decision
    unstable_as = {s.context.lower(): StatusState(s.unstable_as) for s in facts.configured}
    state = unstable_as.get(build.context.lower(), StatusState.FAILURE)
    status = _with_usual(facts, build, status_of(build, state))
    status = _tried_again(facts, decision, build, status)
    said = _skipped(decision, build.sha, status)
    return decision.saying(
        build.sha,
        said,
        rank_of(said.state) if said is status else WordRank.EXCUSED,
        # What Jenkins began by itself is nobody's whom we trust.
        is_vouched=build.cause.kind is not CauseKind.UNAPPROVED,
        life=life,
        is_passing=_is_beginning(decision, build),
    )


def _is_past(facts: Facts, build: Build, life: Life) -> bool:
    """Nobody waits for it any more: it was stopped; or its commit was left when it was over."""
    if build.state is BuildState.SUPERSEDED:
        return True
    if life is Life.OPEN or not build.state.is_over:
        return False
    known = facts.own_word(build.sha, build.context)
    return known is None or (known.life is Life.OPEN and known.state is not StatusState.PENDING)


def _is_beginning(decision: Decision, build: Build) -> bool:
    """It is about to be triggered in this very look."""
    is_new = build.state is BuildState.NEW and build.reason is None
    return is_new and build.id not in decision.unseen


def _with_usual(facts: Facts, build: Build, status: Status) -> Status:
    """Say how long builds like a running one take; once said it stays, though it may change."""
    if build.state is not BuildState.RUNNING or build.reason is not None:
        return status
    said = facts.own_word(build.sha, build.context)
    # The link is the build's own from here on: it was said of this very build.
    waited = messages.reason(Reason(ReasonKind.WAITS_FOR_INPUT, str(build.build_number)))
    if (
        said is not None
        and build.url
        and (said.state, said.link) == (status.state, build.url)
        and said.text != waited
    ):
        return said.status
    text = messages.running(build.build_number or 0, facts.usual.get(build.id))
    return replace(status, description=text)


def _is_to_be_missing(facts: Facts, build: Build) -> bool:
    """Jenkins has no such job, or not yet, and the settings say that this is nothing to report."""
    settings = _settings_of(facts, build)
    return (
        settings is not None
        and settings.if_job_missing is IfJobMissing.SKIP
        and build.reason is not None
        and build.reason.kind in (ReasonKind.JOB_MISSING, ReasonKind.JOB_TO_COME)
    )


def _tried_again(facts: Facts, decision: Decision, build: Build, status: Status) -> Status:
    """Until it runs, a retry says why there is one."""
    settings = _settings_of(facts, build)
    if not build.retry or build.state is not BuildState.QUEUED or settings is None:
        return status
    failed = [
        known.build_number
        for known in decision.builds
        if known.sha == build.sha
        and known.context.lower() == build.context.lower()
        and known.attempt == build.attempt - 1
    ]
    text = messages.trying_again(next(iter(failed), None) or 0, build.retry, settings.retries)
    return replace(status, description=text)


def _settings_of(facts: Facts, build: Build) -> Job | None:
    same = (s for s in facts.configured if s.context.lower() == build.context.lower())
    return next(same, None)


def _is_built(facts: Facts, decision: Decision, wanted: Wanted) -> bool:
    """A build onto its base says more than why there is none; one that was stopped does not."""
    build = decision.newest_onto(wanted.sha, wanted.context, facts.base)
    if build is not None and build.state is not BuildState.SUPERSEDED:
        return True
    # GitHub shows a final status that is not ours: that one holds.
    shown = facts.shown.get((wanted.sha, wanted.context.lower()))
    return shown is not None and shown.state is not StatusState.PENDING


def _skipped(decision: Decision, sha: str, status: Status) -> Status:
    """What a maintainer called skipped is a success, unless it is being built."""
    by = decision.skips.get((sha, status.context.lower()))
    if by is None or (status.state is StatusState.PENDING and status.target_url):
        return status
    return Status(
        context=status.context,
        state=StatusState.SUCCESS,
        description=messages.shorten(messages.skipped_by(by)),
    )


def status_of(build: Build, unstable_as: StatusState = StatusState.FAILURE) -> Status:
    """The status a row stands for."""
    state, description = _state_and_description(build, unstable_as)
    return Status(
        context=build.context,
        state=state,
        description=messages.shorten(description),
        target_url=build.url,
    )


def _state_and_description(build: Build, unstable_as: StatusState) -> tuple[StatusState, str]:
    match build.state:
        case BuildState.NEW:
            return StatusState.PENDING, messages.WAITING_FOR_JENKINS
        case BuildState.QUEUED:
            return StatusState.PENDING, messages.reason(build.reason) or messages.QUEUED
        case BuildState.RUNNING:
            text = messages.reason(build.reason) or messages.running(build.build_number or 0)
            return StatusState.PENDING, text
        case BuildState.DONE if build.result is Result.UNSTABLE:
            return unstable_as, messages.finished(build)
        case BuildState.DONE:
            state = STATE_OF_RESULT.get(build.result or Result.NOT_BUILT, StatusState.ERROR)
            return state, messages.finished(build)
    return StatusState.ERROR, messages.reason(build.reason)  # refused, superseded, lost
