"""The world, running: both sandboxes and Leeroy on loopback, in a folder that goes away again."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, func, or_, select

from leeroy.database import now, open_database, read
from leeroy.demo import cast
from leeroy.demo.expectations import Conversation, Head, Standing
from leeroy.demo.service import Service, local
from leeroy.model import FOLLOW_BUILDS, SWEEP
from leeroy.queue.tables import subjects
from leeroy.store import Store
from leeroy_sandbox.github import GitHub
from leeroy_sandbox.jenkins import Endpoint, Jenkins
from leeroy_sandbox.server import Server

#: A subject due later than this is a plan for the future.
SOON_SECONDS = 10.0
#: These come up again for ever, so that nobody waits for the next time.
RECURRING = (SWEEP, FOLLOW_BUILDS)
#: What the threads of builds may take to end once Jenkins is switched off.
JENKINS_GRACE_SECONDS = 5.0


class TookTooLong(Exception):
    """Something did not come to pass in time; the text says what."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long everything may take together: no wait goes on beyond the deadline."""

    #: By :func:`time.monotonic`.
    deadline: float

    @classmethod
    def for_seconds(cls, seconds: float) -> "Patience":
        """Until so many seconds from now."""
        return cls(deadline=time.monotonic() + seconds)

    def until(self, what: str, holds: Callable[[], object]) -> None:
        """Wait until something holds.

        Raises:
            TookTooLong: it does not in time.
        """
        while not holds():
            if time.monotonic() > self.deadline:
                raise TookTooLong(f"{what}: not in time")
            time.sleep(0.02)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What the story plays on, and the narrator watches."""

    folder: Path
    keys: cast.Keys
    github: GitHub
    jenkins: Jenkins
    service: Service
    #: Leeroy's own database, read only.
    engine: Engine
    store: Store
    patience: Patience
    #: The heads each pull request had, the first one first.
    heads: dict[int, list[str]] = field(default_factory=dict)
    #: The heads that pushes gave to main.
    main_heads: list[str] = field(default_factory=list)

    @property
    def config(self) -> Path:
        """Leeroy's settings."""
        return self.folder / "config.json"

    @property
    def clone_url(self) -> str:
        """Where git finds the repository; a plain path would be copied file by file."""
        return self.github.git_path(cast.REPO).as_uri()

    def open_pull(
        self,
        author: str,
        branch: str,
        title: str,
        files: Mapping[str, str],
        message: str,
        *,
        is_fork: bool = False,
    ) -> int:
        """Somebody pushes a branch, to the repository or a new fork, and opens a pull request."""
        repo = self.github.fork(cast.REPO, author) if is_fork else cast.REPO
        sha = self.github.push(repo, branch, dict(files), message=message, by=author)
        head = f"{author}:{branch}" if is_fork else branch
        number = self.github.open_pull(cast.REPO, head, title=title, author=author)
        self.heads[number] = [sha]
        return number

    def push(
        self,
        number: int,
        files: Mapping[str, str],
        message: str,
        *,
        parents: tuple[str, ...] | None = None,
    ) -> str:
        """The author pushes again; with ``parents`` by force, instead of what was there."""
        pull = self.github.pull(cast.REPO, number)
        sha = self.github.push(
            cast.REPO,
            pull.head_ref,
            dict(files),
            message=message,
            parents=parents,
            force=parents is not None,
            by=pull.author,
        )
        self.heads[number].append(sha)
        return sha

    def merge(self, number: int, by: str) -> str:
        """Somebody merges a pull request, as one commit: a push to main."""
        sha = self.github.merge_pull(cast.REPO, number, squash=True, by=by)
        self.main_heads.append(sha)
        return sha

    def ask(self, path: str, body: Mapping[str, object]) -> int:
        """The operator asks Leeroy for something by HTTP; the answer's status."""
        with local() as session:
            auth = (cast.OPERATOR, self.keys.password)
            return session.post(
                self.service.url + path, json=body, auth=auth, timeout=10
            ).status_code

    def statuses(self, sha: str) -> dict[str, str]:
        """What GitHub shows of a sha: context -> state."""
        latest = self.github.statuses(cast.REPO, sha).latest
        return {status.context: status.state for status in latest.values()}

    def settle(self) -> None:
        """Wait until all is delivered, built, and looked at."""
        self.patience.until("everything to come to rest", self._is_quiet)

    def standing(self) -> Standing:
        """Everything that stands on GitHub and Jenkins now."""
        return Standing(
            heads=tuple(
                Head(pull=number, push=push, statuses=self.statuses(sha), builds=self._builds(sha))
                for number, shas in (*self.heads.items(), (None, self.main_heads))
                for push, sha in enumerate(shas, start=1)
            ),
            conversations=tuple(self._conversation(number) for number in self.heads),
        )

    def _builds(self, sha: str) -> dict[str, int]:
        counts = {
            job: sum(
                value.name == "GIT_SHA1" and value.text == sha
                for build in self.jenkins.builds(job)
                for value in build.parameters
            )
            for job in (cast.TEST_JOB, cast.DOCS_JOB, cast.BINARIES_JOB)
        }
        return {job: count for job, count in counts.items() if count}

    def _conversation(self, number: int) -> Conversation:
        said = [c for c in self.github.comments(cast.REPO, number) if c.login == cast.BOT]
        return Conversation(
            pull=number,
            labels=frozenset(self.github.labels(cast.REPO, number)),
            comments=len(said),
            last=said[-1].body if said else "",
        )

    def _is_quiet(self) -> bool:
        # Twice, as a build may end between the two: what it says is on the queue by then.
        return self._has_nothing_due() and self._has_no_builds() and self._has_nothing_due()

    def _has_no_builds(self) -> bool:
        try:
            self.github.wait_delivered(0)
            self.jenkins.wait_idle(0)
        except TimeoutError:
            return False
        return True

    def _has_nothing_due(self) -> bool:
        with read(self.engine) as connection:
            clock = now(connection)
            is_soon = (subjects.c.due <= clock + SOON_SECONDS) & subjects.c.name.not_in(RECURRING)
            busy = or_(is_soon, subjects.c.due <= clock, subjects.c.leased_until > clock)
            count = select(func.count()).select_from(subjects).where(busy)
            return not connection.execute(count).scalar_one()


