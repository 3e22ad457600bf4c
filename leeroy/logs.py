"""Log lines: one event each, as text for a terminal or JSON for a collector, with no secret in it."""

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

import structlog

#: Tokens of GitHub's making, also the long installation tokens of 2026, wherever they come from:
#: https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
_TOKENS = re.compile(
    r"gh[opsur]_[A-Za-z0-9._-]{16,}|github_pat_[A-Za-z0-9_]{16,}|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
HIDDEN = "***"
#: Shorter secrets may be part of a word by chance: they are taken out where they stand alone. A
#: longer one is never there by chance, and nothing beside it may save it.
SHORT = 12
# Alone also behind what an escape, a URL or a colour ends with; and where the secret itself ends
# with no letter or figure, whatever is beside it.
_BEGINS = r"(?:(?<!\w)|(?<=\\[abfnrtv])|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m)|(?!\w))"
_ENDS = r"(?:(?!\w)|(?<!\w))"

#: What would let a text from outside move the cursor, begin a line or turn the reading direction.
_CONTROLS = {
    code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}
#: Where lines are ours: tracebacks.
_LINES = frozenset({"exception", "stack"})


class Redactor:
    """Takes known secrets, and what looks like one, out of texts.

    >>> Redactor(["hunter22"]).redact("pass hunter22 as ghp_0123456789abcdefghij")
    'pass *** as ***'
    >>> Redactor(["main", "hunter"]).redact("main: hunters of the domain say main=hunter")
    '***: hunters of the domain say ***=***'
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # Shorter ones would take words apart, and hide nothing.
        long = {secret for secret in secrets if len(secret) >= 4}
        known = sorted({form for secret in long for form in _forms(secret)})
        whole = [form for form in known if len(form) < SHORT]
        anywhere = [form for form in known if len(form) >= SHORT]
        patterns = [_any_of(anywhere)] if anywhere else []
        patterns += [f"{_BEGINS}(?:{_any_of(whole)}){_ENDS}"] if whole else []
        self._pattern = re.compile("|".join([*patterns, _TOKENS.pattern]))

    def redact(self, text: str) -> str:
        """The text without secrets."""
        return self._pattern.sub(HIDDEN, text)

    def __call__(
        self, _logger: object, _name: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Redact every text of a log event; as a structlog processor."""
        for key, value in event.items():
            if isinstance(value, str):
                event[key] = self.redact(value)
            elif isinstance(value, bytes | list | tuple | dict | set | frozenset | BaseException):
                event[key] = self.redact(str(value))
        return event


def visible(text: str) -> str:
    """The text on one line, with nothing in it that a terminal obeys.

    >>> visible("fix\\r\\n2026-11-22 [error] \\x1b[2J")
    'fix\\\\x0d\\\\x0a2026-11-22 [error] \\\\x1b[2J'
    """
    return text.translate(_CONTROLS)


def redacted(text: str) -> str:
    """The text without the secrets this process was configured with."""
    return _redactor.redact(text)


_redactor = Redactor()


def configure(
    *, secrets: Iterable[str] = (), as_json: bool = False, out: TextIO | None = None
) -> None:
    """Send every log line of this process to ``out`` (standard error), redacted."""
    global _redactor  # one process has one set of secrets, as it has one standard error
    stream = out or sys.stderr
    _redactor = redactor = Redactor(secrets)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redactor,
    ]
    renderer: Any = structlog.processors.JSONRenderer()
    if not as_json:
        shared.append(_visible_event)
        renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=0)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redactor,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    # gunicorn writes past the root, and names whole requests: their query may hold a secret.
    gunicorn = logging.getLogger("gunicorn.error")
    gunicorn.handlers, gunicorn.propagate = [], True


def _any_of(texts: Sequence[str]) -> str:
    """A pattern for any of these texts, the longest that fits.

    How they begin stands in it once: one after the other, thousands would be tried at each letter.

    >>> _any_of(["ghp_1", "ghp_2", "ghp_23", "x.y"])
    'ghp_(?:1|2(?:3|))|x\\\\.y'
    """
    alike: dict[str, list[str]] = {}
    for text in texts:
        alike.setdefault(text[:1], []).append(text)
    # That one of them ends here is the last choice.
    ends = alike.pop("", [])
    patterns = []
    for group in alike.values():
        # What the first and the last in order begin with alike, all between them begin with.
        first, last = min(group), max(group)
        pairs = enumerate(zip(first, last, strict=False))
        start = first[: next((at for at, (a, b) in pairs if a != b), len(first))]
        rest = f"(?:{_any_of([text[len(start) :] for text in group])})" if len(group) > 1 else ""
        patterns.append(re.escape(start) + rest)
    return "|".join([*patterns, *ends])


def _forms(secret: str) -> Iterator[str]:
    """How a secret may stand in a text: as it is, in a URL, in JSON or a Python string."""
    yield from (secret, quote(secret, safe=""), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], repr(secret)[1:-1])


def _visible_event(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """What JSON escapes by itself, for people; as a structlog processor."""
    for key, value in event.items():
        if isinstance(value, str) and key not in _LINES:
            event[key] = visible(value)
    return event
