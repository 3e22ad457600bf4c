"""The life of a pull request: opened, built, pushed to, retargeted, closed, reopened."""

import pytest

from tests.stories.world import REPO

TWO_JOBS = [
    {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"},
    {"github_repo": REPO, "jenkins_job_name": "ci/docs", "context": "docs", "paths": ["docs/**"]},
]


def test_an_opened_pull_request_is_built_and_every_step_is_reported(world):
    number = world.open_pull()
    world.settle()
    sha = world.head(number)
    assert world.statuses(sha) == {"janky": ("pending", "Queued in Jenkins")}

    build = world.jenkins.start_next()
    world.settle()
    assert world.statuses(sha) == {"janky": ("pending", "Build #1 is running")}

    world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
    world.settle()
    state, description = world.statuses(sha)["janky"]
    assert state == "success"
    assert description.startswith("Build #1 succeeded")
    assert world.history(sha) == ["pending", "pending", "success"]


@pytest.mark.parametrize(
    ("result", "state"),
    [("FAILURE", "failure"), ("UNSTABLE", "failure"), ("ABORTED", "error"), ("NOT_BUILT", "error")],
)
def test_every_result_has_its_state(world, result, state):
    number = world.open_pull()
    world.settle()
    world.build_next(result)
    assert world.statuses(world.head(number))["janky"][0] == state


def test_the_links_lead_to_the_job_and_then_to_the_build(world):
    number = world.open_pull()
    world.settle()
    world.jenkins.start_next()
    world.settle()
    urls = [s.target_url for s in world.github.statuses(REPO, world.head(number)).history]
    job = f"{world.jenkins_url}/job/ci/job/widgets/"
    assert urls == [job, f"{job}1/"]


def test_opening_costs_three_github_calls_and_one_jenkins_call(world):
    world.open_pull()
    world.settle()
    assert [f"{c.method} {c.path.rsplit('/', 1)[0]}" for c in world.github.calls] == [
        f"GET /repos/{REPO}/pulls",
        f"POST /repos/{REPO}/statuses",
    ]
    assert [c.method for c in world.jenkins.calls] == ["POST"]


def test_a_second_look_at_an_unchanged_pull_request_writes_nothing(world):
    number = world.open_pull()
    world.settle()
    world.github.calls.clear()
    world.jenkins.calls.clear()
    for _ in range(3):
        world.github.label(REPO, number, "kind/bug")
        world.github.unlabel(REPO, number, "kind/bug")
    world.settle()
    assert world.github.calls.writes() == []
    assert len(world.jenkins.calls) == 0


def test_a_push_cancels_the_old_heads_queue_item_and_builds_the_new_head(world):
    number = world.open_pull()
    world.settle()
    old = world.head(number)
    world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
    world.settle()
    new = world.head(number)
    assert world.statuses(old) == {"janky": ("error", f"Superseded by {new[:7]}")}
    assert world.statuses(new) == {"janky": ("pending", "Queued in Jenkins")}
    assert len(world.jenkins.queue()) == 1


def test_a_push_aborts_the_old_heads_running_build_which_then_says_nothing_more(world):
    number = world.open_pull()
    world.settle()
    old = world.head(number)
    world.jenkins.start_next()
    world.settle()
    world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
    world.settle()
    assert len(world.jenkins.calls.matching("POST", "/1/stop")) == 1
    world.jenkins.finish("ci/widgets", 1, "ABORTED")
    world.settle()
    assert world.history(old) == ["pending", "pending", "error"]
    assert world.statuses(world.head(number))["janky"][0] == "pending"


def test_a_queue_item_that_starts_while_it_is_cancelled_is_aborted_instead(world):
    world.open_pull()
    world.settle()
    world.jenkins.hold_notifications()
    world.jenkins.start_next()
    world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
    world.settle()
    assert len(world.jenkins.calls.matching("POST", "/cancelItem")) == 1
    assert len(world.jenkins.calls.matching("POST", "/1/stop")) == 1


def test_closing_cancels_and_says_closed(world):
    number = world.open_pull()
    world.settle()
    world.github.close_pull(REPO, number)
    world.settle()
    assert world.jenkins.queue() == []
    assert world.statuses(world.head(number)) == {"janky": ("error", "Closed")}


def test_reopening_after_closing_builds_again(world):
    number = world.open_pull()
    world.settle()
    world.github.close_pull(REPO, number)
    world.settle()
    world.github.reopen_pull(REPO, number)
    world.settle()
    world.build_next()
    assert world.statuses(world.head(number))["janky"][0] == "success"


def test_a_finished_build_is_not_repeated_when_the_pull_request_is_merged(world):
    number = world.open_pull()
    world.settle()
    world.build_next()
    before = world.history(world.head(number))
    world.github.merge_pull(REPO, number)
    world.settle()
    assert world.history(world.head(number)) == before


def test_a_new_base_is_built_anew(world):
    world.github.push(REPO, "release", {"VERSION": "1\n"})
    number = world.open_pull()
    world.settle()
    world.build_next()
    world.github.edit_pull(REPO, number, base="release")
    world.settle()
    (item,) = world.jenkins.queue()
    assert world.jenkins.builds("ci/widgets")[0].number == 1
    assert ("BASE_BRANCH", "release") in [(v.name, v.value) for v in item.parameters]


def test_a_new_title_builds_nothing(world):
    number = world.open_pull()
    world.settle()
    world.github.edit_pull(REPO, number, title="Rounder still")
    world.settle()
    assert len(world.jenkins.calls.matching("POST", "/buildWithParameters")) == 1


def test_paths_that_do_not_matter_are_a_success_without_a_build(arrange):
    world = arrange(builds=TWO_JOBS)
    number = world.open_pull()
    world.settle()
    assert world.statuses(world.head(number)) == {
        "janky": ("pending", "Queued in Jenkins"),
        "docs": ("success", "Skipped: no matching changes"),
    }


def test_two_builds_are_triggered_side_by_side_and_reported_apart(arrange):
    world = arrange(builds=TWO_JOBS)
    number = world.open_pull(files={"docs/use.md": "Use it.\n"})
    world.settle()
    world.build_next("FAILURE", "ci/docs")
    world.build_next("SUCCESS", "ci/widgets")
    states = {context: state for context, (state, _) in world.statuses(world.head(number)).items()}
    assert states == {"janky": "success", "docs": "failure"}


@pytest.mark.parametrize(
    ("mode", "built"), [("last", 1), ("new", 3), ("all", 3)], ids=["last", "new", "all"]
)
def test_last_new_or_all_commits_are_built(arrange, mode, built):
    world = arrange(build_commits=mode)
    for n in range(3):
        world.github.push(REPO, "rounder", {"src/widget.py": f"round = {n}\n"})
    world.github.open_pull(REPO, "rounder")
    world.settle()
    assert len(world.jenkins.queue()) == built


def test_observing_plans_and_writes_nothing_anywhere(arrange):
    world = arrange(mode="observe")
    number = world.open_pull()
    world.settle()
    assert world.github.calls.writes() == []
    assert len(world.jenkins.calls) == 0
    (look,) = world.services.store.looks_at(f"{REPO}#{number}")
    assert look.effects[0].startswith("trigger ci/widgets for janky")


class TestOddPullRequests:
    def test_a_branch_named_like_a_parameter_is_only_a_name(self, world):
        world.open_pull("x&PR=9")
        world.settle()
        (item,) = world.jenkins.queue()
        values = {v.name: v.value for v in item.parameters}
        assert values["PR"] == "1"

    def test_a_title_of_any_letters_is_kept(self, world):
        title = "Größer 🎈 <b>&\u202e"
        number = world.open_pull(title=title)
        world.settle()
        from leeroy.model import PullRef

        assert world.services.store.pull(PullRef(REPO, number)).title == title

    def test_a_deleted_fork_is_built_from_the_base_repository(self, arrange):
        world = arrange(trust="everyone")
        fork = world.github.fork(REPO, "stranger")
        world.github.push(fork, "patch-1", {"src/widget.py": "x = 1\n"})
        number = world.github.open_pull(REPO, "stranger:patch-1", author="stranger")
        world.settle()
        world.github.close_pull(REPO, number)
        world.settle()
        world.github.reopen_pull(REPO, number)
        world.github.delete_fork(fork)
        world.settle()
        asked = world.jenkins.calls.matching("POST", "/buildWithParameters")
        assert f"GIT_HEAD_REPO={REPO.replace('/', '%2F')}" in str(asked[-1].query)

    def test_three_thousand_files_and_an_honest_path_filter(self, arrange):
        world = arrange(builds=TWO_JOBS)
        files = {f"src/f{n:04}.py": "x\n" for n in range(3_100)}
        number = world.open_pull(files=files)
        world.settle()
        # GitHub lists 3,000 of them: what is hidden may be docs, so docs is built.
        assert world.statuses(world.head(number))["docs"][0] == "pending"

    def test_a_renamed_repository_goes_on_under_its_old_name(self, world):
        number = world.open_pull()
        world.settle()
        sha = world.head(number)
        world.github.rename_repo(REPO, "gadgets")
        build = world.jenkins.start_next()
        world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
        world.settle()
        latest = world.github.statuses("acme/gadgets", sha).latest
        assert [s.state for s in latest.values()] == ["success"]
