"""``.gitattributes`` is read as git reads it."""

import pytest

from patchparser.attributes import Attributes

ATTRIBUTE = "linguist-generated"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        pytest.param("*.go linguist-generated", True, id="set"),
        pytest.param("*.go linguist-generated=true", True, id="true"),
        pytest.param("*.go linguist-generated=false", False, id="false"),
        pytest.param("*.go -linguist-generated", False, id="unset"),
        pytest.param("*.go\tlinguist-generated\r", True, id="tab and CRLF"),
        pytest.param("  *.go linguist-generated", True, id="indented"),
        pytest.param("*.go linguist-generated\n*.go !linguist-generated", None, id="taken back"),
        pytest.param("*.go linguist-generated\nx.go -linguist-generated", False, id="last wins"),
        pytest.param("*.go linguist-vendored", None, id="another attribute"),
        pytest.param("# *.go linguist-generated", None, id="comment"),
        pytest.param("!*.py linguist-generated", None, id="negative patterns are forbidden"),
        pytest.param("*.go", None, id="no attribute"),
        pytest.param("[attr]made linguist-generated -diff\n*.go made", True, id="macro"),
        pytest.param("[attr]a b\n[attr]b a\n*.go a", None, id="macros in a circle"),
    ],
)
def test_a_line_sets_unsets_or_takes_back(line: str, value: bool | None) -> None:
    found = Attributes({".gitattributes": line.encode()}).value_of("pkg/x.go", ATTRIBUTE)
    assert (None if found is None else found[0]) is value


def test_deeper_files_have_the_last_word_about_their_folder_only() -> None:
    attributes = Attributes(
        {
            "api/.gitattributes": b"/*.go -linguist-generated\n",
            ".gitattributes": b"*.go linguist-generated\n",
        }
    )
    assert attributes.value_of("api/x.go", ATTRIBUTE) == (
        False,
        "api/.gitattributes:1: /*.go -linguist-generated",
    )
    assert attributes.value_of("apis/x.go", ATTRIBUTE) == (
        True,
        ".gitattributes:1: *.go linguist-generated",
    )


def test_bytes_that_are_not_utf_8_do_no_harm() -> None:
    attributes = Attributes({".gitattributes": b"caf\xe9 linguist-generated\n"})
    assert attributes.value_of("caf\udce9", ATTRIBUTE) is not None
