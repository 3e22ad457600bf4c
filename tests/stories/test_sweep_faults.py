"""What a sweep cannot read costs just that: all the rest is swept, and it is told at the end."""

import json
import re
import time
from contextlib import contextmanager

import pytest
import requests

from leeroy.deciding.missing import Why
from leeroy.model import SWEEP
from leeroy.worker.sweep.findings import Outcome
from tests.stories.outages import HTML
from tests.stories.world import REPO, TOKEN, make_world
from tests.waiting import PATIENCE

GEARS = "acme/gears"
BUILDS = [
    {"github_repo": repo, "jenkins_job_name": "ci/widgets", "context": "janky"}
    for repo in (REPO, "acme/g*")
]
BRANCHES = [
    {"github_repo": REPO, "branch": glob, "jenkins_job_name": "ci/branch", "context": "branch"}
    for glob in ("main", "release/*")
]
QUEUED = ("pending", "Queued in Jenkins")
SAID = b'{"message": "Something is wrong"}'
#: Everything that GitHub, or somebody in between, may answer in place of what was asked for.
ANSWERS = {
    "403": {"status": 403, "body": SAID},
    "404": {"status": 404, "body": SAID},
    "410": {"status": 410, "body": SAID},
    "422": {"status": 422, "body": SAID},
    "500": {"status": 500, "body": SAID},
    "HTML with 200": {"status": 200, "body": HTML},
    "half JSON": {"status": 200, "body": b'[{"number": 1, "head": {"sha": "0123'},
    "null": {"status": 200, "body": b"null"},
    "200 KB of [": {"status": 200, "body": b"[" * 200_000},
    "1e400": {"status": 200, "body": b"1e400"},
    "a list of 1e400": {"status": 200, "body": b'[{"id": 1e400, "number": 1e400}]'},
    "a reset": {"drop": "reset"},
}
REFUSED = ("403", "404", "410", "422")


def lose_webhooks(world, repo):
    for hook in world.github.repository(repo).hooks:
        hook.active = False


def sweep(world, **how):
    """One sweep and all it leads to: what it found, and what it could not look at."""
    swept = list(world.services.sweep.run(**how))
    world.settle()
    return (
        {(each.subject, each.why) for one in swept for each in one.found},
        [str(each) for one in swept for each in one.unread],
    )


def open_pull(world, branch, repo=REPO):
    world.github.push(repo, branch, {f"{branch}.py": "x\n"})
    return world.github.open_pull(repo, branch)


def janky(world, number, repo=REPO):
    latest = world.github.statuses(repo, world.github.pull(repo, number).head_sha).latest
    return {s.context: (s.state, s.description) for s in latest.values()}.get("janky")


#: What a sweep of the world below finds, each by a name.
NEWS = {
    "a review": (f"{REPO}#1", "a review was not answered"),
    "a review comment": (f"{REPO}#1", "a review comment was not answered"),
    "an update": (f"{REPO}#1", Why.UPDATED),
    "a comment": (f"{REPO}#2", "a comment was not answered"),
    "another update": (f"{REPO}#2", Why.UPDATED),
    "an opened pull request": (f"{REPO}#3", Why.MOVED),
    "a push": (f"{REPO}@main", "its head is not the one we know"),
    "a new branch": (f"{REPO}@release/1", "its head is not the one we know"),
    "another repository": (f"{GEARS}#1", Why.MISSING),
}
OF_PULLS = {"an update", "another update", "an opened pull request"}
OF_REVIEWS = {"a review", "a review comment"}
#: What is read, where, and what of the above it costs when it cannot be read.
READS = {
    "the repositories": (r"/user/repos", {"another repository"}),
    "the open pull requests": (rf"/{REPO}/pulls\?", OF_PULLS | OF_REVIEWS),
    "the statuses of a head": (r"/commits/{opened}/status", {"an opened pull request"}),
    "the comments": (rf"/{REPO}/issues/comments", {"a comment"}),
    "the reviews": (r"/pulls/1/reviews", {"a review"}),
    "the review comments": (r"/pulls/1/comments", {"a review comment"}),
    "a branch": (r"/matching-refs/heads/main", {"a push"}),
    "branches": (r"/matching-refs/heads/release", {"a new branch"}),
    "the merge queue": (rf"/{REPO}/git/matching-refs/heads/gh-readonly-queue", set()),
    "the statuses of a branch's head": (r"/commits/{pushed}/status", {"a push"}),
}
#: Where a refusal is no trouble: an app's token may not list repositories, some may not read code,
#: and where issues are switched off (410) conversations are read one by one.
NEED_NOT = {
    (name, status) for name in ("the repositories", "the merge queue") for status in REFUSED
}
NEED_NOT |= {("the comments", "410")}


