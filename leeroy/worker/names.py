"""Which repository of the settings a delivery is of: by its name, else by its id.

A repository that was renamed or moved sends its new name, and the settings have the old one. GitHub
leads on from the old name in its API until somebody else takes it, so everything goes on under the
name of the settings; that it should be changed there is said in the log, on the dashboard and by
`leeroy doctor`.
"""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from leeroy.config import Config
from leeroy.errors import Transient
from leeroy.events import Delivery
from leeroy.metrics import Metrics
from leeroy.model import BranchRef, PullRef
from leeroy.store import Store
from leeroy.store.repositories import KeptRepository

#: Names of which this process remembers that their rows are right.
MOST_KNOWN = 2048
#: Seconds between two writes of how many deliveries came of repositories nobody configured.
COUNTING_SECONDS = 60.0

log = structlog.get_logger()


class RemembersRepositories(Protocol):
    """Part of :class:`leeroy.store.Store`."""

    def repositories(self) -> tuple[KeptRepository, ...]: ...


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """A repository that the settings call otherwise than GitHub does."""

    repo: str
    called: str

    def __str__(self) -> str:
        return f"{self.repo} is called {self.called} on GitHub now"


def renamed_repos(config: Config, store: RemembersRepositories) -> Iterator[Renamed]:
    """Those whose new name the settings do not have yet."""
    for kept in store.repositories():
        is_other = kept.called.lower() != kept.repo.lower()
        if is_other and config.knows(kept.repo) and not config.knows(kept.called):
            yield Renamed(repo=kept.repo, called=kept.called)


class Names:
    """Tells which repository is meant, and learns ids from what was verified."""

    def __init__(
        self,
        config: Config,
        store: Store,
        metrics: Metrics,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._store = store
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, str, str], None] = OrderedDict()
        self._strangers: Counter[str] = Counter()
        self._written = float("-inf")

    def configured(self, repo: str, repo_id: int) -> str:
        """What the settings call the repository; its own name where they do not have it."""
        if self._config.knows(repo) or not repo_id:
            return repo
        kept = self._store.repository(repo_id)
        return kept.repo if kept is not None and self._config.knows(kept.repo) else repo

    def of_settings(self, delivery: Delivery) -> Delivery:
        """A verified delivery under the name of the settings; its names are learnt by the way."""
        repo = self.configured(delivery.repo, delivery.repo_id)
        if not self._config.knows(repo):
            self._count(repo)
            return delivery
        if delivery.repo_id:
            self._learn(delivery.repo_id, repo, delivery.repo)
        if repo == delivery.repo:
            return delivery
        subject = delivery.subject
        if isinstance(subject, PullRef):
            subject = PullRef(repo, subject.number)
        elif isinstance(subject, BranchRef):
            subject = BranchRef(repo, subject.branch)
        return replace(delivery, repo=repo, subject=subject)

    def _learn(self, repo_id: int, repo: str, called: str) -> None:
        names = (repo_id, repo, called)
        with self._lock:
            if names in self._known:
                return
        self._store.learn_repository(*names)
        if repo != called:
            log.warning("a repository has another name now", settings=repo, github=called)
        with self._lock:
            # What another of its names led to may be true again.
            for other in [known for known in self._known if known[0] == repo_id]:
                del self._known[other]
            self._known[names] = None
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)

    def _count(self, repo: str) -> None:
        """A delivery of a repository nobody configured; written down now and then."""
        if not repo:
            return
        self._metrics.unconfigured.inc()
        with self._lock:
            self._strangers[repo] += 1
            now = self._clock()
            if now < self._written + COUNTING_SECONDS and len(self._strangers) < MOST_KNOWN:
                return
            self._written, counted = now, self._strangers
            self._strangers = Counter()
        log.info("deliveries of repositories nobody configured", repos=sorted(counted)[:10])
        try:
            self._store.count_unconfigured(counted)
        except Transient as exc:
            log.warning("they are not counted", error=str(exc))
