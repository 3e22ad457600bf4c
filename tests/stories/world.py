"""A whole world for stories: a sandbox GitHub and Jenkins, and a real Leeroy between them."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select

from leeroy.app import create_app
from leeroy.config import Config, parse_config
from leeroy.database import now, read
from leeroy.hints import FollowHint, SweepHint
from leeroy.model import FOLLOW_BUILDS, SWEEP
from leeroy.queue.tables import subjects
from leeroy.services import Services, make_services
from leeroy.worker import WorkerThreads
from leeroy_sandbox.github import GitHub
from leeroy_sandbox.jenkins import Endpoint, Jenkins, String
from leeroy_sandbox.server import Server
from tests.databases import make_tables
from tests.waiting import PATIENCE, wait_for

REPO = "acme/widgets"
TOKEN = "ghp_leeroys0123456789abcdef"
WEBHOOK_SECRET = "webhook-secret"
NOTIFICATION_SECRET = "notification-secret"
JENKINS_TOKEN = "11" + "a" * 32
#: What a job needs to define to be given what Leeroy sends.
PARAMETERS = tuple(
    String(name)
    for name in (
        "GIT_BASE_REPO", "GIT_HEAD_REPO", "GIT_SHA1", "GITHUB_URL", "PR", "BASE_BRANCH",
        "LEEROY_BUILD_ID",
    )
)  # fmt: skip


class Skew:
    """What the clocks of the queue and of GitHub's gate are ahead of the true ones."""

    seconds = 0.0


def short_pause(attempts: int) -> float:
    """How long a story waits after so many looks that failed."""
    return min(0.02 * 2**attempts, 0.3)


@dataclass
class World:
    """What a story arranges, does and looks at."""

    github: GitHub
    jenkins: Jenkins
    jenkins_url: str
    url: str
    services: Services
    workers: WorkerThreads
    skew: Skew

    def add_job(self, name: str, **settings: Any) -> None:
        """A job that takes what Leeroy sends, and notifies it."""
        endpoint = Endpoint(url=f"{self.url}/notification/jenkins?secret={NOTIFICATION_SECRET}")
        self.jenkins.add_job(
            name, **{"parameters": PARAMETERS, "endpoints": [endpoint], **settings}
        )

    def open_pull(self, branch: str = "rounder", **settings: Any) -> int:
        """Somebody pushes a branch and opens a pull request for it."""
        files = settings.pop("files", {"src/widget.py": "round = True\n"})
        self.github.push(REPO, branch, files)
        return self.github.open_pull(REPO, branch, **settings)

    def settle(self) -> None:
        """Wait until all is delivered, and Leeroy has nothing left to look at."""

        def is_settled() -> bool:
            self.github.wait_delivered(PATIENCE)
            return self._is_quiet()

        wait_for(is_settled, lambda: f"still to look at: {self._due()}")

    def rest(self) -> None:
        """Wait until nobody looks at anything and what is left is due later."""
        self.github.wait_delivered(PATIENCE)
        wait_for(lambda: not self._is_busy())

    def build_next(self, result: str = "SUCCESS", job: str | None = None) -> int:
        """Jenkins builds what waits longest; its number."""
        build = self.jenkins.start_next(job)
        self.settle()
        self.jenkins.finish(build.job.full_name, build.number, result)
        self.settle()
        return build.number

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        wait_for(holds)

    def pass_seconds(self, seconds: float) -> None:
        """Let the clocks of the queue and of the gate go on by so much, or the queue's back."""
        self.skew.seconds += seconds
        self.services.queue.wake()

    def look_again(self, *numbers: int) -> None:
        """Look at pull requests and at their builds, as the sweep does."""
        for number in numbers:
            self.sweep(f"{REPO}#{number}")

    def sweep(self, subject: str) -> None:
        """Make the look that a sweep asks for when it misses something, and finds builds unread."""
        for hint in (SweepHint(why="test"), FollowHint(why="test")):
            self.services.queue.put(subject, hint)

    def ask(self, path: str, body: dict[str, Any]) -> None:
        """The operator asks for builds."""
        answer = requests.post(
            self.url + path, json=body, auth=("operator", "operators-password"), timeout=PATIENCE
        )
        assert answer.status_code == 204, answer.text

    def notify(self, job: str, number: int, **build: Any) -> None:
        """Somebody who knows the secret sends a notification, true or not."""
        url = "".join(f"job/{part}/" for part in job.split("/"))
        note = {"name": job.rpartition("/")[2], "url": url, "build": {"number": number, **build}}
        address = f"{self.url}/notification/jenkins?secret={NOTIFICATION_SECRET}"
        assert requests.post(address, json=note, timeout=PATIENCE).status_code in (202, 204)

    def head(self, number: int) -> str:
        """The head sha of a pull request."""
        repository = self.github.repository(REPO)
        pull = self.github.pull(REPO, number)
        return self.github.start_of(repository, pull) if not pull.head_sha else pull.head_sha

    def statuses(self, sha: str) -> dict[str, tuple[str, str]]:
        """What GitHub shows of a sha: context -> state and description."""
        latest = self.github.statuses(REPO, sha).latest
        return {s.context: (s.state, s.description or "") for s in latest.values()}

    def history(self, sha: str, context: str = "janky") -> list[str]:
        """The states a context went through, in order."""
        said = self.github.statuses(REPO, sha).history
        return [status.state for status in said if status.context == context]

    def _due(self) -> Sequence[Any]:
        with read(self.services.engine) as connection:
            return connection.execute(select(subjects).where(subjects.c.due.is_not(None))).all()

    def _is_busy(self) -> bool:
        with read(self.services.engine) as connection:
            is_due = subjects.c.due <= now(connection) + self.skew.seconds
            busy = is_due | subjects.c.token.is_not(None)
            return bool(connection.execute(select(func.count()).where(busy)).scalar_one())

    def _is_quiet(self) -> bool:
        # What comes up again by itself is always due some time.
        is_recurring = subjects.c.name.in_([SWEEP, FOLLOW_BUILDS])
        with read(self.services.engine) as connection:
            is_due = subjects.c.due <= now(connection) + self.skew.seconds
            is_waited_for = subjects.c.due.is_not(None) & ~is_recurring
            busy = is_due | is_waited_for | subjects.c.token.is_not(None)
            counted = connection.execute(select(func.count()).where(busy))
            return counted.scalar_one() == 0


