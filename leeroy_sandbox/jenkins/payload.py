"""What the notification plugin says of a build: pure, from a build to bytes.

https://plugins.jenkins.io/notification/ ; the classes are in
https://github.com/jenkinsci/notification-plugin/tree/master/src/main/java/com/tikal/hudson/plugins/notification/model
"""

import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from string import Template
from typing import Any
from xml.etree import ElementTree

from leeroy_sandbox.jenkins.builds import Build, Result
from leeroy_sandbox.jenkins.jobs import Endpoint, Format, Kind
from leeroy_sandbox.jenkins.reports import TestReport, TestStatus
from leeroy_sandbox.jenkins.scm import remote_url
from leeroy_sandbox.jenkins.versions import parse_version


class Phase(StrEnum):
    """Where in its life a build is."""

    QUEUED = "QUEUED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    FINALIZED = "FINALIZED"


_EARLY = (Phase.QUEUED, Phase.STARTED)
# Gson's HTML-safe mode, and what JavaScript would take for the end of a line.
_GSON = {c: f"\\u{ord(c):04x}" for c in "<>&='\u2028\u2029"}


def wants(endpoint: Endpoint, build: Build, phase: Phase, version: str) -> bool:
    """Whether this endpoint hears of this phase."""
    if phase is Phase.QUEUED and parse_version(version) < (1, 12):
        return False
    if build.job.jenkinsfile and not build.job.declared:
        return False  # the Jenkinsfile that brings the endpoint has not run yet
    head = build.job.head
    if endpoint.branch != ".*" and not (head and re.fullmatch(endpoint.branch, head.name)):
        return False
    match endpoint.event:
        case "all":
            return True
        case "failed":
            return phase is Phase.FINALIZED and build.result is Result.FAILURE
        case "failedAndFirstSuccess":
            return phase is Phase.FINALIZED and _is_news(build)
        case event:
            return event == phase.lower()


def address(endpoint: Endpoint, build: Build, root_url: str | None) -> str | None:
    """Where the endpoint is, variables filled in unescaped; None if one is left: no message."""
    filled = Template(endpoint.url).safe_substitute(build.environment(root_url, ""))
    return None if "$" in filled else filled


def content_type(endpoint: Endpoint, version: str) -> str:
    """What the plugin says it sends; up to 1.4 it said nothing, and Java filled that in."""
    if parse_version(version) <= (1, 4):
        return "application/x-www-form-urlencoded"
    kind = "xml" if endpoint.format is Format.XML else "json"
    return f"application/{kind};charset=UTF-8"


def render(
    endpoint: Endpoint,
    build: Build,
    phase: Phase,
    *,
    now: int,
    root_url: str | None,
    version: str,
) -> bytes:
    """The body of one notification."""
    document = _document(endpoint, build, phase, now, root_url, parse_version(version))
    return _xml(document) if endpoint.format is Format.XML else gson(document)


def gson(document: Mapping[str, Any]) -> bytes:
    r"""JSON as Gson writes it: compact, raw UTF-8, what HTML could trip over escaped.

    >>> gson({"log": "a=<é>"}).decode()
    '{"log":"a\\u003d\\u003cé\\u003e"}'
    """
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return "".join(_GSON.get(c, c) for c in text).encode("utf-8", "replace")


