"""What is said of builds beyond their results: why they failed."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from leeroy.errors import Permanent
from leeroy.model import Build, BuildDetails, FailedTests

log = structlog.get_logger()

HIDDEN = "***"

#: What consoles print besides their text: colours, and Jenkins' own hidden notes.
#: https://www.jenkins.io/doc/developer/extensions/jenkins-core/#consolenote
_UNPRINTED = re.compile(r"\x1b\[8mha:[^\x1b]*\x1b\[0m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|\r")

_SECRET_WORD = (
    "passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential"
)
#: What looks like a secret in a console, whoever's it is. Better a word too many than a key. Every
#: repetition has a bound, or what cannot match would take for ever: the console is a stranger's.
_SECRET_LIKE = re.compile(
    rf"""
      (?P<name>(?:{_SECRET_WORD})[\w.-]{{0,40}}["']?[ \t]{{0,8}}(?:=>|=(?!=)|:(?!:))[ \t]{{0,8}})
        (?:"[^"\n]*"?|'[^'\n]*'?|[^\s"']+)
    | (?P<flag>--?[\w-]{{0,40}}(?:{_SECRET_WORD})[ \t]{{1,8}})\S+
    | (?P<scheme>\b(?:bearer|basic|token)[ \t]{{1,8}})(?=\S{{0,100}}[0-9=])[\w.~+/=-]{{8,}}
    | \b(?:AKIA|ASIA)[0-9A-Z]{{16}}\b
    | \beyJ[\w-]{{8,400}}\.[\w-]{{8,}}\.[\w-]*
    | \b(?:xox[a-z]-|glpat-|hv[sb]\.|sk-|AIza)[\w.-]{{12,}}
    | \b(?:npm_|pypi-|dckr_pat_)[\w-]{{30,}}
    | -----BEGIN[A-Z ]{{0,40}}PRIVATE[ ]KEY-----.*?(?:-----END[A-Z ]{{0,40}}PRIVATE[ ]KEY-----|\Z)
    | ^[ \t]{{0,40}}[A-Za-z0-9+/]{{50,}}={{0,2}}[ \t]{{0,40}}$
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL | re.MULTILINE,
)


class ReadsResults(Protocol):
    """Part of :class:`leeroy.jenkins.Jenkins`."""

    def test_report(self, server: str, job: str, number: int) -> FailedTests | None: ...
    def console_tail(self, server: str, job: str, number: int, lines: int) -> tuple[str, ...]: ...


@dataclass(frozen=True, kw_only=True)
class ResultsReader:
    """Asks Jenkins why a build failed."""

    jenkins: ReadsResults
    #: Takes the secrets of the settings out of a text.
    redact: Callable[[str], str]

    def detail(self, build: Build, lines: int) -> BuildDetails:
        """What Jenkins says of a failed build; nothing where it would refuse every time."""
        where = (build.server, build.job, build.build_number or 0)
        try:
            tests = self.jenkins.test_report(*where)
            console = self.jenkins.console_tail(*where, lines) if lines else ()
        except Permanent as exc:
            log.warning("details are refused", job=build.job, error=str(exc))
            return BuildDetails()
        if tests is not None:
            names = tuple(self._without_secrets(name) for name in tests.names)
            tests = replace(tests, names=names)
        return BuildDetails(tests=tests, console=self._printed(console))

    def _printed(self, console: Sequence[str]) -> tuple[str, ...]:
        # As one text: a private key has many lines.
        printed = self._without_secrets("\n".join(_UNPRINTED.sub("", line) for line in console))
        return tuple(printed.splitlines()) if printed.strip() else ()

    def _without_secrets(self, text: str) -> str:
        return hide_secrets(self.redact(text))


def hide_secrets(text: str) -> str:
    """The text without what looks like a password, a token or a key.

    >>> print(hide_secrets("export API_KEY=abc123; curl -H 'Authorization: Bearer abcdef0123'"))
    export API_KEY=*** curl -H 'Authorization: Bearer ***'
    """
    return _SECRET_LIKE.sub(_hidden, text)


def _hidden(match: re.Match[str]) -> str:
    return (match["name"] or match["flag"] or match["scheme"] or "") + HIDDEN
