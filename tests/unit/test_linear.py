"""Every pattern of Leeroy's takes time in proportion to the text it is held against.

All of them are found by reading the source; one that this test cannot see, or does not know how it
is used, fails by name. What they are held against is made of the patterns themselves.
"""

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import leeroy
from leeroy.config.patterns import compiled
from leeroy.deciding.commands import parse_commands
from leeroy.logs import Redactor, visible
from tests.hostile import (
    METHODS,
    MOST,
    growth,
    hostile_texts,
    is_call_of_re,
    patterns_in,
    texts_by_structure,
    use_of,
)

ROOT = Path(leeroy.__file__).parent
SOURCES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts): ast.parse(file.read_text())
    for file in sorted(ROOT.rglob("*.py"))
}
#: Longer than what one line of a stranger's may be; what is quadratic shows well before.
LONGEST = 4_000

#: Functions that compile what is written elsewhere; their results are among the WHOLE below.
MAKERS = {
    #: Secrets of the settings, each taken literally, and the pattern of tokens.
    "logs.Redactor.__init__",
}
#: How patterns are used that stand in a table or are handed on; elsewhere the source shows it.
HANDED_ON = {
    "config.fields.LOGIN": "fullmatch",
    "config.fields.ORGANIZATION": "fullmatch",
    "config.fields.SERVER_NAME": "fullmatch",
    "deciding.commands._PHRASE": "fullmatch",
    "logs._TOKENS": "sub",
}
#: What is held against a text of our own only, which no stranger and no operator writes.
OURS = {
    "config.reference._MARKED": "the pages of docs/",
    "demo.narrator._FOLDED": "comments of ours, of the demo",
    "demo.narrator._HIDDEN": "comments of ours, of the demo",
}
#: Before these see a line it is cut to so many characters.
CUT: dict[str, int] = {}


def named_patterns() -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """Name, pattern and method of all that is compiled at the top of a module."""
    for module, tree in SOURCES.items():
        if not any(is_call_of_re(node, "compile") for node in ast.walk(tree)):
            continue
        values = vars(importlib.import_module(f"leeroy.{module}"))
        for target in _targets(tree):
            whole = f"{module}.{target}"
            for name, pattern in patterns_in(values[target], whole, set()):
                for method in _methods_of(module, target) or [HANDED_ON.get(whole, "unused")]:
                    yield name, pattern, method


def direct_patterns() -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """What is written where it is used: ``re.match("...", text)``."""
    for module, tree in SOURCES.items():
        for node in ast.walk(tree):
            if is_call_of_re(node, *METHODS):
                assert isinstance(node, ast.Call)
                assert isinstance(node.func, ast.Attribute)
                name = f"{module}:{node.lineno}"
                assert isinstance(node.args[0], ast.Constant), f"{name}: give the pattern a name"
                flags = [k.value for k in node.keywords if k.arg == "flags"]
                # Its flags are names of re's; nothing else is called.
                value = eval(ast.unparse(flags[0]), {"re": re}) if flags else 0
                yield name, re.compile(node.args[0].value, value), node.func.attr


def _targets(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            if isinstance(target, ast.Name):
                yield target.id


def _methods_of(module: str, name: str) -> list[str]:
    """The methods that are called of a pattern: by its own module, by any if it may see the name."""
    readers = [SOURCES[module]] if name.startswith("_") else list(SOURCES.values())
    return sorted(
        {
            node.func.attr
            for node in chain.from_iterable(map(ast.walk, readers))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name | ast.Attribute)
            and getattr(node.func.value, "id", getattr(node.func.value, "attr", "")) == name
            and node.func.attr in METHODS
        }
    )


PATTERNS = [*named_patterns(), *direct_patterns()]


def _whole(name: str) -> str:
    return name.partition("[")[0]


def _makers(tree: ast.Module, module: str) -> Iterator[str]:
    """Where patterns are compiled inside of functions and classes, by name."""
    todo: list[tuple[str, ast.AST]] = [(module, node) for node in tree.body]
    while todo:
        name, node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{name}.{node.name}"
        if is_call_of_re(node, "compile") and name != module:
            yield name
        todo += [(name, child) for child in ast.iter_child_nodes(node)]


