"""How many hints a second the queue takes in, and how many looks it hands out and ends.

    python benchmarks/queue_rate.py [POSTGRESQL_URL]

PostgreSQL is measured when its URL is given, or stands in LEEROY_TEST_POSTGRES; in a schema of
its own, dropped afterwards. SQLite is measured on the disk of the current folder: what costs the
time is a commit that outlives a power cut, and a folder in memory would not show it.
"""

import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import make_url, text

from leeroy.database import migrate, open_database, write
from leeroy.hints import OtherHint
from leeroy.queue import Queue, this_process

ROUNDS = 5
HINTS = 200
THREADS = 8


def main() -> None:
    """Measure and print a table."""
    print(f"{'':22}{'puts/s':>8}{'ms a put':>10}{'looks/s':>9}{'ms a look':>11}")
    with tempfile.TemporaryDirectory(dir=".") as folder:
        measure("SQLite", f"sqlite:///{os.path.abspath(folder)}/leeroy.db")
    server = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("LEEROY_TEST_POSTGRES")
    if server:
        measure_postgresql(server)


def measure_postgresql(server: str) -> None:
    """Measure in a schema that is dropped afterwards."""
    schema = f"leeroy_{uuid.uuid4().hex}"
    admin = open_database(server)
    with write(admin) as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
        measure("PostgreSQL", url.render_as_string(hide_password=False))
    finally:
        with write(admin) as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        admin.dispose()


def measure(database: str, url: str) -> None:
    """Print one line for one thread and one for several: medians of the rounds."""
    engine = open_database(url)
    migrate(engine)
    queue = Queue(engine, name=this_process())
    for threads in (1, THREADS):
        puts, looks = [], []
        for _ in range(ROUNDS):
            puts.append(rate(threads, lambda number: put(queue, number)))
            looks.append(rate(threads, lambda _: look(queue)))
        put_rate, look_rate = statistics.median(puts), statistics.median(looks)
        title = f"{database}, {threads} thread{'s' if threads > 1 else ''}"
        print(
            f"{title:22}{put_rate:8.0f}{1000 / put_rate:10.2f}"
            f"{look_rate:9.0f}{1000 / look_rate:11.2f}"
        )
    engine.dispose()


def rate(threads: int, work: Callable[[int], None]) -> float:
    """How often a second ``work`` was done by so many threads."""
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(HINTS)))
    return HINTS / (time.perf_counter() - began)


def put(queue: Queue, number: int) -> None:
    """What a webhook costs."""
    queue.put(f"acme/widgets#{number}", OtherHint(kind="pull_request"), delivery=str(uuid.uuid4()))


def look(queue: Queue) -> None:
    """What a look costs beside what it looks at."""
    taken = queue.take()
    if taken is None:
        raise SystemExit("a look is missing")
    queue.done(taken)


if __name__ == "__main__":
    main()
