"""Follow our builds through Jenkins: rows move on by what a look found there."""

from dataclasses import replace

from leeroy.config import Build as BuildSettings
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.effects import RecordBuild
from leeroy.deciding.facts import BranchFacts, Facts, PullFacts
from leeroy.deciding.life import advance, attempt_id, takes_sha
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
    """Take a build somebody started in Jenkins with our parameters as a new attempt.

    A replayed one ran an edited script, so its result says nothing of the pull request.
    """
    for stray in facts.strays:
        wanted = next(
            (
                wanted
                for wanted in decision.wanted
                if wanted.settings.jenkins == stray.server
                and wanted.instead is None
                and _is_of_wanted(facts, decision, wanted, stray)
            ),
            None,
        )
        if wanted is None or (stray.is_replay and not _adopts_replays(facts, wanted)):
            continue
        newest = decision.newest(wanted.sha, wanted.context) or _unknown(facts, wanted, stray)
        if _is_claimed(decision, stray) or not newest.state.is_over:
            continue
        adopted = advance(
            replace(
                newest,
                job=stray.job,
                id=attempt_id(newest, newest.attempt + 1),
                attempt=newest.attempt + 1,
                cause=Cause(CauseKind.JENKINS, f"{stray.job}#{stray.number}"),
                state=BuildState.QUEUED,
                result=None,
                reason=None,
                duration=None,
                queue_id=stray.queue_id,
                build_number=None,
                is_adopted=True,
                created=0.0,
                updated=0.0,
            ),
            Sighting(build=stray),
            facts.clock,
        )
        decision = decision.with_build(adopted).doing(
            RecordBuild(build=adopted),
            because=f"{adopted.context}: build #{stray.number} was started in Jenkins by hand",
        )
    return decision


def _adopts_replays(facts: Facts, wanted: Wanted) -> bool:
    if isinstance(wanted.settings, BuildSettings):
        return wanted.settings.adopt_replays
    return facts.settings.adopt_replays


def _unknown(facts: Facts, wanted: Wanted, stray: JenkinsBuild) -> Build:
    """What came before it: nothing, or nothing that a database lost since could tell of."""
    return Build(
        id="",
        server=stray.server,
        job=stray.job,
        repo=facts.repo,
        pull=facts.pull.ref.number if isinstance(facts, PullFacts) else None,
        branch=facts.ref.branch if isinstance(facts, BranchFacts) else "",
        sha=wanted.sha,
        base=facts.base,
        context=wanted.context,
        attempt=0,
        parameters=stray.parameters,
        state=BuildState.LOST,
    )


def _is_of_wanted(facts: Facts, decision: Decision, wanted: Wanted, stray: JenkinsBuild) -> bool:
    """It is a build of that job, and of that sha."""
    settings = wanted.settings
    if not settings.is_pipeline:
        newest = decision.newest(wanted.sha, wanted.context)
        merge = newest.merge if newest is not None else ""
        return settings.jenkins_job_name == stray.job and takes_sha(stray, wanted.sha, merge=merge)
    if not isinstance(facts, PullFacts):
        return False
    # What it was given does not matter: it builds what its own branch has.
    is_ours = pull_of_branch_job(stray.job) == facts.pull.ref.number
    return (
        is_ours
        and project_of(stray.job) == settings.jenkins_job_name
        and wanted.sha in stray.revisions
    )


def _is_claimed(decision: Decision, stray: JenkinsBuild) -> bool:
    return any(_is_of(build, stray) for build in decision.builds)


def _is_of(build: Build, stray: JenkinsBuild) -> bool:
    return (build.server, build.job, build.build_number) == (
        stray.server,
        stray.job,
        stray.number,
    )
