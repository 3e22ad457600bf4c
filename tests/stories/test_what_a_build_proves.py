"""What a build proves: of which commit it is, for which context, and whether it counts at all."""

import pytest

from leeroy.model import PullRef
from leeroy_sandbox.jenkins import Boolean, Revision, String
from tests.stories.world import PARAMETERS, REPO

JOB = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
SUITES = [
    {**JOB, "context": "unit", "parameters": {"SUITE": "unit"}},
    {**JOB, "context": "e2e", "parameters": {"SUITE": "e2e"}},
]


def make_job(world, *more, **settings):
    world.jenkins.remove_job("ci/widgets")
    world.add_job("ci/widgets", parameters=(*PARAMETERS, *more), **settings)


def said(world, number, context="janky"):
    return world.statuses(world.head(number))[context]


def given(build, **changes):
    """What a build was given, and what somebody changes of it in the browser."""
    return {**{v.name: str(v.value) for v in build.parameters}, **changes}


class TestWhatWasCheckedOut:
    @pytest.mark.parametrize("kind", ["freestyle", "matrix"])
    def test_a_job_that_builds_main_is_not_reported_as_the_head(self, world, kind):
        main = world.github.repository(REPO).branches["main"]
        axes = {"axes": {"OS": ("linux",)}} if kind == "matrix" else {}
        url = str(world.github.git_path(REPO))
        make_job(world, git_url=url, revision=main, shell="true", kind=kind, **axes)
        number = world.open_pull()
        world.settle()
        build = world.jenkins.start_next()
        world.settle()
        world.jenkins.finish("ci/widgets", build.number)
        world.settle()
        assert said(world, number) == ("error", f"Job ci/widgets built {main[:7]} instead")

    def test_a_job_that_builds_githubs_merge_is(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        github = world.services.github
        merge = github.merge_commit(github.pull(PullRef(REPO, number)))
        assert merge, "GitHub makes one"
        job = world.jenkins.jobs.get("ci/widgets")
        job.git_url, job.revision = "https://github.test/acme/widgets.git", merge
        world.ask("/build/retry", {"repo": REPO, "number": number})
        world.settle()
        world.build_next("SUCCESS")
        assert said(world, number)[0] == "success"

    def test_a_pipeline_may_show_the_commit_of_its_library_only(self, world):
        library = Revision(url="https://git.test/library", commit="3" * 40, branch="main")
        make_job(world, kind="pipeline", checkouts=(library,))
        number = world.open_pull()
        world.settle()
        world.build_next("SUCCESS")
        assert said(world, number)[0] == "success"

    def test_where_no_parameter_carries_the_sha_only_the_revision_counts(self, arrange):
        world = arrange(builds=[{**JOB, "parameters": {"GIT_SHA1": "pr/{PR}"}}])
        number = world.open_pull()
        world.settle()
        world.build_next("SUCCESS")
        assert said(world, number) == ("error", "Build #1 does not say which commit it built")


class TestStartedByHand:
    def test_a_rebuild_counts_for_its_own_context(self, arrange):
        world = arrange(builds=SUITES)
        make_job(world, String("SUITE"))
        number = world.open_pull()
        world.settle()
        results = {"unit": "FAILURE", "e2e": "SUCCESS"}
        for _ in range(2):
            build = world.jenkins.start_next()
            world.jenkins.finish("ci/widgets", build.number, results[given(build)["SUITE"]])
        world.settle()
        (of_e2e,) = [b for b in world.jenkins.builds("ci/widgets") if given(b)["SUITE"] == "e2e"]
        world.jenkins.rebuild("ci/widgets", of_e2e.number)
        world.build_next("SUCCESS")
        assert said(world, number, "unit")[0] == "failure"
        assert said(world, number, "e2e")[1].startswith("Build #3 succeeded")

    def test_without_our_id_it_counts_where_the_settings_values_are_equal(self, arrange):
        world = arrange(builds=SUITES)
        make_job(world, String("SUITE"))
        number = world.open_pull()
        world.settle()
        for _ in range(2):
            world.build_next("FAILURE")
        first = world.jenkins.build("ci/widgets", 1)
        by_hand = given(first, SUITE="e2e", LEEROY_BUILD_ID="")
        world.jenkins.start_by_hand("ci/widgets", by_hand)
        world.build_next("SUCCESS")
        assert said(world, number, "unit")[0] == "failure"
        assert said(world, number, "e2e")[0] == "success"

    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            pytest.param({}, "success", id="with all as it was"),
            pytest.param({"LEEROY_BUILD_ID": ""}, "success", id="without our id"),
            pytest.param({"SUITE": "none"}, "failure", id="with another value of the settings"),
            pytest.param({"SKIP_TESTS": "true"}, "failure", id="with what Leeroy does not send"),
            pytest.param({"PR": "99"}, "failure", id="with another number"),
            pytest.param({"BASE_BRANCH": "old"}, "failure", id="for another base"),
            pytest.param({"GIT_SHA1": "f" * 40}, "failure", id="of another commit"),
        ],
    )
    def test_it_counts_if_it_is_what_leeroy_would_start(self, arrange, changes, state):
        world = arrange(builds=[{**JOB, "parameters": {"SUITE": "full"}}])
        make_job(world, String("SUITE"), Boolean("SKIP_TESTS"))
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        first = world.jenkins.build("ci/widgets", 1)
        world.jenkins.start_by_hand("ci/widgets", given(first, **changes))
        world.build_next("SUCCESS")
        assert said(world, number)[0] == state

    def test_the_sha_in_another_parameter_proves_nothing(self, world):
        make_job(world, String("NOTE"))
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        main = world.github.repository(REPO).branches["main"]
        first = world.jenkins.build("ci/widgets", 1)
        by_hand = given(first, GIT_SHA1=main, NOTE=world.head(number))
        world.jenkins.start_by_hand("ci/widgets", by_hand)
        world.build_next("SUCCESS")
        assert said(world, number)[0] == "failure"

    def test_a_rebuild_for_an_old_base_does_not_count(self, world):
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        world.github.push(REPO, "release", {"VERSION": "1\n"})
        world.github.edit_pull(REPO, number, base="release")
        world.settle()
        world.build_next("FAILURE")
        world.jenkins.rebuild("ci/widgets", 1)
        world.build_next("SUCCESS")
        assert said(world, number)[0] == "failure"

    def test_restarted_from_a_stage_it_does_not_count(self, world):
        make_job(world, kind="pipeline")
        number = world.open_pull()
        world.settle()
        world.build_next("UNSTABLE")
        world.jenkins.restart_stage("ci/widgets", 1, "Publish")
        world.build_next("SUCCESS")
        assert said(world, number)[0] == "failure"

    def test_unless_the_settings_take_replays(self, arrange):
        world = arrange(builds=[{**JOB, "adopt_replays": True}])
        make_job(world, kind="pipeline")
        number = world.open_pull()
        world.settle()
        world.build_next("UNSTABLE")
        world.jenkins.restart_stage("ci/widgets", 1, "Publish")
        world.build_next("SUCCESS")
        assert said(world, number)[0] == "success"
