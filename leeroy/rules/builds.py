"""Which builds to start, and which to stop because nobody needs them any more."""

from dataclasses import replace

from leeroy import messages
from leeroy.decision import Decision, PullFacts, Request, Wanted
from leeroy.effects import AbortBuild, CancelQueueItem, RecordBuild, TriggerBuild
from leeroy.facts import Build, BuildState
from leeroy.life import attempt_id, superseded
from leeroy.parameters import BUILD_ID, fill_in, pull_parameters

#: A build that Jenkins lost is started again this often for one sha, and then left as an error.
TRIES_AFTER_LOSS = 1

NEW_ATTEMPT = "Superseded by a new attempt"


def stop_builds(facts: PullFacts, decision: Decision) -> Decision:
    """Cancel and abort the builds of heads that moved on, and of a pull request that closed."""
    needed = {wanted.sha for wanted in decision.wanted}
    if facts.pull.is_open:
        reason = messages.superseded_by(facts.pull.head_sha)
        needed.add(facts.pull.head_sha)
    else:
        reason, needed = messages.CLOSED, set()
    for build in decision.builds:
        if not build.state.is_over and build.sha not in needed:
            decision = _stop(facts, decision, build, reason)
    return decision


def trigger_builds(facts: PullFacts, decision: Decision) -> Decision:
    """Start what is missing, what was asked for again, and what an earlier look left unstarted."""
    for wanted in decision.wanted:
        if wanted.instead is not None or not wanted.settings.jenkins_job_name:
            continue
        newest = decision.newest(wanted.sha, wanted.context)
        if newest is not None and newest.state is BuildState.NEW:
            decision = decision.doing(
                TriggerBuild(build=newest),
                because=f"{wanted.context}: an earlier look was cut short before Jenkins took it",
            )
            continue
        cause, reason = _why_again(facts, decision, wanted, newest)
        if not cause:
            continue
        if newest is not None and not newest.state.is_over:
            decision = _stop(facts, decision, newest, NEW_ATTEMPT)
        build = _attempt(facts, wanted, 1 if newest is None else newest.attempt + 1, cause)
        decision = decision.with_build(build).doing(
            TriggerBuild(build=build), because=f"{wanted.context}: {reason}"
        )
    return decision


def _why_again(
    facts: PullFacts, decision: Decision, wanted: Wanted, newest: Build | None
) -> tuple[str, str]:
    """The cause to start an attempt for and the reason to show; two empty texts: there is none."""
    request = _unmet_request(facts, decision, wanted)
    if request is not None:
        return request.cause, "asked for"
    if newest is None:
        if facts.shown.get((wanted.sha, wanted.context.lower())) is not None:
            return "", ""
        return "head", f"no build of {wanted.sha[:7]} yet"
    if newest.base and newest.base != facts.pull.base_ref:
        return f"base:{facts.pull.base_ref}", f"the base is now {facts.pull.base_ref}"
    if newest.state is BuildState.SUPERSEDED:
        return "again", f"{wanted.sha[:7]} is wanted again"
    if newest.state is BuildState.LOST and _losses(decision, wanted) <= TRIES_AFTER_LOSS:
        return "lost", f"Jenkins lost build {newest.build_number or ''}".rstrip()
    return "", ""


def _unmet_request(facts: PullFacts, decision: Decision, wanted: Wanted) -> Request | None:
    obeyed = {
        build.cause
        for build in decision.builds
        if build.sha == wanted.sha and build.context.lower() == wanted.context.lower()
    }
    return next(
        (
            request
            for request in facts.requests
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


def _attempt(facts: PullFacts, wanted: Wanted, number: int, cause: str) -> Build:
    settings, pull = wanted.settings, facts.pull
    build = Build(
        id="",
        server=settings.jenkins,
        job=settings.jenkins_job_name,
        repo=pull.ref.repo,
        pull=pull.ref.number,
        sha=wanted.sha,
        base=pull.base_ref,
        context=wanted.context,
        attempt=number,
        cause=cause,
        url=facts.job_urls.get((settings.jenkins, settings.jenkins_job_name), ""),
    )
    build = replace(build, id=attempt_id(build, number))
    values = pull_parameters(pull, build)
    if isinstance(settings.parameters, str):
        return replace(build, parameters=values)
    # Our id goes along whatever the settings say: it finds the build again.
    given = fill_in(settings.parameters, values)
    return replace(build, parameters={**values, **given, BUILD_ID: build.id})


def _stop(facts: PullFacts, decision: Decision, build: Build, reason: str) -> Decision:
    settings = next(
        (s for s in facts.configured if s.context.lower() == build.context.lower()), None
    )
    if settings is not None and not settings.cancel_superseded:
        return decision
    if build.state is BuildState.RUNNING:
        if settings is not None and not settings.abort:
            return decision
        return decision.with_build(superseded(build, reason)).doing(
            AbortBuild(build=build, reason=reason), because=f"{build.context}: {reason}"
        )
    stopped = superseded(build, reason)
    if build.state is BuildState.QUEUED:
        return decision.with_build(stopped).doing(
            CancelQueueItem(build=build, reason=reason), because=f"{build.context}: {reason}"
        )
    return decision.with_build(stopped).doing(
        RecordBuild(build=stopped), because=f"{build.context}: {reason}, before Jenkins had it"
    )
