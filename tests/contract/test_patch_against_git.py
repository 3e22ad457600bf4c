"""What parse_diff says of a diff is what git says of it: names, statuses, counts, and content."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patchparser.hunks import Hunk
from patchparser.patch import FileStatus, PatchSet, parse_diff
from tests.examples import examples

STATUS_OF_LETTER = {
    "A": FileStatus.ADDED,
    "D": FileStatus.REMOVED,
    "M": FileStatus.MODIFIED,
    "R": FileStatus.RENAMED,
    "C": FileStatus.COPIED,
    "T": FileStatus.CHANGED,
}

COPIES = ("-C", "--find-copies-harder")


class Repo:
    """A real repository of two states: the first commit, and the work tree as staged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.git("init", "-q")

    def git(self, *arguments: str, data: bytes | None = None) -> bytes:
        environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": str(self.path.parent),
        }
        command = ["git", "-C", str(self.path), "-c", "core.autocrlf=false", *arguments]
        done = subprocess.run(command, check=True, capture_output=True, env=environment, input=data)
        return done.stdout

    def tree(self, files: dict[bytes, tuple[str, bytes]]) -> str:
        """A tree of these files (name to mode and content), made without touching the disk."""
        entries = []
        for name, (mode, content) in files.items():
            if mode == "160000":
                sha = content
            else:
                sha = self.git("hash-object", "-w", "--stdin", data=content).strip()
            entries.append(b"%s %s\t%s\0" % (mode.encode(), sha, name))
        self.git("read-tree", "--empty")
        self.git("update-index", "-z", "--index-info", data=b"".join(entries))
        return self.git("write-tree").decode().strip()

    def compare(self, source: str, target: str, *options: str) -> PatchSet:
        """Parse git's diff of two trees, and hold it against git's own tables."""
        patch = parse_diff(self.git("diff", "-M", *options, source, target))
        # -U and --binary would make git print the patch among its tables.
        finding = [option for option in options if option in COPIES]
        assert said_by_us(patch) == self.said_by_git(source, target, *finding)
        return patch

    def said_by_git(self, source: str, target: str, *options: str) -> list[tuple[object, ...]]:
        out = self.git("diff", "-M", *options, "--raw", "--numstat", "-z", source, target)
        fields = iter(os.fsdecode(out).split("\0")[:-1])
        raw, said = [], []
        for entry in fields:
            if entry.startswith(":"):
                letter = entry.split(" ")[4][0]
                names = [next(fields) for _ in range(2 if letter in "RC" else 1)]
                raw.append((names[-1], names[0] if len(names) == 2 else None, letter))
            else:
                added, removed, name = entry.split("\t", 2)
                if not name:
                    next(fields), next(fields)
                said.append((added == "-", *(0 if n == "-" else int(n) for n in (added, removed))))
        return [
            (path, previous, STATUS_OF_LETTER[letter], *counts)
            for (path, previous, letter), counts in zip(raw, said, strict=True)
        ]


def said_by_us(patch: PatchSet) -> list[tuple[object, ...]]:
    return [
        (f.path, f.previous_path, f.status, f.is_binary, f.additions, f.deletions) for f in patch
    ]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path)


def text(content: bytes, mode: str = "100644") -> tuple[str, bytes]:
    return mode, content


LONG = b"".join(b"line %d\n" % n for n in range(30))
SHA_1, SHA_2 = b"1" * 40, b"2" * 40

