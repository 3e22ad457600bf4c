"""Where globs meet is found out by what they mean when they match; patterns never go back."""

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leeroy.config.globs import GlobError, NotRead, check_glob, parse
from leeroy.config.meeting import Undecided, example
from leeroy.config.patterns import PatternError, compiled
from patchparser.globs import matches

BITS = ["a", "b", "*", "**", "?", "/", "[ab]", "[!a]", "[a-c]", "{a,b}", "{a,b/}", "@(a|b)", "+(a)"]
BITS += ["*(ab|b)", "?(a)", "!", "\\*", ".", "-", "é", "(", ")", "|", "]", "}", "{"]
NAMES = st.text(alphabet="abc./-é*(|]}", min_size=1, max_size=6).filter(
    # What no path, branch or repository is: Git has no empty parts, and none that are . or ..
    lambda name: not re.search(r"(^|/)(\.{1,2})?(/|$)", name)
)


def is_read(*globs: str) -> bool:
    try:
        for glob in globs:
            parse(glob)
    except (GlobError, NotRead):
        return False
    return True


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(BITS), min_size=1, max_size=6).map("".join), NAMES)
def test_a_glob_is_read_as_it_is_matched(glob: str, name: str) -> None:
    if is_read(glob):
        itself = re.sub(r"([^\w/])", r"\\\1", name)
        assert (example([glob, itself], all) == name) is matches(glob, name)


@settings(max_examples=200, deadline=None)
@given(*[st.lists(st.sampled_from(BITS[:13]), min_size=1, max_size=4).map("".join)] * 2, NAMES)
def test_an_example_is_one_and_where_there_is_none_no_name_matches(
    one: str, other: str, name: str
) -> None:
    if not is_read(one, other):
        return
    found = example([one, other], all)
    if found is None:
        assert not (matches(one, name) and matches(other, name))
    else:
        assert matches(one, found)
        assert matches(other, found)


@pytest.mark.parametrize("glob", ["@(a", "[a", "[z-a]", "a\\", "a//b", "docs/", "{1..999}", "^a$"])
def test_what_nobody_can_have_meant_is_refused_and_not_repeated(glob: str) -> None:
    with pytest.raises(GlobError) as caught:
        check_glob(glob)
    assert glob not in str(caught.value)


@pytest.mark.parametrize("glob", ["src/!(gen)/**", "[[:alpha:]]*", "@(a|b|!(c))"])
def test_what_is_not_looked_into_can_be_used_and_meets_whom_nobody_knows(glob: str) -> None:
    check_glob(glob)
    with pytest.raises(Undecided):
        example([glob, "**"], all)


@pytest.mark.parametrize(
    "pattern", ["(?=a)b", r"(a)\1", "(", "(a{900}){900}", "(?:(?:x{50}){50}){50}", "a**"]
)
def test_a_pattern_that_cannot_run_in_linear_time_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError, match="is not a pattern of RE2") as caught:
        compiled(pattern)
    assert pattern not in str(caught.value)


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(lambda text: compiled("(a+)+b|(a|a)*c").matches(text), id="pattern"),
        pytest.param(lambda text: compiled("(?i).*retest.*please.*").matches(text), id="phrase"),
    ],
)
def test_twice_the_text_takes_no_more_than_thrice_the_time(run: Callable[[str], bool]) -> None:
    def least(size: int) -> float:
        text, taken = "a" * size, []
        for _ in range(5):
            begun = time.thread_time()
            run(text)
            taken.append(time.thread_time() - begun)
        return min(taken)

    least(1000)
    assert least(400_000) <= 3 * least(200_000)
