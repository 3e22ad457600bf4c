"""One GitHub, one receiver, NSQ, and a series of consumers that each do their own part."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from leeroy.app import create_app
from leeroy.config import Config, parse_config
from leeroy.database import migrate
from leeroy.nsq.consumer import Consumer, Handled
from leeroy.nsq.envelope import parse
from leeroy.nsq.lookupd import Address
from leeroy.nsq.protocol import Message, Wishes
from leeroy.services import Services, make_services
from leeroy_sandbox.github import GitHub
from leeroy_sandbox.jenkins import Endpoint, Jenkins
from leeroy_sandbox.nsqd import Nsqd
from leeroy_sandbox.nsqd.options import Options
from leeroy_sandbox.server import Server
from tests.stories.world import (
    JENKINS_TOKEN,
    NOTIFICATION_SECRET,
    PARAMETERS,
    REPO,
    TOKEN,
    WEBHOOK_SECRET,
    add_hook,
    prepare_github,
    short_pause,
)
from tests.waiting import wait_for

TOPIC_SECRET = "the-topics-own-secret"
MARY = ("Mary", "mary@example.org")
SIGNED = "Make widgets rounder\n\nSigned-off-by: Mary <mary@example.org>\n"


@dataclass
class Series:
    """Everything on loopback, between GitHub and Jenkins."""

    folder: Path
    github: GitHub
    jenkins: Jenkins
    jenkins_url: str
    github_url: str
    nsqd: Nsqd
    stack: ExitStack

    def settings(self, name: str, **settings: Any) -> Config:
        """A program's own settings, with its own database."""
        folder = self.folder / name
        folder.mkdir()
        whole = {"github_api_url": self.github_url, "sweep_minutes": 0, **settings}
        source = folder / "config.json"
        return parse_config(json.dumps(whole), environ={}, read_file=Path.read_text, source=source)

    def receiver(self, **publish: Any) -> Services:
        """`leeroy hook`: GitHub's webhook leads to it."""
        to = {"url": self.nsqd.http_url, "topic": "github", "secret": TOPIC_SECRET, **publish}
        config = self.settings("hook", github_webhook_secret=WEBHOOK_SECRET, nsq={"publish": to})
        services = self._services(config, is_only_publishing=True)
        url = self.stack.enter_context(Server(create_app(services))).url
        assert services.publishing is not None
        services.publishing.start()
        self.stack.callback(services.publishing.stop)
        add_hook(self.github, url)
        self.github.wait_delivered()
        return services

    def leeroy(self, channel: str, **settings: Any) -> Services:
        """A Leeroy that takes its deliveries from a channel of its own."""
        consume = {
            "nsqd": [f"127.0.0.1:{self.nsqd.tcp_port}"],
            "topic": "github",
            "channel": channel,
            "secret": TOPIC_SECRET,
        }
        config = self.settings(channel, github_token=TOKEN, nsq={"consume": consume}, **settings)
        services = self._services(config)
        server = self.stack.enter_context(Server(create_app(services)))
        for job in [*config.builds, *config.branches]:
            address = f"{server.url}/notification/jenkins?secret={NOTIFICATION_SECRET}"
            self.jenkins.add_job(
                job.jenkins_job_name,
                parameters=PARAMETERS,
                endpoints=[Endpoint(url=address)],
                result="SUCCESS",
            )
        workers = services.workers(4)
        workers.start()
        self.stack.callback(workers.stop)
        consumer = services.consumer
        assert consumer is not None
        wait_for(lambda: all(link.is_subscribed for link in consumer.links))
        return services

    def to_jenkins(self) -> dict[str, str]:
        """The settings of the Jenkins."""
        return {
            "base_url": self.jenkins_url,
            "username": "leeroy",
            "token": JENKINS_TOKEN,
            "notification_secret": NOTIFICATION_SECRET,
        }

    def statuses(self, sha: str) -> dict[str, str]:
        """What GitHub shows of a sha: context -> state."""
        return {s.context: s.state for s in self.github.statuses(REPO, sha).latest.values()}

    def _services(self, config: Config, **how: Any) -> Services:
        services = make_services(config, pause=short_pause, **how)
        self.stack.callback(services.close)
        migrate(services.engine)
        return services


@pytest.fixture
def series(tmp_path: Path) -> Iterator[Series]:
    with ExitStack() as stack:
        github = GitHub(tmp_path / "github")
        github_url = stack.enter_context(github.serve())
        jenkins = stack.enter_context(Jenkins(tmp_path / "jenkins"))
        jenkins_url = stack.enter_context(Server(jenkins.wsgi)).url
        jenkins.root_url = jenkins_url
        jenkins.add_user("leeroy", token=JENKINS_TOKEN)
        prepare_github(github)
        # nsqd as docs/nsq.md says to run it; what it read is told to its disk sooner.
        nsqd = stack.enter_context(Nsqd(Options(mem_queue_size=0, sync_timeout=0.1)))
        yield Series(
            folder=tmp_path,
            github=github,
            jenkins=jenkins,
            jenkins_url=jenkins_url,
            github_url=github_url,
            nsqd=nsqd,
            stack=stack,
        )