@contextmanager
def make_world(folder: Path, **settings: Any) -> Iterator[World]:
    """Everything running on loopback; ``settings`` go over the ordinary config.json.

    With ``begins`` the workers also sweep and follow silent builds, as those of a service do.
    """
    begins = settings.pop("begins", False)
    jenkins_settings = settings.pop("jenkins_settings", {"auto": False})
    pause = settings.pop("pause", short_pause)
    with ExitStack() as stack:
        github = GitHub(folder / "github")
        github_url = stack.enter_context(github.serve())
        jenkins = stack.enter_context(Jenkins(folder / "jenkins", **jenkins_settings))
        jenkins_url = stack.enter_context(Server(jenkins.wsgi)).url
        jenkins.root_url = jenkins_url
        jenkins.add_user("leeroy", token=JENKINS_TOKEN)
        prepare_github(github)
        github.deliveries.timeout = PATIENCE
        config = a_config(folder, github_url, jenkins_url, **settings)
        skew = Skew()
        services = make_services(
            config,
            pause=pause,
            database_clock=lambda connection: now(connection) + skew.seconds,
            # Such a clock never goes back, and begins with the machine: it would come before its own zero.
            gate_clock=lambda: time.monotonic() + max(0.0, skew.seconds),
        )
        stack.callback(services.close)
        make_tables(services.engine)
        workers = services.workers(4, is_passing=not begins)
        server = stack.enter_context(
            Server(create_app(services, is_working=lambda: workers.is_alive))
        )
        stack.callback(workers.stop)
        workers.start()
        world = World(
            github=github,
            jenkins=jenkins,
            jenkins_url=jenkins_url,
            url=server.url,
            services=services,
            workers=workers,
            skew=skew,
        )
        for build in config.builds:
            world.add_job(build.jenkins_job_name)
        add_hook(github, server.url)
        world.settle()
        github.calls.clear()
        jenkins.calls.clear()
        yield world


def prepare_github(github: GitHub) -> None:
    """acme/widgets with a maintainer, and Leeroy's account and token."""
    github.create_org("acme")
    github.create_user("leeroy-bot")
    github.create_user("mary")
    github.create_user("stranger")
    github.create_repo(REPO, files={"README.md": "# Widgets\n", "src/widget.py": "round = False\n"})
    github.set_permission(REPO, "leeroy-bot", "admin")
    github.set_permission(REPO, "mary", "write")
    github.add_token("leeroy-bot", ("repo", "admin:repo_hook", "read:org"), text=TOKEN)


def add_hook(github: GitHub, url: str) -> int:
    """The webhook as the README says to set it up."""
    return github.add_hook(
        REPO,
        f"{url}/notification/github",
        secret=WEBHOOK_SECRET,
        events=(
            "pull_request", "issue_comment", "pull_request_review",
            "pull_request_review_comment", "push",
        ),
        content_type="json",
    )  # fmt: skip


def a_config(folder: Path, github_url: str, jenkins_url: str, **settings: Any) -> Config:
    """The ordinary config.json of a story, written down and read."""
    whole = {
        "jenkins": {
            "base_url": jenkins_url,
            "username": "leeroy",
            "token": JENKINS_TOKEN,
            "notification_secret": NOTIFICATION_SECRET,
            "timeout": PATIENCE,
            **settings.pop("jenkins", {}),
        },
        "github_api_url": github_url,
        "github_timeout": PATIENCE,
        "github_token": TOKEN,
        "github_webhook_secret": WEBHOOK_SECRET,
        "user": "operator",
        "pass": "operators-password",
        "sweep_minutes": 0,
        "builds": [{"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}],
        **settings,
    }
    path = folder / "config.json"
    path.write_text(json.dumps(whole))
    return parse_config(path.read_text(), environ={}, read_file=Path.read_text, source=path)
