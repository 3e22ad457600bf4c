"""Pull requests that cannot be merged: said, not built, and taken back once they can be."""

import pytest

from leeroy.hints import DeliveryHint, MergeableHint
from tests.stories.world import REPO

CONTEXT = "leeroy/mergeable"
MINE, THEIRS = {"src/widget.py": "round = True\n"}, {"src/widget.py": "round = 'maybe'\n"}
BEFORE = {"src/widget.py": "round = False\n"}
CONFLICT = ("failure", "Merge conflict with main")
NO_CONFLICT = ("success", "No conflict with main")
HELD = ("pending", "Waiting: merge conflict with main")


@pytest.fixture
def world(arrange):
    """Conflicts are looked for, and GitHub knows at once."""
    world = arrange(conflicts={"comment": True})
    world.github.reads_before_mergeable = 0
    return world


def open_pull(world):
    number = world.open_pull(files=MINE)
    world.settle()
    return number


def push_to_main(world, files):
    world.github.push(REPO, "main", files)
    world.github.wait_delivered()
    world.pass_seconds(2)
    world.settle()


def open_conflicting(world):
    """Opened on a main that moved on since its branch was made."""
    world.github.push(REPO, "rounder", MINE)
    world.github.push(REPO, "main", THEIRS)
    number = world.github.open_pull(REPO, "rounder")
    world.settle()
    return number


def comments(world, number):
    return [comment.body for comment in world.github.comments(REPO, number)]


def triggers(world):
    return world.jenkins.calls.matching("POST", "/build")


def test_a_conflict_is_a_failing_status_with_a_comment_and_no_build(world):
    number = open_conflicting(world)
    assert world.statuses(world.head(number)) == {CONTEXT: CONFLICT, "janky": HELD}
    assert triggers(world) == []
    (body,) = comments(world, number)
    assert "git rebase FETCH_HEAD" in body


def test_a_push_that_settles_it_is_built_and_the_comment_turns_good(world):
    number = open_conflicting(world)
    main = world.github.repository(REPO).branches["main"]
    world.github.push(REPO, "rounder", MINE, parents=[main], force=True)
    world.settle()
    assert world.statuses(world.head(number)) == {
        CONTEXT: NO_CONFLICT,
        "janky": ("pending", "Queued in Jenkins"),
    }
    (body,) = comments(world, number)
    assert "no longer conflicts" in body


def test_a_base_that_moves_back_clears_it_though_nobody_touched_the_pull_request(world):
    number = open_conflicting(world)
    push_to_main(world, BEFORE)
    statuses = world.statuses(world.head(number))
    assert statuses == {CONTEXT: NO_CONFLICT, "janky": ("pending", "Queued in Jenkins")}
    assert len(triggers(world)) == 1


def test_a_base_that_moves_on_brings_a_conflict_and_what_was_built_stands(world):
    number = open_pull(world)
    world.build_next()
    push_to_main(world, THEIRS)
    statuses = world.statuses(world.head(number))
    assert statuses[CONTEXT] == CONFLICT
    assert statuses["janky"][0] == "success"
    assert len(triggers(world)) == 1


def test_a_build_that_runs_when_the_conflict_comes_runs_on_and_is_reported(world):
    number = open_pull(world)
    build = world.jenkins.start_next()
    push_to_main(world, THEIRS)
    world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
    world.settle()
    assert world.statuses(world.head(number))["janky"][0] == "success"
    assert world.jenkins.calls.matching("POST", "/stop") == []


def test_a_second_look_writes_nothing(world):
    number = open_conflicting(world)
    world.github.calls.clear()
    world.github.edit_pull(REPO, number, body="More words.")
    world.settle()
    assert world.github.calls.writes() == []


def test_several_pushes_to_the_base_are_one_look_at_each_pull_request_into_it(world, monkeypatch):
    monkeypatch.setattr("leeroy.worker.intake.BASE_MOVED_DELAY", 60.0)
    open_pull(world)
    world.github.calls.clear()
    for number in range(3):
        world.github.push(REPO, "main", {f"docs/{number}.md": "x\n"})
    world.github.push(REPO, "elsewhere", {"docs/x.md": "x\n"})
    world.github.wait_delivered()
    world.pass_seconds(61)
    world.settle()
    assert [c.path for c in world.github.calls] == [f"/repos/{REPO}/pulls/1"]


def waiting(world, number):
    """When GitHub is to be asked again."""
    hints = world.services.queue.hints_of_subject(f"{REPO}#{number}")
    return [
        str(kept.hint)
        for kept in hints
        if isinstance(kept.hint, MergeableHint) and not kept.handled
    ]


def has_looked(world, number):
    """Every delivery was looked at."""
    hints = world.services.queue.hints_of_subject(f"{REPO}#{number}")
    return all(kept.handled for kept in hints if isinstance(kept.hint, DeliveryHint))


class TestNotKnownYet:
    @pytest.fixture
    def slow(self, arrange):
        """GitHub begins to find out when it is first asked."""
        return arrange(conflicts=True)

    def test_nothing_is_held_up_and_it_is_asked_again_in_two_seconds(self, slow):
        slow.github.push(REPO, "rounder", MINE)
        slow.github.push(REPO, "main", THEIRS)
        number = slow.github.open_pull(REPO, "rounder")
        sha = slow.head(number)
        slow.until(lambda: "janky" in slow.statuses(sha))
        assert slow.statuses(sha) == {"janky": ("pending", "Queued in Jenkins")}
        slow.pass_seconds(2)
        slow.settle()
        assert slow.statuses(sha)[CONTEXT] == CONFLICT

    def test_it_is_asked_less_and_less_often_and_not_for_ever(self, slow):
        slow.github.reads_before_mergeable = 1000
        number = slow.open_pull(files=MINE)
        for tries, seconds in enumerate((2, 5, 15, 60, 300), start=1):
            slow.until(lambda n=tries: waiting(slow, number) == [f"try {n}"])
            asked = len(slow.github.calls.matching("GET", "/pulls/1$"))
            assert asked == tries
            slow.pass_seconds(seconds)
        slow.settle()
        assert len(slow.github.calls.matching("GET", "/pulls/1$")) == 6

    def test_many_deliveries_do_not_ask_many_times(self, slow):
        slow.github.reads_before_mergeable = 1000
        number = slow.open_pull(files=MINE)
        for label in ("a", "b", "c", "d"):
            slow.github.label(REPO, number, label)
            slow.github.wait_delivered()
            slow.until(lambda: has_looked(slow, number))
        assert waiting(slow, number) == ["try 1"]

    def test_a_conflict_told_of_holds_while_github_finds_out_again(self, slow):
        slow.github.reads_before_mergeable = 0
        number = open_conflicting(slow)
        slow.github.reads_before_mergeable = 1
        push_to_main(slow, {"docs/more.md": "x\n"})
        slow.settle()
        assert slow.statuses(slow.head(number)) == {CONTEXT: CONFLICT, "janky": HELD}
        assert triggers(slow) == []


class TestOff:
    def test_it_costs_nothing(self, arrange):
        world = arrange()
        open_pull(world)
        assert [c.method for c in world.github.calls] == ["GET", "POST"]
        world.github.calls.clear()
        push_to_main(world, {"docs/more.md": "x\n"})
        assert list(world.github.calls) == []
        assert world.services.queue.hints_of_subject(REPO) == ()

    def test_a_conflict_is_built_all_the_same(self, arrange):
        world = arrange()
        world.github.reads_before_mergeable = 0
        number = open_conflicting(world)
        assert world.statuses(world.head(number)) == {"janky": ("pending", "Queued in Jenkins")}
