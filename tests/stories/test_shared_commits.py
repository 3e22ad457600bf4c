"""Several pull requests, branches and merge groups with one commit: whose word stands, and when.

GitHub keeps one status for a context of a commit. Here nobody takes from another what a build or a
check said, in whatever order they come, and nobody merges by a green that his own base never got.

Of the rule take_back.
"""

import pytest

from tests.stories.world import REPO

JOB = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
ONLY_MAIN = [{**JOB, "branches": ["main"]}]
WAITS = "Waiting for a maintainer to comment /ok-to-test"


def janky(world, sha):
    """What GitHub shows of the context, its text without whose word it is."""
    state, text = world.statuses(sha).get("janky", ("", ""))
    return (state, text.partition(": ")[2] if text.startswith("#") else text)


def release(world):
    """Another branch to propose to."""
    world.github.push(REPO, "release", {"VERSION": "1\n"})


def twin(world, base="release", **settings):
    """Another pull request with the same head, by somebody who may write."""
    number = world.github.open_pull(REPO, "rounder", base, **settings)
    world.settle()
    return number


def copy_by_stranger(world, sha, base="main"):
    """A stranger proposes the commit of somebody else."""
    fork = world.github.fork(REPO, "stranger")
    world.github.push(fork, "copy", commit=sha, by="stranger")
    number = world.github.open_pull(REPO, "stranger:copy", base, author="stranger")
    world.settle()
    return number


def of_stranger(world, base="main", branch="patch-1"):
    """A pull request with a commit of a stranger's own."""
    fork = world.github.fork(REPO, "stranger")
    world.github.push(fork, branch, {"src/widget.py": "evil\n"}, by="stranger")
    number = world.github.open_pull(REPO, f"stranger:{branch}", base, author="stranger")
    world.settle()
    return number


def look_at_all(world, *numbers, times=3):
    for _ in range(times):
        for number in numbers:
            world.look_again(number)
            world.settle()


# What a stranger can do


@pytest.mark.parametrize("bases", [("main", "release"), ("release", "main")], ids=" then ".join)
def test_a_stranger_does_not_turn_his_own_unapproved_head_green(arrange, bases):
    world = arrange(builds=ONLY_MAIN)
    release(world)
    first = of_stranger(world, bases[0])
    sha = world.head(first)
    second = world.github.open_pull(REPO, "stranger:patch-1", bases[1], author="stranger")
    world.settle()
    look_at_all(world, first, second)
    assert janky(world, sha) == ("pending", WAITS)
    assert len(world.history(sha)) <= 2


def test_a_stranger_onto_a_base_that_is_not_built_is_told_nothing(arrange):
    world = arrange(builds=ONLY_MAIN)
    release(world)
    number = of_stranger(world, "release")
    assert world.statuses(world.head(number)) == {}


def test_a_stranger_whose_paths_need_no_build_is_told_so(arrange):
    world = arrange(builds=[{**JOB, "paths": ["docs/**"]}])
    number = of_stranger(world)
    assert janky(world, world.head(number)) == ("success", "Skipped: no matching changes")


def test_paths_that_a_second_base_has_already_excuse_no_unapproved_head(arrange):
    world = arrange(builds=[{**JOB, "paths": ["src/**"]}])
    first = of_stranger(world)
    sha = world.head(first)
    world.github.push(REPO, "release", {"src/widget.py": "evil\n"})
    second = world.github.open_pull(REPO, "stranger:patch-1", "release", author="stranger")
    world.settle()
    look_at_all(world, first, second)
    assert janky(world, sha) == ("pending", WAITS)


@pytest.mark.parametrize("result", ["SUCCESS", "FAILURE"])
def test_a_stranger_takes_no_result_away(world, result):
    one = world.open_pull()
    world.settle()
    world.build_next(result)
    sha = world.head(one)
    stood = janky(world, sha)
    two = copy_by_stranger(world, sha)
    look_at_all(world, two, one)
    assert janky(world, sha) == stood
    assert stood[0] == result.lower()
    world.github.close_pull(REPO, two)
    world.settle()
    assert janky(world, sha) == stood
    assert len(world.history(sha)) <= 5  # queued, running, its end; whose it is, and not any more


def test_a_stranger_who_was_first_does_not_keep_a_build_from_being_seen(world):
    world.github.push(REPO, "rounder", {"src/widget.py": "round = True\n"})
    sha = world.github.repository(REPO).branches["rounder"]
    two = copy_by_stranger(world, sha)
    assert janky(world, sha) == ("pending", WAITS)
    one = world.github.open_pull(REPO, "rounder")
    world.settle()
    world.build_next()
    look_at_all(world, two, one)
    assert janky(world, sha)[0] == "success"


