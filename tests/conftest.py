"""What all tests share."""

import pytest

from leeroy import logs
from leeroy.deciding import decision


@pytest.fixture(autouse=True, scope="session")
def _plain_logs() -> None:
    """Log lines as a process of Leeroy's writes them: to standard error, without locals."""
    logs.configure()


@pytest.fixture(autouse=True, scope="session")
def _two_rules_that_speak_for_one_context_are_an_error() -> None:
    """A service logs that, and goes on."""
    decision.is_strict = True
