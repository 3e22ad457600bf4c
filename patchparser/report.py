"""The report: what the checks found, and how people and programs read it.

Five forms: text for a terminal, JSON for programs, Markdown for a comment, GitHub's workflow commands
and reviewdog's lines for annotations. In none of them can what contributors wrote do anything but be read.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from patchparser import messages
from patchparser.findings import Check, Finding, Mode, Place, Verdict
from patchparser.kinds import Kind
from patchparser.labels import LabelChanges
from patchparser.quoting import code, command_data, command_property, plain, plain_start, prose

#: How many commits or places a list for people names.
MAX_NAMED = 20
#: Longest sentence of ours, with several quotes of contributors in it.
MAX_SENTENCE = 1000
#: Longest path git can check out anywhere.
MAX_PATH = 4096

#: GitHub turns such a word into a link to the commit.
SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

#: Terminal colours.
RED, YELLOW, GREEN, FAINT, RESET = "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[2m", "\x1b[0m"


class Format(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    GITHUB = "github"
    RDJSONL = "rdjsonl"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the checks found in one pull request."""

    #: One for each check that is on.
    findings: tuple[Finding, ...]
    labels: LabelChanges = field(default_factory=LabelChanges)
    #: The kind of each changed file.
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    #: How to put each failing check right.
    helps: Mapping[Check, messages.Help] = field(default_factory=dict)

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings that something is missing, advice included."""
        return tuple(each for each in self.findings if each.verdict is Verdict.FAIL)

    @property
    def is_clean(self) -> bool:
        """Nothing is missing."""
        return not self.failing

    @property
    def has_required(self) -> bool:
        """Something is missing that is more than advice."""
        return any(finding.mode is Mode.REQUIRED for finding in self.failing)

    def to(self, form: Format, *, color: bool = False) -> str:
        """Write the report in one of its forms; only text has colour."""
        match form:
            case Format.TEXT:
                return self.to_text(color=color)
            case Format.JSON:
                return self.to_json()
            case Format.MARKDOWN:
                return self.to_markdown()
            case Format.GITHUB:
                return self.to_annotations()
            case Format.RDJSONL:
                return self.to_rdjsonl()

    def to_json(self) -> str:
        """Write the report for programs; docs/patchparser.md has the shape."""
        return json.dumps(
            {
                "findings": [_finding_json(finding) for finding in self.findings],
                "labels": {
                    "add": list(self.labels.add),
                    "remove": list(self.labels.remove),
                    # A key only where there is something: most readers look for two.
                    **(
                        {"faults": list(map(str, self.labels.faults))} if self.labels.faults else {}
                    ),
                },
                "kinds": {path: str(kind) for path, kind in self.kinds.items()},
            },
            indent=2,
        )

    def to_text(self, *, color: bool = False) -> str:
        """Write the report for a terminal or a log: a line for each check, and below it the rest."""
        lines: list[str] = []
        for finding in self.findings:
            lines += _text_lines(finding, self.helps.get(finding.check), _Paint(on=color))
        changes = [f"+{plain(label)}" for label in self.labels.add]
        changes += [f"-{plain(label)}" for label in self.labels.remove]
        if changes:
            lines.append("labels: " + " ".join(changes))
        lines += [f"labels: not decided: {plain(str(fault))}" for fault in self.labels.faults]
        return "\n".join(lines or [messages.nothing_checked()])

    def to_markdown(self) -> str:
        """Write the comment for the pull request, without the marker that finds it again."""
        if self.is_clean:
            return messages.nothing_missing()
        parts = [messages.comment_opening(required=self.has_required)]
        for finding in self.failing:
            parts += _markdown_parts(finding, self.helps.get(finding.check))
        return "\n\n".join(parts)

    def to_rdjsonl(self) -> str:
        """Write a line of JSON for each place, as reviewdog reads them.

        https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
        """
        return "\n".join(json.dumps(each) for finding in self.failing for each in _rdjson(finding))

    def to_annotations(self) -> str:
        """Write workflow commands, which GitHub shows beside the lines of the pull request.

        https://docs.github.com/actions/reference/workflow-commands-for-github-actions
        """
        lines = [line for finding in self.failing for line in _annotations(finding)]
        return "\n".join(lines or [messages.nothing_missing()])


def _rdjson(finding: Finding) -> Iterator[dict[str, object]]:
    about = {
        "severity": "ERROR" if finding.mode is Mode.REQUIRED else "WARNING",
        "source": {"name": "patchparser"},
        "code": {"value": str(finding.check)},
    }
    for place in finding.places[:MAX_NAMED]:
        text = f"{finding.summary} {place.note}" if place.note else finding.summary
        location: dict[str, object] = {"path": place.path}
        if place.line is not None:
            location["range"] = {"start": {"line": place.line}}
        yield {"message": plain(text, longest=MAX_SENTENCE), "location": location, **about}


def _finding_json(finding: Finding) -> dict[str, object]:
    return {
        "check": str(finding.check),
        "verdict": str(finding.verdict),
        "mode": str(finding.mode),
        "summary": finding.summary,
        "commits": [{"sha": each.sha, "problem": each.problem} for each in finding.commits],
        "paths": list(dict.fromkeys(place.path for place in finding.places)),
        "places": [
            {"path": place.path, "line": place.line, "note": place.note} for place in finding.places
        ],
    }


@dataclass(frozen=True, kw_only=True)
class _Paint:
    on: bool

    def __call__(self, color: str, text: str) -> str:
        return f"{color}{text}{RESET}" if self.on else text


def _text_lines(finding: Finding, help: messages.Help | None, paint: _Paint) -> Iterator[str]:
    required = finding.mode is Mode.REQUIRED
    match finding.verdict:
        case Verdict.PASS:
            word = paint(GREEN, "ok")
        case Verdict.SKIPPED:
            word = paint(FAINT, "skipped")
        case Verdict.FAIL:
            word = paint(RED if required else YELLOW, "FAIL" if required else "advice")
    yield f"{finding.check}: {word}: {plain(finding.summary)}"
    for problem in finding.commits[:MAX_NAMED]:
        yield f"  {plain_start(problem.sha[:7])} {plain(problem.subject)}: {plain(problem.problem, longest=MAX_SENTENCE)}"
    for place in finding.places[:MAX_NAMED]:
        yield f"  {_text_place(place)}: {plain(place.note) or finding.check}"
    if more := max(len(finding.commits), len(finding.places)) - MAX_NAMED:
        yield from [f"  {messages.and_more(more)}"] if more > 0 else []
    if help is not None and finding.verdict is Verdict.FAIL:
        yield f"  {plain_help(help.before)}"
        yield from (f"    {command}" for command in help.commands)
        yield from [f"  {plain_help(help.after)}"] if help.after else []
        yield from [f"  {help.url}"] if help.url else []


def plain_help(paragraph: str) -> str:
    """Our own words need no escaping, but what they quote must not be a workflow command."""
    return paragraph.replace("##[", "# #[")


def _text_place(place: Place) -> str:
    path = plain_start(place.path)
    return path if place.line is None else f"{path}:{place.line}"


def _markdown_parts(finding: Finding, help: messages.Help | None) -> Iterator[str]:
    title = f"**{messages.TITLES[finding.check]}** ({messages.WEIGHTS[finding.mode]})"
    yield f"{title}: {prose(finding.summary)}"
    items = [
        f"- {_commit_link(problem.sha)} {code(problem.subject)}: {problem.problem}"
        for problem in finding.commits[:MAX_NAMED]
    ]
    items += [_markdown_place(place) for place in finding.places[:MAX_NAMED]]
    more = max(len(finding.commits), len(finding.places)) - MAX_NAMED
    if more > 0:
        items.append(f"- {messages.and_more(more)}")
    if items:
        yield "\n".join(items)
    if help is not None:
        yield _markdown_help(help)


def _markdown_place(place: Place) -> str:
    where = code(place.path if place.line is None else f"{place.path}:{place.line}")
    return f"- {where}: {code(place.note)}" if place.note else f"- {where}"


def _commit_link(sha: str) -> str:
    return sha[:10] if SHA.fullmatch(sha) else code(sha[:10])


def _markdown_help(help: messages.Help) -> str:
    # The blank lines make GitHub read Markdown inside of the HTML element.
    parts = [f"<details><summary>{help.title}</summary>", help.before]
    if help.commands:
        parts.append("\n".join(["```sh", *help.commands, "```"]))
    if help.after:
        parts.append(help.after)
    if help.url:
        parts.append(f"[{messages.why_we_ask()}](<{help.url}>)")
    return "\n\n".join([*parts, "</details>"])


def _annotations(finding: Finding) -> Iterator[str]:
    level = "error" if finding.mode is Mode.REQUIRED else "warning"
    title = f"title={command_property('patchparser: ' + messages.TITLES[finding.check])}"
    details = [
        f"{problem.sha[:10]} {problem.subject}: {problem.problem}"
        for problem in finding.commits[:MAX_NAMED]
    ]
    message = "\n".join(
        [finding.summary, *(plain(detail, longest=MAX_SENTENCE) for detail in details)]
    )
    if not finding.places:
        yield f"::{level} {title}::{command_data(message)}"
    for place in finding.places[:MAX_NAMED]:
        line = f",line={place.line}" if place.line is not None else ""
        text = f"{finding.summary} {place.note}" if place.note else finding.summary
        file = f"file={command_property(plain(place.path, longest=MAX_PATH))}"
        yield f"::{level} {file}{line},{title}::{command_data(plain(text, longest=MAX_SENTENCE))}"
