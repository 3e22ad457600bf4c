"""Commands that come late, are not quite commands, or are wrong; and rights and logins that change."""

import pytest

from leeroy.model import PullRef
from tests.stories.test_trust_and_commands import (
    WAITING,
    fork,
    janky,
    next_second,
    open_fork_pull,
    replies,
    say,
    triggers,
)
from tests.stories.world import REPO

__all__ = ["fork"]

BUILD = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
DOCS = {"github_repo": REPO, "jenkins_job_name": "ci/docs", "context": "docs"}


def permissions_asked(world, login):
    return len(world.github.calls.matching("GET", f"/collaborators/{login}/permission"))


class TestInlineComments:
    def test_one_counts_for_the_commit_it_was_written_on(self, world, fork):
        number = open_fork_pull(world, fork)
        next_second()
        world.github.hold_deliveries()
        world.github.review_comment(REPO, number, "mary", "/ok-to-test")
        world.github.push(fork, "patch-1", {"src/widget.py": "evil = 1\n"}, by="stranger")
        world.github.release()
        world.settle()
        assert janky(world, number) == WAITING
        assert triggers(world) == 0
        assert world.head(number) in replies(world, number)[0]


class TestShortShas:
    def test_one_means_a_head_that_leeroy_had_seen_before(self, world, fork):
        number = open_fork_pull(world, fork)
        next_second()
        world.github.hold_deliveries()
        world.github.push(fork, "patch-1", {"src/widget.py": "evil = 1\n"}, by="stranger")
        world.github.comment(REPO, number, "mary", f"/ok-to-test {world.head(number)[:12]}")
        world.github.release()
        world.settle()
        assert triggers(world) == 0
        assert world.head(number) in replies(world, number)[0]
        say(world, number, f"/ok-to-test {world.head(number)}")
        assert triggers(world) == 1

    def test_of_two_letters_is_none(self, world, fork):
        number = open_fork_pull(world, fork)
        next_second()
        say(world, number, f"/ok-to-test {world.head(number)[:6]}")
        assert triggers(world) == 0


def test_the_whole_sha_onto_another_base_waits(world, fork):
    world.github.push(REPO, "release", {"VERSION": "1\n"})
    number = open_fork_pull(world, fork)
    next_second()
    world.github.hold_deliveries()
    world.github.comment(REPO, number, "mary", f"/ok-to-test {world.head(number)}")
    world.github.edit_pull(REPO, number, base="release")
    world.github.release()
    world.settle()
    assert triggers(world) == 0
    assert "base is another one" in replies(world, number)[0]


