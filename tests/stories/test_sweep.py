"""What webhooks and notifications missed is found by the sweep; nothing sets off a storm."""

import socket

import pytest
from sqlalchemy import delete

from leeroy.database import write
from leeroy.model import SWEEP, BuildState
from leeroy.queue.tables import hints
from leeroy.store import tables
from leeroy.worker.sweep.findings import Outcome
from leeroy_sandbox.jenkins import String
from tests.making import a_row
from tests.stories.world import REPO

JANKY = {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"}
DOCS = {"github_repo": REPO, "jenkins_job_name": "ci/docs", "context": "docs"}
QUEUED = ("pending", "Queued in Jenkins")


@pytest.fixture
def swept(arrange):
    """A world whose sweeps have seen it, and which no webhook reaches from now on."""

    def make(**settings):
        world = arrange(**{"sweep_minutes": 10, "begins": True, **settings})
        sweep(world)
        lose_webhooks(world)
        return world

    return make


def lose_webhooks(world):
    for hook in world.github.repository(REPO).hooks:
        hook.active = False


def sweep(world, **how):
    """One sweep, and all that it leads to; what it found."""
    found = [each for one in world.services.sweep.run(**how) for each in one.found]
    world.settle()
    return found


def come_round(world):
    """Let time pass until the sweep comes up by itself."""
    world.pass_seconds(world.services.sweep.interval + 1)
    world.settle()


def janky(world, number):
    return world.statuses(world.head(number)).get("janky")


def triggers(world):
    return world.jenkins.calls.matching("POST", "/buildWithParameters")


def forget_everything(world):
    """The database is new, or from before all this."""
    world.settle()
    with write(world.services.engine) as connection:
        for name in (
            "builds", "statuses", "pulls", "heads", "branches", "obeyed",
            "swept_repos", "swept_pulls", "adopted",
        ):  # fmt: skip
            connection.execute(delete(getattr(tables, name)))
        connection.execute(delete(hints))


class TestAllWebhooksLost:
    def test_an_opened_pull_request_is_built_by_the_next_sweep(self, swept):
        world = swept()
        number = world.open_pull()
        come_round(world)
        assert janky(world, number) == QUEUED
        assert len(world.jenkins.queue()) == 1

    def test_a_push_cancels_the_old_heads_build_and_builds_the_new_head(self, swept):
        world = swept()
        number = world.open_pull()
        sweep(world)
        old = world.head(number)
        world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
        come_round(world)
        assert janky(world, number) == QUEUED
        assert world.statuses(old)["janky"][0] == "error"
        assert len(world.jenkins.queue()) == 1

    def test_a_closed_pull_requests_build_is_cancelled(self, swept):
        world = swept()
        number = world.open_pull()
        sweep(world)
        world.github.close_pull(REPO, number)
        come_round(world)
        assert janky(world, number) == ("error", "Closed")
        assert not world.jenkins.queue()

    def test_a_reopened_one_is_built_again(self, swept):
        world = swept()
        number = world.open_pull()
        sweep(world)
        world.github.close_pull(REPO, number)
        sweep(world)
        world.github.reopen_pull(REPO, number)
        come_round(world)
        assert janky(world, number) == QUEUED

    def test_a_new_base_is_built_for(self, swept):
        world = swept()
        number = world.open_pull()
        sweep(world)
        world.github.push(REPO, "release", {"VERSION": "1\n"}, parents=None)
        world.github.edit_pull(REPO, number, base="release")
        come_round(world)
        assert len(triggers(world)) == 2

    def test_a_draft_made_ready_is_built(self, swept):
        world = swept(drafts=False)
        number = world.open_pull(draft=True)
        sweep(world)
        assert janky(world, number)[1].startswith("Not built: a draft")
        pull = world.github.pull(REPO, number)
        pull.draft = False
        pull.updated += 5
        come_round(world)
        assert janky(world, number) == QUEUED

    def test_the_service_finds_at_its_start_what_was_missed_while_it_was_down(self, swept):
        world = swept()
        number = world.open_pull()
        sweep(world)
        world.workers.stop()
        moved = world.open_pull("moved", files={"src/moved.py": "x\n"})
        world.github.close_pull(REPO, number)
        world.pass_seconds(120)  # what was swept less than a minute ago is not swept again
        workers = world.services.workers(2)
        workers.start()
        try:
            world.settle()
            assert janky(world, moved) == QUEUED
            assert janky(world, number) == ("error", "Closed")
        finally:
            workers.stop()

    def test_a_look_that_was_given_up_is_asked_for_again_after_an_hour(self, swept):
        world = swept()
        world.github.faults.add("GET", f"/repos/{REPO}/pulls/1$", status=422)
        number = world.open_pull()
        sweep(world)
        assert [hint.error for hint in world.services.queue.failed()] != []
        world.github.faults.clear()
        assert not sweep(world)
        world.pass_seconds(3700)
        sweep(world)
        assert janky(world, number) == QUEUED


class TestComments:
    @pytest.mark.parametrize("say", ["comment", "review", "review comment"])
    def test_a_command_nobody_told_us_of_is_obeyed_once(self, swept, say):
        world = swept()
        number = world.open_pull()
        sweep(world)
        world.build_next("FAILURE")
        match say:
            case "comment":
                world.github.comment(REPO, number, "mary", "/test janky")
            case "review":
                world.github.review(REPO, number, "mary", "commented", "/test janky")
            case _:
                world.github.review_comment(REPO, number, "mary", "/test janky")
        world.github.pull(REPO, number).updated += 2
        sweep(world)
        assert janky(world, number) == QUEUED
        world.build_next("FAILURE")
        sweep(world)
        assert janky(world, number)[0] == "failure"
        assert len(triggers(world)) == 2

    def test_what_was_said_before_the_first_sweep_is_not_obeyed(self, arrange):
        world = arrange(sweep_minutes=0)
        lose_webhooks(world)
        number = world.open_pull()
        world.github.comment(REPO, number, "mary", "/test janky")
        sweep(world)
        sweep(world)
        assert not triggers(world)


class TestBranches:
    BRANCHES = (
        {
            "github_repo": REPO,
            "branch": "main",
            "jenkins_job_name": "ci/main",
            "context": "main",
        },
    )

    def test_a_push_to_a_watched_branch_is_built(self, swept):
        world = swept(branches=list(self.BRANCHES))
        world.add_job("ci/main")
        sha = world.github.push(REPO, "main", {"a.py": "a\n"})
        come_round(world)
        assert world.statuses(sha)["main"] == QUEUED

    def test_where_a_branch_stands_at_first_is_only_noted(self, swept):
        world = swept(branches=list(self.BRANCHES))
        world.add_job("ci/main")
        sweep(world)
        assert not triggers(world)

    def test_a_branch_of_the_merge_queue_is_built_at_once(self, swept):
        world = swept()
        base = world.github.repository(REPO).branches["main"]
        name = f"gh-readonly-queue/main/pr-1-{base}"
        sha = world.github.push(REPO, name, {"a.py": "a\n"})
        sweep(world)
        assert world.statuses(sha)["janky"] == QUEUED

    def test_a_deleted_branch_is_forgotten(self, swept):
        world = swept(branches=[{**self.BRANCHES[0], "branch": "release/*"}])
        world.add_job("ci/main")
        sha = world.github.push(REPO, "release/1", {"a.py": "a\n"})
        sweep(world)
        assert world.statuses(sha)["main"] == QUEUED
        world.github.delete_branch(REPO, "release/1")
        sweep(world)
        assert world.statuses(sha)["main"][0] == "error"


class TestNoStorm:
    def test_an_empty_database_adopts_what_github_shows_and_builds_nothing(self, arrange):
        world = arrange(sweep_minutes=0)
        numbers = world.github.open_pulls_quickly(REPO, 30)
        for number in numbers[:20]:
            sha = world.head(number)
            world.github.post_status(REPO, sha, "success", "janky")
        found = sweep(world)
        reported = {each.subject for each in found if each.outcome is Outcome.REPORTED}
        assert reported == {f"{REPO}#{number}" for number in numbers[20:]}
        sweep(world)
        assert not triggers(world)
        assert not world.github.calls.writes()

    def test_what_was_adopted_is_not_built_by_the_next_webhook(self, arrange):
        world = arrange(sweep_minutes=0)
        (number,) = world.github.open_pulls_quickly(REPO, 1)
        sha = world.head(number)
        world.github.post_status(REPO, sha, "failure", "janky")
        sweep(world)
        world.github.label(REPO, number, "kind/bug")
        world.settle()
        assert not triggers(world)
        world.ask("/build/retry", {"repo": REPO, "number": number})
        world.settle()
        assert len(triggers(world)) == 1

    def test_builds_that_ran_while_the_database_was_lost_are_reported_and_not_built_again(
        self, arrange
    ):
        world = arrange()
        number = world.open_pull()
        world.settle()
        world.jenkins.start_next()
        world.settle()
        forget_everything(world)
        sweep(world)
        world.jenkins.finish("ci/widgets", 1, "SUCCESS")
        world.settle()
        assert janky(world, number)[0] == "success"
        assert len(triggers(world)) == 1

    def test_a_webhook_before_the_first_sweep_makes_the_others_no_news(self, arrange):
        world = arrange()
        numbers = world.github.open_pulls_quickly(REPO, 4)
        world.github.announce(REPO, numbers[0])
        world.settle()
        sweep(world)
        sweep(world)
        assert len(triggers(world)) == 1

    def test_a_sweep_by_hand_builds_what_is_missing_so_many_at_a_time(self, arrange):
        world = arrange(sweep_minutes=0, sweep_max_builds=4)
        numbers = world.github.open_pulls_quickly(REPO, 6)
        sweep(world)
        assert not triggers(world)
        found = sweep(world, is_by_hand=True)
        assert len(triggers(world)) == 4
        assert [each.outcome for each in found].count(Outcome.LATER) == 2
        sweep(world)
        assert len(triggers(world)) == 6
        assert {janky(world, number) for number in numbers} == {QUEUED}

    def test_a_restored_database_builds_only_what_nobody_finished(self, swept):
        world = swept()
        done = world.open_pull()
        sweep(world)
        world.build_next("SUCCESS")
        waits = world.open_pull("waits", files={"w.py": "w\n"})
        with write(world.services.engine) as connection:
            connection.execute(delete(tables.builds))
            connection.execute(delete(tables.statuses))
            connection.execute(delete(tables.pulls))
            connection.execute(delete(tables.swept_pulls))
        sweep(world)
        assert janky(world, done)[0] == "success"
        assert janky(world, waits) == QUEUED
        assert len(triggers(world)) == 2

    def test_a_new_context_is_only_reported_until_somebody_asks(self, arrange, tmp_path):
        world = arrange(sweep_minutes=0, builds=[JANKY, DOCS])
        numbers = [world.open_pull(f"b{n}", files={f"{n}.py": "x\n"}) for n in range(3)]
        world.settle()
        # As if "docs" had been added to the settings just now.
        with write(world.services.engine) as connection:
            for table in (tables.builds, tables.statuses):
                is_docs = (
                    table.c.context == "docs"
                    if table is tables.builds
                    else table.c.context_key == "docs"
                )
                connection.execute(delete(table).where(is_docs))
        for number in numbers:
            said = world.github.repository(REPO).statuses[world.head(number)]
            said[:] = [status for status in said if status.context != "docs"]
        before = len(triggers(world))
        found = sweep(world)
        sweep(world)
        assert [each.builds for each in found if each.outcome is Outcome.REPORTED] == [
            ("docs",)
        ] * 3
        assert len(triggers(world)) == before
        sweep(world, is_by_hand=True)
        assert len(triggers(world)) == before + 3

    def test_a_dry_run_changes_nothing(self, swept):
        world = swept()
        number = world.open_pull()
        found = sweep(world, is_by_hand=True, is_dry=True)
        assert [each.subject for each in found] == [f"{REPO}#{number}"]
        assert janky(world, number) is None
        assert world.services.store.looks_at(SWEEP) == ()

    def test_what_can_never_have_its_status_is_not_looked_at_in_every_sweep(self, swept):
        world = swept(builds=[{**JANKY, "if_job_missing": "skip"}])
        world.jenkins.remove_job("ci/widgets")
        world.open_pull()
        sweep(world)
        world.github.calls.clear()
        for _ in range(3):
            assert not sweep(world)
        assert not world.github.calls.matching("GET", "/pulls/1")


class TestSilentJenkins:
    @pytest.fixture
    def silent(self, arrange):
        """A Jenkins that cannot reach Leeroy."""
        world = arrange(begins=True)
        world.add_job("ci/widgets", endpoints=())
        return world

    def later(self, world):
        world.pass_seconds(16)
        world.settle()

    def test_a_build_is_followed_to_its_end_without_any_notification(self, silent):
        number = silent.open_pull()
        silent.settle()
        silent.jenkins.start_next()
        self.later(silent)
        assert janky(silent, number) == ("pending", "Build #1 is running")
        silent.jenkins.finish("ci/widgets", 1, "SUCCESS")
        self.later(silent)
        assert janky(silent, number)[0] == "success"

    def test_a_short_build_is_reported_five_seconds_after_its_trigger(self, silent):
        number = silent.open_pull()
        silent.settle()
        build = silent.jenkins.start_next()
        silent.jenkins.finish("ci/widgets", build.number, "SUCCESS")
        silent.pass_seconds(5)
        silent.settle()
        assert janky(silent, number)[0] == "success"

    def test_a_job_that_tells_of_its_builds_is_not_asked_before_15_seconds(self, arrange):
        world = arrange(begins=True)
        number = world.open_pull()
        world.settle()
        world.jenkins.start_next()
        world.settle()
        assert janky(world, number)[1].startswith("Build #1 is running")
        world.jenkins.calls.clear()
        world.pass_seconds(5)
        world.settle()
        assert len(world.jenkins.calls) == 0
        world.pass_seconds(12)
        world.settle()
        assert len(world.jenkins.calls) == 1

    def test_what_was_cancelled_in_jenkins_is_told_within_20_seconds(self, silent):
        number = silent.open_pull()
        silent.settle()
        silent.pass_seconds(5)
        silent.settle()
        (item,) = silent.jenkins.queue()
        silent.jenkins.cancel(item.id)
        silent.pass_seconds(15)
        silent.settle()
        assert janky(silent, number)[0] == "error"

    def test_one_build_that_cannot_be_read_holds_up_no_other_of_its_server(self, silent):
        numbers = [silent.open_pull(f"b{n}", files={f"{n}.py": "x\n"}) for n in range(6)]
        silent.settle()
        items = silent.jenkins.queue()
        silent.jenkins.faults.add("GET", f"/queue/item/{items[0].id}/", status=500)
        for _ in numbers:
            build = silent.jenkins.start_next()
            silent.jenkins.finish("ci/widgets", build.number, "SUCCESS")
        silent.pass_seconds(5)
        silent.settle()
        states = [janky(silent, number)[0] for number in numbers]
        assert sorted(states) == ["pending", *["success"] * 5]

    def test_a_jenkins_that_does_not_answer_holds_up_no_builds_of_another(self, arrange):
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen()
            url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
            server = {"base_url": url, "username": "leeroy", "token": "t", "timeout": 3}
            world = arrange(begins=True, jenkins_servers={"deaf": server})
            world.add_job("ci/widgets", endpoints=())
            number = world.open_pull()
            world.settle()
            row = {"server": "deaf", "repo": REPO, "state": BuildState.QUEUED, "queue_id": 1}
            world.services.store.save_builds(
                a_row(id=f"d{n}", pull=90 + n, **row) for n in range(9)
            )
            build = world.jenkins.start_next()
            world.jenkins.finish("ci/widgets", build.number, "SUCCESS")
            world.pass_seconds(5)
            world.until(lambda: janky(world, number)[0] == "success")
            assert any(not one.done() for one in world.services.follower.asking["deaf"])

    def test_a_build_without_news_costs_github_nothing(self, silent):
        silent.open_pull()
        silent.settle()
        silent.jenkins.start_next()
        self.later(silent)
        silent.github.calls.clear()
        silent.jenkins.calls.clear()
        for _ in range(3):
            self.later(silent)
        assert len(silent.github.calls) == 0
        assert 3 <= len(silent.jenkins.calls) <= 4

    def test_a_jenkins_that_is_down_is_asked_little(self, silent):
        for n in range(8):
            silent.open_pull(f"b{n}", files={f"{n}.py": "x\n"})
        silent.settle()
        silent.jenkins.calls.clear()
        silent.jenkins.down = True
        self.later(silent)
        assert 0 < len(silent.jenkins.calls) <= 8

    def test_what_a_clean_restart_ends_is_built_again(self, silent):
        number = silent.open_pull()
        silent.settle()
        silent.jenkins.start_next()
        self.later(silent)
        silent.jenkins.restart("clean")
        self.later(silent)
        assert janky(silent, number) == QUEUED
        assert len(triggers(silent)) == 2

    def test_a_build_of_three_seconds_is_reported_within_ten(self, silent):
        number = silent.open_pull()
        silent.settle()
        build = silent.jenkins.start_next()
        for second in range(10):
            if second == 3:
                silent.jenkins.finish("ci/widgets", build.number, "SUCCESS")
            silent.pass_seconds(1)
            silent.settle()
        assert janky(silent, number)[0] == "success"

    def test_a_deleted_job_is_told_within_20_seconds(self, silent):
        number = silent.open_pull()
        silent.settle()
        silent.jenkins.start_next()
        silent.pass_seconds(5)
        silent.settle()
        silent.jenkins.remove_job("ci/widgets")
        for _ in range(20):
            silent.pass_seconds(1)
            silent.settle()
        assert janky(silent, number) == (
            "error",
            "Job ci/widgets does not exist or is hidden from leeroy",
        )

    def test_a_queue_lost_in_a_crash_is_asked_for_again_once(self, silent):
        number = silent.open_pull()
        silent.settle()
        silent.jenkins.restart("crash")
        self.later(silent)
        assert janky(silent, number) == QUEUED
        assert len(triggers(silent)) == 2
        silent.jenkins.restart("crash")
        self.later(silent)
        self.later(silent)
        assert janky(silent, number) == ("error", "Jenkins no longer knows this build")
        assert len(triggers(silent)) == 2

    def test_a_running_build_lost_in_a_crash_is_asked_for_again_once(self, silent):
        number = silent.open_pull()
        silent.settle()
        silent.jenkins.start_next()
        self.later(silent)
        silent.jenkins.restart("crash")
        self.later(silent)
        assert janky(silent, number) == QUEUED
        assert len(triggers(silent)) == 2

    @pytest.mark.parametrize("takes_id", [True, False], ids=["our id", "only the sha"])
    def test_another_builds_result_is_never_reported_when_ids_begin_again(self, silent, takes_id):
        if not takes_id:
            silent.jenkins.add_job("ci/widgets", parameters=[String("GIT_SHA1")])
        number = silent.open_pull()
        silent.settle()
        (item,) = silent.jenkins.queue()
        silent.jenkins.restart("crash", reset_ids=True)
        other = silent.jenkins.start_by_hand("ci/widgets", {"GIT_SHA1": "e" * 40})
        assert other.id == item.id
        build = silent.jenkins.start_next()
        silent.jenkins.finish("ci/widgets", build.number, "SUCCESS")
        self.later(silent)
        assert janky(silent, number) == QUEUED
        assert len(triggers(silent)) == 2
        silent.jenkins.start_next()
        self.later(silent)
        silent.jenkins.finish("ci/widgets", 2, "FAILURE")
        self.later(silent)
        assert janky(silent, number)[0] == "failure"

    def test_a_job_made_anew_counts_from_one_and_its_build_is_not_taken_for_ours(self, silent):
        number = silent.open_pull()
        silent.settle()
        silent.jenkins.start_next()
        self.later(silent)
        silent.jenkins.remove_job("ci/widgets")
        silent.add_job("ci/widgets", endpoints=())
        silent.jenkins.start_by_hand("ci/widgets", {"GIT_SHA1": "e" * 40, "PR": "77"})
        build = silent.jenkins.start_next()
        assert build.number == 1
        silent.jenkins.finish("ci/widgets", 1, "SUCCESS")
        self.later(silent)
        assert janky(silent, number) == QUEUED

    def test_a_deleted_job_becomes_an_error_with_the_reason(self, silent):
        number = silent.open_pull()
        silent.settle()
        silent.jenkins.start_next()
        self.later(silent)
        silent.jenkins.remove_job("ci/widgets")
        self.later(silent)
        state, description = janky(silent, number)
        assert state == "error"
        assert description.startswith("Job ci/widgets does not exist")

    def test_a_deleted_build_is_built_again_once(self, silent):
        number = silent.open_pull()
        silent.settle()
        build = silent.jenkins.start_next()
        self.later(silent)
        del build.job.builds[build.number]
        self.later(silent)
        assert janky(silent, number) == QUEUED


class TestPolling:
    def test_a_leeroy_github_cannot_reach_asks_what_is_new(self, arrange):
        world = arrange(begins=True, github_events="poll", poll_seconds=5)
        lose_webhooks(world)
        come_round(world)
        number = world.open_pull()
        come_round(world)
        assert janky(world, number) == QUEUED
        world.github.push(REPO, "rounder", {"src/widget.py": "round = 3\n"})
        come_round(world)
        assert janky(world, number) == QUEUED
        world.build_next("FAILURE")
        world.github.comment(REPO, number, "mary", "/retest")
        come_round(world)
        assert janky(world, number) == QUEUED

    def test_news_are_not_held_back_by_the_sweeps_limit(self, arrange):
        world = arrange(begins=True, github_events="poll", poll_seconds=5, sweep_max_builds=2)
        lose_webhooks(world)
        come_round(world)
        world.github.open_pulls_quickly(REPO, 5)
        come_round(world)
        assert len(triggers(world)) == 5


class TestGlobs:
    def test_a_globs_repositories_are_asked_of_github(self, arrange):
        world = arrange(
            sweep_minutes=0,
            builds=[
                {"github_repo": "acme/*", "jenkins_job_name": "ci/widgets", "context": "janky"}
            ],
        )
        lose_webhooks(world)
        sweep(world)
        number = world.open_pull()
        sweep(world)
        assert janky(world, number) == QUEUED

    def test_where_the_token_may_not_ask_what_was_seen_is_swept(self, arrange):
        world = arrange(
            sweep_minutes=0,
            builds=[
                {"github_repo": "acme/*", "jenkins_job_name": "ci/widgets", "context": "janky"}
            ],
        )
        world.github.faults.add("GET", "/user/repos", status=403)
        number = world.open_pull()
        world.settle()
        lose_webhooks(world)
        old = world.head(number)
        sweep(world)
        world.github.push(REPO, "rounder", {"src/widget.py": "round = 2\n"})
        sweep(world)
        assert world.head(number) != old
        assert janky(world, number) == QUEUED


class TestFailures:
    def test_a_sweep_that_fails_comes_up_again_and_finds_the_same(self, swept):
        world = swept()
        number = world.open_pull()
        world.github.faults.add("GET", f"/repos/{REPO}/pulls", status=502, times=1)
        come_round(world)
        (look,) = world.services.store.looks_at(SWEEP)
        assert REPO in look.error
        assert janky(world, number) is None
        come_round(world)
        assert janky(world, number) == QUEUED

    def test_one_repository_that_fails_does_not_stop_the_others(self, arrange):
        world = arrange(sweep_minutes=0, builds=[{**JANKY, "github_repo": "acme/gone"}, JANKY])
        swept = {one.name: one.error for one in world.services.sweep.run()}
        assert "Not Found" in swept["acme/gone"]
        assert swept[REPO] == ""
        assert swept["unfinished builds"] == ""
