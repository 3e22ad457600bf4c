"""What should stand on GitHub and does not is found, whatever our own store says was written."""

import pytest
from sqlalchemy import update

from leeroy.database import write
from leeroy.deciding.missing import SAID_SECONDS, Why
from leeroy.store import tables
from tests.stories.world import REPO

SIGN_OFF = "patchparser/signoff"
CHECKED = {"patchparser": {"signoff": {"mode": "required"}}}
RIGHTS = b'{"message": "Resource not accessible by personal access token"}'


def sweep(world, **how):
    """One sweep and all it leads to; what it found."""
    found = [each for one in world.services.sweep.run(**how) for each in one.found]
    world.settle()
    return [(each.subject, each.why, each.says) for each in found]


@pytest.fixture
def swept(arrange):
    """A world that the sweep has seen, with one pull request."""

    def make(**settings):
        world = arrange(**settings)
        sweep(world)
        world.open_pull()
        world.settle()
        return world

    return make


def shown(world, context="janky"):
    status = world.statuses(world.head(1)).get(context)
    return None if status is None else status[0]


def lose(world, context):
    said = world.github.repository(REPO).statuses[world.head(1)]
    said[:] = [status for status in said if status.context != context]


def refuse(world, **answer):
    world.github.faults.add("POST", "/statuses/", **{"status": 403, "body": RIGHTS, **answer})


@pytest.mark.parametrize("is_by_hand", [True, False], ids=["by hand", "scheduled"])
class TestRefused:
    def test_what_was_refused_is_written_once_it_may_be(self, arrange, is_by_hand):
        world = arrange()
        sweep(world)
        refuse(world)
        world.open_pull()
        world.settle()
        world.build_next("SUCCESS")
        assert shown(world) is None
        world.github.faults.clear()
        found = sweep(world, is_by_hand=is_by_hand)
        assert (f"{REPO}#1", Why.UNSAID, ("janky",)) in found
        assert shown(world) == "success"

    @pytest.mark.parametrize("status", [403, 422])
    def test_a_result_that_was_refused_is_written_once_it_may_be(self, swept, is_by_hand, status):
        world = swept()
        world.jenkins.start_next()
        world.settle()
        refuse(world, status=status)
        world.jenkins.finish("ci/widgets", 1, "FAILURE")
        world.settle()
        assert shown(world) == "pending"
        world.github.faults.clear()
        sweep(world, is_by_hand=is_by_hand)
        assert shown(world) == "failure"
        assert len(world.jenkins.calls.matching("POST", "/buildWithParameters")) == 1


class TestLost:
    @pytest.mark.parametrize("context", ["janky", SIGN_OFF])
    def test_what_github_lost_is_written_again(self, swept, context):
        world = swept(**CHECKED)
        world.build_next("SUCCESS")
        before = shown(world, context)
        lose(world, context)
        world.pass_seconds(5)
        assert sweep(world) == [(f"{REPO}#1", Why.UNSAID, (context,))]
        assert shown(world, context) == before
        world.pass_seconds(5)
        assert sweep(world) == []

    def test_what_stands_there_under_our_login_and_is_not_our_last_word_is_written_over(
        self, swept
    ):
        world = swept()
        world.build_next("SUCCESS")
        world.github.post_status(REPO, world.head(1), "failure", "janky", by="leeroy-bot")
        world.pass_seconds(5)
        sweep(world)
        assert shown(world) == "success"

    def test_what_somebody_else_said_since_is_left_as_it_is(self, swept):
        world = swept()
        world.build_next("SUCCESS")
        world.github.post_status(REPO, world.head(1), "failure", "janky", by="mary")
        world.pass_seconds(5)
        assert sweep(world) == []
        assert shown(world) == "failure"

    def test_what_was_lost_long_after_it_was_written_is_found_by_hand(self, swept):
        world = swept()
        world.build_next("SUCCESS")
        with write(world.services.engine) as connection:
            for moment in (tables.statuses.c.updated, tables.builds.c.created):
                connection.execute(update(moment.table).values({moment: moment - 3600}))
        lose(world, "janky")
        world.github.calls.clear()
        assert sweep(world) == []
        assert not world.github.calls.matching("GET", "/status")
        assert sweep(world, is_by_hand=True) == [(f"{REPO}#1", Why.UNSAID, ("janky",))]
        assert shown(world) == "success"

    def test_an_unchanged_world_is_asked_about_and_written_nothing(self, swept):
        world = swept(**CHECKED)
        world.build_next("SUCCESS")
        world.pass_seconds(5)
        world.github.calls.clear()
        assert sweep(world, is_by_hand=True) == []
        assert world.github.calls.matching("GET", "/status")
        assert not world.github.calls.writes()
        assert not world.github.calls.matching("GET", "/statuses")


def test_what_is_refused_again_and_again_is_tried_once_in_ten_minutes(swept):
    world = swept()
    refuse(world)
    world.build_next("SUCCESS")
    assert sweep(world) == [(f"{REPO}#1", Why.UNSAID, ("janky",))]
    assert sweep(world) == []
    world.pass_seconds(SAID_SECONDS + 1)
    assert sweep(world) == [(f"{REPO}#1", Why.UNSAID, ("janky",))]


def test_a_repository_that_is_only_observed_is_told_nothing(arrange):
    world = arrange(mode="observe")
    sweep(world)
    world.open_pull()
    world.settle()
    sweep(world)
    assert not world.github.calls.writes()
