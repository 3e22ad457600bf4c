"""What a check says of a pull request: data only, made by the checks, shown by the report."""

from dataclasses import dataclass
from enum import StrEnum


class Check(StrEnum):
    """The checks, in the order people read about them."""

    SIGN_OFF = "signoff"
    DOCS = "docs"
    TESTS = "tests"


class Verdict(StrEnum):
    """What a check concluded."""

    PASS = "pass"
    FAIL = "fail"
    #: The check did not run; the finding's summary says why.
    SKIPPED = "skipped"


class Mode(StrEnum):
    """How much a check weighs, as its policy sets it."""

    #: A failing check also fails its commit status.
    REQUIRED = "required"
    #: A failing check is only spoken of.
    ADVISORY = "advisory"
    OFF = "off"


@dataclass(frozen=True, kw_only=True)
class CommitProblem:
    """A commit that fails a check, and why."""

    sha: str
    #: First line of the commit's message.
    subject: str
    #: One sentence, fit for people: ``The sign-off is missing.``
    problem: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in the patch a finding speaks of."""

    path: str
    #: Line in the new file; None when the whole file is meant.
    line: int | None = None
    #: What was seen there: ``command-line flag --dry-run``; empty when the path says it all.
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check's verdict with everything needed to explain it."""

    check: Check
    verdict: Verdict
    mode: Mode
    #: One sentence, at most 140 characters, also used as the commit status' description.
    summary: str
    commits: tuple[CommitProblem, ...] = ()
    places: tuple[Place, ...] = ()