def test_a_stranger_takes_no_green_off_the_tip_of_a_watched_branch(arrange):
    world = arrange(branches=[{"github_repo": REPO, "jenkins_job_name": "ci/main", "branch": "main",
                               "context": "janky"}])  # fmt: skip
    world.add_job("ci/main")
    release(world)
    sha = world.github.push(REPO, "main", {"src/widget.py": "good\n"})
    world.settle()
    world.build_next(job="ci/main")
    copy_by_stranger(world, sha, "release")
    assert world.statuses(sha)["janky"][0] == "success"


def test_an_excuse_is_no_verdict_and_a_strangers_copy_says_whose_it_is(arrange):
    world = arrange(builds=[{**JOB, "paths": ["docs/**"]}])
    one = world.open_pull()
    world.settle()
    sha = world.head(one)
    assert janky(world, sha) == ("success", "Skipped: no matching changes")
    world.github.push(REPO, "release", {"docs/a.md": "other\n"})
    two = copy_by_stranger(world, sha)
    assert janky(world, sha)[0] == "success"
    world.github.close_pull(REPO, two)
    world.settle()
    assert world.statuses(sha)["janky"] == ("success", "Skipped: no matching changes")


@pytest.mark.parametrize("onto", ["release", "pages"], ids=["a built base", "one that is not"])
def test_an_approved_green_does_not_go_along_to_another_base(arrange, onto):
    world = arrange(builds=[{**JOB, "branches": ["main", "release"]}])
    world.github.push(REPO, "release", {"VERSION": "1\n"})
    world.github.push(REPO, "pages", {"index.html": "1\n"})
    number = of_stranger(world)
    world.github.comment(REPO, number, "mary", "/ok-to-test")
    world.settle()
    world.build_next()
    sha = world.head(number)
    assert janky(world, sha)[0] == "success"
    world.github.edit_pull(REPO, number, base=onto)
    world.settle()
    assert janky(world, sha) == ("pending", WAITS)
    assert len(world.jenkins.calls.matching("POST", "/buildWithParameters")) == 1


# What a second pull request of people who may write changes


@pytest.mark.parametrize("is_second_first", [False, True], ids=["later", "before"])
@pytest.mark.parametrize(
    ("result", "state"), [("FAILURE", "failure"), ("SUCCESS", "success"), (None, "pending")]
)
def test_a_pull_request_that_is_not_built_hides_no_verdict(arrange, result, state, is_second_first):
    world = arrange(builds=ONLY_MAIN)
    release(world)
    world.github.push(REPO, "rounder", {"src/widget.py": "round = True\n"})
    two = twin(world) if is_second_first else 0
    one = world.github.open_pull(REPO, "rounder")
    world.settle()
    sha = world.head(one)
    if result is None:
        world.jenkins.start_next()
        world.settle()
    else:
        world.build_next(result)
    two = two or twin(world)
    look_at_all(world, two, one, times=4)
    assert janky(world, sha)[0] == state
    assert len(world.history(sha)) <= 5


@pytest.mark.parametrize(
    ("builds", "how"),
    [
        ([{**JOB, "drafts": False}], {"draft": True}),
        ([{**JOB, "skip_labels": ["no-ci"], "skip_success": True}], {"label": "no-ci"}),
        ([{**JOB, "skip_labels": ["no-ci"]}], {"label": "no-ci"}),
    ],
    ids=["draft", "skipped by a label", "held by a label"],
)
def test_a_twin_that_is_not_built_hides_no_failure(arrange, builds, how):
    world = arrange(builds=builds)
    release(world)
    one = world.open_pull()
    world.settle()
    world.build_next("FAILURE")
    world.github.hold_deliveries()
    two = world.github.open_pull(REPO, "rounder", "release", draft=how.get("draft", False))
    if "label" in how:
        world.github.label(REPO, two, how["label"])
    world.github.release()
    world.settle()
    look_at_all(world, two, one)
    assert janky(world, world.head(one))[0] == "failure"


@pytest.mark.parametrize("results", [("FAILURE", "SUCCESS"), ("SUCCESS", "FAILURE")])
def test_of_two_results_the_worse_stands_and_the_text_says_whose(arrange, results):
    world = arrange()
    release(world)
    one = world.open_pull()
    world.settle()
    two = twin(world)
    world.build_next(results[0])
    world.build_next(results[1])
    sha = world.head(one)
    failed = one if results[0] == "FAILURE" else two
    state, text = world.statuses(sha)["janky"]
    assert (state, text.partition(":")[0]) == ("failure", f"#{failed}")
    look_at_all(world, one, two)
    assert world.statuses(sha)["janky"] == (state, text)
    world.github.close_pull(REPO, failed)
    world.settle()
    left = world.statuses(sha)["janky"]
    assert (left[0], left[1].startswith("Build #")) == ("success", True)


