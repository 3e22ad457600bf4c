"""The file of a SQLite database: nobody else's to read, and the same one for as long as we run."""

import os
import threading
from pathlib import Path

from leeroy.errors import Transient


class DatabaseFile:
    """The file of a SQLite database: nobody else's to read, and the same for as long as we run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._making = threading.Lock()
        self._opened: tuple[int, int] | None = None
        #: When a write last failed because the disk is full, and how; None since one went well.
        self.refused: tuple[float, Transient] | None = None

    def ready(self) -> None:
        """Make the file for us alone before SQLite opens it; what is written beside it is alike.

        Raises:
            Transient: it is not the file that was opened before.
        """
        self.check()
        try:
            # https://www.sqlite.org/walformat.html: its other files take the rights of this one.
            self._make()
            for name in ("", "-wal", "-shm"):
                _for_us_alone(self._path.with_name(self._path.name + name))
            self._opened = self._identity()
        except FileExistsError:
            self.ready()  # another process made it meanwhile
        except OSError:
            return  # SQLite says what is wrong with it

    def _make(self) -> None:
        # A file that is there is never opened here: closing it would end every lock that SQLite
        # holds on it in this process, and others would take away the log that we write to.
        # https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
        with self._making:
            if not self._path.exists():
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))

    def check(self) -> None:
        """Transient where the file is not the one that was opened: what is written now is lost."""
        if self._opened is not None and self._identity() != self._opened:
            raise Transient(
                f"the database {self._path} is not the file that was opened: it was deleted or"
                " replaced while Leeroy runs; restart Leeroy"
            )

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _for_us_alone(path: Path) -> None:
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            path.chmod(mode & 0o700)
    except OSError:
        return  # not there, or another's
