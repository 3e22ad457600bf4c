"""The policy: which checks run, how strictly, and what is labelled.

Written as JSON, in a file of its own or under ``patchparser`` in Leeroy's config.json. A part that
is absent is off. All faults are told at once, each with its path; docs/patchparser.md explains
every key.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from patchparser.asking import DocsPolicy, TestsPolicy
from patchparser.attributes import Attributes
from patchparser.faults import Fault, PolicyError, Reader
from patchparser.findings import Check, Mode
from patchparser.kinds import Kind, Kinds
from patchparser.label_rules import LabelRules
from patchparser.labels import LabelPolicy
from patchparser.policy_parts import (
    CONTEXTS,
    read_contexts,
    read_docs,
    read_help_urls,
    read_kinds,
    read_labels,
    read_sign_off,
    read_tests,
)
from patchparser.presets import PRESETS
from patchparser.signoff import SignOffPolicy

__all__ = ["DEFAULT_POLICY", "Policy", "PolicyError", "WhenFixed", "parse_policy", "read_policy"]

#: Keys that only a whole config.json of Leeroy has.
CONFIG_KEYS = frozenset({"jenkins", "github_token", "builds", "branches", "repositories"})

POLICY_KEYS = (
    *("preset", "signoff", "docs", "tests", "labels", "labels_file", "on_opened", "size"),
    *("kinds", "dot", "sync", "when_fixed"),
)


class WhenFixed(StrEnum):
    """What becomes of the comment when nothing is missing any more."""

    #: It is edited to say so.
    ALL_GOOD = "all_good"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is asked of a pull request; a check that is None is off."""

    sign_off: SignOffPolicy | None = None
    docs: DocsPolicy | None = None
    tests: TestsPolicy | None = None
    #: The commit status' context of each check.
    contexts: Mapping[Check, str] = field(default_factory=lambda: dict(CONTEXTS))
    #: The page that explains a check's rule to contributors.
    help_urls: Mapping[Check, str] = field(default_factory=dict)
    labels: LabelPolicy = field(default_factory=LabelPolicy)
    #: A labeler.yml to read more label rules from: a path in the repository.
    labels_file: str = ""
    #: Globs that say a file's kind, before .gitattributes and the defaults do.
    kinds: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    #: Whether wildcards match names that begin with a dot.
    dot: bool = True
    when_fixed: WhenFixed = WhenFixed.ALL_GOOD

    def make_kinds(self, attributes: Attributes | None = None) -> Kinds:
        """Make the classifier of files that this policy means."""
        return Kinds(self.kinds, attributes=attributes, dot=self.dot)

    def with_label_rules(self, more: LabelRules) -> "Policy":
        """Add the rules of a labeler.yml; a label the policy has itself keeps its own rule."""
        own = self.labels.rules
        names = {rule.label.casefold() for rule in own.rules}
        both = replace(
            more,
            rules=(
                *own.rules,
                *(rule for rule in more.rules if rule.label.casefold() not in names),
            ),
        )
        if own.changed_files_labels_limit is not None:
            both = replace(both, changed_files_labels_limit=own.changed_files_labels_limit)
        if own.max_files_changed is not None:
            both = replace(both, max_files_changed=own.max_files_changed)
        return replace(self, labels=replace(self.labels, rules=both))


#: What is checked where nobody wrote a policy: everything, as advice; nothing is labelled.
DEFAULT_POLICY = Policy(
    sign_off=SignOffPolicy(mode=Mode.ADVISORY),
    docs=DocsPolicy(),
    tests=TestsPolicy(),
)


def parse_policy(value: object, *, path: str = "") -> Policy:
    """Read a policy from parsed JSON, or raise PolicyError with all its faults.

    ``path`` is where the policy stands in a larger file, as the faults should say it.

    >>> parse_policy({"tests": {"min_line": 3}})
    Traceback (most recent call last):
    ...
    patchparser.faults.PolicyError: tests.min_line: unknown key (did you mean min_lines?)
    """
    reader = Reader(value=value, path=path)
    policy = _read_policy(reader)
    if reader.faults:
        raise PolicyError(reader.faults)
    return policy


def read_policy(text: str) -> Policy:
    """Read a policy from the text of its file, or of a whole config.json that has one.

    >>> read_policy('{"jenkins": {}, "patchparser": {"tests": {}}}').tests.min_lines
    5
    """
    faults: list[Fault] = []

    def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = Counter(key for key, _ in pairs)
        faults.extend(
            Fault(path=key, problem="stands twice in one object; only one can count")
            for key in sorted(keys)
            if keys[key] > 1
        )
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=without_duplicates)
    except json.JSONDecodeError as exc:
        problem = f"is no JSON: {exc.msg} at line {exc.lineno}, column {exc.colno}"
        raise PolicyError([Fault(path="", problem=problem)]) from exc
    except RecursionError as exc:
        raise PolicyError([Fault(path="", problem="is nested too deeply")]) from exc
    path = ""
    if isinstance(value, dict) and "patchparser" in value:
        value, path = value["patchparser"], "patchparser"
        # As in Leeroy's settings: switched off, or on with nothing in it.
        value = {} if value is None or isinstance(value, bool) else value
    elif isinstance(value, dict) and CONFIG_KEYS & value.keys():
        hint = "add a patchparser key, or give a file with the policy alone"
        faults.append(
            Fault(path="patchparser", problem="this config.json has no policy", hint=hint)
        )
        value = {}
    try:
        policy = parse_policy(value, path=path)
    except PolicyError as exc:
        raise PolicyError([*faults, *exc.faults]) from exc
    if faults:
        raise PolicyError(faults)
    return policy


def _read_policy(reader: Reader) -> Policy:
    if not reader.is_object(POLICY_KEYS):
        return Policy()
    reader = _with_preset(reader)
    dot = reader.optional("dot", Reader.flag, True)
    sign_off, docs, tests = read_sign_off(reader), read_docs(reader), read_tests(reader)
    parts = {Check.SIGN_OFF: sign_off, Check.DOCS: docs, Check.TESTS: tests}
    checks_on = frozenset(check for check, part in parts.items() if part is not None)
    return Policy(
        sign_off=sign_off,
        docs=docs,
        tests=tests,
        contexts=read_contexts(reader),
        help_urls=read_help_urls(reader),
        labels=read_labels(reader, checks_on=checks_on, dot=dot),
        labels_file=reader.optional("labels_file", Reader.text, ""),
        kinds=read_kinds(reader),
        dot=dot,
        when_fixed=reader.optional_choice("when_fixed", WhenFixed.ALL_GOOD),
    )


def _with_preset(reader: Reader) -> Reader:
    """Lay the policy over the preset it names; within a part each key is laid over alone."""
    if not reader.has("preset"):
        return reader
    name = reader.at("preset")
    if name.value not in list(PRESETS):
        known = ", ".join(f'"{preset}"' for preset in PRESETS)
        name.fault(f"there is no such preset; there is {known}")
        return reader
    merged: dict[str, Any] = dict(PRESETS[name.value])
    for key, value in reader.value.items():
        below = merged.get(key)
        if key in list(Check) and isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = {**below, **value}
        else:
            merged[key] = value
    return replace(reader, value=merged)
