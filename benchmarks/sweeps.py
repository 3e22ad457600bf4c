"""What a sweep costs, over open pull requests of which every context has its status."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.served import write_config
from leeroy.config import load_config
from leeroy.database import migrate
from leeroy.services import make_services


@dataclass(frozen=True, kw_only=True)
class Swept:
    """One sweep."""

    #: Calls that GitHub counts: an unchanged answer to one with an ETag is free.
    counted: int
    seconds: float
    #: Of this process, which does nothing else.
    cpu_seconds: float


def measure_sweep(bench: Bench, count: int) -> Iterator[Swept]:
    """Sweep a repository with so many open pull requests, again and again.

    In this process: from outside a sweep that finds nothing cannot be told from none.
    """
    repo = bench.github.crowd(count)
    path = write_config(
        bench.folder / f"sweep-{count}", bench.github.url, bench.jenkins.url, repo=repo
    )
    services = make_services(load_config(path, {}))
    try:
        migrate(services.engine)
        for _ in range(2 + bench.rounds):
            bench.clear()
            began, used = time.monotonic(), time.process_time()
            for one in services.sweep.run():
                if one.error or one.found:
                    raise RuntimeError(f"the sweep of {one.name} should find nothing: {one}")
            yield Swept(
                counted=sum(call.is_counted for call in bench.github.calls()),
                seconds=time.monotonic() - began,
                cpu_seconds=time.process_time() - used,
            )
    finally:
        services.close()