@pytest.fixture(scope="module")
def missed(tmp_path_factory):
    """A world where something of everything was missed; dry sweeps leave it so."""
    folder = tmp_path_factory.mktemp("missed")
    with make_world(folder, builds=BUILDS, branches=BRANCHES) as world:
        world.add_job("ci/branch")
        assert [open_pull(world, branch) for branch in ("one", "two")] == [1, 2]
        world.settle()
        sweep(world)
        lose_webhooks(world, REPO)
        world.github.create_repo(GEARS, files={"README.md": "# Gears\n"})
        world.github.set_permission(GEARS, "leeroy-bot", "admin")
        open_pull(world, "other", GEARS)
        # GitHub counts in whole seconds, and the first sweep takes its last one for read.
        world.github.clock = lambda: time.time() + 3
        world.github.review(REPO, 1, "mary", "commented", "/test janky")
        world.github.review_comment(REPO, 1, "mary", "/test janky")
        world.github.comment(REPO, 2, "mary", "/test janky")
        for number in (1, 2):
            world.github.pull(REPO, number).updated += 2
        shas = {
            "pushed": world.github.push(REPO, "main", {"main.py": "x\n"}),
            "opened": world.github.pull(REPO, open_pull(world, "three")).head_sha,
        }
        world.github.push(REPO, "release/1", {"release.py": "x\n"})
        yield world, shas


def names_of(found):
    known = {news: name for name, news in NEWS.items()}
    # Builds that are a while old by now are found too.
    return {known.get(each, each) for each in found if each[1] != "a build is unfinished"}


def test_nothing_is_left_out_where_everything_can_be_read(missed):
    world, _ = missed
    found, unread = sweep(world, is_dry=True)
    assert (names_of(found), unread) == (set(NEWS), [])


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("read", READS)
def test_what_cannot_be_read_costs_just_that_and_is_told(missed, read, answer):
    world, shas = missed
    where, cost = READS[read]
    fault = world.github.faults.add("GET", where.format_map(shas), **ANSWERS[answer])
    try:
        found, unread = sweep(world, is_dry=True)
    finally:
        world.github.faults.clear()
    assert fault.hits
    if (read, answer) == ("the comments", "410"):
        cost = set()
    assert names_of(found) == set(NEWS) - cost
    assert bool(unread) is ((read, answer) not in NEED_NOT)


@contextmanager
def spoilt(world, path, spoil):
    """GitHub answers a list with one entry that is not as it should be."""
    token = {"Authorization": f"Bearer {TOKEN}"}
    told = requests.get(world.github.url + path, headers=token, timeout=PATIENCE).json()
    spoil(told)
    where = re.escape(path.partition("?")[0]) + r"(\?|$)"
    world.github.faults.add("GET", where, status=200, body=json.dumps(told))
    yield
    world.github.faults.clear()


@pytest.fixture
def unheard(arrange):
    """A world that no webhook reaches, with two pull requests that a sweep has seen."""
    world = arrange()
    for branch in ("one", "two"):
        open_pull(world, branch)
    world.settle()
    sweep(world)
    lose_webhooks(world, REPO)
    world.github.clock = lambda: time.time() + 3
    return world


def fail_builds(world):
    for _ in world.jenkins.queue():
        world.build_next("FAILURE")


