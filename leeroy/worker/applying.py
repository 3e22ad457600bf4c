"""Apply what was decided: triggers first and side by side, then the rest side by side."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import structlog

from leeroy import messages
from leeroy.effects import (
    AbortBuild,
    CancelQueueItem,
    Effect,
    RecordBuild,
    SetStatus,
    TriggerBuild,
)
from leeroy.errors import LeeroyError, Permanent, Transient
from leeroy.facts import Build, Sighting
from leeroy.life import refused, running, superseded, triggered, waiting
from leeroy.store import Store
from leeroy.worker.protocols import WritesGitHub, WritesJenkins
from leeroy.worker.side import each

log = structlog.get_logger()

JenkinsEffect = TriggerBuild | CancelQueueItem | AbortBuild


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How applying went."""

    #: Rows as they are stored now, where they changed.
    builds: tuple[Build, ...] = ()
    #: What has to be done again later.
    transient: tuple[Transient, ...] = ()
    #: What was refused for good.
    permanent: tuple[Permanent, ...] = ()

    def and_then(self, later: "Outcome") -> "Outcome":
        """This, and what came after it."""
        return Outcome(
            builds=self.builds + later.builds,
            transient=self.transient + later.transient,
            permanent=self.permanent + later.permanent,
        )


@dataclass(frozen=True, kw_only=True)
class Hands:
    """Does things to GitHub and Jenkins, and writes down that they were done."""

    store: Store
    github: WritesGitHub
    jenkins: WritesJenkins
    side: Executor
    #: Where a build of ours is now.
    find: Callable[[Build], Sighting]

    def apply_to_jenkins(self, effects: Sequence[Effect]) -> Outcome:
        """Intent, act, record: rows first, then Jenkins, then what it said."""
        intended = [e.build for e in effects if isinstance(e, RecordBuild | TriggerBuild)]
        rows = {row.id: row for row in self.store.save_builds(intended)} if intended else {}
        todo = [e for e in effects if isinstance(e, TriggerBuild | CancelQueueItem | AbortBuild)]
        done = [
            (rows.get(effect.build.id, effect.build), effect, error, changed)
            for effect, changed, error in each(
                self.side, lambda e: self._act(e, rows.get(e.build.id, e.build)), todo
            )
        ]
        changed_rows = []
        outcome = Outcome()
        for row, effect, error, changed in done:
            if error is None:
                changed_rows.append(changed or row)
                continue
            log.warning("effect failed", effect=str(effect), error=str(error))
            if isinstance(error, Permanent) and isinstance(effect, TriggerBuild):
                changed_rows.append(refused(row, messages.shorten(str(error))))
            elif isinstance(error, Transient) and isinstance(effect, TriggerBuild):
                changed_rows.append(waiting(row, messages.shorten(str(error))))
            outcome = outcome.and_then(_failed(error))
        if changed_rows:
            rows.update((row.id, row) for row in self.store.save_builds(changed_rows))
        return outcome.and_then(Outcome(builds=tuple(rows.values())))

    def apply_to_github(self, effects: Iterable[Effect]) -> Outcome:
        """Write what differs; one that is refused does not hold back the others."""
        statuses = [effect for effect in effects if isinstance(effect, SetStatus)]
        outcome = Outcome()
        written = []
        for effect, _, error in each(self.side, self._set_status, statuses):
            if error is None:
                written.append(effect)
                continue
            log.warning("effect failed", effect=str(effect), error=str(error))
            outcome = outcome.and_then(_failed(error))
        for repo in {effect.repo for effect in written}:
            self.store.save_statuses(repo, [(e.sha, e.status) for e in written if e.repo == repo])
        return outcome

    def _act(self, effect: JenkinsEffect, row: Build) -> Build:
        match effect:
            case TriggerBuild():
                queue_id = self.jenkins.trigger(row.server, row.job, row.parameters)
                return triggered(row, queue_id, row.url)
            case CancelQueueItem():
                if row.queue_id is None or self.jenkins.cancel(row.server, row.queue_id):
                    return superseded(row, effect.reason)
                return self._after_the_queue(row, effect.reason)
            case AbortBuild():
                if row.build_number is not None:
                    self.jenkins.abort(row.server, row.job, row.build_number)
                return superseded(row, effect.reason)

    def _after_the_queue(self, row: Build, reason: str) -> Build:
        """It had left the queue when we cancelled it: deciding again finds it running, or not."""
        seen = self.find(row)
        if seen.build is not None:
            return running(row, seen.build.number, seen.build.url)
        if seen.item is not None and not seen.item.is_cancelled:
            raise Transient(f"{row.job} is just being started", retry_after=1)
        return superseded(row, reason)

    def _set_status(self, effect: SetStatus) -> None:
        self.github.set_status(effect.repo, effect.sha, effect.status)


def _failed(error: Exception) -> Outcome:
    if isinstance(error, Transient):
        return Outcome(transient=(error,))
    if isinstance(error, Permanent):
        return Outcome(permanent=(error,))
    if isinstance(error, LeeroyError):
        return Outcome(transient=(Transient(str(error)),))
    raise error


def with_rows(known: Sequence[Build], changed: Sequence[Build]) -> tuple[Build, ...]:
    """The rows a look knows, with those that changed in their place and the new ones last."""
    latest = {row.id: row for row in (*known, *changed)}
    return tuple(latest.values())
