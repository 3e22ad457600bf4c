"""Who may build, and how people talk to Leeroy.

Of the rules hold_untrusted and obey_commands.
"""

import time

import pytest

from leeroy.model import PullRef
from tests.stories.world import REPO

WAITING = ("pending", "Waiting for a maintainer to comment /ok-to-test")


@pytest.fixture
def fork(world):
    """A stranger's fork of the repository."""
    return world.github.fork(REPO, "stranger")


def open_fork_pull(world, fork, files=None, branch="patch-1"):
    world.github.push(fork, branch, files or {"src/widget.py": "round = 3\n"}, by="stranger")
    number = world.github.open_pull(REPO, f"stranger:{branch}", author="stranger")
    world.settle()
    return number


def push(world, fork, text, branch="patch-1"):
    world.github.push(fork, branch, {"src/widget.py": text}, by="stranger")
    world.settle()


def say(world, number, body, login="mary"):
    comment = world.github.comment(REPO, number, login, body)
    world.settle()
    return comment


def next_second():
    """GitHub tells whole seconds: what must be later than something waits for the next one."""
    time.sleep(1.01 - time.time() % 1)


def janky(world, number):
    return world.statuses(world.head(number))["janky"]


def triggers(world):
    return len(world.jenkins.calls.matching("POST", "/buildWithParameters"))


def replies(world, number):
    return [c.body for c in world.github.comments(REPO, number) if c.login == "leeroy-bot"]


class TestTrust:
    def test_a_strangers_pull_request_waits_and_says_why(self, world, fork):
        number = open_fork_pull(world, fork)
        assert janky(world, number) == WAITING
        assert triggers(world) == 0

    def test_it_builds_after_ok_to_test(self, world, fork):
        number = open_fork_pull(world, fork)
        say(world, number, "Looks fine.\n/ok-to-test")
        assert janky(world, number) == ("pending", "Queued in Jenkins")

    def test_a_later_push_waits_again(self, world, fork):
        number = open_fork_pull(world, fork)
        say(world, number, "/ok-to-test")
        push(world, fork, "evil = True\n")
        assert janky(world, number) == WAITING
        assert world.jenkins.queue() == []

    def test_by_choice_later_pushes_are_built_too(self, arrange):
        world = arrange(approval="pull")
        fork = world.github.fork(REPO, "stranger")
        number = open_fork_pull(world, fork)
        say(world, number, "/ok-to-test")
        push(world, fork, "round = 4\n")
        assert janky(world, number) == ("pending", "Queued in Jenkins")

    def test_a_new_base_waits_again(self, world, fork):
        world.github.push(REPO, "release", {"VERSION": "1\n"})
        number = open_fork_pull(world, fork)
        say(world, number, "/ok-to-test")
        world.github.edit_pull(REPO, number, base="release")
        world.settle()
        assert triggers(world) == 1

    def test_who_may_write_is_trusted_with_a_fork_too(self, world):
        fork = world.github.fork(REPO, "mary")
        world.github.push(fork, "patch-1", {"src/widget.py": "round = 3\n"}, by="mary")
        number = world.github.open_pull(REPO, "mary:patch-1", author="mary")
        world.settle()
        assert janky(world, number) == ("pending", "Queued in Jenkins")

    @pytest.mark.parametrize(
        "settings",
        [
            {"trusted_users": ["Stranger"]},
            {"trusted_orgs": ["friends"]},
            {"trusted_orgs": ["friends/core"]},
            {"trust": "everyone"},
        ],
        ids=["by name", "by organization", "by team", "everyone"],
    )
    def test_lists_trust_as_well(self, arrange, settings):
        world = arrange(**settings)
        world.github.create_org("friends", ["stranger", "leeroy-bot"])
        world.github.create_team("friends", "core", ["stranger"])
        number = open_fork_pull(world, world.github.fork(REPO, "stranger"))
        assert janky(world, number) == ("pending", "Queued in Jenkins")

    def test_sensitive_paths_wait_even_where_everyone_is_trusted(self, arrange):
        world = arrange(trust="everyone")
        fork = world.github.fork(REPO, "stranger")
        number = open_fork_pull(world, fork, {"Jenkinsfile": "sh 'evil'\n"})
        assert janky(world, number) == WAITING

    def test_of_a_strangers_commits_only_the_approved_one_is_built(self, arrange):
        world = arrange(build_commits="all")
        fork = world.github.fork(REPO, "stranger")
        for n in range(3):
            world.github.push(fork, "patch-1", {"src/widget.py": f"{n}\n"}, by="stranger")
        number = world.github.open_pull(REPO, "stranger:patch-1", author="stranger")
        world.settle()
        say(world, number, "/ok-to-test")
        assert triggers(world) == 1

    def test_cancelling_an_approval_lets_nothing_more_be_built(self, world, fork):
        number = open_fork_pull(world, fork)
        say(world, number, "/ok-to-test")
        world.build_next("FAILURE")
        say(world, number, "/ok-to-test cancel")
        say(world, number, "/retest", login="stranger")
        assert triggers(world) == 1


