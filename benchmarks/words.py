"""What words and their verdict cost an ordinary look: one pull request with a commit of its own.

    python -m benchmarks.words

CPU of the thread, medians; waiting for the disk is not in it. "Without" is what a look did that
takes its commits for its own: read the statuses it wrote, and write down the new ones.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import event

from leeroy.database import migrate, open_database
from leeroy.deciding.words import Life, Word, WordRank, verdict
from leeroy.model import PullRef, Status, StatusState
from leeroy.store import Store

REPO = "acme/widgets"
ROUNDS = 300
#: Contexts of a pull request.
CONTEXTS = (1, 2, 10)
#: Words that are in the store already: two contexts each of so many pull requests.
OTHERS = 2_000


def main() -> None:
    """Measure and print a table."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        engine = open_database(f"sqlite:///{os.path.abspath(folder)}/leeroy.db")
        # What is measured is CPU; so many commits that outlive a power cut would take minutes.
        event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA synchronous = OFF"))
        migrate(engine)
        store = Store(engine)
        for number in range(OTHERS):
            say(store, PullRef(REPO, 10_000 + number), f"{number:040x}", 2, "0")
        print(f"{'ms of CPU, contexts:':30}" + "".join(f"{count:>8}" for count in CONTEXTS))
        rows = {
            "a change without words": lambda n, i: without(store, f"f{n:039}", n, str(i)),
            "a change with words": lambda n, i: say(store, PullRef(REPO, n), f"{n:040}", n, str(i)),
            "reading, nothing changes": lambda n, i: store.heard(PullRef(REPO, n), [f"{n:040}"]),
            "the verdict of one context": lambda n, i: verdict([a_word(PullRef(REPO, n), "c", "")]),
        }
        for name, do in rows.items():
            print(f"{name:30}" + "".join(f"{measure(do, count):8.2f}" for count in CONTEXTS))
        engine.dispose()


def measure(do: Callable[[int, int], object], count: int) -> float:
    """Milliseconds of CPU that one call takes."""
    took = []
    for round_ in range(ROUNDS):
        began = time.thread_time()
        do(count, round_)
        took.append(time.thread_time() - began)
    return statistics.median(took) * 1000


def without(store: Store, sha: str, contexts: int, text: str) -> None:
    """As if nobody else could have the commit."""
    store.written_statuses(REPO, [sha])
    words = [a_word(PullRef(REPO, 1), f"ci/{n}", text) for n in range(contexts)]
    store.save_statuses(REPO, [(sha, word.status) for word in words])


def say(store: Store, pull: PullRef, sha: str, contexts: int, text: str) -> None:
    """What a look does with the store to write as many statuses."""
    store.heard(pull, [sha])
    words = {(sha, f"ci/{n}"): a_word(pull, f"ci/{n}", text) for n in range(contexts)}
    begun = store.begin_writes(pull, words, words.keys(), {})
    assert len(begun.writes) == contexts
    store.end_writes(pull, begun.writes)
    assert as_written(begun.writes) == {word.text for word in words.values()}


def as_written(writes: tuple[tuple[str, Status], ...]) -> set[str]:
    """The texts, without whose they are."""
    return {status.description.rpartition(": ")[2] for _, status in writes}


def a_word(pull: PullRef, context: str, text: str) -> Word:
    """A build's."""
    word = Word(
        subject=pull,
        context=context,
        state=StatusState.PENDING,
        text="Queued in Jenkins",
        base="main",
        rank=WordRank.UNDER_WAY,
        is_vouched=True,
        life=Life.OPEN,
    )
    return replace(word, text=f"Build #{text} is running")


if __name__ == "__main__":
    main()
