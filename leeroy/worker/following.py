"""Follow builds that Jenkins is silent about: a Jenkins that cannot reach Leeroy tells nothing."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field

import structlog

from leeroy.errors import LeeroyError, Transient
from leeroy.hints import FollowHint, NotificationHint
from leeroy.model import FOLLOW_BUILDS, Build, BuildState, ReasonKind, Sighting
from leeroy.queue import Look, Queue
from leeroy.store import Store

log = structlog.get_logger()

#: Seconds from one round to the next: which builds are asked for in it, see :func:`is_due`.
ROUND_SECONDS = 2.0
#: A build of which Jenkins tells nothing is asked for so long after it was triggered or changed,
FIRST_SECONDS = 3.0
#: and so often from then on; that is also how long one waits that Jenkins did tell of.
EVERY_SECONDS = 15.0
#: So many builds of one server are read in that time; of more, others the next time.
MOST_A_SERVER = 20
#: Asked of one server at the same time.
SIDE_BY_SIDE = 4
#: After so many failures in a row a server is left alone until the next round: it may be down.
MOST_FAILURES = 2
#: A round waits for its answers, but no longer than this: one server may be slow.
PATIENCE_SECONDS = 1.0


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
    #: What servers are still being asked; a slow one is not asked more, and holds up no other.
    asking: dict[str, list[Future[None]]] = field(default_factory=dict)

    def begin(self) -> None:
        """Have builds followed from now on."""
        self.queue.come_up(FOLLOW_BUILDS)

    def make(self, look: Look) -> float:
        """The look at the subject of all silent builds; seconds until the next."""
        now = self.queue.now()
        since = min(look.due, now) - ROUND_SECONDS
        begun: list[Future[None]] = []
        for server, silent in self.store.silent(now - FIRST_SECONDS).items():
            if any(not future.done() for future in self.asking.get(server, ())):
                continue
            due = self._due(silent, since, now)
            lines = [due[n::SIDE_BY_SIDE] for n in range(min(SIDE_BY_SIDE, len(due)))]
            self.asking[server] = [self.side.submit(self._follow, line) for line in lines]
            begun += self.asking[server]
        wait(begun, PATIENCE_SECONDS)
        return ROUND_SECONDS

    def _due(self, silent: Mapping[str, float], since: float, now: float) -> Sequence[Build]:
        """Those whose turn it is in this round."""
        chosen = frozenset(some_of(list(silent), now))
        ids = [
            id_
            for id_, updated in silent.items()
            if since < updated + FIRST_SECONDS <= now
            or (id_ in chosen and any(is_due(updated, first, since, now) for first in _FIRSTS))
        ]
        if not ids:
            return ()
        builds = self.store.with_ids(ids[:MOST_A_SERVER])
        names = {str(build.subject) for build in builds}
        resting = self.queue.resting(names)
        heard = self._heard(builds, names)
        return [
            build
            for build in builds
            if str(build.subject) not in resting
            and is_due(build.updated, _FIRSTS[build.id in heard], since, now)
        ]

    def _heard(self, builds: Collection[Build], names: Collection[str]) -> frozenset[str]:
        """The ids of those whose job has told of something since they were triggered."""
        oldest = min(build.created for build in builds)
        told = [
            (kept.subject, kept.hint.build.server, kept.hint.build.job.lower(), kept.received)
            for kept in self.queue.hints_since(oldest, names)
            if isinstance(kept.hint, NotificationHint)
        ]
        return frozenset(
            build.id
            for build in builds
            if any(
                (subject, server, job) == (str(build.subject), build.server, build.job.lower())
                and received >= build.created
                for subject, server, job, received in told
            )
        )

    def _follow(self, builds: Iterable[Build]) -> None:
        """Ask for one after the other; one that cannot be read costs only itself."""
        failures = 0
        for build in builds:
            try:
                sighting = self.find(build)
                if has_news(build, sighting):
                    self.queue.put(str(build.subject), FollowHint(why="silent"))
                failures = 0
            except LeeroyError as exc:
                log.info("a build cannot be followed", server=build.server, error=str(exc))
                failures += isinstance(exc, Transient)
            except Exception as exc:
                log.exception("following broke", build=build.id, error=str(exc))
            if failures >= MOST_FAILURES:
                # Were it down, every one of them would wait for it in vain.
                return


#: By whether Jenkins has told of the build.
_FIRSTS = (FIRST_SECONDS, EVERY_SECONDS)


def is_due(updated: float, first: float, since: float, now: float) -> bool:
    """A build's turn came after ``since``: ``first`` seconds after its change, then every 15 s.

    Nothing has to be remembered for it, whichever process makes the rounds.

    >>> [is_due(100.0, 3.0, now - 2.0, now) for now in (102.0, 104.0, 106.0, 118.0, 120.0)]
    [False, True, False, True, False]
    """

    def turns(moment: float) -> int:
        return max(-1, math.floor((moment - updated - first) / EVERY_SECONDS))

    return turns(now) > turns(since)


def has_news(build: Build, sighting: Sighting) -> bool:
    """What Jenkins shows is not what our row says, as far as can be told without deciding."""
    if sighting.build is not None:
        seen, waited = sighting.build, build.is_because_of(ReasonKind.WAITS_FOR_INPUT)
        is_stirred = seen.waits_for_input not in (None, waited)
        return not seen.is_building or build.state is not BuildState.RUNNING or is_stirred
    if sighting.item is not None:
        held = build.reason.of if build.is_because_of(ReasonKind.HELD) and build.reason else ""
        return sighting.item.is_cancelled or sighting.item.has_left or sighting.item.held_by != held
    return True


def some_of(ids: Sequence[str], now: float) -> Sequence[str]:
    """As many as may be read at once: each time others, so that all have their turn."""
    if len(ids) <= MOST_A_SERVER:
        return ids
    first = int(now / EVERY_SECONDS) * MOST_A_SERVER % len(ids)
    return [*ids, *ids][first : first + MOST_A_SERVER]
