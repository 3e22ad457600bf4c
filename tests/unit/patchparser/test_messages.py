"""What contributors read, word for word, and how long it may be."""

import inspect
import re
from pathlib import Path

import pytest

import patchparser
from patchparser import messages
from patchparser.findings import Check
from patchparser.pull import Identity
from patchparser.surface import Surface, SurfaceKind

#: https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
LONGEST_DESCRIPTION = 140

ANN = Identity(name="Ann", email="ann@example.org")
BOB = Identity(name="Bob", email="bob@example.org")


def surfaces(*kinds: SurfaceKind) -> list[Surface]:
    """One of each kind."""
    return [Surface(kind=kind, name="x", line=1) for kind in kinds]


SUMMARIES = [
    (messages.sign_offs(failing=0, seen=1, exempt=0), "The commit is signed off."),
    (messages.sign_offs(failing=0, seen=4, exempt=1), "All 4 commits are signed off."),
    (messages.sign_offs(failing=1, seen=1, exempt=0), "The commit is not signed off."),
    (messages.sign_offs(failing=1, seen=9, exempt=0), "1 of 9 commits is not signed off."),
    (messages.sign_offs(failing=2, seen=9, exempt=0), "2 of 9 commits are not signed off."),
    (
        messages.sign_offs(failing=0, seen=2, exempt=2),
        "Merges and bots' commits need no sign-off.",
    ),
    (
        messages.sign_offs_cut(failing=3, seen=250, total=260),
        "Only 250 of 260 commits could be seen: 3 of those not signed off.",
    ),
    (
        messages.sign_offs_cut(failing=0, seen=250, total=None),
        "Only the first 250 commits could be seen, there may be more: those are signed off.",
    ),
    (messages.no_commits_given(), "Not checked: the commits were not given."),
    (messages.no_commits(), "Not checked: there are no commits."),
    (
        messages.base_branch_needs_no_sign_off(),
        "Not checked: this base branch needs no sign-off.",
    ),
    (messages.touched(Check.DOCS), "Docs changed too."),
    (messages.touched(Check.TESTS), "Tests changed too."),
    (messages.not_all_seen(), "Not checked: GitHub did not list all changed files."),
    (
        messages.too_small(Check.TESTS, 4, 5),
        "Too small to ask for tests: 4 lines of code changed, fewer than 5.",
    ),
    (
        messages.too_small(Check.DOCS, 1, 5),
        "Too small to ask for docs: 1 line of code changed, fewer than 5.",
    ),
    (messages.nothing_users_see(), "Nothing changed that users see."),
    (messages.nothing_can_break(), "No code changed in a way that can break."),
    (
        messages.not_documented(surfaces(SurfaceKind.ROUTE, SurfaceKind.FLAG), 0),
        "New: 1 command-line flag, 1 HTTP route. The docs did not change.",
    ),
    (
        messages.not_documented(surfaces(*SurfaceKind), 0),
        (
            "New: 1 command-line flag, 1 environment variable, 1 configuration key and more."
            " The docs did not change."
        ),
    ),
    (
        messages.not_documented([], 1),
        "1 file changed that users see the changes of. The docs did not change.",
    ),
    (messages.not_tested(1, 1), "Code changed in 1 file (1 line), and no test did."),
    (messages.not_tested(2, 1200), "Code changed in 2 files (1,200 lines), and no test did."),
    (messages.has_label("no-docs-needed"), "Not checked: it has the label no-docs-needed."),
    (
        messages.author_is_not_asked(Check.TESTS),
        "Not checked: its author is not asked for tests.",
    ),
    (
        messages.base_is_not_asked(Check.DOCS),
        "Not checked: its base branch is not asked for docs.",
    ),
    (
        messages.says_it_needs_none(Check.TESTS),
        "Not checked: the pull request says that it needs no tests.",
    ),
]

