"""A real ``leeroy serve`` between the sandboxes, and the memory of all its processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, text

from benchmarks.sandboxes import (
    GITHUB_TOKEN,
    JENKINS_TOKEN,
    JOBS,
    REPO,
    WEBHOOK_SECRET,
    context_of,
)
from leeroy.database import migrate, open_database, write

START_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Of all processes of one service together, in MB."""

    #: Pages that several processes share count for each of them.
    resident: float
    #: They count once: what the machine would have back.
    proportional: float
    processes: int


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running service."""

    url: str
    pid: int

    def memory(self) -> Memory:
        """What all its processes hold now."""
        pids = list(_family(self.pid))
        sizes = [_sizes(pid) for pid in pids]
        return Memory(
            resident=sum(size["Rss"] for size in sizes) / 1024,
            proportional=sum(size["Pss"] for size in sizes) / 1024,
            processes=len(pids),
        )

    def cpu_seconds(self) -> float:
        """What all its processes have used until now."""
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 14 and 15.
        ticks = 0
        for pid in _family(self.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def write_config(
    folder: Path, github_url: str, jenkins_url: str, database_url: str = "", *, repo: str = REPO
) -> Path:
    """A repository with two builds; the database beside the file unless another is given.

    Without the sweep: at its start it would find, beside the webhooks, what they tell of.
    """
    settings = {
        "jenkins": {"base_url": jenkins_url, "username": "leeroy", "token": JENKINS_TOKEN},
        "github_api_url": github_url,
        "github_token": GITHUB_TOKEN,
        "github_webhook_secret": WEBHOOK_SECRET,
        "sweep_minutes": 0,
        "database_url": database_url or "sqlite:///leeroy.db",
        "builds": [
            {"github_repo": repo, "jenkins_job_name": job, "context": context_of(job)}
            for job in JOBS
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.json"
    path.write_text(json.dumps(settings))
    return path


@contextmanager
def serve(config: Path, *options: str) -> Iterator[Served]:
    """``leeroy serve`` from ready to ended."""
    port = _free_port()
    command = [sys.executable, "-m", "leeroy", "serve", "--config", str(config)]
    with (config.parent / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), *options], stderr=log, start_new_session=True
        )
    served = Served(url=f"http://127.0.0.1:{port}", pid=process.pid)
    try:
        _wait_until_ready(served.url, process)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def schema_on(server: str) -> Iterator[str]:
    """The URL of an empty schema with Leeroy's tables on a PostgreSQL, dropped afterwards."""
    schema = f"leeroy_{uuid.uuid4().hex}"
    url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
    whole = url.render_as_string(hide_password=False)
    admin = open_database(server)
    with write(admin) as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        engine = open_database(whole)
        migrate(engine)
        engine.dispose()
        yield whole
    finally:
        with write(admin) as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        admin.dispose()


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError("leeroy serve does not get ready; see serve.log beside its config.json")


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def _sizes(pid: int) -> dict[str, int]:
    # https://docs.kernel.org/filesystems/proc.html: in kB.
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
