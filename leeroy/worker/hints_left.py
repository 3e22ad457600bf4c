"""What becomes of a look's hints: done, kept for later each by itself, or looked at once more."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

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
_SAID = (What.COMMENT, What.PERMISSION, What.PERMISSION_NOW)


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


def looks_again(
    facts: PullFacts | BranchFacts,
    hints: Sequence[KeptHint],
    recent: Callable[[], Iterable[KeptHint]],
) -> tuple[NewHint, ...]:
    """The later looks to ask for, because GitHub shows less than a payload did.

    Its API may lag a second behind its webhooks. ``recent`` are the subject's latest hints.
    """
    if isinstance(facts, PullFacts):
        behind = _newer_views(facts.pull, hints, recent)
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


def _newer_views(
    pull: PullRequest, hints: Sequence[KeptHint], recent: Callable[[], Iterable[KeptHint]]
) -> list[KeptHint]:
    """The hint with the newest view of all, if GitHub shows an older state.

    Several changes of one second have views of one time: the one that was told last is the newest,
    and a look at one told before need not come again for it.
    """
    behind = [h for h in hints if (seen := seen_in(h.hint)) and seen.is_newer_than(pull)]
    if not behind:
        return []
    newest = max((kept for kept in (*recent(), *hints) if seen_in(kept.hint)), key=_told)
    return [kept for kept in behind if _told(kept) >= _told(newest)][-1:]


def _told(kept: KeptHint) -> tuple[float, int]:
    """When a view was true, and when it was told of first."""
    seen = seen_in(kept.hint)
    first = kept.hint.first if isinstance(kept.hint, DeliveryHint) else 0
    return (seen.updated if seen else 0.0, first or kept.id)


def _once_more(kept: KeptHint) -> tuple[NewHint, ...]:
    hint = kept.hint
    if (seen := seen_in(hint)) is not None and not isinstance(hint, DeliveryHint):
        # The comment itself was judged: what is left is the state that came with it.
        hint = DeliveryHint(event=hint.kind, seen=seen)
    if isinstance(hint, DeliveryHint):
        hint = replace(hint, first=hint.first or kept.id)
    assert isinstance(hint, DeliveryHint | PushHint)
    again = once_more(hint)
    if again is None:
        log.warning("GitHub still shows less than it told", subject=kept.subject, hint=str(hint))
        return ()
    later, pause = again
    log.info("GitHub shows less than it told", subject=kept.subject, again_in=pause)
    return (NewHint(subject=kept.subject, hint=later, delay=pause, priority=kept.priority),)
