"""What all tests share."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from leeroy import logs
from leeroy.deciding import decision
from tests.examples import TIMES
from tests.looked_at import every_rule_guarded

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


@pytest.fixture(autouse=True, scope="session")
def _a_rule_that_looks_at_an_unread_fact_must_ask_for_it() -> Iterator[None]:
    with every_rule_guarded():
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the tests of a file that share a server or a world run in one of several processes."""
    for item in items:
        if _shares(item.path):
            item.add_marker(pytest.mark.xdist_group(str(item.path)))


@cache
def _shares(file: Path) -> bool:
    return 'scope="module"' in file.read_text("utf-8")
