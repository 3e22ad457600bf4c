"""How pages are made: templates that escape everything, words for moments, links that are safe."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leeroy.deciding import messages
from leeroy.deciding.messages import duration
from leeroy.logs import Redactor
from leeroy.model import Build, BuildState, PullRef, Result, StatusState

#: No script at all, nothing from anywhere else, in nobody's frame.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

#: What a badge shows beside its words, so that no colour is needed to tell them apart.
SIGNS: Mapping[str, str] = {
    StatusState.SUCCESS: "✓",
    StatusState.FAILURE: "✕",
    StatusState.ERROR: "!",
    StatusState.PENDING: "•",
    "none": "-",
}

_TONE_OF_RESULT = {
    Result.SUCCESS: StatusState.SUCCESS,
    Result.FAILURE: StatusState.FAILURE,
    Result.UNSTABLE: StatusState.FAILURE,
}

_UNITS = ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h"), (float("inf"), 86400, "d"))


class Pages:
    """Renders templates; every text that is put into one is escaped, and has no secret in it."""

    def __init__(
        self, *, redactor: Redactor, url_for: Callable[..., str], asset_url: Callable[[str], str]
    ) -> None:
        self._environment = Environment(
            loader=PackageLoader("leeroy.web"),
            autoescape=True,
            # A name we misspelled is a defect, never an empty place.
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=lambda value: _without_secrets(redactor, value),
        )
        self._environment.globals["url_for"] = url_for
        self._environment.globals["sign_of"] = SIGNS
        self._environment.globals["asset_url"] = asset_url
        self._environment.filters.update(
            moment=moment,
            iso=iso,
            age=age,
            clock=clock,
            duration=duration,
            size=size,
            web_link=web_link,
            pull_of=pull_of,
            build_words=build_words,
            reason=messages.reason,
            build_tone=build_tone,
        )

    def render(self, name: str, **values: Any) -> str:
        """The page made of a template."""
        return self._environment.get_template(name).render(**values)


def _without_secrets(redactor: Redactor, value: object) -> object:
    # Markup is our own, or was put together of texts that came through here before.
    if isinstance(value, str) and not isinstance(value, Markup):
        return redactor.redact(value)
    return value


def moment(seconds: float) -> str:
    """A moment in words, in UTC as everywhere in Leeroy.

    >>> moment(1795383532.76)
    '2026-11-22 21:38:52 UTC'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def clock(seconds: float, now: float) -> str:
    """The time of day; with the day where that is not clear.

    >>> [clock(1795383532.76, 1795383532.76 + ago) for ago in (60, 86_400)]
    ['21:38:52 UTC', '2026-11-22 21:38 UTC']
    """
    form = "%H:%M:%S UTC" if abs(now - seconds) < 43_200 else "%Y-%m-%d %H:%M UTC"
    return datetime.fromtimestamp(seconds, UTC).strftime(form)


def iso(seconds: float) -> str:
    """The same for machines.

    >>> iso(1795383532.76)
    '2026-11-22T21:38:52Z'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age(seconds: float, now: float) -> str:
    """How long ago a moment is, roughly.

    >>> [age(1_000_000 - ago, 1_000_000) for ago in (-3, 0.4, 59, 61, 7_300, 180_000)]
    ['just now', 'just now', '59 s ago', '1 min ago', '2 h ago', '2 d ago']
    """
    passed = now - seconds
    if passed < 1:
        return "just now"
    divisor, unit = next((divisor, unit) for below, divisor, unit in _UNITS if passed < below)
    return f"{int(passed // divisor)} {unit} ago"


def size(count: int) -> str:
    """A number of bytes for people.

    >>> [size(count) for count in (1, 2_048, 3_500_000)]
    ['1 B', '2.0 KiB', '3.3 MiB']
    """
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.1f} KiB" if count < 1024**2 else f"{count / 1024**2:.1f} MiB"


def web_link(url: str) -> str:
    """The URL if a browser may follow it, else nothing: others write some of them.

    >>> web_link("https://jenkins.test/job/x/"), web_link("javascript:alert(1)"), web_link("//x")
    ('https://jenkins.test/job/x/', '', '')
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def pull_of(subject: str) -> PullRef | None:
    """The pull request a subject of the queue is, if it is one."""
    try:
        return PullRef.parse(subject)
    except ValueError:
        return None


def build_words(build: Build) -> str:
    """Where a build stands, in one word of Jenkins' or of ours.

    >>> build_words(Build(id="1", server="", job="j", repo="a/b", pull=1, sha="c", context="ci",
    ...     attempt=1, state=BuildState.DONE, result=Result.NOT_BUILT))
    'not built'
    """
    word = build.result if build.state is BuildState.DONE and build.result else build.state
    return word.value.lower().replace("_", " ")


def build_tone(build: Build) -> str:
    """The badge's colour: that of the status it comes to; ``none`` where nobody cares any more."""
    if build.state is BuildState.SUPERSEDED:
        return "none"
    if not build.state.is_over:
        return StatusState.PENDING
    if build.state is BuildState.DONE and build.result is not None:
        return _TONE_OF_RESULT.get(build.result, StatusState.ERROR)
    return StatusState.ERROR
