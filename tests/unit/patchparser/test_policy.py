"""The policy's words: what they mean, what is the default, and how slips are told."""

import pytest

from patchparser.findings import Check, Mode
from patchparser.kinds import Kind
from patchparser.labeler_yaml import parse_labeler_yaml
from patchparser.missing_docs import DocsPolicy
from patchparser.missing_tests import TestsPolicy
from patchparser.policy import (
    DEFAULT_POLICY,
    Policy,
    PolicyError,
    WhenFixed,
    parse_policy,
    read_policy,
)
from patchparser.signoff import Match, SignOffPolicy
from patchparser.surface import SurfaceKind


def test_an_absent_part_is_off_and_nothing_is_labelled():
    assert parse_policy({}) == Policy(sign_off=None, docs=None, tests=None)


@pytest.mark.parametrize("mode", [None, {"mode": "off"}], ids=["null", "off"])
@pytest.mark.parametrize("part", ["signoff", "docs", "tests"])
def test_a_part_can_be_switched_off(part, mode):
    policy = parse_policy({part: mode})
    assert (policy.sign_off, policy.docs, policy.tests) == (None, None, None)


def test_a_part_given_empty_has_its_defaults():
    policy = parse_policy({"signoff": {}, "docs": {}, "tests": {}})
    assert policy.sign_off == SignOffPolicy(mode=Mode.REQUIRED, match=Match.IDENTITY)
    assert policy.docs == DocsPolicy(mode=Mode.ADVISORY, skip_labels=("no-docs-needed",))
    assert policy.tests == TestsPolicy(
        mode=Mode.ADVISORY, min_lines=5, skip_labels=("no-tests-needed",)
    )
    assert policy.contexts == {
        Check.SIGN_OFF: "patchparser/signoff",
        Check.DOCS: "patchparser/docs",
        Check.TESTS: "patchparser/tests",
    }
    assert policy.labels.failing == ()


def test_every_key_is_read():
    policy = parse_policy(
        {
            "signoff": {
                "mode": "advisory",
                "match": "email",
                "context": "dco",
                "label": "dco/no",
                "help_url": "https://example.org/dco",
                "remediation": {"individual": True, "third_party": True},
                "skip_base_branches": "release/*",
            },
            "docs": {
                "mode": "required",
                "when": ["cli/**"],
                "expect": "docs/**",
                "look_for": ["flag"],
                "min_lines": 2,
                "skip_labels": [],
                "skip_phrases": "no docs",
                "skip_base_branches": ["old"],
                "skip_authors": ["renovate[bot]"],
            },
            "tests": {"min_lines": 0, "skip_labels": "later"},
            "kinds": {"generated": ["**/*.pb.go"], "tests": "checks/**"},
            "size": {"big": 100, "small": 0},
            "labels_file": ".github/labeler.yml",
            "when_fixed": "delete",
            "dot": False,
            "sync": True,
        }
    )
    assert policy.sign_off == SignOffPolicy(
        mode=Mode.ADVISORY,
        match=Match.EMAIL,
        individual_remediation=True,
        third_party_remediation=True,
        skip_base_branches=("release/*",),
    )
    assert policy.docs == DocsPolicy(
        mode=Mode.REQUIRED,
        when=("cli/**",),
        expect=("docs/**",),
        look_for=(SurfaceKind.FLAG,),
        min_lines=2,
        skip_labels=(),
        skip_phrases=("no docs",),
        base_branches=("old",),
        authors=("renovate[bot]",),
    )
    assert policy.tests is not None
    assert (policy.tests.min_lines, policy.tests.skip_labels) == (0, ("later",))
    assert policy.contexts[Check.SIGN_OFF] == "dco"
    assert policy.help_urls == {Check.SIGN_OFF: "https://example.org/dco"}
    assert policy.labels.failing == ((Check.SIGN_OFF, "dco/no"),)
    assert policy.kinds == {Kind.GENERATED: ("**/*.pb.go",), Kind.TESTS: ("checks/**",)}
    assert [size.label for size in policy.labels.sizes] == ["small", "big"]
    assert policy.labels_file == ".github/labeler.yml"
    assert policy.when_fixed is WhenFixed.DELETE
    assert (policy.dot, policy.labels.dot, policy.labels.sync) == (False, False, True)


