"""Apply what was decided in Jenkins, side by side: intent, act, record."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from leeroy.deciding import messages
from leeroy.deciding.decision import Decision
from leeroy.deciding.effects import (
    AbortBuild,
    CancelQueueItem,
    Effect,
    RecordBuild,
    TriggerBuild,
)
from leeroy.deciding.facts import Facts
from leeroy.deciding.life import cancelled, refused, running, superseded, triggered, waiting
from leeroy.deciding.words import Place, Word
from leeroy.errors import LeeroyError, NotFound, NotThereYet, Permanent, Transient
from leeroy.model import Build, Reason, ReasonKind, Sighting
from leeroy.store import Store
from leeroy.worker.applying.outcome import Outcome, failed
from leeroy.worker.branch_jobs import BranchJobs
from leeroy.worker.protocols import WritesJenkins
from leeroy.worker.side import each_in_line
from leeroy.worker.turns import Turns

log = structlog.get_logger()

F = TypeVar("F", bound=Facts)

JenkinsEffect = TriggerBuild | CancelQueueItem | AbortBuild


@dataclass(frozen=True, kw_only=True)
class JenkinsApplier:
    """Does things to Jenkins, and writes down that they were done."""

    store: Store
    jenkins: WritesJenkins
    side: Executor
    #: Where a build of ours is now.
    find: Callable[[Build], Sighting]
    branch_jobs: BranchJobs
    turns: Turns

    def apply(self, facts: Facts, decision: Decision, effects: Sequence[Effect]) -> Outcome:
        """Intent, act, record: rows first, then Jenkins, then what it said.

        What a row makes our subject say is kept with the row: others who share its commit go by it.
        """
        intended = [
            self.turns.line_up(e.build) if isinstance(e, TriggerBuild) else e.build
            for e in effects
            if isinstance(e, RecordBuild | TriggerBuild)
        ]
        rows: dict[str, Build] = {}
        if intended:
            saved = self.store.save_builds(
                intended, subject=facts.subject, words=words_of(decision, effects)
            )
            rows = {row.id: row for row in saved}
        rows.update(self._given_turns(rows.values()))
        todo = [
            e
            for e in effects
            if isinstance(e, CancelQueueItem | AbortBuild)
            or (isinstance(e, TriggerBuild) and not rows[e.build.id].is_waiting_for_turn)
        ]
        done = [
            (rows.get(effect.build.id, effect.build), effect, error, changed)
            # Builds of one job wait in Jenkins in the order in which they are asked for.
            for effect, changed, error in each_in_line(
                self.side,
                lambda e: self._act(e, rows.get(e.build.id, e.build)),
                todo,
                line_of=lambda e: (e.build.server, e.build.job),
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
                changed_rows.append(refused(row, _why(error)))
            elif isinstance(error, Transient) and isinstance(effect, TriggerBuild):
                changed_rows.append(waiting(row, _why(error)))
            outcome = outcome.and_then(failed(error))
        if changed_rows:
            rows.update((row.id, row) for row in self.store.save_builds(changed_rows))
        return outcome.and_then(Outcome(builds=tuple(rows.values())))

    def _given_turns(self, rows: Iterable[Build]) -> dict[str, Build]:
        """Those of the rows that waited and may go now."""
        waiting = {row.id: row for row in rows if row.is_waiting_for_turn}
        going = self.turns.give(waiting) if waiting else ()
        return {id_: replace(waiting[id_], reason=None) for id_ in going}

    def _act(self, effect: JenkinsEffect, row: Build) -> Build:
        match effect:
            case TriggerBuild() if row.is_of_branch_job:
                return self.branch_jobs.start(row)
            case TriggerBuild():
                queue_id = self.jenkins.trigger(row.server, row.job, row.parameters)
                return triggered(row, queue_id, row.url)
            case CancelQueueItem():
                if row.queue_id is None or self.jenkins.cancel(row.server, row.queue_id):
                    return _stopped(row, effect)
                return self._after_the_queue(row, effect)
            case AbortBuild():
                if row.build_number is not None:
                    self.jenkins.abort(row.server, row.job, row.build_number)
                return _stopped(row, effect)

    def _after_the_queue(self, row: Build, effect: CancelQueueItem) -> Build:
        """It had left the queue when we cancelled it: deciding again finds it running, or not."""
        seen = self.find(row)
        if seen.build is not None:
            return running(row, seen.build.number, seen.build.url)
        if seen.item is not None and not seen.item.is_cancelled:
            raise Transient(f"{row.job} is just being started", retry_after=1)
        return _stopped(row, effect)


def _why(error: LeeroyError) -> Reason:
    """Why a trigger failed."""
    text = messages.shorten(str(error))
    match error:
        case NotFound():
            return Reason(ReasonKind.JOB_MISSING, text)
        case NotThereYet():
            return Reason(ReasonKind.JOB_TO_COME, text)
        case Permanent():
            return Reason(ReasonKind.REFUSED, text)
    return Reason(ReasonKind.JENKINS_AWAY, text)


def _stopped(row: Build, effect: CancelQueueItem | AbortBuild) -> Build:
    stop = cancelled if effect.is_asked_for else superseded
    return stop(row, effect.reason)


def words_of(decision: Decision, effects: Iterable[Effect]) -> dict[Place, Word]:
    """What our subject has to say of the rows that these effects write down, where that is news.

    What it takes back it takes back when something is written in its place.
    """
    places = {
        (e.build.sha, e.build.context.lower())
        for e in effects
        if isinstance(e, RecordBuild | TriggerBuild)
    }
    return {p: word for p, word in decision.words.items() if p in places and word is not None}


def with_words(facts: F, words: Mapping[Place, Word]) -> F:
    """The facts once these words of our subject are kept."""
    said = dict(facts.words)
    for place, word in words.items():
        others = tuple(w for w in said.get(place, ()) if w.subject != facts.subject)
        said[place] = (*others, word)
    return replace(facts, words=said)


def with_rows(known: Sequence[Build], changed: Sequence[Build]) -> tuple[Build, ...]:
    """The rows a look knows, with those that changed in their place and the new ones last."""
    latest = {row.id: row for row in (*known, *changed)}
    return tuple(latest.values())
