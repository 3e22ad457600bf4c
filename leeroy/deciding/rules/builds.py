"""Which builds to start, and which to stop because nobody needs them any more."""

from dataclasses import replace

from leeroy.config import Build as BuildSettings
from leeroy.config import Job, ParameterSet
from leeroy.deciding import messages
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.effects import TriggerBuild
from leeroy.deciding.facts import BranchFacts, Facts, PullFacts, Request
from leeroy.deciding.life import attempt_id, next_retry
from leeroy.deciding.parameters import (
    BUILD_ID,
    GHPRB_AUTHOR,
    fill_in,
    ghprb_parameters,
    ghprb_push_parameters,
    pull_parameters,
    push_parameters,
)
from leeroy.deciding.trusted import trust_in
from leeroy.deciding.unknown import Unknown, or_none
from leeroy.job_names import branch_jobs
from leeroy.model import (
    Build,
    BuildState,
    Cause,
    CauseKind,
    Comment,
    Reason,
    ReasonKind,
    cause_of,
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
        decision = decision.asking(*_needed_of(facts, wanted, newest))
        build = _attempt(facts, wanted, newest, cause)
        why = messages.new_attempt(cause, newest, wanted.sha, wanted.settings.retries)
        decision = decision.with_build(build).doing(
            TriggerBuild(build=build), because=f"{wanted.context}: {why}"
        )
    return decision


def _needed_of(facts: Facts, wanted: Wanted, previous: Build | None) -> list[object]:
    """What GHPRB's parameters tell of, for a pull request."""
    if wanted.settings.parameters is not ParameterSet.GHPRB or not isinstance(facts, PullFacts):
        return []
    return [
        facts.merge,
        *([facts.commits] if _is_first_of(wanted.sha, previous) else []),
        *([facts.author_can_write, facts.author_is_trusted] if facts.pull.is_from_fork else []),
    ]


def _is_first_of(sha: str, previous: Build | None) -> bool:
    """Commits are read for a first attempt only; who wrote one does not change."""
    return previous is None or previous.sha != sha


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


def _attempt(facts: Facts, wanted: Wanted, previous: Build | None, cause: Cause) -> Build:
    settings = wanted.settings
    number = 1 if previous is None else previous.attempt + 1
    build = Build(
        id="",
        server=settings.jenkins,
        job=_job(facts, settings),
        repo=facts.repo,
        pull=facts.pull.ref.number if isinstance(facts, PullFacts) else None,
        branch=facts.ref.branch if isinstance(facts, BranchFacts) else "",
        sha=wanted.sha,
        base=facts.base,
        context=wanted.context,
        attempt=number,
        cause=cause,
        url=facts.job_urls.get((settings.jenkins, settings.jenkins_job_name), ""),
    )
    build = replace(build, id=attempt_id(build, number))
    values = _values(facts, build)
    if settings.parameters is ParameterSet.GHPRB:
        return replace(build, parameters={**_ghprb_values(facts, build, previous), **values})
    if isinstance(settings.parameters, str):
        return replace(build, parameters=values)
    # Our id goes along whatever the settings say: it finds the build again.
    given = fill_in(settings.parameters, values)
    return replace(build, parameters={**values, **given, BUILD_ID: build.id})


def _values(facts: Facts, build: Build) -> dict[str, str]:
    match facts:
        case PullFacts():
            return pull_parameters(facts.pull, build)
        case BranchFacts():
            return push_parameters(build, facts.group, f"{facts.web_url}/{facts.repo}")
    raise TypeError(f"nothing is built for {type(facts).__name__}")


def _job(facts: Facts, settings: Job) -> str:
    """The full name of the job; in a multibranch project, the likeliest."""
    if settings.is_pipeline and isinstance(facts, PullFacts):
        return branch_jobs(settings.jenkins_job_name, facts.pull.ref.number)[0]
    return settings.jenkins_job_name


def _ghprb_values(facts: Facts, build: Build, previous: Build | None) -> dict[str, str]:
    if not isinstance(facts, PullFacts):
        return ghprb_push_parameters(build, facts.group if isinstance(facts, BranchFacts) else None)
    commits = or_none(facts.commits) if _is_first_of(build.sha, previous) else ()
    author = next((c.author for c in commits or () if c.sha == build.sha), None)
    is_trusted = (
        not facts.pull.is_from_fork
        or facts.author_can_write is True
        or facts.author_is_trusted is True
    )
    read = (c for c in facts.read_comments.values() if isinstance(c, Comment))
    comment = next((c for c in read if build.cause == cause_of(c)), None)
    values = ghprb_parameters(
        facts.pull,
        sha=build.sha,
        merge=or_none(facts.merge) or _known_merge(facts.pull.base_sha, build, previous),
        commit_author=author,
        is_trusted=is_trusted,
        triggered_by=comment.author if comment else "",
        comment=comment.body if comment else "",
    )
    if author is None and is_trusted and previous is not None and previous.sha == build.sha:
        known = {name: previous.parameters.get(name, "") for name in GHPRB_AUTHOR}
        return {**values, **known}
    return values


def _known_merge(base_sha: str, build: Build, previous: Build | None) -> str:
    """The merge an earlier attempt was given, if it is of the same two commits."""
    if previous is None or previous.sha != build.sha:
        return ""
    return previous.merge if previous.parameters.get("BASE_SHA") == base_sha else ""


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