class TestEntries:
    def test_an_entry_without_a_base_costs_only_itself_and_is_not_taken_for_closed(self, unheard):
        number = open_pull(unheard, "three")
        with spoilt(unheard, f"/repos/{REPO}/pulls?state=open", lambda told: told[-1].pop("base")):
            found, unread = sweep(unheard)
        assert found == {(f"{REPO}#{number}", Why.MOVED)}
        assert len(unread) == 1
        assert unread[0].startswith(f"{REPO}#1: ")
        assert janky(unheard, number) == QUEUED
        assert janky(unheard, 1) == QUEUED

    def test_an_entry_without_a_number_lets_no_pull_request_be_taken_for_closed(self, unheard):
        with spoilt(unheard, f"/repos/{REPO}/pulls?state=open", lambda told: told[-1].clear()):
            found, unread = sweep(unheard)
        assert (found, len(unread)) == (set(), 1)

    def test_a_branch_that_points_nowhere_is_not_taken_for_deleted(self, arrange):
        world = arrange(branches=BRANCHES)
        world.add_job("ci/branch")
        world.github.push(REPO, "release/1", {"a.py": "a\n"})
        world.github.push(REPO, "release/2", {"b.py": "b\n"})
        world.settle()
        sweep(world)
        lose_webhooks(world, REPO)
        new = world.github.push(REPO, "release/2", {"b.py": "c\n"})
        path = f"/repos/{REPO}/git/matching-refs/heads/release"
        with spoilt(world, path, lambda told: told[0].pop("object")):
            found, unread = sweep(world)
        assert {subject for subject, _ in found} == {f"{REPO}@release/2"}
        assert unread[0].startswith(f"{REPO}@release/1: ")
        assert world.statuses(new)["branch"] == QUEUED

    def test_a_comment_that_makes_no_sense_is_told_and_the_others_are_obeyed(self, unheard):
        fail_builds(unheard)
        for number in (1, 2):
            unheard.github.comment(REPO, number, "mary", "/test janky")

        def spoil(told):
            told[0]["body"] = ["/test janky"]

        with spoilt(unheard, f"/repos/{REPO}/issues/comments", spoil):
            _, unread = sweep(unheard)
        assert "makes no sense" in unread[0]
        assert janky(unheard, 2) == QUEUED


class TestNextTime:
    @pytest.mark.parametrize("status", [422, 500])
    def test_a_head_whose_statuses_cannot_be_read_waits_and_the_others_are_built(
        self, unheard, status
    ):
        dark, bright = open_pull(unheard, "three"), open_pull(unheard, "four")
        sha = unheard.github.pull(REPO, dark).head_sha
        unheard.github.faults.add("GET", f"/commits/{sha}/status", status=status)
        found, unread = sweep(unheard)
        assert found == {(f"{REPO}#{bright}", Why.MOVED)}
        assert unread[0].startswith(f"{REPO}#{dark}: ")
        assert (janky(unheard, dark), janky(unheard, bright)) == (None, QUEUED)
        unheard.github.faults.clear()
        assert sweep(unheard) == ({(f"{REPO}#{dark}", Why.MOVED)}, [])
        assert janky(unheard, dark) == QUEUED

    @pytest.mark.parametrize(
        ("path", "say"),
        [
            (f"/{REPO}/issues/comments", "comment"),
            (r"/pulls/1/reviews", "review"),
            (r"/pulls/1/comments", "review comment"),
        ],
    )
    @pytest.mark.parametrize("status", [404, 500])
    def test_what_could_not_be_heard_is_obeyed_by_the_next_sweep(self, unheard, path, say, status):
        fail_builds(unheard)
        ask = {
            "comment": lambda number: unheard.github.comment(REPO, number, "mary", "/test janky"),
            "review": lambda number: unheard.github.review(
                REPO, number, "mary", "commented", "/test janky"
            ),
            "review comment": lambda number: unheard.github.review_comment(
                REPO, number, "mary", "/test janky"
            ),
        }[say]
        for number in (1, 2):
            ask(number)
            unheard.github.pull(REPO, number).updated += 2 * number
        unheard.github.faults.add("GET", path, status=status)
        _, unread = sweep(unheard)
        assert unread != []
        assert janky(unheard, 1)[0] == "failure"
        unheard.github.faults.clear()
        assert sweep(unheard)[1] == []
        assert (janky(unheard, 1), janky(unheard, 2)) == (QUEUED, QUEUED)

    def test_a_second_page_that_cannot_be_read_closes_nothing_and_is_read_later(self, arrange):
        world = arrange()
        numbers = world.github.open_pulls_quickly(REPO, 102)
        for number in numbers:
            world.github.post_status(REPO, world.head(number), "success", "janky")
        sweep(world)
        first = numbers[0]
        world.github.announce(REPO, first)
        world.settle()
        world.github.faults.add("GET", r"/pulls\?.*[?&]page=2", status=500)
        found, unread = sweep(world)
        assert Why.CLOSED not in {why for _, why in found}
        assert len(unread) == 1
        assert world.services.store.known_pulls(REPO, [first])[first].is_open


