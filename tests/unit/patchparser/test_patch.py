"""Diffs that git did not write, and input that is no diff."""

import pytest

from patchparser.patch import FileStatus, PatchError, parse_diff

HUNK = b"@@ -1 +1,2 @@\n-old\n+new\n+more\n"


def file_of(header: bytes) -> tuple[str, str, int, int]:
    [file] = parse_diff(header + HUNK)
    return file.path, file.status.value, file.additions, file.deletions


@pytest.mark.parametrize(
    ("header", "path"),
    [
        pytest.param(b"--- a/x.py\n+++ b/x.py\n", "x.py", id="no git header"),
        pytest.param(b"--- x.py\n+++ x.py\n", "x.py", id="no prefixes"),
        pytest.param(
            b"--- old/d/x.py\t2026-01-01 10:00:00\n+++ new/d/x.py\t2026-01-02 10:00:00\n",
            "d/x.py",
            id="GNU diff of two folders, with dates",
        ),
        pytest.param(b"--- x.py.orig\n+++ x.py\n", "x.py", id="GNU diff of two files"),
        pytest.param(
            b"Index: x.py\n" + b"=" * 60 + b"\n--- x.py\t(revision 1)\n+++ x.py\t(working copy)\n",
            "x.py",
            id="Subversion",
        ),
        pytest.param(
            b"diff -r 1a2b -r 3c4d x.py\n--- a/x.py\tThu Jan 01\n+++ b/x.py\tFri Jan 02\n",
            "x.py",
            id="Mercurial",
        ),
        pytest.param(b"--- a/dir with b/x\t\n+++ b/dir with b/x\t\n", "dir with b/x", id="spaces"),
        pytest.param(
            b"diff --git a/x b/x\r\nindex 1..2 100644\r\n--- a/x\r\n+++ b/x\r\n",
            "x",
            id="headers that became CRLF",
        ),
        pytest.param(
            b"commit 1234\nAuthor: Ann\n\n    Say why\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n",
            "x",
            id="git show",
        ),
        pytest.param(
            b"diff --git a/old.py b/new.py\n--- a/old.py\n+++ b/new.py\n",
            "new.py",
            id="git diff --no-index of two names",
        ),
    ],
)
def test_diffs_of_other_makers_are_read(header: bytes, path: str) -> None:
    assert file_of(header) == (path, "modified", 2, 1)


def test_a_diff_that_names_no_old_file_adds_one_and_no_new_file_removes_one() -> None:
    diff = b"--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n--- a/y\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
    assert [(file.path, file.status) for file in parse_diff(diff)] == [
        ("x", FileStatus.ADDED),
        ("y", FileStatus.REMOVED),
    ]


@pytest.mark.parametrize(
    ("line", "path", "status"),
    [
        (b"Binary files a/x.png and b/x.png differ", "x.png", FileStatus.MODIFIED),
        (b"Binary files /dev/null and b/x.png differ", "x.png", FileStatus.ADDED),
        (b"Binary files a/x.png and /dev/null differ", "x.png", FileStatus.REMOVED),
        (b"Binary files old/a and b and new/a and b differ", "a and b", FileStatus.MODIFIED),
        (b"Binary file x.png has changed", "x.png", FileStatus.MODIFIED),
    ],
)
def test_binary_files_of_other_makers_are_read(line: bytes, path: str, status: FileStatus) -> None:
    [file] = parse_diff(line + b"\n")
    assert (file.path, file.status, file.is_binary, file.changes) == (path, status, True, 0)


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        pytest.param(b"<!DOCTYPE html>\n<html>", 1, "web page", id="HTML"),
        pytest.param(b'\n\n{"message": "Not Found"}', 3, "JSON", id="JSON error"),
        pytest.param(b'[{"filename": "x"}]', 1, "JSON", id="files JSON"),
        pytest.param("diff --git a/x b/x".encode("utf-16"), 1, "UTF-16", id="UTF-16"),
        pytest.param(b"Just words\n", 1, "not a diff", id="prose"),
        pytest.param(b"\x1b[1mdiff --git a/x b/x\x1b[m\n", 1, "--no-color", id="colours"),
        pytest.param(b"\n+++ b/x\n", 2, "not a diff", id="no old side"),
        pytest.param(
            b"diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1,1 -1,1 +1,2 @@@\n",
            1,
            "combined diff",
            id="combined",
        ),
        pytest.param(
            b"commit 1\n\ndiff --combined x\n", 3, "combined diff", id="combined, after a commit"
        ),
        pytest.param(HUNK, 1, "belongs to no file", id="hunk without a file"),
        pytest.param(b"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n", 4, "cut off", id="cut in a hunk"),
        pytest.param(b"--- a/x\n+++ b/x\n", 2, "cut off", id="cut before a hunk"),
        pytest.param(
            b"diff --git a/x b/x\n--- a/x\n", 2, "expected a line +++", id="cut in a header"
        ),
        pytest.param(
            b"--- a/x\n+++ b/x\n" + HUNK + b"+extra\n", 7, "a line more", id="hunk too long"
        ),
        pytest.param(
            b"--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-a\n+b\n+c\n", 6, "a line more", id="side too long"
        ),
        pytest.param(
            b"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\nwhat\n", 4, "not a line", id="not a hunk's line"
        ),
        pytest.param(
            b"--- a/x\n+++ b/x\n@@ nonsense @@\n", 3, "not the header", id="not a hunk's header"
        ),
        pytest.param(
            b"--- a/x\n+++ b/x\n@@ -1," + b"9" * 5000 + b" +1 @@\n",
            3,
            "not the header",
            id="a count beyond reason",
        ),
        pytest.param(b"diff --git nonsense\n", 1, "which file", id="no names"),
        pytest.param(b'diff --git "a/x b/x\n', 1, "which file", id="quote left open"),
        pytest.param(
            b"--- a/x\n+++ b/x\n\\ No newline\n", 3, "cut off", id="a backslash instead of a hunk"
        ),
        pytest.param(
            b"diff -r old/x new/x\nOnly in new: y\n",
            2,
            "use diff -N",
            id="a file without its lines",
        ),
        pytest.param(
            b"Submodule sub 1234567..89abcde:\n  > A commit\n",
            1,
            "--submodule=short",
            id="submodule log",
        ),
    ],
)
def test_what_is_no_diff_is_refused_with_its_line(data: bytes, line: int, words: str) -> None:
    with pytest.raises(PatchError, match=f"^line {line}: ") as caught:
        parse_diff(data)
    assert caught.value.line == line
    assert words in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n\n"])
