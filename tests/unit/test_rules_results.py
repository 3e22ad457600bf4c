"""The comment with the results of all builds: when it is written, and what stands in it.

Of the rule tell_results.
"""

import time
from dataclasses import replace

import pytest

from leeroy.deciding.effects import SetStatus, WriteComment
from leeroy.deciding.plan import decide
from leeroy.deciding.result_texts import (
    LIMIT,
    MOST_ROWS,
    MOST_TESTS,
    ContextResult,
    results_comment,
)
from leeroy.deciding.rules.report import status_of
from leeroy.deciding.rules.results import shown_console_lines
from leeroy.deciding.unknown import What
from leeroy.model import (
    BuildDetails,
    BuildState,
    FailedTests,
    OwnComment,
    Reason,
    ReasonKind,
    Result,
    Status,
    StatusState,
)
from leeroy.worker.reading.details import hide_secrets
from tests.making import (
    HEAD,
    OLD_HEAD,
    a_build_setting,
    a_done_row,
    a_pull,
    a_queued_row,
    a_row,
    a_running_row,
    config,
    pull_facts,
)

TWO = [a_build_setting(), a_build_setting(context="docs")]
ON = config(comments={"results": True}, builds=TWO)
FAILED = a_done_row(result=Result.FAILURE)
TESTS = FailedTests(names=("pkg.A.one", "pkg.A.two"), count=2, total=9)
DETAILS = {FAILED.id: BuildDetails(tests=TESTS)}


def comment(facts):
    found = [e for e in decide(facts).effects if isinstance(e, WriteComment)]
    return found[0] if found else None


def asked(facts):
    """Of which builds the rules want to know why they failed."""
    return [need.of for need in decide(facts).asked if need.what is What.DETAILS]


def known(facts):
    """The comment those facts lead to, as it is remembered once it is posted."""
    body = comment(facts).body
    return {"results": OwnComment(topic="results", comment_id=5, body=body)}


class TestWhen:
    @pytest.mark.parametrize(
        "rows",
        [(), (a_queued_row(),), (a_running_row(),), (a_done_row(sha=OLD_HEAD),)],
        ids=["nothing", "queued", "running", "another head's"],
    )
    def test_not_before_a_build_of_the_head_has_ended(self, rows):
        assert comment(pull_facts(ON, builds=rows)) is None

    @pytest.mark.parametrize(
        "row",
        [
            a_done_row(),
            FAILED,
            a_row(
                state=BuildState.REFUSED,
                reason=Reason(ReasonKind.REFUSED, "Job widgets-pr is disabled"),
            ),
            a_running_row(state=BuildState.LOST, reason=Reason(ReasonKind.FORGOTTEN)),
        ],
        ids=["succeeded", "failed", "refused", "lost"],
    )
    def test_when_the_first_has_ended(self, row):
        written = comment(pull_facts(ON, builds=(row,)))
        assert (written.topic, written.comment_id) == ("results", None)

    def test_off_unless_asked_for_and_not_on_what_is_closed(self):
        assert comment(pull_facts(builds=(FAILED,))) is None
        closed = pull_facts(ON, builds=(FAILED,), pull=a_pull(is_open=False))
        assert comment(closed) is None
        assert asked(closed) == []

    def test_an_unchanged_world_is_not_told_of_again_nor_read_again(self):
        facts = pull_facts(ON, builds=(FAILED,), details=DETAILS)
        again = pull_facts(ON, builds=(FAILED,), comments=known(facts))
        assert comment(again) is None
        assert asked(again) == []

    def test_another_build_that_ends_is_told_of_in_place(self):
        first = pull_facts(ON, builds=(FAILED,), details=DETAILS)
        both = (FAILED, a_done_row(context="docs", id="docs-row"))
        second = pull_facts(ON, builds=both, comments=known(first), details=DETAILS)
        assert comment(second).comment_id == 5
        assert asked(replace(second, details={})) == [FAILED.id]

    def test_a_build_that_starts_to_run_is_no_news(self):
        queued = a_queued_row(context="docs", id="docs-row")
        running = a_running_row(context="docs", id="docs-row")
        first = pull_facts(ON, builds=(FAILED, queued), details=DETAILS)
        second = pull_facts(ON, builds=(FAILED, running), details=DETAILS, comments=known(first))
        assert comment(second) is None

    def test_a_new_head_is_told_of_once_something_of_it_has_ended(self):
        old = pull_facts(ON, builds=(FAILED,), details=DETAILS)
        pull = a_pull(head_sha="e" * 40)
        waits = a_queued_row(sha="e" * 40)
        assert comment(pull_facts(ON, pull=pull, builds=(waits,), comments=known(old))) is None
        ended = a_done_row(sha="e" * 40)
        new = comment(pull_facts(ON, pull=pull, builds=(ended,), comments=known(old)))
        assert new.body.count("eeeeeee") == 1

    def test_what_could_not_be_read_is_read_and_told_later(self):
        unread = pull_facts(ON, builds=(FAILED,))
        later = pull_facts(ON, builds=(FAILED,), comments=known(unread))
        assert comment(later) is None  # still the same
        assert asked(later) == [FAILED.id]
        read = pull_facts(ON, builds=(FAILED,), comments=known(unread), details=DETAILS)
        assert "pkg.A.one" in comment(read).body


