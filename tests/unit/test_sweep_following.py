"""Which silent builds have news, and which of many are read this time."""

import pytest

from leeroy.model import Sighting
from leeroy.worker.following import EVERY_SECONDS, MOST_A_SERVER, has_news, some_of
from tests.making import a_jenkins_build, a_queue_item, a_queued_row, a_running_row


@pytest.mark.parametrize(
    ("build", "sighting", "expected"),
    [
        pytest.param(a_queued_row(), Sighting(item=a_queue_item()), False, id="still queued"),
        pytest.param(
            a_queued_row(), Sighting(item=a_queue_item(is_cancelled=True)), True, id="cancelled"
        ),
        pytest.param(a_queued_row(), Sighting(item=a_queue_item(has_left=True)), True, id="left"),
        pytest.param(
            a_queued_row(), Sighting(build=a_jenkins_build(is_building=True)), True, id="started"
        ),
        pytest.param(
            a_running_row(), Sighting(build=a_jenkins_build(is_building=True)), False, id="runs"
        ),
        pytest.param(
            a_running_row(), Sighting(build=a_jenkins_build(is_building=False)), True, id="ended"
        ),
        pytest.param(a_running_row(), Sighting(), True, id="gone"),
    ],
)
def test_a_build_has_news_when_jenkins_shows_something_else(build, sighting, expected):
    assert has_news(build, sighting) is expected


def test_of_many_builds_each_has_its_turn():
    ids = [f"build-{number}" for number in range(3 * MOST_A_SERVER - 1)]
    read = [some_of(ids, turn * EVERY_SECONDS) for turn in range(4)]
    assert all(len(some) == MOST_A_SERVER for some in read)
    assert {id_ for some in read for id_ in some} == set(ids)
