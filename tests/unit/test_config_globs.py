"""Settings' globs mean what patchparser's mean, and take time as the name is long and no more."""

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leeroy.config.globs import GlobError, check_glob, matches
from leeroy.config.meeting import example
from leeroy.config.patterns import PatternError, compiled
from patchparser import globs

BITS = ["a", "b", "*", "**", "?", "/", "[ab]", "[!a]", "[a-c]", "{a,b}", "{a,b/}", "@(a|b)", "+(a)"]
BITS += ["*(ab|b)", "?(a)", "!", "\\*", ".", "-", "é", "(", ")", "|", "]", "}", "{"]
NAMES = st.text(alphabet="abc./-é*(|]}", min_size=1, max_size=6).filter(
    # What no path, branch or repository is: Git has no empty parts, and none that are . or ..
    lambda name: not re.search(r"(^|/)(\.{1,2})?(/|$)", name)
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(BITS), min_size=1, max_size=6).map("".join), NAMES)
def test_a_glob_means_what_it_means_in_a_policy(glob: str, name: str) -> None:
    try:
        check_glob(glob)
    except GlobError:
        return
    assert matches(glob, name) is globs.matches(glob, name)


@pytest.mark.parametrize(
    ("glob", "name", "expected"),
    [
        ("docs/**", "docs/a/b.md", True),
        ("docs/**", "docs", False),
        ("**/*.py", "x.py", True),
        ("a/**/b", "a/x/y/b", True),
        ("a**", "a/b", False),
        ("*", ".github", True),
        ("{a,{b,c}}/x", "c/x", True),
        ("v{1..3}", "v2", True),
        ("[[]x", "[x", True),
        ("a\\?", "a?", True),
        ("a*", "a\nb", True),
        ("caf?", "café", True),
        ("a?", "a\ud800", True),
        ("!docs/**", "src/x", True),
    ],
)
def test_globs_match(glob: str, name: str, expected: bool) -> None:
    assert matches(glob, name) is expected


@pytest.mark.parametrize(
    "glob",
    ["@(a", "@(a/b|c)", "!(a)", "x/!(a)", "[a", "[z-a]", "[[:alpha:]]", "a\\", "a//b", "{1..999}"],
)
def test_what_cannot_be_told_in_linear_time_or_means_nothing_is_refused(glob: str) -> None:
    with pytest.raises(GlobError) as caught:
        check_glob(glob)
    assert glob not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(*[st.lists(st.sampled_from(BITS[:13]), min_size=1, max_size=4).map("".join)] * 2, NAMES)
def test_an_example_is_one_and_where_there_is_none_no_name_matches(
    one: str, other: str, name: str
) -> None:
    try:
        check_glob(one)
        check_glob(other)
    except GlobError:
        return
    found = example([one, other], all)
    if found is None:
        assert not (matches(one, name) and matches(other, name))
    else:
        assert matches(one, found)
        assert matches(other, found)


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
        pytest.param(lambda text: matches("*a*a*a*a*a*a*b", text), id="stars"),
        pytest.param(
            lambda text: matches("**/a/**/a/**/a/**/b", text.replace("aa", "a/")), id="folders"
        ),
        pytest.param(lambda text: matches("+(+(a)|*(a))b", text), id="groups"),
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
