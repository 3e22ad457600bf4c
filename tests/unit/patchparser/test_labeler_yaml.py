"""A labeler.yml is read as actions/labeler reads it, and what that passes over is noted."""

import pytest

from patchparser.faults import PolicyError
from patchparser.label_rules import Subject
from patchparser.labeler_yaml import parse_labeler_yaml

EXAMPLE = b"""
# the example of labeler's own documentation, shortened
Documentation:
- changed-files:
  - any-glob-to-any-file: ['docs/*', guides/*]
source:
- all:
  - changed-files:
    - any-glob-to-any-file: 'src/**/*'
    - all-globs-to-all-files: '!src/docs/*'
feature:
 - head-branch: ['^feature', 'feature']
release:
 - base-branch: 'main'
"""


def held(data: bytes, **facts) -> list[str]:
    subject = Subject(**{"files": {}, **facts})
    return [rule.label for rule in parse_labeler_yaml(data).rules.rules if rule.holds(subject)]


@pytest.mark.parametrize(
    ("facts", "labels"),
    [
        pytest.param({"files": {"docs/a.md": "docs"}}, ["Documentation"], id="docs"),
        pytest.param({"files": {"src/a.py": "code"}}, ["source"], id="source"),
        pytest.param({"files": {"src/a.py": "", "src/docs/x": ""}}, [], id="source with its docs"),
        pytest.param({"files": {"x": ""}, "head": "my-feature"}, ["feature"], id="head"),
        pytest.param({"files": {"x": ""}, "base": "main"}, ["release"], id="base"),
    ],
)
def test_labelers_own_example(facts, labels):
    assert held(EXAMPLE, **facts) == labels


PASSED_OVER = [
    pytest.param(b"x:\n- changed-file: []", "x[0].changed-file: unknown key"
                 " (did you mean changed-files?)", id="unknown key"),
    pytest.param(b"x:\n- any:\n  - head: x", "x[0].any[0].head: unknown key"
                 " (did you mean head-branch?)", id="unknown key in any"),
    pytest.param(b"x:\n- changed-files:\n    any-glob-to-any-file: a",
                 "x[0].changed-files: must be a list (put it into [ ])", id="no list of files"),
    pytest.param(b"x:\n- any: y", "x[0].any: must be a list", id="no list in any"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "note"), PASSED_OVER)
def test_what_labeler_passes_over_is_noted_and_earns_nothing(data, note):
    assert [str(fault) for fault in parse_labeler_yaml(data).ignored] == [note]
    assert held(data, files={"a": ""}, head="x") == []


STUMBLES = [
    pytest.param(b"x: [", "is no YAML", id="no YAML"),
    pytest.param(b"\x80: x", "is no YAML", id="no text"),
    pytest.param(b"- x", "must be an object, but is a list", id="a list"),
    pytest.param(b"x: docs/**", "x: must be a list of match objects", id="v4's syntax"),
    pytest.param(b"x: [docs/**]", "x[0]: must be an object, but is text", id="v4's list"),
    pytest.param(b"x: [{changed-files: [docs/**]}]",
                 "x[0].changed-files[0]: must be an object, but is text", id="glob alone"),
    pytest.param(b"x: [{changed-files: [{any-glob: a}]}]",
                 "x[0].changed-files[0].any-glob: unknown key", id="form"),
    pytest.param(b"max-files-changed: [1]", "max-files-changed: must be a whole number",
                 id="reserved name"),
    pytest.param(b"x: [{head-branch: a}]\ny: []\nx: [{head-branch: b}]",
                 "x: stands twice in one mapping; only one can count", id="a label twice"),
    pytest.param(b"x: [{changed-files: [{any-glob-to-any-file: a, any-glob-to-any-file: b}]}]",
                 "any-glob-to-any-file: stands twice", id="a key twice"),
    pytest.param(b"# " + b"x" * 65_536, "is longer than 64 KiB", id="too long"),
    pytest.param(b"a: &a [" + b"x," * 500 + b"]\nb: &b [" + b"*a," * 500 + b"]\nc: [*b]",
                 "has more than 20,000 values", id="aliases of aliases"),
    pytest.param(b"x: [{head-branch: '('}]", "x[0].head-branch: is no regular", id="pattern"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "fault"), STUMBLES)
def test_what_labeler_stumbles_over_is_a_fault(data, fault):
    with pytest.raises(PolicyError) as caught:
        parse_labeler_yaml(data)
    assert str(caught.value.faults[0]).startswith(fault)


@pytest.mark.parametrize("data", [b"x: docs/**", b"x: [docs/**]", b"x: ['docs/**', 'man/**']"])
def test_the_syntax_of_labelers_version_4_is_told_as_such(data):
    with pytest.raises(PolicyError, match=r"actions/labeler v4's syntax; since v5 it is"):
        parse_labeler_yaml(data)


def test_an_empty_file_labels_nothing():
    assert parse_labeler_yaml(b"").rules.rules == ()
    assert parse_labeler_yaml(b"x: []\ny: [null]").rules.rules == ()


def test_a_label_called_on_or_1_is_that_label():
    data = b"on: [{head-branch: x}]\n1: [{head-branch: x}]"
    assert held(data, files={"a": ""}, head="x") == ["on", "1"]


def test_limits_are_read():
    rules = parse_labeler_yaml(b"changed-files-labels-limit: 3\nmax-files-changed: ' 7 '").rules
    assert (rules.changed_files_labels_limit, rules.max_files_changed) == (3, 7)


def test_anchors_and_merges_work():
    data = b"a: &a\n- head-branch: x\nb: *a\n"
    assert held(data, files={"a": ""}, head="x") == ["a", "b"]
