"""Which open pull requests the webhooks left in the dark: what a sweep finds, told apart.

Pure: what GitHub lists, what the store knows and what the last sweep saw go in.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from leeroy.model import KnownPull, OpenPull, SweptPull

#: A pull request that was looked at and still lacks what it lacked is looked at again after so
#: many seconds: what was given up is found again, and what nothing can be done about costs little.
ASKED_SECONDS = 3600.0
#: The same where only something is to be said again, which costs no build: with every sweep but
#: for those that come more often than in ten minutes.
SAID_SECONDS = 540.0


class Why(StrEnum):
    """Why a pull request is to be looked at again."""

    #: Opened, pushed to, retargeted or reopened, and we do not know it.
    MOVED = "its head or base is not the one we know"
    #: It may have been labelled, edited, commented on, made ready.
    UPDATED = "something happened there since the last sweep"
    MISSING = "a status is missing"
    #: GitHub refused or lost what we said, or somebody else wrote over it with our login.
    UNSAID = "GitHub does not show what was last said"
    CLOSED = "it is no longer open"


@dataclass(frozen=True, kw_only=True)
class SweepView:
    """One open pull request as a sweep sees it."""

    pull: OpenPull
    #: As the last look saw it.
    known: KnownPull | None
    #: As the last sweep saw it.
    swept: SweptPull | None
    #: The contexts it should have that neither our store nor GitHub has for its head.
    lacking: tuple[str, ...] = ()
    #: GitHub did not say whether it has those: what would build them has to wait.
    is_unread: bool = False
    #: Contexts that were built or written, and that GitHub shows otherwise, or not at all.
    unsaid: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """A look saw it as it is now."""
        return self.known == KnownPull(
            head_sha=self.pull.head_sha, base_ref=self.pull.base_ref, is_open=True
        )

    @property
    def is_swept(self) -> bool:
        """A sweep saw it with this head and base."""
        then = self.swept
        return then is not None and (then.head_sha, then.base_ref) == (
            self.pull.head_sha,
            self.pull.base_ref,
        )


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What to do about a pull request."""

    #: None: there is no need to look at it.
    why: Why | None = None
    #: What a look at it would build or check.
    builds: tuple[str, ...] = ()
    #: What is missing, and only reported.
    left: tuple[str, ...] = ()
    #: What a look at it would say once more.
    says: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SweepJudge:
    """How a sweep judges."""

    #: No sweep has seen this repository yet.
    is_first: bool = False
    #: Contexts, in lower case, that were not there at the last sweep.
    new: Collection[str] = frozenset()
    #: Somebody asked for this sweep: everything missing is built.
    is_by_hand: bool = False
    #: Epoch seconds by the database's clock.
    now: float

    def verdict_on(self, view: SweepView) -> Verdict:
        """Whether to look at it again, and why."""
        verdict = self._verdict_on(view)
        return Verdict() if view.is_unread and verdict.builds else verdict

    def _verdict_on(self, view: SweepView) -> Verdict:
        lacking = view.lacking
        has_moved = not view.is_known and not (view.is_swept and not self.is_by_hand)
        if has_moved and view.known is None and self.is_first and not self.is_by_hand:
            return Verdict(left=lacking)
        if has_moved:
            return Verdict(why=Why.MOVED, builds=lacking)
        if self.is_by_hand and (lacking or view.unsaid):
            why = Why.MISSING if lacking else Why.UNSAID
            return Verdict(why=why, builds=lacking, says=view.unsaid)
        if view.swept is not None and view.pull.updated > view.swept.updated:
            return Verdict(why=Why.UPDATED, builds=lacking)
        left = tuple(context for context in lacking if self._is_left(view, context))
        missing = [context for context in lacking if context not in left]
        if missing and not self._were_asked_for(view, missing, ASKED_SECONDS):
            return Verdict(why=Why.MISSING, builds=lacking, says=view.unsaid)
        if view.unsaid and not self._were_asked_for(view, view.unsaid, SAID_SECONDS):
            return Verdict(why=Why.UNSAID, builds=lacking, says=view.unsaid)
        return Verdict(left=left)

    def is_settled(self, view: SweepView) -> bool:
        """All it lacks is what the last sweep knew it lacks: GitHub need not be asked of it."""
        if not view.lacking:
            return True
        told = view.swept.lacking if view.swept is not None and view.is_swept else frozenset()
        return self.verdict_on(view).why is None and told.issuperset(
            c.lower() for c in view.lacking
        )

    def remember(self, view: SweepView, verdict: Verdict, *, is_put: bool) -> SweptPull | None:
        """What to keep of it for the next sweep; None: what is kept is still true."""
        is_late = verdict.why is not None and not is_put and not self.is_by_hand
        if is_late or (view.is_unread and not verdict.left):
            return None  # the next sweep is to find it again
        lacks = (*view.lacking, *view.unsaid)
        lacking = () if verdict.why is not None and not is_put else lacks
        fresh = SweptPull(
            head_sha=view.pull.head_sha,
            base_ref=view.pull.base_ref,
            updated=view.pull.updated,
            lacking=frozenset(context.lower() for context in lacking),
            is_left=verdict.why is None and bool(verdict.left),
        )
        then = view.swept
        if verdict.why is None and then is not None and view.is_swept:
            is_same = then.updated >= fresh.updated and then.lacking >= fresh.lacking
            if is_same and bool(then.lacking) == bool(fresh.lacking):
                return None
        return fresh

    def _is_left(self, view: SweepView, context: str) -> bool:
        key = context.lower()
        if key in self.new:
            return True
        then = view.swept
        return then is not None and view.is_swept and then.is_left and key in then.lacking

    def _were_asked_for(self, view: SweepView, missing: Collection[str], lately: float) -> bool:
        then = view.swept
        if then is None or not view.is_swept or then.is_left:
            return False
        known = then.lacking.issuperset(context.lower() for context in missing)
        return known and self.now - then.at < lately
