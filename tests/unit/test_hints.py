"""Hints: kept as JSON, read by other versions, compared with what GitHub shows."""

from dataclasses import replace

import pytest

from leeroy.hints import (
    PAUSES,
    BaseMovedHint,
    CommentHint,
    DeliveryHint,
    FollowHint,
    Hint,
    MergeableHint,
    NotificationHint,
    OtherHint,
    PullView,
    PushHint,
    RequestHint,
    SharedHint,
    SweepHint,
    TurnHint,
    changes_checks,
    comment_of,
    from_json,
    once_more,
    push_of,
    to_json,
)
from leeroy.model import BuildRef, CommentKind, Push
from tests.making import a_pull

PUSH = Push(before="1" * 40, after="2" * 40, is_forced=True)
VIEW = PullView(updated=1_000.0, head_sha="a" * 40, base_ref="main", is_open=True, is_draft=False)
HINTS: list[Hint] = [
    DeliveryHint(event="pull_request", action="opened", seen=VIEW, tries=3),
    CommentHint(
        event="issue_comment", action="created", comment_kind=CommentKind.COMMENT, comment_id=7
    ),
    PushHint(push=PUSH, tries=1),
    NotificationHint(build=BuildRef("default", "ci/widgets", 17), phase="STARTED"),
    RequestHint(context="Grüße 🎉", cron=12),
    BaseMovedHint(branch="release/1.0"),
    MergeableHint(tries=2),
    FollowHint(why="dashboard"),
    SweepHint(why="it was deleted", push=PUSH),
    SweepHint(why="not answered", comment_kind=CommentKind.REVIEW, comment_id=9),
    TurnHint(context="janky"),
    SharedHint(),
    OtherHint(kind="omen"),
]
EACH = pytest.mark.parametrize("hint", HINTS, ids=lambda hint: hint.kind)


@EACH
def test_every_kind_comes_back_from_json_as_it_was(hint):
    assert from_json(hint.kind, to_json(hint)) == hint


def test_every_kind_is_tried_here():
    assert {type(hint) for hint in HINTS} == set(Hint.__args__)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("omen", '{"kind": "omen", "crows": 2}', id="a later version's"),
        pytest.param("push", '{"kind": "push"}', id="something is missing"),
        pytest.param("push", '{"kind": "push", "push": 7}', id="another type"),
        pytest.param("turn", "{", id="half a JSON"),
        pytest.param("turn", "", id="nothing"),
        pytest.param("turn", "[" * 100_000, id="nested too deep"),
    ],
)
def test_what_this_version_cannot_read_means_to_look_again(kind, text):
    assert from_json(kind, text) == OtherHint(kind=kind)


@pytest.mark.parametrize(
    ("seen", "is_newer"),
    [
        pytest.param({}, False, id="as GitHub shows it"),
        pytest.param({"updated": 999.0, "head_sha": "b" * 40}, False, id="older than that"),
        pytest.param({"updated": 1_001.0}, True, id="newer"),
        pytest.param({"head_sha": "b" * 40}, True, id="another head in the same second"),
        pytest.param({"base_ref": "release"}, True, id="another base"),
        pytest.param({"is_open": False}, True, id="closed"),
        pytest.param({"is_draft": True}, True, id="a draft"),
        pytest.param({"head_sha": None, "is_draft": None}, False, id="what it did not tell"),
        pytest.param({"updated": 0.0, "head_sha": "b" * 40}, False, id="told no time"),
    ],
)
def test_a_view_is_newer_when_github_shows_less(seen, is_newer):
    pull = a_pull(updated=1_000.0, head_sha="a" * 40, base_ref="main")
    assert replace(VIEW, **seen).is_newer_than(pull) is is_newer


def test_looking_again_ends():
    hint: Hint = PushHint(push=PUSH)
    pauses = []
    while (again := once_more(hint)) is not None:
        hint, pause = again
        pauses.append(pause)
    assert tuple(pauses) == PAUSES[PushHint] == (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)


@EACH
def test_a_comment_and_news_of_jenkins_change_nothing_that_is_checked(hint):
    quiet = NotificationHint | FollowHint | MergeableHint | BaseMovedHint | CommentHint
    assert changes_checks(hint) is not isinstance(hint, quiet)


def test_a_hint_names_its_comment_or_its_push_or_neither():
    named = {hint.kind: (comment_of(hint), push_of(hint)) for hint in HINTS}
    assert named["comment"] == ((CommentKind.COMMENT, 7), None)
    assert named["push"] == (None, PUSH)
    assert named["sweep"] == ((CommentKind.REVIEW, 9), None)
    assert named["turn"] == (None, None)
