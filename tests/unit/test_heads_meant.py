"""Which head a comment can have meant, second by second of GitHub's clock."""

import pytest

from leeroy.deciding.heads import has_moved, not_the_head
from leeroy.model import Comment, PullRef, SeenHead
from tests.making import HEAD, OLD_HEAD, REPO, a_pull, pull_facts

#: Begins like the head: two such commits can be made on purpose.
TWIN = HEAD[:12] + "c" * 28


def saying(*heads, created=100.0, commit_id="", **pull):
    seen = tuple(SeenHead(sha=sha, base=base, seen=at) for sha, base, at in heads)
    comment = Comment(
        id=1, pull=PullRef(REPO, 7), is_on_pull=True, author="mary", author_is_bot=False,
        body="", created=created, updated=created, commit_id=commit_id,
    )  # fmt: skip
    return pull_facts(heads=seen, pull=a_pull(**pull)), comment


def seen(sha, at, base="main"):
    return (sha, base, at)


@pytest.mark.parametrize(
    ("heads", "named", "is_it"),
    [
        pytest.param([seen(HEAD, 99)], "", True, id="seen before"),
        pytest.param([seen(HEAD, 100)], "", True, id="the only one, in that second"),
        pytest.param([seen(OLD_HEAD, 90), seen(HEAD, 100)], "", False, id="in that second"),
        pytest.param([seen(OLD_HEAD, 90), seen(HEAD, 101)], "", False, id="seen after"),
        pytest.param([seen(HEAD, 90), seen(OLD_HEAD, 95)], "", False, id="pushed back"),
        pytest.param([], "", False, id="never seen"),
        pytest.param([seen(HEAD, 99, "release")], "", False, id="onto another base"),
        pytest.param([seen(HEAD, 99)], HEAD[:7], True, id="short"),
        pytest.param([seen(HEAD, 99)], HEAD[:6], False, id="too short"),
        pytest.param([seen(HEAD, 90), seen(TWIN, 95)], HEAD[:12], False, id="short, of two"),
        pytest.param([seen(TWIN, 90)], HEAD[:12], False, id="short, of the twin seen before"),
        pytest.param(
            [seen(TWIN, 90), seen(HEAD, 101)], HEAD[:12], False, id="short, its twin came later"
        ),
        pytest.param([seen(HEAD, 90), seen(OLD_HEAD, 95)], HEAD[:9], True, id="short, pushed back"),
        pytest.param([seen(HEAD, 99, "release")], HEAD[:9], False, id="short, another base"),
        pytest.param([], HEAD, True, id="whole, never seen"),
        pytest.param([seen(HEAD, 101)], HEAD, True, id="whole, seen after"),
        pytest.param([seen(HEAD, 99)], OLD_HEAD, False, id="whole, of another"),
        pytest.param([seen(HEAD, 99, "release")], HEAD, False, id="whole, onto another base"),
    ],
)
def test_an_approval_is_of_the_head_only_if_its_author_can_have_meant_it(heads, named, is_it):
    refusal = not_the_head(*saying(*heads), named)
    assert (refusal == "") is is_it
    assert is_it or HEAD in refusal


@pytest.mark.parametrize(
    ("heads", "fields", "moved"),
    [
        pytest.param([seen(HEAD, 99)], {}, False, id="seen before"),
        pytest.param([seen(OLD_HEAD, 90), seen(HEAD, 100)], {}, False, id="in that second"),
        pytest.param([seen(OLD_HEAD, 90), seen(HEAD, 101)], {}, True, id="seen after"),
        pytest.param([seen(OLD_HEAD, 90)], {"read": 105.0}, True, id="new in this look"),
        pytest.param([seen(HEAD, 90), seen(OLD_HEAD, 95)], {}, False, id="pushed back"),
        pytest.param([], {"read": 105.0}, False, id="no other known"),
        pytest.param([], {"read": 105.0, "commit_id": OLD_HEAD}, True, id="written on another"),
        pytest.param([seen(OLD_HEAD, 90)], {"commit_id": HEAD}, False, id="written on this"),
        pytest.param([seen(HEAD, 99)], {"commit_id": OLD_HEAD}, False, id="in an old thread"),
    ],
)
def test_a_head_first_seen_after_the_comment_is_none_it_was_about(heads, fields, moved):
    assert has_moved(*saying(*heads, **fields)) is moved