CASES: dict[str, tuple[dict[bytes, tuple[str, bytes]], dict[bytes, tuple[str, bytes]]]] = {
    "modified": ({b"x.py": text(b"a\nb\n")}, {b"x.py": text(b"a\nc\n")}),
    "added": ({}, {b"x.py": text(b"a\n")}),
    "removed": ({b"x.py": text(b"a\n")}, {}),
    "added empty": ({}, {b"x": text(b"")}),
    "removed empty": ({b"x": text(b"")}, {}),
    "emptied": ({b"x": text(b"a\n")}, {b"x": text(b"")}),
    "filled": ({b"x": text(b"")}, {b"x": text(b"a\n")}),
    "renamed": ({b"x": text(LONG)}, {b"y": text(LONG)}),
    "renamed and changed": ({b"x": text(LONG)}, {b"d/y": text(LONG + b"more\n")}),
    "renamed with spaces": ({b"a b": text(LONG)}, {b"c d b/e": text(LONG)}),
    "renamed to a quoted name": ({b"x": text(LONG)}, {'"ü"'.encode(): text(LONG + b"z\n")}),
    "renamed from a quoted name": ({"ü".encode(): text(LONG)}, {b"x": text(LONG)}),
    "mode": ({b"x": text(b"a\n")}, {b"x": text(b"a\n", "100755")}),
    "mode, name with b/": ({b"x b/y.py": text(b"a\n")}, {b"x b/y.py": text(b"a\n", "100755")}),
    "mode, quoted name": (
        {"na\tïve".encode(): text(b"a\n")},
        {"na\tïve".encode(): text(b"a\n", "100755")},
    ),
    "name with b/": ({b"x b/y.py": text(b"a\n")}, {b"x b/y.py": text(b"b\n")}),
    "name that repeats itself": ({b"x b/x": text(b"a\n")}, {b"x b/x": text(b"b\n")}),
    "added empty, name with b/": ({}, {b"x b/y b/x b/y": text(b"")}),
    "name with a space at its end": ({b"x ": text(b"a\n")}, {b"x ": text(b"b\n")}),
    "name with a quote": ({b'a"b': text(b"a\n")}, {b'a"b': text(b"b\n")}),
    "name with a backslash": ({b"a\\b": text(b"a\n")}, {b"a\\b": text(b"b\n")}),
    "name with a newline": ({b"a\nb": text(b"a\n")}, {b"a\nb": text(b"b\n")}),
    "name with a tab": ({b"a\tb": text(b"a\n")}, {b"a\tb": text(b"b\n")}),
    "name in UTF-8": ({"naïve".encode(): text(b"a\n")}, {"naïve".encode(): text(b"b\n")}),
    "name not in UTF-8": ({b"caf\xe9": text(b"a\n")}, {b"caf\xe9": text(b"b\n")}),
    "name like a prefix": ({b"b/b/a": text(b"a\n")}, {b"b/b/a": text(b"b\n")}),
    "binary added": ({}, {b"x.png": text(b"\0\1")}),
    "binary modified": ({b"x y.png": text(b"\0\1")}, {b"x y.png": text(b"\0\2")}),
    "binary removed": ({b"x.png": text(b"\0\1")}, {}),
    "binary becomes text": ({b"x": text(b"\0\1")}, {b"x": text(b"a\n")}),
    "no newline at the end": ({b"x": text(b"a")}, {b"x": text(b"b")}),
    "newline added at the end": ({b"x": text(b"a")}, {b"x": text(b"a\n")}),
    "newline removed at the end": ({b"x": text(b"a\nb\n")}, {b"x": text(b"a\nb")}),
    "CRLF": ({b"x": text(b"a\r\nb\r\n")}, {b"x": text(b"a\r\nc\r\n\r\n")}),
    "LF becomes CRLF": ({b"x": text(b"a\n\nb\n")}, {b"x": text(b"a\r\n\r\nb\r\n")}),
    "lone CR": ({b"x": text(b"a\rb\nc\n")}, {b"x": text(b"a\rd\nc\r\n\r")}),
    "U+2028 and friends": (
        {b"x": text("a\u2028b\x0b\x0c\x1c\x85\n".encode())},
        {b"x": text("a\u2028c\u2029\x1d\x1e\n+\u2028".encode())},
    ),
    "content not in UTF-8": ({b"x": text(b"caf\xe9\n")}, {b"x": text(b"\xff\xfe caf\xe9\n")}),
    "content like headers": (
        {b"x": text(b"-- a/y\n++ b/y\n@@ -1 +1 @@\ndiff --git a/q b/q\n-- \n")},
        {b"x": text(b"++ b/y\n-- a/y\n@@@ -1 +1 @@\nFrom 1234\n\\ No newline\n")},
    ),
    "blank lines only": ({b"x": text(b"a\n")}, {b"x": text(b"\n\na\n\n")}),
    "symlink added": ({}, {b"x": text(b"target", "120000")}),
    "symlink moved on": (
        {b"x": text(b"old", "120000")},
        {b"x": text(b"new", "120000")},
    ),
    "file becomes symlink": ({b"x": text(LONG)}, {b"x": text(b"target", "120000")}),
    "symlink becomes its text": (
        {b"x": text(b"target", "120000")},
        {b"x": text(b"target")},
    ),
    "file keeps the line a symlink has": (
        {b"x": text(b"a\nb\nc")},
        {b"x": text(b"c", "120000")},
    ),
    "submodule added": ({}, {b"sub": text(SHA_1, "160000")}),
    "submodule moved on": ({b"sub": text(SHA_1, "160000")}, {b"sub": text(SHA_2, "160000")}),
    "file becomes submodule": ({b"sub": text(LONG)}, {b"sub": text(SHA_1, "160000")}),
    "binary becomes symlink": ({b"x": text(b"\0\1")}, {b"x": text(b"target", "120000")}),
    "several hunks": (
        {b"x": text(LONG)},
        {b"x": text(LONG.replace(b"line 2\n", b"").replace(b"line 27\n", b"new\nnew\n"))},
    ),
    "several files": (
        {b"a": text(b"1\n"), b"b": text(LONG), b"c": text(b"\0"), b"d": text(b"x\n")},
        {b"a": text(b"2\n"), b"e": text(LONG), b"c": text(b"\1\0"), b"d": text(b"x\n", "100755")},
    ),
    "nothing": ({b"a": text(b"1\n")}, {b"a": text(b"1\n")}),
}

