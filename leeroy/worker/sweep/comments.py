"""What was said since the last sweep, and which of it asks for something."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from leeroy.deciding.commands import parse_commands
from leeroy.deciding.missing import SweepView
from leeroy.errors import NotFound
from leeroy.model import Comment, OddEntry, PullRef
from leeroy.store import Store
from leeroy.worker.side import each
from leeroy.worker.sweep.unread import Tries

#: What GitHub answers where issues are switched off; pull requests have conversations all the same.
GONE = 410

Entries = tuple[Comment | OddEntry, ...]


class ListsComments(Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def comments_since(self, repo: str, since: datetime) -> Entries: ...
    def comments_on(self, pull: PullRef) -> Entries: ...
    def review_comments(self, pull: PullRef) -> Entries: ...
    def reviews(self, pull: PullRef) -> Entries: ...


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a sweep heard."""

    #: Comments that ask for something nobody has answered.
    asking: tuple[Comment, ...] = ()
    #: Up to here all was heard, by GitHub's clock; None: not even that is known.
    until: float | None = 0.0
    #: Pull requests, by number, where something cannot be read: the next sweep asks again.
    unheard: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class SweptComments:
    """Reads comments, and keeps those that ask for something."""

    store: Store
    github: ListsComments
    side: Executor
    login_for: Callable[[str], str]

    def read(self, repo: str, mark: float, lively: Sequence[SweepView], tries: Tries) -> Said:
        """What was said since ``mark``: on all conversations, and in reviews of lively ones."""
        said: list[Comment] = []
        until: float | None = 0.0
        ways: list[Callable[[PullRef], Entries]] = [self.github.reviews]
        ways.append(self.github.review_comments)
        try:
            since = datetime.fromtimestamp(mark, UTC)
            said += tries.sound(repo, self.github.comments_since(repo, since))
        except NotFound as exc:
            if exc.status == GONE:
                ways.append(self.github.comments_on)
            else:
                tries.failed(repo, exc)
                until = None
        except Exception as exc:  # noqa: BLE001 - told, and the rest is read
            tries.failed(repo, exc)
            until = None
        if until is not None:
            until = max((comment.updated for comment in said), default=0.0)
        # These GitHub lists for one pull request at a time.
        asked = [(view, way) for view in lively for way in ways]
        unheard: set[int] = set()
        for (view, _), found, error in each(self.side, lambda a: a[1](a[0].pull.ref), asked):
            ref = view.pull.ref
            if error is not None:
                tries.failed(str(ref), error)
                unheard.add(ref.number)
            heard = tries.sound(str(ref), found or ())
            said += (comment for comment in heard if _is_news(comment, view, mark))
        return Said(asking=self._asking(repo, said, tries), until=until, unheard=frozenset(unheard))

    def _asking(self, repo: str, said: Iterable[Comment], tries: Tries) -> tuple[Comment, ...]:
        asking = [
            comment
            for comment in said
            if tries.read(str(comment.pull), partial(self._may_ask, repo, comment))
        ]
        if not asking:
            return ()
        # Where GitHub does not say who we are, the look that follows knows our words by itself.
        login = (tries.read(repo, lambda: self.login_for(repo)) or "").lower()
        return tuple(comment for comment in asking if comment.author.lower() != login)

    def _may_ask(self, repo: str, comment: Comment) -> bool:
        return (
            comment.is_on_pull
            and not comment.is_edited
            and not comment.author_is_bot
            and bool(parse_commands(comment.body))
            and not self.store.was_obeyed(repo, comment.kind, comment.id)
        )


def _is_news(comment: Comment, view: SweepView, mark: float) -> bool:
    """Said since the last sweep, or since the last one that could read that pull request."""
    heard = view.swept.updated if view.swept is not None else mark
    return comment.updated >= mark or comment.updated > heard