class TestLateCommands:
    @pytest.mark.parametrize("body", ["/test all", "/retest", "/cancel", "/skip docs"])
    def test_they_do_nothing_to_a_head_their_author_had_not_seen(self, arrange, body):
        world = arrange(builds=[{**BUILD, "on_command": True}, {**DOCS, "optional": True}])
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE", "ci/docs")
        next_second()
        world.github.hold_deliveries()
        world.github.comment(REPO, number, "mary", body)
        next_second()
        world.github.push(REPO, "rounder", {"src/widget.py": "round = 9\n"})
        world.github.release()
        world.settle()
        # The push itself is built, and nobody is asked to build or stop anything.
        assert triggers(world) == 2
        assert world.statuses(world.head(number))["docs"] == ("pending", "Queued in Jenkins")
        (reply,) = replies(world, number)
        assert "the head has moved since" in reply
        say(world, number, body)
        assert len(replies(world, number)) == 1

    def test_on_a_closed_pull_request_they_are_answered(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        world.github.close_pull(REPO, number)
        world.settle()
        say(world, number, "/retest")
        assert "this pull request is closed" in replies(world, number)[0]
        assert triggers(world) == 1


class TestNearCommands:
    @pytest.mark.parametrize(
        "body", ["/Retest", "/RETEST.", "/retest!", "\u200b/retest\u00a0", "Retest this please!"]
    )
    def test_what_means_one_is_obeyed(self, world, body):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        say(world, number, body)
        assert triggers(world) == 2

    @pytest.mark.parametrize("body", ["Jenkins, retest this please", "retest this please :pray:"])
    def test_what_almost_was_one_is_answered_once(self, world, body):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        say(world, number, body)
        world.look_again(number)
        world.settle()
        (reply,) = replies(world, number)
        assert "a line of its own" in reply
        assert triggers(world) == 1

    def test_a_context_behind_retest_is_built_and_no_other(self, arrange):
        world = arrange(builds=[BUILD, DOCS])
        number = world.open_pull()
        world.settle()
        world.build_next("SUCCESS", "ci/docs")
        world.build_next("FAILURE", "ci/widgets")
        say(world, number, "/retest docs.")
        assert [item.job.full_name for item in world.jenkins.queue()] == ["ci/docs"]
        say(world, number, "/retest nothing-of-ours")
        assert "no such context" in replies(world, number)[0]


class TestOneStranger:
    def test_is_answered_once_a_head(self, world):
        number = world.open_pull(author="mary")
        world.settle()
        for body in ("/retset", "/test janky", "/help", "/ok-to-test"):
            say(world, number, body, login="somebody")
        assert len(replies(world, number)) == 1
        say(world, number, "/test janky", login="another")
        assert len(replies(world, number)) == 2
        world.github.push(REPO, "rounder", {"src/widget.py": "round = 9\n"})
        world.settle()
        say(world, number, "/test janky", login="somebody")
        assert len(replies(world, number)) == 3

    def test_is_answered_once_however_many_comments_are_read_at_once(self, world):
        number = world.open_pull(author="mary")
        world.settle()
        world.github.hold_deliveries()
        for _ in range(5):
            world.github.comment(REPO, number, "somebody", "/test janky")
        world.github.release()
        world.settle()
        assert len(replies(world, number)) == 1

    def test_a_maintainer_is_answered_each_time(self, world):
        number = world.open_pull()
        world.settle()
        say(world, number, "/retset")
        say(world, number, "/test nothing")
        assert len(replies(world, number)) == 2


class TestRights:
    def test_one_that_was_taken_away_a_second_ago_approves_nothing(self, world, fork):
        number = open_fork_pull(world, fork)
        say(world, number, "/cancel")  # her right is known now
        world.github.set_permission(REPO, "mary", "read")
        say(world, number, "/ok-to-test")
        say(world, number, "/test all")
        assert triggers(world) == 0
        assert janky(world, number) == WAITING

    def test_one_that_was_given_a_second_ago_approves(self, world, fork):
        number = open_fork_pull(world, fork)
        say(world, number, "/ok-to-test", login="newcomer")
        assert triggers(world) == 0
        world.github.set_permission(REPO, "newcomer", "write")
        say(world, number, "/ok-to-test", login="newcomer")
        assert triggers(world) == 1

    def test_is_asked_once_in_minutes_where_nothing_new_is_let_be_built(self, world):
        number = world.open_pull()
        world.settle()
        for _ in range(3):
            say(world, number, "/retest")
        assert permissions_asked(world, "mary") == 1


class TestAccounts:
    def test_a_listed_login_that_is_somebody_elses_now_is_not_trusted(self, arrange):
        world = arrange(trusted_users=["oldname", "nobody-yet"])
        world.github.create_user("oldname")
        open_fork_pull(world, world.github.fork(REPO, "stranger"))  # the first who asks for anybody
        world.github.rename_user("oldname", "newname")
        for login, is_built in (("oldname", False), ("newname", True), ("nobody-yet", False)):
            before = triggers(world)
            own = world.github.fork(REPO, login)
            world.github.push(own, "patch-1", {"src/widget.py": f"{login}\n"}, by=login)
            world.github.open_pull(REPO, f"{login}:patch-1", author=login)
            world.settle()
            assert (triggers(world) > before) is is_built, login

    def test_whoever_was_whitelisted_stays_so_under_another_login_and_nobody_else(self, arrange):
        world = arrange(whitelist_command=True)
        world.github.set_permission(REPO, "boss", "admin")
        number = open_fork_pull(world, world.github.fork(REPO, "stranger"))
        say(world, number, "add to whitelist", login="boss")
        world.github.rename_user("stranger", "friend")
        world.look_again(number)
        world.settle()
        assert triggers(world) == 1
        again = world.github.fork(REPO, "stranger")
        world.github.push(again, "evil", {"src/widget.py": "evil\n"}, by="stranger")
        world.github.open_pull(REPO, "stranger:evil", author="stranger")
        world.settle()
        assert triggers(world) == 1

    def test_approvals_and_the_audit_keep_whose_account_it_was(self, world, fork):
        number = open_fork_pull(world, fork)
        say(world, number, "/ok-to-test")
        mary = world.github.account("mary").id
        ref = PullRef(REPO, number)
        assert [a.by_id for a in world.services.store.approvals_of(ref)] == [mary]
        assert [e.who_id for e in world.services.store.audit_of(ref)] == [mary]
