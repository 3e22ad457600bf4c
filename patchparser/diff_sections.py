"""Splits a unified diff into its files: names, what happened, counts, and where the hunks are.

Hunks are walked by the counts in their headers, so a removed line that reads ``-- a/x`` (in the
diff ``--- a/x``) is never taken for the start of another file, and a mail's signature never for
a removed line. A diff that is broken, or is none, is refused with the line that shows it.
https://git-scm.com/docs/diff-format#generate_patch_text_with_p
"""

import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from patchparser.diff_names import (
    NO_FILE,
    common_path,
    name_of_side,
    split_at_only_prefix,
    split_binary,
    split_git_header,
    unquote,
    without_prefix,
)
from patchparser.hunks import PatchError

SYMLINK = b"120000"
SUBMODULE = b"160000"

# Fifteen digits are more lines than any file has.
_HUNK = re.compile(rb"@@ -\d{1,15}(?:,(\d{1,15}))? \+\d{1,15}(?:,(\d{1,15}))? @@")
#: The first line of each mail that git format-patch and GitHub's ``.patch`` write.
_MAIL = re.compile(rb"From [0-9a-f]{40,64} ")
_ENCODED = re.compile(rb"content-transfer-encoding: *(quoted-printable|base64)\b", re.IGNORECASE)
#: What GNU diff and Subversion write after the name of a side that has no such file; GNU's is
#: the beginning of Unix time, in any time zone.
_NO_SUCH_FILE = re.compile(
    rb"\t(?:1970-01-01 |1969-12-31 |Thu Jan  1 \d\d:\d\d:\d\d 1970|Wed Dec 31 \d\d:\d\d:\d\d 1969"
    rb"|\(nonexistent\)|\(revision 0\)|\(\S{1,40} 0\))"
)
_BINARY_FILES = re.compile(rb"Binary files (.+) differ")
_ONLY_IN = re.compile(rb"Only in [^:]+: .")
_SUBMODULE_LOG = re.compile(rb"Submodule \S.* [0-9a-f]{7,64}\.{2,3}[0-9a-f]{7,64}")
_GIT = b"diff --git "
_COMBINED = (b"diff --cc ", b"diff --combined ", b"@@@")
_SIGNATURE = (b"-- ", b"--")
_TOO_LONG = "a line more than the hunk's header says"
_ADDED, _REMOVED, _CONTEXT, _BACKSLASH = b"+- \\"
#: A blank context line after something stripped the space it began with.
_STRIPPED = (b"\n", b"\r\n", b"\r")


class Change(Enum):
    """What the headers of a section say happened to the file."""

    ADDED = auto()
    REMOVED = auto()
    MODIFIED = auto()
    RENAMED = auto()
    COPIED = auto()


@dataclass(slots=True, kw_only=True)
class Section:
    """One file's part of a diff, filled as its lines are read."""

    #: Where it begins, counted from 1.
    line: int
    #: Which mail of the input it is in, counted from 1; 0 where there are none.
    mail: int = 0
    #: The file's name before and after, without prefixes; the same unless it was renamed.
    source: bytes = b""
    target: bytes = b""
    #: What follows ``---`` and ``+++``.
    source_side: bytes | None = None
    target_side: bytes | None = None
    change: Change = Change.MODIFIED
    source_mode: bytes = b""
    target_mode: bytes = b""
    is_binary: bool = False
    additions: int = 0
    deletions: int = 0
    #: The first hunk says that there was nothing before, or is nothing after.
    was_empty: bool = False
    is_empty: bool = False
    #: Where its hunks begin and end in the input; the same when it has none.
    start: int = 0
    end: int = 0


class _Lines:
    """The input's lines, without their ends; knows where it is, and can look ahead."""

    def __init__(self, data: bytes) -> None:
        self.stream = io.BytesIO(data)
        #: Number of the line last taken.
        self.number = 0
        self._ahead: deque[bytes] = deque()

    def peek(self, ahead: int = 0) -> bytes | None:
        while len(self._ahead) <= ahead:
            if not (raw := self.stream.readline()):
                return None
            self._ahead.append(raw)
        return self._ahead[ahead].rstrip(b"\r\n")

    def take(self) -> bytes:
        self.number += 1
        raw = self._ahead.popleft() if self._ahead else self.stream.readline()
        return raw.rstrip(b"\r\n")

    @property
    def offset(self) -> int:
        """Where the next line to take begins."""
        return self.stream.tell() - sum(map(len, self._ahead))

    def go_back(self, offset: int, number: int) -> None:
        """Take lines again from a place seen before."""
        self.stream.seek(offset)
        self.number = number
        self._ahead.clear()


