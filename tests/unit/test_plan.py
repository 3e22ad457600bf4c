"""The plan: every rule stands in it, in one place, and some test holds it."""

import importlib
import pkgutil
from collections import Counter
from pathlib import Path

import pytest

from leeroy.deciding import plan, rules

TESTS = Path(__file__).resolve().parents[1]
RULES = {rule.__name__: rule.__module__ for rule in (*plan.RULES, *plan.BRANCH_RULES)}
MODULES = [module.name for module in pkgutil.iter_modules(rules.__path__)]


@pytest.mark.parametrize("module", MODULES)
def test_every_file_of_rules_has_a_rule_in_the_plan(module):
    name = f"{rules.__name__}.{module}"
    importlib.import_module(name)
    assert name in RULES.values(), f"no rule of {name} stands in plan.RULES or plan.BRANCH_RULES"


def test_a_rule_stands_once_in_each_plan():
    for listed in (plan.RULES, plan.BRANCH_RULES):
        assert max(Counter(listed).values()) == 1


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_is_named_by_a_test_that_holds_it(rule):
    named = [file for file in TESTS.rglob("test_*.py") if rule in file.read_text("utf-8")]
    assert named, f"no test names {rule}: say in a test's docstring which rule it holds"