@pytest.fixture
def plain_program(series: Series) -> Callable[[], list[tuple[str, str]]]:
    """A program that is no Leeroy: it writes down events and whose they are."""
    seen: list[tuple[str, str]] = []

    def handle(message: Message) -> Handled:
        envelope = parse(message.body, secrets=[TOPIC_SECRET])
        seen.append((envelope.event, envelope.subject))
        return Handled.DONE

    consumer = Consumer(
        nsqd=[Address(host="127.0.0.1", port=series.nsqd.tcp_port)],
        wishes=Wishes(topic="github", channel="audit", ready=4, longest=2**20),
        handle=handle,
    )
    consumer.start()
    series.stack.callback(consumer.stop)
    wait_for(lambda: all(link.is_subscribed for link in consumer.links))
    return lambda: seen


def test_one_push_and_one_pull_request_are_handled_by_four_consumers_once_each(
    series: Series, plain_program: Callable[[], list[tuple[str, str]]]
) -> None:
    build = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
    series.leeroy("builds", jenkins=series.to_jenkins(), builds=[build])
    policy = {"signoff": {"mode": "required"}}
    series.leeroy("checks", repositories={REPO: {"patchparser": policy}})
    on_main = {"github_repo": REPO, "branch": "main"}
    series.leeroy(
        "branches",
        jenkins=series.to_jenkins(),
        branches=[
            {**on_main, "jenkins_job_name": "ci/binaries", "context": "binaries"},
            {**on_main, "jenkins_job_name": "ci/docs", "context": "docs"},
        ],
    )
    receiver = series.receiver()
    pushed = series.github.push(REPO, "main", {"src/widget.py": "round = 2\n"})
    done = {"binaries": "success", "docs": "success"}
    wait_for(lambda: series.statuses(pushed) == done)
    wait_for(lambda: ("push", f"{REPO}@main") in plain_program())

    series.nsqd.kill()
    change = {"src/widget.py": "round = 3\n"}
    series.github.push(REPO, "rounder", change, message=SIGNED, author=MARY)
    number = series.github.open_pull(REPO, "rounder")
    head = series.github.pull(REPO, number).head_sha
    series.github.wait_delivered()  # answered, though nsqd is away
    assert receiver.store.outbox_state().count >= 1
    assert series.statuses(head) == {}

    series.nsqd.start()
    done = {"janky": "success", "patchparser/signoff": "success"}
    wait_for(lambda: series.statuses(head) == done)
    wait_for(lambda: ("pull_request", f"{REPO}#{number}") in plain_program())
    wait_for(lambda: receiver.store.outbox_state().count == 0)
    # A killed nsqd hands out again what it had handed out before; nobody did anything twice.
    for job, sha in {"ci/widgets": head, "ci/binaries": pushed, "ci/docs": pushed}.items():
        assert built(series, job) == [sha]
    for sha in (pushed, head):
        states = series.github.statuses(REPO, sha).history
        ends = Counter(s.context for s in states if s.state != "pending")
        assert set(ends.values()) == {1}


def built(series: Series, job: str) -> list[str]:
    """The sha of each build of a job."""
    return [
        str(value.value)
        for build in series.jenkins.builds(job)
        for value in build.parameters
        if value.name == "GIT_SHA1"
    ]


def test_what_is_too_long_to_travel_is_built_all_the_same(series: Series) -> None:
    build = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
    branch = {"github_repo": REPO, "branch": "main", "jenkins_job_name": "ci/docs"}
    series.leeroy("builds", jenkins=series.to_jenkins(), builds=[build], branches=[branch])
    services = series.receiver(most_bytes=12_000)
    short = series.github.push(REPO, "main", {"src/widget.py": "round = 2\n"})
    wait_for(lambda: series.statuses(short) == {"ci/docs": "success"})
    message = "Make widgets rounder\n\n" + "They were not round.\n" * 1000
    long = series.github.push(REPO, "main", {"src/widget.py": "round = 3\n"}, message=message)
    series.github.push(REPO, "rounder", {"src/widget.py": "round = 4\n"})
    number = series.github.open_pull(REPO, "rounder")
    head = series.github.pull(REPO, number).head_sha
    wait_for(lambda: series.statuses(head) == {"janky": "success"})
    wait_for(lambda: series.statuses(long) == {"ci/docs": "success"})
    assert built(series, "ci/widgets") == [head]
    assert built(series, "ci/docs") == [short, long]
    sent = [services.store.delivery(each.guid) for each in services.store.recent_deliveries()]
    events = {kept.event for kept in sent if kept is not None and len(kept.payload) > 12_000}
    assert events == {"push", "pull_request"}


def test_the_receiver_refuses_what_github_did_not_sign_and_publishes_all_it_did(
    series: Series, plain_program: Callable[[], list[tuple[str, str]]]
) -> None:
    receiver = series.receiver()
    url = series.github.hooks_of(REPO)[-1].url
    forged = requests.post(url, json={}, headers={"X-GitHub-Event": "push"}, timeout=5)
    assert forged.status_code == 401
    series.github.push(REPO, "anywhere", {"a": "b\n"})
    wait_for(lambda: plain_program() == [("push", f"{REPO}@anywhere")])
    assert receiver.queue.depth() == 0
    (kept,) = receiver.store.recent_deliveries()
    assert kept.event == "push"
