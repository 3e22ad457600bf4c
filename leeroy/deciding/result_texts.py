"""The comment that tells of all builds of a head: a table, the tests that failed, console lines.

Names of tests and what a console says were written by whoever opened the pull request: all of it is
escaped and cut here. Secrets were taken out where it was read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from leeroy.deciding.commands import is_for_bots
from leeroy.deciding.messages import duration
from leeroy.model import BuildDetails, FailedTests
from patchparser.quoting import code, prose, visible

#: GitHub refuses longer comments than 65,536 characters, and counts some as several:
#: https://docs.github.com/en/rest/issues/comments#create-an-issue-comment
LIMIT = 50_000
#: So many contexts, failed tests a context, and characters a console line are shown.
MOST_ROWS = 50
MOST_TESTS = 10
LONGEST_LINE = 200

NOT_FINISHED = "not finished yet"

_IN_URLS = "/:?=&%#~;,+@!$*'()"


@dataclass(frozen=True, kw_only=True)
class ContextResult:
    """One line of the table."""

    context: str
    #: In one word where there is a build: ``failed``; else the reason why there is none.
    result: str
    is_good: bool
    #: Nothing more is to come of it.
    is_over: bool
    build_number: int | None = None
    url: str = ""
    #: Seconds.
    duration: float | None = None
    #: The row its details are known by; empty: there are none to show.
    details_of: str = ""


def fingerprint(sha: str, rows: Sequence[ContextResult], *, console_lines: int) -> str:
    """The hidden line that knows again what a comment tells, whatever its details.

    >>> fingerprint("c0ffee", [], console_lines=0)
    '<!-- of bf58adf55325aabc -->'
    """
    told = repr((sha, tuple(rows), console_lines))
    return f"<!-- of {sha256(told.encode()).hexdigest()[:16]} -->"


def results_comment(
    sha: str, rows: Sequence[ContextResult], details: Sequence[tuple[ContextResult, BuildDetails]]
) -> str:
    """The whole comment, without its hidden lines."""
    parts = [f"Builds of {sha[:7]}:", _table(rows)]
    parts += _fitting(list(_sections(details)), LIMIT - len(parts[1]))
    if any(row.is_over and not row.is_good for row in rows):
        parts.append("Comment `/retest` to build again what failed.")
    return "\n\n".join(parts)


def _table(rows: Sequence[ContextResult]) -> str:
    lines = ["| context | build | result | duration |", "| --- | --- | --- | --- |"]
    for row in rows[:MOST_ROWS]:
        result = prose(row.result) if row.is_good or not row.is_over else f"**{prose(row.result)}**"
        took = "" if row.duration is None else duration(row.duration)
        lines.append(f"| {cell(row.context)} | {_link(row)} | {result} | {took} |")
    if len(rows) > MOST_ROWS:
        lines.append(f"| and {len(rows) - MOST_ROWS} more | | | |")
    return "\n".join(lines)


def cell(text: str) -> str:
    r"""Text in a cell of a table: as code, unless it has what would end the cell even there.

    >>> cell("janky"), cell("a|b")
    ('`janky`', 'a\\|b')
    """
    return prose(text) if "|" in text else code(text)


def _link(row: ContextResult) -> str:
    if row.build_number is None:
        return ""
    if not row.url.startswith(("http://", "https://")):
        return f"\\#{row.build_number}"
    # Whatever could end the link, or the cell, is encoded; what is encoded already stays so.
    return f"[\\#{row.build_number}](<{quote(row.url, safe=_IN_URLS)}>)"


def _sections(details: Iterable[tuple[ContextResult, BuildDetails]]) -> Iterator[str]:
    for row, known in details:
        if known.tests is not None and known.tests.count:
            yield _tests(row.context, known.tests)
        if known.console:
            yield _console(row.context, known.console)


def _tests(context: str, tests: FailedTests) -> str:
    shown = tests.names[:MOST_TESTS]
    of = f" of {tests.total}" if tests.total else ""
    noun = "tests" if (tests.total or tests.count) != 1 else "test"
    lines = [f"{code(context)}: {tests.count}{of} {noun} failed", ""]
    lines += [f"- {code(name)}" for name in shown]
    if tests.count > len(shown):
        lines.append(f"- and {tests.count - len(shown)} more" if shown else "- no names are known")
    return "\n".join(lines)


def _console(context: str, lines: Sequence[str]) -> str:
    shown = [_console_line(line) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    noun = f"last {len(shown)} lines" if len(shown) != 1 else "last line"
    return "\n".join(
        [
            f"{code(context)}:",
            "",
            f"<details><summary>The {noun} of its console</summary>",
            "",
            f"{fence}text",
            *shown,
            fence,
            "",
            "</details>",
        ]
    )


def _console_line(line: str) -> str:
    """A line that no bot obeys: some read the lines of a comment without knowing of fences.

    >>> _console_line("/approve"), _console_line("ok to test"), _console_line("ok 1 - to test")
    ('| /approve', '| ok to test', 'ok 1 - to test')
    """
    shown = visible(line.expandtabs(4), longest=LONGEST_LINE)
    return f"| {shown}" if is_for_bots(shown) else shown


def _fitting(sections: Sequence[str], room: int) -> list[str]:
    """Whole sections as long as there is room: half of one would leave its marks open."""
    fitting: list[str] = []
    for section in sections:
        room -= len(section) + 2
        if room < 0:
            return [*fitting, "There is more in Jenkins than fits in here."]
        fitting.append(section)
    return fitting
