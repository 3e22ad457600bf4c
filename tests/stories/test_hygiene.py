"""What a pull request is missing is said once, kept true, and taken back when it is mended.

Of the rule check_hygiene.
"""

import pytest

from leeroy.model import PullRef
from tests.stories.world import REPO

POLICY = {
    "signoff": {"mode": "required", "label": "dco/no"},
    "tests": {"mode": "advisory", "min_lines": 1},
    "docs": {"mode": "advisory", "when": ["src/**"], "expect": ["docs/**"]},
    "labels": {"area/docs": [{"changed-files": [{"any-glob-to-any-file": "docs/**"}]}]},
    "size": True,
}
CODE = {"src/widget.py": "def widget():\n    return 'round'\n"}
GOOD = {**CODE, "tests/test_widget.py": "def test_it(): pass\n", "docs/widget.md": "Round.\n"}
SIGNED = "Make widgets rounder\n\nSigned-off-by: Ann Dev <ann@example.org>\n"
ANN = ("Ann Dev", "ann@example.org")


def only_checks(policy):
    """Settings of a repository that is checked, and built nowhere."""
    return {"repositories": {REPO: {"patchparser": policy}}, "builds": []}


@pytest.fixture
def hygienic(arrange):
    return arrange(**only_checks(POLICY))


def open_pull(world, files, message, branch="rounder", **settings):
    world.github.push(REPO, branch, files, message=message, author=ANN, committer=ANN)
    number = world.github.open_pull(REPO, branch, **settings)
    world.settle()
    return number


def amend(world, files, message, branch="rounder"):
    """Push one commit in the place of all that the branch had."""
    main = world.github.repository(REPO).branches["main"]
    world.github.push(
        REPO, branch, files, message=message, author=ANN, committer=ANN, parents=[main], force=True
    )
    world.settle()


def comments(world, number):
    return [comment.body for comment in world.github.comments(REPO, number)]


def test_what_is_missing_is_one_comment_with_labels_and_a_failing_status(hygienic):
    number = open_pull(hygienic, CODE, "Make widgets rounder")
    (body,) = comments(hygienic, number)
    assert body.startswith("<!-- leeroy: hygiene -->")
    assert "git rebase HEAD~1 --signoff" in body or "git commit --amend" in body
    assert set(hygienic.github.labels(REPO, number)) == {"dco/no", "size/XS"}
    state, description = hygienic.statuses(hygienic.head(number))["patchparser/signoff"]
    assert (state, len(description) <= 140) == ("failure", True)


def test_a_push_that_mends_it_turns_the_comment_the_label_and_the_status_good(hygienic):
    number = open_pull(hygienic, CODE, "Make widgets rounder")
    amend(hygienic, GOOD, SIGNED)
    (body,) = comments(hygienic, number)
    assert "git rebase" not in body
    assert "dco/no" not in hygienic.github.labels(REPO, number)
    assert hygienic.statuses(hygienic.head(number))["patchparser/signoff"][0] == "success"


def test_with_nothing_to_say_nothing_is_said_in_at_most_seven_calls(arrange):
    checks = {name: POLICY[name] for name in ("signoff", "tests", "docs")}
    second = {"github_repo": REPO, "jenkins_job_name": "ci/arm", "context": "arm"}
    first = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
    world = arrange(patchparser=checks, builds=[first, second])
    number = open_pull(world, GOOD, SIGNED)
    assert comments(world, number) == []
    calls = [f"{c.method} {c.path}" for c in world.github.calls]
    assert len(calls) <= 7, calls


def test_a_second_look_writes_nothing(hygienic):
    number = open_pull(hygienic, CODE, "Make widgets rounder")
    hygienic.github.calls.clear()
    hygienic.github.edit_pull(REPO, number, body="More words.")
    hygienic.settle()
    assert hygienic.github.calls.writes() == []


