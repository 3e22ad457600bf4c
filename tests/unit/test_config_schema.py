"""The JSON Schema that editors check config.json with says what the settings' own check says."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from leeroy.config import config_schema
from leeroy.config.policy import policy_faults
from patchparser.presets import PRESETS

CHECKOUT = Path(__file__).resolve().parents[2]
POLICIES = [
    json.loads(text)
    for text in re.findall(
        r"```json\n(.*?)```", (CHECKOUT / "docs" / "patchparser.md").read_text("utf-8"), re.DOTALL
    )
]
GOOD: list[dict[str, Any]] = [
    *(policy.get("patchparser", policy) for policy in POLICIES if "findings" not in policy),
    *map(dict, PRESETS.values()),
    {"preset": "docker", "size": False},
    {"docs": {"look_for": "flag", "when": "cli/**", "min_lines": 0}},
    {"on_opened": {"triage": True}},
]


@pytest.fixture(scope="module")
def validator() -> jsonschema.protocols.Validator:
    return jsonschema.Draft202012Validator(config_schema())


def settings(policy: object) -> dict[str, Any]:
    return {"jenkins": {"base_url": "http://j"}, "patchparser": policy}


@pytest.mark.parametrize("policy", GOOD)
def test_a_policy_that_is_good_is_good_for_an_editor(
    validator: jsonschema.protocols.Validator, policy: dict[str, Any]
) -> None:
    assert not [*policy_faults(policy, "")]
    assert not [error.message for error in validator.iter_errors(settings(policy))]
    under = {"repositories": {"a/b": {"patchparser": policy}}}
    assert not [error.message for error in validator.iter_errors(under)]


@pytest.mark.parametrize(
    "policy",
    [
        {"signof": {}},
        {"signoff": {"mod": "required"}},
        {"signoff": {"mode": "require"}},
        {"docs": {"min_lines": -1}},
        {"tests": {"look_for": []}},
        {"docs": {"look_for": ["flags"]}},
        {"labels": {"docs": [{"changed-file": []}]}},
        {"labels": {"docs": [{"changed-files": [{"any-glob": "x"}]}]}},
        {"kinds": {"code2": ["x"]}},
        {"when_fixed": "never"},
        {"preset": "dokcer"},
        {"size": {"size/S": "10"}},
        {"dot": "yes"},
    ],
)
def test_a_slip_in_a_policy_is_one_for_an_editor(
    validator: jsonschema.protocols.Validator, policy: dict[str, Any]
) -> None:
    assert [*policy_faults(policy, "")]
    assert not validator.is_valid(settings(policy))


def test_the_example_is_good_for_an_editor(validator: jsonschema.protocols.Validator) -> None:
    example = json.loads((CHECKOUT / "config.example.json").read_text("utf-8"))
    assert not [error.message for error in validator.iter_errors(example)]
