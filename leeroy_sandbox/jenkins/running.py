"""Run builds: executors take buildable items, builds begin, work and end, and each says so.

A freestyle build holds its executor from the queue to its end. A Pipeline leaves the queue at once
and waits for an executor inside, as a queue item of its own.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import ParseError

from leeroy_sandbox.jenkins.builds import Build, Result, Revision
from leeroy_sandbox.jenkins.jobs import Kind
from leeroy_sandbox.jenkins.payload import Phase
from leeroy_sandbox.jenkins.queue import Item, Queue, State
from leeroy_sandbox.jenkins.reports import TestReport, TestStatus
from leeroy_sandbox.jenkins.scm import (
    CheckoutFailed,
    check_out,
    is_here,
    named_revision,
    remote_url,
)
from leeroy_sandbox.jenkins.shell import Workspaces, run_script

#: Tells a build's endpoints of a phase; returns when all have been told.
Announce = Callable[[Build, Phase], None]


class Runner:
    """The executors, and the threads of the builds on them."""

    def __init__(
        self,
        *,
        lock: threading.Condition,
        clock: Callable[[], float],
        queue: Queue,
        workspaces: Path,
        root_url: Callable[[], str | None],
        announce: Announce,
        executors: int,
        handover: float,
        until_up: Callable[[], float | None],
    ) -> None:
        self.executors = executors
        #: Seconds between leaving the queue and the build being there.
        self.handover = handover
        self._until_up = until_up
        self._lock = lock
        self._clock = clock
        self._queue = queue
        self._workspaces = Workspaces(workspaces)
        self._root_url = root_url
        self._announce = announce
        self._busy: set[Item] = set()
        self._granted: dict[Item, threading.Event] = {}
        self._closed = False
        #: Builds whose threads have not said their last word.
        self.active = 0

    def schedule_forever(self) -> None:
        """Keep items moving until closed; the body of Jenkins' scheduler thread."""
        with self._lock:
            while not self._closed:
                waits = self._until_up()
                if waits != 0.0:
                    self._lock.wait(waits)
                    continue
                self._queue.mature()
                self._assign()
                due = self._queue.next_due()
                self._lock.wait(None if due is None else max(0.001, due - self._clock()))

    def close(self) -> None:
        """Stop scheduling, and end what runs without another word."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()

    def forget_executors(self) -> None:
        """Jenkins restarted: nobody holds an executor; Pipelines ask for theirs again."""
        self._busy.clear()
        for granted in self._granted.values():
            granted.set()
        self._granted.clear()

    def take(self, item: Item) -> Build | None:
        """Take a pending item out of the queue, and make its build unless the job is disabled."""
        with self._lock:
            if item.state is not State.PENDING:
                return None
            self._queue.leave(item)
        if self.handover:
            time.sleep(self.handover)
        return self.make(item)

    def make(self, item: Item) -> Build | None:
        """The build of an item that left the queue; none if its job is disabled meanwhile."""
        with self._lock:
            if item.job.disabled or item.job.removed or item.cancelled or self._closed:
                return None
            job = item.job
            build = Build(
                job=job,
                number=job.next_number,
                queue_id=item.id,
                parameters=item.parameters,
                causes=tuple(item.causes),
                queued_at=int(item.buildable_since * 1000),
                timestamp=int(self._clock() * 1000),
                artifacts=job.artifacts,
            )
            job.next_number += 1
            job.builds[build.number] = build
            item.build = build
            self._lock.notify_all()
            return build

    def begin(self, build: Build) -> None:
        """The build runs: QUEUED and STARTED, one after the other, from the build's thread."""
        for cause in build.causes:
            build.say(cause.line)
        build.say("Running as SYSTEM")
        self._announce(build, Phase.QUEUED)
        self._announce(build, Phase.STARTED)
        build.job.declared = True
        if not build.job.shell:
            build.revision = self._shown_revision(build)

    def work(self, build: Build) -> Result:
        """Do what the job does; what it came to."""
        job = build.job
        if job.asks:
            with self._lock:
                pause = build.pause(job.asks)
                self._lock.notify_all()
            pause.answered.wait()
        if job.shell and not build.interrupted.is_set():
            result = self._run_shell(build)
        else:
            if build.found_nothing:
                return Result.FAILURE
            build.interrupted.wait(job.duration)
            wanted = job.result(build) if callable(job.result) else job.result
            result = Result(wanted)
            if isinstance(job.test_report, TestReport):
                build.test_report = job.test_report
        if build.interrupted.is_set() and not build.gone:
            time.sleep(job.stop_takes)
            return Result.ABORTED
        return result

    def end(self, build: Build, result: Result) -> bool:
        """Say COMPLETED, close the log, say FINALIZED; False if somebody else ends it already."""
        with self._lock:
            if build.ending or build.gone:
                return False
            build.ending = True
            build.result = result
            build.waits_at = None
            if result is Result.ABORTED:
                for cause in build.interruptions:
                    build.say(cause.description)
            build.duration = max(0, int(self._clock() * 1000) - build.timestamp)
            build.building = False
        self._announce(build, Phase.COMPLETED)
        with self._lock:
            if build.gone:
                return False
            build.say(f"Finished: {result}")
            build.in_progress = False
            self._lock.notify_all()
        self._announce(build, Phase.FINALIZED)
        return True

    def _assign(self) -> None:
        if not self.executors:
            return
        for item in self._queue.buildable():
            needs_executor = not _is_flyweight(item)
            if needs_executor and len(self._busy) >= self.executors:
                continue
            if item.state is not State.BUILDABLE:
                continue
            self._queue.assign(item)
            if needs_executor:
                self._busy.add(item)
            if item.placeholder_for:
                self._queue.leave(item)
                self._granted.pop(item).set()
            else:
                self.active += 1
                threading.Thread(
                    target=self._run, args=(item,), name=f"build-{item.job.name}", daemon=True
                ).start()

    def _run(self, item: Item) -> None:
        try:
            build = self.take(item)
            if build is None:
                return
            self.begin(build)
            if _is_flyweight(item):
                with self._executor_for(build):
                    result = self.work(build)
            else:
                result = self.work(build)
            self.end(build, result)
        finally:
            with self._lock:
                self.active -= 1
            self._free(item)

    @contextmanager
    def _executor_for(self, build: Build) -> Iterator[None]:
        """A Pipeline's `node` block."""
        granted = threading.Event()
        with self._lock:
            item = self._queue.placeholder(build)
            self._granted[item] = granted
            build.interrupt = granted.set
            self._lock.notify_all()
        if build.interrupted.is_set():
            granted.set()
        granted.wait()
        with self._lock:
            build.interrupt = None
            if self._granted.pop(item, None):
                self._queue.leave(item)
        try:
            yield
        finally:
            self._free(item)

    def _free(self, item: Item) -> None:
        with self._lock:
            self._busy.discard(item)
            self._lock.notify_all()

    def _shown_revision(self, build: Build) -> Revision | None:
        """What a build that runs nothing checks out: really, where its repository is here."""
        if not is_here(remote_url(build)):
            return named_revision(build)
        workspace = self._workspaces.take(build.job)
        try:
            return check_out(build, workspace)
        except CheckoutFailed as problem:
            build.say(f"ERROR: {problem}")
            build.found_nothing = True
            return None
        finally:
            self._workspaces.give_back(workspace)

    def _run_shell(self, build: Build) -> Result:
        job = build.job
        workspace = self._workspaces.take(job)
        try:
            if job.git_url:
                build.revision = check_out(build, workspace)
            environment = build.environment(self._root_url(), str(workspace))
            code = run_script(build, environment, workspace)
            return self._judge(build, code, workspace)
        except (CheckoutFailed, ParseError, OSError) as problem:
            build.say(f"ERROR: {problem}")
            return Result.FAILURE
        finally:
            self._workspaces.give_back(workspace)

    def _judge(self, build: Build, code: int, workspace: Path) -> Result:
        job = build.job
        if isinstance(job.test_report, str):
            report = TestReport.read(workspace.glob(job.test_report))
            build.test_report = report if report.cases else None
        if code and code != job.unstable_exit:
            build.say("Build step 'Execute shell' marked build as failure")
            return Result.FAILURE
        tests_fail = build.test_report and build.test_report.count(TestStatus.FAILED)
        return Result.UNSTABLE if code or tests_fail else Result.SUCCESS


def _is_flyweight(item: Item) -> bool:
    return item.job.kind is Kind.PIPELINE and item.placeholder_for is None
