"""Which builds are started and which are stopped, and what is said of them.

Of the rules follow_builds, select_builds, stop_builds, trigger_builds and report_builds.
"""

from dataclasses import replace

import pytest

from leeroy.deciding import messages
from leeroy.deciding.effects import (
    AbortBuild,
    CancelQueueItem,
    RecordBuild,
    SetStatus,
    TriggerBuild,
)
from leeroy.deciding.facts import Request
from leeroy.deciding.plan import decide, foresee
from leeroy.deciding.rules.report import status_of
from leeroy.model import (
    BuildState,
    Cause,
    CauseKind,
    Reason,
    ReasonKind,
    Result,
    Sighting,
    Status,
    StatusState,
)
from patchparser.pull import Commit, Identity
from tests.making import (
    HEAD,
    OLD_HEAD,
    REPO,
    a_build_setting,
    a_done_row,
    a_jenkins_build,
    a_patch,
    a_pull,
    a_queued_row,
    a_row,
    a_running_row,
    config,
    pull_facts,
)

ANN = Identity(name="Ann", email="ann@example.org")


def names(facts):
    return [type(effect).__name__ for effect in decide(facts).effects]


def statuses(facts):
    return {
        (e.sha, e.status.context): (e.status.state.value, e.status.description)
        for e in decide(facts).effects
        if isinstance(e, SetStatus)
    }


def written(*rows):
    return {(row.sha, row.context.lower()): status_of(row) for row in rows}


def test_a_head_without_a_build_is_built_once_for_each_context():
    settings = config(builds=[a_build_setting(), a_build_setting(context="two")])
    builds = [e.build for e in decide(pull_facts(settings)).effects]
    assert [(b.context, b.sha, b.attempt, str(b.cause)) for b in builds] == [
        ("janky", HEAD, 1, "head"),
        ("two", HEAD, 1, "head"),
    ]


def test_the_job_gets_docker_leeroys_parameters_and_what_they_lacked():
    (effect,) = decide(pull_facts()).effects
    assert effect.build.parameters == {
        "GIT_BASE_REPO": REPO,
        "GIT_HEAD_REPO": REPO,
        "GIT_SHA1": HEAD,
        "GITHUB_URL": "https://github.com/acme/widgets/pull/7",
        "PR": "7",
        "BASE_BRANCH": "main",
        "BASE_SHA": "b" * 40,
        "HEAD_BRANCH": "rounder",
        "LEEROY_BUILD_ID": effect.build.id,
    }


def test_a_deleted_fork_is_named_as_the_base_repository():
    (effect,) = decide(pull_facts(pull=a_pull(head_repo=None))).effects
    assert effect.build.parameters["GIT_HEAD_REPO"] == REPO


def test_parameters_of_ones_own_are_sent_beside_leeroys():
    settings = config(builds=[a_build_setting(parameters={"REVISION": "pull/{PR}/{GIT_SHA1}"})])
    (effect,) = decide(pull_facts(settings)).effects
    assert effect.build.parameters["REVISION"] == f"pull/7/{HEAD}"
    assert effect.build.parameters["PR"] == "7"


@pytest.mark.parametrize(
    "row",
    [a_queued_row(), a_running_row(), a_done_row(), a_done_row(result=Result.FAILURE)],
    ids=["queued", "running", "succeeded", "failed"],
)
def test_a_second_look_at_an_unchanged_pull_request_does_nothing(row):
    assert decide(pull_facts(builds=(row,), written=written(row))).effects == ()


def test_a_row_that_jenkins_never_heard_of_is_triggered_under_the_same_id():
    row = a_row()
    (effect,) = decide(pull_facts(builds=(row,), sightings={row.id: Sighting()})).effects
    assert effect == TriggerBuild(build=row)


def test_a_row_that_jenkins_has_after_all_is_not_triggered_again():
    row = a_row()
    facts = pull_facts(builds=(row,), sightings={row.id: Sighting(build=a_jenkins_build())})
    assert names(facts) == ["RecordBuild", "SetStatus"]


def test_a_push_cancels_what_waits_and_aborts_what_runs_for_the_old_head():
    waits = a_queued_row(sha=OLD_HEAD)
    runs = a_running_row(sha=OLD_HEAD, context="two", queue_id=99)
    settings = config(builds=[a_build_setting(), a_build_setting(context="two")])
    decision = decide(pull_facts(settings, builds=(waits, runs)))
    stops = [e for e in decision.effects if isinstance(e, CancelQueueItem | AbortBuild)]
    assert [(type(e), e.build) for e in stops] == [(CancelQueueItem, waits), (AbortBuild, runs)]
    told = pull_facts(settings, builds=(waits, runs), written=written(waits, runs))
    assert statuses(told)[OLD_HEAD, "two"] == (
        "error",
        f"Superseded by {HEAD[:7]}",
    )


