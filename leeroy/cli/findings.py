"""What the commands that look for trouble find: made side by side, shown as one list."""

import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import click

from leeroy.errors import CredentialsRefused, LeeroyError, RightsRefused, Transient
from leeroy.logs import Redactor

#: Questions asked at the same time: a server that does not answer holds up few others.
CHECKS_AT_ONCE = 8
_OUTAGE = "see that it runs, and the address, proxy, certificates and timeout in the settings"


class Verdict(StrEnum):
    """What a finding means."""

    OK = "ok"
    #: Nothing to mend, or nothing that can be asked; worth knowing.
    NOTE = "note"
    WRONG = "wrong"


_COLOURS = {Verdict.OK: "green", Verdict.NOTE: "yellow", Verdict.WRONG: "red"}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    >>> print(wrong("webhook: there is none", "run: leeroy hooks install acme/widgets"))
    wrong  webhook: there is none
           -> run: leeroy hooks install acme/widgets
    """

    verdict: Verdict
    text: str
    #: What to do about it.
    way_out: str = ""

    def __str__(self) -> str:
        line = f"{self.verdict:<5}  {self.text}"
        return f"{line}\n       -> {self.way_out}" if self.way_out else line


def ok(text: str) -> Finding:
    """Nothing to do."""
    return Finding(verdict=Verdict.OK, text=text)


def note(text: str, way_out: str = "") -> Finding:
    """Worth knowing, and no fault."""
    return Finding(verdict=Verdict.NOTE, text=text, way_out=way_out)


def wrong(text: str, way_out: str = "") -> Finding:
    """To be mended."""
    return Finding(verdict=Verdict.WRONG, text=text, way_out=way_out)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One question, and what its answer is shown under."""

    #: ``acme/widgets on GitHub``
    about: str
    #: ``webhook``: begins the finding when the question could not be asked.
    topic: str
    ask: Callable[[], Iterable[Finding]]
    #: The way out when the question is refused.
    way_out: str = ""

    def findings(self) -> tuple[Finding, ...]:
        """What it finds; trouble is a finding too, so that no check stops the others."""
        try:
            return tuple(self.ask())
        except (CredentialsRefused, RightsRefused) as exc:
            return (wrong(f"{self.topic}: {exc}", self.way_out),)
        except Transient as exc:
            return (wrong(f"{self.topic}: {exc}", _OUTAGE),)
        except LeeroyError as exc:
            return (wrong(f"{self.topic}: {exc}", self.way_out),)
        except Exception as exc:  # noqa: BLE001  (whatever it is, the other checks go on)
            told = f"{self.topic}: a defect in Leeroy: {type(exc).__name__}: {exc}"
            return (wrong(told, "please report it"),)


Found = tuple[str, tuple[Finding, ...]]


def run_checks(checks: Sequence[Check]) -> list[Found]:
    """Ask everything, several at a time, and say in which order it stands in the list."""
    with ThreadPoolExecutor(CHECKS_AT_ONCE) as pool:
        answers = pool.map(Check.findings, checks)
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import track

            console = Console(stderr=True)
            answers = iter(track(answers, "Asking", len(checks), console=console, transient=True))
        return [(check.about, found) for check, found in zip(checks, answers, strict=True)]


def show(found: Iterable[Found], redact: Redactor) -> bool:
    """Print findings under what they are about; whether nothing is wrong."""
    is_good = True
    for about, group in groupby(found, key=lambda each: each[0]):
        click.echo(redact.redact(about))
        for finding in (finding for _, findings in group for finding in findings):
            is_good = is_good and finding.verdict is not Verdict.WRONG
            lines = redact.redact(str(finding)).splitlines()
            mark, rest = lines[0][:5], lines[0][5:]
            click.echo(f"  {click.style(mark, fg=_COLOURS[finding.verdict])}{rest}")
            for line in lines[1:]:
                click.echo(f"  {line}")
    return is_good
