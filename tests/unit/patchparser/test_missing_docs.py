"""When docs are asked for: by the policy's globs and by what the new lines show."""

import pytest

from patchparser.findings import Mode, Place, Verdict
from patchparser.kinds import Kinds
from patchparser.missing_docs import DocsPolicy, find_missing_docs
from patchparser.patch import FileStatus, PatchedFile, PatchSet, parse_diff
from patchparser.pull import Pull
from patchparser.surface import SurfaceKind


def file(path: str, *lines: str) -> PatchedFile:
    """A file with one hunk; each line begins with its sign."""
    old = sum(line[0] != "+" for line in lines)
    new = sum(line[0] != "-" for line in lines)
    hunk = "\n".join([f"@@ -5,{old} +5,{new} @@", *lines, ""])
    [file] = parse_diff(f"--- a/{path}\n+++ b/{path}\n{hunk}".encode())
    return file


@pytest.mark.parametrize(
    ("path", "line", "is_asked"),
    [
        ("pkg/x.py", "+def f():", True),
        ("x.go", "+func F() {", True),
        ("client/v3/x.go", "+func F() {", True),
        ("server/x.go", "+func F() {", False),
        ("src/index.ts", "+export function f() {", True),
        ("src/pages/x.tsx", "+export function f() {", False),
        ("plugin-api/src/main/java/X.java", "+  public X f() {", True),
        ("core/src/main/java/X.java", "+  public X f() {", False),
        ("src/x.rs", "+pub fn f() {", False),
        ("include/x.h", "+int x_parse(int a);", True),
    ],
)
def test_public_functions_are_asked_about_where_a_path_shows_a_library(
    path: str, line: str, is_asked: bool
) -> None:
    by_default = found(DocsPolicy(), file(path, line)).verdict is Verdict.FAIL
    in_library = found(DocsPolicy(library=True), file(path, line)).verdict is Verdict.FAIL
    in_application = found(DocsPolicy(library=False), file(path, line)).verdict is Verdict.FAIL
    assert (by_default, in_library, in_application) == (is_asked, True, False)


def test_what_is_documented_where_it_stands_needs_no_more() -> None:
    documented = file("pkg/x.py", "+def f():", '+    """Do it."""', "+    return 1")
    assert found(DocsPolicy(library=True), documented).verdict is Verdict.PASS


@pytest.mark.parametrize("path", ["AUTHORS", "LICENSE.md", "CLAUDE.md", "docs/requirements.txt"])
def test_names_rights_and_what_programs_read_explain_no_flag(path: str) -> None:
    added = file("cli.py", FLAG)
    assert found(DocsPolicy(), added, file(path, "+more")).verdict is Verdict.FAIL
    assert found(DocsPolicy(), added, file("docs/x.md", "+more")).verdict is Verdict.PASS


FLAG = '+parser.add_argument("--dry-run")'


def found(settings: DocsPolicy, *files: PatchedFile, pull: Pull | None = None):
    return find_missing_docs(PatchSet(files=files), pull or Pull(), settings, Kinds())


@pytest.mark.parametrize(
    ("files", "verdict", "summary"),
    [
        pytest.param(
            [file("cli.py", FLAG)],
            Verdict.FAIL,
            "New: 1 command-line flag. The docs did not change.",
            id="a flag",
        ),
        pytest.param(
            [
                file("cli.py", FLAG, '+x = os.getenv("APP_X")', '+y = os.getenv("APP_Y")'),
                file("api.go", '+http.HandleFunc("/x", x)'),
            ],
            Verdict.FAIL,
            "New: 1 command-line flag, 2 environment variables, 1 HTTP route."
            " The docs did not change.",
            id="three kinds",
        ),
        pytest.param(
            [
                file("cli.py", FLAG, '+x = os.getenv("APP_X")', '+y = config.get("limit")'),
                file("lib.py", "+def parse():", "+class Parser:"),
            ],
            Verdict.FAIL,
            "New: 1 command-line flag, 1 environment variable, 1 configuration key and more."
            " The docs did not change.",
            id="more kinds than fit",
        ),
        pytest.param(
            [file("cli.py", FLAG), file("docs/cli.md", "+dry run")],
            Verdict.PASS,
            "Docs changed too.",
            id="documented",
        ),
        pytest.param(
            [file("cli.py", FLAG), file("changes/12.feature", "+New flag")],
            Verdict.PASS,
            "Docs changed too.",
            id="a piece of the changelog",
        ),
        pytest.param(
            [file("cli.py", FLAG), file("docs/cli.md", "-dry run")],
            Verdict.FAIL,
            "New: 1 command-line flag. The docs did not change.",
            id="docs taken away",
        ),
        pytest.param(
            [file("cli.py", f"-{FLAG[1:]}"), file("run.py", FLAG)],
            Verdict.PASS,
            "Nothing changed that users see.",
            id="moved to another file",
        ),
        pytest.param(
            [file("cli.py", f"-{FLAG[1:]}", f"{FLAG}  # now so")],
            Verdict.PASS,
            "Nothing changed that users see.",
            id="changed where it was",
        ),
        pytest.param(
            [file("tests/test_cli.py", FLAG), file("vendor/x.go", "+func X() {")],
            Verdict.PASS,
            "Nothing changed that users see.",
            id="in tests and copies",
        ),
        pytest.param(
            [file("cli.py", "+x = 1")], Verdict.PASS, "Nothing changed that users see.", id="code"
        ),
        pytest.param([], Verdict.PASS, "Nothing changed that users see.", id="nothing"),
    ],
)
def test_docs_are_asked_for_what_new_lines_show(
    files: list[PatchedFile], verdict: Verdict, summary: str
) -> None:
    finding = found(DocsPolicy(), *files)
    assert (finding.verdict, finding.summary) == (verdict, summary)
    assert len(finding.summary) <= 140


