"""Log lines: one event each, as text for a terminal or JSON for a collector, with no secret in it."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog

#: Tokens of GitHub's making, also the long installation tokens of 2026, wherever they come from:
#: https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
_TOKENS = re.compile(
    r"gh[opsur]_[A-Za-z0-9._-]{16,}|github_pat_[A-Za-z0-9_]{16,}|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
HIDDEN = "***"


class Redactor:
    """Takes known secrets, and what looks like one, out of texts.

    >>> Redactor(["hunter22"]).redact("pass hunter22 as ghp_0123456789abcdefghij")
    'pass *** as ***'
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # Shorter ones would take words apart, and hide nothing.
        known = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)
        patterns = [re.escape(secret) for secret in known]
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
            elif isinstance(value, list | tuple | dict | BaseException):
                event[key] = self.redact(str(value))
        return event


def configure(
    *, secrets: Iterable[str] = (), as_json: bool = False, out: TextIO | None = None
) -> None:
    """Send every log line of this process to ``out`` (standard error), redacted."""
    stream = out or sys.stderr
    redactor = Redactor(secrets)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redactor,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=0)
    )
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
