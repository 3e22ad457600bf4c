"""What becomes of a look's hints: done, kept for later each by itself, or looked at once more."""

from collections.abc import Callable, Sequence

import structlog

from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts, PullFacts
from leeroy.deciding.unknown import Unknown, What
from leeroy.hints import (
    GONE_SECONDS,
    DeliveryHint,
    PushHint,
    comment_of,
    once_more,
    push_of,
    seen_in,
)
from leeroy.model import PullRequest
from leeroy.queue import KeptHint, NewHint
from leeroy.worker.applying.outcome import Outcome

log = structlog.get_logger()

#: What is read because of a comment: it is kept with the comment.
_SAID = (What.COMMENT, What.PERMISSION)


def left_over(
    facts: PullFacts | BranchFacts,
    decision: Decision,
    hints: Sequence[KeptHint],
    clock: Callable[[], float],
) -> Outcome:
    """The hints somebody has to come back for, and those nobody can help.

    A comment's hint waits for what that comment needs, a push's for what that push needs, all
    others for the rest. What is refused is given up when patience ended; a comment that GitHub
    did not show for a minute was deleted. ``clock`` is the queue's, in whose time hints are told.
    """
    unknown = _unknown_of(facts, decision, hints)
    if not unknown:
        return Outcome()
    now = clock()
    kept: dict[int, str] = {}
    lost: dict[int, str] = {}
    for hint in hints:
        if (fact := unknown.get(hint.id)) is None:
            continue
        if fact.is_missing and now - hint.received >= GONE_SECONDS:
            log.info("gone", hint=str(hint.hint), subject=hint.subject)
        elif fact.is_refused and not fact.is_missing and facts.is_out_of_patience:
            lost[hint.id] = fact.why
        else:
            kept[hint.id] = fact.why
    return Outcome(kept=kept, lost=lost)


def looks_again(facts: PullFacts | BranchFacts, hints: Sequence[KeptHint]) -> tuple[NewHint, ...]:
    """The later looks to ask for, because GitHub shows less than a payload did.

    Its API may lag a second behind its webhooks.
    """
    if isinstance(facts, PullFacts):
        behind = _newer_views(facts.pull, hints)
    else:
        behind = [h for h in hints if (p := push_of(h.hint)) and p.after in facts.unshown]
    return tuple(again for kept in behind for again in _once_more(kept))


def _unknown_of(
    facts: PullFacts | BranchFacts, decision: Decision, hints: Sequence[KeptHint]
) -> dict[int, Unknown]:
    own: dict[int, Unknown] = {}
    rest: list[int] = []
    for kept in hints:
        comment, push = comment_of(kept.hint), push_of(kept.hint)
        if comment is not None:
            if comment in decision.left:
                own[kept.id] = decision.left[comment]
            continue
        rest.append(kept.id)
        if isinstance(facts, BranchFacts) and push is not None and push.after in facts.unproven:
            own[kept.id] = facts.unproven[push.after]
    others = [one for need, one in facts.failed.items() if not (need.of and need.what in _SAID)]
    if others:
        # Where there are only comments, theirs is the look.
        for hint_id in rest or [kept.id for kept in hints]:
            own.setdefault(hint_id, others[0])
    return own


def _newer_views(pull: PullRequest, hints: Sequence[KeptHint]) -> list[KeptHint]:
    """The hint with the newest view, if GitHub shows an older state; of equal ones the last."""
    views = [(seen.updated, kept.id, kept) for kept in hints if (seen := seen_in(kept.hint))]
    newest = max(views, default=None, key=lambda view: view[:2])
    if newest is None:
        return []
    kept = newest[2]
    seen = seen_in(kept.hint)
    return [kept] if seen is not None and seen.is_newer_than(pull) else []


def _once_more(kept: KeptHint) -> tuple[NewHint, ...]:
    hint = kept.hint
    if (seen := seen_in(hint)) is not None and not isinstance(hint, DeliveryHint):
        # The comment itself was judged: what is left is the state that came with it.
        hint = DeliveryHint(event=hint.kind, seen=seen)
    assert isinstance(hint, DeliveryHint | PushHint)
    again = once_more(hint)
    if again is None:
        log.warning("GitHub still shows less than it told", subject=kept.subject, hint=str(hint))
        return ()
    later, pause = again
    log.info("GitHub shows less than it told", subject=kept.subject, again_in=pause)
    return (NewHint(subject=kept.subject, hint=later, delay=pause, priority=kept.priority),)
