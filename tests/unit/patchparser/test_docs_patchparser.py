"""docs/patchparser.md says what is so."""

import json
import re
from pathlib import Path

import pytest

from patchparser.cli import check
from patchparser.findings import Check, Finding, Mode, Verdict
from patchparser.policy import POLICY_KEYS, parse_policy
from patchparser.policy_parts import DOCS_KEYS, SIGN_OFF_KEYS
from patchparser.report import Report

PAGE = (Path(__file__).parents[3] / "docs" / "patchparser.md").read_text()
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("key", [*POLICY_KEYS, *SIGN_OFF_KEYS, *DOCS_KEYS])
def test_every_key_of_the_policy_is_explained(key):
    assert f"`{key}`" in PAGE


@pytest.mark.parametrize("option", [param for param in check.params if param.name != "range"])
def test_every_option_of_the_command_is_explained(option):
    assert f"`{option.opts[0]}" in PAGE


def test_the_example_policy_can_be_used():
    assert parse_policy(BLOCKS[0]).sign_off is not None


def test_the_example_report_has_the_keys_of_a_real_one():
    finding = Finding(check=Check.SIGN_OFF, verdict=Verdict.PASS, mode=Mode.REQUIRED, summary="x")
    real = json.loads(Report(findings=(finding,)).to_json())
    assert BLOCKS[1].keys() == real.keys()
    for shown in BLOCKS[1]["findings"]:
        assert shown.keys() == real["findings"][0].keys()
