"""Read the watched branches of a repository, and those of its merge queue, for the sweep."""

import re
from collections.abc import Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog

from leeroy.config import Branch, Config, MergeGroup
from leeroy.errors import Permanent, Transient
from leeroy.model import BranchRef, Status, SweptRepo
from leeroy.store import Store
from leeroy.worker.sweep.shown import Shown, ShowsStatuses, by_sha, without
from leeroy.worker.sweep.unread import Tries
from patchparser.globs import matches

log = structlog.get_logger()

#: GitHub makes the branches of its merge queue here: leeroy/config/merge_groups.py.
MERGE_QUEUE = "gh-readonly-queue/"
#: What a glob of branches begins with, as far as every letter stands for itself.
_PLAIN = re.compile(r"[^*?\[\]{}()!+@|\\]*")


class ListsBranches(ShowsStatuses, Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def heads_below(self, repo: str, prefix: str) -> dict[str, str | None]: ...


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


@dataclass(kw_only=True)
class Heads:
    """Where the branches are that GitHub could list."""

    shas: dict[str, str] = field(default_factory=dict)
    #: What the names of those begin with that were listed: what is not among them is gone.
    listed: list[str] = field(default_factory=list)
    #: Branches of which nothing can be said.
    unread: set[str] = field(default_factory=set)

    def were_listed(self, branch: str) -> bool:
        """Were it there, it would be known."""
        return branch.startswith(tuple(self.listed)) and branch not in self.unread


@dataclass(frozen=True, kw_only=True)
class SweptBranches:
    """Compares branches with what the store knows of them."""

    config: Config
    store: Store
    github: ListsBranches
    side: Executor

    def read(
        self, repo: str, then: SweptRepo | None, tries: Tries, *, is_by_hand: bool
    ) -> BranchesView:
        """Which of them moved, came or went; of what cannot be read, nothing is said."""
        watched = [b for b in self.config.branches if b.is_for(repo) and b.jenkins_job_name]
        heads = self._heads(repo, watched, tries)
        news = self._news(repo, heads)
        had = self.store.contexts_at(repo, {one.head for one in news if one.head})
        lacking = {
            one.head: without(
                tuple(j.context for j in self.config.jobs_for_push(repo, one.ref.branch)),
                had.get(one.head, ()),
            )
            for one in news
            if one.head
        }
        wanted = {sha for sha, contexts in lacking.items() if contexts}
        shown = Shown.read(self.side, self.github, repo, wanted)
        for one in news:
            if one.head in shown.failed:
                tries.failed(str(one.ref), shown.failed[one.head])
                heads.unread.add(one.ref.branch)
        final = shown.final(lacking)
        done = by_sha(final)
        seen = then.known if then is not None else frozenset()
        first = [b.branch for b in watched if _named(b.branch) not in seen]
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
                if one.ref.branch not in heads.unread
            ),
            shown=final,
            known=frozenset(_named(b.branch) for b in watched if _was_read(b.branch, heads)),
        )

    def _heads(self, repo: str, watched: Collection[Branch], tries: Tries) -> Heads:
        heads = Heads()
        for prefix in sorted({_plain_part(each.branch) for each in watched}):
            found = tries.read(repo, partial(self.github.heads_below, repo, prefix))
            self._take(repo, prefix, found, heads, tries)
        if self.config.builds_for(repo):
            found = tries.read(repo, partial(self._merge_queue, repo))
            self._take(repo, MERGE_QUEUE, found, heads, tries)
        return heads

    def _take(
        self,
        repo: str,
        prefix: str,
        found: Mapping[str, str | None] | None,
        heads: Heads,
        tries: Tries,
    ) -> None:
        if found is None:
            return
        heads.listed.append(prefix)
        for branch, sha in found.items():
            if sha is not None:
                heads.shas[branch] = sha
            elif branch not in heads.unread:
                heads.unread.add(branch)
                error = Transient("GitHub lists it, and not which commit it points to")
                tries.failed(str(BranchRef(repo, branch)), error)

    def _news(self, repo: str, heads: Heads) -> list[BranchNews]:
        known = self.store.known_branches(repo)
        listed = {branch for branch in known if heads.were_listed(branch)}
        return [
            BranchNews(
                ref=BranchRef(repo, branch),
                last=known.get(branch, ""),
                head=heads.shas.get(branch, ""),
            )
            for branch in sorted({*heads.shas, *listed})
            if heads.shas.get(branch, "") != known.get(branch, "")
            and self.config.jobs_for_push(repo, branch)
        ]

    def _merge_queue(self, repo: str) -> dict[str, str | None]:
        try:
            return self.github.heads_below(repo, MERGE_QUEUE)
        except Permanent as exc:
            # A token that may not read contents can build pull requests all the same.
            log.info("the merge queue is not swept", repo=repo, error=str(exc))
            return {}


def _is_first(news: BranchNews, first: Collection[str]) -> bool:
    """No setting watched it before; GitHub makes the merge queue's branches to be built at once."""
    if news.last or not news.head or MergeGroup.parse(news.ref.branch) is not None:
        return False
    return any(matches(glob, news.ref.branch) for glob in first)


def _was_read(glob: str, heads: Heads) -> bool:
    """All branches it watches were seen: from now on what comes there is news."""
    is_listed = _plain_part(glob) in heads.listed
    return is_listed and not any(matches(glob, branch) for branch in heads.unread)


def _named(glob: str) -> str:
    return f"branch {glob}"


def _plain_part(glob: str) -> str:
    """What all branches of a glob begin with.

    >>> _plain_part("release/*"), _plain_part("main"), _plain_part("*")
    ('release/', 'main', '')
    """
    found = _PLAIN.match(glob)
    return found[0] if found else ""