def test_a_diff_of_nothing_has_no_files(data: bytes) -> None:
    assert list(parse_diff(data)) == []


def test_a_byte_order_mark_is_passed_over() -> None:
    [file] = parse_diff(b"\xef\xbb\xbfdiff --git a/x b/x\nold mode 100644\nnew mode 100755\n")
    assert (file.path, file.changes) == ("x", 0)


def test_words_after_the_backslash_may_be_in_any_language() -> None:
    diff = b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\\ Pas de fin de ligne\n@@ -9 +9 @@\n-c\n+d\n"
    [file] = parse_diff(diff)
    assert [(line.text, line.has_newline) for hunk in file.hunks for line in hunk.lines] == [
        ("a", True),
        ("b", False),
        ("c", True),
        ("d", True),
    ]


def test_context_lines_that_lost_their_space_are_context() -> None:
    diff = b"--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n\n-a\n+b\n\r\n"
    [file] = parse_diff(diff)
    [hunk] = file.hunks
    assert [line.kind for line in hunk.lines] == [" ", "-", "+", " "]


def test_a_mails_signature_is_not_a_removed_line() -> None:
    mail = b"From " + b"1" * 40 + b" Mon Sep 17 00:00:00 2001\nSubject: x\n\n---\n x | 1 +\n\n"
    diff = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n" + HUNK + b"-- \n2.39.5\n\n"
    patch = parse_diff(mail + diff + mail + diff.replace(b"/x", b"/y"))
    assert [(file.path, file.deletions) for file in patch] == [("x", 1), ("y", 1)]


MAIL = b"From " + b"1" * 40 + b" Mon Sep 17 00:00:00 2001\nSubject: x\n\nWhy.\n"
DIFF = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n" + HUNK


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(b"\n", id="git show --format=email"),
        pytest.param(b"---\n\n", id="the cut alone"),
        pytest.param(b"---\n x | 3 +-\n\n", id="git format-patch"),
        pytest.param(b"\n:100644 100644 1234567 89abcde M\tx\n\n", id="--raw -p"),
        pytest.param(b"\n 100.0% docs/\n\n", id="--dirstat -p"),
        pytest.param(b"\n2\t1\tx\n\n", id="--numstat -p"),
    ],
)
def test_a_mails_diff_is_read_with_and_without_a_diffstat(between: bytes) -> None:
    other = DIFF.replace(b"/x", b"/y")
    patch = parse_diff(MAIL + between + DIFF + b"\n" + MAIL + between + other)
    assert [(file.path, file.changes) for file in patch] == [("x", 3), ("y", 3)]


def test_a_message_that_quotes_a_diff_is_passed_over_where_a_cut_ends_it() -> None:
    quoted = b"\n" + DIFF.replace(b"/x", b"/quoted") + b"\n"
    assert [file.path for file in parse_diff(MAIL + quoted + b"---\n\n" + DIFF)] == ["x"]


def test_commits_that_touch_one_file_twice_are_refused_because_added_up_they_lie() -> None:
    undone = DIFF.replace(b"-old\n+new\n+more", b"-new\n-more\n+old").replace(
        b"-1 +1,2", b"-1,2 +1"
    )
    with pytest.raises(PatchError, match=r"^line 18: x changes in two of these commits; give the"):
        parse_diff(MAIL + b"\n" + DIFF + MAIL + b"\n" + undone)


def test_a_mail_in_quoted_printable_is_told_as_such() -> None:
    header = b"Content-Transfer-Encoding: quoted-printable\nMIME-Version: 1.0\n"
    mail = MAIL.replace(b"Subject", header + b"Subject")
    with pytest.raises(PatchError, match="line 2: a mail in quoted-printable"):
        parse_diff(mail + b"---\n\n" + DIFF)


