"""What is new in the demo's world: GitHub's and Jenkins' part is read from the sandboxes, Leeroy's
from what it keeps of its looks and, for troubles, from its log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from leeroy.demo import cast
from leeroy.demo.stage import RECURRING, Stage
from leeroy_sandbox.github.model import Pull

STATE_STYLES = {"success": "green", "failure": "red", "error": "red", "pending": "yellow"}
#: Of Leeroy's effects those that GitHub and Jenkins do not show by themselves.
TOLD_EFFECTS = (
    "trigger ", "cancel ", "abort ", "label ", "unlabel ", "post ", "edit ", "delete ", "react ",
)  # fmt: skip
#: The reason to look at a build that Jenkins told of.
FOLLOWS_JENKINS = "Jenkins says"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that happened."""

    who: str
    #: ``#1``, a branch, or nothing of these.
    about: str
    text: Text


class Watcher:
    """Reads what is new since the last time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._deliveries = 0
        self._looks: set[tuple[str, float]] = set()
        self._reasons: set[tuple[str, str]] = set()
        self._statuses: dict[str, int] = {}
        self._builds: dict[tuple[str, int], str] = {}
        #: Whose head a sha is.
        self._owners: dict[str, str] = {}

    def pulls(self) -> list[Pull]:
        """All pull requests, the first one first."""
        github = self._stage.github
        with github.lock:
            return sorted(github.repository(cast.REPO).pulls.values(), key=lambda p: p.number)

    def causes(self) -> Iterator[Line]:
        """Deliveries, and what Leeroy decided."""
        yield from self._new_deliveries()
        yield from self._new_looks()
        yield from self._new_troubles()

    def outcomes(self) -> Iterator[Line]:
        """What builds and statuses came to."""
        self._owners.update({pull.head_sha: f"#{pull.number}" for pull in self.pulls()})
        branches = self._stage.github.repository(cast.REPO).branches
        self._owners.setdefault(branches[cast.MAIN], cast.MAIN)
        yield from self._new_builds()
        yield from self._new_statuses()

    def _new_deliveries(self) -> Iterator[Line]:
        log = self._stage.github.deliveries.log()
        for delivery in log[self._deliveries :]:
            # 204: understood, and of no interest.
            if delivery.event == "ping" or delivery.status_code == 204:
                continue
            payload = json.loads(delivery.payload)
            number = payload.get("number") or payload.get("issue", {}).get("number")
            branch = str(payload.get("ref", "")).removeprefix("refs/heads/")
            what = f"{delivery.event} {delivery.action or ''}".strip()
            answer = f"answered {delivery.status_code} in {delivery.duration * 1000:.0f} ms"
            text = Text(f"delivers {what}: ").append(answer, style="dim")
            yield Line(who="GitHub", about=f"#{number}" if number else branch, text=text)
        self._deliveries = len(log)

    def _new_looks(self) -> Iterator[Line]:
        for look in reversed(self._stage.store.recent_looks()):
            key = (look.subject, look.at)
            if key in self._looks:
                continue
            self._looks.add(key)
            if look.subject in RECURRING and not look.error:
                continue
            about = _about(look.subject)
            effects = [effect for effect in look.effects if effect.startswith(TOLD_EFFECTS)]
            for reason in look.reasons:
                if self._is_news(look.subject, reason) or effects:
                    text = Text("because ", style="dim").append(reason)
                    yield Line(who="Leeroy", about=about, text=text)
            for effect in effects:
                yield Line(who="Leeroy", about=about, text=Text(effect, style="bold"))
            if look.error:
                yield Line(who="Leeroy", about=about, text=Text(look.error, style="red"))

    def _is_news(self, subject: str, reason: str) -> bool:
        """Nobody told it of this subject yet, nor does Jenkins by itself."""
        is_known = (subject, reason) in self._reasons or FOLLOWS_JENKINS in reason
        self._reasons.add((subject, reason))
        return not is_known

    def _new_troubles(self) -> Iterator[Line]:
        for event in self._stage.service.take_events():
            if event.get("level") in ("warning", "error", "critical"):
                said = f"{event['event']}: {event.get('error', '')}".rstrip(": ")
                yield Line(who="Leeroy", about="", text=Text(said, style="red"))

    def _new_builds(self) -> Iterator[Line]:
        for job in (cast.TEST_JOB, cast.DOCS_JOB, cast.BINARIES_JOB):
            for build in self._stage.jenkins.builds(job):
                came_to = str(build.result or "started")
                key = (job, build.number)
                if self._builds.get(key) == came_to:
                    continue
                self._builds[key] = came_to
                given = {value.name: value.text for value in build.parameters}
                about = f"#{given['PR']}" if given.get("PR") else given.get("BASE_BRANCH", "")
                text = Text(f"{job} #{build.number} ")
                if build.result is None:
                    text.append(f"started at {given.get('GIT_SHA1', '')[:7]}")
                else:
                    good = build.result == "SUCCESS"
                    text.append(came_to, style="green" if good else "red")
                    text.append(f" after {build.duration / 1000:.1f} s", style="dim")
                yield Line(who="Jenkins", about=about, text=text)

    def _new_statuses(self) -> Iterator[Line]:
        for sha, about in list(self._owners.items()):
            history = self._stage.github.statuses(cast.REPO, sha).history
            for status in history[self._statuses.get(sha, 0) :]:
                text = Text(f"{status.context} ")
                text.append(status.state, style=STATE_STYLES[status.state])
                text.append(f": {status.description or ''}")
                yield Line(who="GitHub", about=about, text=text)
            self._statuses[sha] = len(history)


def _about(subject: str) -> str:
    """What a look is at, in the repository that everything here is about.

    >>> _about("acme/widgets#12"), _about("acme/widgets@main"), _about("sweep")
    ('#12', 'main', '')
    """
    rest = subject.removeprefix(cast.REPO)
    return "" if rest == subject else rest.removeprefix("@")
