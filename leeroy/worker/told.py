"""What a notification of Jenkins' is about, by what it says itself or by what Jenkins shows."""

from leeroy.config import Config
from leeroy.config.fields import is_glob
from leeroy.deciding.parameters import BUILD_ID
from leeroy.job_names import pull_of_branch_job
from leeroy.model import BranchRef, Build, BuildRef, BuildState, JenkinsBuild, PullRef
from leeroy.notifications import Notification
from leeroy.store import Store

#: A build that nobody knows and that ended so long ago is the sweep's, or nobody's.
OLD_SECONDS = 600.0


def row_of(config: Config, store: Store, server: str, told: Notification) -> Build | None:
    """The build of ours that it speaks of, however its job is spelled."""
    found = (
        store.find_build(
            server=server,
            job=name,
            number=told.number,
            queue_id=told.queue_id,
            build_id=told.parameters.get(BUILD_ID, ""),
        )
        for name in config.spellings_of_job(server, told.job)
    )
    return next((row for row in found if row is not None), None)


def subject_of(
    config: Config, server: str, told: Notification
) -> PullRef | BranchRef | BuildRef | None:
    """What to look at where no build of ours is known: the build itself where it does not show."""
    builds = config.builds_of_job(server, told.job)
    branches = config.branches_of_job(server, told.job)
    if not builds and not branches:
        return None
    if told.pull is not None and any(build.is_for(told.pull.repo) for build in builds):
        return told.pull
    if (number := pull_of_branch_job(told.job)) is not None:
        projects = [b for b in builds if b.is_pipeline and not is_glob(b.github_repo)]
        if projects:
            return PullRef(projects[0].github_repo, number)
    if told.branch is not None and config.branches_for(told.branch.repo, told.branch.branch):
        return told.branch
    return BuildRef(server, told.job, told.number)


def shown(seen: JenkinsBuild, *, job: str) -> Notification:
    """What a notification would say of a build that Jenkins shows."""
    return Notification(
        job=job, number=seen.number, queue_id=seen.queue_id, phase=None, parameters=seen.parameters
    )


def shown_subject(config: Config, seen: JenkinsBuild, now: float) -> PullRef | BranchRef | None:
    """What a build that nobody knows was made for, as Jenkins shows it; None: no business of ours."""
    if not seen.is_building and seen.started + seen.duration < now - OLD_SECONDS:
        return None
    subject = subject_of(config, seen.server, shown(seen, job=seen.job))
    return None if isinstance(subject, BuildRef) else subject


def is_news(row: Build, seen: JenkinsBuild) -> bool:
    """Jenkins shows more of a build than we know."""
    is_known_to_run = row.state is BuildState.RUNNING and seen.is_building
    return not row.state.is_over and not is_known_to_run
