"""Pushes to watched branches: what they build, what they cancel, what they are told of."""

from urllib.parse import parse_qs

import pytest
from flask import Flask, request

from leeroy.hints import FollowHint
from leeroy.job_names import parse_job_url
from leeroy_sandbox.server import Server
from tests.stories.world import REPO

BINARIES = {
    "github_repo": REPO,
    "branch": "main",
    "jenkins_job_name": "ci/binaries",
    "context": "binaries",
}
DOCS = {
    "github_repo": REPO,
    "branch": "{main,release/*}",
    "jenkins_job_name": "ci/docs",
    "context": "docs",
    "paths": ["docs/**"],
}
CODE = {"src/widget.py": "round = 2\n"}
QUEUED = ("pending", "Queued in Jenkins")
SKIPPED = ("success", "Skipped: no matching changes")


@pytest.fixture
def watch(arrange):
    """A world that watches branches, with their jobs."""

    def watched(*branches, **settings):
        world = arrange(branches=list(branches), **settings)
        for job in {branch["jenkins_job_name"] for branch in branches}:
            world.add_job(job)
        return world

    return watched


def push(world, files=None, branch="main", **more):
    sha = world.github.push(
        REPO, branch, {"src/widget.py": "x\n"} if files is None else files, **more
    )
    world.settle()
    return sha


def asked(world):
    """What Jenkins was asked to build: job and sha, in order."""
    calls = world.jenkins.calls.matching("POST", "/buildWithParameters")
    return [(parse_job_url(call.path), parse_qs(call.query)["GIT_SHA1"][0]) for call in calls]


def values(item):
    return {value.name: value.value for value in item.parameters}


def test_a_push_starts_the_jobs_whose_paths_it_changed_and_every_step_is_reported(watch):
    world = watch(BINARIES, DOCS)
    code = push(world, {"src/widget.py": "round = 2\n"})
    assert world.statuses(code) == {"binaries": QUEUED, "docs": SKIPPED}
    docs = push(world, {"docs/use.md": "Use it.\n"})
    assert world.statuses(docs) == {"binaries": QUEUED, "docs": QUEUED}
    world.build_next("SUCCESS", "ci/binaries")
    world.build_next("FAILURE", "ci/binaries")
    assert world.history(code, "binaries") == ["pending", "pending", "success"]
    assert world.history(docs, "binaries") == ["pending", "pending", "failure"]
    assert world.statuses(docs)["docs"] == QUEUED


def test_the_job_gets_the_parameters_of_a_push(watch):
    world = watch(BINARIES)
    sha = push(world)
    (item,) = world.jenkins.queue()
    given = values(item)
    assert given.pop("LEEROY_BUILD_ID")
    assert given.pop("GITHUB_URL").endswith(f"/{REPO}/commit/{sha}")
    assert given == {
        "GIT_BASE_REPO": REPO,
        "GIT_HEAD_REPO": REPO,
        "GIT_SHA1": sha,
        "BASE_BRANCH": "main",
        "PR": "",
    }


def test_a_look_again_at_a_handled_push_does_nothing_more(watch):
    world = watch(BINARIES, DOCS)
    push(world)
    world.github.calls.clear()
    world.jenkins.calls.clear()
    (old,) = (h for h in world.services.queue.recent_hints() if h.subject == f"{REPO}@main")
    for hint in (old.hint, FollowHint(why="test")):
        world.services.queue.put(f"{REPO}@main", hint)
        world.settle()
    assert world.github.calls.writes() == []
    assert world.jenkins.calls.matching("POST", "/buildWithParameters") == []


def test_a_push_to_a_branch_nobody_watches_is_of_no_interest(watch):
    world = watch(BINARIES)
    sha = push(world, branch="experiments")
    assert (world.statuses(sha), asked(world)) == ({}, [])


def test_globs_say_which_branches_are_watched(watch):
    world = watch({**BINARIES, "branch": "release/**"})
    sha = push(world, branch="release/1.0/fixes")
    assert asked(world) == [("ci/binaries", sha)]


def test_a_new_branch_is_built_whatever_its_paths(watch):
    world = watch(DOCS)
    sha = push(world, CODE, branch="release/2.0")
    assert asked(world) == [("ci/docs", sha)]


def test_two_pushes_while_the_first_waits_are_two_builds(watch):
    world = watch(BINARIES)
    first, second = push(world), push(world, {"src/b.py": "b\n"})
    assert [values(item)["GIT_SHA1"] for item in world.jenkins.queue()] == [first, second]
    assert world.statuses(first) == world.statuses(second) == {"binaries": QUEUED}


