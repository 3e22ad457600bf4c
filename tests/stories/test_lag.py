"""GitHub's API lags behind its webhooks: its first answer is often the old one."""

import hmac
import json

import pytest
import requests

from leeroy.model import PullRef
from leeroy_sandbox.github.lag import Resource
from tests.stories.world import REPO, WEBHOOK_SECRET
from tests.waiting import PATIENCE

JOB = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
#: Every read of a look may be late: the first two answers after a change are the old ones.
EVERYTHING = {"reads": 2}


def wait_for_github(world):
    """Looks at what it told of, and again after the pauses in which GitHub's replicas catch up."""
    for seconds in (1.1, 2.1, 4.1):
        world.rest()
        world.pass_seconds(seconds)
    world.settle()


def triggers(world):
    return len(world.jenkins.calls.matching("POST", "/buildWithParameters"))


class TestPullRequests:
    def test_a_push_that_github_does_not_show_yet_is_built(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next()
        world.github.lag(**EVERYTHING)
        world.github.push(REPO, "rounder", {"src/widget.py": "2\n"})
        wait_for_github(world)
        assert world.statuses(world.head(number))["janky"] == ("pending", "Queued in Jenkins")
        assert triggers(world) == 2

    def test_a_retarget_that_github_does_not_show_yet_is_built_for_the_new_base(self, world):
        world.github.push(REPO, "release", {"VERSION": "1\n"})
        number = world.open_pull()
        world.settle()
        world.build_next()
        world.github.lag(**EVERYTHING)
        world.github.edit_pull(REPO, number, base="release")
        wait_for_github(world)
        assert world.services.store.builds_of(PullRef(REPO, number))[-1].base == "release"

    def test_ready_for_review_that_github_does_not_show_yet_is_built(self, arrange):
        world = arrange(builds=[JOB], drafts=False)
        number = world.open_pull(draft=True)
        world.settle()
        assert triggers(world) == 0
        world.github.lag(**EVERYTHING)
        world.github.draft(REPO, number, draft=False)
        wait_for_github(world)
        assert world.statuses(world.head(number))["janky"] == ("pending", "Queued in Jenkins")

    def test_a_draft_that_github_does_not_show_yet_is_not_built_again(self, arrange):
        world = arrange(builds=[JOB], drafts=False)
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        world.github.lag(**EVERYTHING)
        world.github.draft(REPO, number)
        wait_for_github(world)
        assert triggers(world) == 1

    def test_reopened_is_built_though_github_still_shows_it_closed(self, world):
        number = world.open_pull()
        world.settle()
        world.github.close_pull(REPO, number)
        world.settle()
        world.github.lag(**EVERYTHING)
        world.github.reopen_pull(REPO, number)
        wait_for_github(world)
        assert world.statuses(world.head(number))["janky"] == ("pending", "Queued in Jenkins")

    def test_closed_stops_its_builds_though_github_still_shows_it_open(self, world):
        number = world.open_pull()
        world.settle()
        world.github.lag(**EVERYTHING)
        world.github.close_pull(REPO, number)
        wait_for_github(world)
        assert world.jenkins.queue() == []
        assert world.statuses(world.head(number))["janky"][0] == "error"

    def test_a_label_that_github_does_not_show_yet_counts(self, arrange):
        world = arrange(builds=[{**JOB, "labels": ["build me"]}])
        number = world.open_pull()
        world.settle()
        assert triggers(world) == 0
        world.github.lag(**EVERYTHING)
        world.github.label(REPO, number, "build me")
        wait_for_github(world)
        assert world.statuses(world.head(number))["janky"] == ("pending", "Queued in Jenkins")

    def test_the_hint_is_believed_in_nothing(self, world):
        """While GitHub shows less, nothing is done by what the payload said."""
        number = world.open_pull()
        world.settle()
        world.build_next()
        world.github.lag(reads=20)
        world.github.push(REPO, "rounder", {"src/widget.py": "2\n"})
        world.rest()
        world.pass_seconds(1.1)
        world.rest()
        assert world.statuses(world.head(number)) == {}
        assert triggers(world) == 1

    def test_looking_again_ends_after_a_minute(self, world):
        world.open_pull()
        world.settle()
        world.build_next()
        world.github.lag(reads=1000)
        world.github.push(REPO, "rounder", {"src/widget.py": "2\n"})
        for _ in range(12):
            world.rest()
            world.pass_seconds(31)
        assert len(world.github.calls.matching("GET", r"/pulls/1$")) < 15

    def test_an_old_payload_that_comes_late_leads_to_nothing(self, world):
        world.github.hold_deliveries()
        number = world.open_pull()
        world.github.push(REPO, "rounder", {"src/widget.py": "2\n"})
        world.github.release()
        for _ in range(8):
            world.rest()
            world.pass_seconds(31)
        world.settle()
        world.build_next()
        assert triggers(world) == 1
        assert world.statuses(world.head(number))["janky"][0] == "success"


class TestComments:
    @pytest.mark.parametrize("how", ["comment", "review", "review comment"])
    def test_a_command_that_github_does_not_show_yet_is_obeyed(self, world, how):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        world.github.lag(Resource.COMMENT, Resource.REVIEW, Resource.REVIEW_COMMENT, reads=2)
        match how:
            case "comment":
                world.github.comment(REPO, number, "mary", "/retest")
            case "review":
                world.github.review(REPO, number, "mary", "commented", "/retest")
            case "review comment":
                world.github.review_comment(REPO, number, "mary", "/retest")
        wait_for_github(world)
        assert world.statuses(world.head(number))["janky"] == ("pending", "Queued in Jenkins")
        assert triggers(world) == 2

    def test_a_push_beside_a_comment_that_is_not_shown_is_built_at_once(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next()
        world.github.lag(Resource.COMMENT, reads=20)
        world.github.hold_deliveries()
        world.github.comment(REPO, number, "mary", "/retest")
        world.github.push(REPO, "rounder", {"src/widget.py": "2\n"})
        world.github.release()
        world.rest()
        assert world.statuses(world.head(number))["janky"] == ("pending", "Queued in Jenkins")

    def test_a_comment_deleted_at_once_is_forgotten_after_a_minute(self, world):
        number = world.open_pull()
        world.settle()
        world.github.hold_deliveries()
        comment = world.github.comment(REPO, number, "mary", "/retest")
        world.github.delete_comment(REPO, comment)
        world.github.release()
        for _ in range(6):
            world.rest()
            world.pass_seconds(31)
        world.settle()
        assert world.services.queue.troubles() == ()
        assert all(kept.handled for kept in world.services.queue.recent_hints())


class TestFiles:
    def test_a_list_of_files_that_is_of_the_head_before_skips_nothing(self, arrange):
        docs = {**JOB, "context": "docs", "paths": ["docs/**"]}
        world = arrange(builds=[docs])
        number = world.open_pull(files={"src/a.py": "x\n"})
        world.settle()
        assert world.statuses(world.head(number))["docs"][0] == "success"
        world.github.lag(Resource.FILES, reads=2)
        main = world.github.repository(REPO).branches["main"]
        world.github.push(REPO, "rounder", {"docs/a.md": "x\n"}, parents=[main], force=True)
        wait_for_github(world)
        assert world.statuses(world.head(number))["docs"] == ("pending", "Queued in Jenkins")


class TestStatuses:
    def test_a_commit_the_base_does_not_have_yet_gets_its_status_soon(self, arrange):
        world = arrange(builds=[JOB], trust="write")
        fork = world.github.fork(REPO, "stranger")
        world.github.push(fork, "patch-1", {"src/widget.py": "x\n"}, by="stranger")
        world.github.lag(Resource.COMMIT, reads=1)
        number = world.github.open_pull(REPO, "stranger:patch-1", "main", author="stranger")
        wait_for_github(world)
        assert world.statuses(world.head(number))["janky"][0] == "pending"


class TestBranches:
    @pytest.fixture
    def watched(self, arrange):
        branch = {
            "github_repo": REPO,
            "branch": "main",
            "jenkins_job_name": "ci/widgets",
            "context": "main",
        }
        return arrange(builds=[JOB], branches=[branch])

    def test_a_push_to_a_branch_that_github_does_not_show_yet_is_built(self, watched):
        watched.github.lag(r"/commits/heads/", r"/compare/", reads=2)
        sha = watched.github.push(REPO, "main", {"src/widget.py": "2\n"})
        wait_for_github(watched)
        assert watched.statuses(sha)["main"] == ("pending", "Queued in Jenkins")
        assert triggers(watched) == 1

    def test_two_pushes_told_at_once_are_both_built(self, watched):
        watched.github.hold_deliveries()
        first = watched.github.push(REPO, "main", {"src/widget.py": "2\n"})
        second = watched.github.push(REPO, "main", {"src/widget.py": "3\n"})
        watched.github.release()
        watched.settle()
        assert {sha: "main" in watched.statuses(sha) for sha in (first, second)} == {
            first: True,
            second: True,
        }

    def test_a_signed_push_that_names_another_heads_commit_builds_nothing(self, watched):
        """What a push names is a hint: only what the branch shows, or has behind it, is built."""
        other = watched.open_pull()
        watched.settle()
        evil, main = watched.head(other), watched.github.repository(REPO).branches["main"]
        told = {"ref": "refs/heads/main", "before": main, "after": evil, "forced": False}
        body = json.dumps({**told, "repository": {"full_name": REPO}}).encode()
        digest = hmac.digest(WEBHOOK_SECRET.encode(), body, "sha256").hex()
        headers = {
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": "forged",
            "X-Hub-Signature-256": f"sha256={digest}",
            "Content-Type": "application/json",
        }
        url = f"{watched.url}/notification/github"
        assert requests.post(url, data=body, headers=headers, timeout=PATIENCE).status_code == 202
        for _ in range(8):
            watched.rest()
            watched.pass_seconds(31)
        watched.settle()
        assert triggers(watched) == 1  # the pull request's own
        assert "main" not in watched.statuses(evil)
