"""The changed lines of one file, read from its hunks each time they are asked for.

The text is known to be whole (:mod:`patchparser.diff_sections` walked it by the counts in its
headers), so reading it again is a matter of cutting lines; nothing is kept but the text.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

#: Fifteen digits are more lines than any file has.
_HEADER = re.compile(rb"@@ -(\d{1,15})(?:,(\d{1,15}))? \+(\d{1,15})(?:,(\d{1,15}))? @@ ?(.*)")


class PatchError(ValueError):
    """What was given is not a diff, or is a broken one; the text says what is wrong and where."""

    def __init__(self, problem: str, *, line: int | None = None) -> None:
        super().__init__(problem if line is None else f"line {line}: {problem}")
        #: The line of the input that is wrong, counted from 1; None where there are no lines.
        self.line = line
        self.problem = problem


class Line(NamedTuple):
    """One line of a hunk. A tuple, because a patch may have a million of them."""

    #: ``+``, ``-`` or a space.
    kind: str
    #: Without the newline; a carriage return before it belongs to the text. Bytes that are not
    #: UTF-8 are kept as surrogates (``errors="surrogateescape"``).
    text: str
    #: Number in the old file; None for an added line.
    source_line: int | None
    #: Number in the new file; None for a removed line.
    target_line: int | None
    #: False for the last line of a file that does not end in a newline.
    has_newline: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Hunk:
    """Lines that changed close together, with the unchanged ones around them."""

    source_start: int
    source_length: int
    target_start: int
    target_length: int
    #: What git found to be the function or class around the hunk; may be empty.
    section: str
    #: Its text, from below its header on.
    _body: bytes = field(repr=False, compare=False)

    @property
    def lines(self) -> Iterator[Line]:
        """Its lines, made as they are asked for: to hold a million of them twice is too much."""
        source, target = self.source_start, self.target_start
        last: Line | None = None
        make = tuple.__new__  # what Line(...) does, at half the time: this runs for each line
        for raw in io.BytesIO(self._body):
            kind = raw[0]
            if kind == _BACKSLASH:
                last = last and last._replace(has_newline=False)
                continue
            if last is not None:
                yield last
            text = raw.removesuffix(b"\n").decode("utf-8", "surrogateescape")
            if kind == _ADDED:
                last = make(Line, ("+", text[1:], None, target, True))
                target += 1
            elif kind == _REMOVED:
                last = make(Line, ("-", text[1:], source, None, True))
                source += 1
            else:
                # Something may have stripped the space that a blank line begins with.
                text = text[1:] if kind == _CONTEXT else text
                last = make(Line, (" ", text, source, target, True))
                source += 1
                target += 1
        if last is not None:
            yield last


_ADDED, _REMOVED, _CONTEXT, _BACKSLASH = b"+- \\"


def read_hunks(patch: bytes) -> Iterator[Hunk]:
    r"""The hunks of a file's patch: its text from the first ``@@`` on.

    >>> [hunk] = read_hunks(b"@@ -1,2 +1,2 @@ def f():\n same\n-old\n+new")
    >>> hunk.section, [line.kind + line.text for line in hunk.lines]
    ('def f():', [' same', '-old', '+new'])
    """
    stream = io.BytesIO(patch)
    number = 0
    while line := stream.readline():
        number += 1
        if line.startswith(b"\\"):
            continue
        if not (header := _HEADER.match(line)):
            raise PatchError("not the header of a hunk", line=number)
        source, target = (1 if count is None else int(count) for count in header.group(2, 4))
        hunk_at = stream.tell()
        end = hunk_at
        left_source, left_target = source, target
        while left_source > 0 or left_target > 0:
            if not (line := stream.readline()):
                raise PatchError("the diff ends inside a hunk: it was cut off", line=number)
            number += 1
            end += len(line)
            kind = line[0]
            if kind != _BACKSLASH:
                left_source -= kind != _ADDED
                left_target -= kind != _REMOVED
        # What follows the last line may still say that it has no newline.
        if patch.startswith(b"\\", end):
            end += len(stream.readline())
            number += 1
        yield Hunk(
            source_start=int(header[1]),
            source_length=source,
            target_start=int(header[3]),
            target_length=target,
            section=header[5].decode("utf-8", "surrogateescape").rstrip("\r"),
            _body=patch[hunk_at:end],
        )
