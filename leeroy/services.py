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
from leeroy.deciding.messages import duration
from leeroy.github import GitHub, GitHubConnection
from leeroy.github.gate import GITHUB_COM_BUDGETS, Gate
from leeroy.jenkins import Jenkins, JenkinsConnection
from leeroy.logs import Redactor
from leeroy.metrics import Metrics
from leeroy.model import FOLLOW_BUILDS, SWEEP
from leeroy.nsq.consumer import Consumer
from leeroy.queue import Queue, pause_after, this_process
from leeroy.store import Store
from leeroy.store.closings import Closings
from leeroy.worker import Looks, WorkerThreads
from leeroy.worker.applying.github import GitHubApplier
from leeroy.worker.applying.jenkins import JenkinsApplier
from leeroy.worker.applying.messengers import Messengers
from leeroy.worker.applying.notices import NoticeApplier
from leeroy.worker.applying.records import Records
from leeroy.worker.asking import Asking
from leeroy.worker.branch_jobs import BranchJobs
from leeroy.worker.consuming import Handling
from leeroy.worker.cron import RepoLooks
from leeroy.worker.following import Follower
from leeroy.worker.intake import Intake
from leeroy.worker.names import Names
from leeroy.worker.nsq import make_consumer, make_outbox, make_publishing
from leeroy.worker.publishing import Publishing
from leeroy.worker.reading.beginning import Reader
from leeroy.worker.reading.branches import BranchReader
from leeroy.worker.reading.details import ResultsReader
from leeroy.worker.reading.github import NeedsReader
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
#: Seconds after which a delivery that waits to be published is worth a line.
OUTBOX_PATIENCE = 60.0
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
    intake: Intake
    #: None: nothing is published.
    publishing: Publishing | None
    #: None: nothing is taken from NSQ.
    consumer: Consumer | None

    def close(self) -> None:
        """Close every connection; the parts are of no use afterwards."""
        self.side.shutdown(wait=False, cancel_futures=True)
        self.github.close()
        self.jenkins.close()
        self.engine.dispose()

    def measure(self) -> None:
        """Set the metrics of what stands and goes by itself."""
        state = self.store.outbox_state()
        self.metrics.nsq_outbox.set(state.count)
        self.metrics.nsq_outbox_age.set(state.oldest)
        links = self.consumer.links if self.consumer else ()
        self.metrics.nsq_subscribed.set(sum(link.is_subscribed for link in links))

    def nsq_troubles(self) -> tuple[str, ...]:
        """What is wrong with the ways deliveries are handed on and brought, as this process sees it."""
        state = self.store.outbox_state()
        found = []
        if state.oldest > OUTBOX_PATIENCE:
            found.append(
                f"deliveries waiting to be published: {state.count}, the oldest for "
                f"{duration(state.oldest)}"
            )
        # Without addresses: anybody may see a public dashboard.
        links = self.consumer.links if self.consumer else ()
        broken = [link.trouble for link in links if link.trouble]
        if broken:
            found.append(f"nothing comes from {len(broken)} of {len(links)} nsqds: {broken[0]}")
        return tuple(found)

    def workers(self, threads: int | None = None, *, is_passing: bool = False) -> WorkerThreads:
        """Workers over these parts; not started yet. Passing ones begin nothing that stays."""
        begin = () if is_passing else (self.sweep.begin, self.follower.begin)
        beside = () if is_passing else (self.publishing, self.consumer)
        return WorkerThreads(
            self.queue,
            self.looks,
            threads=threads or WORKERS,
            lease_seconds=LEASE_SECONDS,
            begin=begin,
            beside=[each for each in beside if each is not None],
        )


def make_services(
    config: Config,
    *,
    pause: Callable[[int], float] = pause_after,
    database_clock: Callable[[Connection], float] = database.now,
    gate_clock: Callable[[], float] = time.monotonic,
    shares_limits: bool = True,
    is_only_publishing: bool = False,
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
    people = People(github=github, store=store, login_for=login_for)
    reader = Reader(
        config=config,
        store=store,
        github=github,
        jenkins=jenkins,
        side=side,
        people=people,
        sightings=sightings,
        branch_jobs=branch_jobs,
    )
    messengers = Messengers(
        smtp_url=config.smtp_url,
        mail_from=config.mail_from,
        web_url=github_web_url(config.github_api_url),
    )
    retention = Retention(config=config, store=store, queue=queue)
    sweep = Sweep(
        config=config,
        store=store,
        queue=queue,
        reader=SweepReader(
            config=config, store=store, github=github, side=side, login_for=login_for
        ),
        retention=retention,
        metrics=metrics,
    )
    follower = Follower(store=store, queue=queue, side=side, find=sightings.of)
    looks = Looks(
        reader=reader,
        needs=NeedsReader(
            github=github,
            people=people,
            results=ResultsReader(jenkins=jenkins, redact=Redactor(config.secrets()).redact),
        ),
        asking=Asking(side=side),
        branches=BranchReader(reader=reader),
        repos=RepoLooks(config=config, store=store, queue=queue, github=github, side=side),
        at_jenkins=JenkinsApplier(
            store=store,
            jenkins=jenkins,
            side=side,
            find=sightings.of,
            branch_jobs=branch_jobs,
            turns=Turns(config=config, store=store, queue=queue),
        ),
        at_github=GitHubApplier(store=store, github=github, side=side, login_for=login_for),
        notices=NoticeApplier(store=store, messengers=messengers),
        records=Records(store=store),
        queue=queue,
        recurring={SWEEP: sweep, FOLLOW_BUILDS: follower},
    )
    outbox = make_outbox(config, store, metrics)
    intake = Intake(
        config=config,
        queue=queue,
        store=store,
        metrics=metrics,
        names=Names(config, store, metrics),
        outbox=outbox,
        is_only_publishing=is_only_publishing,
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
        intake=intake,
        publishing=make_publishing(
            config,
            store,
            outbox,
            metrics,
            # Who only publishes makes no sweep, which forgets otherwise.
            forget=retention.forget if is_only_publishing else None,
        ),
        consumer=make_consumer(config, Handling(intake, metrics)),
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
