"""A build's life: ``new -> queued -> running -> done``, or ``refused``, ``superseded``, ``lost``.

Pure: a row and what a look found in Jenkins go in, the row as it is now comes out. An attempt
never goes backwards, whatever the order in which news of it arrives.
"""

import uuid
from dataclasses import replace

from leeroy.deciding.proof import objection
from leeroy.model import (
    Build,
    BuildState,
    JenkinsBuild,
    QueueItem,
    Reason,
    ReasonKind,
    Result,
    Sighting,
)

#: Seconds a left queue item may show no build before we stop waiting for one: Jenkins needs a
#: moment to create it, and makes none at all when the job was disabled meanwhile.
LEFT_WITHOUT_BUILD = 60.0

#: The namespace of our ids: of no meaning, and never to change.
_NAMESPACE = uuid.UUID("6f3c2f0e-7d0c-4d0b-9a52-1f2b8f6f2a11")

_RANK = {BuildState.NEW: 0, BuildState.QUEUED: 1, BuildState.RUNNING: 2}


def attempt_id(build: Build, attempt: int) -> str:
    """The id of an attempt: the same attempt always has the same one.

    So a look that is repeated, or two that race, can never write one attempt down twice.

    >>> build = Build(id="", server="", job="j", repo="a/b", pull=1, sha="c", context="ci", attempt=1)
    >>> attempt_id(build, 1) == attempt_id(build, 1) != attempt_id(build, 2)
    True
    """
    where = build.branch if build.pull is None else str(build.pull)
    name = "\n".join((build.repo, where, build.sha, build.context.lower(), str(attempt)))
    return str(uuid.uuid5(_NAMESPACE, name))


def advance(build: Build, sighting: Sighting, now: float) -> Build:
    """The row after what Jenkins says of it; the same row when that is nothing new."""
    if build.state.is_over:
        return build
    if sighting.build is not None:
        see = _seen_in_branch_job if build.is_of_branch_job else _seen_built
        return see(build, sighting.build)
    if sighting.item is not None:
        return _seen_queued(build, sighting.item, now)
    if build.state is BuildState.NEW:
        return build  # Jenkins was never asked, or never heard us: it is asked again
    return _lost(build, Reason(ReasonKind.FORGOTTEN))


def next_retry(build: Build, most: int) -> int:
    """The number of the retry that is due after this attempt; 0: none.

    Only a failure may be the fault of a flaky test: what was aborted, not built or unstable is
    what somebody or something wanted. So is a build that somebody started in Jenkins by hand.
    """
    has_failed = build.state is BuildState.DONE and build.result is Result.FAILURE
    is_by_hand = build.is_adopted and not build.retry
    return build.retry + 1 if has_failed and not is_by_hand and build.retry < most else 0


def triggered(build: Build, queue_id: int, url: str) -> Build:
    """Jenkins took it."""
    return replace(build, state=BuildState.QUEUED, queue_id=queue_id, url=url, reason=None)


def running(build: Build, number: int, url: str) -> Build:
    """It left the queue and runs."""
    return replace(build, state=BuildState.RUNNING, build_number=number, url=url or build.url)


def refused(build: Build, reason: Reason) -> Build:
    """Jenkins would not take it, and would not take the same again."""
    return replace(build, state=BuildState.REFUSED, reason=reason)


def waiting(build: Build, reason: Reason) -> Build:
    """Jenkins could not be asked; the same row is tried again later."""
    return replace(build, reason=reason)


def cancelled(build: Build, reason: Reason) -> Build:
    """Somebody wanted it stopped, so it is not started again by itself."""
    return replace(build, state=BuildState.DONE, result=Result.ABORTED, reason=reason)


def superseded(build: Build, reason: Reason) -> Build:
    """Nobody needs it any more."""
    return replace(build, state=BuildState.SUPERSEDED, reason=reason)


def _seen_built(build: Build, seen: JenkinsBuild) -> Build:
    known = _running_as(build, seen)
    if why := objection(build, seen):
        return refused(known, why)
    return known if seen.is_building else _ended_as(known, seen)


def _seen_in_branch_job(build: Build, seen: JenkinsBuild) -> Build:
    # It builds the newest commit whatever it was given: only what it checked out tells which.
    known = _running_as(build, seen)
    if seen.revisions and build.sha not in seen.revisions:
        # Without its number: the build is free for the commit it is of.
        reason = Reason(ReasonKind.BUILT_OTHER, min(seen.revisions))
        return _lost(replace(known, build_number=None), reason)
    if seen.is_building:
        return known
    if not seen.revisions and seen.result in (Result.SUCCESS, Result.UNSTABLE):
        return refused(known, Reason(ReasonKind.SHOWS_NO_COMMIT, str(seen.number)))
    # What failed before it checked anything out proves nothing, but it is no success either.
    return _ended_as(known, seen)


def _running_as(build: Build, seen: JenkinsBuild) -> Build:
    waits = seen.waits_for_input
    if waits is None:
        waits = seen.is_building and build.is_because_of(ReasonKind.WAITS_FOR_INPUT)
    return replace(
        build,
        state=BuildState.RUNNING,
        build_number=seen.number,
        url=seen.url or build.url,
        queue_id=build.queue_id if seen.queue_id is None else seen.queue_id,
        reason=Reason(ReasonKind.WAITS_FOR_INPUT, str(seen.number)) if waits else None,
    )


def _ended_as(known: Build, seen: JenkinsBuild) -> Build:
    is_aborted = seen.result is Result.ABORTED
    if is_aborted and not seen.interrupted and seen.is_from_before_restart:
        # Nobody wanted that: it is lost, as one that is gone after a restart is.
        return _lost(known, Reason(ReasonKind.CUT_OFF, str(seen.number)))
    by = Reason(ReasonKind.ABORTED, seen.interrupted) if is_aborted and seen.interrupted else None
    return replace(
        known,
        state=BuildState.DONE,
        result=seen.result or Result.NOT_BUILT,
        duration=seen.duration,
        reason=by,
    )


def _seen_queued(build: Build, item: QueueItem, now: float) -> Build:
    if item.is_cancelled:
        reason = Reason(ReasonKind.CANCELLED_IN_QUEUE)
        if item.is_disabled:
            reason = Reason(ReasonKind.DISABLED, build.job)
        return cancelled(replace(build, queue_id=item.id), reason)
    if item.build_number is not None:
        known = replace(build, queue_id=item.id, reason=None)
        return running(known, item.build_number, item.build_url)
    if item.has_left and build.updated and now - build.updated > LEFT_WITHOUT_BUILD:
        return _lost(build, Reason(ReasonKind.LEFT_QUEUE))
    if _RANK[build.state] > _RANK[BuildState.QUEUED]:
        return build
    held = Reason(ReasonKind.HELD, item.held_by) if item.held_by else None
    return replace(build, state=BuildState.QUEUED, queue_id=item.id, reason=held)


def _lost(build: Build, reason: Reason) -> Build:
    return replace(build, state=BuildState.LOST, reason=reason)
