"""Tell people what became of a branch, once: intent, act, record."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import structlog

from leeroy.deciding.effects import Effect, Notify
from leeroy.errors import LeeroyError, Transient
from leeroy.store import Store
from leeroy.worker.applying.outcome import Outcome, failed

log = structlog.get_logger()


class MaybeSent(LeeroyError):
    """Nobody but the other side knows whether it took the news."""


class SendsNews(Protocol):
    """Part of :class:`leeroy.worker.applying.messengers.Messengers`."""

    def send(self, effect: Notify) -> None:
        """Send it.

        Raises:
            Transient: it surely was not taken.
            MaybeSent: it may have been.
            Permanent: it was refused.
        """


@dataclass(frozen=True, kw_only=True)
class NoticeApplier:
    """Sends news, and writes down that it was sent.

    No chat or mail server can be asked whether it has a message already. So one of which we were
    cut off is taken as sent: a message too little is better than a false alarm every minute.
    """

    store: Store
    messengers: SendsNews

    def apply(self, effects: Iterable[Effect]) -> Outcome:
        """Send each, one after the other; one that fails does not hold back the others."""
        outcome = Outcome()
        for effect in effects:
            if isinstance(effect, Notify):
                outcome = outcome.and_then(self._tell(effect))
        return outcome

    def _tell(self, effect: Notify) -> Outcome:
        if not self.store.begin_notice(effect.of, effect.channel, effect.news):
            return Outcome()
        try:
            self.messengers.send(effect)
        except MaybeSent as exc:
            log.warning("not sure that it was told", effect=str(effect), error=str(exc))
        except LeeroyError as exc:
            log.warning("effect failed", effect=str(effect), error=str(exc))
            if isinstance(exc, Transient):
                self.store.drop_notice(effect.of, effect.channel)
            return failed(exc)
        self.store.end_notice(effect.of, effect.channel)
        return Outcome()
