"""The table of contents of what Leeroy does: its rules in order, and the one function that decides.

Pure: the same facts always make the same plan.
"""

from collections.abc import Callable
from dataclasses import replace

from leeroy.decision import Decision, PullFacts
from leeroy.effects import Effect, RecordBuild, TriggerBuild
from leeroy.facts import BuildState
from leeroy.rules.builds import stop_builds, trigger_builds
from leeroy.rules.filters import select_builds
from leeroy.rules.follow import adopt_builds, follow_builds
from leeroy.rules.hygiene import check_hygiene
from leeroy.rules.report import report_builds

Rule = Callable[[PullFacts, Decision], Decision]

#: In the order people would think: what happened, what is wanted, what to do, what to say.
RULES: tuple[Rule, ...] = (
    follow_builds,
    select_builds,
    adopt_builds,
    stop_builds,
    trigger_builds,
    report_builds,
    check_hygiene,
)


def decide(facts: PullFacts) -> Decision:
    """What to do about a pull request, and why."""
    decision = Decision(builds=facts.builds)
    for rule in RULES:
        decision = rule(facts, decision)
    return decision


def foresee(facts: PullFacts) -> tuple[Effect, ...]:
    """Every effect a look would have if Jenkins took each trigger: what ``leeroy plan`` prints."""
    first = decide(facts)
    queued = tuple(
        replace(build, state=BuildState.QUEUED) if build.state is BuildState.NEW else build
        for build in first.builds
    )
    then = decide(replace(facts, builds=queued, sightings={}, strays=(), requests=()))
    happens = tuple(e for e in first.effects if e not in then.effects)
    follows = tuple(e for e in then.effects if not isinstance(e, TriggerBuild | RecordBuild))
    return happens + follows
