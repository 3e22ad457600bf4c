"""Code changed in a way that can break, and no test did."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from patchparser import messages
from patchparser.asking import TestsPolicy
from patchparser.breaking import Breaking, adds_inline_test, breaking_lines
from patchparser.findings import Check, Finding, Place, Verdict
from patchparser.hunks import Line
from patchparser.kind_defaults import is_own_tool
from patchparser.kinds import Kind, Kinds
from patchparser.patch import PatchedFile, PatchSet, extension_of
from patchparser.pull import Pull
from patchparser.ways_out import why_not_asked

if TYPE_CHECKING:
    from patchparser.harmless import Left

#: Places a finding names: those that made it ask, not all there are.
MOST_PLACES = 3


def find_missing_tests(patch: PatchSet, pull: Pull, settings: TestsPolicy, kinds: Kinds) -> Finding:
    """Whether the patch should have touched a test and did not."""
    if reason := why_not_asked(
        pull,
        check=Check.TESTS,
        labels=settings.skip_labels,
        phrases=settings.skip_phrases,
        titles=settings.skip_titles,
        base_branches=settings.base_branches,
        authors=settings.authors,
    ):
        return _finding(settings, Verdict.SKIPPED, reason)
    code = [file for file in patch if kinds.kind_of(file.path) is Kind.CODE]
    tested = [file for file in code if not _is_never_tested(file)]
    if any(_touches_tests(file, kinds) for file in patch) or any(map(adds_inline_test, code)):
        return _finding(settings, Verdict.PASS, messages.touched(Check.TESTS))
    broken = [(file, breaking) for file in tested if (breaking := breaking_lines(file)).lines]
    lines = sum(breaking.lines for _, breaking in broken)
    if not patch.is_complete:
        return _finding(settings, Verdict.SKIPPED, messages.not_all_seen())
    if not broken:
        return _finding(settings, Verdict.PASS, messages.nothing_can_break())
    if lines < settings.min_lines:
        reason = messages.too_small(Check.TESTS, lines, settings.min_lines)
        return _finding(settings, Verdict.PASS, reason)
    # Where a whole file is gone, its lines may stand in another now.
    gone = [file for file in tested if file.is_removed and file.has_patch]
    # Imported here: most patches have their tests, and never come here.
    from patchparser.harmless import what_is_left

    left = what_is_left([*(file for file, _ in broken), *gone])
    if left.is_nothing:
        return _finding(settings, Verdict.PASS, messages.nothing_is_left(left.why))
    broken.sort(key=lambda each: (-left.lines.get(each[0].path, 0), -each[1].lines))
    places = tuple(_place(file, breaking, left) for file, breaking in broken[:MOST_PLACES])
    return _finding(settings, Verdict.FAIL, messages.not_tested(len(broken), lines), places)


def _touches_tests(file: PatchedFile, kinds: Kinds) -> bool:
    # Taking tests away, or moving them, tests nothing.
    is_touched = bool(file.changes) or file.is_binary
    return is_touched and not file.is_removed and kinds.kind_of(file.path) is Kind.TESTS


#: Styles: no test of a program sees them.
STYLES = frozenset({"css", "scss", "sass", "less", "styl"})


def _is_never_tested(file: PatchedFile) -> bool:
    if is_own_tool(file.path) or extension_of(file.path) in STYLES:
        return True
    # Go's way to say that a file is a tool to be run, and no part of the program.
    return file.path.endswith(".go") and any(
        line.text.startswith("//go:build ignore") for line in _first_lines(file)
    )


def _first_lines(file: PatchedFile) -> Iterator[Line]:
    for hunk in file.hunks:
        yield from (line for line in islice(hunk.lines, 30) if line.kind != "-")
        return


def _place(file: PatchedFile, breaking: Breaking, left: "Left") -> Place:
    first = left.first.get(file.path) or breaking.first
    return Place(path=file.path, line=first, note=messages.lines_changed(breaking.lines))


def _finding(
    settings: TestsPolicy, verdict: Verdict, summary: str, places: tuple[Place, ...] = ()
) -> Finding:
    return Finding(
        check=Check.TESTS, verdict=verdict, mode=settings.mode, summary=summary, places=places
    )
