"""What is said and what is held while a pull request conflicts with its base.

Of the rule hold_conflicts.
"""

import pytest

from leeroy.deciding import messages
from leeroy.deciding.effects import SetStatus, TriggerBuild, WriteComment
from leeroy.deciding.facts import Request
from leeroy.deciding.plan import decide
from leeroy.deciding.rules.mergeable import is_unsettled
from leeroy.deciding.rules.report import status_of
from leeroy.model import (
    BuildState,
    Cause,
    CauseKind,
    OwnComment,
    Reason,
    ReasonKind,
    Result,
    Status,
    StatusState,
)
from tests.making import (
    HEAD,
    a_build_setting,
    a_done_row,
    a_pull,
    a_queued_row,
    a_row,
    a_running_row,
    config,
    pull_facts,
    words_of,
)

CONTEXT = "leeroy/mergeable"
SAID = Status(context=CONTEXT, state=StatusState.FAILURE, description="Merge conflict with main")
SETTLED = Status(context=CONTEXT, state=StatusState.SUCCESS, description="No conflict with main")
HELD = ("pending", "Waiting: merge conflict with main")


def facts(has_conflict, *rows, pull=None, settings=None, conflicts=True, **more):
    whole = settings or config(conflicts=conflicts)
    return pull_facts(
        whole, pull=a_pull(**{"has_conflict": has_conflict, **(pull or {})}), builds=rows, **more
    )


def statuses(decision):
    return {
        e.status.context: (e.status.state.value, e.status.description)
        for e in decision.effects
        if isinstance(e, SetStatus)
    }


def triggered(decision):
    return [e.build.context for e in decision.effects if isinstance(e, TriggerBuild)]


def comments(decision):
    return [e for e in decision.effects if isinstance(e, WriteComment)]


def test_a_conflict_is_a_failure_and_every_context_waits_without_a_build():
    decision = decide(facts(True))
    assert statuses(decision) == {CONTEXT: ("failure", SAID.description), "janky": HELD}
    assert triggered(decision) == []
    assert f"{CONTEXT}: Merge conflict with main" in decision.reasons


def test_without_a_conflict_it_says_so_and_builds():
    decision = decide(facts(False))
    assert statuses(decision) == {CONTEXT: ("success", SETTLED.description)}
    assert triggered(decision) == ["janky"]


def test_what_github_does_not_know_yet_holds_nothing_up_and_is_not_spoken_of():
    decision = decide(facts(None))
    assert (statuses(decision), triggered(decision)) == ({}, ["janky"])


def test_a_conflict_told_of_holds_while_github_thinks_again():
    decision = decide(facts(None, written={(HEAD, CONTEXT): SAID}))
    assert (statuses(decision), triggered(decision)) == ({"janky": HELD}, [])


@pytest.mark.parametrize(
    ("pull", "written"),
    [
        ({"head_sha": "e" * 40}, {(HEAD, CONTEXT): SAID}),
        ({"base_ref": "release"}, {(HEAD, CONTEXT): SAID}),
        ({}, {(HEAD, CONTEXT): SETTLED}),
    ],
    ids=["another head", "another base", "no conflict"],
)
def test_nothing_else_holds_while_github_thinks(pull, written):
    words = words_of(a_pull().ref, written, "main")
    told = facts(None, pull=pull, written=written, words=words)
    assert triggered(decide(told)) == ["janky"]


@pytest.mark.parametrize("has_conflict", [True, False, None])
def test_switched_off_it_changes_nothing(has_conflict):
    off = decide(facts(has_conflict, conflicts=False))
    assert off.effects == decide(pull_facts()).effects


def test_a_second_look_says_nothing_more():
    written = {
        (HEAD, CONTEXT): SAID,
        (HEAD, "janky"): Status(context="janky", state=StatusState.PENDING, description=HELD[1]),
    }
    assert decide(facts(True, written=written)).effects == ()


@pytest.mark.parametrize(
    "row",
    [a_queued_row(), a_running_row(), a_done_row(), a_done_row(result=Result.FAILURE)],
    ids=["queued", "running", "succeeded", "failed"],
)
def test_what_was_built_or_is_being_built_stands(row):
    written = {(HEAD, CONTEXT): SAID, (HEAD, "janky"): status_of(row)}
    assert decide(facts(True, row, written=written)).effects == ()


def test_a_build_that_was_about_to_be_triggered_still_is():
    assert triggered(decide(facts(True, a_row()))) == ["janky"]


def test_asking_for_a_build_does_not_get_one_while_it_conflicts():
    row = a_done_row(result=Result.FAILURE)
    asked = facts(
        True, row, requests=(Request(cause=Cause(CauseKind.REQUEST, "1"), context="janky"),)
    )
    assert triggered(decide(asked)) == []