class TestApprovals:
    def test_a_push_that_leeroy_saw_after_the_comment_is_not_approved(self, world, fork):
        number = open_fork_pull(world, fork)
        next_second()
        world.github.hold_deliveries()
        world.github.comment(REPO, number, "mary", "/ok-to-test")
        world.github.push(fork, "patch-1", {"src/widget.py": "evil = 1\n"}, by="stranger")
        world.github.release()
        world.settle()
        assert janky(world, number) == WAITING
        assert world.head(number) in replies(world, number)[0]

    def test_a_push_just_before_the_comment_is_not_approved_by_it(self, world, fork):
        number = open_fork_pull(world, fork)
        next_second()
        world.github.hold_deliveries()
        world.github.push(fork, "patch-1", {"src/widget.py": "evil = 1\n"}, by="stranger")
        world.github.comment(REPO, number, "mary", "/ok-to-test")
        world.github.release()
        world.settle()
        assert triggers(world) == 0

    def test_a_push_in_the_very_second_of_the_comment_is_not_approved(self, world, fork):
        number = open_fork_pull(world, fork)
        next_second()
        push(world, fork, "evil = 1\n")
        say(world, number, "/ok-to-test")
        assert triggers(world) == 0

    def test_deliveries_in_the_wrong_order_approve_nothing_unseen(self, world, fork):
        number = open_fork_pull(world, fork)
        next_second()
        world.github.hold_deliveries()
        world.github.comment(REPO, number, "mary", "/ok-to-test")
        world.github.push(fork, "patch-1", {"src/widget.py": "evil = 1\n"}, by="stranger")
        world.github.release(order=lambda held: held[::-1])
        world.settle()
        assert triggers(world) == 0

    def test_naming_the_head_approves_it_and_no_other(self, world, fork):
        number = open_fork_pull(world, fork)
        old = world.head(number)
        push(world, fork, "round = 5\n")
        say(world, number, f"/ok-to-test {old}")
        assert triggers(world) == 0
        next_second()
        say(world, number, f"/ok-to-test {world.head(number)[:10]}")
        assert janky(world, number) == ("pending", "Queued in Jenkins")

    def test_a_review_counts_for_the_commit_it_was_made_of(self, world, fork):
        number = open_fork_pull(world, fork)
        old = world.head(number)
        push(world, fork, "evil = 1\n")
        world.github.review(REPO, number, "mary", "APPROVE", "/ok-to-test", commit=old)
        world.settle()
        assert triggers(world) == 0
        head = world.head(number)
        world.github.review(REPO, number, "mary", "APPROVE", "/ok-to-test", commit=head)
        world.settle()
        assert triggers(world) == 1

    def test_a_comment_on_the_diff_counts_as_well(self, world, fork):
        number = open_fork_pull(world, fork)
        world.github.review_comment(REPO, number, "mary", "/ok-to-test")
        world.settle()
        assert triggers(world) == 1

    @pytest.mark.parametrize("login", ["stranger", "somebody"])
    def test_nobody_without_write_permission_approves(self, world, fork, login):
        number = open_fork_pull(world, fork)
        say(world, number, "/ok-to-test", login=login)
        assert janky(world, number) == WAITING
        assert "write permission" in replies(world, number)[0]

    def test_nobody_approves_their_own(self, world):
        fork = world.github.fork(REPO, "ann")
        world.github.push(fork, "patch-1", {"src/widget.py": "round = 3\n"}, by="ann")
        number = world.github.open_pull(REPO, "ann:patch-1", author="ann")
        world.settle()
        world.github.set_permission(REPO, "ann", "write")
        say(world, number, "/ok-to-test", login="ann")
        assert "of their own" in replies(world, number)[0]

    def test_every_approval_and_refusal_stands_in_the_audit(self, world, fork):
        number = open_fork_pull(world, fork)
        say(world, number, "/ok-to-test", login="somebody")
        say(world, number, "/ok-to-test")
        entries = world.services.store.audit_of(PullRef(REPO, number))
        assert [(e.who, e.what, e.detail.partition(":")[0]) for e in entries] == [
            ("mary", "ok-to-test", "done"),
            ("somebody", "ok-to-test", "refused"),
        ]
        assert {entry.sha for entry in entries} == {world.head(number)}


