"""One look at one subject: read, decide, apply, remember why."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, TypeVar

import structlog

from leeroy.config import Mode
from leeroy.deciding.decision import Decision
from leeroy.deciding.effects import (
    AbortBuild,
    CancelQueueItem,
    Effect,
    RecordBuild,
    TriggerBuild,
)
from leeroy.deciding.facts import BranchFacts, PullFacts
from leeroy.deciding.plan import foresee
from leeroy.deciding.rules.mergeable import is_unsettled
from leeroy.errors import LeeroyError, NotFound, Permanent, Transient
from leeroy.hints import FollowHint, NotificationHint, SharedHint
from leeroy.model import (
    BranchRef,
    BuildRef,
    BuildState,
    PullRef,
    ReasonKind,
    RepoRef,
    parse_subject,
)
from leeroy.queue import KeptHint, Look, NewHint, Queue
from leeroy.store import KeptLook
from leeroy.worker.applying.github import GitHubApplier
from leeroy.worker.applying.jenkins import JenkinsApplier, with_rows, with_words, words_of
from leeroy.worker.applying.notices import NoticeApplier
from leeroy.worker.applying.outcome import Outcome, failed
from leeroy.worker.applying.records import Records
from leeroy.worker.asking import Asking
from leeroy.worker.cron import TRIES_UNTIL_FOUND, RepoLooks
from leeroy.worker.hints_left import left_over, looks_again
from leeroy.worker.mergeability import ask_again
from leeroy.worker.reading.beginning import Reader
from leeroy.worker.reading.branches import BranchReader
from leeroy.worker.reading.github import NeedsReader
from leeroy.worker.told import is_news, row_of, shown, shown_subject

log = structlog.get_logger()

#: Deciding again after each round finds what the round before brought to light: a queue item that
#: started while it was cancelled is aborted in the next one.
ROUNDS = 3
#: A subject that comes up again by itself does so after so many seconds when a look at it failed.
RECURRING_PAUSE = 60.0
#: After so many tries in a row that failed, a look is about to be given up, unless it waits for
#: Jenkins: then the count begins anew.
MANY_TRIES = 19


F = TypeVar("F", PullFacts, BranchFacts)


class Recurring(Protocol):
    """Looks at a subject that comes up again by itself."""

    def make(self, look: Look) -> float:
        """Make the look; seconds until the next."""


@dataclass(frozen=True, kw_only=True)
class Looks:
    """Makes looks; what it needs is handed in, and each look is its own."""

    reader: Reader
    needs: NeedsReader
    asking: Asking
    branches: BranchReader
    repos: RepoLooks
    at_jenkins: JenkinsApplier
    at_github: GitHubApplier
    notices: NoticeApplier
    records: Records
    queue: Queue
    #: By subject.
    recurring: Mapping[str, Recurring] = field(default_factory=dict)

    def make(self, look: Look) -> None:
        """Look at the subject and end the look in the queue, whatever happens."""
        if look.subject in self.recurring:
            self._come_up(look, self.recurring[look.subject])
            return
        began = time.monotonic()
        bound = log.bind(subject=look.subject, attempt=look.attempts)
        try:
            outcome = self._look(look, began)
        except Transient as exc:
            bound.warning("look failed", error=str(exc))
            self._again(look, str(exc), exc.retry_after)
            return
        except NotFound as exc:
            bound.warning("not found", error=str(exc))
            if look.attempts < TRIES_UNTIL_FOUND:
                self._again(look, str(exc), None)
            else:
                self._give_up(look, str(exc))
            return
        except Permanent as exc:
            bound.error("look refused", error=str(exc))
            self._give_up(look, str(exc))
            return
        self._look_at(outcome.others)
        if outcome.transient:
            pauses = [e.retry_after for e in outcome.transient if e.retry_after is not None]
            errors = "; ".join(str(error) for error in outcome.transient)
            self._again(look, errors, max(pauses, default=None))
            return
        if outcome.kept or outcome.lost:
            self.queue.done_but(look, kept=outcome.kept, lost=outcome.lost)
            return
        self.queue.done(look)

    def _again(self, look: Look, error: str, retry_after: float | None) -> None:
        """Have the look made again; after the last try others may write what it was about to.

        An outage of Jenkins has no last try: what waits for it begins to count anew.
        """
        if look.attempts >= MANY_TRIES and self._waits_for_jenkins(look):
            self.queue.put(look.subject, FollowHint(why="Jenkins is away"))
        if not self.queue.again(look, error=error, retry_after=retry_after):
            self._leave(look)

    def _waits_for_jenkins(self, look: Look) -> bool:
        subject, store = parse_subject(look.subject), self.reader.store
        if isinstance(subject, PullRef):
            rows = store.builds_of(subject)
        elif isinstance(subject, BranchRef):
            rows = store.builds_of_branch(subject, ())
        else:
            return False
        return any(
            row.state is BuildState.NEW and row.is_because_of(ReasonKind.JENKINS_AWAY)
            for row in rows
        )

    def _give_up(self, look: Look, error: str) -> None:
        self.queue.give_up(look, error=error)
        self._leave(look)

    def _leave(self, look: Look) -> None:
        subject = parse_subject(look.subject)
        if isinstance(subject, PullRef | BranchRef):
            self._look_at(self.at_github.give_up(subject))

    def _look_at(self, subjects: Iterable[str]) -> None:
        """Have others looked at who share a commit with this one."""
        self.queue.put_all(NewHint(subject=name, hint=SharedHint()) for name in sorted(subjects))

    def _come_up(self, look: Look, recurring: Recurring) -> None:
        """Make a look that is due again whatever comes of it: nobody else would ask for it."""
        again_in = RECURRING_PAUSE
        try:
            again_in = recurring.make(look)
        except LeeroyError as exc:
            log.warning("look failed", subject=look.subject, error=str(exc))
        except Exception:
            log.exception("look broke", subject=look.subject)
        self.queue.done(look, again_in=again_in)

    def _look(self, look: Look, began: float) -> Outcome:
        subject = parse_subject(look.subject)
        if isinstance(subject, PullRef):
            return self._look_at_pull(subject, look, began)
        if isinstance(subject, BranchRef):
            return self._look_at_branch(subject, look, began)
        if isinstance(subject, BuildRef):
            return self._look_at_build(subject, look)
        if isinstance(subject, RepoRef):
            return self.repos.make(subject, look)
        return Outcome()

    def plan(self, ref: PullRef) -> tuple[PullFacts, Decision, tuple[Effect, ...]]:
        """What a look would do now, without doing any of it."""
        facts, decision = self._known(self.reader.pull_facts(ref, ()), ())
        return facts, decision, foresee(facts)

    def _known(
        self, facts: F, hints: Sequence[KeptHint], began: float | None = None
    ) -> tuple[F, Decision]:
        """The facts with all the rules ask for, and what is decided then."""
        spent = 0.0 if began is None else time.monotonic() - began

        def waited() -> float:
            return self.queue.now() - min((h.received for h in hints), default=self.queue.now())

        if isinstance(facts, PullFacts):
            return self.asking.known(facts, self.needs.read, self.reader.then, waited, spent=spent)
        return self.asking.known(facts, self.branches.read, self.branches.then, waited, spent=spent)

    def _look_at_pull(self, ref: PullRef, look: Look, began: float) -> Outcome:
        hints = look.hints
        facts = self.reader.pull_facts(ref, hints)
        self.queue.put_all(
            looks_again(facts, hints, partial(self.queue.hints_of_subject, str(ref)))
        )
        self.reader.store.save_pull(facts.pull)
        self.reader.store.see_repository(facts.pull)
        if is_unsettled(facts):
            ask_again(self.queue, str(ref), hints)
        if facts.settings.mode is Mode.OBSERVE:
            facts, decision = self._known(facts, hints, began)
            self._remember(ref, hints, decision, foresee(facts), Outcome(), began)
            return left_over(facts, decision, hints, self.queue.now)
        decision, done, outcome = self._settle(look, facts, began)
        if done or outcome.permanent or outcome.transient:
            self._remember(ref, hints, decision, done, outcome, began)
        return outcome

    def _look_at_branch(self, ref: BranchRef, look: Look, began: float) -> Outcome:
        hints = look.hints
        facts = self.branches.facts(ref, hints)
        self.queue.put_all(
            looks_again(facts, hints, partial(self.queue.hints_of_subject, str(ref)))
        )
        if facts.settings.mode is Mode.OBSERVE:
            facts, decision = self._known(facts, hints, began)
            self._remember(ref, hints, decision, foresee(facts), Outcome(), began)
            self._save_branch(facts)
            return Outcome()
        decision, done, outcome = self._settle(look, facts, began)
        if not outcome.transient and not outcome.kept:
            # Only now: had we been cut off before, the same pushes would be handled again.
            self._save_branch(facts)
        outcome = outcome.and_then(self.notices.apply(decision.effects))
        if done or outcome.permanent or outcome.transient:
            self._remember(ref, hints, decision, done, outcome, began)
        return outcome

    def _save_branch(self, facts: BranchFacts) -> None:
        if facts.is_gone:
            self.reader.store.forget_branch(facts.ref)
        elif facts.pushes:
            self.reader.store.save_branch(facts.ref, facts.newest)

    def _settle(
        self, look: Look, facts: F, began: float
    ) -> tuple[Decision, tuple[Effect, ...], Outcome]:
        """Decide and apply: Jenkins first, until there is nothing left to ask it, then GitHub."""
        outcome = Outcome()
        for unseen in facts.unseen.values():
            outcome = outcome.and_then(failed(unseen))
        done: tuple[Effect, ...] = ()
        reasons: tuple[str, ...] = ()
        tried: set[tuple[str, str]] = set()
        for round_ in range(ROUNDS):
            facts, decision = self._known(facts, look.hints, began)
            if not round_:
                reasons = decision.reasons
                done = self.records.apply(decision.effects)
            todo = [e for e in decision.effects if _is_for_jenkins(e, tried)]
            if not todo:
                break
            self.queue.keep(look)
            tried.update((type(e).__name__, e.build.id) for e in todo if hasattr(e, "build"))
            applied = self.at_jenkins.apply(facts, decision, todo)
            done += tuple(todo)
            outcome = outcome.and_then(applied)
            facts = replace(
                with_words(facts, words_of(decision, todo)),
                builds=with_rows(facts.builds, applied.builds),
                sightings={},
                strays=(),
            )
        facts, decision = self._known(facts, look.hints, began)
        rest = tuple(e for e in decision.effects if not hasattr(e, "build") and e not in done)
        if rest or decision.words:
            self.queue.keep(look)
        keep = partial(self.queue.keep, look)
        outcome = outcome.and_then(self.at_github.apply(facts, decision, rest, keep))
        self._follow_shared(facts, done)
        for defect in decision.defects:
            log.error("a defect in Leeroy", subject=look.subject, error=defect)
        if not outcome.transient:
            self.records.mark_obeyed(rest)
        # What this look saw end, or found nobody needs, makes room.
        self.at_jenkins.turns.give()
        outcome = outcome.and_then(left_over(facts, decision, look.hints, self.queue.now))
        return replace(decision, reasons=reasons), done + rest, outcome

    def _follow_shared(self, facts: PullFacts | BranchFacts, done: Sequence[Effect]) -> None:
        """Have others' builds followed that Jenkins took for one with ours: it tells only of one."""
        moved = {
            (e.build.server, e.build.job, e.build.queue_id)
            for e in done
            if isinstance(e, RecordBuild) and e.build.queue_id is not None
        }
        waiting = {
            str(rival.subject)
            for rival in facts.rivals
            if not rival.state.is_over and (rival.server, rival.job, rival.queue_id) in moved
        }
        hint = FollowHint(why="Jenkins took its build for one with another's")
        self.queue.put_all(NewHint(subject=name, hint=hint) for name in sorted(waiting))

    def _look_at_build(self, ref: BuildRef, look: Look) -> Outcome:
        """A notification came before we knew whose build it is: by now we may."""
        server = self.reader.config.servers.get(ref.server)
        is_unproven = server is None or not server.notification_secret.get_secret_value()
        try:
            seen = self.reader.jenkins.build(ref.server, ref.job, ref.number)
        except NotFound:
            if is_unproven:
                return Outcome()  # anybody can name one that is not there
            raise
        row = row_of(self.reader.config, self.reader.store, ref.server, shown(seen, job=ref.job))
        if is_unproven:
            subject = shown_subject(self.reader.config, seen, self.queue.now())
            if row is not None:
                subject = row.subject if is_news(row, seen) else None
            if subject is not None:
                self.queue.put(str(subject), NotificationHint(build=ref))
            return Outcome()
        if row is None:
            if look.attempts < TRIES_UNTIL_FOUND:
                raise Transient(f"{ref}: no build of ours yet")
            log.info("not our build", job=ref.job, build=ref.number)
            return Outcome()
        self.queue.put(str(row.subject), NotificationHint(build=ref))
        return Outcome()

    def _remember(
        self,
        ref: PullRef | BranchRef,
        hints: Sequence[KeptHint],
        decision: Decision,
        effects: Sequence[Effect],
        outcome: Outcome,
        began: float,
    ) -> None:
        errors = [str(error) for error in (*outcome.transient, *outcome.permanent)]
        seconds = time.monotonic() - began
        bound = log.bind(**{"branch" if isinstance(ref, BranchRef) else "pull": str(ref)})
        for effect in effects:
            bound.info("effect", effect=str(effect))
        self.reader.store.save_look(
            KeptLook(
                subject=str(ref),
                at=0.0,
                seconds=seconds,
                hints=", ".join(sorted({f"{k.hint.kind} {k.hint}".strip() for k in hints})),
                reasons=decision.reasons,
                effects=tuple(str(effect) for effect in effects),
                error="; ".join(errors),
            )
        )


def _is_for_jenkins(effect: Effect, tried: set[tuple[str, str]]) -> bool:
    """It is about a build, and was not tried in this look."""
    if not hasattr(effect, "build"):
        return False
    if isinstance(effect, TriggerBuild | CancelQueueItem | AbortBuild):
        return (type(effect).__name__, effect.build.id) not in tried
    return True
