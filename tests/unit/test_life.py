"""A build's life: what Jenkins shows moves the row on, and never back."""

import pytest

from leeroy.deciding.life import LEFT_WITHOUT_BUILD, advance, attempt_id
from leeroy.model import BuildState, Reason, ReasonKind, Result, Sighting
from tests.making import (
    BASE,
    HEAD,
    OLD_HEAD,
    a_done_row,
    a_jenkins_build,
    a_queue_item,
    a_queued_row,
    a_row,
    a_running_row,
)

NOW = 2_000.0
GONE = Sighting()


@pytest.mark.parametrize(
    ("row", "sighting", "state"),
    [
        pytest.param(a_row(), GONE, BuildState.NEW, id="never asked: asked again"),
        pytest.param(a_row(), Sighting(item=a_queue_item()), BuildState.QUEUED, id="new, queued"),
        pytest.param(
            a_row(), Sighting(build=a_jenkins_build()), BuildState.RUNNING, id="new, running"
        ),
        pytest.param(
            a_queued_row(), Sighting(item=a_queue_item()), BuildState.QUEUED, id="still waits"
        ),
        pytest.param(
            a_queued_row(),
            Sighting(item=a_queue_item(build_number=17, has_left=True)),
            BuildState.RUNNING,
            id="left the queue",
        ),
        pytest.param(
            a_queued_row(), Sighting(item=a_queue_item(is_cancelled=True)), BuildState.DONE,
            id="cancelled by somebody",
        ),
        pytest.param(a_queued_row(), GONE, BuildState.LOST, id="queued, then forgotten"),
        pytest.param(a_running_row(), GONE, BuildState.LOST, id="running, then forgotten"),
        pytest.param(
            a_running_row(), Sighting(item=a_queue_item()), BuildState.RUNNING, id="never back"
        ),
        pytest.param(a_done_row(), GONE, BuildState.DONE, id="over: deleted later"),
        pytest.param(
            a_done_row(), Sighting(build=a_jenkins_build()), BuildState.DONE, id="over: late news"
        ),
        pytest.param(
            a_running_row(),
            Sighting(build=a_jenkins_build(result=Result.FAILURE)),
            BuildState.RUNNING,
            id="a result while building is preliminary",
        ),
        pytest.param(
            a_running_row(),
            Sighting(build=a_jenkins_build(is_building=False, result=Result.SUCCESS)),
            BuildState.DONE,
            id="finished",
        ),
    ],
)  # fmt: skip
def test_a_row_goes_where_jenkins_shows_it(row, sighting, state):
    assert advance(row, sighting, NOW).state is state


def test_a_finished_build_keeps_its_result_number_url_and_duration():
    seen = a_jenkins_build(is_building=False, result=Result.UNSTABLE, duration=61.0)
    row = advance(a_queued_row(), Sighting(build=seen), NOW)
    assert (row.result, row.build_number, row.url, row.duration) == (
        Result.UNSTABLE,
        17,
        seen.url,
        61.0,
    )


def test_an_item_that_left_without_a_build_is_waited_for_and_then_lost():
    left = Sighting(item=a_queue_item(has_left=True))
    row = a_queued_row(updated=1_000.0)
    assert advance(row, left, 1_000.0 + LEFT_WITHOUT_BUILD).state is BuildState.QUEUED
    assert advance(row, left, 1_001.0 + LEFT_WITHOUT_BUILD).state is BuildState.LOST


def test_a_build_that_was_not_given_our_sha_says_nothing_of_it():
    seen = a_jenkins_build(parameters={}, is_building=False, result=Result.SUCCESS)
    row = advance(a_queued_row(), Sighting(build=seen), NOW)
    assert (row.state, row.reason) == (
        BuildState.REFUSED,
        Reason(ReasonKind.TAKES_NO_SHA, "widgets-pr"),
    )


def test_a_build_that_has_checked_nothing_out_yet_may_still_be_of_our_sha():
    seen = a_jenkins_build(parameters={"PR": "7"}, revisions=frozenset(), is_building=True)
    running = advance(a_queued_row(), Sighting(build=seen), NOW)
    assert running.state is BuildState.RUNNING
    over = a_jenkins_build(
        parameters={"PR": "7"},
        revisions=frozenset({HEAD}),
        is_building=False,
        result=Result.SUCCESS,
    )
    assert advance(running, Sighting(build=over), NOW).state is BuildState.DONE
    other = a_jenkins_build(
        parameters={"PR": "7"}, revisions=frozenset({OLD_HEAD}), is_building=True
    )
    assert advance(running, Sighting(build=other), NOW).state is BuildState.REFUSED


def test_an_attempt_has_one_id_whoever_writes_it_down():
    row = a_row()
    assert attempt_id(row, 1) == attempt_id(a_row(job="renamed", base=BASE), 1)
    assert len({attempt_id(row, 1), attempt_id(row, 2), attempt_id(a_row(pull=8), 1)}) == 3
