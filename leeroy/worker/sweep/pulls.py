"""Read the open pull requests of a repository for the sweep, and what GitHub shows of their heads."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from leeroy.config import Config, Mode
from leeroy.deciding.missing import SweepJudge, SweepView
from leeroy.deciding.words import Place
from leeroy.model import OddEntry, OpenPull, Status, SweptRepo
from leeroy.store import KeptStatus, Store
from leeroy.worker.sweep.contexts import Contexts
from leeroy.worker.sweep.shown import Shown, ShowsStatuses, by_sha, without
from leeroy.worker.sweep.unread import Tries

#: A build that was made so few seconds ago may only be about to have its first status.
NEW_SECONDS = 60.0
#: What was written so few seconds ago, GitHub may not show yet: the next sweep compares it.
LAG_SECONDS = 2.0
#: What was written so long before the last sweep ended is compared once more: the sweep itself
#: took some time, and what is unchanged costs nothing.
OVERLAP_SECONDS = 300.0


class ListsPulls(ShowsStatuses, Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def open_pulls(self, repo: str) -> Iterable[OpenPull | OddEntry]: ...


@dataclass(kw_only=True)
class Listed:
    """The open pull requests, as far as GitHub lists them."""

    pulls: list[OpenPull]
    #: Numbers of which it shows no more than that they are open.
    odd: set[int]
    #: Those that are not here are not open.
    is_whole: bool = True

    @property
    def numbers(self) -> set[int]:
        """Of those that are listed as they should be."""
        return {pull.ref.number for pull in self.pulls}

    def are_gone(self, numbers: Iterable[int]) -> list[int]:
        """Those of the pull requests that are no longer open."""
        return sorted(set(numbers) - self.numbers - self.odd) if self.is_whole else []


@dataclass(frozen=True, kw_only=True)
class PullsView:
    """What a sweep saw of the open pull requests."""

    views: tuple[SweepView, ...]
    #: Final statuses of heads we never built, by sha.
    shown: tuple[tuple[str, Status], ...]
    #: What we wrote and GitHub shows, by sha and lower-case context, where it does not show all.
    standing: Mapping[str, Mapping[str, Status]]


@dataclass(frozen=True, kw_only=True)
class SweptPulls:
    """Compares open pull requests with what the store knows of them."""

    config: Config
    store: Store
    github: ListsPulls
    side: Executor
    login_for: Callable[[str], str]

    def listed(self, repo: str, tries: Tries) -> Listed:
        """The open ones; a page that cannot be read does not take those before it along."""
        listed = Listed(pulls=[], odd=set())
        try:
            for entry in self.github.open_pulls(repo):
                if not isinstance(entry, OddEntry):
                    listed.pulls.append(entry)
                    continue
                tries.skip(repo, entry)
                if entry.number is None:
                    listed.is_whole = False
                else:
                    listed.odd.add(entry.number)
        except Exception as exc:  # noqa: BLE001 - told, and the rest of the repository is swept
            tries.failed(repo, exc)
            listed.is_whole = False
        return listed

    def read(
        self, repo: str, listed: Listed, then: SweptRepo | None, judge: SweepJudge, tries: Tries
    ) -> PullsView:
        """What they lack: of GitHub only what the store cannot tell is asked."""
        views = self._known(repo, listed, judge)
        lacking: dict[str, set[str]] = {}
        for view in views:
            if not judge.is_settled(view):
                lacking.setdefault(view.pull.head_sha, set()).update(view.lacking)
        written = self._to_compare(repo, listed, then, judge)
        asked = {*lacking, *(one.sha for one in written)}
        shown = Shown.read(self.side, self.github, repo, asked)
        final = shown.final(lacking)
        old = [one for one in written if one.written <= judge.now - LAG_SECONDS]
        lost = frozenset(
            (k.sha, k.status.context.lower()) for k in self._lost(repo, shown, old, tries)
        )
        speakers = self.store.speakers_at(repo, {sha for sha, _ in lost}) if lost else {}
        return PullsView(
            views=tuple(_seen(view, shown, final, speakers, lost, tries) for view in views),
            shown=final,
            standing=_standing(written, lost),
        )

    def _known(self, repo: str, listed: Listed, judge: SweepJudge) -> list[SweepView]:
        shas = {pull.head_sha for pull in listed.pulls}
        expected = Contexts(config=self.config).expected
        known = self.store.known_pulls(repo, listed.numbers)
        remembered = self.store.swept_pulls(repo)
        had = self.store.contexts_at(repo, shas)
        unsaid = self.store.unsaid_at(repo, shas, before=judge.now - NEW_SECONDS)
        if self.config.for_repo(repo).mode is Mode.OBSERVE:
            unsaid = {}
        views = []
        for pull in listed.pulls:
            says = unsaid.get((str(pull.ref), pull.head_sha), set())
            lacking = without(expected(repo, pull.base_ref), had.get(pull.head_sha, ()))
            views.append(
                SweepView(
                    pull=pull,
                    known=known.get(pull.ref.number),
                    swept=remembered.get(pull.ref.number),
                    lacking=without(lacking, says),
                    unsaid=tuple(sorted(says)),
                )
            )
        return views

    def _to_compare(
        self, repo: str, listed: Listed, then: SweptRepo | None, judge: SweepJudge
    ) -> Sequence[KeptStatus]:
        """What stands on heads that had something written since the last sweep.

        On all of them where somebody asked for this one.
        """
        if then is None and not judge.is_by_hand:
            return ()
        since = 0.0 if then is None or judge.is_by_hand else then.at - OVERLAP_SECONDS
        written = self.store.statuses_at({(repo, pull.head_sha) for pull in listed.pulls})
        heads = {one.sha for one in written if one.written > since}
        return [one for one in written if one.sha in heads]

    def _lost(
        self, repo: str, shown: Shown, written: Sequence[KeptStatus], tries: Tries
    ) -> Iterable[KeptStatus]:
        writers: dict[str, dict[str, str]] = {}

        def writer_of(sha: str, context: str) -> str | None:
            if sha not in writers:
                ask = partial(self.github.status_writers, repo, sha)
                writers[sha] = tries.read(f"{repo}@{sha[:7]}", ask) or {}
            return writers[sha].get(context)

        def is_ours(login: str) -> bool:
            ours = tries.read(repo, partial(self.login_for, repo))
            return ours is not None and ours.lower() == login.lower()

        return shown.lost(written, writer_of, is_ours)


def _seen(
    view: SweepView,
    shown: Shown,
    final: Iterable[tuple[str, Status]],
    speakers: Mapping[tuple[str, str], Collection[str]],
    lost: Collection[Place],
    tries: Tries,
) -> SweepView:
    """The view with what GitHub showed."""
    sha = view.pull.head_sha
    if sha in shown.failed:
        tries.failed(str(view.pull.ref), shown.failed[sha])
    says = speakers.get((str(view.pull.ref), sha), ())
    unsaid = (context for context in says if (sha, context) in lost)
    return replace(
        view,
        lacking=without(view.lacking, by_sha(final).get(sha, ())),
        is_unread=sha in shown.failed,
        unsaid=tuple(sorted({*view.unsaid, *unsaid})),
    )


def _standing(
    written: Iterable[KeptStatus], lost: Collection[Place]
) -> dict[str, dict[str, Status]]:
    standing: dict[str, dict[str, Status]] = {sha: {} for sha, _ in lost}
    for one in written:
        context = one.status.context.lower()
        if one.sha in standing and (one.sha, context) not in lost:
            standing[one.sha][context] = one.status
    return standing