def test_a_conflict_of_one_does_not_flap_with_the_other(arrange):
    world = arrange(conflicts={"context": "mergeable"})
    world.github.push(REPO, "release", {"src/widget.py": "other\n"})
    one = world.open_pull()
    world.settle()
    two = twin(world)
    sha = world.head(one)
    look_at_all(world, one, two)
    said = world.history(sha, "mergeable")
    assert (said[-1], len(said)) == ("failure", 2)
    assert world.statuses(sha)["mergeable"][1] == f"#{two}: Merge conflict with release"
    world.github.close_pull(REPO, two)
    world.settle()
    assert world.statuses(sha)["mergeable"] == ("success", "No conflict with main")


def test_a_required_check_of_one_stands_beside_the_other(arrange):
    signs = {"signoff": {"mode": "required"}}
    world = arrange(patchparser=signs)
    release(world)
    one = world.open_pull()
    world.settle()
    sha = world.head(one)
    context = "patchparser/signoff"
    assert world.statuses(sha)[context][0] == "failure"
    two = copy_by_stranger(world, sha)
    look_at_all(world, two, one, times=2)
    assert world.statuses(sha)[context][0] == "failure"
    assert len(world.history(sha, context)) <= 3


def test_what_one_was_told_builds_nothing_for_the_other(arrange):
    world = arrange(builds=[{**JOB, "custom": True, "drafts": False}])
    release(world)
    world.github.push(REPO, "rounder", {"src/widget.py": "round = True\n"})
    one = world.github.open_pull(REPO, "rounder")
    two = twin(world)
    world.github.comment(REPO, one, "mary", "/test janky")
    world.settle()
    look_at_all(world, two, one)
    assert len(world.jenkins.calls.matching("POST", "/buildWithParameters")) == 1


# Closing, moving on, merging, retargeting


@pytest.mark.parametrize("how", ["closed", "moved on"])
def test_a_subject_that_goes_leaves_what_the_other_has_to_say(arrange, how):
    world = arrange()
    release(world)
    one = world.open_pull()
    world.settle()
    world.build_next("SUCCESS")
    sha = world.head(one)
    world.github.push(REPO, "other", commit=sha)
    two = world.github.open_pull(REPO, "other", "release")
    world.settle()
    assert janky(world, sha) == ("pending", "Queued in Jenkins")
    if how == "closed":
        world.github.close_pull(REPO, two)
    else:
        world.github.push(REPO, "other", {"src/other.py": "1\n"})
    world.settle()
    assert world.statuses(sha)["janky"][1].startswith("Build #1 succeeded")


def test_the_last_that_closes_gives_what_was_held_an_end(arrange):
    world = arrange(builds=[{**JOB, "drafts": False}])
    release(world)
    world.github.push(REPO, "rounder", {"src/widget.py": "round = True\n"})
    one = world.github.open_pull(REPO, "rounder", draft=True)
    two = twin(world, draft=True)
    sha = world.head(one)
    world.github.close_pull(REPO, one)
    world.rest()
    assert janky(world, sha)[0] == "pending"
    world.github.close_pull(REPO, two)
    world.rest()
    assert world.statuses(sha)["janky"] == ("error", "Closed")


def test_merged_while_it_runs_its_end_is_told(world):
    number = world.open_pull()
    world.settle()
    sha = world.head(number)
    build = world.jenkins.start_next()
    world.settle()
    world.github.merge_pull(REPO, number)
    world.settle()
    assert world.statuses(sha)["janky"] == ("pending", "Build #1 is running")
    world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
    world.settle()
    assert world.statuses(sha)["janky"][0] == "success"


def test_merged_before_it_was_built_says_so(world):
    number = world.open_pull()
    world.settle()
    world.github.merge_pull(REPO, number)
    world.settle()
    assert world.statuses(world.head(number))["janky"] == ("error", "Merged before it was built")


@pytest.mark.parametrize("state", ["waits", "runs", "green"])
def test_a_retarget_asks_anew(arrange, state):
    world = arrange()
    release(world)
    number = world.open_pull()
    world.settle()
    if state == "runs":
        world.jenkins.start_next()
        world.settle()
    elif state == "green":
        world.build_next()
    world.github.edit_pull(REPO, number, base="release")
    world.settle()
    sha = world.head(number)
    assert janky(world, sha) == ("pending", "Queued in Jenkins")
    assert world.build_next() == (1 if state == "waits" else 2)
    assert janky(world, sha)[0] == "success"