@contextmanager
def set_stage(*, port: int = 0, seconds: float) -> Iterator[Stage]:
    """Start everything; end everything, whatever happens."""
    patience = Patience.for_seconds(seconds)
    with ExitStack() as stack:
        name = TemporaryDirectory(prefix="leeroy-demo-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(name))
        keys = cast.Keys()
        github = GitHub(folder / "github")
        github_url = stack.enter_context(github.serve())
        cast.set_up_github(github, keys)
        jenkins = Jenkins(folder / "jenkins")
        stack.callback(_switch_off, jenkins)
        jenkins.root_url = jenkins_url = stack.enter_context(Server(jenkins.wsgi)).url
        cast.set_up_jenkins(jenkins, keys)
        settings = cast.settings(github_url, jenkins_url, keys)
        (folder / "config.json").write_text(json.dumps(settings, indent=2))
        service = stack.enter_context(Service(folder / "config.json", port))
        patience.until("leeroy serve to start", service.is_ready)
        endpoint = Endpoint(
            url=f"{service.url}/notification/jenkins?secret={keys.notification}", event="all"
        )
        for job, about in cast.jobs(folder, github.root).items():
            jenkins.add_job(job, endpoints=[endpoint], **about)
        github.add_hook(
            cast.REPO,
            f"{service.url}/notification/github",
            secret=keys.webhook,
            events=cast.EVENTS,
            content_type="json",
        )
        engine = open_database("sqlite:///leeroy.db", relative_to=folder)
        stack.callback(engine.dispose)
        stage = Stage(
            folder=folder,
            keys=keys,
            github=github,
            jenkins=jenkins,
            service=service,
            engine=engine,
            store=Store(engine),
            patience=patience,
        )
        # Else the first sweep might find a pull request before GitHub tells of it.
        stage.settle()
        yield stage


def _switch_off(jenkins: Jenkins) -> None:
    """End what runs, and wait for its threads: they still write into the folder."""
    jenkins.close()
    try:
        Patience.for_seconds(JENKINS_GRACE_SECONDS).until(
            "the builds to end", lambda: not jenkins.runner.active
        )
    except TookTooLong:
        return
