"""``leeroy hook``: a receiver that verifies, stores and publishes, and does nothing else."""

from pathlib import Path

import click

from leeroy.cli.main import config_option
from leeroy.cli.serve import serve


@click.command("hook")
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=5000, show_default=True, help="The port to listen on.")
def command(config: Path, host: str, port: int) -> None:
    """Receive webhooks and hand them on by NSQ; nothing else.

    Every delivery that GitHub signed is on disk before it is answered, and published to `nsq.publish` as soon as nsqd takes it.
    """
    serve(config, host=host, port=port, works=False, only_publishes=True)
