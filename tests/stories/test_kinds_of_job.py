"""Kinds of job: multibranch, made for GHPRB, matrix, flaky, with odd names, missing, too many.

Of the rules abort_unapproved and adopt_builds.
"""

import pytest

from leeroy.errors import NotFound
from leeroy.model import PullRef
from leeroy.worker.branch_jobs import INDEXING_SECONDS, BranchJobs
from leeroy_sandbox.jenkins import Endpoint, Head, String
from tests.stories.world import NOTIFICATION_SECRET, PARAMETERS, REPO

MULTIBRANCH = {"github_repo": REPO, "jenkins_job_name": "ci/multi", "is_pipeline": True}
JOB = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}


def said(world, number, context="janky"):
    return world.statuses(world.head(number))[context]


def triggers(world):
    posts = world.jenkins.calls.matching("POST", "/build")
    return [c for c in posts if c.path.endswith(("/build", "/buildWithParameters"))]


class TestMultibranch:
    """`is_pipeline`: the job is the pull request's own, and comes when the project is indexed."""

    @pytest.fixture
    def world(self, arrange):
        world = arrange(builds=[{**MULTIBRANCH, "context": "janky"}], drafts=False)
        self.add_project(world)
        return world

    def add_project(self, world, **settings):
        """A project that finds every open pull request, once it is asked to look."""
        endpoint = Endpoint(url=f"{world.url}/notification/jenkins?secret={NOTIFICATION_SECRET}")
        world.jenkins.add_job(
            "ci/multi",
            kind="multibranch",
            endpoints=[endpoint],
            git_url="https://github.test/acme/widgets.git",
            **settings,
        )

    def open_known_pull(self, world, branch="rounder", name="PR-{number}"):
        """A pull request whose job is there when Leeroy comes to it."""
        world.github.push(REPO, branch, {"src/widget.py": "round = True\n"})
        sha = world.github.repository(REPO).branches[branch]
        number = 1 + max(world.github.repository(REPO).pulls, default=0)
        world.jenkins.add_branch("ci/multi", name.format(number=number), commit=sha)
        assert world.github.open_pull(REPO, branch) == number
        world.settle()
        return number

    def test_the_pull_requests_own_job_is_built_without_parameters(self, world):
        number = self.open_known_pull(world)
        (call,) = triggers(world)
        assert call.path == f"/job/ci/job/multi/job/PR-{number}/build"
        assert said(world, number) == ("pending", "Queued in Jenkins")
        world.build_next()
        assert said(world, number)[0] == "success"
        # A Jenkinsfile brings its endpoints with the first build: nobody told of its beginning.
        assert world.history(world.head(number)) == ["pending", "success"]

    @pytest.mark.parametrize("strategy", ["-merge", "-head"])
    def test_the_job_is_found_under_the_name_of_a_strategy_too(self, world, strategy):
        number = self.open_known_pull(world, name="PR-{number}" + strategy)
        assert triggers(world)[-1].path == f"/job/ci/job/multi/job/PR-{number}{strategy}/build"
        world.build_next()
        assert said(world, number)[0] == "success"

    def test_a_jenkinsfile_with_parameters_is_given_them_from_the_second_build_on(self, world):
        world.jenkins.remove_job("ci/multi")
        self.add_project(world, parameters=PARAMETERS)
        number = self.open_known_pull(world)
        world.build_next("FAILURE")
        world.ask("/build/retry", {"repo": REPO, "number": number})
        world.settle()
        assert [c.path.rpartition("/")[2] for c in triggers(world)] == [
            "build",
            "buildWithParameters",
        ]
        world.build_next()
        assert said(world, number)[0] == "success"

    def test_a_job_that_is_not_there_yet_is_waited_for(self, world):
        number = world.open_pull()
        world.until(lambda: world.statuses(world.head(number)))
        assert said(world, number) == ("pending", "Waiting for Jenkins")
        assert world.jenkins.indexings == ["ci/multi"]
        found = Head(name=f"PR-{number}", commit=world.head(number))
        world.jenkins.jobs.get("ci/multi").discover = lambda: [found]
        world.jenkins.index("ci/multi")
        world.pass_seconds(5)
        world.settle()
        # Indexing has begun a build already: that is ours.
        assert [c.path for c in triggers(world)] == ["/job/ci/job/multi/build"]
        assert said(world, number) == ("pending", "Queued in Jenkins")
        world.build_next()
        assert said(world, number)[0] == "success"
        assert len(world.jenkins.builds(f"ci/multi/PR-{number}")) == 1

    def test_it_is_not_waited_for_for_ever(self, world):
        number = world.open_pull()
        world.until(lambda: world.statuses(world.head(number)))
        (row,) = world.services.store.builds_of(PullRef(REPO, number))
        patient = world.services.looks.reader.branch_jobs
        late = BranchJobs(
            jenkins=patient.jenkins,
            github=patient.github,
            store=patient.store,
            clock=lambda: row.created + INDEXING_SECONDS + 1,
        )
        with pytest.raises(NotFound, match="ci/multi did not find the pull request"):
            late.start(row)

    def test_a_project_that_is_not_there_is_an_error(self, world):
        world.jenkins.remove_job("ci/multi")
        number = world.open_pull()
        world.settle()
        assert said(world, number) == (
            "error",
            "Job ci/multi does not exist or is hidden from leeroy",
        )

    def test_a_build_that_jenkins_began_by_itself_is_not_begun_twice(self, world):
        world.github.push(REPO, "rounder", {"src/widget.py": "round = True\n"})
        sha = world.github.repository(REPO).branches["rounder"]
        world.jenkins.add_branch("ci/multi", "PR-1", commit=sha)
        world.jenkins.start_by_hand("ci/multi/PR-1")
        build = world.jenkins.start_next("ci/multi/PR-1")
        number = world.github.open_pull(REPO, "rounder")
        world.settle()
        assert triggers(world) == []
        assert said(world, number) == ("pending", f"Build #{build.number} is running")
        world.jenkins.finish("ci/multi/PR-1", build.number, "FAILURE")
        world.settle()
        assert said(world, number)[0] == "failure"

    def test_a_build_somebody_starts_there_later_is_reported_too(self, world):
        number = self.open_known_pull(world)
        world.build_next("FAILURE")
        world.jenkins.start_by_hand(f"ci/multi/PR-{number}")
        world.build_next("SUCCESS")
        assert said(world, number)[0] == "success"
        assert len(triggers(world)) == 1

    def test_what_jenkins_built_is_what_is_reported(self, world):
        number = self.open_known_pull(world)
        # Jenkins hears of the push before we do, and takes the newest commit there is.
        world.jenkins.add_branch("ci/multi", f"PR-{number}", commit="f" * 40)
        world.build_next("SUCCESS")
        assert said(world, number) == ("pending", "Queued in Jenkins")  # once more, to be sure
        world.build_next("SUCCESS")
        assert said(world, number) == ("error", "Jenkins built fffffff instead")
        assert "success" not in world.history(world.head(number))

    def test_the_merge_that_github_made_of_the_head_is_of_the_head(self, world):
        world.github.reads_before_mergeable = 0
        number = world.open_pull()
        world.until(lambda: world.statuses(world.head(number)))
        merge = world.github.repository(REPO).git.refs()[f"refs/pull/{number}/merge"]
        world.jenkins.add_branch("ci/multi", f"PR-{number}-merge", commit=merge)
        world.pass_seconds(5)
        world.settle()
        world.build_next("SUCCESS")
        assert said(world, number)[0] == "success"

    def test_a_success_that_does_not_say_of_what_is_none(self, world, monkeypatch):
        monkeypatch.setattr("leeroy_sandbox.jenkins.running.named_revision", lambda build: None)
        number = self.open_known_pull(world)
        world.build_next("SUCCESS")
        assert said(world, number) == ("error", "Build #1 does not say which commit it built")

    def test_a_build_of_a_head_nobody_approved_is_aborted(self, world):
        world.github.fork(REPO, "stranger")
        world.github.push("stranger/widgets", "evil", {"Jenkinsfile": "mine\n"})
        sha = world.github.repository("stranger/widgets").branches["evil"]
        number = world.github.open_pull(REPO, "stranger:evil", author="stranger")
        world.settle()
        assert said(world, number)[0] == "pending"
        job = f"ci/multi/PR-{number}"
        world.jenkins.add_branch("ci/multi", f"PR-{number}", commit=sha).declared = True
        world.jenkins.start_by_hand(job)
        build = world.jenkins.start_next(job)
        world.settle()
        assert build.interrupted.is_set()
        assert said(world, number) == (
            "error",
            "Aborted: Jenkins began build #1 before a maintainer commented /ok-to-test",
        )
        world.jenkins.finish(job, 1, "ABORTED")
        world.settle()
        world.github.comment(REPO, number, "mary", f"/ok-to-test {sha}")
        world.settle()
        assert said(world, number) == ("pending", "Queued in Jenkins")
        world.build_next()
        assert said(world, number)[0] == "success"