def test_each_thing_is_named_with_file_and_line() -> None:
    finding = found(DocsPolicy(), file("cli.py", " x = 1", FLAG, '+x = os.getenv("APP_X")'))
    assert finding.places == (
        Place(path="cli.py", line=6, note="command-line flag --dry-run"),
        Place(path="cli.py", line=7, note="environment variable APP_X"),
    )


def removed(path: str) -> PatchedFile:
    return PatchedFile(path=path, status=FileStatus.REMOVED, deletions=9)


def moved(path: str, previous_path: str) -> PatchedFile:
    return PatchedFile(path=path, status=FileStatus.RENAMED, previous_path=previous_path)


WHEN = DocsPolicy(when=("cli/**",), expect=("docs/**", "man/**"))


@pytest.mark.parametrize(
    ("files", "verdict"),
    [
        pytest.param([file("cli/run.py", "+x = 1")], Verdict.FAIL, id="code that matches"),
        pytest.param([file("cli/help.tmpl", "+x")], Verdict.FAIL, id="a template that matches"),
        pytest.param([removed("cli/run.py")], Verdict.FAIL, id="a file taken away"),
        pytest.param([moved("lib/run.py", "cli/run.py")], Verdict.FAIL, id="a file moved out"),
        pytest.param([file("cli/run.py", "+# why")], Verdict.PASS, id="a comment"),
        pytest.param([file("cli/test_run.py", "+x = 1")], Verdict.PASS, id="a test"),
        pytest.param([file("cli/yarn.lock", "+x")], Verdict.PASS, id="a generated file"),
        pytest.param([file("lib/run.py", "+x = 1")], Verdict.PASS, id="another folder"),
        pytest.param(
            [file("cli/run.py", "+x = 1"), file("man/run.1", "+x")], Verdict.PASS, id="man page"
        ),
        pytest.param(
            [file("cli/run.py", "+x = 1"), file("README.md", "+x")],
            Verdict.FAIL,
            id="docs that are not the expected ones",
        ),
        pytest.param([file("lib/run.py", FLAG)], Verdict.FAIL, id="a flag, whatever the globs say"),
    ],
)
def test_globs_say_which_files_users_see_and_which_are_docs(
    files: list[PatchedFile], verdict: Verdict
) -> None:
    assert found(WHEN, *files).verdict is verdict


def test_a_file_that_users_see_is_named() -> None:
    finding = found(WHEN, file("cli/run.py", "+x = 1"), file("cli/x.py", FLAG))
    assert finding.summary == "New: 1 command-line flag. The docs did not change."
    assert finding.places[1] == Place(path="cli/run.py", note="users see this file's changes")
    alone = found(WHEN, file("cli/run.py", "+x = 1"))
    assert alone.summary == "1 file changed that users see the changes of. The docs did not change."


@pytest.mark.parametrize(
    ("look_for", "verdict"),
    [((), Verdict.PASS), ((SurfaceKind.ROUTE,), Verdict.PASS), ((SurfaceKind.FLAG,), Verdict.FAIL)],
)
def test_the_policy_says_what_to_look_for(
    look_for: tuple[SurfaceKind, ...], verdict: Verdict
) -> None:
    assert found(DocsPolicy(look_for=look_for), file("cli.py", FLAG)).verdict is verdict


@pytest.mark.parametrize(("lines", "verdict"), [(3, Verdict.PASS), (4, Verdict.FAIL)])
def test_small_changes_need_no_docs_where_the_policy_says_so(lines: int, verdict: Verdict) -> None:
    change = file("cli.py", FLAG, *["+x = 1"] * (lines - 1))
    assert found(DocsPolicy(min_lines=4), change).verdict is verdict


def test_ways_out_are_those_of_tests() -> None:
    settings = DocsPolicy(skip_phrases=("[internal]",), authors=("bot",), base_branches=("old",))
    change = file("cli.py", FLAG)
    for pull in (
        Pull(labels=frozenset({"no-docs-needed"})),
        Pull(title="[internal] x"),
        Pull(author="bot"),
        Pull(base="old"),
    ):
        finding = found(settings, change, pull=pull)
        assert finding.verdict is Verdict.SKIPPED
        assert finding.summary.startswith("Not checked: ")
    assert found(settings, change, pull=Pull(title="x")).verdict is Verdict.FAIL


def test_a_list_that_github_cut_proves_nothing_missing() -> None:
    cut = PatchSet(files=(file("cli.py", FLAG),), is_complete=False)
    assert find_missing_docs(cut, Pull(), DocsPolicy(), Kinds()).verdict is Verdict.SKIPPED


def test_the_mode_is_the_policys() -> None:
    assert found(DocsPolicy(mode=Mode.REQUIRED)).mode is Mode.REQUIRED
