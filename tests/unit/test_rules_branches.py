"""Which builds a push starts, what it cancels, and what people are told.

Of the rules select_branch_builds, stop_branch_builds, report_group and tell_of_breaks.
"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from leeroy.config import MergeGroup, RepoSettings
from leeroy.config.fields import Context, Model
from leeroy.deciding.effects import AbortBuild, CancelQueueItem, Notify, SetStatus, TriggerBuild
from leeroy.deciding.facts import BranchFacts, Request
from leeroy.deciding.plan import decide, foresee
from leeroy.deciding.rules.branches import pushes_between
from leeroy.deciding.rules.report import status_of
from leeroy.model import (
    BranchRef,
    BuildState,
    Cause,
    CauseKind,
    Channel,
    News,
    Notice,
    Push,
    Reason,
    ReasonKind,
    Result,
    Sighting,
    Status,
    StatusState,
)
from tests.making import (
    HEAD,
    OLD_HEAD,
    REPO,
    a_build_setting,
    a_done_row,
    a_jenkins_build,
    a_patch,
    a_queued_row,
    a_row,
    a_running_row,
    config,
    words_of,
)

BASE = "b" * 40
QUEUE = f"gh-readonly-queue/main/pr-7-{BASE}"
SLACK = {"slack": "https://chat.test/x"}


def watched(**settings):
    return {
        "github_repo": REPO,
        "branch": "main",
        "jenkins_job_name": "widgets-pr",
        "context": "janky",
        **settings,
    }


def facts(*branches, branch="main", settings=None, **fields):
    """The facts of a look after a push of ``HEAD`` upon ``OLD_HEAD``."""
    settings = settings or config(builds=[], branches=list(branches) or [watched()])
    whole = {
        "ref": BranchRef(REPO, branch),
        "settings": settings.for_repo(REPO),
        "configured": settings.jobs_for_push(REPO, branch),
        "head": HEAD,
        "group": MergeGroup.parse(branch),
        "pushes": (Push(before=OLD_HEAD, after=HEAD),),
        "web_url": "https://github.com",
        "now": datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
        "words": words_of(BranchRef(REPO, branch), fields.get("written", {})),
        **fields,
    }
    return BranchFacts(**whole)


def written(*rows):
    return {(row.sha, row.context.lower()): status_of(row) for row in rows}


def of_branch(make, **fields):
    branch = fields.pop("branch", "main")
    return make(**{"pull": None, "branch": branch, "base": "", **fields})


def effects(facts, *kinds):
    return [effect for effect in decide(facts).effects if isinstance(effect, kinds or object)]


def statuses(facts):
    return {
        (e.sha, e.status.context): (e.status.state.value, e.status.description)
        for e in effects(facts, SetStatus)
    }


def triggered(facts):
    return [(e.build.context, e.build.sha) for e in effects(facts, TriggerBuild)]


A, B, C, D = ("1" * 40, "2" * 40, "3" * 40, "4" * 40)


@pytest.mark.parametrize(
    ("last", "head", "told", "expected"),
    [
        pytest.param(A, B, [(A, B)], [(A, B)], id="one push"),
        pytest.param(A, C, [(A, B), (B, C)], [(A, B), (B, C)], id="two pushes"),
        pytest.param(A, C, [(B, C), (A, B)], [(A, B), (B, C)], id="told in another order"),
        pytest.param(A, B, [(A, B), (A, B)], [(A, B)], id="told twice"),
        pytest.param(B, B, [(A, B)], [], id="handled before"),
        pytest.param(C, C, [(A, B)], [], id="an old delivery again"),
        pytest.param("", B, [(A, B)], [(A, B)], id="the first push we see"),
        pytest.param("", C, [(B, C), (A, B)], [(A, B), (B, C)], id="the first two, turned round"),
        pytest.param("", B, [("", B)], [("", B)], id="a new branch"),
        pytest.param("", B, [], [], id="never seen and told of nothing"),
        pytest.param(A, B, [], [(A, B)], id="told of nothing, but it moved"),
        pytest.param(A, C, [(B, C)], [(A, B), (B, C)], id="the first was lost"),
        pytest.param(A, C, [(A, B)], [(A, B), (B, C)], id="the second is yet to come"),
        pytest.param(A, D, [(A, B), (C, D)], [(A, B), (B, C), (C, D)], id="one lost between"),
        pytest.param(A, A, [(A, B)], [(A, B)], id="GitHub shows the old head still"),
        pytest.param(A, B, [("", B)], [("", B)], id="made anew, and the deletion was lost"),
        pytest.param(A, C, [(A, C, True)], [(A, C, True)], id="forced"),
        pytest.param(A, C, [(A, B), (B, C, True)], [(B, C, True)], id="forced away before a look"),
        pytest.param(
            A, D, [(A, C, True), (C, D)], [(A, C, True), (C, D)], id="forced, then pushed to"
        ),
        pytest.param(A, A, [(A, B), (B, A, True)], [], id="forced back"),
    ],
)
def test_pushes_are_put_together_by_the_commits_they_name(last, head, told, expected):
    def pushes(named):
        return tuple(Push(before=b, after=a, is_forced=bool(f)) for b, a, *f in named)

    assert pushes_between(last, head, pushes(told)) == pushes(expected)


class TestPushes:
    def test_a_push_starts_every_job_of_its_branch(self):
        two = facts(watched(), watched(context="two"))
        assert triggered(two) == [("janky", HEAD), ("two", HEAD)]
        build = effects(two, TriggerBuild)[0].build
        assert (build.pull, build.branch, build.base, build.attempt) == (None, "main", "", 1)

    def test_the_job_gets_the_five_parameters_and_our_id(self):
        (trigger,) = effects(facts(), TriggerBuild)
        assert trigger.build.parameters == {
            "GIT_BASE_REPO": REPO,
            "GIT_HEAD_REPO": REPO,
            "GIT_SHA1": HEAD,
            "BASE_BRANCH": "main",
            "GITHUB_URL": f"https://github.com/{REPO}/commit/{HEAD}",
            "LEEROY_BUILD_ID": trigger.build.id,
        }

    def test_parameters_of_ones_own_are_sent_beside_them(self):
        (trigger,) = effects(facts(watched(parameters={"REV": "{GIT_SHA1}"})), TriggerBuild)
        assert trigger.build.parameters["REV"] == HEAD

    @pytest.mark.parametrize(
        ("patch", "builds"),
        [
            pytest.param(a_patch("docs/a.md"), True, id="touched"),
            pytest.param(a_patch("src/a.py"), False, id="not touched"),
            pytest.param(a_patch("src/a.py", is_complete=False), True, id="cut short"),
            pytest.param(a_patch(), True, id="empty"),
            pytest.param(None, True, id="unknown: new or forced"),
        ],
    )
    def test_paths_choose(self, patch, builds):
        patches = {} if patch is None else {HEAD: patch}
        told = facts(watched(paths=["docs/**"]), patches=patches)
        assert bool(triggered(told)) is builds
        if not builds:
            assert statuses(told) == {(HEAD, "janky"): ("success", "Skipped: no matching changes")}

    def test_each_push_is_a_build_of_its_own_with_its_own_paths(self):
        pushes = (Push(before=A, after=B), Push(before=B, after=HEAD))
        patches = {B: a_patch("docs/a.md"), HEAD: a_patch("src/a.py")}
        told = facts(
            watched(), watched(context="docs", paths=["docs/**"]), pushes=pushes, patches=patches
        )
        assert triggered(told) == [("janky", B), ("janky", HEAD), ("docs", B)]

    @pytest.mark.parametrize("pushes", [(Push(before=OLD_HEAD, after=HEAD),), ()])
    @pytest.mark.parametrize(
        "row", [a_queued_row, a_running_row, a_done_row], ids=["queued", "running", "done"]
    )
    def test_a_second_look_does_nothing(self, row, pushes):
        row = of_branch(row)
        written = {(HEAD, "janky"): status_of(row)}
        assert effects(facts(builds=(row,), written=written, pushes=pushes)) == []

    def test_a_row_that_jenkins_never_heard_of_is_triggered_under_the_same_id(self):
        row = of_branch(a_row)
        told = facts(builds=(row,), pushes=(), sightings={row.id: Sighting()})
        assert [e.build.id for e in effects(told, TriggerBuild)] == [row.id]

    def test_what_jenkins_loses_is_built_again_once(self):
        row = of_branch(a_queued_row)
        told = facts(builds=(row,), pushes=(), sightings={row.id: Sighting()})
        (again,) = effects(told, TriggerBuild)
        assert again.build.attempt == 2

    @pytest.mark.parametrize(
        "state", [BuildState.LOST, BuildState.SUPERSEDED, BuildState.REFUSED], ids=str
    )
    def test_what_is_past_is_left_alone(self, state):
        row = of_branch(a_row, state=state, sha=OLD_HEAD, reason=Reason(ReasonKind.REFUSED, "gone"))
        written = {(OLD_HEAD, "janky"): status_of(row)}
        assert effects(facts(builds=(row,), pushes=(), written=written)) == []

    def test_rebuilt_by_hand_it_is_adopted(self):
        row = of_branch(a_done_row, result=Result.FAILURE)
        stray = a_jenkins_build(
            number=18, queue_id=99, is_building=False, result=Result.SUCCESS, duration=3.0
        )
        told = facts(builds=(row,), pushes=(), strays=(stray,))
        assert statuses(told)[HEAD, "janky"][0] == "success"

    def test_a_request_builds_what_paths_leave_out(self):
        told = facts(
            watched(paths=["docs/**"]),
            patches={HEAD: a_patch("src/a.py")},
            requests=(Request(cause=Cause(CauseKind.REQUEST, "1"), context="JANKY"),),
        )
        assert triggered(told) == [("janky", HEAD)]


class TestCoalescing:
    WAITS, RUNS = of_branch(a_queued_row, sha=OLD_HEAD), of_branch(a_running_row, sha=OLD_HEAD)

    @pytest.mark.parametrize(
        ("setting", "row", "stops"),
        [
            pytest.param({}, WAITS, [], id="one build a push"),
            pytest.param({"coalesce": True}, WAITS, [CancelQueueItem], id="coalesced"),
            pytest.param({"coalesce": True}, RUNS, [], id="runs already"),
        ],
    )
    def test_a_newer_push_cancels_only_what_waits(self, setting, row, stops):
        told = facts(watched(**setting), builds=(row,), written=written(row))
        assert [type(e) for e in effects(told, CancelQueueItem, AbortBuild)] == stops
        assert triggered(told) == [("janky", HEAD)]
        if stops:
            said = ("error", f"Superseded by {HEAD[:7]}")
            assert statuses(told)[OLD_HEAD, "janky"] == said

    def test_a_newer_push_that_builds_nothing_cancels_nothing(self):
        told = facts(
            watched(coalesce=True, paths=["docs/**"]),
            builds=(self.WAITS,),
            patches={HEAD: a_patch("src/a.py")},
        )
        assert effects(told, CancelQueueItem, TriggerBuild) == []

    def test_of_pushes_that_come_together_only_the_newest_is_built_for_what_all_changed(self):
        told = facts(
            watched(coalesce=True, paths=["docs/**"]),
            pushes=(Push(before=A, after=B), Push(before=B, after=HEAD)),
            patches={B: a_patch("docs/a.md"), HEAD: a_patch("src/a.py")},
        )
        assert triggered(told) == [("janky", HEAD)]


class TestDeletion:
    ROWS = (of_branch(a_queued_row, sha=OLD_HEAD), of_branch(a_running_row))

    def test_nothing_starts_what_waits_is_cancelled_and_what_runs_goes_on(self):
        told = facts(
            head="",
            pushes=(),
            builds=self.ROWS,
            requests=(Request(cause=Cause(CauseKind.REQUEST, "1")),),
            written=written(*self.ROWS),
        )
        assert [type(e) for e in effects(told, TriggerBuild, CancelQueueItem, AbortBuild)] == [
            CancelQueueItem
        ]
        assert statuses(told)[OLD_HEAD, "janky"] == ("error", "Branch deleted")

    def test_what_jenkins_never_had_is_closed(self):
        row = of_branch(a_row, reason=Reason(ReasonKind.WAITING_FOR_TURN))
        told = facts(head="", pushes=(), builds=(row,), written=written(row))
        assert statuses(told) == {(HEAD, "janky"): ("error", "Branch deleted")}

    @pytest.mark.parametrize(("abort", "stopped"), [(True, 2), (False, 1)], ids=["abort", "let"])
    def test_a_groups_builds_are_aborted_unless_their_setting_forbids(self, abort, stopped):
        settings = config(builds=[a_build_setting(abort=abort)])
        rows = tuple(replace(row, branch=QUEUE) for row in self.ROWS)
        told = facts(settings=settings, branch=QUEUE, head="", pushes=(), builds=rows)
        assert len(effects(told, CancelQueueItem, AbortBuild)) == stopped


class TestMergeGroups:
    CHECKED = ("success", "Skipped: checked on the pull request")

    def group(self, *builds, patch=None, **settings):
        patches = {} if patch is None else {HEAD: patch}
        whole = config(builds=list(builds), **settings)
        told = facts(
            settings=whole, branch=QUEUE, pushes=(Push(before=BASE, after=HEAD),), patches=patches
        )
        return replace(told, policy=whole.policy_for(REPO))

    def test_its_builds_are_those_of_pull_requests_into_its_base(self):
        (trigger,) = effects(self.group(a_build_setting()), TriggerBuild)
        given = trigger.build.parameters
        assert (given["PR"], given["BASE_BRANCH"], given["BASE_SHA"]) == ("7", "main", BASE)
        assert (trigger.build.pull, trigger.build.branch) == (None, QUEUE)

    @pytest.mark.parametrize(
        ("setting", "reason"),
        [
            pytest.param({"branches": ["1.x"]}, "no matching changes", id="another base"),
            pytest.param({"paths": ["docs/**"]}, "no matching changes", id="other paths"),
            pytest.param({"on_command": True}, "built only on request", id="on command"),
            pytest.param({"optional": True}, "not needed for merging", id="optional"),
        ],
    )
    def test_what_is_not_built_is_a_success_with_the_reason(self, setting, reason):
        told = self.group(a_build_setting(**setting), patch=a_patch("src/a.py"))
        assert statuses(told) == {(HEAD, "janky"): ("success", f"Skipped: {reason}")}
        assert triggered(told) == []

    @pytest.mark.parametrize(
        "setting",
        [{"drafts": False}, {"labels": ["ci"]}, {"skip_labels": ["x"]}, {"authors_ignore": ["a"]}],
        ids=lambda setting: next(iter(setting)),
    )
    def test_what_somebody_chose_to_skip_is_built_before_it_is_merged(self, setting):
        assert triggered(self.group(a_build_setting(**setting))) == [("janky", HEAD)]

    def test_required_checks_and_conflicts_were_looked_at_on_the_pull_request(self):
        policy = {"signoff": {}, "docs": {"mode": "advisory"}, "tests": {"mode": "required"}}
        told = self.group(patchparser=policy, conflicts={"context": "merge"})
        assert statuses(told) == {
            (HEAD, context): self.CHECKED
            for context in ("patchparser/signoff", "patchparser/tests", "merge")
        }

    def test_a_new_rules_context_is_reported_too_without_anybody_thinking_of_it(self):
        class Unfinished(Model):
            context: Context = "leeroy/finished"

        class More(RepoSettings):
            work_in_progress: Unfinished = Unfinished()

        told = replace(self.group(), settings=More())
        assert statuses(told) == {(HEAD, "leeroy/finished"): self.CHECKED}

    def test_what_was_written_is_not_written_again(self):
        told = self.group(conflicts=True)
        status = Status(
            context="leeroy/mergeable",
            state=StatusState.SUCCESS,
            description="Skipped: checked on the pull request",
        )
        assert effects(replace(told, written={(HEAD, "leeroy/mergeable"): status})) == []

    def test_an_ordinary_branch_has_neither(self):
        whole = config(branches=[watched()], patchparser={"signoff": {}}, conflicts=True)
        assert statuses(facts(settings=whole)) == {}


class TestNews:
    GOOD = of_branch(a_done_row, created=1_000.0)
    BAD = of_branch(a_done_row, created=1_000.0, result=Result.FAILURE)

    def news(self, *rows, told=None, **settings):
        notices = {} if told is None else {("janky", Channel.SLACK): told}
        seen = facts(watched(notify=SLACK, **settings), builds=rows, pushes=(), notices=notices)
        return [(e.news, e.of.sha) for e in effects(seen, Notify)]

    @pytest.mark.parametrize(
        ("row", "told", "news"),
        [
            pytest.param(GOOD, None, None, id="whole, nothing told"),
            pytest.param(BAD, None, News.BROKEN, id="breaks"),
            pytest.param(BAD, Notice(news=News.MENDED, build_id="x"), News.BROKEN, id="again"),
            pytest.param(BAD, Notice(news=News.BROKEN, build_id="x"), None, id="still broken"),
            pytest.param(GOOD, Notice(news=News.BROKEN, build_id="x"), News.MENDED, id="mended"),
            pytest.param(GOOD, Notice(news=News.MENDED, build_id="x"), None, id="still whole"),
            pytest.param(GOOD, Notice(news=News.BROKEN, build_id=GOOD.id), None, id="never twice"),
        ],
    )
    def test_only_a_change_is_news(self, row, told, news):
        assert self.news(row, told=told) == ([] if news is None else [(news, HEAD)])

    @pytest.mark.parametrize(
        ("fields", "is_news"),
        [
            ({"result": Result.ABORTED}, True),
            ({"result": Result.UNSTABLE}, True),
            ({"state": BuildState.REFUSED, "result": None}, True),
            ({"state": BuildState.SUPERSEDED, "result": None}, False),
            ({"state": BuildState.RUNNING, "result": None}, False),
        ],
        ids=["aborted", "unstable", "refused", "superseded", "running"],
    )
    def test_an_error_breaks_too_but_what_nobody_needs_does_not(self, fields, is_news):
        assert bool(self.news(of_branch(a_done_row, **fields))) is is_news

    def test_unstable_is_what_the_settings_say(self):
        row = of_branch(a_done_row, result=Result.UNSTABLE)
        assert self.news(row, unstable_as="success") == []

    def test_an_older_push_that_fails_late_is_no_news(self):
        newer = of_branch(a_done_row, created=2_000.0)
        late = of_branch(a_done_row, sha=OLD_HEAD, created=1_000.0, result=Result.FAILURE)
        assert self.news(late, newer) == []
        assert self.news(replace(late, attempt=2, id="z", created=3_000.0), late, newer) == []

    @pytest.mark.parametrize(
        ("ended", "news"),
        [(1_500.0, [(News.BROKEN, OLD_HEAD)]), (900.0, [])],
        ids=["since", "before: it may be of a head that is gone"],
    )
    def test_while_the_head_runs_what_ended_since_the_last_news_counts(self, ended, news):
        runs = of_branch(a_done_row, created=2_000.0, state=BuildState.RUNNING, result=None)
        before = of_branch(
            a_done_row, sha=OLD_HEAD, id="b", created=800.0, updated=ended, result=Result.FAILURE
        )
        told = Notice(news=News.MENDED, build_id="x", begun=1_000.0)
        assert self.news(before, runs, told=told) == news

    def test_each_channel_hears_for_itself(self):
        seen = facts(
            watched(notify={**SLACK, "webhook": "https://hook.test/"}),
            builds=(self.BAD,),
            notices={("janky", Channel.SLACK): Notice(news=News.BROKEN, build_id=self.BAD.id)},
        )
        assert [e.channel for e in effects(seen, Notify)] == [Channel.WEBHOOK]

    def test_nobody_hears_of_a_branch_that_is_gone(self):
        seen = facts(watched(notify=SLACK), head="", pushes=(), builds=(self.BAD,))
        assert effects(seen, Notify) == []

    def test_the_line_of_the_log_has_no_address(self):
        seen = facts(watched(notify=SLACK), builds=(self.BAD,))
        (told,) = effects(seen, Notify)
        assert str(told) == f"tell by slack that janky of {REPO}@main is broken"
        assert "chat.test" not in repr(told)


def test_a_plan_foresees_the_statuses_its_triggers_lead_to():
    assert [str(effect) for effect in foresee(facts())] == [
        "trigger widgets-pr for janky at aaaaaaa",
        "set janky pending at aaaaaaa: Queued in Jenkins",
    ]
