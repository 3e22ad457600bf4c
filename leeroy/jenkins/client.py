"""What Leeroy asks of Jenkins and tells it: one method for each thing.

All raise :class:`~leeroy.errors.Transient`, :class:`~leeroy.errors.Permanent` or
:class:`~leeroy.errors.NotFound`. https://www.jenkins.io/doc/book/using/remote-access-api/
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from leeroy import shapes
from leeroy.deciding.parameters import BUILD_ID
from leeroy.errors import NotFound, Permanent, RightsRefused
from leeroy.jenkins import answers
from leeroy.jenkins.trigger import (
    is_jenkins_error_page,
    read_trigger,
    trigger_call,
    trigger_refusal,
)
from leeroy.jenkins.wire import Answered, Call, JenkinsConnection, Restarts, Wire, refusal
from leeroy.job_names import job_path
from leeroy.metrics import Metrics
from leeroy.model import FailedTests, JenkinsBuild, JobInfo, QueueItem, Sighting
from leeroy.outgoing import Peer, Reply, whole_number

#: A test report that is longer is not read: some 40,000 tests.
LONGEST_REPORT = 4_000_000
#: The end of a console in which its last lines are looked for.
CONSOLE_END = 64_000

#: How many builds one look goes through at first, and how many at most: Jenkins lists 100.
RECENT_BUILDS = (50, 100)

#: So long a server is believed to lack a plugin.
PLUGIN_SECONDS = 600.0

_T = TypeVar("_T")


class Jenkins:
    """All Jenkins servers of the settings; their connections are shared by all threads."""

    def __init__(self, connections: Mapping[str, JenkinsConnection], *, metrics: Metrics) -> None:
        self._connections = dict(connections)
        self._metrics = metrics
        self._peers = {
            name: Peer(connection.base_url, connection.route)
            for name, connection in self._connections.items()
        }
        self._restarts = {name: Restarts() for name in self._connections}
        #: Servers that could not say whether a build waits for input, until when to believe it.
        self._without_inputs: dict[str, float] = {}
        self._own = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; a call after it opens new ones."""
        for peer in self._peers.values():
            peer.close()

    def trigger(self, server: str, job: str, parameters: Mapping[str, str]) -> int:
        """Start a build with one request; the id of the queue item it became, or is one with.

        The text of a Permanent is fit for a status. After a Transient only :meth:`find` can tell
        whether Jenkins took it.
        """
        call = trigger_call(job, _path(job), parameters)
        try:
            reply = self._wire(server).exchange(call)
        except Answered as exc:
            raise trigger_refusal(job, exc.reply, self._connections[server].user) from exc
        return read_trigger(job, reply)

    def queue_item(self, server: str, queue_id: int) -> QueueItem:
        """A queue item; NotFound when it left the queue more than five minutes ago."""
        call = Call(
            method="GET",
            path=f"queue/item/{queue_id}/api/json",
            template="queue/item/{id}",
            query={"tree": answers.ITEM_TREE},
            doing=f"read queue item {queue_id}",
        )
        return self._read_twice(server, call, lambda said: answers.parse_queue_item(server, said))

    def build(self, server: str, job: str, number: int) -> JenkinsBuild:
        """A build as it is now."""
        call = Call(
            method="GET",
            path=f"{_path(job)}/{number}/api/json",
            template="job/{job}/{number}",
            query={"tree": answers.BUILD_TREE},
            doing=f"read build {job} #{number}",
        )
        seen = self._read_twice(server, call, lambda said: answers.parse_build(server, job, said))
        is_older = seen.started < self._restarts[server].last
        return replace(seen, is_from_before_restart=is_older)

    def find(
        self,
        server: str,
        job: str,
        *,
        build_id: str,
        parameters: Mapping[str, str],
        queue_id: int | None,
        since: float,
        claimed: Collection[int],
    ) -> Sighting:
        """Look for a build of ours of which nothing sure is known but what it was asked with.

        First in the queue, then among the job's latest builds: it only moves that way. ``since``
        is when it was written down, in epoch seconds; ``claimed`` are numbers of other builds.
        NotFound when there is no such job any more.
        """
        sent = {**parameters, BUILD_ID: build_id}
        if item := answers.choose_item(self.queued(server, job), sent=sent, queue_id=queue_id):
            return Sighting(item=item)
        for most in RECENT_BUILDS:
            # Between the queue and its number a build can be invisible for an instant, so the
            # second look is also for a build that was not to be seen in the first.
            builds = self.recent_builds(server, job, most)
            if build := answers.choose_build(
                builds, sent=sent, queue_id=queue_id, since=since, claimed=claimed
            ):
                return Sighting(build=build)
        return Sighting()

    def cancel(self, server: str, queue_id: int) -> bool:
        """Take an item out of the queue; False when it is no longer there: it may have started."""
        # https://www.jenkins.io/doc/book/using/remote-access-api/ (queue/cancelItem)
        call = Call(
            method="POST",
            path="queue/cancelItem",
            template="queue/cancelItem",
            query={"id": str(queue_id)},
            doing=f"cancel queue item {queue_id}",
        )
        try:
            self._wire(server).exchange(call)
        except Answered as exc:
            user, status = self._connections[server].user, exc.reply.status
            match status:
                case 404 | 500:
                    return False
                case 422:
                    text = f"Jenkins user {user} may not cancel builds"
                    raise RightsRefused(text, status=status) from exc
            raise refusal(call, exc.reply, user) from exc
        return True

    def abort(self, server: str, job: str, number: int) -> None:
        """Ask a running build to stop; done as well when it is over or gone."""
        call = Call(
            method="POST",
            path=f"{_path(job)}/{number}/stop",
            template="job/{job}/{number}/stop",
            doing=f"abort build {job} #{number}",
        )
        try:
            self._wire(server).ask(call)
        except NotFound:
            return

    def job(self, server: str, job: str) -> JobInfo:
        """What is behind a job's name."""
        call = Call(
            method="GET",
            path=f"{_path(job)}/api/json",
            template="job/{job}",
            query={"tree": answers.JOB_TREE},
            doing=f"read job {job}",
        )
        return self._wire(server).read(call, answers.parse_job)

    def job_config(self, server: str, job: str) -> bytes:
        """A job's ``config.xml``; RightsRefused where our user may not see it, as most may not."""
        call = Call(
            method="GET",
            path=f"{_path(job)}/config.xml",
            template="job/{job}/config.xml",
            doing=f"read the configuration of {job}",
        )
        return self._only_200(server, call).body

    def waits_for_input(self, server: str, job: str, number: int) -> bool | None:
        """A pipeline's build stands at an ``input`` step; None where Jenkins cannot say."""
        # https://plugins.jenkins.io/pipeline-rest-api/
        call = Call(
            method="GET",
            path=f"{_path(job)}/{number}/wfapi/pendingInputActions",
            template="job/{job}/{number}/wfapi/pendingInputActions",
            doing=f"see whether {job} #{number} waits for input",
        )
        if time.monotonic() < self._without_inputs.get(server, 0.0):
            return None
        try:
            return self._wire(server).read(call, lambda said: bool(shapes.entries(said)))
        except (Permanent, RightsRefused):
            # Most likely it lacks the plugin, so it is not asked with every look.
            self._without_inputs[server] = time.monotonic() + PLUGIN_SECONDS
            return None

    def index(self, server: str, project: str) -> None:
        """Ask a multibranch project to look for pull requests; it does so a moment later."""
        # https://www.jenkins.io/doc/book/pipeline/multibranch/ (it is the project's own build)
        call = Call(
            method="POST",
            path=f"{_path(project)}/build",
            template="job/{project}/build",
            doing=f"index {project}",
        )
        try:
            self._wire(server).exchange(call)  # 302, to its own page
        except Answered as exc:
            if exc.reply.status == 500 and is_jenkins_error_page(exc.reply):
                raise Permanent(f"Project {project} is disabled", status=500) from exc
            raise trigger_refusal(project, exc.reply, self._connections[server].user) from exc

    def queued(self, server: str, job: str) -> list[QueueItem]:
        """What waits in the queue for a job, whoever asked for it."""

        def parse(said: Any) -> list[QueueItem]:
            # Jenkins finds jobs in any case of letters, and so may the settings name them.
            return [
                answers.parse_queue_item(server, item)
                for item in shapes.entries(said["items"])
                if answers.job_of_item(item).lower() == job.lower()
            ]

        return self._wire(server).read(_queue_call(answers.ITEM_TREE), parse)

    def recent_builds(self, server: str, job: str, most: int) -> list[JenkinsBuild]:
        """A job's latest builds, the newest first; NotFound when there is no such job."""
        call = Call(
            method="GET",
            path=f"{_path(job)}/api/json",
            template="job/{job}/builds",
            query={"tree": f"builds[{answers.BUILD_TREE}]{{0,{most}}}"},
            doing=f"list the builds of {job}",
        )
        return self._wire(server).read(
            call,
            lambda said: [
                answers.parse_build(server, job, one) for one in shapes.entries(said["builds"])
            ],
        )

    def test_report(self, server: str, job: str, number: int) -> FailedTests | None:
        """The tests that failed in a build; None when it has no report, or an endless one."""
        # https://plugins.jenkins.io/junit/
        call = Call(
            method="GET",
            path=f"{_path(job)}/{number}/testReport/api/json",
            template="job/{job}/{number}/testReport",
            query={"tree": answers.TESTS_TREE},
            doing=f"read the test report of {job} #{number}",
            start=LONGEST_REPORT,
        )
        try:
            reply = self._only_200(server, call)
        except NotFound:
            return None
        return answers.parse_tests(reply.body)

    def console_tail(self, server: str, job: str, number: int, lines: int) -> tuple[str, ...]:
        """The last lines of a build's console, read from near its end."""
        # Jenkins says how long it is only beside its text; a start beyond the end is taken for 0.
        # Its line ends are two bytes where the log has one, and `size` counts the log.
        text, size = self._console(server, job, number, start=0, most=2 * CONSOLE_END)
        if size > CONSOLE_END:
            start = size - CONSOLE_END
            text, _ = self._console(server, job, number, start=start, most=2 * CONSOLE_END)
            # It begins in the middle of a line.
            text = text.partition(b"\n")[2]
        return tuple(text.decode("utf-8", "replace").splitlines()[-lines:]) if lines > 0 else ()

    def whoami(self, server: str) -> str:
        """The id of the user we are there; CredentialsRefused when Jenkins does not know us."""
        call = Call(
            method="GET",
            path="me/api/json",
            template="me",
            query={"tree": "id"},
            doing="ask Jenkins who we are",
        )
        return self._wire(server).read(call, lambda said: shapes.text(said["id"]))

    def is_starting(self, server: str) -> bool:
        """Jenkins is only starting: what else it answers then (401, 500) means nothing."""
        return self._wire(server).is_starting()

    def queue_length(self, server: str) -> int:
        """How many items wait in the server's queue, ours and others'."""
        call = _queue_call("id")
        return self._wire(server).read(call, lambda said: len(shapes.entries(said["items"])))

    def job_url(self, server: str, job: str) -> str:
        """Where people find the job; Jenkins' first page when that cannot be a job's name."""
        root = self._connections[server].base_url.rstrip("/")
        try:
            return f"{root}/{job_path(job)}/"
        except ValueError:  # the trigger says so, and a look must come that far
            return f"{root}/"

    def _console(
        self, server: str, job: str, number: int, *, start: int, most: int
    ) -> tuple[bytes, int]:
        """A part of a console, and how long all of it is."""
        # https://www.jenkins.io/doc/book/using/remote-access-api/ (logText/progressiveText)
        call = Call(
            method="GET",
            path=f"{_path(job)}/{number}/logText/progressiveText",
            template="job/{job}/{number}/logText",
            query={"start": str(start)},
            doing=f"read the console of {job} #{number}",
            start=most,
        )
        reply = self._only_200(server, call)
        size = whole_number(reply.headers.get("X-Text-Size", ""))
        return reply.body, len(reply.body) if size is None else size

    def _only_200(self, server: str, call: Call) -> Reply:
        """An answer that is read as it is: a redirect's page would be taken for a console."""
        reply = self._wire(server).ask(call)
        if reply.status != 200:
            text = f"{call.doing}: Jenkins answered {reply.status}"
            raise Permanent(text, status=reply.status)
        return reply

    def _read_twice(self, server: str, call: Call, parse: Callable[[Any], _T]) -> _T:
        try:
            return self._wire(server).read(call, parse)
        except NotFound:
            # What has just left the queue can be nowhere for an instant.
            return self._wire(server).read(call, parse)

    def _wire(self, server: str) -> Wire:
        wires: dict[str, Wire] = self._own.__dict__.setdefault("wires", {})
        if server not in wires:
            if server not in self._connections:
                raise Permanent(f"there is no Jenkins server {server} in the settings")
            connection, peer = self._connections[server], self._peers[server]
            restarts = self._restarts[server]
            wires[server] = Wire(server, connection, peer, self._metrics, restarts)
        return wires[server]


def _queue_call(tree: str) -> Call:
    return Call(
        method="GET",
        path="queue/api/json",
        template="queue",
        query={"tree": f"items[{tree}]"},
        doing="read the queue",
    )


def _path(job: str) -> str:
    try:
        return job_path(job)
    except ValueError as exc:
        raise Permanent(str(exc)) from exc
