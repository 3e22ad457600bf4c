"""The comment with the results of all builds, and how long a running one usually takes."""

import pytest

from leeroy.model import PullRef
from leeroy_sandbox.jenkins import TestReport
from tests.making import a_done_row
from tests.stories.world import REPO

TWO_JOBS = [
    {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"},
    {"github_repo": REPO, "jenkins_job_name": "ci/docs", "context": "docs"},
]
LOG = ["compiling", "export API_KEY=hunter22", "\x1b[31mboom\x1b[0m @octocat ```", "```"]


def open_pull(world):
    number = world.open_pull()
    world.settle()
    return number


def build(world, job, result, *, report=None, log=()):
    """Jenkins builds it; its number."""
    running = world.jenkins.start_next(job)
    for line in log:
        running.say(line)
    world.settle()
    world.jenkins.finish(job, running.number, result, test_summary=report)
    world.settle()
    return running.number


def comments(world, number):
    return [comment.body for comment in world.github.comments(REPO, number)]


@pytest.fixture
def world(arrange):
    return arrange(builds=TWO_JOBS, comments={"results": True})


def test_one_comment_is_posted_with_the_first_result_and_rewritten_with_the_next(world):
    number = open_pull(world)
    assert comments(world, number) == []
    report = TestReport.of(passed=7, failed=["pkg.A.works", "pkg.A.@octocat"])
    build(world, "ci/widgets", "FAILURE", report=report)
    (body,) = comments(world, number)
    assert body.startswith("<!-- leeroy: results -->")
    url = f"{world.jenkins_url}/job/ci/job/widgets/1/"
    assert f"| `janky` | [\\#1](<{url}>) | **failed** |" in body
    assert "| `docs` |  | not finished yet |" in body
    assert "`janky`: 2 of 9 tests failed\n\n- `pkg.A.works`\n- `pkg.A.@octocat`" in body
    build(world, "ci/docs", "SUCCESS")
    (body,) = comments(world, number)
    assert "| succeeded |" in body
    assert "`pkg.A.works`" in body


def test_building_again_what_failed_turns_the_comment_good(world):
    number = open_pull(world)
    build(world, "ci/widgets", "FAILURE", report=TestReport.of(failed=["pkg.A.works"]))
    build(world, "ci/docs", "SUCCESS")
    world.github.comment(REPO, number, "mary", "/retest")
    world.settle()
    build(world, "ci/widgets", "SUCCESS")
    ours = [c.body for c in world.github.comments(REPO, number) if c.login == "leeroy-bot"]
    (body,) = (said for said in ours if "leeroy: results" in said)
    assert body.count("| succeeded |") == 2
    assert "pkg.A.works" not in body


def test_a_push_keeps_the_comment_until_something_of_the_new_head_has_ended(world):
    number = open_pull(world)
    build(world, "ci/widgets", "SUCCESS")
    old = comments(world, number)
    world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
    world.settle()
    assert comments(world, number) == old
    build(world, "ci/docs", "SUCCESS")
    (body,) = comments(world, number)
    assert world.head(number)[:7] in body


def test_a_second_look_writes_nothing_and_asks_jenkins_nothing(world):
    number = open_pull(world)
    build(world, "ci/widgets", "FAILURE", report=TestReport.of(failed=["pkg.A.works"]))
    world.github.calls.clear()
    world.jenkins.calls.clear()
    world.github.label(REPO, number, "kind/bug")
    world.settle()
    assert world.github.calls.writes() == []
    assert list(world.jenkins.calls) == []


def test_a_report_that_cannot_be_read_holds_nothing_up_and_is_told_of_later(world):
    number = open_pull(world)
    world.jenkins.faults.add("GET", "/testReport/", status=503)
    report = TestReport.of(failed=["pkg.A.works"])
    started = world.jenkins.start_next("ci/widgets")
    world.settle()
    world.jenkins.finish("ci/widgets", started.number, "FAILURE", test_summary=report)
    world.until(lambda: comments(world, number))
    assert world.statuses(world.head(number))["janky"][0] == "failure"
    (body,) = comments(world, number)
    assert "**failed**" in body
    assert "pkg.A.works" not in body
    world.jenkins.faults.clear()
    world.pass_seconds(60)
    world.settle()
    (body,) = comments(world, number)
    assert "pkg.A.works" in body


def test_a_forgotten_comment_is_found_and_not_posted_twice(world):
    number = open_pull(world)
    build(world, "ci/widgets", "SUCCESS")
    world.services.store.forget_comment(PullRef(REPO, number), "results")
    build(world, "ci/docs", "SUCCESS")
    assert len(comments(world, number)) == 1


class TestConsole:
    def body(self, arrange, *, private, **settings):
        world = arrange(comments={"results": True, **settings})
        world.github.repository(REPO).private = private
        number = open_pull(world)
        build(world, "ci/widgets", "FAILURE", log=LOG)
        (body,) = comments(world, number)
        asked = world.jenkins.calls.matching("GET", "/logText/")
        return body, asked

    def test_lines_are_shown_without_secrets_and_stay_in_their_fence(self, arrange):
        body, _ = self.body(arrange, private=True, console_lines=20)
        begin, end = body.index("````text\n"), body.rindex("\n````\n")
        assert "\ncompiling\nexport API_KEY=***\nboom @octocat ```\n```\n" in body[begin:end]
        assert body[end:].startswith("\n````\n\n</details>")
        assert "hunter22" not in body

    def test_never_on_a_public_repository_unless_that_is_set(self, arrange):
        body, asked = self.body(arrange, private=False, console_lines=20)
        assert "compiling" not in body
        assert asked == []

    def test_on_a_public_repository_where_it_is_set(self, arrange):
        body, _ = self.body(arrange, private=False, console_lines=20, console_on_public=True)
        assert "compiling" in body

    def test_not_without_a_number_of_lines(self, arrange):
        body, asked = self.body(arrange, private=True)
        assert "compiling" not in body
        assert asked == []


class TestOff:
    def test_nothing_is_posted_and_nothing_is_read(self, arrange):
        world = arrange()
        number = open_pull(world)
        build(world, "ci/widgets", "FAILURE", report=TestReport.of(failed=["pkg.A.works"]))
        assert comments(world, number) == []
        assert world.jenkins.calls.matching("GET", "/testReport/") == []


def test_a_running_build_says_how_long_such_builds_usually_take(arrange):
    world = arrange()
    for number, seconds in enumerate((100.0, 200.0, 3000.0), start=1):
        row = a_done_row(
            job="ci/widgets", pull=100 + number, build_number=1000 + number, duration=seconds
        )
        world.services.store.save_builds([row])
    number = open_pull(world)
    world.jenkins.start_next()
    world.settle()
    assert world.statuses(world.head(number))["janky"] == (
        "pending",
        "Build #1 is running, usually 3 min",
    )
    # What others took meanwhile changes nothing any more.
    row = a_done_row(job="ci/widgets", pull=105, build_number=1005, duration=9000.0)
    world.services.store.save_builds([row])
    world.github.calls.clear()
    world.look_again(number)
    world.settle()
    assert world.github.calls.writes() == []


def test_the_comment_comes_after_the_status(world):
    number = open_pull(world)
    build(world, "ci/widgets", "FAILURE")
    status, comment = [c.path for c in world.github.calls.writes()][-2:]
    assert (f"/statuses/{world.head(number)}" in status, comment.endswith("/comments")) == (
        True,
        True,
    )
