"""What Jenkins says of a build -> the commit status people see."""

from leeroy import messages
from leeroy.decision import Decision, Facts
from leeroy.effects import SetStatus
from leeroy.facts import Build, BuildState, Result, Status, StatusState

#: UNSTABLE is set per build (``unstable_as``).
STATE_OF_RESULT = {
    Result.SUCCESS: StatusState.SUCCESS,
    Result.FAILURE: StatusState.FAILURE,
    Result.ABORTED: StatusState.ERROR,
    Result.NOT_BUILT: StatusState.ERROR,
}


def report_builds(facts: Facts, decision: Decision) -> Decision:
    """Write each context's status where it differs from the last one we wrote."""
    for status, sha in _statuses(facts, decision):
        if facts.written.get((sha, status.context.lower())) != status:
            decision = decision.doing(SetStatus(repo=facts.repo, sha=sha, status=status))
    return decision


def _statuses(facts: Facts, decision: Decision) -> list[tuple[Status, str]]:
    unstable_as = {s.context.lower(): StatusState(s.unstable_as) for s in facts.configured}
    wanted = [
        (w.instead, w.sha)
        for w in decision.wanted
        if w.instead is not None and not _is_built(decision.newest(w.sha, w.context))
    ]
    said = {(sha, status.context.lower()) for status, sha in wanted}
    contexts = {(build.sha, build.context.lower()): None for build in decision.builds}
    built = []
    for sha, context in contexts:
        build = decision.newest(sha, context)
        if build is None or (sha, context) in said or _is_outspoken(facts, build):
            continue
        if build.state is BuildState.SUPERSEDED and sha in facts.shared_heads:
            continue
        if build.state is BuildState.NEW and not build.reason:
            continue  # about to be triggered in this very look
        built.append((status_of(build, unstable_as.get(context, StatusState.FAILURE)), sha))
    return [(_skipped(decision, sha, status), sha) for status, sha in wanted + built]


def _is_built(build: Build | None) -> bool:
    """A build says more than the reason why there is none; one that was stopped does not."""
    return build is not None and build.state is not BuildState.SUPERSEDED


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
            return StatusState.PENDING, messages.QUEUED
        case BuildState.RUNNING:
            return StatusState.PENDING, messages.running(build.build_number or 0)
        case BuildState.DONE if build.result is Result.UNSTABLE:
            return unstable_as, messages.finished(build)
        case BuildState.DONE:
            state = STATE_OF_RESULT.get(build.result or Result.NOT_BUILT, StatusState.ERROR)
            return state, messages.finished(build)
    return StatusState.ERROR, build.reason  # refused, superseded, lost


def _is_outspoken(facts: Facts, build: Build) -> bool:
    """Another subject with the same sha has a build that speaks for the context instead."""
    return any(
        rival.sha == build.sha
        and rival.context.lower() == build.context.lower()
        and rival.state is not BuildState.SUPERSEDED
        and build.created
        and (rival.created > build.created or build.state is BuildState.SUPERSEDED)
        for rival in facts.rivals
    )
