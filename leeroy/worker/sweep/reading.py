"""Read a whole repository at once, and compare it with what the store knows: the sweep's facts."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import structlog

from leeroy.config import Config, Mode
from leeroy.config.resolved import filled
from leeroy.deciding.missing import Sight, SweepView, Verdict, Why
from leeroy.errors import Permanent
from leeroy.model import OddEntry, OpenPull, PullRef, Status, SweptRepo
from leeroy.store import Store
from leeroy.worker.sweep.branches import BranchesView, BranchNews, ListsBranches, SweptBranches
from leeroy.worker.sweep.comments import ListsComments, Said, SweptComments
from leeroy.worker.sweep.shown import Shown, by_sha, without
from leeroy.worker.sweep.unread import Tries, Unread
from patchparser.findings import Check
from patchparser.findings import Mode as CheckMode

log = structlog.get_logger()

#: Seconds by which GitHub's clock may differ from the database's.
CLOCK_SKEW = 60.0
NO_BRANCHES = BranchesView(news=(), shown=(), known=frozenset())


class ListsGitHub(ListsBranches, ListsComments, Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def open_pulls(self, repo: str) -> Iterable[OpenPull | OddEntry]: ...
    def repositories(self, repo: str) -> tuple[str | OddEntry, ...]: ...


@dataclass(frozen=True, kw_only=True)
class RepoView:
    """All that a sweep saw of one repository, judged."""

    repo: str
    sight: Sight
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


@dataclass(kw_only=True)
class Listed:
    """The open pull requests, as far as GitHub lists them."""

    pulls: list[OpenPull]
    #: Numbers of which it shows no more than that they are open.
    odd: set[int]
    #: Those that are not here are not open.
    is_whole: bool

    def are_gone(self, numbers: Iterable[int]) -> list[int]:
        """Those of the pull requests that are no longer open."""
        if not self.is_whole:
            return []
        return sorted(set(numbers) - {pull.ref.number for pull in self.pulls} - self.odd)


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
        then = self.store.swept_repo(repo)
        listed = self._open_pulls(repo, tries)
        numbers = {pull.ref.number for pull in listed.pulls}
        known = self.store.known_pulls(repo, numbers)
        remembered = self.store.swept_pulls(repo)
        seen = self.store.contexts_of(repo) if then is None else then.known
        sight = Sight(
            is_first=then is None,
            new=self._new_contexts(repo, {pull.base_ref for pull in listed.pulls}, seen),
            is_by_hand=is_by_hand,
            now=now,
        )
        had = self.store.contexts_at(repo, {pull.head_sha for pull in listed.pulls})
        views = [
            SweepView(
                pull=pull,
                known=known.get(pull.ref.number),
                swept=remembered.get(pull.ref.number),
                lacking=without(self._expected(repo, pull.base_ref), had.get(pull.head_sha, ())),
            )
            for pull in listed.pulls
        ]
        views, shown = self._shown(repo, views, sight, tries)
        judged = tuple(
            (view, verdict)
            for view in views
            if (verdict := tries.read(str(view.pull.ref), partial(sight.judge, view)))
        )
        reader = SweptBranches(
            config=self.config, store=self.store, github=self.github, side=self.side
        )
        branches = (
            tries.read(repo, lambda: reader.read(repo, then, tries, is_by_hand=is_by_hand))
            or NO_BRANCHES
        )
        said = self._said(repo, then, judged, tries)
        swept = SweptRepo(
            mark=_mark(then, listed.pulls, said, now),
            known=seen | self._contexts(repo) | branches.known,
        )
        return RepoView(
            repo=repo,
            sight=sight,
            pulls=judged,
            closed=tuple(
                PullRef(repo, number)
                for number in listed.are_gone(n for n, pull in known.items() if pull.is_open)
            ),
            forgotten=tuple(listed.are_gone(remembered)),
            branches=branches.news,
            said=said,
            mark=then.mark if then is not None else 0.0,
            shown=(*shown, *branches.shown),
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

    def _has_pulls(self, repo: str) -> bool:
        return bool(self.config.builds_for(repo)) or self.config.policy_for(repo) is not None

    def _open_pulls(self, repo: str, tries: Tries) -> Listed:
        listed = Listed(pulls=[], odd=set(), is_whole=True)
        if not self._has_pulls(repo):
            return listed
        try:
            # A page that cannot be read does not take those before it along.
            for entry in self.github.open_pulls(repo):
                if not isinstance(entry, OddEntry):
                    listed.pulls.append(entry)
                    continue
                tuple(tries.sound(repo, [entry]))
                if entry.number is None:
                    listed.is_whole = False
                else:
                    listed.odd.add(entry.number)
        except Exception as exc:  # noqa: BLE001 - told, and the rest of the repository is swept
            tries.failed(repo, exc)
            listed.is_whole = False
        return listed

    def _shown(
        self, repo: str, views: Sequence[SweepView], sight: Sight, tries: Tries
    ) -> tuple[list[SweepView], tuple[tuple[str, Status], ...]]:
        """The views with what GitHub has counted as done; and that, by sha."""
        lacking: dict[str, set[str]] = {}
        for view in views:
            if not sight.is_settled(view):
                lacking.setdefault(view.pull.head_sha, set()).update(view.lacking)
        shown = Shown.read(self.side, self.github, repo, lacking)
        final = shown.final(lacking)
        done = by_sha(final)
        read = []
        for view in views:
            sha = view.pull.head_sha
            if sha in shown.failed:
                tries.failed(str(view.pull.ref), shown.failed[sha])
            read.append(
                replace(
                    view,
                    lacking=without(view.lacking, done.get(sha, ())),
                    is_unread=sha in shown.failed,
                )
            )
        return read, final

    def _expected(self, repo: str, base: str) -> tuple[str, ...]:
        """The contexts every head there gets, be it with a word instead of a build."""
        if self.config.for_repo(repo).mode is Mode.OBSERVE:
            return ()
        built = [b.context for b in self.config.builds_for(repo, base) if not b.is_on_command]
        return (*built, *self._checks(repo))

    def _checks(self, repo: str) -> tuple[str, ...]:
        policy = self.config.policy_for(repo)
        if policy is None:
            return ()
        parts = {
            Check.SIGN_OFF: policy.sign_off,
            Check.DOCS: policy.docs,
            Check.TESTS: policy.tests,
        }
        return tuple(
            policy.contexts[check]
            for check, part in parts.items()
            if part is not None and part.mode is CheckMode.REQUIRED
        )

    def _contexts(self, repo: str) -> frozenset[str]:
        """What is configured, ``{branch}`` left as it is."""
        builds = (build.context for build in self.config.builds_for(repo))
        return frozenset(context.lower() for context in (*builds, *self._checks(repo)))

    def _new_contexts(self, repo: str, bases: set[str], seen: frozenset[str]) -> frozenset[str]:
        """Contexts that nobody has asked for there so far."""
        builds = [b for b in self.config.builds_for(repo) if b.context.lower() not in seen]
        contexts = (filled(build, repo, base).context for build in builds for base in bases)
        return frozenset(c.lower() for c in (*contexts, *self._checks(repo))) - seen

    def _said(
        self,
        repo: str,
        then: SweptRepo | None,
        pulls: Sequence[tuple[SweepView, Verdict]],
        tries: Tries,
    ) -> Said:
        """All that was said since the last sweep; at the first, nobody was waiting for us."""
        if then is None or not self._has_pulls(repo):
            return Said()
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