def test_an_attempt_that_started_while_a_newer_one_took_its_place_is_aborted():
    older, newer = a_running_row(), a_queued_row(attempt=2, queue_id=99)
    effects = decide(pull_facts(builds=(older, newer))).effects
    assert [e.build for e in effects if isinstance(e, AbortBuild)] == [older]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param({"builds": (a_queued_row(), a_queued_row(attempt=2))}, id="a newer attempt"),
        pytest.param(
            {
                "builds": (a_queued_row(sha=OLD_HEAD),),
                "rivals": (a_queued_row(pull=8, sha=OLD_HEAD),),
            },
            id="another pull request",
        ),
    ],
)
def test_what_jenkins_took_for_one_with_another_build_is_not_cancelled_for_it(rows):
    effects = decide(pull_facts(**rows)).effects
    stopped = [e.build for e in effects if isinstance(e, RecordBuild)]
    assert [row.id for row in stopped] == [rows["builds"][0].id]
    assert not [e for e in effects if isinstance(e, CancelQueueItem | AbortBuild)]


def test_closing_cancels_and_aborts_and_starts_nothing():
    row = a_running_row()
    facts = pull_facts(pull=a_pull(is_open=False), builds=(row,), written=written(row))
    assert names(facts) == ["AbortBuild", "SetStatus"]
    assert statuses(facts)[HEAD, "janky"] == ("error", "Closed")


@pytest.mark.parametrize(
    ("row", "stopped", "said"),
    [
        pytest.param(a_running_row(), [], {}, id="what runs goes on"),
        pytest.param(
            a_queued_row(),
            ["CancelQueueItem", "SetStatus"],
            {(HEAD, "janky"): ("error", "Merged before it was built")},
            id="what waits is cancelled",
        ),
    ],
)
def test_merging_lets_run_what_runs(row, stopped, said):
    merged = a_pull(is_open=False, is_merged=True)
    facts = pull_facts(pull=merged, builds=(row,), written=written(row))
    assert (names(facts), statuses(facts)) == (stopped, said)


def test_a_retarget_stops_what_was_built_onto_the_old_base():
    row = a_running_row()
    facts = pull_facts(pull=a_pull(base_ref="release"), builds=(row,), written=written(row))
    stops, starts = (
        [e for e in decide(facts).effects if isinstance(e, kind)]
        for kind in (AbortBuild, TriggerBuild)
    )
    assert [messages.reason(e.reason) for e in stops] == ["Superseded: the base is now release"]
    assert [(e.build.base, str(e.build.cause)) for e in starts] == [("release", "base:release")]


@pytest.mark.parametrize(
    ("setting", "row", "expected"),
    [
        pytest.param({"cancel_superseded": False}, a_queued_row(sha=OLD_HEAD), [], id="keep all"),
        pytest.param({"abort": False}, a_running_row(sha=OLD_HEAD), [], id="let running finish"),
        pytest.param(
            {"abort": False}, a_queued_row(sha=OLD_HEAD), ["CancelQueueItem"], id="still cancel"
        ),
    ],
)
def test_stopping_can_be_switched_off(setting, row, expected):
    settings = config(builds=[a_build_setting(**setting)])
    facts = pull_facts(settings, builds=(row,), written=written(row))
    stops = [n for n in names(facts) if n in ("CancelQueueItem", "AbortBuild", "RecordBuild")]
    assert stops == expected


def test_a_new_base_is_a_new_attempt_and_stops_the_old_one():
    row = a_running_row()
    facts = pull_facts(pull=a_pull(base_ref="release"), builds=(row,))
    assert names(facts) == ["AbortBuild", "TriggerBuild"]
    (trigger,) = [e for e in decide(facts).effects if isinstance(e, TriggerBuild)]
    assert (trigger.build.attempt, trigger.build.base) == (2, "release")


def test_reopening_after_an_abort_builds_again():
    row = a_running_row(state=BuildState.SUPERSEDED, reason=Reason(ReasonKind.CLOSED))
    assert names(pull_facts(builds=(row,), written=written(row))) == ["TriggerBuild"]


@pytest.mark.parametrize(("losses", "again"), [(1, True), (2, False)], ids=["once", "not twice"])
def test_what_jenkins_lost_is_built_again_at_most_once(losses, again):
    rows = tuple(a_queued_row(attempt=n + 1, state=BuildState.LOST) for n in range(losses))
    facts = pull_facts(builds=rows, written=written(*rows))
    assert ("TriggerBuild" in names(facts)) is again


