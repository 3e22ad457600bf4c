"""``leeroy demo``: the main job on this machine, between sandboxes, for anybody to watch."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from leeroy.cli.main import FOUND_WRONG, config_option

#: For the start and the story; to end everything takes moments more, at worst twenty seconds.
STORY_SECONDS = 90.0
#: Between two looks for what people pushed.
GUESTS_SECONDS = 0.5
#: Before each scene, where people watch.
PAUSE_SECONDS = 2.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody wants it to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


@click.command("demo")
@config_option
@click.option("--once", is_flag=True, help="End after the story.")
@click.option("--port", default=0, help="Leeroy's port; a free one else.")
def command(config: object, once: bool, port: int) -> None:
    """Show the main job on this machine, between sandboxes.

    Everything is on loopback and in a folder that goes away again: real git repositories, builds
    by real shell commands, a real `leeroy serve`. It needs no account and no token. Exits with 0
    when all statuses came as expected, and with 1 and the difference when not.
    """
    # It has settings of its own; the option is there as on every command.
    del config
    from rich.console import Console

    from leeroy.demo.guests import welcome_pushes
    from leeroy.demo.narrator import Narrator
    from leeroy.demo.stage import TookTooLong, set_stage
    from leeroy.demo.story import perform

    # Lines are as long as they are; only the table has to know how wide it may be in a file.
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)
    code: int | None = None
    with _stopped_by_signals():
        try:
            with set_stage(port=port, seconds=STORY_SECONDS) as stage, _undisturbed_end():
                narrator = Narrator(stage, console, pause=0.0 if once else PAUSE_SECONDS)
                with narrator.watching():
                    narrator.introduce()
                    differing = perform(stage, narrator)
                    narrator.conclude(differing)
                    code = FOUND_WRONG if differing else 0
                    if not once:
                        narrator.invite()
                        while stage.service.is_running:
                            welcome_pushes(stage)
                            time.sleep(GUESTS_SECONDS)
                        raise RuntimeError(f"leeroy serve ended:\n{stage.service.last_words}")
        except Stopped as exc:
            code = exc.exit_code if code is None else code
        except (TookTooLong, RuntimeError) as exc:
            click.echo(f"leeroy: {exc}", err=True)
            code = FOUND_WRONG
    sys.exit(code)


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Signals raise :class:`Stopped` meanwhile, the first of them: what ends then is not cut off."""

    def stop(number: int, _frame: FrameType | None) -> None:
        _ignore_signals()
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _undisturbed_end() -> Iterator[None]:
    """Once this is over, what ends then is not cut off by signals."""
    try:
        yield
    finally:
        _ignore_signals()


def _ignore_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
