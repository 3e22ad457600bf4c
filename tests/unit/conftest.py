"""What is tested here only computes: no socket, no process and no database is opened."""

import sys
from collections.abc import Iterator

import pytest

#: https://docs.python.org/3/library/audit_events.html
REFUSED = {
    "socket.__new__": "socket",
    "socket.bind": "socket",
    "socket.connect": "socket",
    "socket.getaddrinfo": "socket",
    "subprocess.Popen": "process",
    "os.exec": "process",
    "os.fork": "process",
    "os.forkpty": "process",
    "os.posix_spawn": "process",
    "os.system": "process",
    "sqlite3.connect": "database",
}


class Opened(AssertionError):
    """A test of tests/unit needs what its kind does without."""


class Watch:
    """Refuses while a test of tests/unit runs, and remembers whom it refused."""

    def __init__(self) -> None:
        self.is_on = False
        self.refused: list[str] = []

    def __call__(self, event: str, _args: object) -> None:
        """What the interpreter calls before it does anything that it calls an event."""
        if self.is_on and event in REFUSED:
            self.refused.append(f"{REFUSED[event]} ({event})")
            raise Opened(_way_out(self.refused[-1:]))


def _way_out(refused: list[str]) -> str:
    return f"tests/unit opens no {', no '.join(refused)}: move the test to tests/parts"


WATCH = Watch()
sys.addaudithook(WATCH)


@pytest.fixture(autouse=True)
def watch() -> Iterator[Watch]:
    """Fails whoever opens something, also where the code under test took the refusal for its own."""
    WATCH.refused.clear()
    WATCH.is_on = True
    yield WATCH
    WATCH.is_on = False
    assert not WATCH.refused, _way_out(WATCH.refused)
