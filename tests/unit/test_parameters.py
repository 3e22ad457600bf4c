"""What a job made for the GitHub Pull Request Builder is started with."""

import pytest

from leeroy.config import MergeGroup
from leeroy.deciding.effects import TriggerBuild
from leeroy.deciding.parameters import free_text, ghprb_parameters, ghprb_push_parameters
from leeroy.deciding.plan import decide
from leeroy.model import Result
from patchparser.pull import Commit, Identity
from tests.making import (
    BASE,
    HEAD,
    REPO,
    a_build_setting,
    a_done_row,
    a_pull,
    a_row,
    config,
    pull_facts,
)

MERGE = "e" * 40
ANN = Identity(name="Ann", email="ann@example.org")
GHPRB = config(builds=[a_build_setting(parameters="ghprb")])


def ghprb(**fields):
    whole = {
        "sha": HEAD,
        "merge": MERGE,
        "commit_author": ANN,
        "is_trusted": True,
        **{name: value for name, value in fields.items() if name != "pull"},
    }
    return ghprb_parameters(fields.get("pull", a_pull()), **whole)


def triggered(facts):
    (effect,) = [e for e in decide(facts).effects if isinstance(e, TriggerBuild)]
    return effect.build.parameters


def test_all_23_names_with_what_ghprb_meant_by_them():
    assert ghprb(pull=a_pull(body="More\nof it", head_repo="ann/widgets")) == {
        "sha1": MERGE,
        "ghprbActualCommit": HEAD,
        "ghprbActualCommitAuthor": "Ann",
        "ghprbActualCommitAuthorEmail": "ann@example.org",
        "ghprbAuthorRepoGitUrl": "https://github.com/ann/widgets.git",
        "ghprbTriggerAuthor": "",
        "ghprbTriggerAuthorEmail": "",
        "ghprbTriggerAuthorLogin": "ann",
        "ghprbTriggerAuthorLoginMention": "@ann",
        "ghprbPullId": "7",
        "ghprbTargetBranch": "main",
        "ghprbSourceBranch": "rounder",
        "GIT_BRANCH": "rounder",
        "ghprbPullAuthorEmail": "",
        "ghprbPullAuthorLogin": "ann",
        "ghprbPullAuthorLoginMention": "@ann",
        "ghprbPullDescription": f"GitHub pull request #7 of commit {HEAD}, no merge conflicts.",
        "ghprbPullTitle": "Make widgets rounder",
        "ghprbPullLink": f"https://github.com/{REPO}/pull/7",
        "ghprbPullLongDescription": "More\\nof it",
        "ghprbCommentBody": "",
        "ghprbGhRepository": REPO,
        "ghprbCredentialsId": "",
    }
    assert len(ghprb()) == 23


def test_without_a_merge_of_this_very_head_the_head_is_built():
    assert ghprb(merge="")["sha1"] == HEAD


def test_who_asked_by_a_comment_is_who_triggered():
    given = ghprb(triggered_by="mary", comment='please\n"now"')
    assert given["ghprbTriggerAuthorLogin"] == "mary"
    assert given["ghprbCommentBody"] == 'please\\n\\"now\\"'


def test_nothing_a_stranger_wrote_reaches_a_job():
    pull = a_pull(title="$(touch /tmp/x)", body="`id`")
    given = ghprb(pull=pull, is_trusted=False, comment="; rm -rf /")
    written = ("PullTitle", "PullLongDescription", "CommentBody", "ActualCommitAuthor")
    assert [given[f"ghprb{name}"] for name in written] == ["", "", "", ""]
    assert given["ghprbActualCommitAuthorEmail"] == ""
    assert given["ghprbPullAuthorLogin"] == "ann"


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        pytest.param("a" * 1024, "a" * 1024, id="as long as it may be"),
        pytest.param("a" * 1025, "a" * 1024, id="too long"),
        pytest.param("é" * 600, "é" * 512, id="bytes count"),
        pytest.param("a" * 1023 + "é", "a" * 1023, id="no half character"),
        pytest.param("a" * 1023 + "\n", "a" * 1023, id="no half escape"),
    ],
)
def test_free_text_is_cut_to_a_kibibyte(text, cut):
    assert free_text(text) == cut


def test_they_are_sent_beside_leeroys_own():
    given = triggered(pull_facts(GHPRB, merge=MERGE))
    assert given["sha1"] == MERGE
    assert given["GIT_SHA1"] == HEAD
    assert given["PR"] == "7"
    assert given["LEEROY_BUILD_ID"]


def test_the_author_is_the_heads():
    commits = (Commit(sha=HEAD, message="x", author=ANN, committer=ANN),)
    given = triggered(pull_facts(GHPRB, commits=commits))
    assert given["ghprbActualCommitAuthorEmail"] == "ann@example.org"


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        pytest.param({}, "", id="a stranger whom everyone trusts by setting"),
        pytest.param({"author_can_write": True}, "Make widgets rounder", id="may write"),
        pytest.param({"author_is_trusted": True}, "Make widgets rounder", id="on a list"),
    ],
)
def test_of_a_fork_only_trusted_authors_are_quoted(fields, title):
    facts = pull_facts(
        config(builds=[a_build_setting(parameters="ghprb")], sensitive_paths=[]),
        pull=a_pull(head_repo="stranger/widgets"),
        **fields,
    )
    assert triggered(facts)["ghprbPullTitle"] == title


@pytest.mark.parametrize(
    ("base_sha", "sha1"),
    [pytest.param(BASE, MERGE, id="same base"), pytest.param("c" * 40, HEAD, id="it moved")],
)
def test_what_is_tried_again_is_the_same_merge_while_that_is_one(base_sha, sha1):
    settings = config(builds=[a_build_setting(parameters="ghprb", retries=1)])
    given = {"sha1": MERGE, "ghprbActualCommit": HEAD, "BASE_SHA": BASE}
    row = a_done_row(result=Result.FAILURE, parameters=given)
    facts = pull_facts(settings, pull=a_pull(base_sha=base_sha), builds=(row,))
    assert triggered(facts)["sha1"] == sha1


def test_a_job_that_knows_only_sha1_is_known_to_have_been_given_our_head():
    row = a_row(parameters={"sha1": MERGE, "ghprbActualCommit": HEAD})
    assert row.merge == MERGE
    assert a_row(parameters={"sha1": "origin/pr/7/merge"}).merge == ""


@pytest.mark.parametrize(
    ("group", "target", "number"),
    [
        pytest.param(None, "main", None, id="a push"),
        pytest.param(MergeGroup.parse("gh-readonly-queue/main/pr-7-0123abc"), "main", "7", id="q"),
    ],
)
def test_a_push_has_those_names_that_it_has_a_value_for(group, target, number):
    row = a_row(pull=None, branch="gh-readonly-queue/main/pr-7-0123abc" if group else "main")
    given = ghprb_push_parameters(row, group)
    assert (given["sha1"], given["ghprbTargetBranch"]) == (HEAD, target)
    assert given.get("ghprbPullId") == number
