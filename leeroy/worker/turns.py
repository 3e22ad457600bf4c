"""Turns to go to Jenkins, where the settings limit how much of ours may be there at once."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import structlog

from leeroy.config import Config, Job, MergeGroup
from leeroy.config.resolved import filled
from leeroy.deciding.turns import Limit, Standing, give_turns
from leeroy.hints import TurnHint
from leeroy.model import Build, BuildState, Reason, ReasonKind
from leeroy.model.ranks import Rank
from leeroy.queue import NewHint, Queue
from leeroy.store import Store

log = structlog.get_logger()

_IN_QUEUE = frozenset([BuildState.NEW, BuildState.QUEUED])
_UNFINISHED = _IN_QUEUE | {BuildState.RUNNING}


@dataclass(frozen=True, kw_only=True)
class Turns:
    """Lines builds up where a limit holds for them, and tells those that may go."""

    config: Config
    store: Store
    queue: Queue

    @property
    def is_needed(self) -> bool:
        """Some limit is set."""
        servers = self.config.servers.values()
        jobs = (*self.config.builds, *self.config.branches)
        return any(s.max_queued is not None for s in servers) or any(
            job.max_builds is not None for job in jobs
        )

    def line_up(self, row: Build) -> Build:
        """The row before it is stored for the first time: waiting, where a limit holds for it."""
        if row.created or not self.is_needed or not self.limits_of(row):
            return row
        return replace(row, reason=Reason(ReasonKind.WAITING_FOR_TURN))

    def give(self, mine: Collection[str] = ()) -> frozenset[str]:
        """Give turns as far as there is room; those of ``mine`` that may go now.

        The subjects of the others are told. A process that ends in between leaves that to the
        sweep.
        """
        if not self.is_needed or not self.store.is_anything_waiting():
            return frozenset(mine)
        given, waiting = self.store.give_turns(self._choose)
        self.queue.put_all(_told(row) for row in given if row.id not in mine)
        return frozenset(mine) - waiting

    def limits_of(self, row: Build) -> tuple[Limit, ...]:
        """The limits that hold for a build."""
        return tuple(self._limits_of(row))

    def _limits_of(self, row: Build) -> Iterator[Limit]:
        server = self.config.servers.get(row.server)
        if server is not None and server.max_queued is not None:
            yield Limit(name=f"jenkins {row.server}", most=server.max_queued, states=_IN_QUEUE)
        group = MergeGroup.parse(row.branch)
        base = group.base if group else row.base or row.branch
        jobs: tuple[tuple[str, Sequence[Job]], ...] = (
            ("builds", self.config.builds if row.pull is not None or group else ()),
            ("branches", self.config.branches if row.pull is None else ()),
        )
        for kind, listed in jobs:
            for index, job in enumerate(listed):
                if job.max_builds is not None and _is_of(row, job, base):
                    name = f"{kind}[{index}]"
                    yield Limit(name=name, most=job.max_builds, states=_UNFINISHED)

    def _choose(self, line: Iterable[tuple[Build, str]], now: float) -> Iterable[str]:
        return give_turns(
            (
                Standing(build=row, rank=_rank(row, author), limits=self.limits_of(row))
                for row, author in line
            ),
            now,
        )


def _told(row: Build) -> NewHint:
    log.info("its turn has come", context=row.context, subject=str(row.subject))
    return NewHint(subject=str(row.subject), hint=TurnHint(context=row.context))


def _rank(row: Build, author: str) -> Rank:
    return Rank.of_branch(row.branch) if row.pull is None else Rank.of_author(author)


def _is_of(row: Build, job: Job, branch: str) -> bool:
    if not job.jenkins_job_name or job.jenkins != row.server or not job.is_for(row.repo):
        return False
    return filled(job, row.repo, branch).context.casefold() == row.context.casefold()
