"""What a sweep makes of what it saw in a repository: whom to look at again, and what to remember."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from leeroy.deciding.missing import SweepView, Verdict, Why
from leeroy.hints import SweepHint
from leeroy.model import Comment, Push, SweptPull
from leeroy.model.ranks import Rank
from leeroy.queue import NewHint
from leeroy.worker.sweep.branches import BranchNews
from leeroy.worker.sweep.reading import RepoView

#: After everything that somebody waits for.
PRIORITY = Rank.BOT + 10


class Outcome(StrEnum):
    """What becomes of something that a sweep found."""

    DUE = "to be looked at again"
    LATER = "left for the next sweep, because of sweep_max_builds"
    REPORTED = "not built, because nobody asked for it yet: leeroy sweep builds it"


@dataclass(frozen=True, kw_only=True)
class Found:
    """Something that a sweep found."""

    subject: str
    why: str
    outcome: Outcome = Outcome.DUE
    #: Contexts that a look at it would build or check.
    builds: tuple[str, ...] = ()
    #: Contexts that GitHub does not show as they were said last.
    says: tuple[str, ...] = ()
    #: The last sweep said the same.
    is_known: bool = False

    @property
    def contexts(self) -> tuple[str, ...]:
        """All that a look at it would build or say."""
        return tuple(dict.fromkeys((*self.builds, *self.says)))

    def __str__(self) -> str:
        named = f" ({', '.join(self.contexts)})" if self.contexts else ""
        return f"{self.subject}: {self.why}{named}: {self.outcome}"


@dataclass
class Budget:
    """How many more builds a sweep may set off."""

    left: int
    is_untouched: bool = True

    def takes(self, builds: int) -> bool:
        """There is room for so many; they are counted.

        What alone is more than a whole sweep may do goes first, or it would never go.
        """
        if builds > self.left and not (self.is_untouched and self.left):
            return False
        self.left = max(0, self.left - builds)
        self.is_untouched = self.is_untouched and not builds
        return True


@dataclass(kw_only=True)
class Findings:
    """What a sweep of one repository asks for, and remembers."""

    view: RepoView
    budget: Budget
    is_polling: bool
    hints: list[NewHint] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    remembered: dict[int, SweptPull] = field(default_factory=dict)
    #: Branches that are only noted where they stand.
    noted: list[BranchNews] = field(default_factory=list)
    _subjects: set[str] = field(default_factory=set)

    def gather(self) -> None:
        """Take in all that was seen; comments first, for no budget holds back what they ask."""
        for comment in self.view.said.asking:
            self._ask_for(comment)
        for ref in self.view.closed:
            self._add(str(ref), Why.CLOSED)
        for view, verdict in self.view.pulls:
            self._verdict_on(view, verdict)
        for news in self.view.branches:
            self._follow_branch(news)

    def wake(self, subjects: Iterable[str]) -> None:
        """Have these looked at too: they say something that GitHub does not show."""
        for subject in sorted({*subjects} - self._subjects):
            self._add(subject, Why.UNSAID)

    def _ask_for(self, comment: Comment) -> None:
        subject = str(comment.pull)
        why = f"a {comment.kind} was not answered"
        self._add(subject, why)
        hint = SweepHint(why=why, comment_kind=comment.kind, comment_id=comment.id)
        self.hints.append(NewHint(subject=subject, hint=hint, priority=PRIORITY))

    def _verdict_on(self, view: SweepView, verdict: Verdict) -> None:
        subject = str(view.pull.ref)
        is_put = False
        if verdict.why is not None:
            is_news = self.is_polling and verdict.why in (Why.MOVED, Why.UPDATED)
            is_put = is_news or self.budget.takes(len(verdict.builds))
            outcome = Outcome.DUE if is_put else Outcome.LATER
            self._add(subject, verdict.why, outcome, verdict.builds, says=verdict.says)
        remembered = self.view.judge.remember(view, verdict, is_put=is_put)
        if remembered is not None:
            number = view.pull.ref.number
            if number in self.view.said.unheard:
                remembered = replace(remembered, updated=self.view.unheard_since(view))
            self.remembered[number] = remembered
        if verdict.left:
            self.found.append(
                Found(
                    subject=subject,
                    why=Why.MISSING,
                    outcome=Outcome.REPORTED,
                    builds=verdict.left,
                    is_known=remembered is None,
                )
            )

    def _follow_branch(self, news: BranchNews) -> None:
        subject = str(news.ref)
        if not news.head:
            self._add(subject, "it was deleted")
            return
        if news.is_first:
            self.noted.append(news)
            if news.lacking:
                why, outcome = "it was not watched before", Outcome.REPORTED
                self.found.append(
                    Found(subject=subject, why=why, outcome=outcome, builds=news.lacking)
                )
            return
        is_put = self.is_polling or self.budget.takes(len(news.lacking))
        outcome = Outcome.DUE if is_put else Outcome.LATER
        # What a delivery would have told of it, as far as anybody knows.
        push = Push(before=news.last, after=news.head)
        self._add(subject, "its head is not the one we know", outcome, news.lacking, push)

    def _add(
        self,
        subject: str,
        why: str,
        outcome: Outcome = Outcome.DUE,
        builds: tuple[str, ...] = (),
        push: Push | None = None,
        says: tuple[str, ...] = (),
    ) -> None:
        self.found.append(
            Found(subject=subject, why=str(why), outcome=outcome, builds=builds, says=says)
        )
        if outcome is Outcome.DUE and subject not in self._subjects:
            self._subjects.add(subject)
            hint = SweepHint(why=str(why), push=push)
            self.hints.append(NewHint(subject=subject, hint=hint, priority=PRIORITY))