def test_a_request_starts_one_attempt_however_often_the_look_is_repeated():
    request = Request(cause=Cause(CauseKind.REQUEST, "5"))
    row = a_done_row()
    facts = pull_facts(builds=(row,), written=written(row), requests=(request,))
    (trigger,) = decide(facts).effects
    assert (trigger.build.attempt, str(trigger.build.cause)) == (2, "request:5")
    again = replace(
        facts, builds=(row, a_queued_row(attempt=2, cause=Cause(CauseKind.REQUEST, "5")))
    )
    assert "TriggerBuild" not in names(again)


def test_a_build_on_command_waits_for_its_own_name():
    settings = config(builds=[a_build_setting(custom=True)])
    assert names(pull_facts(settings)) == []
    assert (
        names(pull_facts(settings, requests=(Request(cause=Cause(CauseKind.REQUEST, "1")),))) == []
    )
    assert names(
        pull_facts(
            settings, requests=(Request(cause=Cause(CauseKind.REQUEST, "1"), context="JANKY"),)
        )
    ) == ["TriggerBuild"]


@pytest.mark.parametrize(
    ("row", "state", "description"),
    [
        (
            a_row(reason=Reason(ReasonKind.JENKINS_AWAY, "refused the connection")),
            "pending",
            "Waiting for Jenkins",
        ),
        (a_queued_row(), "pending", "Queued in Jenkins"),
        (a_running_row(), "pending", "Build #17 is running"),
        (a_done_row(), "success", "Build #17 succeeded in 3 min 20 s"),
        (a_done_row(result=Result.FAILURE), "failure", "Build #17 failed after 3 min 20 s"),
        (a_done_row(result=Result.UNSTABLE), "failure", "Build #17 is unstable after 3 min 20 s"),
        (a_done_row(result=Result.ABORTED), "error", "Build #17 was aborted after 3 min 20 s"),
        (a_done_row(result=Result.NOT_BUILT), "error", "Build #17 was not built"),
        (
            a_row(state=BuildState.REFUSED, reason=Reason(ReasonKind.REFUSED, "Job x is disabled")),
            "error",
            "Job x is disabled",
        ),
        (a_row(state=BuildState.LOST, reason=Reason(ReasonKind.REFUSED, "gone")), "error", "gone"),
        (a_row(state=BuildState.SUPERSEDED, reason=Reason(ReasonKind.CLOSED)), "error", "Closed"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.state}-{value.result}",
)
def test_every_row_has_its_status(row, state, description):
    status = status_of(row)
    assert (status.state.value, status.description) == (state, description)


def test_unstable_is_what_the_settings_say():
    settings = config(builds=[a_build_setting(unstable_as="success")])
    facts = pull_facts(settings, builds=(a_done_row(result=Result.UNSTABLE),))
    assert statuses(facts)[HEAD, "janky"][0] == "success"


def test_the_newest_attempt_speaks_for_its_context():
    failed = a_done_row(result=Result.FAILURE)
    again = a_queued_row(attempt=2)
    facts = pull_facts(builds=(failed, again), written=written(failed))
    assert statuses(facts)[HEAD, "janky"] == ("pending", "Queued in Jenkins")


class TestFilters:
    def test_untouched_paths_are_a_success_without_a_build(self):
        settings = config(builds=[a_build_setting(paths=["src/**"])])
        facts = pull_facts(settings, patch=a_patch("docs/x.md"))
        assert statuses(facts) == {(HEAD, "janky"): ("success", "Skipped: no matching changes")}
        assert names(facts) == ["SetStatus"]

    def test_a_touched_path_builds(self):
        settings = config(builds=[a_build_setting(paths=["src/**"])])
        assert names(pull_facts(settings, patch=a_patch("docs/x.md", "src/a.py"))) == [
            "TriggerBuild"
        ]

    def test_a_list_that_github_cut_short_builds(self):
        settings = config(builds=[a_build_setting(paths=["src/**"])])
        facts = pull_facts(settings, patch=a_patch("docs/x.md", is_complete=False))
        assert names(facts) == ["TriggerBuild"]

    def test_the_old_name_of_a_renamed_file_counts(self):
        settings = config(builds=[a_build_setting(paths=["src/**"])])
        (file,) = a_patch("docs/x.py").files
        patch = replace(a_patch(), files=(replace(file, previous_path="src/x.py"),))
        assert names(pull_facts(settings, patch=patch)) == ["TriggerBuild"]

    @pytest.mark.parametrize(
        ("setting", "pull", "description"),
        [
            ({"drafts": False}, {"is_draft": True}, "Not built: a draft"),
            ({"skip_labels": ["no-ci"]}, {"labels": {"No-CI"}}, "Not built: label no-ci"),
            ({"labels": ["ci"]}, {}, "Not built: no label ci"),
            ({"authors_ignore": ["ANN"]}, {}, "Not built: by ann"),
            ({}, {"title": "x [skip ci]"}, "Not built: [skip ci]"),
            ({}, {"body": "please [CI-SKIP]"}, "Not built: [skip ci]"),
        ],
        ids=["draft", "skip label", "no label", "author", "title", "body"],
    )
    def test_what_somebody_chose_to_skip_stays_pending(self, setting, pull, description):
        settings = config(builds=[a_build_setting(**setting)])
        facts = pull_facts(settings, pull=a_pull(**pull))
        state, said = statuses(facts)[HEAD, "janky"]
        assert (state, said) == (
            "pending",
            f"{description}. To build it anyway, comment /test janky",
        )

    @pytest.mark.parametrize(
        ("can_write", "state"), [(True, "success"), (False, "pending"), (None, "pending")]
    )
    def test_only_who_may_write_turns_a_skip_into_success(self, can_write, state):
        settings = config(builds=[a_build_setting(skip_success=True)])
        pull = a_pull(title="[skip ci] x")
        facts = pull_facts(settings, pull=pull, author_can_write=can_write)
        assert statuses(facts)[HEAD, "janky"][0] == state

    @pytest.mark.parametrize(
        ("setting", "builds"),
        [
            ({"branches": ["main"]}, True),
            ({"branches": ["release/*"]}, False),
            ({"branches_ignore": ["main"]}, False),
        ],
        ids=["named", "another", "ignored"],
    )
    def test_base_branches_choose(self, setting, builds):
        settings = config(builds=[a_build_setting(**setting)])
        assert ("TriggerBuild" in names(pull_facts(settings))) is builds

    def test_a_request_overrides_a_filter(self):
        settings = config(builds=[a_build_setting(drafts=False)])
        facts = pull_facts(
            settings,
            pull=a_pull(is_draft=True),
            requests=(Request(cause=Cause(CauseKind.REQUEST, "1"), context="janky"),),
        )
        assert names(facts) == ["TriggerBuild"]


class TestBuildCommits:
    COMMITS = tuple(
        Commit(sha=sha, message="x", author=ANN, committer=ANN)
        for sha in ("1" * 40, "2" * 40, HEAD)
    )

    @pytest.mark.parametrize(
        ("mode", "shas"),
        [
            ("last", [HEAD]),
            ("all", ["1" * 40, "2" * 40, HEAD]),
            ("new", ["2" * 40, HEAD]),
        ],
    )
    def test_last_all_or_new(self, mode, shas):
        shown = {
            ("1" * 40, "janky"): Status(context="janky", state=StatusState.SUCCESS, description="")
        }
        facts = pull_facts(
            config(build_commits=mode),
            commits=self.COMMITS,
            shown=shown if mode == "new" else {},
            statuses=dict.fromkeys(("1" * 40, "2" * 40, HEAD), ()),
        )
        assert [e.build.sha for e in decide(facts).effects] == shas

    def test_max_commits_keeps_the_newest(self):
        facts = pull_facts(config(build_commits="all", max_commits=2), commits=self.COMMITS)
        assert [e.build.sha for e in decide(facts).effects] == ["2" * 40, HEAD]

    def test_a_head_beyond_githubs_250_commits_is_built_all_the_same(self):
        facts = pull_facts(config(build_commits="all"), commits=self.COMMITS[:2])
        assert HEAD in [e.build.sha for e in decide(facts).effects]


class TestAdoption:
    STRAY = a_jenkins_build(number=18, queue_id=77, is_building=False, result=Result.SUCCESS)

    def test_a_build_rebuilt_by_hand_becomes_the_newest_attempt(self):
        failed = a_done_row(result=Result.FAILURE)
        facts = pull_facts(builds=(failed,), written=written(failed), strays=(self.STRAY,))
        record, status = decide(facts).effects
        assert isinstance(record, RecordBuild)
        assert (record.build.attempt, record.build.build_number, record.build.is_adopted) == (
            2,
            18,
            True,
        )
        assert status.status.state is StatusState.SUCCESS

    def test_a_replayed_build_ran_an_edited_script_and_is_not_believed(self):
        failed = a_done_row(result=Result.FAILURE)
        stray = replace(self.STRAY, is_replay=True)
        facts = pull_facts(builds=(failed,), written=written(failed), strays=(stray,))
        assert decide(facts).effects == ()

    def test_a_build_of_another_sha_is_not_ours(self):
        failed = a_done_row(result=Result.FAILURE)
        stray = replace(self.STRAY, parameters={"GIT_SHA1": OLD_HEAD})
        facts = pull_facts(builds=(failed,), written=written(failed), strays=(stray,))
        assert decide(facts).effects == ()


def test_a_plan_foresees_the_statuses_its_triggers_lead_to():
    assert [str(effect) for effect in foresee(pull_facts())] == [
        "trigger widgets-pr for janky at aaaaaaa",
        "set janky pending at aaaaaaa: Queued in Jenkins",
    ]
