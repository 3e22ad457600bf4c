"""GitHub's objects become facts; what is absent stays empty, what is wrong is named."""

import pytest

from patchparser.github_json import (
    BadGitHubJson,
    Totals,
    parse_commits,
    parse_pull,
    parse_totals,
)
from patchparser.pull import Commit, Identity, Pull

PULL = {
    "title": "Fix the parser",
    "body": None,
    "labels": [{"name": "bug"}, {"name": "size/S"}],
    "user": {"login": "renovate[bot]", "type": "Bot"},
    "head": {"ref": "feature/x", "sha": "a" * 40, "repo": None},
    "base": {"ref": "main"},
    "draft": True,
    "commits": 3,
    "changed_files": 2,
    "additions": 10,
    "deletions": 4,
}

ITEM = {
    "sha": "a" * 40,
    "commit": {
        "message": "Fix\n\nbody",
        "author": {"name": "Ann", "email": "ann@x.io", "date": "2026-01-01T00:00:00Z"},
        "committer": {"name": "GitHub", "email": "noreply@github.com"},
    },
    "author": {"login": "ann", "type": "User"},
    "committer": {"login": "web-flow", "type": "User"},
    "parents": [{"sha": "b" * 40}, {"sha": "c" * 40}],
}


def test_a_pull_request_is_read_whole():
    assert parse_pull(PULL) == Pull(
        title="Fix the parser",
        labels=frozenset({"bug", "size/S"}),
        author="renovate[bot]",
        author_is_bot=True,
        head="feature/x",
        base="main",
        is_draft=True,
        commit_count=3,
    )
    assert parse_totals(PULL) == Totals(changed_files=2, additions=10, deletions=4)


@pytest.mark.parametrize(
    "pull",
    [{}, {"user": None, "head": None, "labels": None, "commits": None, "title": None}],
    ids=["empty", "nulls"],
)
def test_what_is_absent_stays_empty(pull):
    assert parse_pull(pull) == Pull()


def test_a_commit_is_read_whole():
    (commit,) = parse_commits([ITEM])
    assert commit == Commit(
        sha="a" * 40,
        message="Fix\n\nbody",
        author=Identity(name="Ann", email="ann@x.io"),
        committer=Identity(name="GitHub", email="noreply@github.com"),
        parents=("b" * 40, "c" * 40),
        author_login="ann",
    )
    assert commit.is_merge


@pytest.mark.parametrize("account", [None, {}], ids=["null", "empty"])
def test_an_author_without_an_account_is_nobodys_bot(account):
    (commit,) = parse_commits([{**ITEM, "author": account}])
    assert (commit.author_login, commit.author_is_bot) == ("", False)


def test_a_bot_is_known_by_its_type():
    (commit,) = parse_commits([{**ITEM, "author": {"login": "x[bot]", "type": "Bot"}}])
    assert commit.author_is_bot
    (commit,) = parse_commits([{**ITEM, "author": {"login": "x[bot]", "type": "User"}}])
    assert not commit.author_is_bot


BAD = [
    pytest.param(parse_pull, [], "pull request: must be an object", id="list for a pull"),
    pytest.param(parse_pull, {"title": 1}, "pull request: title must be text", id="title"),
    pytest.param(parse_pull, {"labels": {}}, None, id="labels empty object is like none"),
    pytest.param(parse_pull, {"labels": "x"}, "pull request: labels must be a list", id="labels"),
    pytest.param(parse_pull, {"labels": [1]}, "pull request: labels[0]: must be an object",
                 id="label"),
    pytest.param(parse_pull, {"head": "x"}, "pull request.head: must be an object", id="head"),
    pytest.param(parse_commits, {"message": "Not Found"},
                 'the commits must be the list that pulls/N/commits answers (it says "Not Found")',
                 id="GitHub's refusal"),
    pytest.param(parse_commits, [ITEM, 1], "commits[1]: must be an object", id="number"),
    pytest.param(parse_commits, [{}], "commits[0].commit: must be an object", id="empty item"),
    pytest.param(parse_commits, [{"commit": {}}], "commits[0].commit: there is no message",
                 id="no message"),
    pytest.param(parse_commits, [{**ITEM, "parents": 2}], "commits[0]: parents must be a list",
                 id="parents"),
    pytest.param(parse_commits, [{**ITEM, "sha": 2}], "commits[0]: sha must be text", id="sha"),
]  # fmt: skip


@pytest.mark.parametrize(("parse", "value", "message"), BAD)
def test_what_github_would_not_say_is_refused_with_its_place(parse, value, message):
    if message is None:
        parse(value)
        return
    with pytest.raises(BadGitHubJson) as caught:
        parse(value)
    assert str(caught.value) == message


def test_copilot_is_a_bot_by_its_address_here_as_in_a_checkout():
    git = {**ITEM["commit"], "author": {"name": "copilot-swe-agent[bot]",
                                        "email": "198982749+Copilot@users.noreply.github.com"}}  # fmt: skip
    (commit,) = parse_commits([{**ITEM, "commit": git, "author": None}])
    assert commit.author_is_bot
