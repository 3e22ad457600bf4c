"""Build again what has no success yet, in a whole repository: what ``/build/cron`` asks for."""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from leeroy.config import Config
from leeroy.deciding.facts import Request
from leeroy.errors import LeeroyError, NotFound, Permanent, Transient
from leeroy.hints import RequestHint
from leeroy.model import Cause, CauseKind, OddEntry, OpenPull, RepoRef, Status, StatusState
from leeroy.queue import Look, NewHint, Queue
from leeroy.store import Store
from leeroy.worker.applying.outcome import Outcome
from leeroy.worker.mergeability import onto_moved_bases
from leeroy.worker.side import each

log = structlog.get_logger()

#: What GitHub does not show yet may be a second old; then it is gone or hidden.
TRIES_UNTIL_FOUND = 6


class ListsPulls(Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def open_pulls(self, repo: str) -> Iterator[OpenPull | OddEntry]: ...
    def statuses(self, repo: str, sha: str) -> tuple[Status, ...]: ...


@dataclass(kw_only=True)
class Failures:
    """What could not be read, by whether trying again may help."""

    #: How often the whole was tried before.
    attempts: int
    transient: list[Transient] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def add(self, subject: str, error: Exception) -> None:
        """Keep it; it costs nothing but what it is about."""
        if not isinstance(error, LeeroyError):
            log.error("a request broke", subject=subject, exc_info=error)
            self.refused.append(f"{subject}: a defect in Leeroy: {type(error).__name__}")
            return
        log.warning("a request cannot be read", subject=subject, error=str(error))
        may_come = isinstance(error, NotFound) and self.attempts < TRIES_UNTIL_FOUND
        if isinstance(error, Permanent) and not may_come:
            self.refused.append(str(error))
        else:
            retry_after = error.retry_after if isinstance(error, Transient) else None
            self.transient.append(Transient(str(error), retry_after=retry_after))


@dataclass(frozen=True, kw_only=True)
class RepoLooks:
    """Makes looks at repositories: each leads to looks at pull requests, and does nothing else."""

    config: Config
    store: Store
    queue: Queue
    github: ListsPulls
    side: Executor

    def make(self, ref: RepoRef, look: Look) -> Outcome:
        """Look where the base moved; where asked for, build again what has no success yet."""
        self.queue.put_all(onto_moved_bases(self.config, self.store, ref, look.hints))
        asking = [(kept.id, kept.hint) for kept in look.hints if isinstance(kept.hint, RequestHint)]
        if not asking:
            return Outcome()
        failures = Failures(attempts=look.attempts)
        pulls = self._open_pulls(ref.repo, failures)
        heads = {pull.head_sha for pull in pulls}
        shown: dict[str, tuple[Status, ...]] = {}
        for sha, statuses, error in each(
            self.side, lambda sha: self.github.statuses(ref.repo, sha), sorted(heads)
        ):
            if error is not None:
                failures.add(f"{ref.repo}@{sha[:7]}", error)
            else:
                shown[sha] = statuses or ()
        for hint_id, asked in asking:
            self.queue.put_all(
                new
                for pull in pulls
                if pull.head_sha in shown
                for new in self._asked_for(pull, shown[pull.head_sha], asked, hint_id)
            )
        refused = "; ".join(failures.refused)
        return Outcome(
            # What was asked for is asked for once, however often this is tried.
            transient=tuple(failures.transient),
            lost={hint_id: refused for hint_id, _ in asking} if refused else {},
        )

    def _open_pulls(self, repo: str, failures: Failures) -> list[OpenPull]:
        pulls: list[OpenPull] = []
        try:
            for entry in self.github.open_pulls(repo):
                if isinstance(entry, OddEntry):
                    failures.add(repo, Transient(entry.error))
                else:
                    pulls.append(entry)
        except Exception as exc:  # noqa: BLE001 - told, and the pages before it count
            failures.add(repo, exc)
        return pulls

    def _asked_for(
        self, pull: OpenPull, shown: tuple[Status, ...], asked: RequestHint, cron: int
    ) -> Iterator[NewHint]:
        """A request for each context that GitHub shows no success of, and nobody is building."""
        request = Request(cause=Cause(CauseKind.CRON, str(cron)), context=asked.context)
        good = {s.context.lower() for s in shown if s.state is StatusState.SUCCESS}
        being_built = {
            build.context.lower()
            for build in self.store.builds_of(pull.ref)
            if build.sha == pull.head_sha and not build.state.is_over
        }
        for settings in self.config.builds_for(pull.ref.repo, pull.base_ref):
            context = settings.context
            if request.asks_for(settings) and context.lower() not in good | being_built:
                hint = RequestHint(context=context, cron=cron)
                yield NewHint(subject=str(pull.ref), hint=hint)
