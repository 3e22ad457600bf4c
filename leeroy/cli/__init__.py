"""The command ``leeroy``: thin commands, each calling what the web calls too."""

from leeroy.cli.main import main

__all__ = ["main"]
