"""JavaScript's patterns mean in Python what they mean there."""

import pytest

from patchparser.js_regex import RegexError, TooSlow, compile_js

SAME = [
    pytest.param("^feature", "feature/x", True, id="anchor"),
    pytest.param("x$", "x\n", False, id="$ is the very end"),
    pytest.param(r"\$x", "$x", True, id="an escaped $"),
    pytest.param("[$]x", "$x", True, id="$ in a class"),
    pytest.param(r"a\/b", "a/b", True, id="an escaped slash"),
    pytest.param(r"\w", "é", False, id="ASCII words"),
    pytest.param(r"(?<n>a)\k<n>", "aa", True, id="named group"),
    pytest.param("(?<=a)b", "ab", True, id="look-behind"),
    pytest.param("(?<!a)b", "ab", False, id="negative look-behind"),
    pytest.param("^(?!release$)", "release", False, id="look-ahead"),
    pytest.param("[]", "x", False, id="the empty class"),
    pytest.param("[^]", "\n", True, id="the full class"),
    pytest.param("[a[]", "[", True, id="a bracket in a class"),
    pytest.param("[a&&b]", "&", True, id="no set operations"),
    pytest.param(r"[\]]", "]", True, id="an escaped bracket in a class"),
    pytest.param(r"[\w-]+$", "a-b", True, id="escape and dash in a class"),
    pytest.param(r"\h", "h", True, id="an escape of itself"),
    pytest.param(r"\Z", "Z", True, id="no \\Z there"),
    pytest.param(r"\u0061", "a", True, id="unicode escape"),
    pytest.param("{", "{", True, id="a lone brace"),
    pytest.param("^a{,3}$", "a{,3}", True, id="no quantifier there"),
    pytest.param("^a{e}$", "a{e}", True, id="no fuzzy matching there"),
    pytest.param("^a{2}b{1,}c{1,2}$", "aabcc", True, id="quantifiers"),
    pytest.param(r"^\cJ$", "\n", True, id="a control character"),
    pytest.param("(?<=a+)b", "aab", True, id="look-behind of any width"),
    pytest.param("(?i)FIX", "fix", True, id="Python's flag, as a courtesy"),
]


@pytest.mark.parametrize(("pattern", "text", "found"), SAME)
def test_a_pattern_is_found_where_javascript_finds_it(pattern, text, found):
    assert compile_js(pattern).is_found_in(text) is found


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a\\", r"\u00", "a{2,1}", "a" * 1_001])
def test_what_cannot_be_compiled_is_refused(pattern):
    with pytest.raises(RegexError):
        compile_js(pattern)


@pytest.mark.parametrize("pattern", ["^(a|aa)+$", "^(a|aa|aaa)*[bc]$"])
def test_a_pattern_that_does_not_end_in_its_time_is_named(pattern):
    with pytest.raises(TooSlow, match="takes too long") as caught:
        compile_js(pattern).is_found_in("a" * 900 + "!")
    assert str(caught.value).startswith(pattern)
