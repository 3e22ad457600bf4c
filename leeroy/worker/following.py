"""Follow builds that Jenkins is silent about: a Jenkins that cannot reach Leeroy tells nothing."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import structlog

from leeroy.errors import LeeroyError
from leeroy.model import FOLLOW_BUILDS, Build, BuildState, Sighting
from leeroy.queue import Look, NewHint, Queue
from leeroy.store import Store
from leeroy.worker.reading.jenkins import FOLLOW
from leeroy.worker.side import each
from leeroy.worker.sweep.sweeping import QUIET_SECONDS

log = structlog.get_logger()

#: So many builds of one server are read each time; of more, others the next time.
MOST_A_SERVER = 20
#: Asked of Jenkins at the same time.
SIDE_BY_SIDE = 4


@dataclass(frozen=True, kw_only=True)
class Follower:
    """Reads silent builds from Jenkins, and asks for a look at those that have news.

    Only Jenkins is asked here, so a build that runs for hours costs GitHub nothing.
    """

    store: Store
    queue: Queue
    side: Executor
    #: Where a build of ours is now.
    find: Callable[[Build], Sighting]

    def begin(self) -> None:
        """Have builds followed from now on."""
        self.queue.come_up(FOLLOW_BUILDS)

    def make(self, look: Look) -> float:
        """The look at the subject of all silent builds; seconds until the next."""
        now = self.queue.now()
        told: set[str] = set()
        for server, ids in sorted(self.store.silent(now - QUIET_SECONDS).items()):
            silent = self.store.with_ids(some_of(ids, now))
            busy = self.queue.in_work({str(build.subject) for build in silent})
            due = [build for build in silent if str(build.subject) not in busy]
            told.update(self._news_of(server, due))
        self.queue.put_all(
            NewHint(subject=name, kind=FOLLOW, ref="silent") for name in sorted(told)
        )
        return QUIET_SECONDS

    def _news_of(self, server: str, builds: Sequence[Build]) -> Iterable[str]:
        for start in range(0, len(builds), SIDE_BY_SIDE):
            some = builds[start : start + SIDE_BY_SIDE]
            for build, sighting, error in each(self.side, self.find, some):
                if isinstance(error, LeeroyError):
                    # Were it down, every one of them would wait for it in vain.
                    log.info("builds cannot be followed", server=server, error=str(error))
                    return
                if error is not None:
                    raise error
                if sighting is not None and has_news(build, sighting):
                    yield str(build.subject)


def has_news(build: Build, sighting: Sighting) -> bool:
    """What Jenkins shows is not what our row says, as far as can be told without deciding."""
    if sighting.build is not None:
        return not sighting.build.is_building or build.state is not BuildState.RUNNING
    if sighting.item is not None:
        return sighting.item.is_cancelled or sighting.item.has_left
    return True


def some_of(ids: Sequence[str], now: float) -> Sequence[str]:
    """As many as may be read at once: each time others, so that all have their turn."""
    if len(ids) <= MOST_A_SERVER:
        return ids
    first = int(now / QUIET_SECONDS) * MOST_A_SERVER % len(ids)
    return [*ids, *ids][first : first + MOST_A_SERVER]
