"""What was begun, or is asked for again, comes to its end: whatever kept it waiting, and whoever asked."""

import pytest

from leeroy_sandbox.jenkins import String
from tests.stories.test_trust_and_commands import open_fork_pull, say
from tests.stories.world import REPO

JOB = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
DOCS = {"github_repo": REPO, "jenkins_job_name": "ci/docs", "context": "docs"}
QUEUED = ("pending", "Queued in Jenkins")
TRUSTED = [
    pytest.param({"trusted_users": ["stranger"]}, id="a trusted user"),
    pytest.param({"trust": "everyone"}, id="everyone is trusted"),
]


def janky(world, number):
    return world.statuses(world.head(number))["janky"]


def built(world, number, result):
    world.build_next(result)
    assert janky(world, number)[1].startswith("Build #")


@pytest.mark.parametrize("trust", TRUSTED)
class TestAuthorsWhoAreTrusted:
    """They stay so once every context has a build: a path of theirs may be a sensitive one."""

    @pytest.fixture
    def pull(self, arrange, trust):
        world = arrange(builds=[{**JOB, "retries": 1}], sensitive_paths=["Jenkinsfile"], **trust)
        return world, open_fork_pull(world, world.github.fork(REPO, "stranger"))

    def test_a_failure_is_tried_again(self, pull):
        world, number = pull
        world.build_next("FAILURE")
        assert len(world.jenkins.queue()) == 1
        assert janky(world, number)[1].endswith("trying again (1 of 1)")

    def test_their_author_may_ask_for_it_again(self, pull):
        world, number = pull
        built(world, number, "SUCCESS")
        say(world, number, "/retest", login="stranger")
        say(world, number, "/test janky", login="stranger")
        assert janky(world, number) == QUEUED

    def test_an_operator_may_ask_for_it_again(self, pull):
        world, number = pull
        built(world, number, "SUCCESS")
        world.ask("/build/retry", {"number": number, "repo": REPO, "context": "janky"})
        world.settle()
        assert janky(world, number) == QUEUED

    def test_a_sensitive_path_still_waits(self, pull):
        world, number = pull
        world.github.push(
            f"stranger/{REPO.partition('/')[2]}",
            "patch-1",
            {"Jenkinsfile": "evil()\n"},
            by="stranger",
        )
        world.settle()
        assert janky(world, number)[1].startswith("Waiting for a maintainer")


def test_where_only_new_commits_are_built_an_approved_one_is_built(arrange):
    world = arrange(builds=[{**JOB, "build_commits": "new"}])
    number = open_fork_pull(world, world.github.fork(REPO, "stranger"))
    assert janky(world, number)[1].startswith("Waiting for a maintainer")
    say(world, number, "/ok-to-test")
    assert janky(world, number) == QUEUED


def test_where_only_new_commits_are_built_a_draft_is_when_it_is_ready(arrange):
    world = arrange(builds=[{**JOB, "build_commits": "new", "drafts": False}])
    number = world.open_pull(draft=True)
    world.settle()
    assert janky(world, number)[1].startswith("Not built: a draft")
    world.github.draft(REPO, number, False)
    world.settle()
    assert janky(world, number) == QUEUED


def test_what_was_asked_for_of_a_waiting_head_is_built_once_it_is_approved(arrange):
    world = arrange(builds=[JOB, {**DOCS, "custom": True}])
    world.add_job("ci/docs")
    number = open_fork_pull(world, world.github.fork(REPO, "stranger"))
    world.ask("/build/custom", {"number": number, "repo": REPO, "context": "docs"})
    world.settle()
    assert world.statuses(world.head(number))["docs"][1].startswith("Waiting for a maintainer")
    say(world, number, "/ok-to-test")
    assert world.statuses(world.head(number))["docs"] == QUEUED


def test_each_build_says_for_itself_which_commits_it_is_of(arrange):
    world = arrange(builds=[{**JOB, "build_commits": "all"}, {**DOCS, "build_commits": "last"}])
    world.add_job("ci/docs")
    number = world.open_pull()
    world.settle()
    old = world.head(number)
    world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
    world.settle()
    assert world.statuses(old)["docs"] == ("error", f"Superseded by {world.head(number)[:7]}")
    assert world.statuses(old)["janky"] == QUEUED


class TestADraftThatWasAskedFor:
    def test_it_is_built_when_there_is_room(self, arrange):
        world = arrange(builds=[{**JOB, "drafts": False, "max_builds": 1}])
        world.open_pull("first")
        world.settle()
        number = world.open_pull("second", draft=True)
        world.settle()
        say(world, number, "/test janky")
        assert janky(world, number) == ("pending", "Waiting for Jenkins")
        world.build_next()
        assert janky(world, number) == QUEUED

    def test_it_is_tried_again_when_it_fails(self, arrange):
        world = arrange(builds=[{**JOB, "drafts": False, "retries": 1}])
        number = world.open_pull(draft=True)
        world.settle()
        say(world, number, "/test janky")
        world.build_next("FAILURE")
        assert janky(world, number)[1].endswith("trying again (1 of 1)")


def test_a_context_with_the_branchs_name_in_it_is_asked_for_by_what_github_shows(arrange):
    world = arrange(builds=[{**JOB, "context": "ci/{branch}"}])
    number = world.open_pull()
    world.settle()
    world.build_next("FAILURE")
    world.ask("/build/retry", {"number": number, "repo": REPO, "context": "ci/main"})
    world.settle()
    assert world.statuses(world.head(number))["ci/main"] == QUEUED


def test_a_second_attempt_is_told_who_wrote_the_commit_as_the_first_was(arrange):
    world = arrange(builds=[{**JOB, "parameters": "ghprb"}])
    world.add_job("ci/widgets", parameters=[String("sha1"), String("ghprbActualCommitAuthor")])
    number = world.open_pull()
    world.settle()
    (first,) = world.jenkins.queue()
    world.build_next("FAILURE")
    say(world, number, "/retest")
    (second,) = world.jenkins.queue()
    authors = [
        {v.name: v.value for v in item.parameters}["ghprbActualCommitAuthor"]
        for item in (first, second)
    ]
    assert authors[0] == authors[1] != ""


def test_one_build_may_take_replays_where_the_repository_takes_none(arrange):
    world = arrange(builds=[{**JOB, "adopt_replays": True}])
    number = world.open_pull()
    world.settle()
    world.build_next("FAILURE")
    world.jenkins.replay("ci/widgets", 1)
    world.build_next("SUCCESS")
    assert janky(world, number)[0] == "success"
