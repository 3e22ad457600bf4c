"""Decide, read side by side what the rules asked for, and decide again, until nothing is asked."""

import time
from collections.abc import Callable, Collection
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import structlog

from leeroy import deadlines
from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts, PullFacts
from leeroy.deciding.plan import decide
from leeroy.deciding.unknown import Need, Unknown
from leeroy.errors import LeeroyError, NotFound, Permanent, Transient
from leeroy.worker.side import each

log = structlog.get_logger()

#: Seconds from a look's beginning in which it reads.
READING_SECONDS = 120.0

F = TypeVar("F", PullFacts, BranchFacts)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Answers what rules ask; whatever goes wrong is that one fact's, and nobody else's."""

    side: Executor
    #: What is not read by then is not known, and the look goes on without it.
    seconds: float = READING_SECONDS

    def known(
        self,
        facts: F,
        read: Callable[[F, Decision, Need], object],
        then: Callable[[F, Collection[Need]], F],
        waited: Callable[[], float],
        *,
        spent: float = 0.0,
    ) -> tuple[F, Decision]:
        """The facts with all that the rules need of them, and what they decide then.

        ``spent`` is how many seconds the look has taken so far.
        """
        end = time.monotonic() + self.seconds - spent
        overdue = f"not read within the {self.seconds:.0f} s of a look"

        def read_in_time(facts: F, decision: Decision, need: Need) -> object:
            if end - time.monotonic() <= 0:
                raise Transient(overdue)
            try:
                with deadlines.within(end - time.monotonic()):
                    return read(facts, decision, need)
            except Transient as exc:
                if end - time.monotonic() <= 0:
                    raise Transient(overdue) from exc
                raise

        while True:
            decision = decide(facts)
            todo = sorted(decision.asked - facts.answered)
            if not todo:
                return facts, decision
            one = partial(read_in_time, facts, decision)
            answers = {
                need: answer if error is None else unknown_after(error)
                for need, answer, error in each(self.side, one, todo)
            }
            if any(isinstance(a, Unknown) for a in answers.values()):
                facts = replace(facts, waited=waited())
            facts = facts.told(answers)
            facts = then(facts, answers.keys())


def unknown_after(error: Exception) -> Unknown:
    """What stands in the place of a fact whose reading failed so."""
    if isinstance(error, Transient):
        return Unknown(str(error), retry_after=error.retry_after, status=error.status)
    if isinstance(error, LeeroyError):
        return Unknown(
            str(error),
            is_refused=isinstance(error, Permanent),
            is_missing=isinstance(error, NotFound),
            status=error.status if isinstance(error, Permanent) else None,
        )
    log.error("reading broke", exc_info=error)
    return Unknown(f"a defect in Leeroy: {type(error).__name__}", is_refused=True)
