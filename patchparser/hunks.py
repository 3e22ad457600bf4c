"""The changed lines of one file: hunks, read by unidiff from text already known to be whole.

unidiff (https://github.com/matiasb/python-unidiff) is given hunks only, under a header of our
own, because names, statuses and non-UTF-8 bytes are what it gets wrong; see
:mod:`patchparser.diff_sections` for who finds those.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from unidiff.patch import Hunk as ParsedHunk

#: What unidiff must see above hunks; the names mean nothing.
_HEADER = ("--- a/f\n", "+++ b/f\n")
#: GNU diff translates its words after the backslash; unidiff knows the English ones only.
_MARKER = re.compile(r"^\\.*", re.MULTILINE)
_ENGLISH_MARKER = r"\\ No newline at end of file"


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
    _parsed: "ParsedHunk" = field(repr=False, compare=False)

    @property
    def lines(self) -> Iterator[Line]:
        """Its lines, made as they are asked for: to hold a million of them twice is too much."""
        last: Line | None = None
        for line in self._parsed:
            kind = line.line_type
            if kind == "\\":
                last = last and last._replace(has_newline=False)
                continue
            if last is not None:
                yield last
            text = line.value.removesuffix("\n")
            # What Line(...) does, at half the time: this runs for each line of a patch.
            fields = (kind, text, line.source_line_no, line.target_line_no, True)
            last = tuple.__new__(Line, fields)
        if last is not None:
            yield last


def read_hunks(patch: bytes) -> Iterator[Hunk]:
    r"""The hunks of a file's patch: its text from the first ``@@`` on.

    >>> [hunk] = read_hunks(b"@@ -1,2 +1,2 @@ def f():\n same\n-old\n+new")
    >>> hunk.section, [line.kind + line.text for line in hunk.lines]
    ('def f():', [' same', '-old', '+new'])
    """
    if not patch:
        return
    # Imported here: most commands never look into a hunk, and start-up is felt.
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    try:
        parsed = PatchSet(_lines(patch))
    except UnidiffParseError as exc:
        raise PatchError(str(exc).strip()) from exc
    for patched_file in parsed:
        for hunk in patched_file:
            yield Hunk(
                source_start=hunk.source_start,
                source_length=hunk.source_length,
                target_start=hunk.target_start,
                target_length=hunk.target_length,
                section=hunk.section_header.rstrip("\r"),
                _parsed=hunk,
            )


def _lines(patch: bytes) -> Iterable[str]:
    """Lines as git means them: they end at ``\\n`` only, never at a lone CR or U+2028."""
    text = patch.decode("utf-8", "surrogateescape")
    if "\n\\" in text:
        text = _MARKER.sub(_ENGLISH_MARKER, text)
    return chain(_HEADER, StringIO(text, newline="\n"))
