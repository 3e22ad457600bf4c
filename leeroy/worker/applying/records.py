"""Write down what people decided, before anything is done because of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from leeroy.deciding.effects import (
    Approve,
    Audit,
    Effect,
    MarkObeyed,
    Recorded,
    RevokeApprovals,
    SkipContext,
    TrustAuthor,
)
from leeroy.store import Store


@dataclass(frozen=True, kw_only=True)
class Records:
    """Applies the effects that write only our own store; each is safe to repeat."""

    store: Store

    def apply(self, effects: Iterable[Effect]) -> tuple[Effect, ...]:
        """Write down what was approved, revoked, skipped, trusted and asked for; which they are."""
        todo = tuple(effect for effect in effects if isinstance(effect, Recorded))
        for effect in todo:
            self._apply(effect)
        return todo

    def mark_obeyed(self, effects: Iterable[Effect]) -> None:
        """Never answer these comments again: everything they led to is done."""
        for effect in effects:
            if isinstance(effect, MarkObeyed):
                self.store.save_obeyed(effect.comment)

    def _apply(self, effect: Recorded) -> None:
        match effect:
            case Approve():
                self.store.approve(effect.pull, effect.approval)
            case RevokeApprovals():
                self.store.revoke_approvals(effect.pull)
            case SkipContext():
                self.store.skip(effect.pull, effect.sha, effect.context, effect.by)
            case TrustAuthor():
                self.store.trust(effect.repo, effect.login, effect.user_id, effect.by)
            case Audit():
                self.store.save_audit(effect.entry)
