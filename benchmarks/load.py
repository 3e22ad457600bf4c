"""Send webhooks at a steady rate, as GitHub would: a connection each, nobody waits for the last."""

import http.client
import statistics
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.sandboxes import Webhook

PATH = "/notification/github"
#: As many answers as may be waited for at once; GitHub waits for no more than 10 s.
AT_ONCE, TIMEOUT = 64, 10


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One webhook and its answer; times by CLOCK_MONOTONIC."""

    pull: int
    at: float
    #: Until the whole answer was there.
    seconds: float
    status: int


def send_at(url: str, webhooks: Sequence[Webhook], rate: float) -> list[Sent]:
    """Send so many a second, whether or not the ones before are answered.

    An answer's time counts from when its webhook was to be sent: a service that stalls cannot
    make the load wait for it and so hide how long it stalled.
    """
    host = urlsplit(url).netloc
    begin = time.monotonic() + 0.05

    def one(number: int) -> Sent:
        due = begin + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        return _send(host, webhooks[number], due)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(len(webhooks))))


def send_all(url: str, webhooks: Sequence[Webhook], at_once: int = 8) -> list[Sent]:
    """Send as fast as they are answered, so many at a time."""
    host = urlsplit(url).netloc
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda hook: _send(host, hook, time.monotonic()), webhooks))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of them are at or below; of a few, the nearest of them.

    >>> percentile([1, 2, 3, 4, 100], 50), percentile([1, 2, 3, 4, 100], 99)
    (3, 100)
    """
    if not values:
        return float("nan")
    in_order = sorted(values)
    return in_order[max(0, -(-len(in_order) * percent // 100) - 1)]


def median(values: Sequence[float]) -> float:
    """The middle one, by which one noisy round does not count."""
    return statistics.median(values) if values else float("nan")


def _send(host: str, webhook: Webhook, due: float) -> Sent:
    # A GUID of its own: one sent twice would be known already, and lead to nothing.
    headers = {**webhook.headers, "X-GitHub-Delivery": str(uuid.uuid4())}
    connection = http.client.HTTPConnection(host, timeout=TIMEOUT)
    try:
        connection.request("POST", PATH, webhook.body, headers)
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    except OSError:
        status = 0
    finally:
        connection.close()
    return Sent(pull=webhook.pull, at=due, seconds=time.monotonic() - due, status=status)