def test_size_false_is_off():
    assert parse_policy({"size": False}).labels.sizes == ()


def test_a_check_that_is_off_has_no_label():
    assert parse_policy({"signoff": {"mode": "off", "label": "x"}}).labels.failing == ()


def test_without_a_policy_everything_is_advice():
    checks = (DEFAULT_POLICY.sign_off, DEFAULT_POLICY.docs, DEFAULT_POLICY.tests)
    assert [check.mode for check in checks if check] == [Mode.ADVISORY] * 3
    assert DEFAULT_POLICY.labels == Policy().labels


# The preset


def test_dockers_preset():
    policy = parse_policy({"preset": "docker"})
    assert policy.sign_off == SignOffPolicy(match=Match.PRESENT, skip_base_branches=("release",))
    assert policy.contexts[Check.SIGN_OFF] == "docker/dco-signed"
    assert policy.labels.failing == ((Check.SIGN_OFF, "dco/no"),)


def test_what_the_policy_says_lies_over_its_preset_key_by_key():
    policy = parse_policy({"preset": "docker", "signoff": {"match": "identity"}, "tests": {}})
    assert policy.sign_off is not None
    assert policy.sign_off.match is Match.IDENTITY
    assert policy.contexts[Check.SIGN_OFF] == "docker/dco-signed"
    assert policy.tests is not None


def test_a_part_of_the_preset_can_be_switched_off():
    assert parse_policy({"preset": "docker", "signoff": None}).sign_off is None


# Faults

FAULTS = [
    pytest.param([], "must be an object, but is a list", id="a list"),
    pytest.param({"signof": {}}, "signof: unknown key (did you mean signoff?)", id="top key"),
    pytest.param({"signoff": {"mod": "x"}}, "signoff.mod: unknown key (did you mean mode?)",
                 id="part's key"),
    pytest.param({"docs": {"skip-labels": []}},
                 "docs.skip-labels: unknown key (did you mean skip_labels?)", id="dash"),
    pytest.param({"zzz": 1}, "zzz: unknown key (known keys: preset, signoff, docs, tests, labels,"
                 " labels_file, on_opened, size, kinds, dot, sync, when_fixed)", id="far off"),
    pytest.param({"signoff": True}, "signoff: must be an object, but is true", id="part's type"),
    pytest.param({"signoff": {"mode": "strict"}},
                 'signoff.mode: must be one of "required", "advisory", "off", but is "strict"',
                 id="mode"),
    pytest.param({"signoff": {"match": 1}},
                 'signoff.match: must be one of "identity", "email", "present", but is 1',
                 id="match"),
    pytest.param({"signoff": {"remediation": {"third-party": True}}},
                 "signoff.remediation.third-party: unknown key (did you mean third_party?)",
                 id="remediation"),
    pytest.param({"signoff": {"help_url": "javascript:alert(1)"}},
                 "signoff.help_url: must be a URL that begins with https://", id="help_url"),
    pytest.param({"signoff": {"context": ""}}, "signoff.context: must not be empty", id="context"),
    pytest.param({"docs": {"context": "PatchParser/Tests"}},
                 'tests.context: "patchparser/tests" is the context of docs too,'
                 " and one would hide the other", id="one context twice"),
    pytest.param({"signoff": {"label": "x" * 51}},
                 "signoff.label: the label is longer than GitHub's 50 characters", id="label"),
    pytest.param({"tests": {"min_lines": -1}},
                 "tests.min_lines: must be a whole number, 0 or more, but is -1", id="negative"),
    pytest.param({"tests": {"min_lines": True}},
                 "tests.min_lines: must be a whole number, 0 or more, but is true", id="boolean"),
    pytest.param({"docs": {"when": [1]}}, "docs.when[0]: must be text, but is a number", id="glob"),
    pytest.param({"docs": {"look_for": "flags"}},
                 'docs.look_for: must be one of "flag", "environment", "setting", "route",'
                 ' "function", "class", but is "flags"', id="look_for"),
    pytest.param({"kinds": {"test": "x"}}, "kinds.test: unknown key (did you mean tests?)",
                 id="kind"),
    pytest.param({"size": {"a": 1, "b": 1}}, 'size.b: "a" begins at 1 lines too', id="sizes"),
    pytest.param({"size": [1]}, "size: must be an object, but is a list", id="size's type"),
    pytest.param({"dot": "yes"}, "dot: must be true or false, but is text", id="flag"),
    pytest.param({"preset": "dockr"}, 'preset: there is no such preset; there is "docker"',
                 id="preset"),
    pytest.param({"preset": ["docker"]}, 'preset: there is no such preset; there is "docker"',
                 id="preset's type"),
    pytest.param({"when_fixed": "hide"},
                 'when_fixed: must be one of "all_good", "delete", but is "hide"', id="when_fixed"),
    pytest.param({"labels": {" ": [{"title": "x"}]}}, "labels. : a label needs a name", id="blank"),
    pytest.param({"labels": {"max-files-changed": "many"}},
                 "labels.max-files-changed: must be a whole number, 0 or more, but is \"many\"",
                 id="limit"),
    pytest.param({"on_opened": {"x": []}},
                 "on_opened.x: must not be empty (such a label would never be put on)",
                 id="on_opened"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "fault"), FAULTS)