class TestCommands:
    def test_a_command_is_obeyed_once_and_gets_a_reaction(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        comment = say(world, number, "/retest")
        assert janky(world, number) == ("pending", "Queued in Jenkins")
        (said,) = [c for c in world.github.comments(REPO, number) if c.id == comment]
        assert ("leeroy-bot", "+1") in said.reactions
        guid = world.github.deliveries.log()[-1].guid
        world.github.redeliver(guid)
        world.settle()
        assert triggers(world) == 2
        assert replies(world, number) == []

    def test_retest_builds_again_only_what_failed(self, arrange):
        world = arrange(
            builds=[
                {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"},
                {"github_repo": REPO, "jenkins_job_name": "ci/docs", "context": "docs"},
            ]
        )
        number = world.open_pull()
        world.settle()
        world.build_next("SUCCESS", "ci/docs")
        world.build_next("FAILURE", "ci/widgets")
        say(world, number, "retest this please")
        assert [item.job.full_name for item in world.jenkins.queue()] == ["ci/widgets"]

    def test_retest_leaves_alone_what_the_changes_cannot_affect(self, arrange):
        build = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
        docs = {"github_repo": REPO, "jenkins_job_name": "ci/docs", "context": "docs"}
        world = arrange(builds=[build, {**docs, "paths": ["docs/**"]}])
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        say(world, number, "/retest")
        assert [item.job.full_name for item in world.jenkins.queue()] == ["ci/widgets"]
        assert world.statuses(world.head(number))["docs"][0] == "success"

    def test_test_builds_one_context_even_of_a_draft_or_on_command(self, arrange):
        build = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
        world = arrange(builds=[{**build, "on_command": True}])
        number = world.open_pull()
        world.settle()
        assert triggers(world) == 0
        say(world, number, "/test janky")
        assert triggers(world) == 1

    def test_cancel_stops_what_runs_and_it_stays_stopped(self, world):
        number = world.open_pull()
        world.settle()
        world.jenkins.start_next()
        world.settle()
        say(world, number, "/cancel")
        world.jenkins.finish("ci/widgets", 1, "ABORTED")
        world.settle()
        world.github.label(REPO, number, "x")
        world.settle()
        assert janky(world, number) == ("error", "Cancelled by mary")
        assert triggers(world) == 1

    def test_skip_turns_an_optional_context_green_and_no_other(self, arrange):
        builds = [
            {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"},
            {
                "github_repo": REPO,
                "jenkins_job_name": "ci/slow",
                "context": "slow",
                "optional": True,
            },
        ]
        world = arrange(builds=builds)
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE", "ci/slow")
        world.build_next("FAILURE", "ci/widgets")
        say(world, number, "/skip slow\n/skip janky")
        statuses = world.statuses(world.head(number))
        assert statuses["slow"] == ("success", "Skipped by mary")
        assert statuses["janky"][0] == "failure"
        assert "not optional" in replies(world, number)[0]

    def test_help_is_for_everybody(self, world):
        number = world.open_pull()
        world.settle()
        say(world, number, "/help", login="somebody")
        (reply,) = replies(world, number)
        assert "/ok-to-test" in reply
        assert "janky" in reply

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ("/test nothing-of-ours", "no such context"),
            ("/retset", "no such command"),
            ("/retest", "write permission"),
        ],
    )
    def test_refused_or_unknown_is_answered_once_with_the_reason(self, world, body, said):
        number = world.open_pull(author="mary")
        world.settle()
        say(world, number, body, login="somebody" if body == "/retest" else "mary")
        world.github.label(REPO, number, "x")
        world.settle()
        (reply,) = replies(world, number)
        assert said in reply
        assert "@" not in reply

    @pytest.mark.parametrize(
        "body",
        ["> /retest", "```\n/retest\n```", "please /retest", "/lgtm", "    /retest"],
        ids=["quoted", "code", "inside a sentence", "another bot's", "indented code"],
    )
    def test_what_is_no_command_gets_no_answer(self, world, body):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        say(world, number, body)
        assert replies(world, number) == []
        assert triggers(world) == 1

    def test_an_edited_comment_is_no_command(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        world.github.hold_deliveries()
        comment = world.github.comment(REPO, number, "mary", "hello")
        time.sleep(1.1)
        world.github.edit_comment(REPO, comment, "/retest")
        world.github.release()
        world.settle()
        assert triggers(world) == 1

    def test_a_deleted_comment_is_no_command(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        world.github.hold_deliveries()
        comment = world.github.comment(REPO, number, "mary", "/retest")
        world.github.delete_comment(REPO, comment)
        world.github.release()
        for _ in range(6):  # it may only not be shown yet
            world.rest()
            world.pass_seconds(31)
        world.settle()
        assert triggers(world) == 1

    def test_the_author_may_retest_what_was_approved(self, world, fork):
        number = open_fork_pull(world, fork)
        say(world, number, "/ok-to-test")
        world.build_next("FAILURE")
        say(world, number, "/retest", login="stranger")
        assert triggers(world) == 2

    def test_a_maintainers_test_of_a_waiting_head_approves_it_by_the_same_rule(self, world, fork):
        number = open_fork_pull(world, fork)
        say(world, number, "/test all")
        assert janky(world, number) == ("pending", "Queued in Jenkins")
        push(world, fork, "evil = 1\n")
        assert janky(world, number) == WAITING

    def test_whitelisting_is_off_by_default_and_takes_an_administrator(self, arrange):
        world = arrange(whitelist_command=True)
        fork = world.github.fork(REPO, "stranger")
        number = open_fork_pull(world, fork)
        say(world, number, "add to whitelist")
        assert "administrator" in replies(world, number)[0]
        world.github.set_permission(REPO, "boss", "admin")
        say(world, number, "add to whitelist", login="boss")
        push(world, fork, "round = 9\n")
        assert janky(world, number) == ("pending", "Queued in Jenkins")
