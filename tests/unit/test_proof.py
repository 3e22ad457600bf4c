"""What a build in Jenkins proves: of which commit it is, and for which attempt it may stand."""

from dataclasses import replace

import pytest

from leeroy.deciding.parameters import (
    GHPRB_NAMES,
    OUR_NAMES,
    ghprb_parameters,
    pull_parameters,
)
from leeroy.deciding.proof import carriers, may_stand_for, objection
from leeroy.model import JenkinsBuild, Reason, ReasonKind, Result
from tests.making import BASE, HEAD, OLD_HEAD, a_jenkins_build, a_pull, a_row

MERGE = "e" * 40
OTHER = Reason(ReasonKind.BUILT_OTHER, f"{OLD_HEAD} widgets-pr")
TAKES_NONE = Reason(ReasonKind.TAKES_NO_SHA, "widgets-pr")
SENT = {"GIT_SHA1": HEAD, "PR": "7", "BASE_BRANCH": "main", "HEAD_BRANCH": "rounder"}


def ended(**fields: object) -> JenkinsBuild:
    return a_jenkins_build(**{"is_building": False, "result": Result.SUCCESS, **fields})


def test_all_names_that_are_sent_are_known():
    ghprb = ghprb_parameters(
        a_pull(), sha=HEAD, merge="", commit_author=None, is_trusted=True, comment=""
    )
    assert set(ghprb) == GHPRB_NAMES
    assert set(pull_parameters(a_pull(), a_row())) == OUR_NAMES


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        pytest.param({"GIT_SHA1": HEAD}, {"GIT_SHA1"}, id="docker's"),
        pytest.param(
            {"GIT_SHA1": HEAD, "REV": HEAD}, {"GIT_SHA1", "REV"}, id="one of the settings"
        ),
        pytest.param({"GIT_SHA1": "pr/7", "REV": f"x{HEAD}"}, set(), id="none"),
        pytest.param(
            {"sha1": MERGE, "ghprbActualCommit": HEAD, "ghprbPullTitle": HEAD},
            {"sha1", "ghprbActualCommit"},
            id="ghprb's, and not a title",
        ),
        pytest.param({"BASE_SHA": HEAD}, set(), id="the base"),
    ],
)
def test_only_what_is_nothing_but_the_sha_carries_it(sent, names):
    assert set(carriers(a_row(parameters=sent))) == names


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        pytest.param(ended(), None, id="given"),
        pytest.param(ended(revisions=frozenset({HEAD})), None, id="given and checked out"),
        pytest.param(
            ended(parameters={}, revisions=frozenset({HEAD})), None, id="only checked out"
        ),
        pytest.param(ended(revisions=frozenset({OLD_HEAD})), OTHER, id="given, built another"),
        pytest.param(
            ended(revisions=frozenset({OLD_HEAD, HEAD})), None, id="of several, one is ours"
        ),
        pytest.param(
            ended(revisions=frozenset({OLD_HEAD}), is_pipeline=True),
            None,
            id="a pipeline's library",
        ),
        pytest.param(ended(parameters={}), TAKES_NONE, id="takes none"),
        pytest.param(
            ended(parameters={"GIT_SHA1": OLD_HEAD, "NOTE": HEAD}),
            TAKES_NONE,
            id="in another parameter",
        ),
        pytest.param(
            ended(parameters={"BASE_SHA": HEAD}), TAKES_NONE, id="only as the base"
        ),
        pytest.param(
            a_jenkins_build(revisions=frozenset({OLD_HEAD})), None, id="may check out more yet"
        ),
        pytest.param(
            a_jenkins_build(parameters={}, revisions=frozenset({OLD_HEAD})),
            TAKES_NONE,
            id="neither, while it runs",
        ),
    ],
)  # fmt: skip
def test_what_jenkins_shows_is_of_our_commit_or_not(seen, why):
    assert objection(a_row(), seen) == why


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (Result.SUCCESS, Reason(ReasonKind.SHOWS_NO_COMMIT, "17")),
        (Result.FAILURE, None),
    ],
)
def test_where_no_parameter_carries_the_sha_only_what_was_checked_out_counts(result, why):
    row = a_row(parameters={"GIT_SHA1": "pr/7", "PR": "7"})
    assert objection(row, ended(parameters={"PR": "7"}, result=result)) == why
    assert objection(row, ended(parameters={"PR": "7"}, revisions=frozenset({HEAD}))) is None


