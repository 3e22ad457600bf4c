"""What Jenkins says of a build -> the commit status people see."""

from dataclasses import replace

from leeroy.config import IfJobMissing, Job
from leeroy.deciding import messages
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.facts import Facts
from leeroy.model import Build, BuildState, Result, Status, StatusState

#: UNSTABLE is set per build (``unstable_as``).
STATE_OF_RESULT = {
    Result.SUCCESS: StatusState.SUCCESS,
    Result.FAILURE: StatusState.FAILURE,
    Result.ABORTED: StatusState.ERROR,
    Result.NOT_BUILT: StatusState.ERROR,
}


def report_builds(facts: Facts, decision: Decision) -> Decision:
    """Say of each context how its build stands, or why there is none."""
    for status, sha in _statuses(facts, decision):
        decision = decision.saying(sha, status)
    return decision


def _statuses(facts: Facts, decision: Decision) -> list[tuple[Status, str]]:
    unstable_as = {s.context.lower(): StatusState(s.unstable_as) for s in facts.configured}
    wanted = [
        (w.instead, w.sha)
        for w in decision.wanted
        if w.instead is not None
        and not _is_built(decision.newest(w.sha, w.context))
        and not _is_adopted(facts, w)
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
        if build.state is BuildState.NEW and not build.reason and build.id not in decision.unseen:
            continue  # about to be triggered in this very look
        if _is_to_be_missing(facts, build):
            continue
        status = status_of(build, unstable_as.get(context, StatusState.FAILURE))
        status = _with_usual(facts, build, status)
        built.append((_tried_again(facts, decision, build, status), sha))
    return [(_skipped(decision, sha, status), sha) for status, sha in wanted + built]


def _with_usual(facts: Facts, build: Build, status: Status) -> Status:
    """Say how long builds like a running one take; once said it stays, though it may change."""
    if build.state is not BuildState.RUNNING:
        return status
    said = facts.written.get((build.sha, build.context.lower()))
    if (
        said is not None
        and (said.state, said.target_url) == (status.state, status.target_url)
        and said.description.startswith(status.description)
    ):
        return said
    text = messages.running(build.build_number or 0, facts.usual.get(build.id))
    return replace(status, description=text)


def _is_to_be_missing(facts: Facts, build: Build) -> bool:
    """Jenkins has no such job, or not yet, and the settings say that this is nothing to report."""
    settings = _settings_of(facts, build)
    return (
        settings is not None
        and settings.if_job_missing is IfJobMissing.SKIP
        and build.state in (BuildState.NEW, BuildState.REFUSED)
        and messages.JOB_MISSING in build.reason
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


def _is_built(build: Build | None) -> bool:
    """A build says more than the reason why there is none; one that was stopped does not."""
    return build is not None and build.state is not BuildState.SUPERSEDED


def _is_adopted(facts: Facts, wanted: Wanted) -> bool:
    """GitHub shows a final status that nobody here remembers writing: that one holds."""
    key = (wanted.sha, wanted.context.lower())
    shown = facts.shown.get(key)
    is_final = shown is not None and shown.state is not StatusState.PENDING
    return is_final and key not in facts.written


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
