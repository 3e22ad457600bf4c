"""May this head be built? Nobody's first pull request runs before a maintainer has looked."""

from dataclasses import replace

from leeroy.deciding import messages
from leeroy.deciding.decision import Decision, Wanted
from leeroy.deciding.facts import PullFacts
from leeroy.deciding.trusted import is_trusted, touches, trust_in
from leeroy.deciding.unknown import Unknown, or_none
from leeroy.deciding.words import WordRank
from leeroy.model import Status, StatusState


def hold_untrusted(facts: PullFacts, decision: Decision) -> Decision:
    """Hold every build of a head that nobody we trust made or looked at."""
    if not decision.wanted:
        return decision
    trusted = trust_in(facts, decision.approvals)
    decision = decision.asking(trusted)
    if trusted is True:
        wanted = tuple(w for w in decision.wanted if _may_build(facts, w))
        return replace(decision, wanted=wanted)
    held = [w for w in decision.wanted if w.sha == facts.pull.head_sha]
    if not held:
        return replace(decision, wanted=())
    if isinstance(trusted, Unknown):
        if facts.is_blip and not trusted.needs:
            said = tuple(w for one in held if (w := one.as_said(facts)) is not None)
            return replace(decision, wanted=said)
        why, text = trusted.why, messages.cannot_tell_trust(trusted.briefly)
    else:
        why, text = _why(facts), messages.WAITING_FOR_APPROVAL
    return replace(decision, wanted=tuple(_hold(one, text) for one in held)).doing(
        because=f"{facts.pull.author} needs a maintainer's /ok-to-test: {why}"
    )


def _may_build(facts: PullFacts, wanted: Wanted) -> bool:
    """Of somebody who is not trusted otherwise, only what was looked at: the approved head."""
    return wanted.sha == facts.pull.head_sha or is_trusted(facts, ())


def _hold(wanted: Wanted, text: str) -> Wanted:
    """What was decided instead of a build stays, but for the one green that its author can give.

    Onto a base that is not built he could have any head be called skipped; and where he came from
    a base that is built, take its green along. So nothing is said, unless something stands there.
    """
    if wanted.instead is not None and not wanted.is_by_base:
        return wanted
    waits = Status(
        context=wanted.context,
        state=StatusState.PENDING,
        description=messages.shorten(text),
    )
    return replace(wanted, instead=waits, rank=WordRank.HELD, is_tacit=wanted.is_by_base)


def _why(facts: PullFacts) -> str:
    globs = facts.settings.sensitive_paths
    if globs and touches(or_none(facts.patch), globs):
        return "sensitive files are changed"
    return "no write permission, and not on a list"
