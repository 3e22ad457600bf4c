"""A token that is nobody's, as an app's: GitHub answers 403 to who it is, and commands work."""

import pytest

from tests.stories.test_trust_and_commands import open_fork_pull, triggers
from tests.stories.world import REPO

BOT = "leeroy[bot]"


@pytest.fixture
def token(world):
    """Leeroy's token becomes one of an app's installation."""
    world.github.create_user(BOT, "Bot")
    world.github.set_permission(REPO, BOT, "write")
    config = world.services.config
    text = config.for_repo(REPO).github_token.get_secret_value()
    world.github.add_token(BOT, kind="installation", text=text)
    return text


def by_us(world, number):
    return [c.body for c in world.github.comments(REPO, number) if c.login == BOT]


def test_a_maintainer_approves_retests_and_is_answered(world, token):
    number = open_fork_pull(world, world.github.fork(REPO, "stranger"))
    world.github.comment(REPO, number, "mary", "/ok-to-test")
    world.settle()
    assert triggers(world) == 1
    world.build_next("FAILURE")
    world.github.comment(REPO, number, "mary", "/retest\n/retset")
    world.settle()
    assert triggers(world) == 2
    (reply,) = by_us(world, number)
    assert "no such command" in reply


def test_a_push_beside_a_comment_is_built(world, token):
    number = world.open_pull()
    world.settle()
    world.github.hold_deliveries()
    world.github.comment(REPO, number, "mary", "/help")
    world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
    world.github.release()
    world.settle()
    assert triggers(world) == 2
    assert len(by_us(world, number)) == 1


def test_words_with_our_marker_are_no_commands(world, token):
    number = world.open_pull()
    world.settle()
    world.build_next("FAILURE")
    world.github.comment(REPO, number, "mary", "<!-- leeroy: results -->\n\n/retest")
    world.settle()
    assert triggers(world) == 1
    assert by_us(world, number) == []


def test_the_results_comment_is_one_and_edited_in_place(arrange):
    world = arrange(comments={"results": True})
    world.github.create_user(BOT, "Bot")
    world.github.set_permission(REPO, BOT, "write")
    text = world.services.config.for_repo(REPO).github_token.get_secret_value()
    world.github.add_token(BOT, kind="installation", text=text)
    number = world.open_pull()
    world.settle()
    world.build_next("FAILURE")
    world.github.comment(REPO, number, "mary", "/retest")
    world.settle()
    world.build_next("SUCCESS")
    (body,) = by_us(world, number)
    assert "succeeded" in body


def test_a_sweep_finds_nothing_to_do(world, token):
    world.open_pull()
    world.settle()
    world.build_next("SUCCESS")
    world.github.calls.clear()
    for _ in range(2):
        swept = list(world.services.sweep.run())
        world.settle()
        assert [unread for each in swept for unread in each.unread] == []
    assert world.github.calls.writes() == []
    assert triggers(world) == 1