#: What users and tools set, and what the diff then looks like.
LOOKS = {
    "as is": (),
    "mnemonic prefixes": ("--src-prefix=i/", "--dst-prefix=w/"),
    "no prefixes": ("--no-prefix",),
    "own prefixes": ("--src-prefix=old/", "--dst-prefix=newer/"),
    "swapped prefixes": ("--src-prefix=b/", "--dst-prefix=a/"),
    "no context": ("-U0",),
    "binary data": ("--binary",),
    "full index": ("--full-index",),
    "copies": COPIES,
}


@pytest.mark.parametrize("case", CASES)
def test_a_diff_is_read_as_git_means_it(case: str, repo: Repo) -> None:
    source, target = (repo.tree(files) for files in CASES[case])
    for options in LOOKS.values():
        repo.compare(source, target, *options)


def test_names_git_was_told_not_to_quote_are_read_as_well(repo: Repo) -> None:
    source = repo.tree({"naïve b/ü".encode(): text(b"a\n"), b"caf\xe9": text(b"a\n")})
    target = repo.tree({"naïve b/ü".encode(): text(b"b\n"), b"caf\xe9": text(b"", "100755")})
    repo.git("config", "core.quotePath", "false")
    assert [file.path for file in repo.compare(source, target)] == ["caf\udce9", "naïve b/ü"]


def test_a_copy_is_a_copy_and_not_a_rename(repo: Repo) -> None:
    source = repo.tree({b"x": text(LONG)})
    target = repo.tree({b"x": text(LONG), b"y": text(LONG)})
    [file] = repo.compare(source, target, *COPIES)
    assert (file.status, file.previous_path) == (FileStatus.COPIED, "x")


def test_mails_of_commits_that_quote_a_diff_count_only_what_they_change(repo: Repo) -> None:
    message = b"Quote\n\ndiff --git a/q b/q\n--- a/q\n+++ b/q\n@@ -1 +1 @@\n-x\n+y\n"
    first = repo.tree({b"x": text(b"a\n")})
    second = repo.tree({b"x": text(b"b\n")})
    author = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    root = repo.git(*author, "commit-tree", first, data=b"Start").decode().strip()
    sha = repo.git(*author, "commit-tree", second, "-p", root, data=message).decode().strip()
    [file] = parse_diff(repo.git("format-patch", "--stdout", f"{root}..{sha}"))
    assert (file.path, file.additions, file.deletions) == ("x", 1, 1)
    assert [file.path for file in parse_diff(repo.git("show", sha))] == ["x"]


