"""Deliveries through a receiver, nsqd and a consumer, two of which are killed on the way."""

import pytest

from benchmarks.nsq import programs_in, run, webhooks_of
from leeroy_sandbox.nsqd.either import Flags, why_no_real_one


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["stand-in", "real"])
def test_every_delivery_is_one_piece_of_work_through_kills_of_nsqd_and_of_the_consumer(
    tmp_path, kind
):
    if kind == "real" and (why := why_no_real_one()):
        pytest.skip(why)
    flags = Flags(mem_queue_size=0, sync_timeout=3600.0)
    with programs_in(tmp_path, flags, is_real=kind == "real") as programs:
        outcome = run(programs, webhooks_of(2, 150, 20_000), kills=True)
    assert (outcome.sent, outcome.refused) == (150, 0)
    assert (outcome.lost, outcome.doubled) == (0, 0)
    assert outcome.reconnect is not None
