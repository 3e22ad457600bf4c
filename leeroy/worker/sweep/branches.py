"""Read the watched branches of a repository, and those of its merge queue, for the sweep."""

import re
from collections.abc import Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

import structlog

from leeroy.config import Config, MergeGroup
from leeroy.errors import Permanent
from leeroy.model import BranchRef, Status, StatusState, SweptRepo
from leeroy.store import Store
from leeroy.worker.side import each
from patchparser.globs import matches

log = structlog.get_logger()

#: The kind of hint that a sweep puts.
SWEPT = "sweep"
#: GitHub makes the branches of its merge queue here: leeroy/config/merge_groups.py.
MERGE_QUEUE = "gh-readonly-queue/"
#: What a glob of branches begins with, as far as every letter stands for itself.
_PLAIN = re.compile(r"[^*?\[\]{}()!+@|\\]*")


class ListsBranches(Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def heads_below(self, repo: str, prefix: str) -> dict[str, str]: ...
    def statuses(self, repo: str, sha: str) -> tuple[Status, ...]: ...


@dataclass(frozen=True, kw_only=True)
class BranchNews:
    """A watched branch that is not where we know it."""

    ref: BranchRef
    #: Where its pushes were handled last; empty: none was.
    last: str
    #: Where it is now; empty: it was deleted.
    head: str
    #: Contexts that neither our store nor GitHub has for its head.
    lacking: tuple[str, ...] = ()
    #: Nobody has watched it before: what follows is built, what is there is only reported.
    is_first: bool = False


@dataclass(frozen=True, kw_only=True)
class BranchesView:
    """What a sweep saw of a repository's branches."""

    news: tuple[BranchNews, ...]
    #: Final statuses of heads we never built, by sha.
    shown: tuple[tuple[str, Status], ...]
    #: The settings that watch them, to know the next time which of them are new.
    known: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class SweptBranches:
    """Compares branches with what the store knows of them."""

    config: Config
    store: Store
    github: ListsBranches
    side: Executor

    def read(self, repo: str, then: SweptRepo | None, *, is_by_hand: bool) -> BranchesView:
        """Which of them moved, came or went."""
        watched = [b for b in self.config.branches if b.is_for(repo) and b.jenkins_job_name]
        prefixes = sorted({_plain_part(each.branch) for each in watched})
        heads: dict[str, str] = {}
        for prefix in prefixes:
            heads.update(self.github.heads_below(repo, prefix))
        if self.config.builds_for(repo):
            prefixes.append(MERGE_QUEUE)
            heads.update(self._merge_queue(repo))
        seen = then.known if then is not None else frozenset()
        first = [b.branch for b in watched if _named(b.branch) not in seen]
        news = self._news(repo, heads, prefixes)
        had = self.store.contexts_at(repo, {one.head for one in news if one.head})
        lacking = {
            one.head: without(
                tuple(j.context for j in self.config.jobs_for_push(repo, one.ref.branch)),
                had.get(one.head, ()),
            )
            for one in news
            if one.head
        }
        shown = final_statuses(self.side, self.github, repo, lacking)
        done: dict[str, list[str]] = {}
        for sha, status in shown:
            done.setdefault(sha, []).append(status.context)
        return BranchesView(
            news=tuple(
                BranchNews(
                    ref=one.ref,
                    last=one.last,
                    head=one.head,
                    lacking=without(lacking.get(one.head, ()), done.get(one.head, ())),
                    is_first=not is_by_hand and _is_first(one, first),
                )
                for one in news
            ),
            shown=shown,
            known=frozenset(_named(b.branch) for b in watched),
        )

    def _news(
        self, repo: str, heads: Mapping[str, str], prefixes: Collection[str]
    ) -> list[BranchNews]:
        known = self.store.known_branches(repo)
        listed = {b for b in known if b.startswith(tuple(prefixes))}
        return [
            BranchNews(
                ref=BranchRef(repo, branch),
                last=known.get(branch, ""),
                head=heads.get(branch, ""),
            )
            for branch in sorted({*heads, *listed})
            if heads.get(branch, "") != known.get(branch, "")
            and self.config.jobs_for_push(repo, branch)
        ]

    def _merge_queue(self, repo: str) -> dict[str, str]:
        try:
            return self.github.heads_below(repo, MERGE_QUEUE)
        except Permanent as exc:
            # A token that may not read contents can build pull requests all the same.
            log.info("the merge queue is not swept", repo=repo, error=str(exc))
            return {}


def final_statuses(
    side: Executor, github: ListsBranches, repo: str, lacking: Mapping[str, Collection[str]]
) -> tuple[tuple[str, Status], ...]:
    """The statuses GitHub shows, by sha, of contexts that lack there, where they are final."""
    shas = [sha for sha, contexts in lacking.items() if contexts]
    found: list[tuple[str, Status]] = []
    for sha, statuses, error in each(side, lambda sha: github.statuses(repo, sha), shas):
        if error is not None:
            raise error
        wanted = {context.lower() for context in lacking[sha]}
        found += [
            (sha, status)
            for status in statuses or ()
            if status.context.lower() in wanted and status.state is not StatusState.PENDING
        ]
    return tuple(found)


def without(contexts: tuple[str, ...], had: Collection[str]) -> tuple[str, ...]:
    """Those contexts that are not among the others; GitHub compares them without case.

    >>> without(("ci/Linux", "docs"), ["CI/linux"])
    ('docs',)
    """
    keys = {context.lower() for context in had}
    return tuple(context for context in contexts if context.lower() not in keys)


def _is_first(news: BranchNews, first: Collection[str]) -> bool:
    """No setting watched it before; GitHub makes the merge queue's branches to be built at once."""
    if news.last or not news.head or MergeGroup.parse(news.ref.branch) is not None:
        return False
    return any(matches(glob, news.ref.branch) for glob in first)


def _named(glob: str) -> str:
    return f"branch {glob}"


def _plain_part(glob: str) -> str:
    """What all branches of a glob begin with.

    >>> _plain_part("release/*"), _plain_part("main"), _plain_part("*")
    ('release/', 'main', '')
    """
    found = _PLAIN.match(glob)
    return found[0] if found else ""