class TestGhprb:
    """`"parameters": "ghprb"`: jobs made for the GitHub Pull Request Builder need no change."""

    def given(self, world):
        (item,) = world.jenkins.queue()
        return {value.name: value.text for value in item.parameters}

    def add_job(self, world, *names):
        world.add_job("ci/widgets", parameters=[String(name) for name in names])

    def test_sha1_is_the_merge_of_this_very_head(self, arrange):
        world = arrange(builds=[{**JOB, "parameters": "ghprb"}])
        self.add_job(world, "sha1", "ghprbPullTitle")
        world.github.reads_before_mergeable = 0
        number = world.open_pull(title='Say "round"', author="mary")
        world.settle()
        merge = world.github.repository(REPO).git.refs()[f"refs/pull/{number}/merge"]
        assert self.given(world) == {"sha1": merge, "ghprbPullTitle": 'Say \\"round\\"'}
        world.build_next()
        assert said(world, number)[0] == "success"

    def test_an_old_merge_is_not_built_in_its_place(self, arrange):
        world = arrange(builds=[{**JOB, "parameters": "ghprb"}])
        self.add_job(world, "sha1", "ghprbActualCommit")
        world.github.reads_before_mergeable = 0
        number = world.open_pull()
        world.settle()
        world.github.reads_before_mergeable = 99  # GitHub has not got round to the new one
        world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
        world.settle()
        head = world.head(number)
        assert self.given(world) == {"sha1": head, "ghprbActualCommit": head}

    def test_only_builds_that_want_it_cost_two_calls_more(self, arrange):
        world = arrange()
        world.open_pull()
        world.settle()
        assert not world.github.calls.matching("GET", "/git/")


