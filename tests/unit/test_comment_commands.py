"""What of a comment is a command: as GitHub shows it, and in time that grows as the comment does."""

import time
from itertools import pairwise

import pytest

from leeroy.deciding.commands import (
    LONGEST_COMMENT,
    MOST_COMMANDS,
    Command,
    Verb,
    is_for_bots,
    parse_commands,
)

RETEST = (Command(Verb.RETEST),)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("- ```\n  /retest\n  ```", id="a fence in a list"),
        pytest.param("1. text\n\n   ~~~sh\n   /retest\n   ~~~", id="a fence in a numbered list"),
        pytest.param("-     /retest", id="indented code in a list"),
        pytest.param("<pre>\n/retest\n</pre>", id="pre"),
        pytest.param("<pre>\n\n/retest\n\n</pre>", id="pre with blank lines"),
        pytest.param("<div><PRE>\n\n/retest\n\n</PRE></div>", id="pre in another element"),
        pytest.param("see <pre>\n/retest\n</pre>", id="pre in a sentence"),
        pytest.param("see <code>a\n/retest\nb</code>", id="code in a sentence"),
        pytest.param("<blockquote>\n\n/retest\n\n</blockquote>", id="quoted by HTML"),
        pytest.param("<!--\n/retest\n-->", id="hidden"),
        pytest.param("<!--\n/retest", id="hidden to the end"),
        pytest.param("see <!--\n/retest\n--> that", id="hidden in a sentence"),
        pytest.param("see `a\n/retest\nb`", id="code over several lines"),
        pytest.param("see ``a ` \n/retest\nb``", id="code with a backtick in it"),
        pytest.param("> /retest", id="quoted"),
        pytest.param("> text\n/retest", id="quoted, as the line goes on"),
        pytest.param("> - a\n>\n>   /retest", id="quoted list"),
        pytest.param("    /retest", id="indented"),
        pytest.param("```\n/retest", id="a fence that nobody closes"),
        pytest.param("````\n```\n/retest\n````", id="a longer fence"),
        pytest.param("- /retest", id="an entry of a list"),
        pytest.param("# /retest", id="a heading"),
        pytest.param("please /retest", id="in a sentence"),
        pytest.param("/lgtm", id="another bot's"),
        pytest.param("/ship", id="another bot's that is near"),
        pytest.param("/test" + "x" * 2000, id="a long line"),
        pytest.param("", id="nothing"),
        pytest.param("/", id="a slash"),
        pytest.param("One could say retest this please to have it built again.", id="a sentence"),
    ],
)
def test_what_github_shows_otherwise_is_no_command(body):
    assert parse_commands(body) == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("- ```\n  text\n  ```\n\n/retest", id="behind a fence in a list"),
        pytest.param("```\na\n```\n/retest", id="behind a fence"),
        pytest.param("> quoted\n\n/retest", id="behind a quote"),
        pytest.param("<!-- hidden -->\n/retest", id="behind a comment"),
        pytest.param("/retest <!-- because\nof that -->", id="before a comment"),
        pytest.param("<pre>\na\n</pre>\n\n/retest", id="behind pre"),
        pytest.param("- text\n  /retest", id="a line of an entry of a list"),
        pytest.param("<details>\n\n/retest\n\n</details>", id="in details"),
        pytest.param("`a` and ``b\n/retest", id="behind a backtick that nobody closes"),
        pytest.param("a \\`b\n/retest\nc`", id="behind a backtick that is none"),
        pytest.param("a <!-- b\n/retest", id="behind a comment that nobody closes"),
        pytest.param("/Retest", id="a capital"),
        pytest.param("/RETEST", id="capitals"),
        pytest.param("/retest.", id="a full stop"),
        pytest.param("/retest!!", id="an exclamation"),
        pytest.param("\u00a0/retest\u2003", id="blanks of Unicode"),
        pytest.param("\ufeff\u200b/retest\u200b", id="marks without a width"),
        pytest.param("/retest\r\n", id="a line's end of Windows"),
        pytest.param("/retest\r", id="a line's end of old"),
        pytest.param("/retest\n---\nMary", id="over a rule"),
        pytest.param("Retest this please.", id="a phrase"),
        pytest.param("retest, this, please!!", id="a phrase with commas"),
    ],
)
def test_what_stands_on_its_own_line_is_one(body):
    assert parse_commands(body) == RETEST


