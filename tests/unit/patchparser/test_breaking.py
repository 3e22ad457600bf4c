"""Which changed lines can break something, in each language's comments."""

import pytest

from patchparser.breaking import adds_inline_test, breaking_lines
from patchparser.patch import FileStatus, PatchedFile, parse_diff


def changed(path: str, *lines: str, section: str = "", start: int = 10) -> PatchedFile:
    """A file with one hunk; each line begins with its sign."""
    old = sum(line[0] != "+" for line in lines)
    new = sum(line[0] != "-" for line in lines)
    hunk = "\n".join([f"@@ -{start},{old} +{start},{new} @@ {section}", *lines, ""])
    [file] = parse_diff(f"--- a/{path}\n+++ b/{path}\n{hunk}".encode())
    return file


@pytest.mark.parametrize(
    ("path", "lines", "count"),
    [
        pytest.param("x.py", ["+x = 1", "-x = 2"], 2, id="both sides"),
        pytest.param("x.py", ["+", "+   ", "-\t", "+\r"], 0, id="blank lines"),
        pytest.param("x.py", ["+# why", "-    # how"], 0, id="Python comments"),
        pytest.param("x.py", ["+x = 1  # why"], 1, id="code before a comment"),
        pytest.param("x.py", ["+#!/usr/bin/env python3"], 1, id="interpreter"),
        pytest.param(
            "x.py",
            [" def f():", '+    """Say it.', "+", "+    More.", '+    """'],
            0,
            id="docstring",
        ),
        pytest.param("x.py", [" def f():", '+    """Say it."""'], 0, id="docstring in one line"),
        pytest.param(
            "x.py",
            [" class X:", "+    r'''Say it.'''", "+    x = 1"],
            1,
            id="code below a docstring",
        ),
        pytest.param("x.py", ["+x = '''", "+text", "+'''"], 3, id="a text that is no docstring"),
        pytest.param("x.py", [' """', "+x = 1"], 1, id="quotes of which side nobody knows"),
        pytest.param("x.go", ["+// why", "+/* how */", "+/*", "+so", "+*/"], 0, id="Go comments"),
        pytest.param("x.go", ["+//go:build linux"], 1, id="an order to the compiler"),
        pytest.param("x.go", ["+/* how */ x()"], 1, id="code behind a comment"),
        pytest.param("X.java", [" /**", "+ * Says it.", "+ *", " */"], 0, id="Javadoc"),
        pytest.param("X.java", ["+ * Says it.", "+ */"], 0, id="Javadoc that began above"),
        pytest.param("x.c", ["+*p = 3;", "+**q = 4;"], 2, id="pointers are no comments"),
        pytest.param("x.css", ["+* { margin: 0 }", "+* {"], 1, id="a rule for all is no comment"),
        pytest.param("x.js", ["+run('src/**/*.js')", "+y()"], 2, id="a glob is no comment"),
        pytest.param("x.c", ["+#include <x.h>", "+#define X 1"], 2, id="a directive is no comment"),
        pytest.param("x.sql", ["+-- why", "+/* how */"], 0, id="SQL comments"),
        pytest.param("x.sh", ["+# why"], 0, id="shell comments"),
        pytest.param("x.html", ["+<!-- why", "+so -->"], 0, id="HTML comments"),
        pytest.param("x.clj", ["+;; why"], 0, id="Lisp comments"),
        pytest.param("x.unknown", ["+# why", "+// how"], 2, id="a language we do not know"),
        pytest.param("x.py", ['+__version__ = "1.2.3"', '-__version__ = "1.2.2"'], 0, id="version"),
        pytest.param("x.go", ['+const Version = "v1.2.3-rc.1"'], 0, id="version of Go"),
        pytest.param("X.java", ['+  public static final String VERSION = "1.2";'], 0, id="Java's"),
        pytest.param("x.py", ["+VERSION = (1, 2, 3)"], 0, id="version of numbers"),
        pytest.param("x.js", ['+  "version": "1.2.3",'], 0, id="version in quotes"),
        pytest.param("x.rb", ['+  VERSION: str = "1.2.3"'], 0, id="version with a type"),
        pytest.param("x.py", ['+min_python_version = "3.11"'], 1, id="another thing's version"),
        pytest.param("x.py", ["+version = read()"], 1, id="version made at run time"),
        pytest.param("x.py", ["+subversion = 1.2"], 1, id="a word that ends in version"),
    ],
)
def test_lines_that_can_break_are_counted(path: str, lines: list[str], count: int) -> None:
    assert breaking_lines(changed(path, *lines)).lines == count


def test_the_first_line_that_can_break_is_known() -> None:
    assert breaking_lines(changed("x.py", " a", "+# why", "+b", "-c", "+d")).first == 12
    assert breaking_lines(changed("x.py", " a", "-b")).first is None


def test_a_module_docstring_stands_at_the_top_only() -> None:
    lines = ('+"""Say it.', "+", '+"""', "+x = 1")
    assert breaking_lines(changed("x.py", *lines, start=1)).lines == 1
    assert breaking_lines(changed("x.py", *lines, start=5)).lines == 3


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        pytest.param({"status": FileStatus.REMOVED, "deletions": 9}, 0, id="removed"),
        pytest.param({"status": FileStatus.RENAMED, "previous_path": "y.py"}, 0, id="moved"),
        pytest.param({"is_binary": True}, 0, id="binary"),
        pytest.param({"is_symlink": True, "additions": 1}, 0, id="link"),
        pytest.param({"is_submodule": True, "additions": 1, "deletions": 1}, 0, id="submodule"),
        pytest.param({"additions": 900, "deletions": 50}, 950, id="too large for GitHub to show"),
    ],
)
def test_a_file_without_lines_breaks_what_its_counts_say(
    fields: dict[str, object], count: int
) -> None:
    known = {"path": "x.py", "status": FileStatus.MODIFIED}
    assert breaking_lines(PatchedFile(**{**known, **fields})).lines == count


@pytest.mark.parametrize(
    ("path", "lines", "section", "expected"),
    [
        pytest.param("x.py", ["+    >>> f()", "+    1"], "", True, id="doctest"),
        pytest.param("x.py", ["     >>> f()", "+x = 1"], "", False, id="doctest that was there"),
        pytest.param("x.py", ["+x >> y"], "", False, id="no doctest"),
        pytest.param("x.rs", ["+    #[test]", "+    fn works() {"], "", True, id="Rust test"),
        pytest.param("x.rs", ["+    #[tokio::test]"], "", True, id="Rust test of tokio"),
        pytest.param("x.rs", ["+    assert!(x);"], "mod tests {", True, id="in Rust's tests"),
        pytest.param("x.rs", [" #[cfg(test)]", "+    assert!(x);"], "", True, id="below cfg(test)"),
        pytest.param("x.rs", ["+    x();"], "fn run() {", False, id="Rust code"),
        pytest.param("x.zig", ['+test "it works" {'], "", True, id="Zig test"),
        pytest.param("x.go", ["+func TestX() {"], "", False, id="Go has files for tests"),
    ],
)
def test_tests_beside_the_code_are_tests(
    path: str, lines: list[str], section: str, expected: bool
) -> None:
    assert adds_inline_test(changed(path, *lines, section=section)) is expected


@pytest.mark.timeout(300)
def test_lines_made_to_be_slow_are_not() -> None:
    line = "+" + "version " * 25 + "= 1.1.1.1.1.1."
    breaking_lines(changed("x.py", *[line] * 2_000))
    breaking_lines(changed("x.c", *["+/**/" * 400] * 200))