class TestRetries:
    def test_a_flaky_build_is_tried_again_before_anybody_hears_of_it(self, arrange):
        world = arrange(builds=[{**JOB, "retries": 2}])
        number = world.open_pull()
        world.settle()
        world.build_next("FAILURE")
        assert said(world, number) == ("pending", "Build #1 failed, trying again (1 of 2)")
        world.build_next("SUCCESS")
        assert said(world, number)[0] == "success"
        assert said(world, number)[1].endswith("(after 1 retry)")
        assert "failure" not in world.history(world.head(number))


class TestTurns:
    """`max_builds` and `max_queued`: what has no room waits its turn, and nothing is lost."""

    def waiting(self, world):
        rows = world.services.store.unfinished()
        return [row.pull for row in rows if row.is_waiting_for_turn]

    def test_max_builds_lets_the_next_go_when_one_finishes(self, arrange):
        world = arrange(builds=[{**JOB, "max_builds": 1}])
        numbers = [world.open_pull(f"branch-{n}") for n in range(3)]
        world.settle()
        assert len(world.jenkins.queue()) == 1
        assert sorted(said(world, n)[1] for n in numbers) == [
            "Queued in Jenkins",
            "Waiting for Jenkins",
            "Waiting for Jenkins",
        ]
        for left in (2, 1, 0):
            assert len(self.waiting(world)) == left
            world.build_next()
        assert [said(world, n)[0] for n in numbers] == ["success"] * 3
        assert len(triggers(world)) == 3

    def test_a_waiting_pull_request_that_closes_makes_room(self, arrange):
        world = arrange(builds=[{**JOB, "max_builds": 1}])
        numbers = [world.open_pull("first")]
        world.settle()
        numbers += [world.open_pull("second")]
        world.settle()
        world.github.close_pull(REPO, numbers[0])
        world.settle()
        assert said(world, numbers[0]) == ("error", "Closed")
        assert said(world, numbers[1]) == ("pending", "Queued in Jenkins")

    def test_max_queued_counts_what_waits_in_jenkins_and_not_what_runs(self, arrange):
        world = arrange(jenkins={"max_queued": 1})
        numbers = [world.open_pull(f"branch-{n}") for n in range(2)]
        world.settle()
        assert len(world.jenkins.queue()) == len(self.waiting(world)) == 1
        world.jenkins.start_next()
        world.settle()
        assert len(world.jenkins.queue()) == 1
        assert {said(world, n)[1] for n in numbers} == {"Build #1 is running", "Queued in Jenkins"}

    def test_looking_at_what_waits_asks_jenkins_nothing(self, arrange):
        world = arrange(builds=[{**JOB, "max_builds": 1}])
        world.open_pull("first")
        world.settle()
        number = world.open_pull("second")
        world.settle()
        world.jenkins.calls.clear()
        world.github.label(REPO, number, "x")
        world.settle()
        assert world.jenkins.calls.matching("GET", "/") == []


