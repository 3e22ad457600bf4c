"""GitHub's list of a pull request's files, as a patch set.

Names, statuses and counts are GitHub's; only the hunks are read from ``patch``, and only when
asked for. https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
"""

import re
from collections.abc import Mapping, Sequence

from patchparser.patch import FileStatus, PatchedFile, PatchError, PatchSet, parse_diff

#: GitHub lists no more files than this, and does not say that it left some out.
MAX_FILES = 3_000
#: Once the patches of one answer have this many lines, GitHub says of the files after them that
#: they have no patch and no changes. Asked in smaller pages, it tells the truth.
#: https://github.com/orgs/community/discussions/213491
MAX_PATCH_LINES = 20_000

_EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
_SUBMODULE = re.compile(r"@@ .*(?:\n[-+]Subproject commit [0-9a-f]{40,64}(?:-dirty)?)+\n?")
_NOTHING = PatchedFile(path="", status=FileStatus.UNCHANGED)
_UNTOUCHED = (FileStatus.RENAMED, FileStatus.COPIED, FileStatus.UNCHANGED)


def parse_github_files(
    items: object,
    *,
    changed_files: int | None = None,
    additions: int | None = None,
    deletions: int | None = None,
) -> PatchSet:
    """Read the items of all pages; the pull request object's totals show what is missing.

    >>> item = {"filename": "x.py", "status": "added", "additions": 1, "deletions": 0,
    ...         "patch": "@@ -0,0 +1 @@\\n+print()"}
    >>> patch = parse_github_files([item], changed_files=2)
    >>> patch[0].path, patch.is_complete
    ('x.py', False)
    """
    files: dict[str, PatchedFile] = {}
    patch_lines = 0
    is_doubtful = False
    for index, item in enumerate(_list_of(items)):
        file = _parse_file(item, f"[{index}]")
        patch_lines += file.patch.count(b"\n")
        is_doubtful |= _is_emptied_by_github(file, patch_lines)
        # While a branch is pushed to, two pages may show one file.
        files.setdefault(file.path, file)
    patch = PatchSet(files=tuple(files.values()))
    is_complete = (
        (len(patch) == changed_files if changed_files is not None else len(patch) < MAX_FILES)
        and (additions is None or patch.additions == additions)
        and (deletions is None or patch.deletions == deletions)
        # The totals are the better witness; without them, the defect's own marks are.
        and (additions is not None or deletions is not None or not is_doubtful)
    )
    return PatchSet(files=patch.files, is_complete=is_complete)


def _is_emptied_by_github(file: PatchedFile, patch_lines: int) -> bool:
    return (
        patch_lines >= MAX_PATCH_LINES
        and not file.has_patch
        and not file.changes
        and file.status not in _UNTOUCHED
    )


def _list_of(items: object) -> Sequence[object]:
    if isinstance(items, Mapping) and "message" in items:
        raise PatchError(f"GitHub answered with an error, not with files: {items['message']}")
    if not isinstance(items, list | tuple):
        raise PatchError("expected the list of files GitHub gives at pulls/N/files")
    return items


def _parse_file(item: object, place: str) -> PatchedFile:
    if not isinstance(item, Mapping):
        raise PatchError(f"{place}: expected an object, as GitHub gives for each file")
    hunks = _parse_patch(item.get("patch"), f"{place}.patch")
    patch = hunks.patch
    status = _parse_status(item.get("status", FileStatus.MODIFIED), f"{place}.status")
    previous = item.get("previous_filename")
    # GitHub always counts; a list written by hand may leave it to the patch.
    additions = _parse_count(item.get("additions", hunks.additions), f"{place}.additions")
    deletions = _parse_count(item.get("deletions", hunks.deletions), f"{place}.deletions")
    return PatchedFile(
        path=_parse_name(item.get("filename"), f"{place}.filename"),
        previous_path=None
        if previous is None
        else _parse_name(previous, f"{place}.previous_filename"),
        status=status,
        additions=additions,
        deletions=deletions,
        # GitHub does not say. No patch and no lines, though there is content that is new: binary,
        # a mode that changed, or the defect above.
        is_binary=not (patch or additions or deletions)
        and status not in _UNTOUCHED
        and item.get("sha") != _EMPTY_BLOB,
        is_submodule=bool(_SUBMODULE.fullmatch(str(item.get("patch") or ""))),
        patch=patch,
    )


def _parse_name(value: object, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise PatchError(f"{place}: expected a file's name")
    return value


def _parse_status(value: object, place: str) -> FileStatus:
    try:
        return FileStatus(value)  # type: ignore[arg-type]  # whatever it is, it is looked up
    except ValueError as exc:
        known = ", ".join(FileStatus)
        raise PatchError(f"{place}: expected one of {known}") from exc


def _parse_count(value: object, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise PatchError(f"{place}: expected a number of lines")
    return value


def _parse_patch(value: object, place: str) -> PatchedFile:
    """The text and its counts, once it is known to be whole."""
    if value is not None and not isinstance(value, str):
        raise PatchError(f"{place}: expected text")
    # JSON may hold half of a surrogate pair, which no encoding has.
    hunks = (value or "").encode("utf-8", "surrogatepass")
    if not hunks:
        return _NOTHING
    try:
        # GitHub's text begins with the first hunk; the two lines above it are ours.
        [file] = parse_diff(b"--- a/f\n+++ b/f\n" + hunks)
    except PatchError as exc:
        where = "" if exc.line is None else f", line {max(exc.line - 2, 1)}"
        raise PatchError(f"{place}{where}: {exc.problem}") from exc
    except ValueError as exc:
        raise PatchError(f"{place}: expected the hunks of one file") from exc
    if not file.has_patch:
        raise PatchError(f"{place}, line 1: expected a hunk (@@ -1 +1 @@)")
    return file
