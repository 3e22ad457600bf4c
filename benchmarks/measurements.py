"""What is measured of the service: each measurement yields rows of the table."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.bench import Bench, Burst, Drained
from benchmarks.load import median, percentile, send_all
from benchmarks.served import Memory
from benchmarks.sweeps import measure_sweep

#: Webhooks a second -> how many are sent in a round.
RATES = {1: 15, 10: 100, 50: 200, 100: 200}
WAITING, MANY_WAITING = 500, 5000
SWEPT = (10, 100, 1000)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    target: str = ""
    #: None: nothing is promised.
    holds: bool | None = None


def rates(bench: Bench) -> Iterator[Row]:
    """Answers and triggers at several rates; memory at the end of it all."""
    with bench.served("rates") as served:
        bench.warm_up(served)
        for rate, count in RATES.items():
            # One a second tells as much in one round as the others in three.
            rounds = bench.rounds if rate > 1 else 1
            bursts = [bench.burst(served, rate, count) for _ in range(rounds)]
            yield _answers_row(rate, bursts)
            if rate == 10:
                yield _delays_row(bursts)
            if rate == 50:
                yield _triggered_row(min(count, bench.most), bursts)
        yield _memory_row("memory after all these", served.memory())


def calls(bench: Bench) -> Iterator[Row]:
    """What one pull request costs, and what a second look at it writes."""
    with bench.served("calls") as served:
        (webhook,) = bench.github.open_pulls(1)
        bench.clear()
        send_all(served.url, [webhook])
        bench.settle(1)
        github, jenkins = len(bench.github.calls()), len(bench.jenkins.calls())
        yield Row(
            what="calls for `opened`, two builds: GitHub / Jenkins",
            measured=f"{github} / {jenkins}",
            target="<= 4 / 2",
            holds=github <= 4 and jenkins == 2,
        )
        bench.clear()
        send_all(served.url, [webhook])
        time.sleep(0.6)
        seen = [*bench.github.calls(), *bench.jenkins.calls()]
        writes = sum(call.is_write for call in seen)
        looked = len(seen) - writes
        yield Row(
            what="writes at a second look",
            measured=f"{writes} ({looked} read)",
            target="0",
            holds=looked > 0 and writes == 0,
        )


def lasting(bench: Bench) -> Iterator[Row]:
    """How fast what waits is done."""
    drained = [bench.drain(f"lasting-{number}", WAITING) for number in range(bench.rounds)]
    yield _drained_row(min(WAITING, bench.most), drained)


def many(bench: Bench) -> Iterator[Row]:
    """Thousands that wait are neither slower nor much heavier than hundreds."""
    count = min(MANY_WAITING, bench.most)
    drained = bench.drain("many", count)
    yield _drained_row(count, [drained])
    yield _memory_row(f"memory after these {count:,}", drained.memory)


def sweep(bench: Bench) -> Iterator[Row]:
    """What GitHub counts, and the time, to look over open pull requests of which none changed."""
    for count in sorted({min(count, bench.most) for count in SWEPT}):
        first, second, *later = measure_sweep(bench, count)
        counted = sorted({one.counted for one in later})
        yield Row(
            what=f"sweep of {count:,} open: GitHub counts, 1st / 2nd / later",
            measured=f"{first.counted} / {second.counted} / {', '.join(map(str, counted))} calls",
            target="later <= 10" if count <= 300 else "",
            holds=counted[-1] <= 10 if count <= 300 else None,
        )
        seconds = median([one.seconds for one in later])
        cpu = median([one.cpu_seconds for one in later])
        yield Row(
            what=f"sweep of {count:,} open: first / later",
            measured=f"{first.seconds:.2f} / {seconds:.2f} s ({1000 * cpu:.0f} ms CPU)",
        )


#: By the name on the command line.
MEASUREMENTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "rates": rates,
    "calls": calls,
    "lasting": lasting,
    "many": many,
    "sweep": sweep,
}
#: Where the database makes a difference.
OF_DATABASES = ("rates", "lasting")


def _answers_row(rate: int, bursts: Sequence[Burst]) -> Row:
    p50 = median([percentile(burst.answers, 50) for burst in bursts])
    p99 = median([percentile(burst.answers, 99) for burst in bursts])
    refused = sum(burst.refused for burst in bursts)
    return Row(
        what=f"webhook answer at {rate}/s, p50 / p99",
        measured=f"{1000 * p50:.1f} / {1000 * p99:.1f} ms{f', {refused} refused' * bool(refused)}",
        target="p99 <= 20 ms, on disk" if rate == 50 else "",
        holds=p99 <= 0.02 and not refused if rate == 50 else None,
    )


def _delays_row(bursts: Sequence[Burst]) -> Row:
    p50 = median([percentile(burst.delays, 50) for burst in bursts])
    p99 = median([percentile(burst.delays, 99) for burst in bursts])
    return Row(
        what="webhook to trigger at 10/s, two builds, p50 / p99",
        measured=f"{1000 * p50:.0f} / {1000 * p99:.0f} ms",
        target="<= 100 / 150 ms",
        holds=p50 <= 0.1 and p99 <= 0.15,
    )


def _triggered_row(count: int, bursts: Sequence[Burst]) -> Row:
    seconds = median([burst.until_triggered for burst in bursts])
    return Row(
        what=f"{count} pull requests at 50/s, all triggered",
        measured=f"{seconds:.2f} s",
        target="<= 4.5 s",
        holds=seconds <= 4.5,
    )


def _drained_row(count: int, drained: Sequence[Drained]) -> Row:
    rate = median([one.rate for one in drained])
    cpu = median([one.milliseconds for one in drained])
    return Row(
        what=f"pull requests a second when {count:,} wait",
        measured=f"{rate:.0f} ({cpu:.1f} ms CPU each)",
        target=">= 60",
        holds=rate >= 60,
    )


def _memory_row(what: str, memory: Memory) -> Row:
    return Row(
        what=f"{what}, {memory.processes} processes",
        measured=f"{memory.resident:.0f} MB RSS ({memory.proportional:.0f} PSS)",
        target="<= 150 MB",
        holds=memory.resident <= 150,
    )
