"""The commands and what they share: ``--config`` before or after the name, exit codes, errors."""

import gc
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import click

from leeroy import __version__, logs
from leeroy.errors import ConfigError, LeeroyError

#: Exit codes: found something wrong; wrong use or configuration.
FOUND_WRONG, WRONG_USE = 1, 2

_PLACES = (Path("config.json"), Path("/etc/leeroy/config.json"))
#: The options of `leeroy` and of `leeroy serve` that take a value.
_WITH_VALUE = frozenset({"--config", "--host", "--port"})

F = TypeVar("F", bound=Callable[..., Any])


class Commands(click.Group):
    """Commands imported when they are called: the help of one must not load all the others.

    Without a command's name the arguments mean ``serve``, as docker/leeroy's command line did.
    """

    #: Name -> the module of its ``command``, and the first sentence of its help.
    PLACES: ClassVar[dict[str, tuple[str, str]]] = {
        "serve": ("leeroy.cli.serve", "Listen for webhooks, and do what they lead to."),
        "work": ("leeroy.cli.work", "Do the work that `leeroy serve --no-worker` only accepts."),
        "hook": ("leeroy.cli.hook", "Receive webhooks and hand them on by NSQ; nothing else."),
        "check-config": ("leeroy.cli.check", "Say everything that is wrong with the settings."),
        "config-schema": (
            "leeroy.cli.schema",
            "Print the JSON Schema of config.json, for editors.",
        ),
        "plan": ("leeroy.cli.plan", "Show what Leeroy would do about PULL (owner/repo#12) now."),
        "sweep": ("leeroy.cli.sweep", "Find what webhooks missed, and handle it."),
        "rebuild": (
            "leeroy.cli.rebuild",
            "Build WHAT again: owner/repo#12 or owner/repo@branch.",
        ),
        "hooks": ("leeroy.cli.hooks", "Install the webhooks on GitHub, or list them."),
        "trust": (
            "leeroy.cli.trust",
            "List authors trusted by `add to whitelist`, or revoke that.",
        ),
        "audit": (
            "leeroy.cli.audit",
            "Show who asked for what, and what came of it, newest first.",
        ),
        "receive": ("leeroy.cli.receive", "Feed PAYLOAD to Leeroy, as if GitHub had sent it."),
        "demo": ("leeroy.cli.demo", "Show the main job on this machine, between sandboxes."),
        "migrate-db": ("leeroy.cli.migrate", "Bring the database's schema up to date."),
        "doctor": ("leeroy.cli.doctor", "Say what is wrong with a running Leeroy."),
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command's name."""
        return list(self.PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        from importlib import import_module

        place = self.PLACES.get(cmd_name)
        if place is None:
            return None
        with importing():
            command: click.Command = import_module(place[0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in self.PLACES.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let bare options mean serve."""
        if args and not _names_command(args) and not _asks_for_help(args):
            args = ["serve", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), help="The settings file.")
@click.version_option(__version__, prog_name="leeroy")
@click.pass_context
def group(ctx: click.Context, config: Path | None) -> None:
    """Builds GitHub's pull requests on Jenkins and reports every result."""
    ctx.obj = config


@contextmanager
def importing() -> Iterator[None]:
    """Look for no garbage meanwhile: modules that are loaded stay, and it takes a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def config_option(function: F) -> F:
    """Add ``--config`` to a command; the one before the command's name counts too."""
    option = click.option(
        "--config",
        type=click.Path(path_type=Path),
        callback=lambda ctx, _, value: value or ctx.obj or default_config(),
        help="The settings file (LEEROY_CONFIG, else config.json, else /etc/leeroy/config.json).",
    )
    return option(function)


def default_config() -> Path:
    """Where the settings are when nobody says."""
    if named := os.environ.get("LEEROY_CONFIG"):
        return Path(named)
    return next((place for place in _PLACES if place.exists()), _PLACES[0])


def main() -> None:
    """Run the command line and exit: 0 good, 1 found something wrong, 2 wrong use or settings."""
    threading.excepthook = lambda died: _tell_defect(died.exc_value)
    try:
        # Without standalone_mode click returns the code of its Exit, and what a command returns.
        code = group.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as exc:
        exc.show()
        sys.exit(WRONG_USE)
    except ConfigError as exc:
        for fault in exc.faults:
            click.echo(logs.redacted(str(fault)), err=True)
        sys.exit(WRONG_USE)
    except LeeroyError as exc:
        click.echo(logs.redacted(f"leeroy: {exc}"), err=True)
        sys.exit(FOUND_WRONG)
    except Exception as exc:  # noqa: BLE001  (Python would print it with every secret in it)
        _tell_defect(exc)
        sys.exit(FOUND_WRONG)


def _tell_defect(error: BaseException | None) -> None:
    """Show a defect as Python would, without secrets."""
    click.echo(logs.redacted("".join(traceback.format_exception(error))), err=True)


def _names_command(args: list[str]) -> bool:
    """Some argument is neither an option nor the value of one.

    >>> _names_command(["--config", "c.json", "--port", "80"]), _names_command(["--port=80", "work"])
    (False, True)
    """
    values = iter(args)
    for arg in values:
        if arg in _WITH_VALUE:
            next(values, None)
        elif not arg.startswith("-"):
            return True
    return False


def _asks_for_help(args: list[str]) -> bool:
    return any(arg in ("-h", "--help", "--version") for arg in args)
