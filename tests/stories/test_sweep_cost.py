"""What a sweep costs GitHub's quota, counted by the sandbox's own limits."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from leeroy.config import parse_config
from leeroy.services import make_services
from tests.stories.world import REPO

PULLS = 300
#: What the tests below hold it to, and docs/operating.md tells.
UNCHANGED, FIRST_OF_A_TOKEN = 0, 5


@dataclass
class Meter:
    """Counts what a world's sweeps cost."""

    world: object

    def cost(self, services=None):
        """Calls counted in one sweep, and the writes among all."""
        used = self.world.github.limits.used("leeroy-bot")
        self.world.github.calls.clear()
        for one in (services or self.world.services).sweep.run():
            assert not one.error
        assert self.world.github.calls.writes() == []
        return self.world.github.limits.used("leeroy-bot") - used


@pytest.fixture
def crowded(arrange):
    """A repository with 300 open pull requests that the sweep has seen; some lack their status."""
    world = arrange()
    numbers = world.github.open_pulls_quickly(REPO, PULLS)
    for number in numbers[:-20]:
        world.github.post_status(REPO, world.head(number), "success", "janky")
    meter = Meter(world)
    first = meter.cost()
    assert PULLS <= first <= PULLS + 10  # each head's statuses, once
    return meter


def test_300_unchanged_pull_requests_cost_at_most_10_counted_calls(crowded):
    assert crowded.cost() <= 1  # the comments, asked for the first time
    assert [crowded.cost() for _ in range(3)] == [UNCHANGED] * 3


def test_what_a_token_that_rotates_costs_once_each_time(crowded, tmp_path):
    """Its ETags are worth nothing to the next token, so every list is counted once."""
    world = crowded.world
    fresh = world.github.rotate_token(world.services.config.github_token.get_secret_value())
    path = tmp_path / "config.json"
    settings = json.loads(path.read_text()) | {"github_token": fresh}
    config = parse_config(json.dumps(settings), environ={}, read_file=Path.read_text, source=path)
    services = make_services(config)
    try:
        assert crowded.cost(services) == FIRST_OF_A_TOKEN
        assert crowded.cost(services) == UNCHANGED
    finally:
        services.close()


def test_one_that_changed_costs_its_page_and_its_own_reading(crowded):
    world = crowded.world
    for hook in world.github.repository(REPO).hooks:
        hook.active = False
    world.github.pull(REPO, 17).updated += 60
    assert crowded.cost() <= 10
