"""Who writes first when several want to, on SQLite, where only one can."""

import threading
from concurrent.futures import ThreadPoolExecutor

from leeroy.database import open_database, write
from tests.waiting import PATIENCE, wait_for


class Door:
    """A lock that knows how many have come to it."""

    def __init__(self, lock: threading.Lock) -> None:
        self.lock = lock
        self.came = 0

    def acquire(self, timeout: float) -> bool:
        self.came += 1
        return self.lock.acquire(timeout=timeout)

    def release(self) -> None:
        self.lock.release()


def test_what_somebody_waits_for_is_written_before_all_that_wait_longer(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'leeroy.db'}")
    order: list[str] = []
    doors = {name: Door(lock) for name, lock in engine.get_execution_options().items()}
    engine.update_execution_options(**doors)
    line, writing = doors["line_lock"], doors["write_lock"]
    has_begun, may_end = threading.Event(), threading.Event()

    def first() -> None:
        with write(engine):
            has_begun.set()
            may_end.wait(PATIENCE)

    def one(name: str, *, is_awaited: bool) -> None:
        with write(engine, is_awaited=is_awaited):
            order.append(name)

    with ThreadPoolExecutor(8) as pool:
        pool.submit(first)
        assert has_begun.wait(PATIENCE)
        assert line.lock.locked()
        looks = [pool.submit(one, "look", is_awaited=False) for _ in range(5)]
        webhook = pool.submit(one, "webhook", is_awaited=True)
        # All stand where they wait: the looks in the line behind the first, and the webhook at the
        # lock itself.
        wait_for(lambda: (line.came, writing.came) == (6, 2))
        may_end.set()
        for future in (*looks, webhook):
            future.result(PATIENCE)
    engine.dispose()
    assert order.index("webhook") <= 1
