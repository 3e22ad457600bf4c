"""What GitHub shows of commits, for the sweep: what counts as done, and what of ours is not there."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

from leeroy.model import Status, StatusState
from leeroy.store.builds import KeptStatus
from leeroy.worker.side import each


class ShowsStatuses(Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def statuses(self, repo: str, sha: str) -> tuple[Status, ...]: ...
    def status_writers(self, repo: str, sha: str) -> dict[str, str]: ...


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The statuses GitHub shows of some commits, by sha and context in lower case."""

    statuses: Mapping[str, Mapping[str, Status]]
    #: Why it does not show those of others.
    failed: Mapping[str, Exception]

    @classmethod
    def read(cls, side: Executor, github: ShowsStatuses, repo: str, shas: Iterable[str]) -> "Shown":
        """Ask for every commit; one that cannot be read costs only itself."""
        statuses: dict[str, Mapping[str, Status]] = {}
        failed: dict[str, Exception] = {}
        for sha, shown, error in each(side, lambda sha: github.statuses(repo, sha), sorted(shas)):
            if error is not None:
                failed[sha] = error
            else:
                statuses[sha] = {status.context.lower(): status for status in shown or ()}
        return cls(statuses=statuses, failed=failed)

    def final(self, lacking: Mapping[str, Collection[str]]) -> tuple[tuple[str, Status], ...]:
        """The statuses, by sha, of contexts that lack there, where they are final."""
        return tuple(
            (sha, status)
            for sha, contexts in lacking.items()
            for context in sorted({context.lower() for context in contexts})
            if (status := self.statuses.get(sha, {}).get(context)) is not None
            and status.state is not StatusState.PENDING
        )

    def lost(
        self,
        written: Iterable[KeptStatus],
        writer_of: Callable[[str, str], str | None],
        is_ours: Callable[[str], bool],
    ) -> Iterator[KeptStatus]:
        """What we wrote and GitHub does not show, unless somebody else has said something since.

        ``writer_of`` a sha and context is asked only where GitHub shows something else.
        """
        for one in written:
            if one.sha not in self.statuses:
                continue
            context = one.status.context.lower()
            shown = self.statuses[one.sha].get(context)
            if shown is None:
                yield one
            elif _gist(shown) != _gist(one.status):
                writer = writer_of(one.sha, context)
                if writer is not None and is_ours(writer):
                    yield one


def without(contexts: tuple[str, ...], had: Collection[str]) -> tuple[str, ...]:
    """Those contexts that are not among the others; GitHub compares them without case.

    >>> without(("ci/Linux", "docs"), ["CI/linux"])
    ('docs',)
    """
    keys = {context.lower() for context in had}
    return tuple(context for context in contexts if context.lower() not in keys)


def by_sha(shown: Iterable[tuple[str, Status]]) -> dict[str, list[str]]:
    """The contexts of statuses, by sha."""
    contexts: dict[str, list[str]] = {}
    for sha, status in shown:
        contexts.setdefault(sha, []).append(status.context)
    return contexts


#: GitHub has room for 140, the last of which says that there was more.
_COMPARED_LETTERS = 139


def _gist(status: Status) -> tuple[StatusState, str]:
    """What counts of a status; the same before and after GitHub kept it."""
    words = status.description[:_COMPARED_LETTERS]
    return status.state, "".join(one for one in words if one.isascii() and one.isalnum())
