"""Deliveries through NSQ while everything is killed: what is lost, what comes twice, how fast.

    python -m benchmarks.nsq [--count 5000] [--size 20000] [--mem-queue-size 0]

Webhooks are sent to a real ``leeroy hook``, which publishes them to nsqd; a consumer in a process
of its own takes them into the queue of its database. After a third of them nsqd is killed (SIGKILL)
and started again after two seconds, after two thirds the consumer is. What counts is what is in the
consumer's queue at the end: each delivery has to be one piece of work. nsqd is the real one where
``LEEROY_TEST_NSQD`` names its binary, else the stand-in.
"""

import hmac
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Engine, func, select

from benchmarks.load import Sent, percentile, send_all, send_at
from benchmarks.sandboxes import Webhook
from leeroy.database import migrate, open_database, read
from leeroy.queue.tables import hints
from leeroy.store import Store
from leeroy_sandbox.nsqd.either import AnNsqd, Flags, Real, StandIn, free_port, why_no_real_one

REPO = "acme/widgets"
SECRET, TOPIC_SECRET = "webhook-secret", "topic-secret"
PATIENCE_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of the deliveries of one run; times in seconds."""

    sent: int
    #: Webhooks that GitHub would show as failed.
    refused: int
    #: Of the answers to webhooks.
    answers: tuple[float, ...]
    #: From the first webhook until all were answered, published and in the consumer's queue.
    until_answered: float
    until_published: float
    until_taken: float
    #: Deliveries that never came to the consumer's queue.
    lost: int
    #: Hints beyond one for each delivery.
    doubled: int
    #: From the moment nsqd listened again until the consumer had subscribed; None: not killed.
    reconnect: float | None


class Programs:
    """An nsqd, a receiver and a consumer, each killed when the caller likes."""

    def __init__(self, folder: Path, nsqd: AnNsqd) -> None:
        self._folder = folder
        self.nsqd = nsqd
        self._processes: list[subprocess.Popen[bytes]] = []
        publish = {"url": f"http://127.0.0.1:{nsqd.http_port}", "topic": "github"}
        consume = {"nsqd": [f"127.0.0.1:{nsqd.tcp_port}"], "topic": "github", "channel": "bench"}
        self._hook = self._settings(
            "hook",
            nsq={"publish": {**publish, "secret": TOPIC_SECRET}},
            github_webhook_secret=SECRET,
        )
        self._consumer = self._settings(
            "consumer",
            nsq={"consume": {**consume, "secret": TOPIC_SECRET}},
            github_token="g",
            repositories={REPO: {}},
        )
        self.outbox = Store(self._database("hook"))
        self.taken = self._database("consumer")
        self.consumer = self.start_consumer()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._start("leeroy", "hook", "--port", str(port), "--config", str(self._hook))

    def start_consumer(self) -> subprocess.Popen[bytes]:
        """Take deliveries from now on."""
        return self._start("benchmarks.nsq_consumer", str(self._consumer))

    def subscribed(self) -> int:
        """How often the consumer has subscribed until now."""
        return (self._folder / "log").read_text().count('"event": "subscribed"')

    def end(self) -> None:
        """Kill what runs."""
        for process in self._processes:
            process.kill()
            process.wait()
        self.taken.dispose()

    def _start(self, module: str, *words: str) -> subprocess.Popen[bytes]:
        root = Path(__file__).resolve().parents[1]
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(root)},
            )
        self._processes.append(process)
        return process

    def _settings(self, name: str, **settings: object) -> Path:
        folder = self._folder / name
        folder.mkdir()
        path = folder / "config.json"
        path.write_text(json.dumps(settings))
        return path

    def _database(self, name: str) -> Engine:
        engine = open_database(f"sqlite:///{self._folder / name / 'leeroy.db'}")
        migrate(engine)
        return engine


def run(programs: Programs, webhooks: Sequence[Webhook], *, kills: bool) -> Outcome:
    """Send webhooks, kill nsqd and the consumer meanwhile, and see what arrives."""
    before, count = _taken(programs.taken)[0], len(webhooks)
    begun = time.monotonic()
    sent: list[Sent] = []
    sending = threading.Thread(target=lambda: sent.extend(send_all(programs.url, webhooks)))
    sending.start()
    reconnect = _kill_both(programs, before, count) if kills else None
    sending.join()
    answered = time.monotonic()
    _wait(lambda: programs.outbox.outbox_state().count == 0)
    published = time.monotonic()
    taken = _wait_for_the_last(programs.taken, before + count)
    distinct, hinted = _taken(programs.taken)
    return Outcome(
        sent=count,
        refused=sum(one.status != 202 for one in sent),
        answers=tuple(one.seconds for one in sent),
        until_answered=answered - begun,
        until_published=published - begun,
        until_taken=taken - begun,
        lost=before + count - distinct,
        doubled=hinted - distinct,
        reconnect=reconnect,
    )


def webhooks_of(first: int, count: int, size: int) -> list[Webhook]:
    """So many pull requests' webhooks, each of so many bytes."""
    return [_webhook(number, size) for number in range(first, first + count)]