def split_diff(data: bytes) -> Iterator[Section]:
    """The sections of a diff, in order; raises PatchError for what is not a diff."""
    lines = _Lines(data)
    is_diff = False
    mail = 0
    index = b""
    while (line := lines.peek()) is not None:
        if line.startswith(_COMBINED):
            problem = "a combined diff, as git shows of a merge; compare it with one parent instead"
            raise PatchError(problem, line=lines.number + 1)
        if _MAIL.match(line):
            _skip_message(lines)
            mail += 1
            is_diff = True
        elif section := _read_section(lines, line):
            section.mail = mail
            yield section
            is_diff = True
        else:
            if line.startswith(b"@@ -"):
                raise PatchError("a hunk that belongs to no file", line=lines.number + 1)
            if _SUBMODULE_LOG.match(line):
                problem = "a submodule's log instead of its diff; use git diff --submodule=short"
                raise PatchError(problem, line=lines.number + 1)
            if line.startswith(b"Index: "):
                index = line[len(b"Index: ") :]
            elif line.startswith(b"Cannot display: ") and index:  # Subversion's, of a binary
                section = Section(line=lines.number + 1, mail=mail, is_binary=True)
                _name(section, index)
                yield section
                is_diff = True
            if _ONLY_IN.match(line):
                problem = "a file that only one side has, and its lines are not here; use diff -N"
                raise PatchError(problem, line=lines.number + 1)
            lines.take()
    if not is_diff:
        _refuse_what_is_no_diff(data)


def _refuse_what_is_no_diff(data: bytes) -> None:
    for number, line in enumerate(io.BytesIO(data), 1):
        text = line.strip()
        if not text:
            continue
        if text.startswith((b"{", b"[")):
            what = "this is JSON, not a diff"
        elif text.startswith(b"<"):
            what = "this is a web page, not a diff"
        elif text.startswith((b"\xff\xfe", b"\xfe\xff")):
            what = "this is UTF-16; write the diff as git prints it"
        elif b"\x1b[" in text:
            what = "this has colour codes; use git diff --no-color"
        else:
            what = "this is not a diff: nothing in it names a changed file"
        raise PatchError(what, line=number)


def _skip_message(lines: _Lines) -> None:
    """Pass over a mail's headers and message: the message may quote a diff of its own.

    git writes the line ``---`` above a diffstat, and the mail's own diff stands below it. Where
    there is no diffstat (``git show --format=email``) there is no such line either; then the first
    ``diff --git`` begins the diff.
    """
    lines.take()
    first: tuple[int, int] | None = None
    in_headers = True
    below_cut = False
    while (line := lines.peek()) is not None and not _MAIL.match(line):
        if line.startswith(_GIT):
            if below_cut:
                return
            first = first or (lines.offset, lines.number)
        in_headers = in_headers and bool(line)
        if in_headers and (encoded := _ENCODED.match(line)):
            problem = f"a mail in {encoded[1].decode()}; give the diff as git prints it"
            raise PatchError(problem, line=lines.number + 1)
        below_cut = below_cut or line == b"---"
        lines.take()
    if first:
        lines.go_back(*first)


def _read_section(lines: _Lines, line: bytes) -> Section | None:
    """The section that begins at the line, if one does."""
    if line.startswith(_GIT):
        return _read_git_section(lines)
    if line.startswith(b"--- ") and (lines.peek(1) or b"").startswith(b"+++ "):
        section = Section(line=lines.number + 1)
        # GNU diff and Subversion name the file on both sides, and say in words that one has none.
        no_source = bool(_NO_SUCH_FILE.search(line))
        no_target = bool(_NO_SUCH_FILE.search(lines.peek(1) or b""))
        _read_sides(lines, section)
        source, target = section.source_side or b"", section.target_side or b""
        if source == NO_FILE or (no_source and section.was_empty):
            section.change = Change.ADDED
        elif target == NO_FILE or (no_target and section.is_empty):
            section.change = Change.REMOVED
        _name(section, _plain_path(source, target))
        return section
    if line.startswith(b"Binary file"):
        return _read_plain_binary(lines, line)
    return None


def _plain_path(source: bytes, target: bytes) -> bytes:
    if source == NO_FILE:
        return without_prefix(target)
    if target == NO_FILE:
        return without_prefix(source)
    return common_path(source, target) or without_prefix(target)


def _read_plain_binary(lines: _Lines, line: bytes) -> Section | None:
    section = Section(line=lines.number + 1, is_binary=True)
    if changed := re.fullmatch(rb"Binary file (.+) has changed", line):  # Mercurial's
        path = changed[1]
    elif (differ := _BINARY_FILES.fullmatch(line)) and (names := split_binary(differ[1])):
        path = _plain_path(*names)
        if NO_FILE in names:
            section.change = Change.ADDED if names[0] == NO_FILE else Change.REMOVED
    else:
        return None
    lines.take()
    _name(section, path)
    return section


