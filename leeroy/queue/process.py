"""Who holds a lease, told so that the next process on the machine can see that it is dead."""

import os
import re
import socket
from pathlib import Path

_NAME = re.compile(r"(?P<host>.+):(?P<pid>\d+):(?P<start>\d*)")


def this_process() -> str:
    """Host, process id and start of this process; ask after forking.

    The start tells it from a later process with its id, as is usual in containers.
    """
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_start_of(pid)}"


def is_gone(name: str) -> bool:
    """Whether ``name`` was a process of this machine that runs no more; False when in doubt.

    >>> is_gone(this_process()), is_gone("another.machine:1:1")
    (False, False)
    """
    parts = _NAME.fullmatch(name)
    if parts is None or parts["host"] != socket.gethostname():
        return False
    try:
        os.kill(int(parts["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # Another user's, and we may not see more of it.
    return _start_of(int(parts["pid"])) != parts["start"]


def _start_of(pid: int) -> str:
    """The tick the process started at; empty for a zombie, and where there is no /proc."""
    try:
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 3 (state) and
        # 22 (starttime); the name before them, in parentheses, may hold spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