class TestConsoleIsPrivate:
    @pytest.mark.parametrize(
        ("comments", "is_private", "lines"),
        [
            ({}, True, 0),
            ({"console_lines": 20}, True, 20),
            ({"console_lines": 20}, False, 0),
            ({"console_lines": 20, "console_on_public": True}, False, 20),
        ],
        ids=["not set", "private", "public", "public on purpose"],
    )
    def test_lines_are_shown_only_by_their_own_settings(self, comments, is_private, lines):
        settings = config(comments={"results": True, **comments})
        facts = pull_facts(settings, pull=a_pull(is_private=is_private))
        assert shown_console_lines(facts) == lines


class TestTable:
    def test_it_has_contexts_builds_results_and_durations(self):
        body = comment(pull_facts(ON, builds=(FAILED,), details=DETAILS)).body
        assert "Builds of aaaaaaa:" in body
        url = "http://jenkins.test/job/widgets-pr/17/"
        assert f"| `janky` | [\\#17](<{url}>) | **failed** | 3 min 20 s |" in body
        assert "| `docs` |  | not finished yet |  |" in body
        assert "`janky`: 2 of 9 tests failed\n\n- `pkg.A.one`\n- `pkg.A.two`" in body
        assert "`/retest`" in body

    def test_what_was_skipped_says_why(self):
        settings = config(
            comments={"results": True},
            builds=[a_build_setting(), a_build_setting(context="rel", branches=["release/*"])],
        )
        body = comment(pull_facts(settings, builds=(a_done_row(),))).body
        assert "| `rel` |  | Skipped: not built for main |  |" in body
        assert "/retest" not in body

    def test_the_newest_attempt_speaks(self):
        again = a_running_row(attempt=2, id="second")
        docs = a_done_row(context="docs", id="docs-row")
        body = comment(pull_facts(ON, builds=(FAILED, again, docs))).body
        assert "| `janky` |  | not finished yet |  |" in body

    def test_why_jenkins_did_not_take_it(self):
        row = a_row(
            state=BuildState.REFUSED,
            reason=Reason(ReasonKind.REFUSED, "Job <b>x</b> | is @disabled"),
        )
        body = comment(pull_facts(ON, builds=(row,))).body
        assert "**Job \\<b\\>x\\</b\\> \\| is @\u200bdisabled**" in body


def a_result(**fields):
    whole = {"context": "ci", "result": "failed", "is_good": False, "is_over": True, **fields}
    return ContextResult(**whole)


def told(tests=(), console=(), count=None, row=None):
    failed = FailedTests(names=tuple(tests), count=count or len(tests), total=0)
    row = row or a_result()
    details = BuildDetails(tests=failed if tests or count else None, console=tuple(console))
    return results_comment(HEAD, [row], [(row, details)])


class TestText:
    def test_a_long_list_of_tests_is_cut_and_counted(self):
        body = told([f"t{n}" for n in range(MOST_TESTS + 3)], count=500)
        assert body.count("\n- `t") == MOST_TESTS
        assert "- and 490 more" in body

    def test_failures_without_names_are_counted(self):
        assert "`ci`: 3 tests failed\n\n- no names are known" in told(count=3)

    @pytest.mark.parametrize(
        "name",
        ["@octocat", "<img src=x>", "a`b`", "x\n\n# big", "```", "](http://evil)", "a" * 5000],
        ids=["mention", "html", "backticks", "lines", "fence", "link", "long"],
    )
    def test_no_test_name_gets_out_of_its_code(self, name):
        (line,) = [line for line in told([name]).split("\n") if line.startswith("- ")]
        assert line[2] == "`"
        assert line[-1] == "`"
        assert len(line) < 200

    @pytest.mark.parametrize(
        "line",
        ["```", "`````@all", "</details>", "\x1b[31mred", "x" * 9000, "a\u202eb"],
        ids=["fence", "longer fence", "html", "escape", "long", "turned"],
    )
    def test_no_console_line_gets_out_of_its_fence(self, line):
        body = told(console=["before", line, "after"])
        start = body.index("text\nbefore\n")
        fence = body[:start].rpartition("\n")[2]
        assert set(fence) == {"`"}
        shown = body[start:].split("\n")
        end = shown.index(fence)
        assert shown[end - 1] == "after"
        assert len(shown) - 1 - end == 4  # nothing in between, </details>, and the last words
        assert "\x1b" not in body
        assert "\u202e" not in body
        assert max(map(len, shown)) <= 200

    def test_a_link_goes_nowhere_else(self):
        url = 'http://j/job/a b/7/"|>)[x](evil'
        body = results_comment(HEAD, [a_result(build_number=7, url=url)], [])
        assert "[\\#7](<http://j/job/a%20b/7/%22%7C%3E)%5Bx%5D(evil>)" in body
        body = results_comment(HEAD, [a_result(build_number=7, url="javascript:x")], [])
        assert "| \\#7 |" in body

    def test_hundreds_of_contexts_and_long_consoles_stay_within_what_github_takes(self):
        rows = [a_result(context=f"{n}" + "é" * 250, result="r" * 500) for n in range(300)]
        console = BuildDetails(console=("y" * 300,) * 200)
        body = results_comment(HEAD, rows, [(row, console) for row in rows])
        assert len(body) < LIMIT + 1000
        assert f"and {300 - MOST_ROWS} more" in body
        assert "There is more in Jenkins than fits in here." in body
        assert body.count("<details>") == body.count("</details>")


