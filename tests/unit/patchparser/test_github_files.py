"""GitHub's files JSON: its names and counts are believed, its silences are noticed."""

import pytest

from patchparser.github_files import parse_github_files
from patchparser.patch import FileStatus, PatchError

PATCH = "@@ -1 +1,2 @@\n-old\n+new\n+more"


def item(**fields: object) -> dict[str, object]:
    known = {"filename": "x.py", "status": "modified", "additions": 2, "deletions": 1}
    return {"sha": "1" * 40, **known, "changes": 3, "patch": PATCH, **fields}


def test_names_statuses_and_counts_are_githubs_and_lines_are_the_patchs() -> None:
    renamed = item(filename="n b/x.py", previous_filename="o.py", status="renamed", additions=2)
    [file] = parse_github_files([renamed])
    assert (file.path, file.previous_path, file.status) == ("n b/x.py", "o.py", FileStatus.RENAMED)
    assert (file.additions, file.deletions) == (2, 1)
    assert [(line.text, line.target_line) for line in file.added_lines()] == [
        ("new", 1),
        ("more", 2),
    ]


@pytest.mark.parametrize("status", list(FileStatus))
def test_every_status_of_github_is_known(status: FileStatus) -> None:
    assert parse_github_files([item(status=str(status))])[0].status is status


@pytest.mark.parametrize(
    ("fields", "is_binary"),
    [
        pytest.param({"status": "added"}, True, id="added without lines"),
        pytest.param({"status": "modified"}, True, id="modified without lines"),
        pytest.param(
            {"status": "added", "sha": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"},
            False,
            id="added empty",
        ),
        pytest.param({"status": "renamed", "previous_filename": "y"}, False, id="renamed"),
        pytest.param({"status": "modified", "additions": 9}, False, id="too large to show"),
    ],
)
def test_a_file_without_patch_may_be_binary(fields: dict[str, object], is_binary: bool) -> None:
    bare = {"patch": None, "additions": 0, "deletions": 0}
    [file] = parse_github_files([item(**{**bare, **fields})])
    assert (file.is_binary, file.has_patch, list(file.hunks)) == (is_binary, False, [])


@pytest.mark.parametrize(
    "patch",
    [
        f"@@ -1 +1 @@\n-Subproject commit {'1' * 40}\n+Subproject commit {'2' * 40}",
        f"@@ -0,0 +1 @@\n+Subproject commit {'2' * 40}",
    ],
)
def test_a_submodule_is_known_by_what_its_patch_says(patch: str) -> None:
    assert parse_github_files([item(patch=patch)])[0].is_submodule
    assert not parse_github_files([item()])[0].is_submodule


@pytest.mark.parametrize(
    ("items", "totals", "is_complete"),
    [
        pytest.param([item()], {}, True, id="no totals known"),
        pytest.param(
            [item()], {"changed_files": 1, "additions": 2, "deletions": 1}, True, id="totals agree"
        ),
        pytest.param([item()], {"changed_files": 2}, False, id="a file is missing"),
        pytest.param([item()], {"additions": 3}, False, id="added lines are missing"),
        pytest.param([item()], {"deletions": 2}, False, id="removed lines are missing"),
        pytest.param([item(), item()], {"changed_files": 2}, False, id="one file twice"),
        pytest.param(
            [item(filename=f"{n}.py") for n in range(3_000)],
            {},
            False,
            id="as many as GitHub lists",
        ),
        pytest.param(
            [item(filename=f"{n}.py") for n in range(3_000)],
            {"changed_files": 3_000},
            True,
            id="exactly as many as GitHub lists",
        ),
    ],
)
def test_what_github_left_out_is_noticed(
    items: list[object], totals: dict[str, int], is_complete: bool
) -> None:
    assert parse_github_files(items, **totals).is_complete is is_complete


def test_counts_that_turn_to_nothing_after_20_000_lines_are_not_believed() -> None:
    long = item(
        filename="long",
        patch="@@ -0,0 +1,20000 @@" + "\n+a" * 20_000,
        additions=20_000,
        deletions=0,
    )
    emptied = item(filename="x.bin", patch=None, additions=0, deletions=0)
    assert parse_github_files([emptied, long]).is_complete
    assert not parse_github_files([long, emptied]).is_complete
    # The pull request's own totals say that the file has in truth no lines.
    assert parse_github_files([long, emptied], additions=20_000, deletions=0).is_complete


def test_a_list_written_by_hand_needs_names_only() -> None:
    patch = parse_github_files([{"filename": "x"}, {"filename": "y", "patch": PATCH}])
    assert [(file.path, file.status, file.changes) for file in patch] == [
        ("x", "modified", 0),
        ("y", "modified", 3),
    ]


def test_half_a_surrogate_pair_does_no_harm() -> None:
    [file] = parse_github_files([item(patch="@@ -1 +1 @@\n-\ud83d\n+ok")])
    assert [line.text for line in file.added_lines()] == ["ok"]


@pytest.mark.parametrize(
    ("items", "problem"),
    [
        pytest.param({"message": "Not Found"}, "an error, not with files: Not Found", id="error"),
        pytest.param({}, "expected the list of files", id="an object"),
        pytest.param("[]", "expected the list of files", id="text"),
        pytest.param([item(), 1], r"^\[1\]: expected an object", id="a number for a file"),
        pytest.param([item(filename="")], r"^\[0\].filename: ", id="no name"),
        pytest.param([item(filename=None)], r"^\[0\].filename: ", id="null name"),
        pytest.param([item(previous_filename=1)], r"^\[0\].previous_filename: ", id="old name"),
        pytest.param([item(status="gone")], r"^\[0\].status: expected one of added,", id="status"),
        pytest.param([item(status=[])], r"^\[0\].status: ", id="a list for a status"),
        pytest.param([item(additions="2")], r"^\[0\].additions: ", id="count as text"),
        pytest.param([item(deletions=-1)], r"^\[0\].deletions: ", id="negative count"),
        pytest.param([item(patch=1)], r"^\[0\].patch: expected text", id="patch is a number"),
        pytest.param([item(patch="words")], r"^\[0\].patch, line 1: ", id="patch is words"),
        pytest.param(
            [item(patch="@@ -1,2 +1,2 @@\n a")], r"^\[0\].patch, line 2: .* cut off", id="patch cut"
        ),
        pytest.param(
            [item(patch=PATCH + "\ndiff --git a/y b/y\nold mode 1\n")],
            r"^\[0\].patch: expected the hunks of one file",
            id="two files in a patch",
        ),
    ],
)
def test_what_is_no_list_of_files_is_refused_with_its_place(items: object, problem: str) -> None:
    with pytest.raises(PatchError, match=problem):
        parse_github_files(items)
