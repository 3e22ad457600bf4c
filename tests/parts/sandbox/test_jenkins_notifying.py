"""How the sandbox Jenkins sends notifications, and the ways in which that goes wrong."""

import base64
import socket
import threading
import time
from pathlib import Path

import pytest

from leeroy_sandbox.faults import Drop
from leeroy_sandbox.jenkins import (
    Endpoint,
    Jenkins,
    Phase,
    String,
)
from tests.parts.sandbox.jenkins_receiver import Receiver, make, receiver, run
from tests.waiting import PATIENCE

__all__ = ["make", "receiver"]  # fixtures


@pytest.mark.parametrize("status", [200, 302, 308, 404, 413, 500, 503])
def test_any_status_counts_as_heard(make, receiver: Receiver, status: int):
    jenkins = make({"event": "started", "retries": 3})
    receiver.faults.add("POST", "/hear", status=status, headers={"Location": receiver.url})
    run(jenkins)
    assert len(receiver.calls) == 1
    assert jenkins.notifications.log[0].statuses == (status,)


def test_a_307_is_followed_with_the_same_post(make, receiver: Receiver):
    jenkins = make({"event": "started"})
    elsewhere = f"{receiver.server.url}/there?x=1"
    receiver.faults.add("POST", "/hear", status=307, headers={"Location": elsewhere})
    run(jenkins)
    assert [call.target for call in receiver.calls] == ["/hear", "/there?x=1"]
    assert receiver.bodies[0] == receiver.bodies[1]


def test_a_307_to_a_relative_place_is_a_failure(make, receiver: Receiver):
    jenkins = make({"event": "started"})
    receiver.faults.add("POST", "/hear", status=307, headers={"Location": "/there"})
    run(jenkins)
    assert jenkins.notifications.log[0].statuses == (None,)


def test_after_one_failure_all_retries_are_sent(make, receiver: Receiver):
    jenkins = make({"event": "started", "retries": 3})
    receiver.faults.add("POST", "/hear", drop=Drop.RESET, times=1)
    run(jenkins)
    assert jenkins.notifications.log[0].statuses == (None, 204, 204, 204)
    assert len({bytes(body) for body in receiver.bodies}) == 1


def test_a_receiver_that_is_not_there_costs_the_build_nothing_but_time(tmp_path: Path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        with Jenkins(tmp_path, auto=False) as jenkins:
            jenkins.add_job("app", endpoints=[Endpoint(url, retries=1)])
            assert run(jenkins, "app").result == "SUCCESS"
            assert [m.statuses for m in jenkins.notifications.log] == [(None, None)] * 4


def test_a_slow_receiver_holds_the_build_up_until_the_timeout(make, receiver: Receiver):
    jenkins = make({"event": "started", "timeout": 100})
    receiver.faults.longest_hold = PATIENCE
    receiver.faults.add("POST", "/hear", drop=Drop.TIMEOUT)
    before = time.monotonic()
    run(jenkins)
    assert 0.1 <= time.monotonic() - before < PATIENCE
    assert jenkins.notifications.log[0].statuses == (None,)


def test_userinfo_becomes_basic_auth_undecoded(make, receiver: Receiver):
    jenkins = make()
    url = receiver.url.replace("http://", "http://bot:p%40x@")
    jenkins.add_job("authed", endpoints=[Endpoint(url, event="started")])
    run(jenkins, "authed")
    kind, _, secret = next(iter(receiver.calls)).headers["authorization"].partition(" ")
    assert (kind, base64.b64decode(secret)) == ("Basic", b"bot:p%40x")


def test_variables_in_the_address_are_filled_in_unescaped(make, receiver: Receiver):
    jenkins = make()
    jenkins.add_job(
        "addressed",
        parameters=[String("ID")],
        endpoints=[
            Endpoint(f"{receiver.url}?id=${{ID}}&job=$JOB_NAME", event="started"),
            Endpoint(f"{receiver.url}?id=$UNKNOWN", event="started"),
        ],
    )
    run(jenkins, "addressed", ID="a&b")
    assert [call.query for call in receiver.calls] == ["id=a&b&job=addressed"]


def test_held_notifications_are_released_in_any_order(make, receiver: Receiver):
    jenkins = make()
    jenkins.hold_notifications()
    run(jenkins)
    assert receiver.phases == []
    assert jenkins.notifications.release(order=reversed) == 4
    assert receiver.phases == ["FINALIZED", "COMPLETED", "STARTED", "QUEUED"]
    run(jenkins)
    assert len(receiver.phases) == 8


def test_notifications_can_be_lost_and_repeated(make, receiver: Receiver):
    jenkins = make()
    jenkins.notifications.lose(lambda message: message.phase is Phase.COMPLETED)
    jenkins.notifications.repeat(2, lambda message: message.phase is Phase.FINALIZED)
    run(jenkins)
    assert receiver.phases == ["QUEUED", "STARTED", "FINALIZED", "FINALIZED"]
    assert [message.lost for message in jenkins.notifications.log] == [False] * 2 + [True] + (
        [False] * 2
    )
    jenkins.notifications.behave()
    run(jenkins)
    assert receiver.phases[4:] == ["QUEUED", "STARTED", "COMPLETED", "FINALIZED"]


def test_a_restart_aborts_without_a_word_and_a_pipeline_goes_on(make, receiver: Receiver):
    jenkins = make(settings={"kind": "freestyle"})
    jenkins.add_job("flow", kind="pipeline", endpoints=[Endpoint(receiver.url)])
    for job in ("ci/app", "flow"):
        jenkins.start_by_hand(job)
        jenkins.start_next(job)
    receiver.calls.clear()
    jenkins.restart()
    jenkins.finish("ci/app", 1, "SUCCESS")
    assert receiver.phases == []
    jenkins.finish("flow", 1, "SUCCESS")
    assert receiver.phases == ["COMPLETED", "FINALIZED"]


def test_kill_is_notified_before_it_is_answered(tmp_path: Path, receiver: Receiver):
    """So a Leeroy that waits for the answer in its only thread waits for itself."""
    release = threading.Event()
    with Jenkins(tmp_path, quiet_period=0) as jenkins:
        job = jenkins.add_job(
            "flow",
            kind="pipeline",
            endpoints=[Endpoint(receiver.url)],
            result=lambda build: release.wait(PATIENCE) and "SUCCESS",
        )
        jenkins.start_by_hand("flow")
        with jenkins.lock:
            assert jenkins.lock.wait_for(lambda: job.declared, PATIENCE)
        jenkins.kill(jenkins.build("flow", 1))
        assert receiver.phases == ["QUEUED", "STARTED", "COMPLETED", "FINALIZED"]
        release.set()
        jenkins.wait_idle()
        assert len(receiver.phases) == 4
