"""Follow our builds through Jenkins: rows move on by what a look found there."""

from collections.abc import Callable
from dataclasses import replace

from leeroy.config import Build as BuildSettings
from leeroy.deciding.attempts import attempt_for, needed_of
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.effects import RecordBuild
from leeroy.deciding.facts import Facts, PullFacts
from leeroy.deciding.life import advance
from leeroy.deciding.parameters import BUILD_ID, SHA_NAMES
from leeroy.deciding.proof import may_stand_for
from leeroy.job_names import project_of, pull_of_branch_job
from leeroy.model import Build, BuildState, Cause, CauseKind, JenkinsBuild, Sighting


def follow_builds(facts: Facts, decision: Decision) -> Decision:
    """Move each row on by its sighting."""
    for build in decision.builds:
        sighting = facts.sightings.get(build.id)
        if sighting is None:
            continue
        moved = advance(build, sighting, facts.clock)
        if moved != build:
            decision = decision.with_build(moved).doing(
                RecordBuild(build=moved), because=f"{build.context}: Jenkins says {moved.state}"
            )
    return decision


def adopt_builds(facts: Facts, decision: Decision) -> Decision:
    """Take a build somebody started in Jenkins as a new attempt, if it is what we would start.

    Several contexts may be built by one job, so it counts for one of them only. A replayed one ran
    an edited script, so its result says nothing of the pull request.
    """
    for stray in facts.strays:
        if any(_is_of(build, stray) for build in decision.builds):
            continue
        for wanted in sorted(
            _candidates(facts, decision, stray), key=_named_first(decision, stray)
        ):
            newest = decision.newest(wanted.sha, wanted.context)
            if newest is not None and not newest.state.is_over:
                continue
            decision = decision.asking(*needed_of(facts, wanted, newest))
            attempt = _attempt_of(facts, wanted, newest, stray)
            if not may_stand_for(attempt, _earlier(decision, attempt), stray, _own_names(wanted)):
                continue
            adopted = advance(_as_given(attempt, stray), Sighting(build=stray), facts.clock)
            decision = decision.with_build(adopted).doing(
                RecordBuild(build=adopted),
                because=f"{adopted.context}: build #{stray.number} was started in Jenkins by hand",
            )
            break
    return decision


def _candidates(facts: Facts, decision: Decision, stray: JenkinsBuild) -> list[Wanted]:
    """The contexts that a build of that job may be for; none for one made for another base."""
    build_id = stray.parameters.get(BUILD_ID)
    made_from = next((b for b in decision.builds if b.id == build_id), None)
    if made_from is not None and made_from.base not in ("", facts.base):
        return []
    return [
        wanted
        for wanted in decision.wanted
        if wanted.settings.jenkins == stray.server
        and wanted.instead is None
        and _is_of_job(facts, wanted, stray)
        and (not stray.is_replay or _adopts_replays(facts, wanted))
    ]


def _is_of_job(facts: Facts, wanted: Wanted, stray: JenkinsBuild) -> bool:
    name = wanted.settings.jenkins_job_name.lower()
    if not wanted.settings.is_pipeline:
        return name == stray.job.lower()
    # What it was given does not matter: it builds what its own branch has.
    return (
        isinstance(facts, PullFacts)
        and pull_of_branch_job(stray.job) == facts.pull.ref.number
        and project_of(stray.job).lower() == name
        and wanted.sha in stray.revisions
    )


def _named_first(decision: Decision, stray: JenkinsBuild) -> Callable[[Wanted], bool]:
    """An order in which the context comes first whose build the stray was made from."""
    build_id = stray.parameters.get(BUILD_ID)
    named = {
        (build.sha, build.context.lower()) for build in decision.builds if build.id == build_id
    }
    return lambda wanted: (wanted.sha, wanted.context.lower()) not in named


def _earlier(decision: Decision, attempt: Build) -> list[Build]:
    """The attempts before it for the same commit, context and base."""
    same = (attempt.sha, attempt.context.lower(), attempt.base)
    return [b for b in decision.builds if (b.sha, b.context.lower(), b.base) == same]


def _own_names(wanted: Wanted) -> frozenset[str]:
    own = wanted.settings.parameters
    return frozenset() if isinstance(own, str) else frozenset(own)


def _adopts_replays(facts: Facts, wanted: Wanted) -> bool:
    if isinstance(wanted.settings, BuildSettings):
        return wanted.settings.adopt_replays
    return facts.settings.adopt_replays


def _as_given(attempt: Build, stray: JenkinsBuild) -> Build:
    """With the merge it was given, where an earlier attempt was given that too."""
    if attempt.is_of_branch_job:
        return attempt
    names = SHA_NAMES & attempt.parameters.keys() & stray.parameters.keys()
    given = {name: stray.parameters[name] for name in names}
    return replace(attempt, parameters={**attempt.parameters, **given})


def _attempt_of(facts: Facts, wanted: Wanted, newest: Build | None, stray: JenkinsBuild) -> Build:
    """The attempt that we would make now, as the stray made it."""
    attempt = attempt_for(
        facts, wanted, newest, Cause(CauseKind.JENKINS, f"{stray.job}#{stray.number}")
    )
    return replace(
        attempt,
        job=stray.job,
        state=BuildState.QUEUED,
        queue_id=stray.queue_id,
        is_adopted=True,
    )


def _is_of(build: Build, stray: JenkinsBuild) -> bool:
    return (build.server, build.job.lower(), build.build_number) == (
        stray.server,
        stray.job.lower(),
        stray.number,
    )
