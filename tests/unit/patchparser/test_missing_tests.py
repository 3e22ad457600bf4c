"""When tests are asked for, and who is not asked."""

from dataclasses import replace

import pytest

from patchparser.findings import Mode, Place, Verdict
from patchparser.kinds import Kind, Kinds
from patchparser.missing_tests import TestsPolicy, find_missing_tests
from patchparser.patch import FileStatus, PatchedFile, PatchSet
from patchparser.pull import Pull


def file(path: str, *lines: str, status: FileStatus = FileStatus.MODIFIED) -> PatchedFile:
    """A file to which lines are added, or that has none of them."""
    hunk = "\n".join([f"@@ -1,0 +2,{len(lines)} @@", *(f"+{line}" for line in lines), ""])
    return PatchedFile(
        path=path, status=status, additions=len(lines), patch=hunk.encode() if lines else b""
    )


CODE = [f"x = {n}" for n in range(6)]


def patch(*files: PatchedFile, is_complete: bool = True) -> PatchSet:
    return PatchSet(files=files, is_complete=is_complete)


@pytest.mark.parametrize(
    ("files", "verdict", "summary"),
    [
        pytest.param(
            [file("app.py", *CODE)],
            Verdict.FAIL,
            "Code changed in 1 file (6 lines), and no test did.",
            id="code alone",
        ),
        pytest.param(
            [file("app.py", *CODE), file("web/app.ts", *CODE)],
            Verdict.FAIL,
            "Code changed in 2 files (12 lines), and no test did.",
            id="code in two languages",
        ),
        pytest.param(
            [file("app.py", *CODE), file("tests/test_app.py", "assert 1")],
            Verdict.PASS,
            "Tests changed too.",
            id="code and test",
        ),
        pytest.param(
            [file("app.py", *CODE), file("tests/data.bin", status=FileStatus.ADDED)],
            Verdict.FAIL,
            "Code changed in 1 file (6 lines), and no test did.",
            id="an empty file is no test",
        ),
        pytest.param(
            [
                file("app.py", *CODE),
                PatchedFile(path="tests/a.py", status=FileStatus.REMOVED, deletions=9),
            ],
            Verdict.FAIL,
            "Code changed in 1 file (6 lines), and no test did.",
            id="a test taken away",
        ),
        pytest.param(
            [
                file("app.py", *CODE),
                PatchedFile(path="tests/a.py", status=FileStatus.RENAMED, previous_path="b.py"),
            ],
            Verdict.FAIL,
            "Code changed in 1 file (6 lines), and no test did.",
            id="a test moved",
        ),
        pytest.param(
            [file("app.py", *CODE, ">>> f()")], Verdict.PASS, "Tests changed too.", id="doctest"
        ),
        pytest.param(
            [file("app.py", *CODE[:4])],
            Verdict.PASS,
            "Too small to ask for tests: 4 lines of code changed, fewer than 5.",
            id="small",
        ),
        pytest.param(
            [file("app.py", *CODE[:2]), file("b.py", *CODE[:3])],
            Verdict.FAIL,
            "Code changed in 2 files (5 lines), and no test did.",
            id="small in each file, not in all",
        ),
        pytest.param(
            [file("app.py", *["# why"] * 20)],
            Verdict.PASS,
            "No code changed in a way that can break.",
            id="comments",
        ),
        *(
            pytest.param(
                [file(path, *CODE)],
                Verdict.PASS,
                "No code changed in a way that can break.",
                id=path,
            )
            for path in (
                *("docs/conf.py", "vendor/x.go", "api/x.pb.go", "package-lock.json", "Makefile"),
                *("README.md", "logo.svg", ".github/workflows/ci.yml"),
            )
        ),
        pytest.param([], Verdict.PASS, "No code changed in a way that can break.", id="nothing"),
    ],
)
def test_tests_are_asked_for_code_that_can_break(
    files: list[PatchedFile], verdict: Verdict, summary: str
) -> None:
    found = find_missing_tests(patch(*files), Pull(), TestsPolicy(), Kinds())
    assert (found.verdict, found.summary) == (verdict, summary)


