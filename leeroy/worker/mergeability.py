"""When to ask GitHub again whether pull requests can be merged: it never tells of that by itself.

It works the answer out after it was asked for, and forgets it when the base moves.
https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
"""

from collections.abc import Iterable, Sequence

from leeroy.config import Config
from leeroy.hints import PAUSES, BaseMovedHint, MergeableHint
from leeroy.model import RepoRef
from leeroy.queue import KeptHint, NewHint, Queue
from leeroy.store import Store

#: So many pull requests are looked at when their base moved: each costs two calls that are not
#: free, and a busy base moves every few minutes of the hour that 5,000 calls are for.
MOST_AT_ONCE = 50
#: Nobody waits for these looks as for a push of his own.
PRIORITY = 10


def ask_again(queue: Queue, subject: str, hints: Sequence[KeptHint]) -> None:
    """Make the subject due once more, later each time; what is due sooner anyway is enough."""
    asked = [kept.hint.tries for kept in hints if isinstance(kept.hint, MergeableHint)]
    tries = max(asked, default=0) if len(asked) == len(hints) else 0
    pauses = PAUSES[MergeableHint]
    if tries >= len(pauses):
        return
    pause, seen = pauses[tries], {kept.id for kept in hints}
    by_then = queue.now() + pause
    waiting = (
        kept
        for kept in queue.hints_of_subject(subject)
        if isinstance(kept.hint, MergeableHint) and kept.handled is None and kept.id not in seen
    )
    if all(kept.due > by_then for kept in waiting):
        queue.put(subject, MergeableHint(tries=tries + 1), delay=pause, priority=PRIORITY)


def onto_moved_bases(
    config: Config, store: Store, ref: RepoRef, hints: Iterable[KeptHint]
) -> list[NewHint]:
    """The looks that pushes to base branches ask for: first at what was in conflict."""
    conflicts = config.for_repo(ref.repo).conflicts
    moved = sorted({kept.hint.branch for kept in hints if isinstance(kept.hint, BaseMovedHint)})
    if conflicts is None:
        return []
    return [
        NewHint(subject=str(pull), hint=BaseMovedHint(branch=branch), priority=PRIORITY)
        for branch in moved
        for pull in store.open_pulls_onto(
            ref.repo, branch, context=conflicts.context, limit=MOST_AT_ONCE
        )
    ]
