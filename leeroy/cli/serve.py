"""``leeroy serve``: the web server, with workers in the same process unless told otherwise."""

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from gunicorn.app.base import BaseApplication

from leeroy import logs
from leeroy.cli.database import ready_database, ready_database_apart
from leeroy.cli.main import config_option, importing
from leeroy.config import Config, load_config
from leeroy.errors import ConfigError, Fault, LeeroyError
from leeroy.web.arrivals import ArrivalWorker

if TYPE_CHECKING:
    from leeroy.worker import WorkerThreads
    from leeroy.worker.publishing import Publishing

WEB_THREADS = 8
#: Seconds in which everything has ended, so that SIGTERM takes less than ten.
GRACE_SECONDS = 9
#: Of these, what looks may take after the last request was answered: a connection on which nothing
#: is said holds gunicorn up for five. What is not done by then is handed back.
LOOKS_GRACE_SECONDS = 3.5


class Server(BaseApplication):
    """gunicorn over our application: one worker process, which also makes the looks.

    SIGHUP makes gunicorn reload: the settings are read and checked here, in the process that
    holds the sockets, and a fresh worker starts with them; the old one finishes what it has. With
    faults in them the fresh worker starts with the settings of before.
    """

    def __init__(
        self, path: Path, config: Config, *, bind: str, works: bool, only_publishes: bool = False
    ) -> None:
        self._path = path
        self._config = config
        self._bind = bind
        self._works = works
        self._only_publishes = only_publishes
        self._workers: WorkerThreads | Publishing | None = None
        self._makes_looks = False
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's own settings."""
        for name, value in {
            "bind": self._bind,
            "workers": 1,
            "worker_class": ArrivalWorker,
            "threads": WEB_THREADS,
            "timeout": 60,
            "graceful_timeout": GRACE_SECONDS,
            "keepalive": 0,
            "when_ready": _say_where,
            "post_worker_init": self._start_crew,
            "worker_exit": self._stop_crew,
            "proc_name": "leeroy",
            # One more door that nobody needs, in a home that a service may not have.
            "control_socket_disable": True,
            "loglevel": "warning",
        }.items():
            self.cfg.set(name, value)

    def reload(self) -> None:
        """Take new settings when they are good; say what is wrong with them when not."""
        try:
            config = load_config(self._path, os.environ)
            check_publishes(config, self._only_publishes)
            # A worker that cannot start would end the whole server. Not apart: gunicorn, which runs
            # by now, takes every child that ends for one of its own.
            ready_database(config)
        except LeeroyError as exc:
            click.echo(
                f"leeroy: {self._path} cannot be used, the settings stay as they were:", err=True
            )
            click.echo(logs.redacted(str(exc)), err=True)
        else:
            self._config = config
            click.echo(f"leeroy: the settings of {self._path} are taken", err=True)
        super().reload()

    def load(self) -> Any:
        """The application; called in the worker process.

        What it needs is imported there only: the process that holds the sockets lives as long, and
        would hold it all a second time.
        """
        with importing():
            from leeroy.app import create_app
            from leeroy.services import make_services

        logs.configure(secrets=self._config.secrets(), as_json=not os.isatty(2))
        services = make_services(self._config, is_only_publishing=self._only_publishes)
        looking = services.workers() if self._works and not self._only_publishes else None
        self._workers = workers = services.publishing if self._only_publishes else looking
        app = create_app(
            services,
            is_working=lambda: workers is None or workers.is_alive,
            # Where others make the looks, those know.
            idle_seconds=lambda: 0.0 if looking is None else looking.idle_seconds,
        )
        # What was imported stays: looking through it for garbage would stop every thread for 50 ms
        # now and then. https://docs.python.org/3.11/library/gc.html#gc.freeze
        gc.collect()
        gc.freeze()
        return app

    def _start_crew(self, _worker: object) -> None:
        if self._workers is not None:
            self._workers.start()
            self._makes_looks = True

    def _stop_crew(self, _arbiter: object, _worker: object) -> None:
        # Also told of a worker that could not begin: that one has its exit code to tell.
        if self._workers is not None and self._makes_looks:
            self._workers.stop(LOOKS_GRACE_SECONDS)
            sys.stderr.flush()
            # What was handed back may still wait for GitHub or Jenkins in a thread: nobody waits
            # for that, as in `leeroy work`.
            os._exit(0)


def _say_where(arbiter: Any) -> None:
    """Tell the address; the operating system chose the port where that is 0."""
    where = ", ".join(str(listener) for listener in arbiter.LISTENERS)
    click.echo(f"leeroy: listening at {where}", err=True)


@click.command("serve")
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=5000, show_default=True, help="The port to listen on.")
@click.option("--no-worker", is_flag=True, help="Only answer; `leeroy work` does the work.")
@click.option("--publish-only", is_flag=True, help="Only answer and publish, as `leeroy hook`.")
def command(config: Path, host: str, port: int, no_worker: bool, publish_only: bool) -> None:
    """Listen for webhooks, and do what they lead to.

    SIGHUP reads the settings again; SIGTERM ends it within ten seconds.
    """
    works = not (no_worker or publish_only)
    serve(config, host=host, port=port, works=works, only_publishes=publish_only)


def serve(config: Path, *, host: str, port: int, works: bool, only_publishes: bool) -> None:
    """Answer until told to stop."""
    settings = load_config(config, os.environ)
    logs.configure(secrets=settings.secrets(), as_json=not os.isatty(2))
    check_publishes(settings, only_publishes)
    ready_database_apart(settings)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    Server(config, settings, bind=address, works=works, only_publishes=only_publishes).run()


def check_publishes(config: Config, only_publishes: bool) -> None:
    """Make sure that who does nothing but publish can do that.

    Raises:
        ConfigError: the settings do not say where to.
    """
    if only_publishes and not (config.nsq and config.nsq.publish):
        hint = 'add "nsq": {"publish": {"url": "http://127.0.0.1:4151", "topic": "...", ...}}'
        raise ConfigError([Fault(path="nsq.publish", problem="is missing", hint=hint)])
