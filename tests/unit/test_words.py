"""What stands on a commit that several share: the table of ranks, and what holds of any words."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leeroy.deciding.messages import DESCRIPTION_LIMIT
from leeroy.deciding.words import Life, Word, WordRank, end_of, speaker, verdict, whose
from leeroy.model import BranchRef, PullRef, Status, StatusState

REPO = "acme/widgets"
MAIN = BranchRef(REPO, "main")
GROUP = BranchRef(REPO, f"gh-readonly-queue/main/pr-3-{'b' * 40}")

STATE_OF = {
    WordRank.FAILED: StatusState.FAILURE,
    WordRank.UNDER_WAY: StatusState.PENDING,
    WordRank.HELD: StatusState.PENDING,
    WordRank.SUCCEEDED: StatusState.SUCCESS,
    WordRank.BLOCKED: StatusState.PENDING,
    WordRank.EXCUSED: StatusState.SUCCESS,
}


def a_word(subject=1, rank=WordRank.SUCCEEDED, **fields):
    if isinstance(subject, int):
        subject = PullRef(REPO, subject)
    whole = {
        "subject": subject,
        "context": "janky",
        "state": STATE_OF[rank],
        "text": f"{rank.name} of {subject}",
        "base": "main",
        "rank": rank,
        "is_vouched": True,
        **fields,
    }
    return Word(**whole)


def stranger(number, rank, **fields):
    return a_word(number, rank, is_vouched=False, **fields)


ERROR = a_word(1, WordRank.FAILED, state=StatusState.ERROR)


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        pytest.param([a_word(1)], 1, id="alone"),
        pytest.param([a_word(1), a_word(2, WordRank.FAILED)], 2, id="failure over success"),
        pytest.param([ERROR, a_word(2, WordRank.FAILED)], 2, id="failure over error"),
        pytest.param([ERROR, a_word(2, WordRank.UNDER_WAY)], 1, id="error over under way"),
        pytest.param([a_word(1), a_word(2, WordRank.UNDER_WAY)], 2, id="under way over success"),
        pytest.param([a_word(1), a_word(2, WordRank.HELD)], 2, id="what would be merged waits"),
        pytest.param([a_word(1), a_word(2, WordRank.BLOCKED)], 1, id="a draft is not merged"),
        pytest.param([a_word(1), a_word(2, WordRank.EXCUSED)], 1, id="a build over an excuse"),
        pytest.param(
            [a_word(1, WordRank.EXCUSED), a_word(2, WordRank.BLOCKED)], 2, id="an excuse is last"
        ),
        pytest.param(
            [a_word(1), stranger(2, WordRank.FAILED)], 1, id="a stranger takes no green away"
        ),
        pytest.param(
            [a_word(1, WordRank.FAILED), stranger(2, WordRank.SUCCEEDED)], 1, id="and gives none"
        ),
        pytest.param(
            [a_word(9), stranger(2, WordRank.HELD)], 9, id="his copy holds up nobody's green"
        ),
        pytest.param(
            [a_word(1, WordRank.EXCUSED), stranger(2, WordRank.HELD)], 2, id="but an excuse"
        ),
        pytest.param(
            [a_word(GROUP, WordRank.EXCUSED), stranger(2, WordRank.FAILED)],
            GROUP,
            id="a merge group's excuse holds",
        ),
        pytest.param(
            [a_word(GROUP, WordRank.EXCUSED), a_word(2, WordRank.FAILED)],
            2,
            id="but not over what somebody vouched for",
        ),
        pytest.param([stranger(5, WordRank.HELD), stranger(2, WordRank.HELD)], 2, id="lowest"),
        pytest.param([a_word(5), a_word(GROUP), a_word(2), a_word(MAIN)], MAIN, id="branch first"),
        pytest.param([a_word(5), a_word(GROUP), a_word(2)], GROUP, id="then the group"),
        pytest.param(
            [stranger(1, WordRank.HELD), a_word(2, WordRank.HELD)], 2, id="vouched ones first"
        ),
        pytest.param(
            [a_word(1, is_vouched=None), stranger(2, WordRank.FAILED)], 2, id="not asked is no yes"
        ),
        pytest.param(
            [a_word(1, life=Life.MERGED), stranger(2, WordRank.HELD)], 2, id="who stays speaks"
        ),
        pytest.param(
            [a_word(1, WordRank.FAILED, life=Life.LEFT), a_word(2, life=Life.MERGED)],
            2,
            id="of those who left, merged ones",
        ),
    ],
)
def test_the_table_of_ranks(words, stands):
    subject = PullRef(REPO, stands) if isinstance(stands, int) else stands
    assert all(speaker(order).subject == subject for order in permutations(words))


def test_nobody_says_nothing():
    assert speaker([]) is verdict([]) is None


# Whose word it is


def test_only_where_several_share_a_commit_the_text_says_whose_it_is():
    one, two = a_word(1, WordRank.FAILED, text="Build #3 failed after 20 s"), a_word(2)
    assert verdict([one]).description == "Build #3 failed after 20 s"
    assert verdict([one, two]).description == "#1: Build #3 failed after 20 s"


def test_the_link_is_that_of_the_word():
    one, two = a_word(1, WordRank.FAILED, link="https://jenkins.test/3"), a_word(2)
    assert verdict([one, two]).target_url == "https://jenkins.test/3"


def test_the_name_of_a_group_is_short():
    assert whose(GROUP, "Queued in Jenkins") == "merge queue, #3: Queued in Jenkins"


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=DESCRIPTION_LIMIT),
    st.sampled_from([PullRef(REPO, 9_999_999_999), GROUP, BranchRef(REPO, "b" * 200)]),
)
def test_no_text_is_longer_than_github_takes(text, subject):
    said = whose(subject, text)
    assert len(said) <= DESCRIPTION_LIMIT
    assert ": " in said


# Words that need not be said


TACIT = stranger(2, WordRank.HELD, is_tacit=True)


def test_a_tacit_word_is_said_only_where_something_stands():
    assert verdict([TACIT], is_said=False) is None
    assert verdict([TACIT], is_said=True).state is StatusState.PENDING


@pytest.mark.parametrize("other", [WordRank.HELD, WordRank.EXCUSED])
def test_beside_another_word_it_counts(other):
    first = verdict([TACIT, stranger(3, other)], is_said=False)
    assert first is not None
    assert first.state is StatusState.PENDING


# The end of what nobody speaks for


@pytest.mark.parametrize(
    ("stands", "is_ended"),
    [
        (StatusState.PENDING, True),
        (None, True),
        (StatusState.SUCCESS, False),
        (StatusState.FAILURE, False),
        (StatusState.ERROR, False),
    ],
)
def test_only_what_waited_or_ran_is_given_an_end(stands, is_ended):
    written = stands and Status(context="janky", state=stands, description="…")
    ended = end_of("Closed", written, "janky")
    assert (ended is not None) == is_ended
    assert end_of("", written, "janky") is None


# Whatever is said

IS_OPEN = st.just(Life.OPEN)
SUBJECTS = [MAIN, GROUP, *(PullRef(REPO, number) for number in range(1, 5))]


ANY_RANK = st.sampled_from(WordRank)


@st.composite
def some_words(draw, life=IS_OPEN, ranks=ANY_RANK):
    subjects = draw(st.lists(st.sampled_from(SUBJECTS), unique=True, max_size=5))
    return [
        a_word(
            subject,
            draw(ranks),
            is_vouched=isinstance(subject, BranchRef) or draw(st.sampled_from([True, False, None])),
            is_tacit=draw(st.booleans()),
            life=draw(life),
        )
        for subject in subjects
    ]


@given(some_words(st.sampled_from(Life)), st.randoms(), st.booleans())
def test_the_order_in_which_they_were_said_changes_nothing(words, random, is_said):
    shuffled = list(words)
    random.shuffle(shuffled)
    assert verdict(shuffled, is_said=is_said) == verdict(words, is_said=is_said)


@given(some_words())
def test_words_nobody_vouched_for_change_nothing_beside_a_verdict_that_somebody_did(words):
    vouched = [word for word in words if word.is_vouched]
    assume(vouched)
    alone, among = speaker(vouched), speaker(words)
    is_verdict = alone.rank <= WordRank.SUCCEEDED
    is_of_group = any(word.subject == GROUP for word in vouched)
    if is_verdict or is_of_group:
        assert among == alone


def mostly(*ranks):
    """Any rank, but these more often."""
    return st.sampled_from([*ranks * len(WordRank), *WordRank])


@given(some_words(ranks=mostly(WordRank.SUCCEEDED, WordRank.EXCUSED)))
def test_no_green_stands_that_no_build_no_check_and_no_excuse_of_all_gave(words):
    first = verdict(words)
    assume(first is not None and first.state is StatusState.SUCCESS)
    counted = [word for word in words if word.is_vouched] or words
    if not any(word.rank is WordRank.SUCCEEDED for word in words):
        assert all(word.rank is WordRank.EXCUSED for word in counted)


@given(some_words(ranks=mostly(WordRank.FAILED)))
def test_a_failure_that_somebody_vouched_for_is_hidden_by_nobody(words):
    assume(any(word.is_vouched and word.rank is WordRank.FAILED for word in words))
    assert verdict(words).state in (StatusState.FAILURE, StatusState.ERROR)


@given(some_words(), st.sampled_from(WordRank))
def test_a_stranger_gives_no_green_by_one_more_word(words, rank):
    assume(words)
    before = verdict(words).state
    more = [*words, stranger(9, rank)]
    if rank in (WordRank.HELD, WordRank.BLOCKED, WordRank.EXCUSED) and before != "success":
        assert verdict(more).state is not StatusState.SUCCESS


@given(some_words())
def test_who_left_counts_only_when_nobody_stays(words):
    assume(words)
    gone = [replace(word, life=Life.LEFT) for word in words]
    stays = a_word(9, WordRank.EXCUSED)
    assert speaker([*gone, stays]) == stays
