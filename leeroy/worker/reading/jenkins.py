"""What Jenkins shows of our builds, and of those it tells us about that no row of ours claims."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

import structlog

from leeroy.deciding.parameters import BUILD_ID
from leeroy.deciding.proof import checked_out
from leeroy.errors import LeeroyError, NotFound
from leeroy.hints import FollowHint, NotificationHint
from leeroy.jenkins.answers import is_made_of
from leeroy.model import Build, BuildRef, BuildState, JenkinsBuild, QueueItem, Sighting
from leeroy.queue import KeptHint
from leeroy.store import Store
from leeroy.worker.branch_jobs import BranchJobs
from leeroy.worker.protocols import ReadsJenkins
from leeroy.worker.side import each

log = structlog.get_logger()

#: How long a job's configuration is believed; people change it seldom.
KEPT_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class BuildSightings:
    """What one look into Jenkins showed."""

    #: By row id.
    sightings: Mapping[str, Sighting]
    #: Builds we were told of that no row of ours claims.
    strays: tuple[JenkinsBuild, ...]
    #: Why Jenkins could not say where a build is: by row id, or by name where no row is known.
    unseen: Mapping[str, LeeroyError]


@dataclass(frozen=True, kw_only=True)
class JobDefaults:
    """What jobs give to parameters by default: read once, and kept for some minutes."""

    jenkins: ReadsJenkins
    clock: Callable[[], float] = time.monotonic
    kept: dict[tuple[str, str], tuple[float, Mapping[str, str]]] = field(default_factory=dict)

    def told(self, seen: JenkinsBuild) -> JenkinsBuild:
        """The build with what its job gives by default; NotFound when the job is gone."""
        if not seen.parameters:
            return replace(seen, defaults={})
        place, now = (seen.server, seen.job), self.clock()
        at, defaults = self.kept.get(place, (-KEPT_SECONDS, {}))
        if now - at >= KEPT_SECONDS or place not in self.kept:
            defaults = self.jenkins.job(seen.server, seen.job).defaults
            self.kept[place] = now, defaults
        return replace(seen, defaults=defaults)


@dataclass(frozen=True, kw_only=True)
class Sightings:
    """Looks into Jenkins for rows of ours."""

    store: Store
    jenkins: ReadsJenkins
    branch_jobs: BranchJobs
    side: Executor
    defaults: "JobDefaults"

    def look(self, builds: Sequence[Build], hints: Sequence[KeptHint]) -> BuildSightings:
        """Sightings of our unfinished builds that may have news, and builds we do not know.

        What Jenkins cannot say now holds up nothing else.
        """
        told = {kept.hint.build for kept in hints if isinstance(kept.hint, NotificationHint)}
        follows_all = any(isinstance(kept.hint, FollowHint) for kept in hints)
        sightings: dict[str, Sighting] = {}
        unseen: dict[str, LeeroyError] = {}
        strays = []
        for ref in sorted(told):
            claimed = _row_of(builds, ref)
            if claimed is not None and claimed.state.is_over:
                continue
            try:
                seen = self.jenkins.build(ref.server, ref.job, ref.number)
                owner = claimed or _owner(builds, seen)
                if owner is not None:
                    sightings[owner.id] = self._proven(owner, Sighting(build=seen))
                else:
                    strays.append(self.defaults.told(seen))
            except NotFound:
                continue
            except LeeroyError as exc:
                unseen[claimed.id if claimed is not None else str(ref)] = exc
        rest = [
            build
            for build in builds
            if not build.state.is_over
            and build.id not in sightings
            and build.id not in unseen
            and (follows_all or build.state is BuildState.NEW)
            and not build.is_waiting_for_turn
        ]
        for build, found, error in each(self.side, self.of, rest):
            if found is not None:
                sightings[build.id] = found
            elif isinstance(error, LeeroyError):
                unseen[build.id] = error
            elif error is not None:
                raise error
        return BuildSightings(sightings=sightings, strays=tuple(strays), unseen=unseen)

    def of(self, build: Build) -> Sighting:
        """Where a build of ours is now: by its number, else its queue item, else by what it is."""
        return self._stirred(build, self._proven(build, self._find(build)))

    def _stirred(self, build: Build, seen: Sighting) -> Sighting:
        """With whether it waits for somebody, where it is a pipeline that ran before."""
        shown = seen.build
        is_known = build.state is BuildState.RUNNING and shown is not None and shown.is_building
        if shown is None or not is_known or not shown.is_pipeline:
            return seen
        waits = self.jenkins.waits_for_input(shown.server, shown.job, shown.number)
        return replace(seen, build=replace(shown, waits_for_input=waits))

    def _find(self, build: Build) -> Sighting:
        try:
            if build.build_number is not None:
                seen = self.jenkins.build(build.server, build.job, build.build_number)
                return Sighting(build=seen) if _may_be(build, seen.parameters) else Sighting()
            if build.queue_id is not None:
                item = self.jenkins.queue_item(build.server, build.queue_id)
                if _may_be(build, item.parameters):
                    return self._follow(build, item)
        except NotFound:
            if build.build_number is not None:
                return Sighting()
        if build.is_of_branch_job:
            return self.branch_jobs.find(build)
        claimed = self.store.claimed_numbers(build.server, build.job)
        try:
            return self.jenkins.find(
                build.server,
                build.job,
                build_id=build.id,
                parameters=build.parameters,
                queue_id=build.queue_id,
                since=build.created,
                claimed=claimed,
            )
        except NotFound:
            return Sighting()  # the job is gone, and all its builds with it

    def _follow(self, build: Build, item: QueueItem) -> Sighting:
        if item.is_cancelled and not item.is_disabled and self._is_disabled(build):
            item = replace(item, is_disabled=True)
        if item.build_number is None:
            return Sighting(item=item)
        seen = self.jenkins.build(build.server, build.job, item.build_number)
        return Sighting(item=item, build=seen)

    def _is_disabled(self, build: Build) -> bool:
        """Its job is: that cancelled what waited, which Jenkins does not say of the item."""
        try:
            return not self.jenkins.job(build.server, build.job).is_buildable
        except NotFound:
            return False

    def _proven(self, build: Build, seen: Sighting) -> Sighting:
        if build.is_of_branch_job:
            return self.branch_jobs.prove_sighting(build, seen)
        shown = seen.build
        if shown is None or not shown.revisions or checked_out(build, shown):
            return seen
        if not shown.is_pipeline:
            # What a job for GitHub's merges checked out is known to be ours by its parents only.
            return self.branch_jobs.prove_sighting(build, seen)
        if not shown.is_building:
            log.info(
                "a pipeline shows another commit than it was given",
                job=build.job,
                build=shown.number,
                sha=build.sha,
                shown=sorted(shown.revisions),
            )
        return seen


def _may_be(build: Build, shown: Mapping[str, str]) -> bool:
    """What Jenkins shows under the build's id or number does not belong to another.

    After a crash queue ids begin again at 1, and so do the numbers of a job that is made anew.
    """
    sent = {**build.parameters, BUILD_ID: build.id}
    if build.is_adopted or build.is_of_branch_job or not shown.keys() & sent.keys():
        return True
    return is_made_of(shown, sent)


def _row_of(builds: Iterable[Build], ref: BuildRef) -> Build | None:
    of_number = (
        build
        for build in builds
        if (build.server, build.job.lower(), build.build_number)
        == (ref.server, ref.job.lower(), ref.number)
    )
    return next(of_number, None)


def _owner(builds: Iterable[Build], seen: JenkinsBuild) -> Build | None:
    """The row a build belongs to: by queue id; by our id only before Jenkins' answer was stored.

    A rebuilt one carries our id too, but has a queue id of its own. The newest that is not over
    comes first: after a crash a lost one may have had the same queue id.
    """
    for build in sorted(
        builds, key=lambda build: (build.state.is_over, -build.created, -build.attempt)
    ):
        is_its_job = (build.server, build.job.lower()) == (seen.server, seen.job.lower())
        if not is_its_job or build.build_number is not None:
            continue
        is_same_item = build.queue_id is not None and build.queue_id == seen.queue_id
        if is_same_item and _may_be(build, seen.parameters):
            return build
        if build.queue_id is None and seen.parameters.get(BUILD_ID) == build.id:
            return build
    return None
