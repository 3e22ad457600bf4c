"""Settings are read in time that grows with them and no faster, whatever they have much of."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.settings_growth import (
    Settings,
    names,
    one_context,
    one_repository,
    own_secrets,
    owners,
)
from leeroy.config import parse_config
from leeroy.config.index import Index, pairs_that_may_meet

REST: Settings = {
    "jenkins": {"base_url": "https://jenkins.example.com"},
    "github_token": "t",
    "github_webhook_secret": "s",
}


def least(settings: Settings) -> float:
    text, taken = json.dumps({**REST, **settings}), []
    for _ in range(5):
        begun = time.thread_time()
        parse_config(text, environ={}, read_file=Path.read_text)
        taken.append(time.thread_time() - begun)
    return min(taken)


@pytest.mark.parametrize(
    ("shape", "count"),
    [(names, 200), (own_secrets, 150), (owners, 100), (one_repository, 300), (one_context, 300)],
    ids=lambda given: given.__name__ if callable(given) else str(given),
)
def test_twice_the_settings_take_no_more_than_thrice_the_time(
    shape: Callable[[int], Settings], count: int
) -> None:
    assert least(shape(2 * count)) <= 3 * least(shape(count))


def test_a_name_is_tried_on_no_more_than_the_globs_that_begin_or_end_like_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []

    def matches(glob: str, name: str) -> bool:
        tried.append(glob)
        return True

    index = Index[Any](
        [(f"acme/team-{i}-*", i) for i in range(500)] + [(f"*/widgets-{i}", i) for i in range(500)]
    )
    monkeypatch.setattr("leeroy.config.index.matches", matches)
    assert index.find("acme/team-7-x") == [7]
    assert index.find("other/widgets-9") == [9]
    assert tried == ["acme/team-7-*", "*/widgets-9"]


def test_globs_are_compared_with_no_more_than_those_that_begin_and_end_like_them() -> None:
    globs = [f"acme/team-{i}-*" for i in range(500)] + [f"*/widgets-{i}" for i in range(500)]
    pairs = list(pairs_that_may_meet(globs))
    assert len(pairs) == 500 * 500  # those that begin alike, and those that end so, never meet
    assert not list(pairs_that_may_meet(globs[:500]))
    assert not list(pairs_that_may_meet(globs[500:]))