@pytest.mark.parametrize(
    ("body", "argument"),
    [("/test all", "all"), ("/Test\u00a0all\u00a0", "all"), ("/test  a b ", "a b")],
)
def test_blanks_of_unicode_stand_before_an_argument_too(body, argument):
    assert parse_commands(body) == (Command(Verb.TEST, argument),)


@pytest.mark.parametrize(
    "body",
    [
        "Jenkins, retest this please", "@jenkins retest this please", "retest this please :pray:",
        "ok to test :+1:", "hey @jenkins: add to whitelist!",
    ],
)  # fmt: skip
def test_a_phrase_with_a_name_or_a_smiley_is_almost_one(body):
    assert parse_commands(body) == (Command(Verb.ALMOST, body),)


@pytest.mark.parametrize(
    "body", ["/retset", "/re-test", "/oktotest", "/ok_to_test", "/tests", "/Cancle"]
)
def test_a_misspelt_one_is_known_as_such(body):
    assert parse_commands(body) == (Command(Verb.UNKNOWN, body),)


def test_a_comment_holds_no_more_than_so_many():
    body = "\n".join(f"/test {n}" for n in range(100))
    assert len(parse_commands(body)) == MOST_COMMANDS


def test_a_command_far_down_a_long_comment_is_known_as_such():
    log = "```\n" + "x" * 70 + "\n"
    long = log * (LONGEST_COMMENT // len(log) + 3)
    assert parse_commands(f"/retest\n{long}") == RETEST
    assert parse_commands(f"{long}\n```\n\n/retest") == (Command(Verb.TOO_LOW, "/retest"),)


@pytest.mark.parametrize(
    ("line", "is_for"),
    [("/approve", True), ("\t/x", True), ("retest this please", True), ("a/b", False), ("", False)],
)
def test_lines_that_bots_may_obey_are_known(line, is_for):
    assert is_for_bots(line) is is_for


def _ladder(n):
    return "".join(" " * (2 * (i % 8)) + "- a\n" for i in range(n // 12))


#: Each makes a comment of some length; all end in a command, so that none is let go at once.
HOSTILE = {
    "nested quotes": lambda n: ">" * n,
    "quoted lines": lambda n: "> a\n" * (n // 4),
    "nested lists": lambda n: "- " * (n // 2),
    "lists": lambda n: "- a\n" * (n // 4),
    "ladders of lists": _ladder,
    "quotes of lists": lambda n: (">- " * 8 + "a\n") * (n // 26),
    "lines of one quote": lambda n: "> " * 9 + "a\n" * (n // 2),
    "brackets": lambda n: "[" * n,
    "references": lambda n: "[a]: b 'c\n" * (n // 10),
    "a reference's title": lambda n: "[a]: b '" + "x\n" * (n // 2),
    "backticks": lambda n: "".join("`" * (1 + i % 90) + " " for i in range(n // 46)),
    "one backtick": lambda n: "a `" * (n // 3),
    "comments": lambda n: "a <!-- " * (n // 7),
    "elements": lambda n: "a <pre><code>\n" * (n // 14),
    "elements alone": lambda n: "<pre>\n" * (n // 6),
    "fences": lambda n: "```\n" * (n // 4),
    "blanks": lambda n: "/test a" + " " * n + "b",
    "blank lines": lambda n: "\n" * n,
    "blanks in a phrase": lambda n: ("retest" + " " * 180 + "\n") * (n // 187),
    "near commands": lambda n: "".join(f"/a{i % 1000:03}\n" for i in range(n // 6)),
    "backslashes": lambda n: "\\" * n,
}
SIZES = (1_000, 2_000, 4_000, 8_000)


def seconds(body):
    """The CPU time it takes at best."""
    spent = []
    for _ in range(5):
        begun = time.thread_time()
        parse_commands(body)
        spent.append(time.thread_time() - begun)
    return min(spent)


@pytest.mark.parametrize("name", HOSTILE)
def test_reading_takes_time_as_the_comment_is_long(name):
    taken = [seconds(HOSTILE[name](size) + "\n\n/help") for size in SIZES]
    # What takes a millisecond is below what can be told apart.
    assert all(later <= max(3 * earlier, 0.003) for earlier, later in pairwise(taken)), taken