class TestMissingAndOdd:
    def test_a_missing_job_can_be_nothing_to_report(self, arrange):
        world = arrange(builds=[{**JOB, "if_job_missing": "skip"}])
        world.jenkins.remove_job("ci/widgets")
        number = world.open_pull()
        world.settle()
        assert len(triggers(world)) == 1
        assert world.statuses(world.head(number)) == {}

    @pytest.mark.parametrize(
        "job",
        [
            "my job",
            "100% sure",
            "Größe/ünïcode 日本",
            "a+b&c=d",
            "deep/er/and deeper/still",
            "feature%2Fx",
            "what?#no",
        ],
    )
    def test_odd_names_work_all_the_way(self, arrange, job):
        world = arrange(builds=[{"github_repo": REPO, "jenkins_job_name": job, "context": "odd"}])
        number = world.open_pull()
        world.settle()
        world.build_next("SUCCESS", job)
        assert said(world, number, "odd")[0] == "success"
        assert world.history(world.head(number), "odd") == ["pending", "pending", "success"]

    def test_a_part_of_a_matrix_does_not_report(self, arrange):
        world = arrange()
        world.add_job("ci/widgets", kind="matrix", axes={"ARCH": ("arm", "x86")})
        number = world.open_pull()
        world.settle()
        build = world.jenkins.start_next()
        world.settle()
        world.jenkins.calls.clear()
        for part in ("ARCH=arm", "ARCH=x86"):
            world.notify("ci/widgets", 1, phase="FINALIZED", url=f"job/ci/job/widgets/{part}/1/")
        world.settle()
        assert not world.jenkins.calls.matching("GET", "/")
        world.jenkins.finish("ci/widgets", build.number, "UNSTABLE")
        world.settle()
        assert said(world, number)[0] == "failure"
