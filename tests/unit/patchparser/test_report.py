"""The report in its four forms, as text, and harmless in each."""

import json
import re

import pytest

from patchparser import messages
from patchparser.findings import Check, CommitProblem, Finding, Mode, Place, Verdict
from patchparser.kinds import Kind
from patchparser.labels import LabelChanges
from patchparser.report import MAX_NAMED, Format, Report

SHA = "0123456789abcdef0123456789abcdef01234567"

UNSIGNED = Finding(
    check=Check.SIGN_OFF,
    verdict=Verdict.FAIL,
    mode=Mode.REQUIRED,
    summary="1 of 2 commits is not signed off.",
    commits=(CommitProblem(sha=SHA, subject="Fix the parser", problem="The sign-off is missing."),),
)
UNTESTED = Finding(
    check=Check.TESTS,
    verdict=Verdict.FAIL,
    mode=Mode.ADVISORY,
    summary="Code changed, but no test did.",
    places=(
        Place(path="src/a.py", line=12, note="new flag --dry-run"),
        Place(path="src/a.py", line=30),
        Place(path="src/b.py"),
    ),
)
DOCUMENTED = Finding(
    check=Check.DOCS, verdict=Verdict.PASS, mode=Mode.ADVISORY, summary="The docs changed too."
)
UNCHECKED = Finding(
    check=Check.DOCS, verdict=Verdict.SKIPPED, mode=Mode.ADVISORY, summary="Not checked: a label."
)
HELPS = {
    Check.SIGN_OFF: messages.how_to_sign_off(
        commits=2, has_merges=False, branch="feature/x", base="main", help_url=""
    ),
    Check.TESTS: messages.how_to_leave_out(
        Check.TESTS, labels=["no-tests-needed"], phrases=["no tests:"]
    ),
}
REPORT = Report(
    findings=(UNSIGNED, DOCUMENTED, UNTESTED),
    labels=LabelChanges(add=("size/S", "dco/no"), remove=("size/XS",)),
    kinds={"src/a.py": Kind.CODE, "src/b.py": Kind.CODE},
    helps=HELPS,
)


def test_json_has_the_promised_shape():
    assert json.loads(REPORT.to_json()) == {
        "findings": [
            {
                "check": "signoff",
                "verdict": "fail",
                "mode": "required",
                "summary": "1 of 2 commits is not signed off.",
                "commits": [{"sha": SHA, "problem": "The sign-off is missing."}],
                "paths": [],
                "places": [],
            },
            {
                "check": "docs",
                "verdict": "pass",
                "mode": "advisory",
                "summary": "The docs changed too.",
                "commits": [],
                "paths": [],
                "places": [],
            },
            {
                "check": "tests",
                "verdict": "fail",
                "mode": "advisory",
                "summary": "Code changed, but no test did.",
                "commits": [],
                "paths": ["src/a.py", "src/b.py"],
                "places": [
                    {"path": "src/a.py", "line": 12, "note": "new flag --dry-run"},
                    {"path": "src/a.py", "line": 30, "note": ""},
                    {"path": "src/b.py", "line": None, "note": ""},
                ],
            },
        ],
        "labels": {"add": ["size/S", "dco/no"], "remove": ["size/XS"]},
        "kinds": {"src/a.py": "code", "src/b.py": "code"},
    }


def test_text_puts_the_place_first():
    assert (
        REPORT.to_text()
        == """\
signoff: FAIL: 1 of 2 commits is not signed off.
  0123456 Fix the parser: The sign-off is missing.
  A sign-off is a line at the end of the commit message that says you may contribute this change. \
In your clone, on your branch:
    git rebase HEAD~2 --signoff
    git push --force-with-lease origin feature/x
  This updates the pull request; there is no need to open a new one. Next time, `git commit \
--signoff` writes the line for you.
  https://developercertificate.org
docs: ok: The docs changed too.
tests: advice: Code changed, but no test did.
  src/a.py:12: new flag --dry-run
  src/a.py:30: tests
  src/b.py: tests
  Push a commit that changes the tests, and this is looked at again. If this change needs no \
tests, a maintainer can add the label `no-tests-needed`, or the title or body of the pull request \
can say `no tests:`.
labels: +size/S +dco/no -size/XS"""
    )


