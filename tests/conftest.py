"""What all tests share."""

import pytest

from leeroy import logs


@pytest.fixture(autouse=True, scope="session")
def _plain_logs() -> None:
    """Log lines as a process of Leeroy's writes them: to standard error, without locals."""
    logs.configure()
