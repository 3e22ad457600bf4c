"""The sweep: find what webhooks missed, and make it due. What is then done about it is the same.

It reads and compares; it builds nothing itself and writes nothing to GitHub.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import structlog

from leeroy.config import Config, GitHubEvents
from leeroy.hints import FollowHint
from leeroy.metrics import Metrics
from leeroy.model import SWEEP
from leeroy.queue import Look, NewHint, Queue
from leeroy.store import KeptLook, Store
from leeroy.worker.retention import Retention
from leeroy.worker.sweep.findings import PRIORITY, Budget, Findings, Found, Outcome
from leeroy.worker.sweep.reading import SweepReader
from leeroy.worker.sweep.unread import Tries, Unread, in_one_line

log = structlog.get_logger()

#: What was swept so few seconds ago is not swept again because a process began: one that cannot
#: start would use up GitHub's quota.
LATELY_SECONDS = 60.0
#: With the sweep off, the subject still comes up to forget what is old.
ONLY_RETENTION_SECONDS = 3600.0
#: Unfinished builds that changed so few seconds ago are left to their notifications.
QUIET_SECONDS = 15.0
#: What the sweep calls those.
BUILDS = "unfinished builds"


@dataclass(frozen=True, kw_only=True)
class SweptOne:
    """What a sweep of one repository, or of all unfinished builds, came to."""

    name: str
    #: Open pull requests that were looked over.
    pulls: int = 0
    found: tuple[Found, ...] = ()
    #: What of it could not be looked at.
    unread: tuple[Unread, ...] = ()
    #: How much of the whole sweep is done with it, of 1.
    share: float = 0.0

    @property
    def error(self) -> str:
        """What could not be looked at, in one line; empty: everything was."""
        return in_one_line(self.unread)


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Sweeps repositories, and asks for looks at what it finds."""

    config: Config
    store: Store
    queue: Queue
    reader: SweepReader
    retention: Retention
    metrics: Metrics

    @property
    def is_polling(self) -> bool:
        """GitHub cannot reach us, so every sweep is what webhooks would be."""
        return self.config.github_events is GitHubEvents.POLL

    @property
    def interval(self) -> float:
        """Seconds from one to the next."""
        if self.is_polling:
            return float(self.config.poll_seconds)
        return self.config.sweep_minutes * 60.0 or ONLY_RETENTION_SECONDS

    def begin(self) -> None:
        """Have one soon: what was missed while nobody listened is found at once."""
        self.queue.come_up(SWEEP, priority=PRIORITY)

    def make(self, look: Look) -> float:
        """The look at the sweep's own subject; seconds until the next."""
        is_on = self.is_polling or self.config.sweep_minutes > 0
        if is_on and not self._was_lately():
            began = time.monotonic()
            self._remember(tuple(self.run()), began)
        self.retention.forget()
        return self.interval

    def run(self, *, is_by_hand: bool = False, is_dry: bool = False) -> Iterator[SweptOne]:
        """Sweep everything, one repository after the other; what failed does not stop the rest.

        ``is_by_hand`` also builds what is only reported otherwise; ``is_dry`` only tells.
        """
        budget = Budget(self.config.sweep_max_builds)
        tries = Tries()
        repos = self.reader.repos(tries)
        if tries.unread:
            yield SweptOne(name="the list of repositories", unread=tuple(tries.unread))
        due: set[str] = set()
        for done, repo in enumerate(repos, 1):
            sweep = partial(self._sweep, repo, budget, is_by_hand=is_by_hand, is_dry=is_dry)
            swept = _tried(repo, sweep)
            due.update(one.subject for one in swept.found if one.outcome is Outcome.DUE)
            yield replace(swept, share=done / (len(repos) + 1))
        yield _tried(BUILDS, lambda: self._follow(due, is_by_hand=is_by_hand, is_dry=is_dry))

    def _sweep(self, repo: str, budget: Budget, *, is_by_hand: bool, is_dry: bool) -> SweptOne:
        view = self.reader.read(repo, is_by_hand=is_by_hand, now=self.queue.now())
        findings = Findings(view=view, budget=budget, is_polling=self.is_polling)
        findings.gather()
        if not is_dry:
            # In this order: cut off in between, the next sweep finds the same again.
            self.store.adopt_statuses(repo, view.shown)
            findings.wake(self.store.doubt(repo, view.standing) if view.standing else ())
            self.queue.put_all(findings.hints)
            for news in findings.noted:
                self.store.save_branch(news.ref, news.head)
            self.store.save_swept_pulls(repo, findings.remembered, gone=view.forgotten)
            if view.swept is not None:
                self.store.save_swept_repo(repo, view.swept)
        return SweptOne(
            name=repo, pulls=len(view.pulls), found=tuple(findings.found), unread=view.unread
        )

    def _follow(self, due: set[str], *, is_by_hand: bool, is_dry: bool) -> SweptOne:
        """Have unfinished builds read from Jenkins; by hand all of them, for somebody waits.

        On schedule not those that only just changed, nor what is due anyway: it keeps its pauses.
        """
        now = self.queue.now()
        waiting = {
            str(build.subject)
            for build in self.store.unfinished()
            if is_by_hand or now - build.updated >= QUIET_SECONDS
        }
        silent = sorted(waiting if is_by_hand else waiting - due - self.queue.in_work(waiting))
        if not is_dry:
            self.queue.put_all(
                NewHint(subject=name, hint=FollowHint(why="sweep"), priority=PRIORITY)
                for name in silent
            )
        found = tuple(Found(subject=name, why="a build is unfinished") for name in silent)
        return SweptOne(name=BUILDS, found=found)

    def _was_lately(self) -> bool:
        swept = [self.store.swept_repo(repo) for repo in self.config.repo_names()]
        limit = self.queue.now() - min(LATELY_SECONDS, self.interval / 2)
        return bool(swept) and all(one is not None and one.at > limit for one in swept)

    def _remember(self, swept: tuple[SweptOne, ...], began: float) -> None:
        unread = [each for one in swept for each in one.unread]
        found = [each for one in swept for each in one.found]
        self.metrics.sweeps.labels("failed" if unread else "whole").inc()
        for each in found:
            if each.outcome is Outcome.DUE:
                self.metrics.sweep_found.labels(each.why).inc()
        for outcome in (Outcome.LATER, Outcome.REPORTED):
            builds = sum(len(each.builds) for each in found if each.outcome is outcome)
            self.metrics.sweep_left.labels(outcome.name.lower()).set(builds)
        news = [each for each in found if not each.is_known]
        for each in news:
            log.info("the sweep found", subject=each.subject, why=each.why, outcome=each.outcome)
        if news or unread:
            self.store.save_look(
                KeptLook(
                    subject=SWEEP,
                    at=0.0,
                    seconds=time.monotonic() - began,
                    hints="",
                    reasons=tuple(str(each) for each in news),
                    effects=tuple(
                        f"look at {each.subject}" for each in news if each.outcome is Outcome.DUE
                    ),
                    error=in_one_line(unread),
                )
            )


def _tried(name: str, sweep: Callable[[], SweptOne]) -> SweptOne:
    """What a part of the sweep came to; one that breaks does not take the others along."""
    tries = Tries()
    return tries.read(name, sweep) or SweptOne(name=name, unread=tuple(tries.unread))
