"""An nsqd to try things on: the stand-in, or the real one where its binary is named.

Both are started, stopped and killed alike, so that one test holds for both.
"""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import requests

from leeroy_sandbox.nsqd.lookupd import Lookupd
from leeroy_sandbox.nsqd.options import Options
from leeroy_sandbox.nsqd.server import Nsqd

#: The name of the variable that holds the path of a real nsqd; nsqlookupd is looked for beside it.
VARIABLE = "LEEROY_TEST_NSQD"
#: Seconds that a real one has to come up.
START_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """PEM files of a server's key and certificate."""

    key: Path
    cert: Path

    def for_server(self) -> ssl.SSLContext:
        """What a server shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


@dataclass(frozen=True, kw_only=True)
class Flags:
    """What is asked of either nsqd; its own defaults where nothing is said."""

    mem_queue_size: int = 0
    sync_every: int = 2_500
    #: Seconds after which the disk is told how far reading came. What is in nobody's hands at such
    #: a moment is lost by a kill: tests that kill have it far away.
    sync_timeout: float = 2.0
    max_msg_size: int = 1024 * 1024
    tls: KeyPair | None = None


class AnNsqd(Protocol):
    """Either of them. Its ports stay the same over a restart."""

    tcp_port: int
    http_port: int
    https_port: int

    def start(self) -> None:
        """Come up, with what was kept."""

    def stop(self) -> None:
        """End in order."""

    def kill(self) -> None:
        """End at once."""


class StandIn:
    """The stand-in; with TLS it is a second server that shows the same."""

    def __init__(self, flags: Flags, lookupd: Lookupd | None = None) -> None:
        self._nsqd = Nsqd(
            Options(
                mem_queue_size=flags.mem_queue_size,
                sync_every=flags.sync_every,
                sync_timeout=flags.sync_timeout,
                max_msg_size=flags.max_msg_size,
                tls=flags.tls.for_server() if flags.tls else None,
            ),
            lookupd=lookupd,
            https=flags.tls.for_server() if flags.tls else None,
        )
        self.tcp_port = self.http_port = self.https_port = 0

    def start(self) -> None:
        """Come up, with what was kept."""
        self._nsqd.start()
        self.tcp_port = self._nsqd.tcp_port
        self.http_port = self.https_port = self._nsqd.http_port

    def stop(self) -> None:
        """End in order."""
        self._nsqd.stop()

    def kill(self) -> None:
        """End at once."""
        self._nsqd.kill()


class Real:
    """A real nsqd, in a folder of its own."""

    def __init__(self, flags: Flags, folder: Path, lookupd: "RealLookupd | None" = None) -> None:
        self._folder = folder
        self._flags = flags
        self._lookupd = lookupd
        self.tcp_port, self.http_port, self.https_port = free_port(), free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Come up, with what was kept."""
        flags = self._flags
        words = [
            os.environ[VARIABLE],
            f"-data-path={self._folder}",
            f"-tcp-address=127.0.0.1:{self.tcp_port}",
            f"-http-address=127.0.0.1:{self.http_port}",
            "-broadcast-address=127.0.0.1",
            f"-mem-queue-size={flags.mem_queue_size}",
            f"-sync-every={flags.sync_every}",
            f"-sync-timeout={flags.sync_timeout}s",
            f"-max-msg-size={flags.max_msg_size}",
        ]
        if flags.tls:
            words.append(f"-https-address=127.0.0.1:{self.https_port}")
            words += [f"-tls-cert={flags.tls.cert}", f"-tls-key={flags.tls.key}"]
        if self._lookupd:
            words.append(f"-lookupd-tcp-address=127.0.0.1:{self._lookupd.tcp_port}")
        self._process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        wait_until_it_answers(f"http://127.0.0.1:{self.http_port}/ping")

    def stop(self) -> None:
        """End in order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End at once."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                # All is written down; nsqd 1.3 waits for ever for a client that connected in the
                # moment in which it closed the others.
                self._process.kill()
                self._process.wait()
            self._process = None


class RealLookupd:
    """A real nsqlookupd, beside the real nsqd."""

    def __init__(self) -> None:
        self.tcp_port, port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [
                str(Path(os.environ[VARIABLE]).with_name("nsqlookupd")),
                f"-tcp-address=127.0.0.1:{self.tcp_port}",
                f"-http-address=127.0.0.1:{port}",
            ],
            stderr=subprocess.DEVNULL,
        )
        wait_until_it_answers(f"{self.url}/ping")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(20)


def why_no_real_one() -> str:
    """Why the real nsqd cannot be tried here; empty: it can."""
    named = os.environ.get(VARIABLE)
    if not named:
        return f"{VARIABLE} names no binary of nsqd to try this on"
    return "" if shutil.which(named) else f"{named} ({VARIABLE}) cannot be run"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until_it_answers(url: str) -> None:
    """Come back when a server is there."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(requests.RequestException):
            if requests.get(url, timeout=1).status_code == 200:
                return
        time.sleep(0.01)
    raise TimeoutError(f"nothing answers at {url}")
