"""A context that has as many statuses of a commit as GitHub keeps: told once, tried once."""

from leeroy.model import PullRef
from tests.stories.world import REPO


def posts(world):
    return len(world.github.calls.matching("POST", "/statuses/"))


def test_it_is_told_once_and_not_tried_again(world):
    number = world.open_pull()
    world.settle()
    sha = world.head(number)
    for _ in range(999):
        world.github.post_status(REPO, sha, "pending", "janky", description="Queued in Jenkins")
    world.github.calls.clear()
    world.build_next("FAILURE")
    for _ in range(3):
        world.look_again(number)
        world.settle()
    assert posts(world) == 1
    looks = world.services.store.looks_at(str(PullRef(REPO, number)))
    assert len([look for look in looks if "maximum number of statuses" in look.error]) == 1
    world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
    world.settle()
    assert world.statuses(world.head(number))["janky"] == ("pending", "Queued in Jenkins")
