"""Read a whole repository at once, and compare it with what the store knows: the sweep's facts."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog

from leeroy.config import Config
from leeroy.deciding.missing import SweepJudge, SweepView, Verdict, Why
from leeroy.errors import Permanent
from leeroy.model import OddEntry, OpenPull, PullRef, Status, SweptRepo
from leeroy.store import Store
from leeroy.worker.sweep.branches import BranchesView, BranchNews, ListsBranches, SweptBranches
from leeroy.worker.sweep.comments import ListsComments, Said, SweptComments
from leeroy.worker.sweep.contexts import Contexts
from leeroy.worker.sweep.pulls import Listed, ListsPulls, SweptPulls
from leeroy.worker.sweep.unread import Tries, Unread

log = structlog.get_logger()

#: Seconds by which GitHub's clock may differ from the database's.
CLOCK_SKEW = 60.0
NO_BRANCHES = BranchesView(news=(), shown=(), known=frozenset())


class ListsGitHub(ListsPulls, ListsBranches, ListsComments, Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def repositories(self, repo: str) -> tuple[str | OddEntry, ...]: ...


@dataclass(frozen=True, kw_only=True)
class RepoView:
    """All that a sweep saw of one repository, judged."""

    repo: str
    judge: SweepJudge
    pulls: tuple[tuple[SweepView, Verdict], ...]
    #: Pull requests we took for open, and that are not.
    closed: tuple[PullRef, ...]
    #: Those the sweeps remember, and that are not open.
    forgotten: tuple[int, ...]
    branches: tuple[BranchNews, ...]
    said: Said
    #: Up to here the last sweep read what was said.
    mark: float
    #: Final statuses of heads we never built, by sha: they count as done.
    shown: tuple[tuple[str, Status], ...]
    #: What we wrote and GitHub shows, by sha and lower-case context, where it does not show all.
    standing: Mapping[str, Mapping[str, Status]]
    #: What to remember of the repository for the next sweep; None: it is to begin where this did.
    swept: SweptRepo | None
    #: What could not be looked at.
    unread: tuple[Unread, ...]

    def unheard_since(self, view: SweepView) -> float:
        """What is to be kept as the time of a pull request whose reviews could not be read.

        So the next sweep finds that something happened there since, and reads what was said.
        """
        if view.swept is not None:
            return min(view.swept.updated, view.pull.updated - 1)
        return min(self.mark, view.pull.updated) - 1


@dataclass(frozen=True, kw_only=True)
class SweepReader:
    """Reads repositories for the sweep; what is unchanged costs none of GitHub's quota."""

    config: Config
    store: Store
    github: ListsGitHub
    side: Executor
    login_for: Callable[[str], str]

    def repos(self, tries: Tries) -> tuple[str, ...]:
        """The repositories to sweep: those named, those seen, and those GitHub lists for globs."""
        listed = [repo for glob in self.config.repo_globs() for repo in self._listed(glob, tries)]
        seen = tries.read("the repositories seen before", self.store.known_repos) or ()
        others = (repo for repo in (*listed, *seen) if self.config.knows(repo))
        # One spelling each, that of deliveries first: GitHub takes any case of letters.
        found = {repo.lower(): repo for repo in (*self.config.repo_names(), *others)}
        return tuple(sorted(found.values()))

    def read(self, repo: str, *, is_by_hand: bool, now: float) -> RepoView:
        """What is so there now, and what of it Leeroy does not know.

        What cannot be read costs just that: it is told in ``unread``, and the next sweep tries it
        again.
        """
        tries = Tries()
        contexts = Contexts(config=self.config)
        then = self.store.swept_repo(repo)
        pulls = SweptPulls(
            config=self.config,
            store=self.store,
            github=self.github,
            side=self.side,
            login_for=self.login_for,
        )
        has_pulls = contexts.has_pulls(repo)
        listed = pulls.listed(repo, tries) if has_pulls else Listed(pulls=[], odd=set())
        seen = self.store.contexts_of(repo) if then is None else then.known
        judge = SweepJudge(
            is_first=then is None,
            new=contexts.new(repo, {pull.base_ref for pull in listed.pulls}, seen),
            is_by_hand=is_by_hand,
            now=now,
        )
        view = pulls.read(repo, listed, then, judge, tries)
        judged = tuple(
            (one, verdict)
            for one in view.views
            if (verdict := tries.read(str(one.pull.ref), partial(judge.verdict_on, one)))
        )
        reader = SweptBranches(
            config=self.config, store=self.store, github=self.github, side=self.side
        )
        branches = (
            tries.read(repo, lambda: reader.read(repo, then, tries, is_by_hand=is_by_hand))
            or NO_BRANCHES
        )
        # At the first sweep nobody was waiting for us.
        said = self._said(repo, then, judged, tries) if then and has_pulls else Said()
        known = self.store.known_pulls(repo, listed.numbers)
        were_open = (number for number, pull in known.items() if pull.is_open)
        swept = SweptRepo(
            mark=_mark(then, listed.pulls, said, now),
            known=seen | contexts.of(repo) | branches.known,
        )
        return RepoView(
            repo=repo,
            judge=judge,
            pulls=judged,
            closed=tuple(PullRef(repo, number) for number in listed.are_gone(were_open)),
            forgotten=tuple(listed.are_gone(self.store.swept_pulls(repo))),
            branches=branches.news,
            said=said,
            mark=then.mark if then is not None else 0.0,
            shown=(*view.shown, *branches.shown),
            standing=view.standing,
            # What was not listed is still to be seen for the first time.
            swept=swept if listed.is_whole else None,
            unread=tuple(tries.unread),
        )

    def _listed(self, glob: str, tries: Tries) -> tuple[str, ...]:
        try:
            return tuple(tries.sound(glob, self.github.repositories(glob)))
        except Permanent as exc:  # an app's token may not ask
            log.info("only repositories seen before are swept", glob=glob, error=str(exc))
        except Exception as exc:  # noqa: BLE001 - told, and the other globs are asked for
            tries.failed(glob, exc)
        return ()

    def _said(
        self,
        repo: str,
        then: SweptRepo,
        pulls: Sequence[tuple[SweepView, Verdict]],
        tries: Tries,
    ) -> Said:
        """All that was said since the last sweep."""
        lively = [v for v, verdict in pulls if verdict.why in (Why.MOVED, Why.UPDATED)]
        reader = SweptComments(
            store=self.store, github=self.github, side=self.side, login_for=self.login_for
        )
        return reader.read(repo, then.mark, lively, tries)


def _mark(then: SweptRepo | None, listed: Sequence[OpenPull], said: Said, now: float) -> float:
    """Up to when all was read, by GitHub's clock: it stands still while nothing happens there.

    So the same question is asked again, and an unchanged answer costs nothing.
    """
    if then is not None and said.until is None:
        return then.mark
    moments = [pull.updated for pull in listed]
    if said.until:
        moments.append(said.until)
    if then is None:
        # GitHub counts in whole seconds: what was said in the last of them was said before us.
        moments = [moment + 1 for moment in moments]
    else:
        moments.append(then.mark)
    # Only where nobody has said anything yet are clocks mixed; comments are obeyed once anyway.
    return max(moments, default=now - CLOCK_SKEW)
