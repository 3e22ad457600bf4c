"""A Jenkins controller: its parts put together, and what can be done to it by HTTP.

Its executors, queue and jobs are in modules of their own; `Jenkins` adds what people and tests do.
"""

import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from leeroy_sandbox.jenkins.access import Crumbs, Users
from leeroy_sandbox.jenkins.announcing import Announcer
from leeroy_sandbox.jenkins.builds import BY_INDEXING, Build, Cause, Result
from leeroy_sandbox.jenkins.folders import Jobs
from leeroy_sandbox.jenkins.jobs import Job
from leeroy_sandbox.jenkins.outbox import Outbox
from leeroy_sandbox.jenkins.parameters import Value
from leeroy_sandbox.jenkins.queue import Cancelled, Item, Queue
from leeroy_sandbox.jenkins.running import Runner
from leeroy_sandbox.jenkins.starting import Stage, Start
from leeroy_sandbox.jenkins.versions import Feature


class Controller:
    """The state of one Jenkins, with its scheduler and its executors."""

    def __init__(
        self,
        root: Path,
        *,
        version: str = "2.568.2",
        root_url: str | None = None,
        csrf: bool = True,
        security: bool = True,
        quiet_period: float = 5.0,
        executors: int = 2,
        notification_version: str = "1.19",
        clock: Callable[[], float] = time.time,
        auto: bool = True,
        handover: float = 0.0,
    ) -> None:
        self.version = version
        self.csrf = csrf
        #: Seconds an item waits that did not ask for another `delay`.
        self.quiet_period = quiet_period
        #: Every URL answers 503 while it is set.
        self.down = False
        #: Logs that are read in pieces have CRLF line ends, which `X-Text-Size` does not count.
        self.crlf = True
        #: A queue decision handler: triggers it says yes to are refused.
        self.refuses: Callable[[Job], bool] = lambda job: False
        #: Full names of multibranch projects that were asked to index, by HTTP.
        self.indexings: list[str] = []
        self.notifications = Outbox()
        self.users = Users(security=security)
        self.jobs = Jobs(version)
        self.clock = clock
        #: Held by whoever looks at or changes anything here; notified of every change.
        self.lock = threading.Condition(threading.RLock())
        self.items = Queue(clock)
        self.crumbs = Crumbs(clock, bound=Feature.SESSION_CRUMBS.within(version))
        self.session = secrets.token_hex(4)
        self.auto = auto
        self.root_url = root_url
        self._start = Start()
        self._started_at = 0.0
        self._stage: Stage | None = None
        announcer = Announcer(
            lock=self.lock,
            clock=clock,
            outbox=self.notifications,
            root_url=lambda: self.root_url,
            version=notification_version,
        )
        self.runner = Runner(
            lock=self.lock,
            clock=clock,
            queue=self.items,
            workspaces=root / "workspace",
            root_url=lambda: self.root_url,
            announce=announcer,
            executors=executors,
            handover=handover,
            until_up=self._until_up,
        )
        self._scheduler = threading.Thread(
            target=self.runner.schedule_forever, name="jenkins-scheduler", daemon=True
        )
        if auto:
            self._scheduler.start()

    def close(self) -> None:
        """Switch it off: what runs ends without another word."""
        self.runner.close()
        with self.lock:
            running = [build for job in self.jobs for build in job.running]
            for build in running:
                build.gone = True
        for build in running:
            build.stop()
        if self.auto:
            self._scheduler.join(timeout=5)

    @property
    def root_url(self) -> str | None:
        """The configured address, with a slash at the end; Jenkins may well have none."""
        return self._root_url

    @root_url.setter
    def root_url(self, url: str | None) -> None:
        self._root_url = url.rstrip("/") + "/" if url else None

    @property
    def executors(self) -> int:
        """How many builds may run at once; with none, everything stays queued."""
        return self.runner.executors

    @executors.setter
    def executors(self, count: int) -> None:
        with self.lock:
            self.runner.executors = count
            self.lock.notify_all()

    @property
    def stage(self) -> Stage:
        """How far its start has come; set it to hold it there, and to `Stage.UP` to let it go."""
        if self.down:
            return Stage.USERS
        return self._stage or self._start.stage(self.clock() - self._started_at)

    @stage.setter
    def stage(self, stage: Stage) -> None:
        with self.lock:
            self._start = Start()
            self._stage = None if stage is Stage.UP else stage
            self.lock.notify_all()

    def begin_start(self, start: Start) -> None:
        """Start anew from now on: what is queued waits until it is up."""
        with self.lock:
            self._start, self._started_at, self._stage = start, self.clock(), None
            self.lock.notify_all()

    def _until_up(self) -> float | None:
        """Seconds until something may begin to build: none when it is up, None for nobody knows."""
        if self._stage:
            return None
        if not self._start.seconds:
            return 0.0
        return max(0.0, self._started_at + self._start.seconds - self.clock())

    def remove_job(self, full_name: str) -> None:
        """Delete a job or folder: its builds are gone, and its queue items are cancelled."""
        with self.lock:
            for job in self.jobs.remove(full_name):
                self.items.drop_job(job)
                for build in job.running:
                    build.gone = True
                    build.stop()

    def disable(self, job: Job, *, disabled: bool = True) -> None:
        """Disable a job as Jenkins itself does: its queue items are cancelled; or enable it."""
        with self.lock:
            job.disabled = disabled
            if disabled:
                self.items.drop_job(job)
            self.lock.notify_all()

    def trigger(
        self,
        job: Job,
        values: tuple[Value, ...],
        *causes: Cause,
        delay: float | None = None,
        merge: bool = True,
    ) -> tuple[Item, bool] | None:
        """Queue a build: its item, and whether that was there already; None if refused."""
        if delay is None:
            delay = self.quiet_period if job.quiet_period is None else job.quiet_period
        with self.lock:
            if self.refuses(job):
                return None
            answer = self.items.schedule(job, values, [*causes], quiet=delay, merge=merge)
            self.lock.notify_all()
            return answer

    def index(self, project: str) -> list[Item]:
        """Index a multibranch project: jobs for new heads, builds for moved ones, old jobs go."""
        owner = self.jobs.get(project)
        heads = list(owner.discover()) if owner.discover else []
        with self.lock:
            found = [self.jobs.branch(owner, head) for head in heads]
            kept = {job for job, _ in found}
            for job in self.jobs.children(owner.full_name):
                if job not in kept:
                    self.remove_job(job.full_name)
            scheduled = [
                self.trigger(job, _defaults(job), BY_INDEXING, delay=0) for job, new in found if new
            ]
        return [answer[0] for answer in scheduled if answer]

    def request_indexing(self, project: str) -> None:
        """Somebody asked by HTTP: it is done a moment later, or by hand when `auto` is off."""
        self.indexings.append(project)
        if self.auto:
            threading.Thread(target=self.index, args=(project,), daemon=True).start()

    def quiet_down(self, *, on: bool = True) -> None:
        """Prepare for shutdown: triggers are accepted, and nothing starts."""
        with self.lock:
            self.items.quieting_down = on
            self.lock.notify_all()

    def cancel(self, queue_id: int) -> Cancelled:
        """Take an item out of the queue, by its id; no notification is ever sent of it."""
        with self.lock:
            item = self.items.find(queue_id)
            came_to = self.items.cancel(queue_id)
            self.lock.notify_all()
        if item and item.placeholder_for and came_to is Cancelled.DONE:
            item.placeholder_for.stop()
        return came_to

    def kill(self, build: Build) -> None:
        """End a Pipeline's build at once; its endpoints have been told when this returns."""
        self.runner.end(build, Result.ABORTED)
        build.stop()


def _defaults(job: Job) -> tuple[Value, ...]:
    return tuple(definition.default_value() for definition in job.parameters)
