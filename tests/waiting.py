"""Waiting for what comes to pass by itself, as tests of several programs must."""

import time
from collections.abc import Callable


def wait_for(
    condition: Callable[[], bool],
    seconds: float = 30.0,
    *,
    what: Callable[[], str] = lambda: "it",
) -> None:
    """Come back when something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what()} did not come to pass"
        time.sleep(0.01)
