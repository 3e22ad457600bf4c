"""``leeroy work``: workers without a web server, on this machine or another."""

import os
import signal
import sys
import threading
from pathlib import Path

import click

from leeroy import logs
from leeroy.cli.database import ready_database
from leeroy.cli.main import config_option
from leeroy.config import load_config

#: What looks may still take at SIGTERM, of ten seconds in all; what is not done is handed back.
GRACE_SECONDS = 8.0


@click.command("work")
@config_option
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    show_default="as many as `leeroy serve`",
    help="Looks made at the same time.",
)
def command(config: Path, threads: int | None) -> None:
    """Do the work that `leeroy serve --no-worker` only accepts.

    SIGTERM ends it within ten seconds.
    """
    from leeroy.services import make_services

    settings = load_config(config, os.environ)
    logs.configure(secrets=settings.secrets(), as_json=not os.isatty(2))
    ready_database(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    workers = make_services(settings).workers(threads)
    workers.start()
    stop.wait()
    workers.stop(GRACE_SECONDS)
    sys.stderr.flush()
    # What was handed back may still wait for GitHub or Jenkins in a thread: nobody waits for that.
    os._exit(0)
