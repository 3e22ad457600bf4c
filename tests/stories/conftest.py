"""The world of a story."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.stories.world import World, make_world


@pytest.fixture
def arrange(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """A world with settings of the story's own."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(make_world(tmp_path, **settings))


@pytest.fixture
def world(arrange: Callable[..., Any]) -> World:
    """The ordinary world: one repository, one job."""
    return arrange()