def test_the_finding_names_files_and_lines_the_most_changed_first() -> None:
    little, much = file("a.py", "# why", "x = 1"), file("b.py", *CODE)
    found = find_missing_tests(patch(little, much), Pull(), TestsPolicy(), Kinds())
    assert found.places == (
        Place(path="b.py", line=2, note="6 lines changed"),
        Place(path="a.py", line=3, note="1 line changed"),
    )


def test_the_policys_kinds_decide_what_a_test_is() -> None:
    checked = patch(file("app.py", *CODE), file("checks/app.py", "x = 1"))
    kinds = Kinds({Kind.TESTS: ["checks/**"]})
    assert find_missing_tests(checked, Pull(), TestsPolicy(), kinds).verdict is Verdict.PASS
    assert find_missing_tests(checked, Pull(), TestsPolicy(), Kinds()).verdict is Verdict.FAIL


def test_a_list_that_github_cut_proves_nothing_missing() -> None:
    cut = patch(file("app.py", *CODE), is_complete=False)
    found = find_missing_tests(cut, Pull(), TestsPolicy(), Kinds())
    assert found.verdict is Verdict.SKIPPED
    seen = patch(file("app.py", *CODE), file("tests/test_a.py", "x"), is_complete=False)
    assert find_missing_tests(seen, Pull(), TestsPolicy(), Kinds()).verdict is Verdict.PASS


SETTINGS = TestsPolicy(
    skip_labels=("no-tests-needed", "Trivial"),
    skip_phrases=("[trivial]", "no tests needed"),
    base_branches=("release/**",),
    authors=("dependabot[bot]", "Octocat"),
)
PULL = Pull(title="Add x", body="Because.", base="main", author="ann")


@pytest.mark.parametrize(
    ("pull", "summary"),
    [
        pytest.param(
            {"labels": frozenset({"bug", "trivial"})}, "it has the label Trivial", id="label"
        ),
        pytest.param({"author": "dependabot[bot]"}, "its author is not asked for tests", id="bot"),
        pytest.param({"author": "octocat"}, "its author is not asked for tests", id="author"),
        pytest.param(
            {"base": "release/1.2/x"}, "its base branch is not asked for tests", id="base"
        ),
        pytest.param({"title": "Typo [Trivial]"}, "says that it needs no tests", id="title"),
        pytest.param({"body": "x\nNo tests needed."}, "says that it needs no tests", id="body"),
    ],
)
def test_ways_out_are_taken_and_named(pull: dict[str, object], summary: str) -> None:
    found = find_missing_tests(patch(file("a.py", *CODE)), replace(PULL, **pull), SETTINGS, Kinds())
    assert found.verdict is Verdict.SKIPPED
    assert summary in found.summary


@pytest.mark.parametrize(
    "pull",
    [
        pytest.param({}, id="nothing said"),
        pytest.param({"labels": frozenset({"needs-tests"})}, id="another label"),
        pytest.param({"author": "dependabot"}, id="another author"),
        pytest.param({"base": "master"}, id="another base"),
        pytest.param({"body": "<!-- Write [trivial] if no tests needed -->\nx"}, id="a template"),
        pytest.param({"body": "x <!-- [trivial]"}, id="a comment left open"),
        pytest.param({"author": "", "base": "", "title": ""}, id="a plain checkout"),
    ],
)
def test_without_a_way_out_the_check_runs(pull: dict[str, object]) -> None:
    found = find_missing_tests(patch(file("a.py", *CODE)), replace(PULL, **pull), SETTINGS, Kinds())
    assert found.verdict is Verdict.FAIL


def test_the_mode_is_the_policys() -> None:
    policy = TestsPolicy(mode=Mode.REQUIRED)
    assert find_missing_tests(patch(), Pull(), policy, Kinds()).mode is Mode.REQUIRED
