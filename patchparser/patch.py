"""A pull request's patch: which files it touches, how, and the lines it adds and removes.

:func:`parse_diff` reads a unified diff, :func:`patchparser.github_files.parse_github_files` what
GitHub's API says. Both only look at headers and counts; the lines of a file are read when asked
for, each time anew, so that a patch of a million lines costs no more memory than its text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import overload

from patchparser.diff_sections import SUBMODULE, SYMLINK, Change, Section, split_diff
from patchparser.hunks import Hunk, Line, PatchError, read_hunks

__all__ = [
    "FileStatus",
    "Hunk",
    "Line",
    "PatchError",
    "PatchSet",
    "PatchedFile",
    "extension_of",
    "parse_diff",
]


class FileStatus(StrEnum):
    """What happened to a file, in GitHub's words (its pull request files API)."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"
    RENAMED = "renamed"
    COPIED = "copied"
    #: The kind of file changed: a file became a symbolic link or a submodule, or the reverse.
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True)
class PatchedFile:
    """One file of a patch set."""

    #: Where the file is now; for a removed file, where it was.
    path: str
    #: Where it was before a rename, or what it was copied from; None otherwise.
    previous_path: str | None = None
    status: FileStatus
    #: Lines added and removed, as ``git diff --numstat`` and GitHub count them.
    additions: int = 0
    deletions: int = 0
    is_binary: bool = False
    is_submodule: bool = False
    is_symlink: bool = False
    #: Its text from the first ``@@`` on; empty when nothing or nothing readable changed.
    patch: bytes = field(default=b"", repr=False)

    @property
    def has_patch(self) -> bool:
        """There are lines to read. GitHub leaves them out of binary, large and renamed files."""
        return bool(self.patch)

    @property
    def changes(self) -> int:
        """Lines added and lines removed together."""
        return self.additions + self.deletions

    @property
    def is_removed(self) -> bool:
        """The file is gone."""
        return self.status is FileStatus.REMOVED

    @property
    def hunks(self) -> Iterator[Hunk]:
        """The hunks, read anew at each call."""
        return read_hunks(self.patch)

    def added_lines(self) -> Iterator[Line]:
        """The lines that are new."""
        return (line for hunk in self.hunks for line in hunk.lines if line.kind == "+")

    def removed_lines(self) -> Iterator[Line]:
        """The lines that are gone."""
        return (line for hunk in self.hunks for line in hunk.lines if line.kind == "-")


def extension_of(path: str) -> str:
    """The extension, by which the language is known.

    >>> extension_of("src/X.PY")
    'py'
    """
    return path.rpartition(".")[2].lower()


@dataclass(frozen=True, kw_only=True)
class PatchSet(Sequence[PatchedFile]):
    """All files of a patch, in its order."""

    files: tuple[PatchedFile, ...] = ()
    #: False when files are known to be missing or counts known to be wrong: GitHub cut the list.
    is_complete: bool = True

    @overload
    def __getitem__(self, index: int) -> PatchedFile: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[PatchedFile, ...]: ...
    def __getitem__(self, index: int | slice) -> PatchedFile | tuple[PatchedFile, ...]:
        return self.files[index]

    def __len__(self) -> int:
        return len(self.files)

    def __iter__(self) -> Iterator[PatchedFile]:
        return iter(self.files)

    @property
    def additions(self) -> int:
        """Lines added in all files."""
        return sum(file.additions for file in self.files)

    @property
    def deletions(self) -> int:
        """Lines removed in all files."""
        return sum(file.deletions for file in self.files)


_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_STATUS = {
    Change.ADDED: FileStatus.ADDED,
    Change.REMOVED: FileStatus.REMOVED,
    Change.MODIFIED: FileStatus.MODIFIED,
    Change.RENAMED: FileStatus.RENAMED,
    Change.COPIED: FileStatus.COPIED,
}


def parse_diff(data: bytes) -> PatchSet:
    r"""Read a unified diff: what ``git diff``, ``git format-patch`` or GitHub's ``.diff`` prints.

    Raises PatchError for anything else; an empty diff is a patch set of no files.

    >>> [file] = parse_diff(b"--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n-old\n+new\n+more\n")
    >>> file.path, file.status.value, file.additions, file.deletions
    ('x.py', 'modified', 2, 1)
    >>> parse_diff(b'{"message": "Not Found"}')
    Traceback (most recent call last):
        ...
    patchparser.hunks.PatchError: line 1: this is JSON, not a diff
    """
    data = data.removeprefix(_BYTE_ORDER_MARK)
    files: list[PatchedFile] = []
    previous: Section | None = None
    mail_of: dict[str, int] = {}
    for section in split_diff(data):
        file = _patched_file(section, data)
        if mail_of.setdefault(file.path, section.mail) != section.mail:
            # One commit may add a line and the next take it away: added up, both would count.
            problem = f"{file.path} changes in two of these commits; give the .diff of them all"
            raise PatchError(problem, line=section.line)
        if previous and _is_type_change(previous, section):
            file = _joined(files.pop(), file)
        files.append(file)
        previous = section
    return PatchSet(files=tuple(files))


def _patched_file(section: Section, data: bytes) -> PatchedFile:
    path = section.source if section.change is Change.REMOVED else section.target
    has_moved = section.change in (Change.RENAMED, Change.COPIED)
    modes = (section.source_mode, section.target_mode)
    return PatchedFile(
        path=_text(path),
        previous_path=_text(section.source) if has_moved else None,
        status=_STATUS[section.change],
        additions=section.additions,
        deletions=section.deletions,
        is_binary=section.is_binary,
        is_submodule=SUBMODULE in modes,
        is_symlink=SYMLINK in modes,
        patch=data[section.start : section.end],
    )


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _is_type_change(removed: Section, added: Section) -> bool:
    """git shows a file that became a link as removed and, in the next section, added again."""
    return (
        removed.change is Change.REMOVED
        and added.change is Change.ADDED
        and removed.target == added.target
        and removed.source_mode[:3] != added.target_mode[:3]
    )


def _joined(removed: PatchedFile, added: PatchedFile) -> PatchedFile:
    is_binary = removed.is_binary or added.is_binary
    shared = _count_shared_line(removed, added)
    return PatchedFile(
        path=added.path,
        status=FileStatus.CHANGED,
        # git counts nothing where one side is binary.
        additions=0 if is_binary else added.additions - shared,
        deletions=0 if is_binary else removed.deletions - shared,
        is_binary=is_binary,
        is_submodule=removed.is_submodule or added.is_submodule,
        is_symlink=removed.is_symlink or added.is_symlink,
        patch=removed.patch + added.patch,
    )


def _count_shared_line(removed: PatchedFile, added: PatchedFile) -> int:
    """A line both sides have is unchanged to git; a link, or a submodule, has one line only."""
    if min(removed.deletions, added.additions) != 1:
        return 0
    gone = {(line.text, line.has_newline) for line in removed.removed_lines()}
    return int(any((line.text, line.has_newline) in gone for line in added.added_lines()))