def test_a_fault_names_its_place_and_the_way_out(value, fault):
    with pytest.raises(PolicyError) as caught:
        parse_policy(value)
    assert [str(each) for each in caught.value.faults] == [fault]


def test_all_faults_are_told_at_once():
    with pytest.raises(PolicyError) as caught:
        parse_policy({"signof": {}, "docs": {"mode": 1, "when": [""]}, "size": {"x": "y"}})
    assert [fault.path for fault in caught.value.faults] == [
        "signof", "docs.mode", "docs.when[0]", "size.x",
    ]  # fmt: skip


def test_faults_say_where_in_a_larger_file_the_policy_stands():
    with pytest.raises(PolicyError) as caught:
        parse_policy({"tests": {"mode": 1}}, path="repositories.acme/*.patchparser")
    assert caught.value.faults[0].path == "repositories.acme/*.patchparser.tests.mode"


# Files


def test_a_whole_config_json_serves_by_its_patchparser_key():
    policy = read_policy('{"jenkins": {"base_url": "x"}, "patchparser": {"signoff": {}}}')
    assert policy.sign_off == SignOffPolicy()


@pytest.mark.parametrize("part", ["false", "true", "null", "{}"])
def test_a_config_json_may_switch_it_off(part):
    assert read_policy(f'{{"jenkins": {{}}, "patchparser": {part}}}') == Policy()


FILES = [
    pytest.param("{", "is no JSON: Expecting property name enclosed in double quotes"
                 " at line 1, column 2", id="no JSON"),
    pytest.param('{"tests": {},\n}', "is no JSON: ", id="trailing comma"),
    pytest.param('{"dot": true, "dot": false}',
                 "dot: stands twice in one object; only one can count", id="twice"),
    pytest.param('{"jenkins": {}, "builds": []}',
                 "patchparser: this config.json has no policy"
                 " (add a patchparser key, or give a file with the policy alone)", id="no policy"),
    pytest.param('{"patchparser": {"signof": {}}}',
                 "patchparser.signof: unknown key (did you mean signoff?)", id="path in config"),
    pytest.param("[]", "must be an object, but is a list", id="a list"),
    pytest.param("[" * 100_000, "is nested too deeply", id="a bomb"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fault"), FILES)
def test_a_file_that_cannot_be_used_says_why(text, fault):
    with pytest.raises(PolicyError) as caught:
        read_policy(text)
    assert str(caught.value.faults[0]).startswith(fault)


# labeler.yml


def test_rules_of_a_labeler_yml_join_those_of_the_policy():
    policy = parse_policy({"labels": {"Docs": [{"title": "docs"}]}})
    rules = parse_labeler_yaml(b"docs: [{head-branch: x}]\nci: [{head-branch: ci}]").rules
    joined = policy.with_label_rules(rules)
    assert [rule.label for rule in joined.labels.rules.rules] == ["Docs", "ci"]


def test_limits_of_the_policy_stand_before_those_of_the_file():
    policy = parse_policy({"labels": {"max-files-changed": 5}})
    rules = parse_labeler_yaml(b"max-files-changed: 1\nchanged-files-labels-limit: 2").rules
    joined = policy.with_label_rules(rules).labels.rules
    assert (joined.max_files_changed, joined.changed_files_labels_limit) == (5, 2)