def test_a_reopened_pull_request_waits_for_the_merge_and_no_longer_says_closed():
    row = a_queued_row(state=BuildState.SUPERSEDED, reason=Reason(ReasonKind.CLOSED))
    assert statuses(decide(facts(True, row)))["janky"] == HELD
    assert triggered(decide(facts(False, row))) == ["janky"]


def test_what_is_skipped_anyway_stays_skipped():
    settings = config(conflicts=True, builds=[a_build_setting(branches=["release/*"])])
    said = statuses(decide(facts(True, settings=settings)))
    assert said["janky"] == ("success", "Skipped: not built for main")


def test_a_stranger_waits_for_approval_first():
    settings = config(conflicts=True, trust="write")
    stranger = {"head_repo": "stranger/widgets", "author": "stranger"}
    said = statuses(decide(facts(True, settings=settings, pull=stranger, author_can_write=False)))
    assert said["janky"] == ("pending", messages.WAITING_FOR_APPROVAL)
    assert said[CONTEXT][0] == "failure"


def test_a_closed_pull_request_is_not_spoken_of():
    assert statuses(decide(facts(True, pull={"is_open": False}))) == {}


def test_the_context_may_have_another_name_in_any_case_of_letters():
    settings = config(conflicts={"context": "Merge/Able"})
    said = Status(context="Merge/Able", state=StatusState.SUCCESS, description=SETTLED.description)
    decision = decide(facts(False, settings=settings, written={(HEAD, "merge/able"): said}))
    assert statuses(decision) == {}


def test_long_branch_names_fit_a_status():
    base = "x" * 250
    said = statuses(decide(facts(True, pull={"base_ref": base})))
    assert all(len(description) <= 140 for _, description in said.values())
    # and are recognized again
    written = {
        (HEAD, CONTEXT): Status(
            context=CONTEXT, state=StatusState.FAILURE, description=said[CONTEXT][1]
        )
    }
    assert triggered(decide(facts(None, pull={"base_ref": base}, written=written))) == []


class TestComment:
    LOUD = config(conflicts={"comment": True})
    KNOWN = OwnComment(topic="conflicts", comment_id=5, body="old words")

    def test_it_is_written_only_when_asked_for(self):
        assert comments(decide(facts(True))) == []
        (comment,) = comments(decide(facts(True, settings=self.LOUD)))
        assert (comment.topic, comment.comment_id) == ("conflicts", None)
        assert "git fetch https://github.com/acme/widgets main\n" in comment.body

    def test_it_is_edited_in_place_and_turned_good_once_settled(self):
        known = {"conflicts": self.KNOWN}
        (edit,) = comments(decide(facts(True, settings=self.LOUD, comments=known)))
        assert edit.comment_id == 5
        (good,) = comments(decide(facts(False, settings=self.LOUD, comments=known)))
        assert (good.comment_id, good.body) == (5, messages.conflict_settled_comment("main"))

    @pytest.mark.parametrize("has_conflict", [True, False])
    def test_a_second_look_writes_it_no_more(self, has_conflict):
        (first,) = comments(
            decide(facts(has_conflict, settings=self.LOUD, comments={"conflicts": self.KNOWN}))
        )
        known = OwnComment(topic="conflicts", comment_id=5, body=first.body)
        again = decide(facts(has_conflict, settings=self.LOUD, comments={"conflicts": known}))
        assert comments(again) == []

    def test_nothing_is_said_where_nothing_was_wrong_or_nobody_knows(self):
        assert comments(decide(facts(False, settings=self.LOUD))) == []
        known = {"conflicts": self.KNOWN}
        assert comments(decide(facts(None, settings=self.LOUD, comments=known))) == []

    def test_no_branch_name_gets_out_of_its_place(self):
        body = messages.conflict_comment(
            "https://github.com/a/b", "x`;@octocat<b>", "$(reboot)\n```\n@all"
        )
        assert "``x`;@octocat<b>``" in body
        assert "'$(reboot)" in body
        assert body.count("```") == 3  # the fence, and the one in a line of it
        assert "\n```\n@all" not in body


@pytest.mark.parametrize(
    ("conflicts", "pull", "unsettled"),
    [
        (True, {"has_conflict": None}, True),
        (True, {"has_conflict": True}, False),
        (True, {"has_conflict": None, "is_open": False}, False),
        (False, {"has_conflict": None}, False),
    ],
    ids=["not known", "known", "closed", "off"],
)
def test_it_is_asked_again_only_where_the_answer_matters(conflicts, pull, unsettled):
    assert is_unsettled(pull_facts(config(conflicts=conflicts), pull=a_pull(**pull))) is unsettled