def test_reviewdog_reads_a_line_for_each_place():
    lines = [json.loads(line) for line in REPORT.to(Format.RDJSONL).splitlines()]
    assert [line["location"] for line in lines] == [
        {"path": "src/a.py", "range": {"start": {"line": 12}}},
        {"path": "src/a.py", "range": {"start": {"line": 30}}},
        {"path": "src/b.py"},
    ]
    assert lines[0]["message"] == "Code changed, but no test did. new flag --dry-run"
    assert (lines[0]["severity"], lines[0]["source"]) == ("WARNING", {"name": "patchparser"})


def test_text_has_colour_only_when_asked():
    assert "\x1b" not in REPORT.to_text()
    assert "\x1b[31mFAIL\x1b[0m" in REPORT.to_text(color=True)


def test_markdown_is_the_comment():
    assert (
        REPORT.to_markdown()
        == """\
Thank you for this pull request! Before it can be merged, it still needs something:

**Sign-off** (required): 1 of 2 commits is not signed off.

- 0123456789 `Fix the parser`: The sign-off is missing.

<details><summary>How to sign off</summary>

A sign-off is a line at the end of the commit message that says you may contribute this change. \
In your clone, on your branch:

```sh
git rebase HEAD~2 --signoff
git push --force-with-lease origin feature/x
```

This updates the pull request; there is no need to open a new one. Next time, `git commit \
--signoff` writes the line for you.

[Why we ask for this](<https://developercertificate.org>)

</details>

**Tests** (advice): Code changed, but no test did.

- `src/a.py:12`: `new flag --dry-run`
- `src/a.py:30`
- `src/b.py`

<details><summary>What to do about tests</summary>

Push a commit that changes the tests, and this is looked at again. If this change needs no tests, \
a maintainer can add the label `no-tests-needed`, or the title or body of the pull request can \
say `no tests:`.

</details>"""
    )


def test_annotations_stand_at_their_lines():
    assert REPORT.to_annotations() == (
        "::error title=patchparser%3A Sign-off::1 of 2 commits is not signed off."
        "%0A0123456789 Fix the parser: The sign-off is missing.\n"
        "::warning file=src/a.py,line=12,title=patchparser%3A Tests::"
        "Code changed, but no test did. new flag --dry-run\n"
        "::warning file=src/a.py,line=30,title=patchparser%3A Tests::"
        "Code changed, but no test did.\n"
        "::warning file=src/b.py,title=patchparser%3A Tests::Code changed, but no test did."
    )


CLEAN = Report(findings=(DOCUMENTED, UNCHECKED))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        pytest.param(
            Format.TEXT,
            "docs: ok: The docs changed too.\ndocs: skipped: Not checked: a label.",
            id="text",
        ),
        pytest.param(Format.MARKDOWN, "Nothing is missing.", id="markdown"),
        pytest.param(Format.GITHUB, "Nothing is missing.", id="github"),
    ],
)
def test_a_clean_report_says_so(form, text):
    assert CLEAN.is_clean
    assert CLEAN.to(form) == text


def test_a_report_without_any_check_says_that_nothing_was_checked():
    expected = "Nothing is checked: the policy turns every check off."
    assert Report(findings=()).to_text() == expected


def test_advice_alone_does_not_threaten_the_merge():
    comment = Report(findings=(UNTESTED,), helps=HELPS).to_markdown()
    assert comment.startswith("Thank you for this pull request! It could be better still:")


def test_all_good_is_said_kindly():
    assert messages.all_good_comment() == (
        "Thank you! Nothing is missing any more: all checks of this pull request are good."
    )


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN])
def test_long_lists_are_cut_and_say_so(form):
    places = tuple(Place(path=f"src/{number}.py") for number in range(MAX_NAMED + 5))
    finding = Finding(
        check=Check.TESTS, verdict=Verdict.FAIL, mode=Mode.ADVISORY, summary="x", places=places
    )
    shown = Report(findings=(finding,)).to(form)
    assert "and 5 more" in shown
    assert f"src/{MAX_NAMED}.py" not in shown


def test_json_names_every_place():
    places = tuple(Place(path=f"src/{number}.py") for number in range(MAX_NAMED + 5))
    finding = Finding(
        check=Check.TESTS, verdict=Verdict.FAIL, mode=Mode.ADVISORY, summary="x", places=places
    )
    paths = json.loads(Report(findings=(finding,)).to_json())["findings"][0]["paths"]
    assert len(paths) == MAX_NAMED + 5


