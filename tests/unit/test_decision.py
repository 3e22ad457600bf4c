"""What rules add to a decision, where two of them want one thing."""

import pytest

from leeroy.deciding import decision as module
from leeroy.deciding.decision import Decision
from leeroy.model import Status, StatusState

GREEN = Status(context="janky", state=StatusState.SUCCESS, description="good")
RED = Status(context="Janky", state=StatusState.FAILURE, description="bad")


def test_of_two_rules_that_speak_for_one_context_the_first_keeps_it(monkeypatch):
    monkeypatch.setattr(module, "is_strict", False)
    decision = Decision().saying("a" * 40, GREEN).saying("a" * 40, RED)
    assert [saying.status for saying, _ in decision.said.values()] == [GREEN]
    assert decision.defects == ("two rules speak for Janky at aaaaaaa",)


def test_in_tests_that_is_an_error():
    with pytest.raises(AssertionError, match="two rules speak"):
        Decision().saying("a" * 40, GREEN).saying("a" * 40, RED)


def test_on_two_commits_there_is_no_harm():
    decision = Decision().saying("a" * 40, GREEN).saying("b" * 40, RED)
    assert (len(decision.said), decision.defects) == (2, ())
