"""What a sweep could not look at is kept, each with its reason; a defect of ours is called one."""

import pytest
from structlog.testing import capture_logs

from leeroy.errors import Permanent, Transient
from leeroy.model import OddEntry
from leeroy.worker.sweep.unread import MOST_TOLD, Tries, Unread, in_one_line


def failing(error):
    def ask():
        raise error

    return ask


@pytest.mark.parametrize("error", [Transient("it did not answer"), Permanent("it answered 422")])
def test_what_cannot_be_read_is_kept_and_the_next_is_tried(error):
    tries = Tries()
    assert tries.read("acme/widgets#1", failing(error)) is None
    assert tries.read("acme/widgets#2", lambda: "good") == "good"
    assert [str(one) for one in tries.unread] == [f"acme/widgets#1: {error}"]


def test_a_defect_is_logged_with_what_it_is_about_and_its_traceback():
    tries, broke = Tries(), KeyError("base")
    with capture_logs() as logs:
        tries.read("acme/widgets#1", failing(broke))
    assert str(tries.unread[0]) == "acme/widgets#1: a defect in Leeroy: KeyError: 'base'"
    (line,) = logs
    assert (line["log_level"], line["subject"], line["exc_info"]) == (
        "error",
        "acme/widgets#1",
        broke,
    )


def test_an_odd_entry_is_named_by_its_number_where_it_has_one():
    tries = Tries()
    odd = [OddEntry(number=7, error="no sense"), "sound", OddEntry(number=None, error="no sense")]
    assert list(tries.sound("acme/widgets", odd)) == ["sound"]
    assert [one.subject for one in tries.unread] == ["acme/widgets#7", "acme/widgets"]


def test_of_many_the_first_are_told_in_one_line():
    unread = [Unread(subject=f"acme/widgets#{n}", error="500") for n in range(MOST_TOLD + 3)]
    told = in_one_line(unread)
    assert told.startswith("acme/widgets#0: 500; acme/widgets#1: 500; ")
    assert told.endswith("; and 3 more")
