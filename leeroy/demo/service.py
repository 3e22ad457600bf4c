"""The real ``leeroy serve``: started as anybody would start it, its log read, always ended."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

#: SIGTERM ends it within ten seconds; after these it is killed.
GRACE_SECONDS = 12.0
_LISTENING = re.compile(r"^leeroy: listening at (http://\S+)")


class Service:
    """A context manager: the process runs inside it, and nothing of it is left afterwards."""

    def __init__(self, config: Path, port: int = 0) -> None:
        self._config = config
        self._port = port
        #: Where it listens; empty until it does.
        self.url = ""
        #: What it logged and nobody took yet, and its last lines whatever they are.
        self._events: deque[Mapping[str, Any]] = deque()
        self._last_lines: deque[str] = deque(maxlen=20)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "leeroy", "serve", "--config", str(self._config)]
        self._process = subprocess.Popen(
            [*command, "--port", str(self._port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(),
            cwd=self._config.parent,
            # Ctrl-C is for us: we end it once its work has no more readers.
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="demo-log", daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.is_running:
            self._process.terminate()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._reader.join(timeout=2)
        if self._process.stderr:
            self._process.stderr.close()

    @property
    def is_running(self) -> bool:
        """It has not ended."""
        return self._process.poll() is None

    @property
    def last_words(self) -> str:
        """The end of what it wrote."""
        return "\n".join(self._last_lines)

    def is_ready(self) -> bool:
        """It listens, and works on its queue.

        Raises:
            RuntimeError: it ended instead.
        """
        if not self.is_running:
            raise RuntimeError(f"leeroy serve ended by itself:\n{self.last_words}")
        if not self.url:
            return False
        with local() as session:
            try:
                return session.get(f"{self.url}/readyz", timeout=5).status_code == 200
            except requests.RequestException:
                return False

    def take_events(self) -> list[Mapping[str, Any]]:
        """What it logged since the last time."""
        return [self._events.popleft() for _ in range(len(self._events))]

    def _read(self) -> None:
        assert self._process.stderr
        for raw in self._process.stderr:
            line = raw.decode("utf-8", "replace").rstrip()
            self._last_lines.append(line)
            if match := _LISTENING.match(line):
                self.url = match[1]
            elif event := parse_event(line):
                self._events.append(event)


def parse_event(line: str) -> Mapping[str, Any] | None:
    """One line of Leeroy's log; None for what is none, such as a traceback.

    >>> parse_event('{"event": "effect", "pull": "a/b#1", "level": "info"}')["pull"]
    'a/b#1'
    >>> parse_event("Traceback (most recent call last):"), parse_event("[]")
    (None, None)
    """
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def local() -> requests.Session:
    """For requests to loopback: no proxy of the environment gets to see them."""
    session = requests.Session()
    session.trust_env = False
    return session


def _environment() -> dict[str, str]:
    """Ours, without what would change Leeroy's settings or lead it through a proxy."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LEEROY_") and not name.lower().endswith("_proxy")
    }
    return {**kept, "NO_PROXY": "127.0.0.1", "PYTHONUNBUFFERED": "1"}
