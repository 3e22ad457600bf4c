"""Why is my status not there? What the page of a pull request says, made of what was remembered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leeroy.config import Build as BuildSettings
from leeroy.config import Mode
from leeroy.deciding import messages
from leeroy.model import Build, BuildState
from leeroy.queue import KeptHint
from leeroy.store import KeptLook, KeptPull, KeptStatus


@dataclass(frozen=True, kw_only=True)
class ContextLine:
    """What is known of one context at the head."""

    context: str
    #: What GitHub was told last.
    status: KeptStatus | None = None
    #: The attempt that speaks for it.
    build: Build | None = None
    #: Why there is no status, or what comes next; empty when the status says it all.
    note: str = ""
    #: The settings have it, so it can be built again.
    is_configured: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """One entry of the timeline: something asked for a look, or a look was made."""

    at: float
    hint: KeptHint | None = None
    look: KeptLook | None = None


def context_lines(
    pull: KeptPull,
    *,
    configured: Sequence[BuildSettings],
    statuses: Sequence[KeptStatus],
    builds: Sequence[Build],
    hints: Sequence[KeptHint],
    mode: Mode,
) -> tuple[ContextLine, ...]:
    """Every context the head has or should have, those of the settings first."""
    told = {s.status.context.lower(): s for s in statuses if s.sha == pull.head_sha}
    newest: dict[str, Build] = {}
    for row in sorted(builds, key=lambda row: (row.created, row.attempt)):
        if row.sha == pull.head_sha:
            newest[row.context.lower()] = row
    lines = []
    for settings in configured:
        key = settings.context.lower()
        status = told.pop(key, None)
        build = newest.pop(key, None)
        note = "" if status else _why_not(pull, settings, build, hints, mode)
        lines.append(
            ContextLine(
                context=settings.context,
                status=status,
                build=build,
                note=note,
                is_configured=True,
            )
        )
    for key in dict.fromkeys((*told, *newest)):
        status, build = told.get(key), newest.get(key)
        name = status.status.context if status else build.context if build else key
        note = "" if status else "The settings have no build for it any more."
        lines.append(ContextLine(context=name, status=status, build=build, note=note))
    return tuple(lines)


def _why_not(
    pull: KeptPull,
    settings: BuildSettings,
    build: Build | None,
    hints: Sequence[KeptHint],
    mode: Mode,
) -> str:
    """Why a context of the settings has no status at the head."""
    if mode is Mode.OBSERVE:
        return "Leeroy only observes here (mode is observe): it writes nothing."
    if any(hint.error is not None and hint.handled is not None for hint in hints[:1]):
        return "The last look was given up: the timeline says why."
    if any(hint.error is not None and hint.handled is None for hint in hints):
        return "The last look failed; it is made again by itself."
    if build is not None and build.state is BuildState.NEW:
        return messages.reason(build.reason) or "Jenkins is being asked for it."
    if any(hint.handled is None for hint in hints):
        return "A look is due."
    if build is not None:
        return messages.reason(build.reason) or "The next look reports it."
    if not pull.is_open:
        return "The pull request is closed."
    if settings.is_on_command:
        return "It is built only when somebody asks for it."
    return "No look wanted it for this commit: the timeline says why, if anything did."


def timeline(looks: Iterable[KeptLook], hints: Iterable[KeptHint], limit: int) -> tuple[Step, ...]:
    """What asked for looks, and what they did, newest first."""
    steps = [Step(at=look.at, look=look) for look in looks]
    steps += [Step(at=hint.received, hint=hint) for hint in hints]
    return tuple(sorted(steps, key=lambda step: step.at, reverse=True)[:limit])