def test_two_pushes_that_are_looked_at_together_are_two_builds_all_the_same(watch):
    world = watch(BINARIES, DOCS)
    world.workers.stop()
    first = world.github.push(REPO, "main", {"docs/use.md": "Use it.\n"})
    second = world.github.push(REPO, "main", CODE)
    world.github.wait_delivered(10)
    workers = world.services.workers(1)
    workers.start()
    world.settle()
    workers.stop()
    assert world.statuses(first) == {"binaries": QUEUED, "docs": QUEUED}
    assert world.statuses(second) == {"binaries": QUEUED, "docs": SKIPPED}


class TestCoalesce:
    def test_only_the_newest_that_waits_is_built(self, watch):
        world = watch({**BINARIES, "coalesce": True})
        first, second = push(world), push(world, {"src/b.py": "b\n"})
        assert [values(item)["GIT_SHA1"] for item in world.jenkins.queue()] == [second]
        assert world.statuses(first) == {"binaries": ("error", f"Superseded by {second[:7]}")}
        assert world.statuses(second) == {"binaries": QUEUED}

    def test_what_runs_goes_on_and_is_reported(self, watch):
        world = watch({**BINARIES, "coalesce": True})
        first = push(world)
        build = world.jenkins.start_next()
        world.settle()
        second = push(world, {"src/b.py": "b\n"})
        third = push(world, {"src/c.py": "c\n"})
        assert world.jenkins.calls.matching("POST", "/stop") == []
        world.jenkins.finish("ci/binaries", build.number, "SUCCESS")
        world.settle()
        assert world.statuses(first)["binaries"][0] == "success"
        assert world.statuses(second) == {"binaries": ("error", f"Superseded by {third[:7]}")}
        assert [values(item)["GIT_SHA1"] for item in world.jenkins.queue()] == [third]

    def test_what_starts_while_it_is_cancelled_goes_on(self, watch):
        world = watch({**BINARIES, "coalesce": True})
        first = push(world)
        world.jenkins.hold_notifications()
        world.jenkins.start_next()
        push(world, {"src/b.py": "b\n"})
        assert world.statuses(first) == {"binaries": ("pending", "Build #1 is running")}
        assert world.jenkins.calls.matching("POST", "/stop") == []

    def test_a_push_that_builds_nothing_takes_no_build_away(self, watch):
        world = watch({**DOCS, "coalesce": True})
        docs, code = push(world, {"docs/use.md": "Use it.\n"}), push(world, CODE)
        assert world.statuses(docs) == {"docs": QUEUED}
        assert world.statuses(code) == {"docs": SKIPPED}


class TestWhatIsNoPush:
    def test_a_deleted_branch_is_forgotten_and_what_waits_is_cancelled(self, watch):
        world = watch({**BINARIES, "branch": "release/*"})
        runs = push(world, branch="release/1.0")
        world.jenkins.start_next()
        world.settle()
        waits = push(world, CODE, branch="release/1.0")
        world.github.delete_branch(REPO, "release/1.0")
        world.settle()
        assert world.jenkins.queue() == []
        assert world.statuses(waits) == {"binaries": ("error", "Branch deleted")}
        assert world.statuses(runs) == {"binaries": ("pending", "Build #1 is running")}
        assert len(asked(world)) == 2

    def test_a_branch_of_the_same_name_begins_anew(self, watch):
        world = watch({**DOCS, "branch": "release/*"})
        first = push(world, branch="release/1.0")
        world.build_next()
        world.github.delete_branch(REPO, "release/1.0")
        world.settle()
        second = push(world, CODE, branch="release/1.0")
        assert asked(world) == [("ci/docs", first), ("ci/docs", second)]

    def test_tags_start_nothing(self, watch):
        world = watch({**BINARIES, "branch": "**"})
        world.github.push_tag(REPO, "v1.0", world.github.repository(REPO).branches["main"])
        world.settle()
        assert asked(world) == []


