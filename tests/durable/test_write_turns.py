"""Who writes first when several want to, on SQLite, where only one can."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from leeroy.database import open_database, write


def test_what_somebody_waits_for_is_written_before_all_that_wait_longer(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'leeroy.db'}")
    order: list[str] = []
    line = engine.get_execution_options()["line_lock"]
    has_begun, may_end = threading.Event(), threading.Event()

    def first() -> None:
        with write(engine):
            has_begun.set()
            may_end.wait(5)

    def one(name: str, *, is_awaited: bool) -> None:
        with write(engine, is_awaited=is_awaited):
            order.append(name)

    with ThreadPoolExecutor(8) as pool:
        pool.submit(first)
        assert has_begun.wait(5)
        assert line.locked()
        looks = [pool.submit(one, "look", is_awaited=False) for _ in range(5)]
        webhook = pool.submit(one, "webhook", is_awaited=True)
        time.sleep(0.05)  # until they all stand where they wait
        may_end.set()
        for future in (*looks, webhook):
            future.result(5)
    engine.dispose()
    assert order.index("webhook") <= 1
