"""What SIGTERM is promised to take, less than ten seconds, is what its parts come to.

That nobody waits for what hangs is shown in tests/durable/test_start_and_stop.py, however long it
takes there.
"""

from leeroy.cli import serve, work
from leeroy.web.arrivals import LAST_SECONDS

PROMISED_SECONDS = 10.0
#: What gunicorn waits for a connection on which nothing is said.
SILENT_SECONDS = 5.0


def test_a_server_ends_within_what_is_promised():
    assert LAST_SECONDS <= SILENT_SECONDS
    assert SILENT_SECONDS + serve.LOOKS_GRACE_SECONDS < serve.GRACE_SECONDS < PROMISED_SECONDS


def test_a_worker_ends_within_what_is_promised():
    assert work.GRACE_SECONDS < PROMISED_SECONDS