class TestForcedPushes:
    def test_the_new_head_is_built_whatever_its_paths(self, watch):
        world = watch(DOCS)
        before = world.github.repository(REPO).branches["main"]
        push(world, CODE)
        sha = push(world, {"src/other.py": "x\n"}, parents=[before], force=True)
        assert asked(world) == [("ci/docs", sha)]

    def test_a_forced_push_nobody_told_us_of_hides_nothing(self, watch):
        world = watch(DOCS)
        before = world.github.repository(REPO).branches["main"]
        push(world, {"docs/use.md": "Use it.\n"})
        world.build_next()
        (hook,) = world.github.repository(REPO).hooks
        hook.active = False
        world.github.push(REPO, "main", CODE, parents=[before], force=True)
        hook.active = True
        # Of the docs that it took away GitHub says nothing when both heads are compared.
        missed = world.github.repository(REPO).branches["main"]
        told = push(world, {"src/other.py": "x\n"})
        assert world.statuses(missed) == {"docs": QUEUED}
        assert world.statuses(told) == {"docs": SKIPPED}


class TestLostDeliveries:
    def test_a_push_nobody_told_us_of_is_built_with_the_next_one(self, watch):
        world = watch(BINARIES)
        push(world)
        (hook,) = world.github.repository(REPO).hooks
        hook.active = False
        missed = world.github.push(REPO, "main", CODE)
        hook.active = True
        told = push(world, {"src/b.py": "b\n"})
        assert [sha for _, sha in asked(world)][1:] == [missed, told]


