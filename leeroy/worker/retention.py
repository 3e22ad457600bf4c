"""Forgetting: what is older than the settings say goes, a few rows at a time."""

from dataclasses import dataclass

import structlog

from leeroy.config import Config
from leeroy.queue import Queue
from leeroy.store import Store

log = structlog.get_logger()

DAY_SECONDS = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Forgets deliveries and handled hints first, builds and what people asked for much later."""

    config: Config
    store: Store
    queue: Queue

    def forget(self) -> dict[str, int]:
        """Forget all that is old enough; how many rows of each."""
        news = self.config.keep_days * DAY_SECONDS
        history = self.config.keep_history_days * DAY_SECONDS
        counts = {
            "deliveries": self.store.purge_deliveries(news),
            "outbox": self.store.purge_outbox(news),
            "hints": self.queue.purge(news),
            "builds": self.store.purge_builds(history),
            "looks": self.store.purge_looks(history),
            "audit": self.store.purge_audit(history),
        }
        if any(counts.values()):
            log.info("forgot what is old", **counts)
        return counts
