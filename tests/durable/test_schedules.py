"""Anything may happen in any order, twice, late or never: in the end every head has one build.

A state machine of people, GitHub, Jenkins and the network over a working Leeroy. Nothing waits for
anything else, except in the end; there a look is made as the sweep makes it.
"""

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from leeroy_sandbox.faults import Drop
from leeroy_sandbox.jenkins import String
from tests.examples import examples
from tests.stories.world import REPO, World, make_world

CONTEXTS = {"janky": "ci/widgets", "docs": "ci/docs"}
SETTINGS = {
    "builds": [
        {"github_repo": REPO, "jenkins_job_name": job, "context": context}
        for context, job in CONTEXTS.items()
    ],
    "github_timeout": 5,
    "sweep_minutes": 0,
}
STATE_OF = {"SUCCESS": "success", "FAILURE": "failure", "ABORTED": "error", "NOT_BUILT": "error"}
names = itertools.count(1)
which = st.integers(min_value=0, max_value=5)


class Schedules(RuleBasedStateMachine):
    """One example; all share a world, and each has pull requests of its own."""

    worlds: "Worlds"

    def __init__(self) -> None:
        super().__init__()
        self.world = self.worlds.one()
        self.pulls: list[int] = []

    # What people do.

    @precondition(lambda self: len(self.pulls) < 3)
    @rule()
    def open(self) -> None:
        branch = f"branch-{next(names)}"
        self.world.github.push(REPO, branch, {f"src/{branch}.py": "x = 1\n"})
        self.pulls.append(self.world.github.open_pull(REPO, branch))

    @precondition(lambda self: self.pulls)
    @rule(n=which)
    def push(self, n: int) -> None:
        branch = self.pull(n).head_ref
        self.world.github.push(REPO, branch, {f"src/{branch}.py": f"x = {next(names)}\n"})

    @precondition(lambda self: self.pulls)
    @rule(n=which)
    def close_or_reopen(self, n: int) -> None:
        pull = self.pull(n)
        if pull.state == "open":
            self.world.github.close_pull(REPO, pull.number)
        else:
            self.world.github.reopen_pull(REPO, pull.number)

    @precondition(lambda self: self.pulls)
    @rule(n=which, command=st.sampled_from(["/test all", "/retest", "/test docs", "/cancel"]))
    def ask(self, n: int, command: str) -> None:
        self.world.github.comment(REPO, self.pull(n).number, "mary", command)

    # What Jenkins does, if there is something to do: that is not known beforehand.

    @rule()
    def start(self) -> None:
        with suppress(LookupError):
            self.world.jenkins.start_next()

    @rule(n=which, result=st.sampled_from(["SUCCESS", "FAILURE", "ABORTED"]))
    def finish(self, n: int, result: str) -> None:
        if running := self.running():
            job, number = running[n % len(running)]
            self.world.jenkins.finish(job, number, result)

    # What happens on the way.

    @rule(what=st.sampled_from(["lose", "double", "hold", "release", "in reverse"]))
    def deliver(self, what: str) -> None:
        github = self.world.github
        match what:
            case "lose":
                github.deliveries.lose(times=1)
            case "double":
                github.deliveries.double(times=1)
            case "hold":
                github.hold_deliveries()
            case "release":
                github.release()
            case "in reverse":
                github.release(lambda held: held[::-1])

    @rule(what=st.sampled_from(["lose", "repeat", "hold", "release", "in reverse", "behave"]))
    def notify(self, what: str) -> None:
        notifications = self.world.jenkins.notifications
        match what:
            case "lose":
                notifications.lose()
            case "repeat":
                notifications.repeat(2)
            case "hold":
                notifications.hold()
            case "release":
                notifications.release()
            case "in reverse":
                notifications.release(reversed)
            case "behave":
                notifications.behave()

    @rule(
        call=st.sampled_from(
            [
                ("jenkins", "POST", "/buildWithParameters"),
                ("jenkins", "POST", "/cancelItem"),
                ("jenkins", "POST", "/stop"),
                ("jenkins", "GET", "/api/json"),
                ("github", "GET", "/pulls/"),
                ("github", "POST", "/statuses/"),
                ("github", "POST", "/reactions"),
            ]
        ),
        drop=st.sampled_from([Drop.AFTER, Drop.RESET, Drop.HALF]),
    )
    def cut_off(self, call: tuple[str, str, str], drop: Drop) -> None:
        """The next call of that kind is done or not, and Leeroy does not hear which."""
        sandbox, method, path = call
        getattr(self.world, sandbox).faults.add(method, path, drop=drop, times=1)

    @rule()
    def let_work(self) -> None:
        time.sleep(0.05)

    # In the end.

    def teardown(self) -> None:
        try:
            self.end_well()
        except BaseException:
            # The next example does not suffer for this one.
            self.worlds.end()
            raise

    def end_well(self) -> None:
        world = self.world
        world.github.faults.clear()
        world.jenkins.faults.clear()
        world.github.deliveries.behave()
        world.github.release()
        world.jenkins.notifications.behave()
        world.jenkins.notifications.release()
        world.settle()
        # Twice: a build that Jenkins is found to have lost is started again by the first.
        for _ in range(2):
            world.look_again(*self.pulls)
            world.settle()
        self.check()
        self.build_all()
        self.check()
        for number in self.pulls:
            if self.world.github.pull(REPO, number).state == "open":
                self.world.github.close_pull(REPO, number)
        world.settle()
        assert world.jenkins.queue() == []

    def build_all(self) -> None:
        """Jenkins comes to the end of all it has to do, and says so."""
        while self.world.jenkins.queue():
            self.start()
        for job, number in self.running():
            self.world.jenkins.finish(job, number, "SUCCESS")
        self.world.settle()

    def check(self) -> None:
        for number in self.pulls:
            pull = self.world.github.pull(REPO, number)
            for context, job in CONTEXTS.items():
                if pull.state == "open":
                    self.check_head(number, pull.head_sha, context, job)
                alive = [sha for sha in self.alive(number, job) if sha != pull.head_sha]
                assert not alive, f"#{number} {context}: nobody needs {alive}"

    def check_head(self, number: int, sha: str, context: str, job: str) -> None:
        said = self.world.statuses(sha).get(context)
        where = f"#{number} {context}: {said}"
        assert self.alive(number, job).count(sha) <= 1, where
        newest = self.newest(number, sha, job)
        if newest is not None and said != newest:
            # What people cancelled stays so, and was never built or is said not to count.
            assert said is not None, where
            assert said[1].startswith("Cancelled"), f"{where}, Jenkins: {newest}"
        if newest is None:
            assert said is not None, where
            assert said[1].startswith("Cancelled"), where

    def newest(self, number: int, sha: str, job: str) -> tuple[str, str] | None:
        """What Jenkins would say of the last thing it was asked for."""
        found = [
            (item.id, ("pending", "Queued in Jenkins"))
            for item in self.world.jenkins.queue()
            if item.job.full_name == job and is_for(item, number, sha)
        ]
        for build in self.world.jenkins.builds(job):
            if is_for(build, number, sha):
                found.append((build.queue_id, self.words_for(number, sha, job, build)))
        return max(found)[1] if found else None

    def words_for(self, number: int, sha: str, job: str, build: object) -> tuple[str, str]:
        if build.building:  # type: ignore[attr-defined]
            return "pending", f"Build #{build.number} is running"  # type: ignore[attr-defined]
        context = next(c for c, name in CONTEXTS.items() if name == job)
        _, description = self.world.statuses(sha).get(context, ("", ""))
        result = STATE_OF[str(build.result)]  # type: ignore[attr-defined]
        # The words hold how long it took: only that they are of this build.
        is_of_it = description.startswith(f"Build #{build.number} ")  # type: ignore[attr-defined]
        return (result, description) if is_of_it else (result, f"of #{build.number}")  # type: ignore[attr-defined]

    def alive(self, number: int, job: str) -> list[str]:
        """The shas that wait or run for a pull request, those aside that were told to stop."""
        waiting = [item for item in self.world.jenkins.queue() if item.job.full_name == job]
        running = [
            build
            for build in self.world.jenkins.builds(job)
            if build.building and not self.was_stopped(job, build.number)
        ]
        return [
            given(one)["GIT_SHA1"]
            for one in (*waiting, *running)
            if given(one)["PR"] == str(number)
        ]

    def was_stopped(self, job: str, number: int) -> bool:
        path = "".join(f"/job/{part}" for part in job.split("/"))
        return bool(self.world.jenkins.calls.matching("POST", f"^{path}/{number}/stop$"))

    def running(self) -> list[tuple[str, int]]:
        return [
            (job, build.number)
            for job in CONTEXTS.values()
            for build in self.world.jenkins.builds(job)
            if build.building
        ]

    def pull(self, n: int):
        return self.world.github.pull(REPO, self.pulls[n % len(self.pulls)])


def given(one) -> dict[str, str]:
    return {value.name: value.value for value in one.parameters}


def is_for(one, number: int, sha: str) -> bool:
    return given(one)["PR"] == str(number) and given(one)["GIT_SHA1"] == sha


class Worlds:
    """The world of all examples, as long as it holds."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.world: World | None = None

    def one(self) -> World:
        if self.world is None:
            folder = self.stack.enter_context(TemporaryDirectory())
            self.world = self.stack.enter_context(make_world(Path(folder), **SETTINGS))
            self.world.add_job("ci/widgets")
            # One that does not take our id: its builds are known by what they were asked with.
            self.world.add_job("ci/docs", parameters=[String("GIT_SHA1"), String("PR")])
        return self.world

    def end(self) -> None:
        self.world = None
        self.stack.close()


@pytest.fixture(scope="module", autouse=True)
def _worlds() -> Iterator[None]:
    yield
    Schedules.worlds.end()


Schedules.worlds = Worlds()
TestSchedules = Schedules.TestCase
TestSchedules.settings = settings(
    max_examples=examples(15),
    stateful_step_count=25,
    deadline=None,
    # To find a smaller one would take hours, and time passes otherwise in each run.
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)
