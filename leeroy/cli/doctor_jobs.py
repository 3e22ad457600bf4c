"""What the builds of a job tell of it: that it stopped notifying, that it shows other commits."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Protocol

from sqlalchemy import Engine, select

from leeroy.cli.findings import Finding, note, wrong
from leeroy.database import read
from leeroy.deciding.proof import checked_out
from leeroy.errors import LeeroyError
from leeroy.hints import NotificationHint
from leeroy.model import Build, BuildState, JenkinsBuild
from leeroy.queue import Queue
from leeroy.store.builds import build_of_row
from leeroy.store.tables import builds

#: So many of the builds that ended last are looked at,
MOST_BUILDS = 500
#: and so many in a row must have gone unheard, for their job to have stopped telling.
SILENT_BUILDS = 3


class ReadsBuilds(Protocol):
    """Part of :class:`leeroy.jenkins.Jenkins`."""

    def build(self, server: str, job: str, number: int) -> JenkinsBuild: ...


def job_findings(engine: Engine, queue: Queue, jenkins: ReadsBuilds) -> Iterator[Finding]:
    """One line for each job of which something is to be told."""
    ended = (
        select(builds)
        .where(builds.c.state == BuildState.DONE.value, builds.c.build_number.is_not(None))
        .order_by(builds.c.updated.desc())
        .limit(MOST_BUILDS)
    )
    with read(engine) as connection:
        rows = [build_of_row(row) for row in connection.execute(ended)]
    in_order = sorted(rows, key=lambda row: (row.server, row.job))
    for (_, job), of_job in groupby(in_order, key=lambda row: (row.server, row.job)):
        newest = sorted(of_job, key=lambda row: row.updated, reverse=True)
        yield from _silent(job, newest, queue)
        yield from _other_commits(job, newest[0], jenkins)


def _silent(job: str, newest: Sequence[Build], queue: Queue) -> Iterator[Finding]:
    """It told of earlier builds, and of none of the last ones."""
    oldest = min(row.created for row in newest)
    told = {
        (kept.subject, kept.hint.build.job.lower(), kept.hint.build.number)
        for kept in queue.hints_since(oldest, {str(row.subject) for row in newest})
        if isinstance(kept.hint, NotificationHint)
    }
    heard = [(str(row.subject), row.job.lower(), row.build_number) in told for row in newest]
    if len(heard) > SILENT_BUILDS and not any(heard[:SILENT_BUILDS]) and any(heard):
        silent = heard.index(True)
        yield wrong(
            f"job {job} stopped notifying: nothing was heard of its last {silent} builds",
            "see its Job Notifications and whether Jenkins reaches Leeroy; until then results "
            "come some seconds late",
        )


def _other_commits(job: str, newest: Build, jenkins: ReadsBuilds) -> Iterator[Finding]:
    try:
        seen = jenkins.build(newest.server, newest.job, newest.build_number or 0)
    except LeeroyError:
        return  # what is said of Jenkins below says why
    if seen.is_pipeline and seen.revisions and not checked_out(newest, seen):
        shown = ", ".join(sorted(sha[:7] for sha in seen.revisions))
        yield note(
            f"job {job}: build #{seen.number} was given {newest.sha[:7]} and shows only {shown}",
            "fine where that is its library's or its Jenkinsfile's commit; else see what it checks"
            " out",
        )
