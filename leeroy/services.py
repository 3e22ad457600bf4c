"""Settings -> the real parts: clients, store, queue, workers. Everything with a socket is made here."""

import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from sqlalchemy import Connection, Engine

from leeroy import database
from leeroy.config import Config, github_web_url
from leeroy.database import open_database
from leeroy.github import GitHub, GitHubConnection
from leeroy.github.gate import GITHUB_COM_BUDGETS, Gate
from leeroy.jenkins import Jenkins, JenkinsConnection
from leeroy.logs import Redactor
from leeroy.metrics import Metrics
from leeroy.model import FOLLOW_BUILDS, SWEEP
from leeroy.queue import Queue, pause_after, this_process
from leeroy.store import Store
from leeroy.store.closings import Closings
from leeroy.worker import Crew, Looks
from leeroy.worker.applying.github import GitHubHands
from leeroy.worker.applying.jenkins import JenkinsHands
from leeroy.worker.applying.messengers import Messengers
from leeroy.worker.applying.notices import NoticeHands
from leeroy.worker.applying.records import Records
from leeroy.worker.asking import Asking
from leeroy.worker.branch_jobs import BranchJobs
from leeroy.worker.cron import RepoLooks
from leeroy.worker.following import Follower
from leeroy.worker.reading.beginning import Reader
from leeroy.worker.reading.branches import BranchReader
from leeroy.worker.reading.details import ResultsReader
from leeroy.worker.reading.jenkins import JobDefaults, Sightings
from leeroy.worker.reading.people import People
from leeroy.worker.retention import Retention
from leeroy.worker.sweep.reading import SweepReader
from leeroy.worker.sweep.sweeping import Sweep
from leeroy.worker.turns import Turns

