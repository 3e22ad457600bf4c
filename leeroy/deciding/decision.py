"""What the rules have made of the facts so far: what should be so, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from leeroy.config import Job
from leeroy.deciding import messages
from leeroy.deciding.effects import AbortBuild, CancelQueueItem, Effect, RecordBuild
from leeroy.deciding.facts import Facts, Request
from leeroy.deciding.life import cancelled, superseded
from leeroy.deciding.unknown import Need, Unknown
from leeroy.deciding.words import Life, Place, Word, WordRank, rank_of
from leeroy.hints import CommentKey
from leeroy.model import Approval, Build, BuildState, Reason, Status

#: Two rules that speak for one context are a defect: tests fail of it, a service goes on.
is_strict = False


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A context that one sha should have."""

    settings: Job
    sha: str
    #: Say this instead of building; None: build.
    instead: Status | None = None
    #: What kind of word that is.
    rank: WordRank = WordRank.HELD
    #: Only the base branch keeps it from being built.
    is_by_base: bool = False
    #: See :attr:`leeroy.deciding.words.Word.is_tacit`.
    is_tacit: bool = False

    @property
    def context(self) -> str:
        """As people configured it; GitHub compares contexts without case."""
        return self.settings.context

    def as_said(self, facts: Facts) -> "Wanted | None":
        """With what our subject said of it last, for a moment; None: it said nothing."""
        word = facts.own_word(self.sha, self.context)
        if word is None:
            return None
        return replace(self, instead=word.status, rank=word.rank, is_tacit=word.is_tacit)


@dataclass(frozen=True, kw_only=True)
class Commenting:
    """What our comment on one topic should say; see :meth:`Decision.commenting`."""

    body: str | None
    mark: str = ""
    is_edit: bool = False


@dataclass(frozen=True, kw_only=True)
class Saying:
    """What our subject has to say of one context of one commit."""

    status: Status
    rank: WordRank
    #: None: as the subject's author is.
    is_vouched: bool | None = None
    is_tacit: bool = False
    life: Life = Life.OPEN
    #: Remembered, and not written: in this very look there will be more to say.
    is_passing: bool = False


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
    #: What our subject has to say now, and why.
    said: Mapping[Place, tuple[Saying, str]] = field(default_factory=dict)
    #: What it said before, and takes back: whoever else has the commit speaks for it then.
    taken_back: frozenset[Place] = frozenset()
    #: The end of what was said of these to be under way or held, where nobody else has the commit.
    ends: Mapping[Place, str] = field(default_factory=dict)
    #: The subject's author is trusted, or it needs none; None: nobody asked.
    is_vouched: bool | None = None
    #: What of our subject's words changes: new words, and None where one is taken back.
    words: Mapping[Place, Word | None] = field(default_factory=dict)
    #: What rules did that no rule should, for the log.
    defects: tuple[str, ...] = ()
    #: What our comment on each topic should say; None: there should be none.
    comments: Mapping[str, Commenting] = field(default_factory=dict)
    #: Labels that should be on the pull request, and those of ours that should not.
    labels_on: frozenset[str] = frozenset()
    labels_off: frozenset[str] = frozenset()

    def newest(self, sha: str, context: str) -> Build | None:
        """The attempt that speaks for a context of a sha."""
        attempts = [
            build
            for build in self.builds
            if build.sha == sha and build.context.lower() == context.lower()
        ]
        return max(attempts, key=lambda build: build.attempt, default=None)

    def newest_onto(self, sha: str, context: str, base: str) -> Build | None:
        """The same if it was made for that base: it says nothing of any other."""
        newest = self.newest(sha, context)
        return newest if newest is None or newest.base in ("", base) else None

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

    def saying(
        self,
        sha: str,
        status: Status,
        rank: WordRank | None = None,
        *,
        because: str = "",
        is_vouched: bool | None = None,
        is_tacit: bool = False,
        life: Life = Life.OPEN,
        is_passing: bool = False,
    ) -> "Decision":
        """With this said of a context of a sha; without a rank, that of a result.

        Two rules that say something of one context are a mistake: the first keeps it.
        """
        place = (sha, status.context.lower())
        if place in self.said:
            defect = f"two rules speak for {status.context} at {sha[:7]}"
            if is_strict:
                raise AssertionError(defect)
            return replace(self, defects=(*self.defects, defect))
        saying = Saying(
            status=status,
            rank=rank or rank_of(status.state),
            is_vouched=is_vouched,
            is_tacit=is_tacit,
            life=life,
            is_passing=is_passing,
        )
        return replace(self, said={**self.said, place: (saying, because)})

    def taking_back(self, *places: Place) -> "Decision":
        """With nothing said of these any more."""
        return replace(self, taken_back=self.taken_back.union(places)) if places else self

    def ending(self, place: Place, text: str) -> "Decision":
        """With an end for what waited or ran there, if nobody else speaks for it."""
        return replace(self, ends={**self.ends, place: text})

    def commenting(
        self, topic: str, body: str | None, *, mark: str = "", is_edit: bool = False
    ) -> "Decision":
        """With our comment on a topic as it should read; None: there should be none.

        ``mark`` stands in the body, and one that has it already may stay as it is. ``is_edit``: only
        what we wrote before is to read so; where we have said nothing, nothing is said.
        """
        wanted = Commenting(body=body, mark=mark, is_edit=is_edit)
        return replace(self, comments={**self.comments, topic: wanted})

    def labelling(self, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> "Decision":
        """With these labels on the pull request, and those off that we put on."""
        return replace(
            self,
            labels_on=self.labels_on | frozenset(add),
            labels_off=self.labels_off | frozenset(remove),
        )

    def with_build(self, build: Build) -> "Decision":
        """With this row added, or in the place of the one with its id."""
        if all(known.id != build.id for known in self.builds):
            return replace(self, builds=(*self.builds, build))
        return replace(
            self,
            builds=tuple(build if known.id == build.id else known for known in self.builds),
        )

    def stopping(self, build: Build, reason: Reason, *, is_asked_for: bool = False) -> "Decision":
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
        return self.with_build(stopped).doing(
            effect, because=f"{build.context}: {messages.reason(reason)}"
        )

    def _is_shared(self, build: Build) -> bool:
        """Jenkins takes what waits and what is asked with equal parameters for one."""
        return build.queue_id is not None and any(
            (other.server, other.job, other.sha, other.queue_id)
            == (build.server, build.job, build.sha, build.queue_id)
            for other in (*self.builds, *self.rivals)
            if other.id != build.id and not other.state.is_over
        )
