"""What the service is promised to hold, measured from outside, as one table.

    python -m benchmarks.service [--quick] [--full] [ROWS...]

A real ``leeroy serve`` stands between a sandbox GitHub (50 ms a call) and a sandbox Jenkins (25 ms),
each in a process of its own; webhooks are sent from here. The targets are those of docs/design.md.
It always ends well: whether a number holds on a busy machine is for a person to judge. The database
is made on the disk of the current folder, since what costs the time is a commit that outlives a
power cut.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.load import Sent, median, percentile, send_all, send_at
from benchmarks.sandboxes import JOBS, Sandbox, Seen, sandbox, serve_github, serve_jenkins
from benchmarks.served import Served, schema_on, serve, write_config

#: Webhooks a second -> how many are sent in a round.
RATES = {1: 15, 10: 100, 50: 200, 100: 200}
WAITING, MANY_WAITING = 500, 5000
WIDTH = 125
#: A service that has not done its work by then is not going to.
PATIENCE_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    target: str = ""
    #: None: nothing is promised.
    holds: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Burst:
    """What became of some webhooks; times in seconds."""

    answers: tuple[float, ...]
    #: From each webhook to each trigger it led to.
    delays: tuple[float, ...]
    #: From the first webhook to the last trigger.
    until_triggered: float
    #: Webhooks that were refused or not answered.
    refused: int


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The sandboxes, and how much is asked of the service between them."""

    folder: Path
    github: Sandbox
    jenkins: Sandbox
    rounds: int
    #: Never more pull requests than these in one measurement.
    most: int

    def config(self, name: str, database_url: str = "") -> Path:
        """Settings, and so a database, that nobody has used."""
        return write_config(self.folder / name, self.github.url, self.jenkins.url, database_url)

    def warm_up(self, served: Served) -> None:
        """Let every thread of the service open its connections."""
        self.burst(served, 100, min(40, self.most))

    def burst(self, served: Served, rate: float, count: int) -> Burst:
        """Send webhooks at a rate, and wait until all that they lead to is done."""
        webhooks = self.github.open_pulls(min(count, self.most))
        self.clear()
        sent = send_at(served.url, webhooks, rate)
        self.settle(len(webhooks))
        return _burst(sent, self.jenkins.calls())

    def bursts(self, served: Served, rate: float) -> list[Burst]:
        """The rounds of one rate."""
        return [self.burst(served, rate, RATES[int(rate)]) for _ in range(self.rounds)]

    def settle(self, pulls: int) -> None:
        """Wait until the builds of so many pull requests were triggered and told of."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        writes = pulls * len(JOBS)
        while min(self.github.count_writes(), self.jenkins.count_writes()) < writes:
            if time.monotonic() > deadline:
                raise click.ClickException("the service has not done its work")
            time.sleep(0.05)
        time.sleep(0.1)  # what it does too much is to be seen as well

    def let_wait(self, config: Path, count: int) -> tuple[int, float]:
        """Accept webhooks without looking at any; how many, and how many a second."""
        webhooks = self.github.open_pulls(min(count, self.most))
        with serve(config, "--no-worker") as served:
            began = time.monotonic()
            sent = send_all(served.url, webhooks)
            seconds = time.monotonic() - began
        self.clear()
        accepted = sum(one.status == 202 for one in sent)
        return accepted, accepted / seconds

    def clear(self) -> None:
        """Forget the calls until now."""
        self.github.clear()
        self.jenkins.clear()


def measure_rates(bench: Bench) -> Iterator[Row]:
    """Answers and triggers at several rates; memory at the end of it all."""
    with serve(bench.config("rates")) as served:
        bench.warm_up(served)
        for rate in RATES:
            bursts = bench.bursts(served, rate) if rate > 1 else [bench.burst(served, 1, RATES[1])]
            yield _answers_row(f"webhook answer at {rate}/s, p50 / p99", rate, bursts)
            if rate == 10:
                yield _delays_row("webhook to trigger at 10/s, two builds, p50 / p99", bursts)
            if rate == 50:
                yield _triggered_row(bench, bursts)
        yield _memory_row(served, "memory of leeroy serve, RSS (PSS)")


def measure_calls(bench: Bench) -> Iterator[Row]:
    """What one pull request costs, and what a second look at it writes."""
    with serve(bench.config("calls")) as served:
        (webhook,) = bench.github.open_pulls(1)
        bench.clear()
        send_all(served.url, [webhook])
        bench.settle(1)
        github, jenkins = len(bench.github.calls()), len(bench.jenkins.calls())
        yield Row(
            what="calls for `opened` with two builds: GitHub / Jenkins",
            measured=f"{github} / {jenkins}",
            target="<= 4 / 2",
            holds=github <= 4 and jenkins == 2,
        )
        bench.clear()
        send_all(served.url, [webhook])
        time.sleep(0.6)
        calls = [*bench.github.calls(), *bench.jenkins.calls()]
        writes = sum(call.is_write for call in calls)
        looked = len(calls) - writes
        yield Row(
            what="writes at a second look",
            measured=f"{writes} ({looked} read)",
            target="0",
            holds=looked > 0 and writes == 0,
        )


def measure_lasting(bench: Bench) -> Iterator[Row]:
    """How fast what waits is done."""
    rates, cpu = [], []
    for number in range(bench.rounds):
        rate, milliseconds, _ = _drain(bench, bench.config(f"lasting-{number}"), WAITING)
        rates.append(rate)
        cpu.append(milliseconds)
    yield Row(
        what=f"pull requests a second when {min(WAITING, bench.most)} wait",
        measured=f"{median(rates):.0f} ({median(cpu):.1f} ms CPU each)",
        target=">= 60",
        holds=median(rates) >= 60,
    )


def measure_many(bench: Bench) -> Iterator[Row]:
    """Thousands that wait are neither slower nor heavier than hundreds."""
    config = bench.config("many")
    rate, milliseconds, memory = _drain(bench, config, MANY_WAITING)
    yield Row(
        what=f"{min(MANY_WAITING, bench.most)} waiting deliveries drained, a second",
        measured=f"{rate:.0f} ({milliseconds:.1f} ms CPU each)",
        target=">= 60",
        holds=rate >= 60,
    )
    yield Row(
        what="memory after it, RSS",
        measured=f"{memory:.0f} MB",
        target="<= 150 MB",
        holds=memory <= 150,
    )


def measure_postgresql(bench: Bench) -> Iterator[Row]:
    """The same work with the other database."""
    server = os.environ.get("LEEROY_TEST_POSTGRES", "")
    if not server:
        yield Row(what="PostgreSQL", measured="not measured: set LEEROY_TEST_POSTGRES to its URL")
        return
    with schema_on(server) as url, serve(bench.config("postgresql", url)) as served:
        bench.warm_up(served)
        bursts = bench.bursts(served, 10)
        yield _delays_row("PostgreSQL: webhook to trigger at 10/s, p50 / p99", bursts)
        bursts = bench.bursts(served, 50)
        yield _answers_row("PostgreSQL: webhook answer at 50/s, p50 / p99", 50, bursts)
    rates, cpu = [], []
    for number in range(bench.rounds):
        with schema_on(server) as url:
            rate, each, _ = _drain(bench, bench.config(f"postgresql-{number}", url), WAITING)
        rates.append(rate)
        cpu.append(each)
    yield Row(
        what="PostgreSQL: pull requests a second when they wait",
        measured=f"{median(rates):.0f} ({median(cpu):.1f} ms CPU each)",
        target=">= 60",
        holds=median(rates) >= 60,
    )


MEASUREMENTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "rates": measure_rates,
    "calls": measure_calls,
    "lasting": measure_lasting,
    "postgresql": measure_postgresql,
    "many": measure_many,
}


def _drain(bench: Bench, config: Path, count: int) -> tuple[float, float, float]:
    """Pull requests a second, milliseconds of CPU for each, and MB at the end."""
    waiting, _ = bench.let_wait(config, count)
    with serve(config) as served:
        started = served.cpu_seconds()
        bench.settle(waiting)
        used = served.cpu_seconds() - started
        memory = served.memory().resident
        calls = bench.github.calls()
    seconds = calls[-1].arrived - calls[0].arrived
    return waiting / seconds, 1000 * used / waiting, memory


def _burst(sent: Sequence[Sent], seen: Sequence[Seen]) -> Burst:
    at = {one.pull: one.at for one in sent}
    triggers = [call for call in seen if call.pull in at]
    return Burst(
        answers=tuple(one.seconds for one in sent),
        delays=tuple(call.arrived - at[call.pull] for call in triggers),
        until_triggered=max((call.arrived for call in triggers), default=float("nan"))
        - min(at.values()),
        refused=sum(one.status != 202 for one in sent),
    )


def _answers_row(what: str, rate: float, bursts: Sequence[Burst]) -> Row:
    p50 = median([percentile(burst.answers, 50) for burst in bursts])
    p99 = median([percentile(burst.answers, 99) for burst in bursts])
    refused = sum(burst.refused for burst in bursts)
    return Row(
        what=what,
        measured=f"{1000 * p50:.1f} / {1000 * p99:.1f} ms{f', {refused} refused' * bool(refused)}",
        target="p99 <= 20 ms, on disk" if rate == 50 else "",
        holds=p99 <= 0.02 and not refused if rate == 50 else None,
    )


def _delays_row(what: str, bursts: Sequence[Burst]) -> Row:
    p50 = median([percentile(burst.delays, 50) for burst in bursts])
    p99 = median([percentile(burst.delays, 99) for burst in bursts])
    return Row(
        what=what,
        measured=f"{1000 * p50:.0f} / {1000 * p99:.0f} ms",
        target="<= 100 / 150 ms",
        holds=p50 <= 0.1 and p99 <= 0.15,
    )


def _triggered_row(bench: Bench, bursts: Sequence[Burst]) -> Row:
    seconds = median([burst.until_triggered for burst in bursts])
    return Row(
        what=f"{min(RATES[50], bench.most)} pull requests at 50/s, all triggered",
        measured=f"{seconds:.2f} s",
        target="<= 4.5 s",
        holds=seconds <= 4.5,
    )


def _memory_row(served: Served, what: str) -> Row:
    memory = served.memory()
    return Row(
        what=f"{what}, {memory.processes} processes",
        measured=f"{memory.resident:.0f} MB ({memory.proportional:.0f} MB)",
        target="<= 150 MB",
        holds=memory.resident <= 150,
    )


def table_of(rows: Sequence[Row]) -> Table:
    """The rows as people read them."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    caption = f"{os.cpu_count()} cores, load {load}; medians of the rounds"
    table = Table(title="leeroy serve", caption=caption)
    table.add_column("", no_wrap=True)
    for name in ("measured", "target", "held"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        held = {None: "", True: "yes", False: "NO"}[row.holds]
        table.add_row(row.what, row.measured, row.target, held)
    return table


@click.command()
@click.argument("rows", nargs=-1, type=click.Choice(list(MEASUREMENTS)))
@click.option("--quick", is_flag=True, help="One round of a few: to see that it works.")
@click.option("--full", is_flag=True, help=f"Also drain {MANY_WAITING} waiting deliveries.")
@click.option("--rounds", default=3, show_default=True, help="Rounds that medians are of.")
@click.option("--pulls", default=MANY_WAITING, help="At most so many pull requests at a time.")
def main(rows: tuple[str, ...], quick: bool, full: bool, rounds: int, pulls: int) -> None:
    """Measure ROWS, or all but `many`, and print the table."""
    chosen = rows or tuple(name for name in MEASUREMENTS if full or name != "many")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=".", prefix=".bench-")))
        bench = Bench(
            folder=folder.resolve(),
            github=stack.enter_context(sandbox(serve_github, folder.resolve() / "github")),
            jenkins=stack.enter_context(sandbox(serve_jenkins, folder.resolve() / "jenkins")),
            rounds=1 if quick else rounds,
            most=min(pulls, 50) if quick else pulls,
        )
        found = [row for name in chosen for row in MEASUREMENTS[name](bench)]
        # Written to a file as wide as on a terminal: a cut number is no number.
        Console(width=max(Console().width, WIDTH)).print(table_of(found))


if __name__ == "__main__":
    main()