@pytest.mark.parametrize(
    ("builds", "said"),
    [
        ([{**JOB, "drafts": False}], "Not built: a draft. To build it anyway, comment /test janky"),
        ([JOB], "Not built: [skip ci]. To build it anyway, comment /test janky"),
    ],
    ids=["draft", "skip ci"],
)
def test_what_is_held_does_not_take_its_green_to_another_base(arrange, builds, said):
    world = arrange(builds=builds)
    release(world)
    number = world.open_pull()
    world.settle()
    world.build_next()
    world.github.hold_deliveries()
    if "draft" in said:
        world.github.draft(REPO, number)
    else:
        world.github.edit_pull(REPO, number, title="Rounder [skip ci]")
    world.github.edit_pull(REPO, number, base="release")
    world.github.release()
    # Two changes within one of GitHub's seconds: it is looked at again later, to be sure.
    world.rest()
    assert janky(world, world.head(number)) == ("pending", said)


def test_a_failure_does_not_stay_on_a_base_that_is_not_built(arrange):
    world = arrange(builds=ONLY_MAIN)
    release(world)
    number = world.open_pull()
    world.settle()
    world.build_next("FAILURE")
    world.github.edit_pull(REPO, number, base="release")
    world.settle()
    assert janky(world, world.head(number)) == ("success", "Skipped: not built for release")


# Merge groups


def make_group(world, pull, sha=None):
    """GitHub's merge queue makes a branch for what it would merge; its name and its commit."""
    base_sha = world.github.repository(REPO).branches["main"]
    branch = f"gh-readonly-queue/main/pr-{pull}-{base_sha}"
    if sha is None:
        world.github.push(REPO, branch, {"src/widget.py": "round = True\n"})
        sha = world.github.repository(REPO).branches[branch]
    else:
        world.github.push(REPO, branch, commit=sha)
    world.settle()
    return branch, sha


def test_a_stranger_who_proposes_a_groups_commit_changes_nothing_there(arrange):
    world = arrange(patchparser={"signoff": {"mode": "required"}})
    one = world.open_pull()
    world.settle()
    world.build_next()
    _, sha = make_group(world, one)
    world.build_next()
    stood = {context: state for context, (state, _) in world.statuses(sha).items()}
    assert stood == {"janky": "success", "patchparser/signoff": "success"}
    two = copy_by_stranger(world, sha)
    look_at_all(world, two)
    assert {c: state for c, (state, _) in world.statuses(sha).items()} == stood


@pytest.mark.parametrize("by", ["mary", "stranger"])
def test_a_branch_named_like_a_group_excuses_no_pull_requests_head(arrange, by):
    world = arrange(
        patchparser={"signoff": {"mode": "required"}},
        builds=[{**JOB, "optional": True}],
    )
    one = of_stranger(world) if by == "stranger" else world.open_pull()
    world.settle()
    sha = world.head(one)
    before = {context: state for context, (state, _) in world.statuses(sha).items()}
    assert before == {"janky": "pending", "patchparser/signoff": "failure"}
    make_group(world, one, sha)
    look_at_all(world, one)
    assert {c: state for c, (state, _) in world.statuses(sha).items()} == before


def test_who_is_trusted_is_found_out_when_somebody_shares_the_commit(arrange):
    """Nothing is built, so nobody had asked GitHub what the author may do."""
    world = arrange(conflicts={"context": "mergeable"}, builds=[{**JOB, "custom": True}])
    fork = world.github.fork(REPO, "mary")
    world.github.push(REPO, "release", {"src/widget.py": "other\n"})
    world.github.push(fork, "rounder", {"src/widget.py": "round = True\n"}, by="mary")
    one = world.github.open_pull(REPO, "mary:rounder", author="mary")
    world.settle()
    sha = world.head(one)
    assert not world.github.calls.matching("GET", "/permission")
    two = copy_by_stranger(world, sha, "release")
    assert world.statuses(sha)["mergeable"][0] == "success"
    look_at_all(world, two, one)
    assert world.statuses(sha)["mergeable"][0] == "success"


def test_what_github_refused_is_written_once_a_sweep_has_compared(world):
    world.github.faults.add(
        "POST", "/statuses/", status=422, times=1, body='{"message": "Validation Failed"}',
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    number = world.open_pull()
    world.settle()
    sha = world.head(number)
    assert world.statuses(sha) == {}
    store = world.services.store
    assert store.written_statuses(REPO, [sha]) == {}
    assert store.doubt(REPO, {sha: {}}) == {f"{REPO}#{number}"}
    world.look_again(number)
    world.settle()
    assert world.statuses(sha)["janky"] == ("pending", "Queued in Jenkins")
    assert store.doubt(REPO, {sha: store_shows(world, sha)}) == frozenset()


def store_shows(world, sha):
    """What GitHub shows of a commit, as the client reads it."""
    shown = world.services.github.statuses(REPO, sha)
    return {status.context.lower(): status for status in shown}