def test_a_merge_counts_where_it_was_given():
    row = a_row(parameters={"sha1": MERGE, "ghprbActualCommit": HEAD})
    seen = ended(parameters={"sha1": MERGE}, revisions=frozenset({MERGE}))
    assert objection(row, seen) is None


class TestStandingFor:
    """A build that somebody started in Jenkins."""

    ATTEMPT = a_row(parameters={**SENT, "SUITE": "full"}, attempt=2)
    PROVEN = frozenset({HEAD})

    def stands(self, shown, *, revisions=frozenset(), defaults=None, earlier=()):
        seen = ended(parameters=shown, revisions=revisions, defaults=defaults)
        return may_stand_for(self.ATTEMPT, earlier, seen, {"SUITE"})

    @pytest.mark.parametrize(
        ("changed", "stands"),
        [
            pytest.param({}, True, id="all the same"),
            pytest.param({"LEEROY_BUILD_ID": "of another"}, True, id="our id"),
            pytest.param({"GIT_SHA1": OLD_HEAD}, False, id="another sha"),
            pytest.param({"PR": "8"}, False, id="another number"),
            pytest.param({"BASE_BRANCH": "release"}, False, id="another base"),
            pytest.param({"SUITE": "none"}, False, id="what the settings set"),
            pytest.param({"HEAD_BRANCH": ""}, False, id="a name left out, unproven"),
            pytest.param({"HEAD_BRANCH": "evil"}, False, id="another name"),
        ],
    )
    def test_what_decides_the_build_is_equal(self, changed, stands):
        assert self.stands({**SENT, "SUITE": "full", **changed}) is stands

    def test_what_jenkins_hides_counts_as_equal(self):
        assert self.stands({"GIT_SHA1": HEAD})

    @pytest.mark.parametrize(
        ("changed", "stands"),
        [
            pytest.param({"HEAD_BRANCH": ""}, True, id="left out"),
            pytest.param({"HEAD_BRANCH": "x"}, True, id="the default"),
            pytest.param({"HEAD_BRANCH": "evil"}, False, id="neither"),
            pytest.param({"PR": ""}, False, id="but not the number"),
        ],
    )
    def test_names_may_be_left_out_where_the_revision_proves_the_commit(self, changed, stands):
        shown = {**SENT, "SUITE": "full", **changed}
        defaults = {"HEAD_BRANCH": "x"}
        assert self.stands(shown, revisions=self.PROVEN, defaults=defaults) is stands

    @pytest.mark.parametrize(
        ("defaults", "stands"),
        [
            pytest.param({"SKIP_TESTS": "false"}, True, id="at its default"),
            pytest.param({"SKIP_TESTS": "true"}, False, id="set by hand"),
            pytest.param(None, False, id="nobody knows"),
        ],
    )
    def test_what_leeroy_does_not_send_has_the_jobs_default(self, defaults, stands):
        assert self.stands({**SENT, "SKIP_TESTS": "false"}, defaults=defaults) is stands

    def test_what_an_earlier_attempt_was_given_is_as_good(self):
        shown = {"GIT_SHA1": HEAD, "BASE_SHA": OLD_HEAD}
        assert not may_stand_for(
            replace(self.ATTEMPT, parameters={**SENT, "BASE_SHA": BASE}),
            (),
            ended(parameters=shown),
            (),
        )
        earlier = a_row(parameters={"GIT_SHA1": HEAD, "BASE_SHA": OLD_HEAD})
        assert may_stand_for(
            replace(self.ATTEMPT, parameters={**SENT, "BASE_SHA": BASE}),
            (earlier,),
            ended(parameters=shown),
            (),
        )

    def test_what_built_another_commit_does_not(self):
        assert not self.stands(SENT, revisions=frozenset({OLD_HEAD}))
