"""What all tests share."""

from functools import cache
from pathlib import Path

import hypothesis
import pytest

from leeroy import logs
from leeroy.deciding import decision
from tests.examples import TIMES

# No deadline: how long an example takes says something of the machine only.
hypothesis.settings.register_profile("leeroy", deadline=None, derandomize=TIMES == 1)
hypothesis.settings.load_profile("leeroy")


@pytest.fixture(autouse=True, scope="session")
def _plain_logs() -> None:
    """Log lines as a process of Leeroy's writes them: to standard error, without locals."""
    logs.configure()


@pytest.fixture(autouse=True, scope="session")
def _two_rules_that_speak_for_one_context_are_an_error() -> None:
    """A service logs that, and goes on."""
    decision.is_strict = True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the tests of a file that share a server or a world run in one of several processes."""
    for item in items:
        if _shares(item.path):
            item.add_marker(pytest.mark.xdist_group(str(item.path)))


@cache
def _shares(file: Path) -> bool:
    return 'scope="module"' in file.read_text("utf-8")
