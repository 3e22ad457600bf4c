"""A guard for every test: a rule that looks at a fact nobody has read must ask for it.

A rule is handed facts that note which unread ones it touches. One that touches such a fact and does
not ask for it would go by an answer that never comes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

from leeroy.deciding import plan
from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts, PullFacts
from leeroy.deciding.unknown import Need, Unknown

#: What looks facts up by a key.
_LOOK_UPS = (
    "comment_of", "permission_of", "permission_now_of", "statuses_of", "details_of", "patch_of",
)  # fmt: skip


def _watching(facts: Any, touched: set[Need]) -> Any:
    kind = type(facts)

    def note(value: object) -> object:
        if isinstance(value, Unknown):
            touched.update(value.needs)
        return value

    def getattribute(self: Any, name: str) -> Any:
        value = kind.__getattribute__(self, name)
        if name in _LOOK_UPS:
            return lambda *args: note(value(*args))
        return note(value)

    watched = copy(facts)
    object.__setattr__(
        watched, "__class__", type(kind.__name__, (kind,), {"__getattribute__": getattribute})
    )
    return watched


def guarded(rule: Callable[[Any, Decision], Decision]) -> Callable[[Any, Decision], Decision]:
    """The rule, with its part compared with what it touched."""

    def run(facts: PullFacts | BranchFacts, decision: Decision) -> Decision:
        touched: set[Need] = set()
        decided = rule(_watching(facts, touched), decision)
        forgotten = touched - decided.asked - facts.answered
        assert not forgotten, f"{rule.__name__} looked at {forgotten} and did not ask"
        return decided

    return run


@contextmanager
def every_rule_guarded() -> Iterator[None]:
    """All rules of the plan, until the end."""
    pulls, branches = plan.RULES, plan.BRANCH_RULES
    plan.RULES = tuple(guarded(rule) for rule in pulls)
    plan.BRANCH_RULES = tuple(guarded(rule) for rule in branches)
    try:
        yield
    finally:
        plan.RULES, plan.BRANCH_RULES = pulls, branches