@pytest.mark.parametrize(
    ("data", "path", "status", "is_binary"),
    [
        pytest.param(
            b"diff --git a/d/old b/e/new\nold mode 100644\nnew mode 100755\n",
            "e/new",
            FileStatus.MODIFIED,
            False,
            id="only the mode",
        ),
        pytest.param(
            b"diff --git a/old b/new\nindex 1..2 100644\nBinary files a/old and b/new differ\n",
            "new",
            FileStatus.MODIFIED,
            True,
            id="binary",
        ),
        pytest.param(
            b"Binary files one.png and two.png differ\n",
            "two.png",
            FileStatus.MODIFIED,
            True,
            id="GNU diff",
        ),
        pytest.param(
            b'diff --git "a/\\303\\251" b/e\nold mode 100644\nnew mode 100755\n',
            "e",
            FileStatus.MODIFIED,
            False,
            id="one of them quoted",
        ),
        pytest.param(
            b"Index: a.png\n=====\nCannot display: file marked as a binary type.\n",
            "a.png",
            FileStatus.MODIFIED,
            True,
            id="Subversion",
        ),
    ],
)
def test_two_names_and_no_hunk_name_the_second(
    data: bytes, path: str, status: FileStatus, is_binary: bool
) -> None:
    file, good = parse_diff(data + DIFF)
    assert (file.path, file.status, file.is_binary, file.changes) == (path, status, is_binary, 0)
    assert good.path == "x"


@pytest.mark.parametrize(
    ("source", "target", "hunk", "status"),
    [
        pytest.param(
            b"old/x\t1970-01-01 01:00:00.000000000 +0100",
            b"new/x\t2026-01-02 10:00:00.000000000 +0100",
            b"@@ -0,0 +1 @@\n+a\n",
            "added",
            id="diff -N, a new file",
        ),
        pytest.param(
            b"old/x\t2026-01-02 10:00:00.000000000 -0500",
            b"new/x\t1969-12-31 19:00:00.000000000 -0500",
            b"@@ -1 +0,0 @@\n-a\n",
            "removed",
            id="diff -N, a file that is gone",
        ),
        pytest.param(
            b"old/x\t2026-01-02 10:00:00", b"new/x\t2026-01-03 10:00:00", b"@@ -0,0 +1 @@\n+a\n",
            "modified",
            id="a file that was empty",
        ),
        pytest.param(
            b"x\t(nonexistent)", b"x\t(revision 3)", b"@@ -0,0 +1 @@\n+a\n", "added", id="svn"
        ),
        pytest.param(
            b"x\t(revision 0)", b"x\t(working copy)", b"@@ -0,0 +1 @@\n+a\n", "added", id="old svn"
        ),
        pytest.param(
            b"x\t(revision 3)", b"x\t(nonexistent)", b"@@ -1 +0,0 @@\n-a\n", "removed", id="svn rm"
        ),
    ],
)  # fmt: skip
def test_dates_and_words_of_other_diffs_say_what_was_added_or_removed(
    source: bytes, target: bytes, hunk: bytes, status: str
) -> None:
    [file] = parse_diff(b"--- " + source + b"\n+++ " + target + b"\n" + hunk)
    assert (file.path, file.status.value) == ("x", status)


def test_a_backslash_above_the_first_hunk_says_nothing() -> None:
    [file] = parse_diff(b"--- a/x\n+++ b/x\n\\ No newline at end of file\n" + HUNK)
    assert [line.text for line in file.added_lines()] == ["new", "more"]


def test_an_empty_commits_mail_is_a_patch_set_of_no_files() -> None:
    assert (
        len(parse_diff(b"From " + b"1" * 40 + b" Mon Sep 17\nSubject: x\n\n---\n\n-- \n2\n")) == 0
    )


def test_a_patch_set_is_a_sequence_that_knows_its_totals() -> None:
    patch = parse_diff(b"--- a/x\n+++ b/x\n" + HUNK + b"--- a/y\n+++ b/y\n" + HUNK)
    assert [file.path for file in patch[1:]] == ["y"]
    assert (len(patch), patch[0].changes, patch.additions, patch.deletions) == (2, 3, 4, 2)
    assert patch.is_complete


def test_lines_know_their_numbers_on_both_sides() -> None:
    [file] = parse_diff(b"--- a/x\n+++ b/x\n@@ -5,2 +7,2 @@ class X:\n same\n-old\n+new\n")
    [hunk] = file.hunks
    assert hunk.section == "class X:"
    assert [(line.source_line, line.target_line) for line in hunk.lines] == [
        (5, 7),
        (6, None),
        (None, 8),
    ]
    assert [line.text for line in file.added_lines()] == ["new"]
    assert [line.text for line in file.removed_lines()] == ["old"]


def test_a_line_that_invites_backtracking_is_read_in_linear_time() -> None:
    line = b"Binary files a" + b" and a" * 20_000 + b"\n"
    assert len(parse_diff(b"commit 1\n" + line + b"--- a/x\n+++ b/x\n" + HUNK)) == 1