#: A hint is given up after about four hours of trouble; the sweep finds it again.
MOST_ATTEMPTS = 60
#: Calls to GitHub and Jenkins that all looks of one process make at the same time.
CALLS_AT_ONCE = 24
#: Looks at the same time. Each waits for GitHub and Jenkins most of its time; with more of them
#: threads get in each other's way.
WORKERS = 12
#: A look's lease. A worker extends it after a third; when it or its machine dies, its work is
#: taken over within 30 s.
LEASE_SECONDS = 25.0


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts of one process."""

    config: Config
    engine: Engine
    queue: Queue
    store: Store
    github: GitHub
    jenkins: Jenkins
    looks: Looks
    sweep: Sweep
    follower: Follower
    metrics: Metrics
    side: Executor

    def close(self) -> None:
        """Close every connection; the parts are of no use afterwards."""
        self.side.shutdown(wait=False, cancel_futures=True)
        self.github.close()
        self.jenkins.close()
        self.engine.dispose()

    def crew(self, threads: int | None = None, *, is_passing: bool = False) -> Crew:
        """Workers over these parts; not started yet. Passing ones begin nothing that stays."""
        begin = () if is_passing else (self.sweep.begin, self.follower.begin)
        return Crew(
            self.queue,
            self.looks,
            threads=threads or WORKERS,
            lease_seconds=LEASE_SECONDS,
            begin=begin,
        )


def make_services(
    config: Config,
    *,
    pause: Callable[[int], float] = pause_after,
    database_clock: Callable[[Connection], float] = database.now,
    gate_clock: Callable[[], float] = time.monotonic,
    shares_limits: bool = True,
) -> Services:
    """Make every part; nothing is connected before it is used.

    ``pause`` is how long a subject rests after so many looks that failed, in seconds. Commands that
    only ask do not share GitHub's limits with the others: there may be no database yet.
    """
    metrics = Metrics(CollectorRegistry())
    engine = open_database(config.database_url.get_secret_value(), relative_to=config.source.parent)
    queue = Queue(
        engine,
        name=this_process(),
        lease_seconds=LEASE_SECONDS,
        max_attempts=MOST_ATTEMPTS,
        pause=pause,
        clock=database_clock,
    )
    store = Store(engine)
    side = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="side")
    github = GitHub(
        GitHubConnection(
            api_url=config.github_api_url,
            timeout=config.github_timeout,
            ca_file=_beside(config, config.github_ca_file),
            verify=config.github_verify,
            proxy=_secret(config.github_proxy),
        ),
        token_for=lambda repo: config.for_repo(repo).github_token.get_secret_value(),
        metrics=metrics,
        # GitHub Enterprise Server has no limits of its own unless somebody sets them.
        gate=Gate(
            budgets=GITHUB_COM_BUDGETS if _is_github_com(config) else (),
            others=Closings(engine, clock=database_clock) if shares_limits else None,
            clock=gate_clock,
        ),
        side=side,
    )
    jenkins = Jenkins(
        {
            name: JenkinsConnection(
                base_url=server.base_url,
                username=server.username,
                token=server.token.get_secret_value(),
                timeout=server.timeout,
                verify=server.verify,
                ca_file=_beside(config, server.ca_file),
                proxy=_secret(server.proxy),
            )
            for name, server in config.servers.items()
        },
        metrics=metrics,
    )
    login_for = _login_of(config, github)
    branch_jobs = BranchJobs(jenkins=jenkins, github=github, store=store)
    sightings = Sightings(
        store=store,
        jenkins=jenkins,
        branch_jobs=branch_jobs,
        side=side,
        defaults=JobDefaults(jenkins=jenkins),
    )
    reader = Reader(
        config=config,
        store=store,
        github=github,
        jenkins=jenkins,
        side=side,
        people=People(github=github, store=store, login_for=login_for),
        sightings=sightings,
        branch_jobs=branch_jobs,
        results=ResultsReader(jenkins=jenkins, redact=Redactor(config.secrets()).redact),
    )
    messengers = Messengers(
        smtp_url=config.smtp_url,
        mail_from=config.mail_from,
        web_url=github_web_url(config.github_api_url),
    )
    sweep = Sweep(
        config=config,
        store=store,
        queue=queue,
        reader=SweepReader(
            config=config, store=store, github=github, side=side, login_for=login_for
        ),
        retention=Retention(config=config, store=store, queue=queue),
        metrics=metrics,
    )
    follower = Follower(store=store, queue=queue, side=side, find=sightings.of)
    looks = Looks(
        reader=reader,
        asking=Asking(side=side),
        branches=BranchReader(reader=reader),
        repos=RepoLooks(config=config, store=store, queue=queue, github=github, side=side),
        at_jenkins=JenkinsHands(
            store=store,
            jenkins=jenkins,
            side=side,
            find=sightings.of,
            branch_jobs=branch_jobs,
            turns=Turns(config=config, store=store, queue=queue),
        ),
        at_github=GitHubHands(store=store, github=github, side=side, login_for=login_for),
        notices=NoticeHands(store=store, messengers=messengers),
        records=Records(store=store),
        queue=queue,
        recurring={SWEEP: sweep, FOLLOW_BUILDS: follower},
    )
    return Services(
        config=config,
        engine=engine,
        queue=queue,
        store=store,
        github=github,
        jenkins=jenkins,
        looks=looks,
        sweep=sweep,
        follower=follower,
        metrics=metrics,
        side=side,
    )


def _login_of(config: Config, github: GitHub) -> Callable[[str], str]:
    """Our login for a repository: as the settings say, else asked of GitHub once a token."""
    known: dict[str, str] = {}

    def login(repo: str) -> str:
        settings = config.for_repo(repo)
        token = settings.github_token.get_secret_value()
        if token not in known:
            known[token] = settings.github_user or github.whoami(repo)
        return known[token]

    return login


def _is_github_com(config: Config) -> bool:
    return urlsplit(config.github_api_url).hostname == "api.github.com"


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def _beside(config: Config, path: str | None) -> str | None:
    """A path of the settings, which begins at their folder."""
    return str(config.source.parent / path) if path else None
