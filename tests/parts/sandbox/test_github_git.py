"""What the sandbox says of commits, files and diffs is what git says."""

import subprocess
from pathlib import Path

import pytest

from leeroy_sandbox.git import ENVIRONMENT, Bare, GitFailed
from leeroy_sandbox.gitformat import EMPTY_TREE, Changes, File, NewCommit, Person

ANN = Person(name="Ann É", email="ann@example.com", when=1_700_000_000)


@pytest.fixture
def bare(tmp_path) -> Bare:
    return Bare(tmp_path / "a.git", tmp_path / "objects")


def write(bare: Bare, changes: Changes, *parents: str, ref: str = "refs/heads/main") -> str:
    commit = NewCommit(
        message="Änderung\n\nwith a body\n",
        author=ANN,
        committer=ANN,
        changes=changes,
        parents=parents,
        ref=ref,
    )
    return bare.write([commit])[0]


LINES = "".join(f"line {n}\n" for n in range(30))


@pytest.mark.parametrize(
    ("before", "after", "letter", "counts", "patch"),
    [
        pytest.param(None, "one\n", "A", (1, 0), "@@ -0,0 +1 @@\n+one", id="added"),
        pytest.param("one\n", None, "D", (0, 1), "@@ -1 +0,0 @@\n-one", id="removed"),
        pytest.param("one\n", "two\n", "M", (1, 1), "@@ -1 +1 @@\n-one\n+two", id="modified"),
        pytest.param(
            "one", "one\n", "M", (1, 1),
            "@@ -1 +1 @@\n-one\n\\ No newline at end of file\n+one", id="newline-at-end",
        ),
        pytest.param(b"\0a", b"\0b", "M", (None, None), None, id="binary"),
        pytest.param("", None, "D", (0, 0), None, id="empty-removed"),
        pytest.param("x\n", File(content=b"x\n", mode="100755"), "M", (0, 0), None, id="mode"),
        pytest.param(
            "x\n", File(content=b"x", mode="120000"), "T", (1, 1),
            "@@ -1 +0,0 @@\n-x\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file", id="symlink",
        ),
        pytest.param(
            None, File(content=b"1" * 40, mode="160000"), "A", (1, 0),
            f"@@ -0,0 +1 @@\n+Subproject commit {'1' * 40}", id="submodule",
        ),
        pytest.param(
            "a\n", "a\rb\u2028c\n", "M", (1, 1), "@@ -1 +1 @@\n-a\n+a\rb\u2028c",
            id="odd-line-ends",
        ),
    ],
)  # fmt: skip
def test_a_change_is_told_as_git_tells_it(bare, before, after, letter, counts, patch):
    keep: Changes = {"z": "keeps the tree from being empty\n"}
    one = write(bare, keep | ({} if before is None else {"f": before}))
    two = write(bare, {"f": after}, one)
    (changed,) = bare.files(one, two)
    assert (changed.path, changed.letter) == ("f", letter)
    assert (changed.added, changed.removed) == counts
    assert bare.patches(one, two) == (patch,)


def test_a_rename_keeps_its_former_name_and_shows_only_what_else_changed(bare):
    one = write(bare, {"old.txt": LINES, "pure.txt": LINES + "x\n"})
    two = write(
        bare,
        {"old.txt": None, "new.txt": LINES + "end\n", "pure.txt": None, "moved.txt": LINES + "x\n"},
        one,
    )
    told = {c.path: (c.letter, c.previous, c.added, c.removed) for c in bare.files(one, two)}
    assert told == {"moved.txt": ("R", "pure.txt", 0, 0), "new.txt": ("R", "old.txt", 1, 0)}
    moved, new = bare.patches(one, two)
    assert moved is None
    assert new is not None
    assert new.endswith("+end")


@pytest.mark.parametrize(
    "path",
    ["ü/ß.txt", 'a "quoted" name', "a b/ b/c", "tab\there", "new\nline", "back\\slash", "日本"],
)
def test_odd_names_survive(bare, path):
    one = write(bare, {"z": "z\n"})
    two = write(bare, {path: "x\n"}, one)
    assert [c.path for c in bare.files(one, two)] == [path]
    assert bare.content(two, path) == b"x\n"
    assert bare.names_of([two])[two]["added"] == [path]


def test_commits_come_oldest_first_with_who_wrote_them(bare):
    one = write(bare, {"f": "1\n"})
    two = write(bare, {"f": "2\n"}, one)
    three = write(bare, {"f": "3\n"}, two)
    assert [c.sha for c in bare.between(one, three)] == [two, three]
    assert bare.count(one, three) == 2
    assert bare.count(EMPTY_TREE, three) == 3
    commit = bare.commit(two)
    assert (commit.author, commit.parents) == (ANN, (one,))
    assert commit.message == "Änderung\n\nwith a body"


def test_merges_and_conflicts(bare):
    base = write(bare, {"f": "1\n", "g": "1\n"})
    left = write(bare, {"f": "2\n"}, base)
    right = write(bare, {"g": "2\n"}, base, ref="refs/heads/right")
    clash = write(bare, {"f": "3\n"}, base, ref="refs/heads/clash")
    merge = bare.merge(left, right, "Merge", ANN)
    assert merge is not None
    assert bare.commit(merge).parents == (left, right)
    assert bare.content(merge, "g") == b"2\n"
    assert bare.merge(left, clash, "Merge", ANN) is None
    assert bare.merge_base(left, right) == base
    stranger = write(bare, {"f": "9\n"}, ref="refs/heads/stranger")
    assert bare.merge_base(left, stranger) is None


def test_git_itself_finds_the_repository_sound_and_clones_it(bare, tmp_path):
    sha = write(bare, {"f": "1\n"})
    bare.point("refs/pull/1/head", sha)
    assert bare.run("fsck", "--strict") == b""
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "--quiet", bare.path.as_uri(), str(clone)], check=True, env=ENVIRONMENT
    )
    assert Path(clone, "f").read_text() == "1\n"


def test_forks_share_objects(bare, tmp_path):
    fork = Bare(tmp_path / "fork.git", tmp_path / "objects")
    sha = write(fork, {"f": "1\n"})
    assert bare.resolve(sha) == sha
    assert bare.refs() == {}


@pytest.mark.parametrize("name", ["-x", "--help", "no-such", "HEAD:f", "", "a b", "1" * 40])
def test_what_is_no_commit_resolves_to_nothing(bare, name):
    write(bare, {"f": "1\n"})
    assert bare.resolve(name) is None
    assert bare.resolve("heads/main") == bare.resolve("main") == bare.resolve("refs/heads/main")


def test_what_git_says_is_in_the_error(bare):
    with pytest.raises(GitFailed, match="no-such-command"):
        bare.run("no-such-command")
