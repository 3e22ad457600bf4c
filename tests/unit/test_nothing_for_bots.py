"""What a stranger wrote begins no line of ours: bots that read lines would obey our account."""

import pytest

from leeroy.deciding.commands import Command, Verb, is_for_bots, parse_commands
from leeroy.deciding.messages import conflict_comment, reply
from leeroy.deciding.result_texts import ContextResult, results_comment
from leeroy.model import BuildDetails, FailedTests
from patchparser.check import run_checks
from patchparser.policy import parse_policy
from patchparser.pull import Commit, Identity, Pull
from tests.making import HEAD, a_patch

HOSTILE = (
    "/approve", "  /lgtm", "\t/retest", "\u200b/ok-to-test", "ok to test", "Retest this please!",
    "add to whitelist", "a\n/approve", "a\r/approve", "a\u2028/approve", "```\n/approve", "`/approve",
    "-->\n/approve",
)  # fmt: skip


def results(text):
    row = ContextResult(
        context=text, result=text, is_good=False, is_over=True, build_number=1,
        url=f"https://ci.example/{text}",
    )  # fmt: skip
    tests = FailedTests(names=(text,), count=1, total=2)
    return results_comment(HEAD, [row], [(row, BuildDetails(tests=tests, console=(text, text)))])


def checks(text):
    policy = parse_policy({
        "signoff": {"mode": "required"}, "tests": {"mode": "advisory", "min_lines": 1},
        "docs": {"mode": "advisory"},
    })  # fmt: skip
    somebody = Identity(name=text, email="a@example.com")
    commit = Commit(sha=HEAD, message=text, author=somebody, committer=somebody)
    pull = Pull(title=text, body=text, author=text, head=text, base="main", commit_count=1)
    patch = a_patch(f"src/{text}")
    return run_checks(patch, pull, (commit,), policy, policy.make_kinds()).to_markdown()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "made",
    [
        pytest.param(results, id="results"),
        pytest.param(checks, id="checks"),
        pytest.param(lambda t: conflict_comment(f"https://x/{t}", t, t), id="conflict"),
        pytest.param(
            lambda t: reply([(Command(verb, t), "no") for verb in Verb], [t]), id="an answer"
        ),
    ],
)
def test_no_line_of_a_comment_is_one_that_a_bot_obeys(made, text):
    body = made(text)
    assert [line for line in body.splitlines() if is_for_bots(line)] == []
    assert parse_commands(body) == ()
