"""``leeroy work``: workers without a web server, on this machine or another."""

import os
import signal
import threading
from pathlib import Path

import click

from leeroy import logs
from leeroy.cli.database import ready_database
from leeroy.cli.main import config_option
from leeroy.config import load_config


@click.command("work")
@config_option
@click.option("--threads", default=8, show_default=True, help="Looks made at the same time.")
def command(config: Path, threads: int) -> None:
    """Do the work that `leeroy serve --no-worker` only accepts."""
    from leeroy.services import make_services

    settings = load_config(config, os.environ)
    logs.configure(secrets=settings.secrets(), as_json=not os.isatty(2))
    ready_database(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    crew = make_services(settings).crew(threads)
    crew.start()
    stop.wait()
    crew.stop()