def test_no_pattern_is_compiled_where_this_test_cannot_see_it() -> None:
    found = {name for module, tree in SOURCES.items() for name in _makers(tree, module)}
    assert found == MAKERS


def test_each_statement_that_compiles_has_a_name_under_which_its_pattern_was_found() -> None:
    found = {_whole(name) for name, _, _ in PATTERNS}
    for module, tree in SOURCES.items():
        for statement in tree.body:
            if any(
                is_call_of_re(node, "compile")
                for node in ast.walk(statement)
                if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
            ):
                names = set(_targets(ast.Module(body=[statement], type_ignores=[])))
                assert {f"{module}.{name}" for name in names} <= found
                assert names, f"{module}:{statement.lineno}"


def test_re_is_used_by_its_own_name_only() -> None:
    """Under another this test would not see it."""
    for module, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert node.module != "re", f"{module}: import re"
            if isinstance(node, ast.Import):
                names = {alias.name: alias.asname for alias in node.names}
                assert not names.get("re"), f"{module}: import re"
                # The settings' patterns: by an engine that never goes back, in one place.
                assert "re2" not in names or module == "config.patterns", module


def test_every_pattern_is_used_in_a_way_that_is_known() -> None:
    assert [name for name, _, method in PATTERNS if method == "unused"] == []


def test_the_tables_here_name_what_there_is() -> None:
    found = {_whole(name) for name, _, _ in PATTERNS}
    assert {*HANDED_ON, *OURS, *CUT} - {*WHOLE} <= found


@pytest.mark.parametrize(
    ("name", "pattern", "method"),
    [pytest.param(*use, id=f"{use[0]} {use[2]}") for use in PATTERNS if _whole(use[0]) not in OURS],
)
def test_a_pattern_takes_time_in_proportion_to_the_text(
    name: str, pattern: re.Pattern[Any], method: str
) -> None:
    longest = CUT.get(_whole(name), LONGEST)
    for begin, unit, end in chain(texts_by_structure(pattern), hostile_texts(pattern)):
        slower = growth(use_of(pattern, method, begin, unit, end), longest)
        assert not slower or max(slower) < MOST, (begin, unit, end, slower)


SECRETS = [f"secret-{n:03}-{'x' * n}" for n in range(4, 60)]
#: What strangers write, and what reads it as a whole.
WHOLE: dict[str, Callable[[int], Callable[[], object]]] = {
    "a command and blanks": lambda n: lambda: parse_commands("/test a" + " " * n + "b"),
    "a phrase and marks": lambda n: lambda: parse_commands("this" + "!" * n + "is ok to test"),
    "comments that are not ended": lambda n: lambda: parse_commands("<!--" * n),
    "fences": lambda n: lambda: parse_commands("```\n" * n),
    "one long fence": lambda n: lambda: parse_commands("`" * n),
    "quoted lines": lambda n: lambda: parse_commands("> /test\n" * n),
    "secrets that nearly are some": lambda n: lambda: Redactor(SECRETS).redact("secret-" * n),
    "tokens that nearly are some": lambda n: lambda: Redactor().redact("ghp_" * n + "://a:" * n),
    "lines for a terminal": lambda n: lambda: visible("\x1b[" * n),
    "settings' patterns": lambda n: lambda: compiled("(a+)+b").matches("a" * n),
}


@pytest.mark.parametrize("name", WHOLE)
def test_reading_takes_time_in_proportion_to_what_is_read(name: str) -> None:
    slower = growth(WHOLE[name], LONGEST * 4)
    assert not slower or max(slower) < MOST, slower


def test_a_pattern_that_goes_back_is_seen() -> None:
    """What shows above that they do not would show it if they did."""
    pattern = re.compile(r"/([a-z]+)(?:[ \t]+(.*?))?[ \t]*")
    assert ("/a a", " ", "\n") in set(texts_by_structure(pattern))
    assert max(growth(use_of(pattern, "fullmatch", "/a b", " ", "b"), LONGEST)) > MOST
