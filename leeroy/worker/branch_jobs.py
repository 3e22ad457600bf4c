"""Branch jobs of multibranch projects: found, waited for, started, and what they really built.

Such a project makes the job of a pull request when it is indexed, and may start a build of its own
before we come: that one is ours as well.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from leeroy.deciding.life import advance, triggered
from leeroy.errors import NotFound, NotThereYet, Transient
from leeroy.job_names import branch_jobs, project_of
from leeroy.model import Build, CauseKind, JenkinsBuild, JobInfo, QueueItem, Sighting
from leeroy.store import Store

#: So long after we wanted it a branch job may take to appear; then there will be none.
INDEXING_SECONDS = 900.0
#: The pauses between two looks for it grow up to this; so often, too, indexing is asked for again.
LONGEST_PAUSE = 60.0
#: How many of a branch job's latest builds may be the one looked for.
RECENT_BUILDS = 20
#: Of so many of them GitHub is asked what they merged.
MOST_MERGES = 3


class RunsBranchJobs(Protocol):
    """Part of :class:`leeroy.jenkins.Jenkins`."""

    def job(self, server: str, job: str) -> JobInfo: ...
    def index(self, server: str, project: str) -> None: ...
    def queued(self, server: str, job: str) -> list[QueueItem]: ...
    def recent_builds(self, server: str, job: str, most: int) -> list[JenkinsBuild]: ...
    def trigger(self, server: str, job: str, parameters: Mapping[str, str]) -> int: ...


class ReadsParents(Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def parents(self, repo: str, sha: str) -> tuple[str, ...]: ...
    def is_reached(self, repo: str, sha: str, *, head: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class BranchJobs:
    """Starts and finds builds where the job comes and goes by itself."""

    jenkins: RunsBranchJobs
    github: ReadsParents
    store: Store
    clock: Callable[[], float] = time.time

    def start(self, row: Build) -> Build:
        """Start a build of the row's pull request, or take the one that is there already.

        Raises:
            Transient: the project has to be indexed first.
            NotFound: indexing did not make the job.
        """
        job = self._first_job(row)
        if job is None:
            raise self._ask_for_indexing(row)
        known = replace(row, job=job.name)
        seen = self.find(known)
        if not seen.is_gone:
            return advance(known, seen, self.clock())
        # Until its Jenkinsfile has run once, a job is not known to take any.
        parameters = row.parameters if job.parameters else {}
        return triggered(known, self.jenkins.trigger(row.server, job.name, parameters), row.url)

    def find(self, row: Build) -> Sighting:
        """The build of the row's sha that waits, runs or ran, whoever started it.

        What waits there will build the newest commit, and so may what runs and has checked nothing
        out yet. Only a first attempt is content with a build from before it was wanted.
        """
        if items := self.jenkins.queued(row.server, row.job):
            return Sighting(item=items[0])
        claimed = self.store.claimed_numbers(row.server, row.job)
        since = 0.0 if row.cause.kind is CauseKind.HEAD else row.created
        try:
            builds = self.jenkins.recent_builds(row.server, row.job, RECENT_BUILDS)
        except NotFound:
            return Sighting()
        free = [b for b in builds if b.number not in claimed and b.started >= since]
        return Sighting(build=self._choose(row, [b for b in free if not b.is_replay]))

    def prove(self, seen: JenkinsBuild, *, repo: str, base: str, sha: str) -> JenkinsBuild:
        """The build with the sha among its revisions, if what it built is that sha's merge.

        Of the sha and a commit of the base branch, however old: anybody can push a commit that has
        the sha for a parent too. ``base`` is the branch, or a commit that is known to be on it.
        """
        if not seen.revisions or sha in seen.revisions:
            return seen
        some = sorted(seen.revisions)[:MOST_MERGES]
        is_merge = any(self._is_merge(repo, one, base=base, sha=sha) for one in some)
        return replace(seen, revisions=seen.revisions | {sha}) if is_merge else seen

    def _is_merge(self, repo: str, one: str, *, base: str, sha: str) -> bool:
        parents = self.github.parents(repo, one)
        if len(parents) != 2 or sha not in parents:
            return False
        (other,) = (p for p in parents if p != sha) if parents[0] != parents[1] else (sha,)
        return other != sha and self.github.is_reached(repo, other, head=base)

    def prove_sighting(self, row: Build, seen: Sighting) -> Sighting:
        """The same for what was seen of a row."""
        if seen.build is None:
            return seen
        return replace(seen, build=self._prove_for(row, seen.build))

    def _choose(self, row: Build, builds: Iterable[JenkinsBuild]) -> JenkinsBuild | None:
        newest = sorted(builds, key=lambda build: build.number, reverse=True)
        for build in newest:
            is_undecided = build.is_building and not build.revisions
            is_ours = row.queue_id is not None and build.queue_id == row.queue_id
            if row.sha in build.revisions or is_undecided or is_ours:
                return build
        merges = [b for b in newest if b.revisions][:MOST_MERGES]
        proven = (self._prove_for(row, build) for build in merges)
        return next((build for build in proven if row.sha in build.revisions), None)

    def _prove_for(self, row: Build, seen: JenkinsBuild) -> JenkinsBuild:
        base = row.base or row.branch
        return self.prove(seen, repo=row.repo, base=base, sha=row.sha)

    def _first_job(self, row: Build) -> JobInfo | None:
        assert row.pull is not None
        for name in branch_jobs(project_of(row.job), row.pull):
            try:
                return self.jenkins.job(row.server, name)
            except NotFound:
                continue
        return None

    def _ask_for_indexing(self, row: Build) -> Transient:
        """Ask the project to look for the pull request; what to say until it has.

        Raises:
            NotFound: it had all the time it needs, or there is no such project.
        """
        project = project_of(row.job)
        age = max(0.0, self.clock() - row.created)
        if age > INDEXING_SECONDS:
            raise NotFound(f"Job {row.job} does not exist: {project} did not find the pull request")
        pause = min(LONGEST_PAUSE, max(2.0, age))
        if row.reason is None or pause == LONGEST_PAUSE:
            self.jenkins.index(row.server, project)
        text = f"Job {row.job} does not exist yet: {project} is asked to look for pull requests"
        return NotThereYet(text, retry_after=pause)