class TestSecrets:
    @pytest.mark.parametrize(
        "text",
        [
            "PASSWORD=hunter22",
            'password: "hunter22 and hunter22"',
            "db_password => 'hunter22'",
            "curl --token hunter22 https://x",
            "https://x/?access_token=hunter22",
            '{"apiKey":"hunter22"}',
            "Authorization: Bearer hunter22",
            "Authorization: Basic aHVudGVyMjI=hunter22",
            "AKIAIOSFODNN7EXAMPLE",
            "eyJhbGciOiJIUzI1NiJ9.eyJodW50ZXIyMiJ9.hunter22",
            "xoxb-1234567890-hunter22",
            "glpat-hunter22hunter22",
            "npm_hunter22hunter22hunter22hunter22hunter22",
            "-----BEGIN RSA PRIVATE KEY-----\nhunter22\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nhunter22",
            "before\n" + "hunter22" * 8 + "\nafter",
        ],
    )
    def test_what_looks_like_a_secret_is_hidden(self, text):
        hidden = hide_secrets(text)
        assert "***" in hidden
        assert not any(word in hidden for word in ("hunter22", "AKIAIO", "aHVudGVy"))

    @pytest.mark.parametrize(
        "text",
        ["FAILED tests/test_token.py::test_it - assert 1 == 2", "basic instructions", "c0ffee" * 6],
    )
    def test_ordinary_lines_stay(self, text):
        assert hide_secrets(text) == text

    @pytest.mark.parametrize(
        "line",
        ["a" * 64_000, "a." * 32_000, "\n" * 64_000, "password " * 7_000, "-----BEGIN" * 6_400,
         " " * 64_000 + "x", "--" * 32_000, "token=" * 10_000, "eyJ" + "a.a" * 20_000],
        ids=range(9),
    )  # fmt: skip
    def test_no_console_takes_long(self, line):
        began = time.perf_counter()
        hide_secrets(line)
        # Linear takes milliseconds; what backtracks would take minutes.
        assert time.perf_counter() - began < 30.0


class TestUsualDuration:
    @pytest.mark.parametrize(
        ("usual", "text"),
        [
            (None, "Build #17 is running"),
            (4.0, "Build #17 is running"),
            (47.0, "Build #17 is running, usually 50 s"),
            (200.0, "Build #17 is running, usually 3 min"),
        ],
    )
    def test_it_stands_behind_the_words_for_a_running_build(self, usual, text):
        row = a_running_row()
        facts = pull_facts(builds=(row,), usual={} if usual is None else {row.id: usual})
        (effect,) = [e for e in decide(facts).effects if isinstance(e, SetStatus)]
        assert effect.status.description == text

    def test_once_said_it_stays_whatever_other_builds_took_meanwhile(self):
        row = a_running_row()
        status = status_of(row)
        said = Status(
            context="janky",
            state=StatusState.PENDING,
            description=f"{status.description}, usually 3 min",
            target_url=status.target_url,
        )
        facts = pull_facts(builds=(row,), usual={row.id: 900.0}, written={(HEAD, "janky"): said})
        assert decide(facts).effects == ()
        other = a_running_row(url="http://jenkins.test/job/widgets-pr/18/", build_number=18)
        facts = pull_facts(
            builds=(other,), usual={other.id: 900.0}, written={(HEAD, "janky"): said}
        )
        (effect,) = decide(facts).effects
        assert effect.status.description == "Build #18 is running, usually 15 min"
