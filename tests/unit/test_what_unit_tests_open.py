"""tests/unit refuses sockets, processes and databases, so that it stays fast and runs anywhere."""

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import suppress

import pytest

OPENS = [
    pytest.param(lambda: socket.socket(), id="a socket"),
    pytest.param(lambda: socket.create_connection(("localhost", 1)), id="a name"),
    pytest.param(lambda: subprocess.run([sys.executable, "-V"], check=False), id="a process"),
    pytest.param(lambda: os.system("true"), id="a shell"),
    pytest.param(lambda: sqlite3.connect(":memory:"), id="a database"),
]


@pytest.mark.parametrize("opens", OPENS)
def test_what_is_opened_is_refused_with_the_way_out(watch, opens):
    with pytest.raises(AssertionError, match="move the test to tests/parts"):
        opens()
    watch.refused.clear()


@pytest.mark.parametrize("opens", OPENS)
def test_a_refusal_that_was_swallowed_is_remembered(watch, opens):
    with suppress(Exception):
        opens()
    assert len(watch.refused) == 1
    watch.refused.clear()