POLICY = {"signoff": {"mode": "required"}, "docs": {"mode": "advisory"}}
PULL_BUILDS = [
    {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"},
    {
        "github_repo": REPO,
        "jenkins_job_name": "ci/docs",
        "context": "docs",
        "paths": ["docs/**"],
    },
    {"github_repo": REPO, "jenkins_job_name": "ci/old", "context": "old", "branches": ["1.x"]},
    {"github_repo": REPO, "jenkins_job_name": "ci/slow", "context": "slow", "on_command": True},
    {"github_repo": REPO, "jenkins_job_name": "ci/nice", "context": "nice", "optional": True},
]


class TestMergeQueue:
    @pytest.fixture
    def queued(self, arrange):
        """A merge group of pull request #1 into main: the world, its branch and its sha."""
        world = arrange(builds=PULL_BUILDS, patchparser=POLICY, conflicts=True)
        base = world.github.repository(REPO).branches["main"]
        branch = f"gh-readonly-queue/main/pr-1-{base}"
        return world, branch, push(world, CODE, branch=branch)

    def test_every_required_context_reports_on_the_groups_sha(self, queued):
        world, _, sha = queued
        checked = ("success", "Skipped: checked on the pull request")
        assert world.statuses(sha) == {
            "janky": QUEUED,
            "docs": SKIPPED,
            "old": SKIPPED,
            "slow": ("success", "Skipped: built only on request"),
            "nice": ("success", "Skipped: not needed for merging"),
            "patchparser/signoff": checked,
            "leeroy/mergeable": checked,
        }
        world.build_next("FAILURE")
        assert world.statuses(sha)["janky"][0] == "failure"

    def test_its_builds_get_the_pull_request_and_the_base_branch(self, queued):
        world, _, sha = queued
        (item,) = world.jenkins.queue()
        given = values(item)
        assert {name: given[name] for name in ("PR", "BASE_BRANCH", "GIT_SHA1")} == {
            "PR": "1",
            "BASE_BRANCH": "main",
            "GIT_SHA1": sha,
        }

    def test_a_second_look_writes_nothing(self, queued):
        world, branch, _ = queued
        world.github.calls.clear()
        world.services.queue.put(f"{REPO}@{branch}", FollowHint(why="test"))
        world.settle()
        assert world.github.calls.writes() == []

    @pytest.mark.parametrize("runs", [False, True], ids=["waiting", "running"])
    def test_a_deleted_group_has_its_builds_stopped(self, queued, runs):
        world, branch, sha = queued
        if runs:
            world.jenkins.start_next()
            world.settle()
        world.github.delete_branch(REPO, branch)
        world.settle()
        assert world.jenkins.queue() == []
        assert len(world.jenkins.calls.matching("POST", "/1/stop")) == runs
        assert world.statuses(sha)["janky"] == ("error", "Branch deleted")

    def test_a_branch_of_the_settings_that_matches_it_is_built_instead(self, arrange):
        own = {**BINARIES, "branch": "gh-readonly-queue/**", "context": "janky"}
        world = arrange(branches=[own])
        world.add_job("ci/binaries")
        base = world.github.repository(REPO).branches["main"]
        sha = push(world, branch=f"gh-readonly-queue/main/pr-1-{base}")
        assert asked(world) == [("ci/binaries", sha)]


class TestAskedForAgain:
    def test_rebuild_by_http_builds_the_head_of_the_branch(self, watch):
        world = watch(BINARIES, DOCS)
        sha = push(world)
        world.build_next("FAILURE")
        body = {"repo": REPO, "ref": "refs/heads/main", "context": "binaries"}
        world.ask("/build/retry", body)
        world.settle()
        assert asked(world) == [("ci/binaries", sha)] * 2
        world.build_next()
        assert world.statuses(sha)["binaries"][0] == "success"

    def test_a_branch_never_seen_builds_only_what_is_asked_for(self, watch):
        world = watch(BINARIES, DOCS)
        head = world.github.repository(REPO).branches["main"]
        world.ask("/build/custom", {"repo": REPO, "ref": "main", "context": "docs"})
        world.settle()
        assert asked(world) == [("ci/docs", head)]

    def test_rebuilt_by_hand_in_jenkins_is_adopted(self, watch):
        world = watch(BINARIES)
        sha = push(world)
        world.build_next("FAILURE")
        world.jenkins.rebuild("ci/binaries", 1)
        world.settle()
        world.build_next()
        assert world.statuses(sha)["binaries"][0] == "success"


def test_observing_plans_and_writes_nothing(watch):
    world = watch(BINARIES, mode="observe")
    push(world)
    assert (world.github.calls.writes(), asked(world)) == ([], [])
    (look,) = world.services.store.looks_at(f"{REPO}@main")
    assert look.effects[0].startswith("trigger ci/binaries for binaries")


class TestNotify:
    @pytest.fixture
    def heard(self):
        """What came in at a chat server, and where it is."""
        app, came = Flask("chat"), []

        @app.post("/<path:path>")
        def hear(path):
            came.append((path, request.get_json()))
            return answers.pop(0) if answers else ("ok", 200)

        answers = []
        with Server(app) as server:
            yield server.url, came, answers

    def test_a_break_and_its_mending_are_told_once_each(self, watch, heard):
        url, came, _ = heard
        notify = {"slack": f"{url}/slack", "webhook": f"{url}/json"}
        world = watch({**BINARIES, "notify": notify})
        for result in ("SUCCESS", "FAILURE", "FAILURE", "SUCCESS", "SUCCESS"):
            sha = push(world, {"src/widget.py": f"{len(asked(world))}\n"})
            world.build_next(result)
            world.services.queue.put(f"{REPO}@main", FollowHint(why="test"))
            world.settle()
        assert [(path, body.get("news")) for path, body in came] == [
            ("slack", None),
            ("json", "broken"),
            ("slack", None),
            ("json", "mended"),
        ]
        broken = came[1][1]
        assert broken.pop("sha") != sha
        assert broken.pop("commit_url").startswith("http")
        assert broken.pop("description").startswith("Build #2 failed")
        assert broken == {
            "news": "broken",
            "repo": REPO,
            "branch": "main",
            "context": "binaries",
            "job": "ci/binaries",
            "number": 2,
            "url": f"{world.jenkins_url}/job/ci/job/binaries/2/",
        }
        assert "is *broken*: <http" in came[0][1]["text"]

    def test_a_branch_forced_back_to_a_built_commit_is_what_that_commit_is(self, watch, heard):
        url, came, _ = heard
        world = watch({**BINARIES, "notify": {"webhook": f"{url}/json"}})
        good = push(world, {"src/widget.py": "1\n"})
        world.build_next("SUCCESS")
        bad = push(world, {"src/widget.py": "2\n"})
        world.build_next("FAILURE")
        world.github.push(REPO, "main", commit=good, force=True)
        world.settle()
        push(world, {"src/widget.py": "3\n"})
        assert [body["news"] for _, body in came] == ["broken", "mended"]
        world.build_next("FAILURE")
        assert [body["news"] for _, body in came] == ["broken", "mended", "broken"]
        for commit in (good, bad):
            world.github.push(REPO, "main", commit=commit, force=True)
            world.settle()
        told = [(body["news"], body["sha"]) for _, body in came[3:]]
        assert told == [("mended", good), ("broken", bad)]

    def test_a_server_that_is_down_hears_of_it_later_and_the_other_not_again(self, watch, heard):
        url, came, answers = heard
        answers.append(("busy", 503))
        notify = {"slack": f"{url}/slack", "webhook": f"{url}/json"}
        world = watch({**BINARIES, "notify": notify})
        push(world)
        world.build_next("FAILURE")
        assert [path for path, _ in came] == ["slack", "json", "slack"]
