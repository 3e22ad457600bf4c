"""What must stand on GitHub and Jenkins, and what differs from it. Pure: data in, lines out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from leeroy.demo.cast import (
    BINARIES,
    BINARIES_JOB,
    DOCS,
    DOCS_JOB,
    MAIN,
    SIGN_OFF,
    TEST,
    TEST_JOB,
    TESTS,
)
from patchparser.messages import all_good_comment

ROUNDER, BAGS, WEIGHT, SIZES, PRICES, RETURNS = 1, 2, 3, 4, 5, 6
SIGNED = {SIGN_OFF: "success", TESTS: "success"}


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands on one head of a pull request, or of the branch main."""

    #: None: of main.
    pull: int | None
    #: Which of its heads: 1 is the one a pull request was opened with, or the first push to main.
    push: int
    #: Context -> state, as GitHub shows them.
    statuses: Mapping[str, str]
    #: Job -> how many builds of this commit Jenkins made.
    builds: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{MAIN if self.pull is None else f'#{self.pull}'} push {self.push}"


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """What stands on a pull request beside its statuses."""

    pull: int
    labels: frozenset[str] = frozenset()
    #: How many Leeroy wrote.
    comments: int = 0
    #: Words of the last of them.
    last: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Several heads and conversations, expected or seen."""

    heads: tuple[Head, ...] = ()
    conversations: tuple[Conversation, ...] = ()


#: Right after the third pull request was opened.
WEIGHT_LACKS = Standing(
    heads=(
        Head(
            pull=WEIGHT,
            push=1,
            statuses={TEST: "success", DOCS: "success", SIGN_OFF: "failure", TESTS: "failure"},
            builds={TEST_JOB: 1},
        ),
    ),
    conversations=(
        Conversation(
            pull=WEIGHT, labels=frozenset({"dco/no", "needs-tests"}), comments=1, last="--weight"
        ),
    ),
)

#: Before a maintainer has looked at the fourth.
SIZES_WAIT = Standing(
    heads=(
        Head(pull=SIZES, push=1, statuses={TEST: "pending", DOCS: "pending", **SIGNED}, builds={}),
    ),
)

#: While the disk that builds share is away.
PRICES_FAIL = Standing(
    heads=(
        Head(
            pull=PRICES,
            push=1,
            statuses={TEST: "failure", DOCS: "success", **SIGNED},
            builds={TEST_JOB: 1, DOCS_JOB: 1},
        ),
    ),
)

#: When the story is over.
AT_THE_END = Standing(
    heads=(
        # Built twice: the second time because somebody asked.
        Head(
            pull=ROUNDER,
            push=1,
            statuses={TEST: "success", DOCS: "success", **SIGNED},
            builds={TEST_JOB: 2},
        ),
        Head(
            pull=BAGS,
            push=1,
            statuses={TEST: "failure", DOCS: "error", **SIGNED},
            builds={TEST_JOB: 1, DOCS_JOB: 1},
        ),
        Head(
            pull=BAGS,
            push=2,
            statuses={TEST: "success", DOCS: "success", **SIGNED},
            builds={TEST_JOB: 1, DOCS_JOB: 1},
        ),
        *WEIGHT_LACKS.heads,
        Head(
            pull=WEIGHT,
            push=2,
            statuses={TEST: "success", DOCS: "success", **SIGNED},
            builds={TEST_JOB: 1, DOCS_JOB: 1},
        ),
        Head(
            pull=SIZES,
            push=1,
            statuses={TEST: "success", DOCS: "success", **SIGNED},
            builds={TEST_JOB: 1, DOCS_JOB: 1},
        ),
        # The tests again because alice asked, the docs not: they were good.
        Head(
            pull=PRICES,
            push=1,
            statuses={TEST: "success", DOCS: "success", **SIGNED},
            builds={TEST_JOB: 2, DOCS_JOB: 1},
        ),
        # No build could tell anything of a page, and still nobody waits for the tests' status.
        Head(
            pull=RETURNS,
            push=1,
            statuses={TEST: "success", DOCS: "success", **SIGNED},
            builds={DOCS_JOB: 1},
        ),
        # Code alone, then a page.
        Head(
            pull=None,
            push=1,
            statuses={BINARIES: "success", DOCS: "success"},
            builds={BINARIES_JOB: 1},
        ),
        Head(
            pull=None,
            push=2,
            statuses={BINARIES: "success", DOCS: "success"},
            builds={BINARIES_JOB: 1, DOCS_JOB: 1},
        ),
    ),
    conversations=(
        Conversation(pull=ROUNDER),
        Conversation(pull=BAGS, labels=frozenset({"area/docs"})),
        Conversation(pull=SIZES, labels=frozenset({"area/docs"})),
        Conversation(pull=PRICES, labels=frozenset({"area/docs"})),
        Conversation(pull=RETURNS, labels=frozenset({"area/docs"})),
        Conversation(
            pull=WEIGHT, labels=frozenset({"area/docs"}), comments=1, last=all_good_comment()
        ),
    ),
)


def differences(expected: Standing, seen: Standing) -> Iterator[str]:
    """What is otherwise than expected, line by line; what is not spoken of is not compared.

    >>> want = Standing(heads=(Head(pull=1, push=1, statuses={"ci": "success"}),))
    >>> seen = Standing(heads=(Head(pull=1, push=1, statuses={"ci": "failure", "x": "error"}),))
    >>> list(differences(want, want))
    []
    >>> for line in differences(want, seen): print(line)
    #1 push 1: ci is failure, not success
    #1 push 1: x is error, and nobody expected it
    """
    heads = {(head.pull, head.push): head for head in seen.heads}
    for head in expected.heads:
        found = heads.get((head.pull, head.push))
        if found is None:
            yield f"{head}: was never there"
            continue
        yield from _compared(str(head), head.statuses, found.statuses)
        yield from _compared(f"{head}: builds", head.builds, found.builds)
    conversations = {one.pull: one for one in seen.conversations}
    for conversation in expected.conversations:
        there = conversations.get(conversation.pull)
        if there is not None:
            yield from _conversation(conversation, there)


def _compared(
    where: str, expected: Mapping[str, object], seen: Mapping[str, object]
) -> Iterator[str]:
    for name, value in expected.items():
        if name not in seen:
            yield f"{where}: {name} is missing, not {value}"
        elif seen[name] != value:
            yield f"{where}: {name} is {seen[name]}, not {value}"
    for name, value in seen.items():
        if name not in expected:
            yield f"{where}: {name} is {value}, and nobody expected it"


def _conversation(expected: Conversation, seen: Conversation) -> Iterator[str]:
    where = f"#{expected.pull}"
    for label in sorted(expected.labels - seen.labels):
        yield f"{where}: label {label} is missing"
    for label in sorted(seen.labels - expected.labels):
        yield f"{where}: label {label} is on, and nobody expected it"
    if seen.comments != expected.comments:
        yield f"{where}: {seen.comments} comments by Leeroy, not {expected.comments}"
    elif expected.last not in seen.last:
        yield f"{where}: Leeroy's comment does not say: {expected.last}"