class TestIssuesSwitchedOff:
    def test_a_repository_without_issues_is_swept_and_that_is_no_error(self, unheard):
        fail_builds(unheard)
        gone = b'{"message": "Issues has been disabled in this repository"}'
        unheard.github.faults.add("GET", rf"/{REPO}/issues/comments\?", status=410, body=gone)
        unheard.github.comment(REPO, 1, "mary", "/test janky")
        unheard.github.pull(REPO, 1).updated += 2
        number = open_pull(unheard, "three")
        _, unread = sweep(unheard)
        assert unread == []
        assert (janky(unheard, 1), janky(unheard, number)) == (QUEUED, QUEUED)


class TestNoStorm:
    def test_what_the_first_sweep_could_not_read_is_not_built_by_the_second(self, arrange):
        world = arrange()
        world.github.open_pulls_quickly(REPO, 5)
        world.github.faults.add("GET", "/status", status=500)
        swept = list(world.services.sweep.run())
        found = [each for one in swept for each in one.found]
        assert [each.outcome for each in found] == [Outcome.REPORTED] * 5
        world.github.faults.clear()
        sweep(world)
        assert not world.jenkins.calls.matching("POST", "/buildWithParameters")

    def test_a_repository_that_could_not_be_listed_is_seen_for_the_first_time_later(self, arrange):
        world = arrange()
        world.github.open_pulls_quickly(REPO, 3)
        world.github.faults.add("GET", rf"/{REPO}/pulls\?", status=500)
        sweep(world)
        world.github.faults.clear()
        for _ in range(2):
            sweep(world)
        assert not world.jenkins.calls.matching("POST", "/buildWithParameters")

    def test_branches_that_could_not_be_listed_are_only_noted_later(self, arrange):
        world = arrange(branches=BRANCHES)
        world.add_job("ci/branch")
        lose_webhooks(world, REPO)
        world.github.push(REPO, "release/1", {"a.py": "a\n"})
        world.github.faults.add("GET", "/matching-refs/heads/release", status=500)
        sweep(world)
        world.github.faults.clear()
        for _ in range(2):
            sweep(world)
        assert not world.jenkins.calls.matching("POST", "/buildWithParameters")


def test_a_scheduled_sweep_keeps_what_it_could_not_read_where_people_look(arrange):
    world = arrange(sweep_minutes=10, begins=True)
    world.settle()
    sha = world.github.pull(REPO, open_pull(world, "one")).head_sha
    world.settle()
    lose_webhooks(world, REPO)
    sha = world.github.pull(REPO, open_pull(world, "two")).head_sha
    world.github.faults.add("GET", f"/commits/{sha}/status", status=500)
    world.pass_seconds(world.services.sweep.interval + 1)
    world.settle()
    (look, *_) = world.services.store.looks_at(SWEEP)
    assert f"{REPO}#2: read the statuses" in look.error
