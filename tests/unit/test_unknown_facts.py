"""What cannot be read starts nothing, stops nothing and takes nothing back that the truth would not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leeroy.deciding import messages
from leeroy.deciding.decision import Decision
from leeroy.deciding.effects import (
    AbortBuild,
    AddLabels,
    Approve,
    CancelQueueItem,
    DeleteComment,
    RemoveLabel,
    RevokeApprovals,
    SetStatus,
    SkipContext,
    TriggerBuild,
    TrustAuthor,
    WriteComment,
)
from leeroy.deciding.facts import BLIP_SECONDS, PATIENCE, PullFacts
from leeroy.deciding.plan import decide
from leeroy.deciding.rules.hygiene import report_on
from leeroy.deciding.unknown import Need, Unknown, What
from leeroy.model import Comment, CommentKind, OwnComment, Permission, PullRef, StatusState
from patchparser.pull import Commit, Identity
from tests.examples import TIMES
from tests.making import (
    HEAD,
    OLD_HEAD,
    REPO,
    a_build_setting,
    a_done_row,
    a_patch,
    a_pull,
    a_queued_row,
    a_running_row,
    config,
    pull_facts,
)

ANN = Identity(name="Ann", email="ann@example.org")
COMMITS = tuple(
    Commit(sha=sha, message="Round", author=ANN, committer=ANN, author_login="ann")
    for sha in (OLD_HEAD, HEAD)
)
#: 5 s after a delivery GitHub has been asked more than once.
TOLD_AFTER = BLIP_SECONDS + 1
COMMENT = (CommentKind.COMMENT, 77)


def broken(status: int = 500) -> Unknown:
    return Unknown(f"GitHub answered {status}", status=status, is_refused=status < 500)


def settle(facts: PullFacts, truth: Mapping[What, object], unreadable: frozenset[What]):
    """What a look decides in the end, and the facts it goes by."""
    while True:
        decision = decide(facts)
        todo = decision.asked - facts.answered
        if not todo:
            return facts, decision
        answers = {n: broken() if n.what in unreadable else _true(facts, n, truth) for n in todo}
        if any(isinstance(answer, Unknown) for answer in answers.values()):
            facts = replace(facts, waited=TOLD_AFTER)
        facts = facts.told(answers)


def _true(facts: PullFacts, need: Need, truth: Mapping[What, object]) -> object:
    match need.what:
        case What.REPORT:
            return report_on(facts)
        case What.PERMISSION | What.PERMISSION_NOW if need.of:
            return Permission.WRITE if need.of == "mary" else Permission.READ
        case What.STATUSES:
            return ()
    return truth[need.what]


SETTINGS = st.fixed_dictionaries(
    {
        "trust": st.sampled_from(["write", "everyone"]),
        "sensitive_paths": st.sampled_from([[], ["Jenkinsfile"]]),
        "trusted_orgs": st.sampled_from([[], ["acme"]]),
        "build_commits": st.sampled_from(["last", "new", "all"]),
        "conflicts": st.booleans(),
        "patchparser": st.sampled_from(
            [
                None,
                {
                    "signoff": {"mode": "required"},
                    "tests": {"mode": "required"},
                    "labels": {
                        "area/src": [{"changed-files": [{"any-glob-to-any-file": "src/**"}]}]
                    },
                    "sync": True,
                },
            ]
        ),
        "builds": st.lists(
            st.sampled_from(
                [
                    a_build_setting(),
                    a_build_setting(context="docs", paths=["docs/**"]),
                    a_build_setting(context="src", paths=["src/**"]),
                    a_build_setting(context="ghprb", parameters="ghprb"),
                    a_build_setting(context="maybe", skip_labels=["no-ci"], skip_success=True),
                ]
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda build: build["context"],
        ),
    }
)
WORLDS = st.fixed_dictionaries(
    {
        "head_repo": st.sampled_from([REPO, "stranger/widgets"]),
        "is_open": st.sampled_from([True, True, False]),
        "labels": st.sampled_from([frozenset(), frozenset({"no-ci", "area/src"})]),
        "has_conflict": st.sampled_from([None, True, False]),
    }
)
TRUTHS = st.fixed_dictionaries(
    {
        What.PATCH: st.sampled_from(["src/a.py", "docs/a.md", "Jenkinsfile"]).map(a_patch),
        What.COMMITS: st.just(COMMITS),
        What.MERGE: st.sampled_from(["", "c" * 40]),
        What.PERMISSION: st.booleans(),
        What.LISTED: st.booleans(),
        What.LABELS_FILE: st.none(),
        What.COMMENT: st.sampled_from(["/retest", "/ok-to-test", "/cancel", "/test janky"]),
    }
)
BUILDS = st.sampled_from(
    [
        (),
        (a_running_row(sha=OLD_HEAD),),
        (a_queued_row(),),
        (a_running_row(sha=OLD_HEAD), a_done_row(attempt=1)),
    ]
)
UNREADABLE = st.frozensets(st.sampled_from(sorted(set(What) - {What.DETAILS})))


def a_comment(body: str, author: str) -> Comment:
    return Comment(
        id=COMMENT[1],
        pull=PullRef(REPO, 7),
        is_on_pull=True,
        author=author,
        author_is_bot=False,
        body=body,
        created=900.0,
        updated=900.0,
    )


def facts_of(whole, world, builds, is_named) -> PullFacts:
    if whole["patchparser"] is None:
        whole = {name: value for name, value in whole.items() if name != "patchparser"}
    if not whole["conflicts"]:
        whole = {name: value for name, value in whole.items() if name != "conflicts"}
    cfg = config(**whole)
    pull = a_pull(author="stranger", **world)
    return PullFacts(
        pull=pull,
        settings=cfg.for_repo(REPO),
        configured=cfg.builds_for(REPO, "main"),
        policy=cfg.policy_for(REPO),
        builds=builds,
        named=(COMMENT,) if is_named else (),
        comments={"hygiene": OwnComment(topic="hygiene", comment_id=5, body="Missing: tests")},
        our_labels=frozenset({"area/src"}) & pull.labels,
        now=datetime.fromtimestamp(1_000.0, UTC),
    )


def of(decision: Decision, *kinds: type) -> set[str]:
    return {str(effect) for effect in decision.effects if isinstance(effect, kinds)}


def triggered(decision: Decision) -> set[str]:
    starts = (e.build for e in decision.effects if isinstance(e, TriggerBuild))
    return {f"{build.sha} {build.context}" for build in starts}


def stopped(decision: Decision) -> set[str]:
    return of(decision, AbortBuild, CancelQueueItem)


def taken_back(decision: Decision) -> set[str]:
    return of(decision, RemoveLabel, DeleteComment, RevokeApprovals)


def let_in(decision: Decision) -> set[str]:
    return of(decision, Approve, TrustAuthor, SkipContext)


def greened(decision: Decision) -> set[str]:
    said = (e for e in decision.effects if isinstance(e, SetStatus))
    return {f"{e.sha} {e.status.context}" for e in said if e.status.state is StatusState.SUCCESS}


@settings(max_examples=300 * TIMES)
@given(
    whole=SETTINGS,
    world=WORLDS,
    truth=TRUTHS,
    builds=BUILDS,
    unreadable=UNREADABLE,
    named=st.sampled_from([None, "mary", "stranger"]),
)
def test_what_cannot_be_read_starts_stops_and_takes_back_nothing(
    whole, world, truth, builds, unreadable, named
):
    facts = facts_of(whole, world, builds, named is not None)
    truth = {**truth, What.COMMENT: a_comment(truth[What.COMMENT], named or "mary")}
    # A comment that cannot be judged is left for later: both are right, with it and without.
    known = [settle(of, truth, frozenset())[1] for of in (facts, replace(facts, named=()))]
    seen, guessed = settle(facts, truth, unreadable)
    for done in (triggered, stopped, taken_back, let_in, greened):
        assert done(guessed) <= done(known[0]) | done(known[1])
    # Every context of the head has a word, or a build, though something cannot be read.
    if seen.pull.is_open:
        said = {context for sha, context in guessed.said if sha == HEAD}
        meant = {context for sha, context in known[1].said if sha == HEAD}
        hidden = What.STATUSES in unreadable  # somebody may have built it: left out
        assert hidden or meant <= said


def test_changed_files_that_cannot_be_read_are_said_and_after_five_minutes_built():
    facts = pull_facts(config(builds=[a_build_setting(paths=["src/**"])]))
    blip = replace(facts.told({Need(What.PATCH): broken()}), waited=1.0)
    told = replace(blip, waited=TOLD_AFTER)
    patient = replace(blip, waited=PATIENCE)
    assert decide(blip).effects == ()
    (status,) = (e.status for e in decide(told).effects if isinstance(e, SetStatus))
    assert (status.state, status.description) == (
        StatusState.PENDING,
        messages.not_shown("changed files", "500"),
    )
    assert any(isinstance(e, TriggerBuild) for e in decide(patient).effects)


def test_a_build_without_path_filters_does_not_wait_for_files():
    facts = pull_facts(config()).told({Need(What.PATCH): broken()})
    assert any(isinstance(e, TriggerBuild) for e in decide(facts).effects)


@pytest.mark.parametrize("status", [403, 500])
def test_a_stranger_whose_permission_cannot_be_read_waits_and_is_told_why(status):
    facts = pull_facts(config(trust="write"), pull=a_pull(head_repo="stranger/widgets"))
    answers = {Need(What.PERMISSION): broken(status), Need(What.LISTED): broken(status)}
    told = replace(facts.told(answers), waited=TOLD_AFTER)
    (effect,) = (e for e in decide(told).effects if isinstance(e, SetStatus))
    assert effect.status.description == messages.shorten(messages.cannot_tell_trust(str(status)))


def test_an_unknown_fact_has_no_truth():
    with pytest.raises(TypeError, match="no truth"):
        bool(broken())


def test_labels_and_comment_stay_as_they_are_while_files_cannot_be_read():
    whole = {
        "builds": [a_build_setting()],
        "patchparser": {
            "signoff": {"mode": "required"},
            "labels": {"area/src": [{"changed-files": [{"any-glob-to-any-file": "src/**"}]}]},
            "sync": True,
        },
        "conflicts": False,
    }
    world = {"labels": frozenset({"area/src"})}
    facts = facts_of(whole, world, (), False)
    _, decision = settle(facts, {What.COMMITS: COMMITS}, frozenset({What.PATCH}))
    assert of(decision, AddLabels, RemoveLabel, WriteComment, DeleteComment) == set()
    assert of(decision, SetStatus)
