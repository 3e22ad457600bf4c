"""What must stand on GitHub and Jenkins, and what differs from it. Pure: data in, lines out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from leeroy.demo.cast import DOCS, DOCS_JOB, SIGN_OFF, TEST, TEST_JOB, TESTS
from patchparser.messages import all_good_comment

ROUNDER, BAGS, WEIGHT, SIZES = 1, 2, 3, 4
SIGNED = {SIGN_OFF: "success", TESTS: "success"}


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands on one head of a pull request."""

    pull: int
    #: Which of its heads: 1 is the one it was opened with.
    push: int
    #: Context -> state, as GitHub shows them.
    statuses: Mapping[str, str]
    #: Job -> how many builds of this commit Jenkins made.
    builds: Mapping[str, int] = field(default_factory=dict)


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
    ),
    conversations=(
        Conversation(pull=ROUNDER),
        Conversation(pull=SIZES, labels=frozenset({"area/docs"})),
        Conversation(pull=BAGS, labels=frozenset({"area/docs"})),
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
        where = f"#{head.pull} push {head.push}"
        if found is None:
            yield f"{where}: was never there"
            continue
        yield from _compared(where, head.statuses, found.statuses)
        yield from _compared(f"{where}: builds", head.builds, found.builds)
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
