"""What a multibranch project began by itself: only of heads that may be built.

Such a project has webhooks of its own, and asks nobody before it builds a pull request.
"""

from dataclasses import replace

from leeroy.config import Build as BuildSettings
from leeroy.deciding import messages
from leeroy.deciding.decision import Decision
from leeroy.deciding.effects import RecordBuild
from leeroy.deciding.facts import PullFacts
from leeroy.deciding.life import attempt_id, cancelled
from leeroy.deciding.trusted import trust_in
from leeroy.deciding.unknown import is_unread
from leeroy.job_names import project_of, pull_of_branch_job
from leeroy.model import Build, BuildState, Cause, CauseKind, JenkinsBuild, Reason, ReasonKind


def abort_unapproved(facts: PullFacts, decision: Decision) -> Decision:
    """Abort builds of a head that nobody we trust made or looked at; the context says why."""
    if not facts.pull.is_open:
        return decision
    for stray in facts.strays:
        settings = _settings_of(facts, stray)
        if settings is None:
            continue
        trusted = trust_in(facts, decision.approvals)
        decision = decision.asking(trusted)
        if trusted is not True and not is_unread(trusted):
            decision = _abort(decision, _row(facts, decision, settings, stray), stray)
    return decision


def _settings_of(facts: PullFacts, stray: JenkinsBuild) -> BuildSettings | None:
    if pull_of_branch_job(stray.job) != facts.pull.ref.number:
        return None
    place = (stray.server, project_of(stray.job).lower())
    return next(
        (
            settings
            for settings in facts.configured
            if settings.is_pipeline
            and (settings.jenkins, settings.jenkins_job_name.lower()) == place
        ),
        None,
    )


def _row(
    facts: PullFacts, decision: Decision, settings: BuildSettings, stray: JenkinsBuild
) -> Build:
    newest = decision.newest(facts.pull.head_sha, settings.context)
    row = Build(
        id="",
        server=stray.server,
        job=stray.job,
        repo=facts.repo,
        pull=facts.pull.ref.number,
        sha=facts.pull.head_sha,
        base=facts.base,
        context=settings.context,
        attempt=1 if newest is None else newest.attempt + 1,
        cause=Cause(CauseKind.UNAPPROVED, f"{stray.job}#{stray.number}"),
        queue_id=stray.queue_id,
        build_number=stray.number,
        url=stray.url,
        state=BuildState.RUNNING,
    )
    return replace(row, id=attempt_id(row, row.attempt))


def _abort(decision: Decision, row: Build, stray: JenkinsBuild) -> Decision:
    reason = Reason(ReasonKind.UNAPPROVED, str(stray.number))
    if stray.is_building:
        return decision.stopping(row, reason, is_asked_for=True)
    over = cancelled(row, reason)
    return decision.with_build(over).doing(
        RecordBuild(build=over), because=f"{row.context}: {messages.reason(reason)}"
    )