# What contributors write

EVIL = [
    pytest.param("@octocat", id="mention"),
    pytest.param("a`@octocat`b", id="backticks"),
    pytest.param("```\n@octocat\n```", id="fence"),
    pytest.param("x\n\n</details><h1>@octocat</h1>", id="html"),
    pytest.param("a | b\n|---|---|", id="table"),
    pytest.param("[x](javascript:alert(1)) ![x](http://evil)", id="link"),
    pytest.param("x\n::error::stolen", id="annotation"),
    pytest.param("::set-output name=x::y", id="command"),
    pytest.param("x ##[add-path]/tmp", id="older command"),
    pytest.param("\x1b]0;title\x07\x1b[2J", id="terminal"),
    pytest.param("caf\udce9", id="no UTF-8"),
    pytest.param("a\u2028@octocat\u202eb", id="unseen"),
]


def report_with(text: str) -> Report:
    unsigned = Finding(
        check=Check.SIGN_OFF,
        verdict=Verdict.FAIL,
        mode=Mode.REQUIRED,
        summary="1 commit.",
        commits=(
            CommitProblem(
                sha=text,
                subject=text,
                problem=messages.other_signer(
                    [messages.Identity(name=text, email=text)],
                    [messages.Identity(name=text, email=text)],
                ),
            ),
        ),
    )
    untested = Finding(
        check=Check.TESTS,
        verdict=Verdict.FAIL,
        mode=Mode.ADVISORY,
        summary=text,
        places=(Place(path=text, line=1, note=text),),
    )
    sign_off = messages.how_to_sign_off(
        commits=1, has_merges=True, branch=text, base=text, help_url=""
    )
    return Report(
        findings=(unsigned, untested),
        labels=LabelChanges(add=(text,)),
        kinds={text: Kind.CODE},
        helps={Check.SIGN_OFF: sign_off},
    )


@pytest.mark.parametrize("text", EVIL)
def test_markdown_neither_mentions_nor_breaks_out(text):
    lines = report_with(text).to_markdown().split("\n")
    fences = [number for number, line in enumerate(lines) if line.startswith("```")]
    assert [lines[number] for number in fences] == ["```sh", "```"]
    prose = lines[: fences[0]] + lines[fences[1] + 1 :]
    without_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", "\n".join(prose))
    tags = re.findall(r"(?<!\\)</?\w+[^>]*>", without_code)
    assert tags == [
        "<details>", "<summary>", "</summary>", "<https://developercertificate.org>", "</details>",
    ]  # fmt: skip
    assert "@octocat" not in without_code
    assert "javascript" not in without_code.replace(r"\[x\](javascript:alert(1))", "")
    assert not any(line.startswith("|") for line in lines)


@pytest.mark.parametrize("form", [Format.TEXT, Format.GITHUB])
@pytest.mark.parametrize("text", EVIL)
def test_a_log_holds_no_command_but_ours(text, form):
    ours = ("::error title=patchparser", "::warning file=")
    for line in report_with(text).to(form).splitlines():
        assert not line.lstrip().startswith("::") or line.startswith(ours)
        assert "##[" not in line
        assert "\x1b" not in line
        line.encode()


@pytest.mark.parametrize("text", EVIL)
def test_json_holds_what_was_written_word_for_word(text):
    report = json.loads(report_with(text).to_json())
    assert report["findings"][1]["paths"] == [text]
    assert report["labels"]["add"] == [text]


def test_the_largest_comment_fits_into_githubs_limit():
    problem = messages.other_signer(
        [messages.Identity(name="x" * 999, email="y" * 999)] * 3,
        [messages.Identity(name="x" * 999, email="z" * 999)] * 2,
    )
    commits = tuple(CommitProblem(sha=SHA, subject="s" * 999, problem=problem) for _ in range(300))
    places = tuple(Place(path="p" * 999, line=1, note="n" * 999) for _ in range(300))
    said = {"verdict": Verdict.FAIL, "mode": Mode.REQUIRED, "summary": "@" * 140}
    findings = (
        Finding(check=Check.SIGN_OFF, commits=commits, **said),
        Finding(check=Check.DOCS, places=places, **said),
        Finding(check=Check.TESTS, places=places, **said),
    )
    assert len(Report(findings=findings, helps=HELPS).to_markdown()) < 65_536