NOTES = [
    (messages.missing_sign_off(), "The sign-off is missing."),
    (messages.misplaced_sign_off(), "The sign-off does not stand at the start of a line."),
    (
        messages.incomplete_sign_off(),
        "The sign-off needs both: `Signed-off-by: Name <name@example.org>`.",
    ),
    (
        messages.other_signer([BOB], [ANN]),
        "Signed off by `Bob <bob@example.org>`, but the commit is by `Ann <ann@example.org>`.",
    ),
    (messages.users_see_file(), "users see this file's changes"),
    (messages.lines_changed(1), "1 line changed"),
    (messages.why_we_ask(), "Why we ask for this"),
    (messages.and_more(3), "and 3 more"),
    (
        messages.comment_opening(required=True),
        "Thank you for this pull request! Before it can be merged, it still needs something:",
    ),
    (
        messages.comment_opening(required=False),
        "Thank you for this pull request! It could be better still:",
    ),
    (
        messages.all_good_comment(),
        "Thank you! Nothing is missing any more: all checks of this pull request are good.",
    ),
    (messages.nothing_missing(), "Nothing is missing."),
    (messages.nothing_checked(), "Nothing is checked: the policy turns every check off."),
]


@pytest.mark.parametrize(("said", "expected"), SUMMARIES, ids=[e for _, e in SUMMARIES])
def test_a_summary_is_one_plain_sentence_that_a_status_can_hold(said: str, expected: str) -> None:
    assert said == expected
    assert len(said) <= LONGEST_DESCRIPTION
    assert said.endswith(".")


@pytest.mark.parametrize(("said", "expected"), NOTES, ids=[e for _, e in NOTES])
def test_a_note_says_what_is_wrong_and_no_more(said: str, expected: str) -> None:
    assert said == expected


def test_even_the_longest_numbers_fit_a_status() -> None:
    many = 10**9
    longest = [
        messages.sign_offs_cut(failing=many, seen=many, total=many),
        messages.not_tested(many, many),
        messages.too_small(Check.TESTS, many, many),
        messages.not_documented(surfaces(*SurfaceKind) * 3000, 0),
        messages.has_label("x" * 50),
    ]
    assert max(map(len, longest)) <= LONGEST_DESCRIPTION


@pytest.mark.parametrize(
    ("check", "labels", "phrases", "expected"),
    [
        pytest.param(
            Check.DOCS, (), (),
            "Push a commit that changes the docs, and this is looked at again.",
            id="no way out",
        ),
        pytest.param(
            Check.TESTS, ("no-tests-needed", "trivial"), (),
            "Push a commit that changes the tests, and this is looked at again. If this change needs"
            " no tests, a maintainer can add the label `no-tests-needed` or `trivial`.",
            id="labels",
        ),
        pytest.param(
            Check.DOCS, ("no-docs",), ("[skip docs]",),
            "Push a commit that changes the docs, and this is looked at again. If this change needs"
            " no docs, a maintainer can add the label `no-docs`, or the title or body of the pull"
            " request can say `[skip docs]`.",
            id="labels and phrases",
        ),
    ],
)  # fmt: skip
def test_the_ways_out_are_those_of_the_policy(
    check: Check, labels: tuple[str, ...], phrases: tuple[str, ...], expected: str
) -> None:
    assert messages.how_to_leave_out(check, labels=labels, phrases=phrases).before == expected


def test_commits_are_signed_off_by_their_real_number_and_branch() -> None:
    help_ = messages.how_to_sign_off(
        commits=3, has_merges=False, branch="fix it;rm -rf", base="main", help_url=""
    )
    assert help_.commands == (
        "git rebase HEAD~3 --signoff",
        "git push --force-with-lease origin 'fix it;rm -rf'",
    )
    assert help_.url == messages.DCO_URL


def test_no_other_module_holds_a_sentence_for_contributors() -> None:
    folder = Path(inspect.getfile(patchparser)).parent
    sentence = re.compile(r'(?<!")"(?:Not checked|Too small|Thank you|The sign-off|Code changed)')
    found = [
        path.name
        for path in folder.glob("*.py")
        if path.name != "messages.py" and sentence.search(path.read_text())
    ]
    assert found == []
