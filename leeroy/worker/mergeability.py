"""When to ask GitHub again whether pull requests can be merged: it never tells of that by itself.

It works the answer out after it was asked for, and forgets it when the base moves.
https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
"""

from collections.abc import Iterable, Sequence

from leeroy.config import Config
from leeroy.model import RepoRef
from leeroy.queue import Hint, NewHint, Queue
from leeroy.store import Store

#: Kinds of hints: GitHub did not know yet; the base moved.
MERGEABLE, BASE_MOVED = "mergeable", "base moved"

#: Seconds between asking and asking again. It mostly knows after one or two; after the last it
#: is left to the next delivery or sweep.
PAUSES = (2.0, 5.0, 15.0, 60.0, 300.0)

#: So many pull requests are looked at when their base moved: each costs two calls that are not
#: free, and a busy base moves every few minutes of the hour that 5,000 calls are for.
MOST_AT_ONCE = 50
#: Nobody waits for these looks as for a push of his own.
PRIORITY = 10


def ask_again(queue: Queue, subject: str, hints: Sequence[Hint]) -> None:
    """Make the subject due once more, later each time; what is due sooner anyway is enough."""
    tries = 0
    if all(hint.kind == MERGEABLE for hint in hints):
        tries = max((int(str(hint.data.get("tries", 0))) for hint in hints), default=0)
    if tries >= len(PAUSES):
        return
    pause, seen = PAUSES[tries], {hint.id for hint in hints}
    by_then = queue.now() + pause
    waiting = (hint for hint in queue.hints_of_subject(subject) if hint.handled is None)
    if any(h.kind == MERGEABLE and h.id not in seen and h.due <= by_then for h in waiting):
        return
    queue.put(
        subject,
        kind=MERGEABLE,
        ref=f"try {tries + 1}",
        data={"tries": tries + 1},
        delay=pause,
        priority=PRIORITY,
    )


def onto_moved_bases(
    config: Config, store: Store, ref: RepoRef, hints: Iterable[Hint]
) -> list[NewHint]:
    """The looks that pushes to base branches ask for: first at what was in conflict."""
    conflicts = config.for_repo(ref.repo).conflicts
    moved = sorted({str(hint.data.get("branch")) for hint in hints if hint.kind == BASE_MOVED})
    if conflicts is None:
        return []
    return [
        NewHint(subject=str(pull), kind=BASE_MOVED, ref=branch, priority=PRIORITY)
        for branch in moved
        for pull in store.open_pulls_onto(
            ref.repo, branch, context=conflicts.context, limit=MOST_AT_ONCE
        )
    ]