def test_fixing_may_delete_the_comment_instead(arrange):
    world = arrange(**only_checks({**POLICY, "when_fixed": "delete"}))
    number = open_pull(world, CODE, "Make widgets rounder")
    amend(world, GOOD, SIGNED)
    assert comments(world, number) == []


def test_a_comment_that_somebody_deleted_is_posted_again_only_with_news(hygienic):
    number = open_pull(hygienic, CODE, "Make widgets rounder")
    (comment,) = hygienic.github.comments(REPO, number)
    hygienic.github.delete_comment(REPO, comment.id)
    hygienic.github.label(REPO, number, "x")
    hygienic.settle()
    assert comments(hygienic, number) == []
    amend(hygienic, {**CODE, "src/b.py": "x = 1\ny = 2\n"}, "Two\n\nstill unsigned")
    assert len(comments(hygienic, number)) == 1


def test_a_lost_answer_to_the_comment_does_not_post_it_twice(hygienic):
    hygienic.github.faults.add("POST", "/issues/\\d+/comments", drop="after", times=1)
    number = open_pull(hygienic, CODE, "Make widgets rounder")
    assert len(comments(hygienic, number)) == 1


def test_a_forgotten_comment_is_found_by_its_marker_and_our_name(hygienic):
    number = open_pull(hygienic, CODE, "Make widgets rounder")
    hygienic.services.store.forget_comment(PullRef(REPO, number), "hygiene")
    hygienic.github.comment(REPO, number, "stranger", "<!-- leeroy: hygiene -->\nmine")
    hygienic.settle()
    ours = [c for c in hygienic.github.comments(REPO, number) if c.login == "leeroy-bot"]
    assert len(ours) == 1


def test_a_label_that_lets_people_out_counts_when_it_is_put_on(arrange):
    tests = {"mode": "required", "min_lines": 1, "skip_labels": ["no-tests-needed"]}
    world = arrange(**only_checks({"tests": tests}))
    number = open_pull(world, CODE, SIGNED)
    sha = world.head(number)
    assert world.statuses(sha)["patchparser/tests"][0] == "failure"
    world.github.label(REPO, number, "no-tests-needed")
    world.settle()
    assert world.statuses(sha)["patchparser/tests"][0] == "success"
    world.github.unlabel(REPO, number, "no-tests-needed")
    world.settle()
    assert world.statuses(sha)["patchparser/tests"][0] == "failure"


def test_labels_put_on_by_people_are_left_alone(arrange):
    rules = {"area/docs": [{"changed-files": [{"any-glob-to-any-file": "docs/**"}]}]}
    world = arrange(**only_checks({"labels": rules, "sync": True}))
    number = open_pull(world, CODE, SIGNED)
    world.github.label(REPO, number, "area/docs")
    world.settle()
    assert world.github.labels(REPO, number) == ["area/docs"]


def test_docker_s_preset_has_its_contexts_and_labels(arrange):
    world = arrange(**only_checks({"preset": "docker"}))
    number = open_pull(world, CODE, "Unsigned")
    assert world.statuses(world.head(number))["docker/dco-signed"][0] == "failure"
    assert {"dco/no", "status/0-triage"} <= set(world.github.labels(REPO, number))


def test_notifications_do_not_read_the_patch_again(arrange):
    world = arrange(patchparser=POLICY)
    open_pull(world, GOOD, SIGNED)
    world.github.calls.clear()
    world.build_next()
    assert world.github.calls.matching("GET", "/files") == []


def test_two_hundred_and_fifty_commits_are_said_to_be_all_it_could_see(arrange):
    from leeroy_sandbox.github import Work

    world = arrange(**only_checks(POLICY))
    work = [
        Work(message=f"{n}\n\n{SIGNED}", changes={"n.txt": str(n)}, author=ANN, committer=ANN)
        for n in range(251)
    ]
    world.github.push_many(REPO, "rounder", work)
    number = world.github.open_pull(REPO, "rounder")
    world.settle()
    state, description = world.statuses(world.head(number))["patchparser/signoff"]
    assert state == "failure"
    assert "250" in description