def _name(section: Section, path: bytes | None) -> None:
    if not path:
        raise PatchError("cannot tell which file this names", line=section.line)
    section.source = section.target = path


def _read_git_section(lines: _Lines) -> Section:
    names = lines.take()[len(_GIT) :]
    section = Section(line=lines.number)
    moved: dict[bytes, bytes] = {}
    binaries: tuple[bytes, bytes] | None = None
    while (line := lines.peek()) is not None:
        # Data of a binary patch is told in several blocks; the rest of them says nothing new.
        if not line or line.startswith(b"diff ") or _MAIL.match(line):
            break
        if line.startswith((b"--- ", b"@@")):
            _read_sides(lines, section)
            break
        lines.take()
        word, _, value = line.rpartition(b" ")
        if word == b"new file mode":
            section.change, section.target_mode = Change.ADDED, value
        elif word == b"deleted file mode":
            section.change, section.source_mode = Change.REMOVED, value
        elif word == b"old mode":
            section.source_mode = value
        elif word == b"new mode":
            section.target_mode = value
        elif line.startswith(b"index ") and word.count(b" "):
            section.source_mode = section.target_mode = value
        elif line == b"GIT binary patch":
            section.is_binary = True
        elif differ := _BINARY_FILES.fullmatch(line):
            section.is_binary = True
            binaries = split_binary(differ[1])
        elif where := re.match(rb"(rename|copy) (from|to) ", line):
            section.change = Change.COPIED if where[1] == b"copy" else Change.RENAMED
            moved[where[2]] = unquote(line[where.end() :])
    if len(moved) == 2:
        section.source, section.target = moved[b"from"], moved[b"to"]
    else:
        halves = split_git_header(names)
        path = common_path(*halves) if halves else None
        if path is None:
            # git diff --no-index compares files of different names and calls it no rename.
            sides = (section.source_side, section.target_side)
            two = sides if sides[0] and sides[1] else binaries or split_at_only_prefix(names)
            path = _plain_path(two[0] or b"", two[1] or b"") if two else None
        _name(section, path)
    return section


def _read_sides(lines: _Lines, section: Section) -> None:
    """Read ``---``, ``+++`` and all hunks below them into the section."""
    if (lines.peek() or b"").startswith(b"--- "):
        if not (lines.peek(1) or b"").startswith(b"+++ "):
            raise PatchError("expected a line +++ after this one", line=lines.number + 1)
        section.source_side = name_of_side(lines.take()[4:])
        section.target_side = name_of_side(lines.take()[4:])
    section.start = section.end = lines.offset
    while line := lines.peek():
        if line.startswith(_COMBINED):
            return
        if line.startswith(b"@@"):
            _read_hunk(lines, section)
        elif line.startswith(b"\\"):
            lines.take()
            if section.start == section.end:
                section.start = lines.offset  # no hunk stands above it: it says nothing
        elif line[0] in (_ADDED, _REMOVED, _CONTEXT) and not _ends_file(lines, line):
            raise PatchError(_TOO_LONG, line=lines.number + 1)
        else:
            return
        section.end = lines.offset
    if section.start == section.end and line is None:
        raise PatchError("the diff ends before a hunk: it was cut off", line=lines.number)


def _ends_file(lines: _Lines, line: bytes) -> bool:
    """A line that begins like a removed one, and is another file's header or a signature."""
    return line in _SIGNATURE or (
        line.startswith(b"--- ") and (lines.peek(1) or b"").startswith(b"+++ ")
    )


def _read_hunk(lines: _Lines, section: Section) -> None:
    header = lines.take()
    if not (counts := _HUNK.match(header)):
        raise PatchError("not the header of a hunk", line=lines.number)
    source, target = (int(count) if count is not None else 1 for count in counts.groups())
    if section.start == section.end:
        section.was_empty, section.is_empty = not source, not target
    if not source and not target:
        return
    added = removed = taken = 0
    # Plain iteration: this loop sees nearly all of the input. Nothing is held ahead here.
    for line in lines.stream:
        taken += 1
        kind = line[0]
        if kind == _ADDED:
            added += 1
            target -= 1
        elif kind == _REMOVED:
            removed += 1
            source -= 1
        elif kind == _CONTEXT or line in _STRIPPED:
            source -= 1
            target -= 1
        elif kind != _BACKSLASH:
            raise PatchError("not a line of a hunk", line=lines.number + taken)
        if source <= 0 or target <= 0:
            if not source and not target:
                break
            if source < 0 or target < 0:
                raise PatchError(_TOO_LONG, line=lines.number + taken)
    lines.number += taken
    if source or target:
        raise PatchError("the diff ends inside a hunk: it was cut off", line=lines.number)
    section.additions += added
    section.deletions += removed
