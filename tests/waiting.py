"""Waiting for what another thread or process does, for as long as any machine may need.

A test asks again until something holds, and what it shows never depends on how long that took: a
machine that is slow or busy makes the tests slower, not red. Only a test that fails waits to the
end of its patience.
"""

import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import requests

#: Seconds until a test gives up. A quiet machine needs one or two; one that gives us a fiftieth of a
#: core, a hundred.
PATIENCE = 300.0
#: A `leeroy` whose server has all the time it needs to end: gunicorn kills what takes ten seconds.
UNHURRIED = f"""
from leeroy.cli import main, serve
serve.GRACE_SECONDS = {int(10 * PATIENCE)}
main()
"""
#: Seconds between two questions.
PAUSE = 0.01


def wait_for(
    holds: Callable[[], object],
    seen: Callable[[], object] = lambda: "it never came to hold",
) -> None:
    """Ask until something holds; who gives up says what was seen instead."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, seen()
        time.sleep(PAUSE)


def is_ready(url: str) -> bool:
    """A server there says that it does its work.

    Its socket is open before its worker has loaded: a question may have to wait, and no answer is
    no fault.
    """
    try:
        return requests.get(f"{url}/readyz", timeout=PATIENCE).status_code == 200
    except requests.RequestException:
        return False


def address_said(process: "Popen[bytes]", log: Path) -> str:
    """Where a server that was just started says in its log that it listens."""

    def said() -> str:
        text = log.read_text("utf-8", "replace")
        assert process.poll() is None, f"it ended: {text}"
        return text.partition("listening at ")[2].partition("\n")[0]

    wait_for(said, lambda: log.read_text("utf-8", "replace"))
    return said().strip('" ,')


def wait_until_ready(
    url: str, process: "Popen[bytes]", said: Callable[[], str] = lambda: ""
) -> None:
    """Wait for a server that was just started; who ends instead says why."""

    def holds() -> bool:
        assert process.poll() is None, f"it ended: {said()}"
        return is_ready(url)

    wait_for(holds, said)