@pytest.mark.parametrize(
    "asked",
    [
        "show --format=email",
        "show --format=mboxrd",
        "log -p --format=email",
        "format-patch --stdout -1 -p",
        "format-patch --stdout -1 --no-stat",
        "show --format=email --raw -p",
        "show --format=email --dirstat -p",
        "show --format=email --numstat -p",
        "show --format=email --summary -p",
        "show --format=email --stat -p",
    ],
)
def test_a_mail_says_what_git_show_says(repo: Repo, asked: str) -> None:
    first = repo.tree({b"x": text(b"a\n"), b"d/z": text(LONG)})
    second = repo.tree({b"x": text(b"b\n"), b"y": text(b"new\n"), b"d/z": text(LONG + b"more\n")})
    author = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    root = repo.git(*author, "commit-tree", first, data=b"Start").decode().strip()
    sha = repo.git(*author, "commit-tree", second, "-p", root, data=b"Why\n\nSo.")
    end = sha.decode().strip()
    span = [f"{root}..{end}"] if asked.startswith("log") else [end]
    assert parse_diff(repo.git(*asked.split(), *span)) == parse_diff(repo.git("show", end))


ROUND_TRIP = settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
#: Pieces of lines that parsers of diffs are known to trip over.
PIECES = st.sampled_from(
    [
        *(b"", b"a", b"b", b" ", b"-- ", b"--- a/x", b"+++ b/x", b"@@ -1,2 +3 @@", b"+", b"-"),
        *(b"\\ No newline at end of file", b"diff --git a/x b/x", b"\r", b"\xe9", b"\xff\xfe"),
        *("\u2028".encode(), b"\x0b\x0c", b"\x1c\x1d", b"\t", b"From " + b"0" * 40 + b" Mon"),
    ]
)
LINES = st.lists(st.lists(PIECES, max_size=3).map(b"".join), max_size=12)
CONTENTS = st.builds(
    lambda lines, end: b"\n".join(lines) + end, LINES, st.sampled_from([b"", b"\n"])
)
SEGMENTS = st.lists(
    st.sampled_from(
        [b"a", b"b", b" ", b" b", b'"', b"\\", b"\n", b"\t", "é".encode(), b"\xe9", b"x.py", b"-"]
    ),
    min_size=1,
    max_size=3,
).map(b"".join)
NAMES = st.lists(SEGMENTS, min_size=1, max_size=3).map(b"/".join)


@ROUND_TRIP
@given(old=CONTENTS, new=CONTENTS)
def test_applying_the_hunks_to_the_old_file_gives_the_new_one(
    old: bytes, new: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repo = Repo(tmp_path_factory.mktemp("repo"))
    source, target = repo.tree({b"x": text(old)}), repo.tree({b"x": text(new)})
    for context in ("-U0", "-U3"):
        patch = repo.compare(source, target, context, "--text")
        hunks = [hunk for file in patch for hunk in file.hunks]
        assert apply(hunks, old) == new


def apply(hunks: list[Hunk], old: bytes) -> bytes:
    left = old.decode("utf-8", "surrogateescape").split("\n")
    new: list[str] = []
    done = 0
    for hunk in hunks:
        # git numbers a hunk without source lines by the line before it.
        begin = hunk.source_start - 1 if hunk.source_length else hunk.source_start
        new.extend(f"{line}\n" for line in left[done:begin])
        done = begin
        for line in hunk.lines:
            end = "\n" if line.has_newline else ""
            if line.kind != "+":
                assert line.source_line == done + 1
                assert left[done] == line.text
                done += 1
            if line.kind != "-":
                assert line.target_line == len(new) + 1
                new.append(line.text + end)
    return encode("".join(new) + "\n".join(left[done:]))


def encode(content: str) -> bytes:
    return content.encode("utf-8", "surrogateescape")


@ROUND_TRIP
@given(data=st.data())
def test_any_two_trees_compare_as_git_compares_them(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repo = Repo(tmp_path_factory.mktemp("repo"))
    modes = st.sampled_from(["100644", "100644", "100755"])
    # Where a link points to is one line.
    links = st.tuples(st.just("120000"), SEGMENTS.map(lambda path: path.replace(b"\n", b"")))
    entries = st.one_of(st.tuples(modes, CONTENTS), links)
    files = st.dictionaries(NAMES, entries, max_size=4).filter(is_a_tree)
    source, target = repo.tree(data.draw(files)), repo.tree(data.draw(files))
    options = data.draw(st.sampled_from(list(LOOKS.values())))
    repo.compare(source, target, *options)


def is_a_tree(files: dict[bytes, object]) -> bool:
    """No name is a folder of another."""
    return not any(other.startswith(name + b"/") for name in files for other in files)
