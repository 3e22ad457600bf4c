"""What the rules have made of the facts so far: what should be so, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from leeroy.config import Job
from leeroy.deciding.effects import AbortBuild, CancelQueueItem, Effect, RecordBuild
from leeroy.deciding.facts import CommentKey, Request
from leeroy.deciding.life import cancelled, superseded
from leeroy.deciding.unknown import Need, Unknown
from leeroy.model import Approval, Build, BuildState, Status


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A context that one sha should have."""

    settings: Job
    sha: str
    #: Say this instead of building; None: build.
    instead: Status | None = None

    @property
    def context(self) -> str:
        """As people configured it; GitHub compares contexts without case."""
        return self.settings.context


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What should be so and what to do about it, as far as the rules have come."""

    wanted: tuple[Wanted, ...] = ()
    requests: tuple[Request, ...] = ()
    approvals: tuple[Approval, ...] = ()
    skips: Mapping[tuple[str, str], str] = field(default_factory=dict)
    #: Builds that somebody wants stopped, by row id, and who.
    cancelled: Mapping[str, str] = field(default_factory=dict)
    #: Rows of which Jenkins could not say now whether it has them, by id.
    unseen: frozenset[str] = frozenset()
    #: Rows of other subjects for the same shas.
    rivals: tuple[Build, ...] = ()
    #: Our rows as they are once the effects so far are applied, oldest first.
    builds: tuple[Build, ...] = ()
    effects: tuple[Effect, ...] = ()
    #: Why, line by line, for people.
    reasons: tuple[str, ...] = ()
    #: What the rules need to know and nobody read yet.
    asked: frozenset[Need] = frozenset()
    #: Comments that nobody could judge, and why.
    left: Mapping[CommentKey, Unknown] = field(default_factory=dict)
    #: What each context should say, by sha and lower-case context, and why it does.
    statuses: Mapping[tuple[str, str], tuple[Status, str]] = field(default_factory=dict)
    #: What our comment on each topic should say; None: there should be none.
    comments: Mapping[str, str | None] = field(default_factory=dict)

    def newest(self, sha: str, context: str) -> Build | None:
        """The attempt that speaks for a context of a sha."""
        attempts = [
            build
            for build in self.builds
            if build.sha == sha and build.context.lower() == context.lower()
        ]
        return max(attempts, key=lambda build: build.attempt, default=None)

    def doing(self, *effects: Effect, because: str = "") -> "Decision":
        """With these effects too, and the reason for them."""
        reasons = (*self.reasons, because) if because else self.reasons
        return replace(self, effects=self.effects + effects, reasons=reasons)

    def asking(self, *facts: object) -> "Decision":
        """With those of these facts asked for that nobody read yet."""
        needs = {n for fact in facts if isinstance(fact, Unknown) for n in fact.needs}
        return replace(self, asked=self.asked | needs) if needs else self

    def leaving(self, key: CommentKey, unknown: Unknown) -> "Decision":
        """With this comment left for later; what it needs is asked for."""
        return replace(self, left={**self.left, key: unknown}).asking(unknown)

    def saying(self, sha: str, status: Status, because: str = "") -> "Decision":
        """With this status on a sha; two rules that say something of one context are a mistake."""
        key = (sha, status.context.lower())
        assert key not in self.statuses, f"two rules speak for {status.context}"
        return replace(self, statuses={**self.statuses, key: (status, because)})

    def commenting(self, topic: str, body: str | None) -> "Decision":
        """With our comment on a topic as it should read; None: there should be none."""
        return replace(self, comments={**self.comments, topic: body})

    def with_build(self, build: Build) -> "Decision":
        """With this row added, or in the place of the one with its id."""
        if all(known.id != build.id for known in self.builds):
            return replace(self, builds=(*self.builds, build))
        return replace(
            self,
            builds=tuple(build if known.id == build.id else known for known in self.builds),
        )

    def stopping(self, build: Build, reason: str, *, is_asked_for: bool = False) -> "Decision":
        """With this build stopped, wherever it is: somebody asked for that, or nobody needs it."""
        if build.state is BuildState.NEW and build.id in self.unseen:
            return self  # it may wait in Jenkins, where only a row could find it later
        stopped = (cancelled if is_asked_for else superseded)(build, reason)
        match build.state:
            case _ if self._is_shared(build):
                effect: Effect = RecordBuild(build=stopped)
            case BuildState.RUNNING:
                effect = AbortBuild(build=build, reason=reason, is_asked_for=is_asked_for)
            case BuildState.QUEUED:
                effect = CancelQueueItem(build=build, reason=reason, is_asked_for=is_asked_for)
            case _:  # Jenkins never had it
                effect = RecordBuild(build=stopped)
        return self.with_build(stopped).doing(effect, because=f"{build.context}: {reason}")

    def _is_shared(self, build: Build) -> bool:
        """Jenkins takes what waits and what is asked with equal parameters for one."""
        return build.queue_id is not None and any(
            (other.server, other.job, other.sha, other.queue_id)
            == (build.server, build.job, build.sha, build.queue_id)
            for other in (*self.builds, *self.rivals)
            if other.id != build.id and not other.state.is_over
        )
