"""What GitHub limits or cannot take now waits in the queue, and holds up nothing else."""

from urllib.parse import parse_qs

import pytest
import requests

from leeroy.queue import pause_after
from leeroy.services import CALLS_AT_ONCE
from leeroy_sandbox.github.api.limits import Secondary
from tests.stories.outages import HTML
from tests.stories.world import REPO
from tests.waiting import PATIENCE

QUEUED = ("pending", "Queued in Jenkins")
WATCHED = {
    "github_repo": REPO,
    "branch": "release",
    "jenkins_job_name": "ci/release",
    "context": "release",
    "coalesce": False,
}


def triggered(world, job="widgets"):
    """The shas that Jenkins was asked to build, in order."""
    calls = world.jenkins.calls.matching("POST", f"/{job}/buildWithParameters")
    return [parse_qs(call.query)["GIT_SHA1"][0] for call in calls]


def test_after_an_hour_without_github_everything_is_done_in_order(arrange):
    world = arrange(branches=[WATCHED], pause=pause_after)
    world.add_job("ci/release")
    early = world.open_pull("early")
    world.settle()
    world.github.faults.add("*", "", status=503, body=HTML)
    numbers = [world.open_pull(f"branch-{n}") for n in range(3)]
    world.github.comment(REPO, early, "mary", "/test janky")
    pushes = [world.github.push(REPO, "release", {"VERSION": f"{n}\n"}) for n in range(4)]
    for _ in range(12):
        world.rest()
        world.pass_seconds(300)
    world.rest()
    world.github.faults.clear()
    world.pass_seconds(300)
    world.settle()
    assert [world.statuses(world.head(n)) for n in numbers] == [{"janky": QUEUED}] * 3
    assert sorted(triggered(world)) == sorted(
        [world.head(early)] * 2 + [world.head(n) for n in numbers]
    )
    # Of the first push nobody can say what was there before it.
    assert triggered(world, "release") == pushes
    assert world.services.queue.failed() == ()


def test_a_trigger_never_waits_for_a_status(world):
    world.github.faults.add("POST", "/statuses/", status=503, body=HTML)
    number = world.open_pull()
    world.until(lambda: len(world.github.calls.matching("POST", "/statuses/")) > 2)
    assert triggered(world) == [world.head(number)]
    world.github.faults.clear()
    world.settle()
    assert triggered(world) == [world.head(number)]
    assert world.statuses(world.head(number)) == {"janky": QUEUED}


def test_of_statuses_that_could_not_be_written_only_the_last_is(world):
    world.github.faults.add("POST", "/statuses/", status=503, body=HTML)
    number = world.open_pull()
    world.until(lambda: world.jenkins.queue())
    build = world.jenkins.start_next()
    world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
    world.until(lambda: world.services.store.counts().get("done"))
    world.github.faults.clear()
    world.settle()
    assert world.history(world.head(number)) == ["success"]


def test_statuses_go_before_labels_and_comments(arrange):
    world = arrange(patchparser={"signoff": {"mode": "required", "label": "dco/no"}})
    world.open_pull()
    world.settle()
    written = [call.path.split("/")[4] for call in world.github.calls.writes()]
    assert written == ["statuses", "statuses", "issues", "issues"]


def test_no_more_calls_are_under_way_than_the_process_allows(world):
    most = CALLS_AT_ONCE + 4
    world.github.limits.secondary = Secondary(points_a_minute=10**6, concurrent=most + 1)
    world.github.faults.latency = 0.02
    for number in world.github.open_pulls_quickly(REPO, 40):
        world.github.announce(REPO, number)
    world.settle()
    assert world.github.limits.refused == 0
    assert len(triggered(world)) == 40


@pytest.mark.parametrize(
    "line",
    [
        r'leeroy_github_rate_remaining{resource="core",token="',
        r'leeroy_github_rate_limit{resource="core",token="',
        r'leeroy_github_rate_reset_timestamp_seconds{resource="core",token="',
    ],
)
def test_metrics_show_what_is_left(world, line):
    world.open_pull()
    world.settle()
    assert line in requests.get(f"{world.url}/metrics", timeout=PATIENCE).text
