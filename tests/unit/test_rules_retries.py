"""Failures that may be a flaky test's fault: tried again first, reported after."""

import pytest

from leeroy.deciding.effects import SetStatus, TriggerBuild
from leeroy.deciding.facts import Request
from leeroy.deciding.plan import decide
from leeroy.deciding.rules.report import status_of
from leeroy.model import BuildState, Cause, CauseKind, Result
from tests.making import (
    HEAD,
    OLD_HEAD,
    a_build_setting,
    a_done_row,
    a_pull,
    a_queued_row,
    a_running_row,
    config,
    pull_facts,
)

TWICE = config(builds=[a_build_setting(retries=2)])


def failed(**fields):
    return a_done_row(result=Result.FAILURE, **fields)


def triggers(facts):
    return [e.build for e in decide(facts).effects if isinstance(e, TriggerBuild)]


def said(facts):
    return [
        (e.status.state.value, e.status.description)
        for e in decide(facts).effects
        if isinstance(e, SetStatus)
    ]


def test_a_failure_is_tried_again_and_not_reported():
    facts = pull_facts(TWICE, builds=(failed(),))
    (again,) = triggers(facts)
    assert (again.attempt, str(again.cause)) == (2, "retry:1")
    assert said(facts) == []


def test_until_it_runs_the_retry_says_why_there_is_one():
    rows = (failed(), a_queued_row(attempt=2, cause=Cause(CauseKind.RETRY, "1")))
    assert said(pull_facts(TWICE, builds=rows)) == [
        ("pending", "Build #17 failed, trying again (1 of 2)")
    ]


def test_while_it_runs_it_is_a_build_like_any_other():
    rows = (failed(), a_running_row(attempt=2, cause=Cause(CauseKind.RETRY, "1"), build_number=18))
    assert said(pull_facts(TWICE, builds=rows)) == [("pending", "Build #18 is running")]


@pytest.mark.parametrize(
    ("retry", "result", "state", "description"),
    [
        (1, Result.SUCCESS, "success", "Build #18 succeeded in 3 min 20 s (after 1 retry)"),
        (2, Result.SUCCESS, "success", "Build #18 succeeded in 3 min 20 s (after 2 retries)"),
        (2, Result.FAILURE, "failure", "Build #18 failed after 3 min 20 s (after 2 retries)"),
        (1, Result.UNSTABLE, "failure", "Build #18 is unstable after 3 min 20 s (after 1 retry)"),
    ],
)
def test_the_result_tells_that_it_took_more_than_one_try(retry, result, state, description):
    row = a_done_row(
        attempt=1 + retry, cause=Cause(CauseKind.RETRY, str(retry)), build_number=18, result=result
    )
    status = status_of(row)
    assert (status.state.value, status.description) == (state, description)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(failed(cause=Cause(CauseKind.RETRY, "2")), id="all are used up"),
        pytest.param(a_done_row(result=Result.SUCCESS), id="success"),
        pytest.param(a_done_row(result=Result.UNSTABLE), id="unstable"),
        pytest.param(a_done_row(result=Result.ABORTED), id="aborted"),
        pytest.param(a_done_row(result=Result.NOT_BUILT), id="not built"),
        pytest.param(a_done_row(state=BuildState.REFUSED, result=None), id="refused"),
        pytest.param(
            failed(is_adopted=True, cause=Cause(CauseKind.JENKINS, "widgets-pr#17")),
            id="started by hand",
        ),
    ],
)
def test_what_is_not_tried_again(row):
    assert triggers(pull_facts(TWICE, builds=(row,))) == []


def test_without_the_setting_nothing_is():
    assert triggers(pull_facts(builds=(failed(),))) == []


def test_who_asks_for_a_build_gets_all_its_tries():
    rows = (
        failed(),
        failed(attempt=2, cause=Cause(CauseKind.RETRY, "1")),
        failed(attempt=3, cause=Cause(CauseKind.RETRY, "2")),
    )
    asked = Request(cause=Cause(CauseKind.REQUEST, "5"))
    (build,) = triggers(pull_facts(TWICE, builds=rows, requests=(asked,)))
    assert build.cause == Cause(CauseKind.REQUEST, "5")
    (again,) = triggers(
        pull_facts(TWICE, builds=(*rows, failed(attempt=4, cause=Cause(CauseKind.REQUEST, "5"))))
    )
    assert again.cause == Cause(CauseKind.RETRY, "1")


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"pull": a_pull(is_open=False)}, id="closed"),
        pytest.param({"builds": (failed(sha=OLD_HEAD),)}, id="superseded"),
    ],
)
def test_what_nobody_needs_any_more_is_not_tried_again(facts):
    builds = triggers(pull_facts(TWICE, **{"builds": (failed(),), **facts}))
    assert [
        build for build in builds if build.cause != Cause(CauseKind.HEAD) or build.sha != HEAD
    ] == []
