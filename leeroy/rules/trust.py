"""May this head be built? Nobody's first pull request runs before a maintainer has looked."""

from dataclasses import replace

from leeroy import messages
from leeroy.decision import Decision, PullFacts, Wanted
from leeroy.facts import Status, StatusState
from leeroy.trusted import is_trusted, touches


def hold_untrusted(facts: PullFacts, decision: Decision) -> Decision:
    """Hold every build of a head that nobody we trust made or looked at."""
    if is_trusted(facts, decision.approvals):
        wanted = tuple(w for w in decision.wanted if _may_build(facts, w))
        return replace(decision, wanted=wanted)
    held = [w for w in decision.wanted if w.sha == facts.pull.head_sha]
    if not held:
        return replace(decision, wanted=())
    return replace(decision, wanted=tuple(map(_hold, held))).doing(
        because=f"{facts.pull.author} needs a maintainer's /ok-to-test: {_why(facts)}"
    )


def _may_build(facts: PullFacts, wanted: Wanted) -> bool:
    """Of somebody who is not trusted otherwise, only what was looked at: the approved head."""
    return wanted.sha == facts.pull.head_sha or is_trusted(facts, ())


def _hold(wanted: Wanted) -> Wanted:
    if wanted.instead is not None:
        return wanted
    waits = Status(
        context=wanted.context,
        state=StatusState.PENDING,
        description=messages.WAITING_FOR_APPROVAL,
    )
    return replace(wanted, instead=waits)


def _why(facts: PullFacts) -> str:
    if touches(facts.patch, facts.settings.sensitive_paths) and facts.patch is not None:
        return "sensitive files are changed"
    return "no write permission, and not on a list"