@contextmanager
def programs_in(folder: Path, flags: Flags, *, is_real: bool) -> Iterator[Programs]:
    """Everything up and connected; nsqd has told its disk of the topic and the channel."""
    (folder / "nsqd").mkdir()
    nsqd: AnNsqd = Real(flags, folder / "nsqd") if is_real else StandIn(flags)
    nsqd.start()
    programs = Programs(folder, nsqd)
    try:
        _wait(lambda: programs.subscribed() == 1)
        _wait(lambda: _is_ready(programs.url))
        send_all(programs.url, webhooks_of(1, 1, 1000))
        _wait(lambda: _taken(programs.taken)[0] == 1)
        # A new topic is lost by a kill in its first moments; this one was there before.
        nsqd.stop()
        nsqd.start()
        _wait(lambda: programs.subscribed() == 2)
        yield programs
    finally:
        programs.end()
        nsqd.kill()


def _kill_both(programs: Programs, before: int, count: int) -> float:
    """Kill nsqd after a third, the consumer after two thirds; how long reconnecting took."""
    _wait(lambda: _taken(programs.taken)[0] >= before + count // 3)
    programs.nsqd.kill()
    time.sleep(2)
    subscriptions = programs.subscribed()
    programs.nsqd.start()
    up = time.monotonic()
    _wait(lambda: programs.subscribed() > subscriptions)
    reconnect = time.monotonic() - up
    _wait(lambda: _taken(programs.taken)[0] >= before + 2 * count // 3)
    programs.consumer.send_signal(signal.SIGKILL)
    programs.consumer.wait()
    programs.consumer = programs.start_consumer()
    return reconnect


def _wait_for_the_last(engine: Engine, count: int) -> float:
    """When the last delivery came: all of them, or none for half a minute."""
    last, seen = time.monotonic(), _taken(engine)[0]
    while seen < count and time.monotonic() - last < 30:
        time.sleep(0.02)
        now = _taken(engine)[0]
        if now != seen:
            last, seen = time.monotonic(), now
    return last


def _taken(engine: Engine) -> tuple[int, int]:
    """Deliveries in the consumer's queue, and hints they are."""
    counts = select(func.count(hints.c.delivery.distinct()), func.count()).select_from(hints)
    with read(engine) as connection:
        distinct, all_of_them = connection.execute(counts).one()
    return int(distinct), int(all_of_them)


def _webhook(number: int, size: int) -> Webhook:
    said = {
        "action": "opened",
        "number": number,
        "repository": {"full_name": REPO},
        "sender": {"type": "User"},
        "text": "",
    }
    said["text"] = "x" * (size - len(json.dumps(said)))
    body = json.dumps(said).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-Hub-Signature-256": f"sha256={hmac.digest(SECRET.encode(), body, 'sha256').hex()}",
    }
    return Webhook(pull=number, body=body, headers=headers)


def _is_ready(url: str) -> bool:
    import urllib.request

    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=1):
            return True
    except OSError:
        return False


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come to pass")
        time.sleep(0.005)


def _tell(what: str, outcome: Outcome) -> None:
    n = outcome.sent
    reconnect = "" if outcome.reconnect is None else f"{outcome.reconnect:.2f} s"
    print(
        f"{what:<22}{n:>6}{outcome.refused:>9}{n / outcome.until_answered:>11.0f}"
        f"{n / outcome.until_published:>12.0f}{n / outcome.until_taken:>8.0f}"
        f"{outcome.lost:>6}{outcome.doubled:>9}{reconnect:>11}"
    )


@click.command()
@click.option("--count", default=5_000, show_default=True, help="Deliveries of each run.")
@click.option("--size", default=20_000, show_default=True, help="Bytes of each.")
@click.option("--mem-queue-size", default=0, show_default=True, help="nsqd's; its default: 10000.")
@click.option("--sync-every", default=2_500, show_default=True, help="nsqd's.")
@click.option("--away", default=60.0, show_default=True, help="Seconds for which nsqd is away.")
def main(count: int, size: int, mem_queue_size: int, sync_every: int, away: float) -> None:
    """Measure and print."""
    why = why_no_real_one()
    print(f"nsqd: {'the stand-in; ' + why if why else 'real'}; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(dir=".", prefix=".bench-") as name:
        folder = Path(name).resolve()
        flags = Flags(mem_queue_size=mem_queue_size, sync_every=sync_every)
        with programs_in(folder, flags, is_real=not why) as programs:
            print(
                f"{'':<22}{'sent':>6}{'refused':>9}{'answered/s':>11}{'published/s':>12}"
                f"{'taken/s':>8}{'lost':>6}{'doubled':>9}{'reconnect':>11}"
            )
            _tell("everything lives", run(programs, webhooks_of(2, count, size), kills=False))
            more = webhooks_of(2 + count, count, size)
            _tell("nsqd, consumer killed", run(programs, more, kills=True))
            _tell_of_absence(programs, away, size)


def _tell_of_absence(programs: Programs, away: float, size: int) -> None:
    """GitHub's answers do not depend on nsqd: the same rate with it and without."""
    many = int(50 * away)
    for what in ("up", "away"):
        if what == "away":
            programs.nsqd.stop()
        sent = send_at(programs.url, webhooks_of(1_000_000, many, size), 50)
        times = [one.seconds for one in sent]
        refused = sum(one.status != 202 for one in sent)
        p50, p99 = (1000 * percentile(times, percent) for percent in (50, 99))
        print(
            f"webhook answer at 50/s, nsqd {what} for {away:.0f} s: p50 {p50:.0f} ms, "
            f"p99 {p99:.0f} ms, refused {refused}"
        )
    waiting = programs.outbox.outbox_state().count
    programs.nsqd.start()
    begun = time.monotonic()
    _wait(lambda: programs.outbox.outbox_state().count == 0)
    print(f"{waiting} waited; published {time.monotonic() - begun:.1f} s after nsqd was back")


if __name__ == "__main__":
    main()
