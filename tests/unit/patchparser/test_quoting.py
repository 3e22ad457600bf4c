"""Nothing a contributor wrote does anything but be read."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchparser.quoting import code, command_data, command_property, plain_start, prose, shell_word
from tests.examples import examples

EVIL = st.text(alphabet=st.sampled_from("`@a<>|\n\r\\*_[]()!#~\u2028\u202e\x1b\udce9:, $;'\""))


@given(EVIL)
@settings(max_examples=examples(60))
def test_a_code_span_is_one_line_and_ends_where_it_should(text):
    span = code(text)
    fence = re.match("`+", span)
    assert fence is not None
    inside = span[len(fence[0]) : -len(fence[0])]
    assert span.endswith(fence[0])
    assert fence[0] not in re.findall("`+", inside)
    assert len(span.splitlines()) == 1


@given(EVIL)
@settings(max_examples=examples(60))
def test_prose_has_no_markup_and_no_mention(text):
    shown = prose(text)
    bare = re.sub(r"\\[\\`*_\[\]<>|~&#!]", "", shown)
    assert not re.search(r"[`*_\[\]<>|~&#!]|@(?!\u200b)", bare)
    assert len(shown.splitlines()) <= 1


@given(EVIL)
@settings(max_examples=examples(60))
def test_a_workflow_command_is_one_line(text):
    assert not set("\r\n") & set(command_data(text))
    assert not set("\r\n:,") & set(command_property(text))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        pytest.param("src/a.py", "src/a.py", id="plain"),
        pytest.param("::error::x", "./::error::x", id="a command"),
        pytest.param(" ::error::x", "./ ::error::x", id="a command after a space"),
        pytest.param("a\n::error::x", r"a\n::error::x", id="a command after a line end"),
        pytest.param("##[error]x", "# #[error]x", id="the older syntax"),
        pytest.param("\x1b]0;x\x07", r"\x1b]0;x\x07", id="a terminal's command"),
        pytest.param("a\u202eb", r"a\u202eb", id="written backwards"),
        pytest.param("caf\u00e9", "caf\u00e9", id="letters are letters"),
        pytest.param("\udcff.py", r"\xff.py", id="no UTF-8"),
    ],
)
def test_a_path_in_a_log_is_only_a_path(path, shown):
    assert plain_start(path) == shown


def test_long_text_is_cut_in_the_middle():
    shown = code("a" * 300 + "/name.py")
    assert len(shown) < 170
    assert shown.endswith("/name.py`")


@pytest.mark.parametrize("branch", ["$(reboot)", "a'b", "`id`", "a b", "x\nrm -rf", "-x;y"])
def test_a_shell_word_is_one_quoted_word(branch):
    word = shell_word(branch)
    assert word[0] == word[-1] == "'"
    assert "\n" not in word