def _document(
    endpoint: Endpoint,
    build: Build,
    phase: Phase,
    now: int,
    root_url: str | None,
    version: tuple[int, ...],
) -> dict[str, Any]:
    job = build.job
    early = phase in _EARLY
    timestamps = {
        Phase.QUEUED: build.queued_at,
        Phase.STARTED: build.timestamp,
        Phase.COMPLETED: build.timestamp + build.duration,
        Phase.FINALIZED: now,
    }
    called = "FINISHED" if phase is Phase.FINALIZED and version <= (1, 5) else str(phase)
    state = {
        "full_url": root_url + build.path if root_url else None,
        "number": build.number,
        "queue_id": build.queue_id if version >= (1, 10) else None,
        "timestamp": timestamps[phase] if version >= (1, 12) else None,
        "duration": None if version < (1, 15) else 0 if early else build.duration,
        "phase": called,
        "status": None if early or build.result is None else str(build.result),
        "url": build.path,
        "display_name": f"#{build.number}" if version == (1, 5) else None,
        "scm": _scm(build, early, version),
        "parameters": {v.name: v.text for v in build.parameters if v.value is not None} or None,
        "log": _log(build, endpoint.loglines) if version >= (1, 8) else None,
        "notes": endpoint.notes,
        "test_summary": _summary(build.test_report) if build.test_report else None,
        "artifacts": _artifacts(build, root_url) if not early else {},
    }
    document = {
        "name": job.name,
        "display_name": job.display_name if version >= (1, 12) else None,
        "url": job.path,
        "build": _without_nulls(state),
    }
    return _without_nulls(document)


def _without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def _scm(build: Build, early: bool, version: tuple[int, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    lists: dict[str, Any] = {"changes": [], "culprits": []}
    if build.job.kind is not Kind.PIPELINE and build.job.git_url:
        # Before the checkout the job still shows what its previous build was of.
        source = build.previous if early else build
        revision = source.revision if source else None
        found["url"] = remote_url(build)
        if revision:
            found |= {"branch": revision.branch, "commit": revision.commit}
        if revision and not early:
            lists = {"changes": list(revision.changes), "culprits": list(revision.culprits)}
    return found | (lists if version >= (1, 13) else {})


def _log(build: Build, lines: int) -> str:
    if lines == -1:
        return build.log.decode(errors="replace")
    text = build.plain_log.decode(errors="replace")
    every = text.splitlines()
    if len(every) <= lines or not lines:
        return "\n".join(every[:lines])
    kept = every[-lines:]
    if build.job.kind is Kind.PIPELINE:
        cut = f"{len(every) - lines} lines"
    else:
        cut = f"{(len(text) - len('|'.join(kept))) / 1024:.2f} KB"
    return "\n".join([f"[...truncated {cut}...]", *kept])


def _summary(report: TestReport) -> dict[str, Any]:
    return {
        "total": report.count(),
        "failed": report.count(TestStatus.FAILED),
        "passed": report.count(TestStatus.PASSED),
        "skipped": report.count(TestStatus.SKIPPED),
        "failed_tests": report.failed,
    }


def _artifacts(build: Build, root_url: str | None) -> dict[str, Any]:
    # Without a root URL the plugin glues Java's null to the path.
    start = f"{root_url or 'null'}{build.path}artifact/"
    return {path: {"archive": start + path} for path in build.artifacts}


def _is_news(build: Build) -> bool:
    if build.result is Result.FAILURE:
        return True
    telling = (Result.SUCCESS, Result.FAILURE, Result.UNSTABLE)
    older = (b for b in build.job.newest() if b.number < build.number and b.result in telling)
    last = next(older, None)
    return build.result is Result.SUCCESS and last is not None and last.result is Result.FAILURE


_LIST_ITEMS = {"changes": "string", "culprits": "string", "failedTests": "string"}


def _xml(document: Mapping[str, Any]) -> bytes:
    root = ElementTree.Element("job")
    _fill(root, document)
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=False)
    return body


def _fill(parent: ElementTree.Element, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        camel = re.sub(r"_(.)", lambda found: found[1].upper(), name)
        element = ElementTree.SubElement(parent, camel)
        if camel in ("parameters", "artifacts"):
            _fill_map(element, value)
        elif isinstance(value, Mapping):
            _fill(element, value)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for one in value:
                ElementTree.SubElement(element, _LIST_ITEMS[camel]).text = str(one)
        else:
            element.text = str(value)


def _fill_map(parent: ElementTree.Element, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        entry = ElementTree.SubElement(parent, "entry")
        ElementTree.SubElement(entry, "string").text = key
        ElementTree.SubElement(entry, "string").text = (
            value["archive"] if isinstance(value, Mapping) else str(value)
        )
