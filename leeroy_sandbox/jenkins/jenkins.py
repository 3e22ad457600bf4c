"""A Jenkins with state: jobs, a queue, executors, builds, and what its plugins say and ask.

Everything a test or the demo does by hand is a method here; what a client does comes in by HTTP
(`wsgi`, to be served by `leeroy_sandbox.server.Server`). Builds start by themselves unless `auto`
is off: then `start_next` and `finish` move them, and nothing happens in between.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from leeroy_sandbox.faults import Calls, Faults
from leeroy_sandbox.jenkins.access import ORDINARY, Permission, User
from leeroy_sandbox.jenkins.builds import (
    Build,
    Cause,
    Pause,
    Result,
    by_naginator,
    by_rebuild,
    by_replay,
    by_stage_restart,
    by_user,
)
from leeroy_sandbox.jenkins.controller import Controller
from leeroy_sandbox.jenkins.jobs import Head, Job, Kind
from leeroy_sandbox.jenkins.parameters import Definition, values_from_request
from leeroy_sandbox.jenkins.queue import Item, State
from leeroy_sandbox.jenkins.reports import TestReport
from leeroy_sandbox.jenkins.starting import Start
from leeroy_sandbox.jenkins.web import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: A queue item this young is not saved yet when Jenkins dies.
UNSAVED_SECONDS = 60.0


class Jenkins(Controller):
    """One Jenkins controller. Use it as a context manager, or `close` it."""

    def __init__(self, root: Path, **settings: Any) -> None:
        """`settings` are those of `Controller`."""
        super().__init__(root, **settings)
        self.calls = Calls()
        self.faults = Faults()
        #: To be served: records calls, then faults strike, then Jenkins answers.
        self.wsgi: WSGIApplication = self.calls.wrap(self.faults.wrap(create_app(self)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # What is there.

    def add_user(
        self,
        name: str,
        *,
        token: str | None = None,
        password: str = "",
        full_name: str = "",
        permissions: frozenset[Permission] = ORDINARY,
    ) -> User:
        """Create a user; without `token` one is made up."""
        return self.users.add(
            name, token=token, password=password, full_name=full_name, permissions=permissions
        )

    def add_job(
        self,
        full_name: str,
        *,
        kind: Kind | str = Kind.FREESTYLE,
        parameters: Sequence[Definition] = (),
        **settings: Any,
    ) -> Job:
        """Create a job and the folders it is in; `settings` are the other fields of `Job`.

        A job created again starts again at #1.
        """
        for name in ("endpoints", "artifacts"):
            settings[name] = tuple(settings.get(name, ()))
        job = Job(full_name=full_name, kind=Kind(kind), definitions=tuple(parameters), **settings)
        with self.lock:
            return self.jobs.add(job)

    def disable_job(self, full_name: str, *, disabled: bool = True) -> None:
        """Disable a job in Jenkins, or enable it again: what is queued is cancelled by that."""
        with self.lock:
            self.disable(self.jobs.get(full_name), disabled=disabled)

    def add_branch(self, project: str, branch: str, *, commit: str) -> Job:
        """Create the job of a branch (or `PR-12`), or move its head; builds nothing."""
        with self.lock:
            return self.jobs.branch(self.jobs.get(project), Head(name=branch, commit=commit))[0]

    def builds(self, job: str) -> list[Build]:
        """A job's builds, oldest first."""
        with self.lock:
            return list(self.jobs.get(job).builds.values())

    def build(self, job: str, number: int) -> Build:
        """One build; raises KeyError."""
        with self.lock:
            return self.jobs.get(job).builds[number]

    def queue(self) -> list[Item]:
        """What is in the queue, oldest first."""
        with self.lock:
            self.items.mature()
            return list(self.items)[::-1]

    # What is done.

    def start_by_hand(
        self, job: str, parameters: Mapping[str, str] | None = None, *, user: str = "admin"
    ) -> Item | None:
        """Somebody presses "Build with Parameters" in the browser."""
        found = self.jobs.get(job)
        given = {name: [text] for name, text in (parameters or {}).items()}
        values = values_from_request(found.parameters, given)
        answer = self.trigger(found, values, by_user(user, user))
        return answer[0] if answer else None

    def rebuild(self, job: str, number: int, *, user: str = "admin") -> Item:
        """Somebody presses "Rebuild": a new build with the same parameters."""
        build = self.build(job, number)
        return self._again(build, by_user(user, user), by_rebuild(build))

    def replay(self, job: str, number: int, *, user: str = "admin") -> Item:
        """Somebody presses "Replay", and may have edited the script: the same parameters again."""
        build = self.build(job, number)
        return self._again(build, by_user(user, user), by_replay(build))

    def restart_stage(self, job: str, number: int, stage: str, *, user: str = "admin") -> Item:
        """Somebody restarts a declarative Pipeline from a stage: earlier ones are skipped."""
        build = self.build(job, number)
        return self._again(build, by_user(user, user), by_stage_restart(build, stage))

    def naginate(self, job: str, number: int) -> Item:
        """The Naginator plugin builds again what failed: the same parameters."""
        build = self.build(job, number)
        return self._again(build, by_naginator(build))

    def abort(self, job: str, number: int, *, user: str = "admin") -> None:
        """Somebody presses the red cross; with `auto` off, `finish` ends the build then."""
        self.build(job, number).stop(by=user)

    def wait_for_input(self, job: str, number: int, message: str) -> Pause:
        """A Pipeline comes to an `input` step, and goes no further until it is answered."""
        with self.lock:
            pause = self.build(job, number).pause(message)
            self.lock.notify_all()
            return pause

    def answer_input(
        self, job: str, number: int, *, proceed: bool = True, user: str = "admin"
    ) -> None:
        """Somebody lets the Pipeline go on, or aborts it."""
        build = self.build(job, number)
        build.go_on(user) if proceed else build.reject(user)

    def rename_job(self, full_name: str, new_name: str) -> Job:
        """Rename a job or folder: its builds stay, its old address is 404."""
        with self.lock:
            job = self.jobs.get(full_name)
            parent = f"{job.parent}/" if job.parent else ""
            return self.jobs.move(job, f"{parent}{new_name}")

    def move_job(self, full_name: str, folder: str) -> Job:
        """Move a job or folder to another folder (to the top: an empty name)."""
        with self.lock:
            job = self.jobs.get(full_name)
            return self.jobs.move(job, f"{folder}/{job.name}" if folder else job.name)

    def restart(
        self,
        kind: str = "clean",
        *,
        reset_ids: bool = False,
        down_for: float = 0.0,
        start: Start | float = 0.0,
        loses: Callable[[Build], bool] = lambda build: False,
    ) -> None:
        """Restart: `clean`, or after a `crash`.

        Items that left the queue are forgotten, and sessions with their crumbs. Running freestyle
        builds are aborted without a word, or never were, where `loses` says so; by a crash they,
        and young queue items, were never there. Pipelines go on. With `reset_ids` the queue is lost
        whole, and its ids start again at 1.

        `start` is how long it takes to be up, in all or stage by stage; `down_for` is a start that
        is nothing but 503.
        """
        is_crash = {"clean": False, "crash": True}[kind]
        if not isinstance(start, Start):
            start = Start(users=down_for) if down_for else Start.lasting(start)
        with self.lock:
            self.session = secrets.token_hex(4)
            self.crumbs.forget_sessions()
            for build in [build for job in self.jobs for build in job.running]:
                if build.job.kind is not Kind.PIPELINE:
                    self._cut_short(build, erase=is_crash or loses(build))
            self.items.restart(
                older_than=UNSAVED_SECONDS if is_crash else None, reset_ids=reset_ids
            )
            self.runner.forget_executors()
            self.begin_start(start)

    def hold_notifications(self) -> None:
        """Keep notifications back; `self.notifications` can also lose and repeat them."""
        self.notifications.hold()

    def release_notifications(self) -> int:
        """Send what was kept back, in order; how many."""
        return self.notifications.release()

    def wait_idle(self, timeout: float = 120.0) -> None:
        """Wait until nothing is queued or running and all is said; raises TimeoutError."""
        with self.lock:
            if not self.lock.wait_for(
                lambda: not len(self.items) and not self.runner.active, timeout
            ):
                raise TimeoutError(f"still {len(self.items)} queued, {self.runner.active} running")

    # Moving things by hand, with `auto` off.

    def advance(self, queue_id: int) -> Item:
        """Move an item one step on, without waiting for its quiet period or an executor.

        Waiting, blocked or buildable, pending, left without a build yet, build begun. A blocked
        item stays blocked as long as its reason stands.
        """
        with self.lock:
            item = self.items.find(queue_id)
            if item is None:
                raise KeyError(queue_id)
            match item.state:
                case State.WAITING | State.BLOCKED:
                    self.items.settle(item)
                    return item
                case State.BUILDABLE:
                    if item in self.items.buildable():
                        self.items.assign(item)
                    return item
                case State.PENDING:
                    self.items.leave(item)
                    return item
        if item.build is None and (build := self.runner.make(item)):
            self.runner.begin(build)
        return item

    def start_next(self, job: str | None = None) -> Build:
        """Start the oldest item (of the job) that nothing blocks; QUEUED and STARTED are said."""
        wanted = self.jobs.get(job) if job else None
        for item in self.queue():
            if wanted not in (None, item.job):
                continue
            while item.state is not State.LEFT:
                before = item.state
                if self.advance(item.id).state in (before, State.BLOCKED):
                    break
            else:
                if self.advance(item.id).build:
                    assert item.build
                    return item.build
        raise LookupError(f"nothing to start for {job or 'any job'}")

    def finish(
        self,
        job: str,
        number: int,
        result: Result | str | None = None,
        *,
        test_summary: TestReport | None = None,
    ) -> Build:
        """End a build: COMPLETED and FINALIZED are said. Without a result the job does its work."""
        build = self.build(job, number)
        came_to = self.runner.work(build) if result is None else Result(result)
        if test_summary:
            build.test_report = test_summary
        self.runner.end(build, came_to)
        return build

    def _again(self, build: Build, *causes: Cause) -> Item:
        # An action of their own keeps all of them from being merged into a queued item.
        answer = self.trigger(build.job, build.parameters, *causes, merge=False)
        if answer is None:
            raise LookupError(f"{build.job.full_name} refuses to be queued")
        return answer[0]

    def _cut_short(self, build: Build, *, erase: bool) -> None:
        build.gone = True
        build.building = build.in_progress = False
        build.result = Result.ABORTED
        build.duration = int(self.clock() * 1000) - build.timestamp
        if erase:
            del build.job.builds[build.number]
        build.stop()
