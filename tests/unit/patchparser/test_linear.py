"""Everything that reads a stranger's text takes time in proportion to it.

Every pattern of patchparser is found by reading its source, and held against texts made to be
slow, of one, two, four and eight times a length. A pattern that is in no table here fails by name.
"""

import ast
import dataclasses
import importlib
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import patchparser
from patchparser.attributes import Attributes
from patchparser.breaking import breaking_lines
from patchparser.findings import Check
from patchparser.globs import matches
from patchparser.harmless import what_is_left
from patchparser.kinds import Kinds
from patchparser.patch import PatchError, parse_diff
from patchparser.pull import Commit, Identity, Pull
from patchparser.quoting import code, plain, prose
from patchparser.signoff import Match, SignOffPolicy, find_missing_sign_offs, problem_of
from patchparser.source_tokens import tokens_of
from patchparser.surface_search import find_surfaces
from patchparser.ways_out import why_not_asked

FOLDER = Path(patchparser.__file__).parent
SOURCES = {file.stem: ast.parse(file.read_text()) for file in sorted(FOLDER.glob("*.py"))}

#: Functions that compile what their callers write; what they make stands in a table.
MAKERS = {"surface_patterns.a_call", "surface_patterns.a_flag_call", "surface_patterns.a_line",
          "surface_patterns.a_public", "source_tokens._lexer"}  # fmt: skip
#: How the patterns of a module's tables are used; elsewhere the source shows it.
TABLES = {
    "remarks": "match",
    "breaking._INLINE_TESTS": "search",
    "source_tokens": "finditer",
    "surface_languages": "finditer",
}
#: Longer texts are cut before these see them.
LONGEST = 1_000
#: Below this a text costs nothing, and a ratio is noise.
NOTHING = 200e-6
MOST = 3.0

METHODS = ("match", "fullmatch", "search", "finditer", "findall", "split", "sub")


def is_call_of_re(node: ast.AST, *names: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in names
    )


def patterns_in(value: Any, name: str, seen: set[int]) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern in a value, with a name to find it by."""
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from patterns_in(each, f"{name}[{key}]", seen)
    elif isinstance(value, tuple | list):
        for number, each in enumerate(value):
            yield from patterns_in(each, f"{name}[{number}]", seen)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type) and id(value) not in seen:
        seen.add(id(value))
        for field in dataclasses.fields(value):
            # The first argument of a call stands where the call begins.
            how = ".match" if field.name == "argument" and value.first_only else ""
            yield from patterns_in(getattr(value, field.name), f"{name}.{field.name}{how}", seen)


def named_patterns() -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """Name, pattern and method of everything that is compiled at the top of a module."""
    seen: set[int] = set()
    for module, tree in SOURCES.items():
        values = vars(importlib.import_module(f"patchparser.{module}"))
        for statement in tree.body:
            if not isinstance(statement, ast.Assign | ast.AnnAssign):
                continue
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            if not isinstance(target, ast.Name):
                continue
            whole = f"{module}.{target.id}"
            for name, pattern in patterns_in(values[target.id], whole, seen):
                table = (
                    "match" if name.endswith(".match") else TABLES.get(whole, TABLES.get(module))
                )
                for method in methods_of(target.id, table):
                    yield name, pattern, method


def methods_of(name: str, of_table: str | None) -> list[str]:
    """The methods that any module calls of a pattern, or those of its table."""
    found = {
        node.func.attr
        for tree in SOURCES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
        and node.func.attr in METHODS
    }
    return sorted(found) or [of_table or "unused"]


def direct_patterns() -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """What is written where it is used: ``re.match("...", text)``."""
    for module, tree in SOURCES.items():
        for node in ast.walk(tree):
            if is_call_of_re(node, *METHODS):
                assert isinstance(node, ast.Call)
                assert isinstance(node.func, ast.Attribute)
                name = f"{module}:{node.lineno}"
                assert isinstance(node.args[0], ast.Constant), f"{name}: give the pattern a name"
                yield name, re.compile(node.args[0].value), node.func.attr


PATTERNS = [*named_patterns(), *direct_patterns()]
#: Many extensions share the patterns of one language.
DISTINCT = {(id(pattern), method): (name, pattern) for name, pattern, method in PATTERNS[::-1]}


def makers_of_patterns() -> Iterator[str]:
    """Where patterns are compiled that stand in no table: inside of functions."""
    for module, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.Lambda) and any(
                is_call_of_re(inner, "compile") for inner in ast.walk(node)
            ):
                yield f"{module}.{getattr(node, 'name', 'lambda')}"


def test_no_pattern_is_compiled_where_this_test_cannot_see_it() -> None:
    assert set(makers_of_patterns()) == MAKERS


def test_patterns_are_compiled_at_the_top_of_modules() -> None:
    """Each statement that compiles has a name under which the pattern was found."""
    found = {name.split("[")[0].split(".")[1] for name, _, _ in PATTERNS if "." in name}
    for module, tree in SOURCES.items():
        for statement in tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and any(
                is_call_of_re(node, "compile") for node in ast.walk(statement)
            ):
                target = (
                    statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
                )
                assert isinstance(target, ast.Name)
                # A list of languages is a table of tables: its parts have names of their own.
                assert target.id in found or target.id in _languages(), f"{module}.{target.id}"


def _languages() -> set[str]:
    return {"PYTHON", "GO", "JAVASCRIPT", "JAVA", "KOTLIN", "RUST", "C"}


def test_every_pattern_is_used_in_a_way_that_is_known() -> None:
    assert [name for name, _, method in PATTERNS if method == "unused"] == []


UNITS = (
    *("a", "A", "0", " ", "\t", "_", ".", "-", "/", "\\", "(", ")", "{", "[", "<", '"', "'", "`"),
    *("*", "#", ":", ",", "=", "@", "+", "!", "%", "$", "{a", "a ", "a.", "a, ", "a=", '"a', "0.", "%0"),
    *(" and a", " b/", "a/", "a+", "word and ", "(a", "a(", "${", "<a", "/*", "*/", "//", "\r", "é"),
)  # fmt: skip


def hostile_texts(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Beginning, middle to repeat, and end of texts that may be slow for a pattern."""
    source = (
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    )
    # What the pattern itself looks for brings a text far into it.
    words = list(dict.fromkeys(re.findall(r"[A-Za-z][A-Za-z@#:=-]+", re.sub(r"\\.", " ", source))))[
        :6
    ]
    for unit in UNITS:
        yield "", unit, "\0"
    for word in words:
        yield "", f"{word} ", "\0"
        for unit in (" ", "a", "a ", '"a', ".", "(", "a.", "0"):
            yield f"{word} ", unit, "\0"
            yield f"{word}(", unit, "\0"


def seconds(run: Callable[[], object], *, times: int = 5) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.thread_time()
        run()
        best = min(best, time.thread_time() - start)
    return best


def growth(run: Callable[[int], Callable[[], object]], longest: int) -> list[float]:
    """How much longer each doubling takes; empty where even the longest costs nothing.

    The minimum of five decides; a first look tells where that is not needed. A machine that is busy
    with other things may be slow in the middle of one: what is linear is so at some try.
    """
    if seconds(run(longest), times=1) < NOTHING:
        return []
    slower: list[float] = []
    for times in (1, 5, 5, 5):
        took = [max(seconds(run(longest // part), times=times), NOTHING) for part in (8, 4, 2, 1)]
        slower = [after / before for before, after in pairwise(took)]
        if max(slower) < MOST * 0.8:
            break
    return slower


@pytest.mark.parametrize(
    ("pattern", "method"),
    [(pattern, method) for (_, method), (_, pattern) in DISTINCT.items()],
    ids=[f"{name} {method}" for (_, method), (name, _) in DISTINCT.items()],
)
def test_a_pattern_takes_time_in_proportion_to_the_text(
    pattern: re.Pattern[Any], method: str
) -> None:
    for begin, unit, end in hostile_texts(pattern):

        def run(length: int, begin: str = begin, unit: str = unit, end: str = end) -> Any:
            text: Any = begin + (unit * length)[:length] + end
            text = (
                text.encode("utf-8", "surrogateescape")
                if isinstance(pattern.pattern, bytes)
                else text
            )
            call = getattr(pattern, method)
            if method == "sub":
                return lambda: call(text[:0], text)
            return (lambda: list(call(text))) if method == "finditer" else lambda: call(text)

        # One that doubles its time with each character would hold the whole test.
        assert seconds(run(20), times=2) < 10 * NOTHING, (begin, unit, end)
        slower = growth(run, LONGEST)
        assert not slower or max(slower) < MOST, (begin, unit, end, slower)


def a_diff(path: str, line: str, count: int, sign: str = "+") -> bytes:
    old, new = (count, 0) if sign == "-" else (0, count)
    head = f"--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n"
    return (head + f"{sign}{line}\n" * count).encode()


def all_findings(data: bytes) -> object:
    found: list[object] = []
    for file in parse_diff(data):
        found += [breaking_lines(file), *find_surfaces(file.path, file.hunks)]
        found.append(what_is_left([file]))
    return found


def refused(data: bytes) -> object:
    try:
        return parse_diff(data)
    except PatchError as exc:
        return exc


ANN = Identity(name="Ann", email="ann@example.org")


def a_commit(message: str) -> Commit:
    return Commit(sha="a" * 40, message=message, author=ANN, committer=ANN)


def lines_of(extension: str, line: str, count: int) -> Callable[[], object]:
    data = a_diff(f"x.{extension}", line, count)
    return lambda: all_findings(data)


def files(count: int) -> Callable[[], object]:
    data = b"".join(a_diff(f"f{number}.py", "x", 1) for number in range(count))
    return lambda: refused(data)


LINES = {
    "py": ["x = f(a)", '"""', "def f(a", "from x import (", "class A(" * 100, "cast(" * 100],
    "go": ["x := f(a)", 'flag.String("a" ' * 60, "cli.Flag{" * 100, "`a " * 300],
    "ts": ["f(a)", "export const a a a a " * 40, "import {", "config[" * 100],
    "java": ["f(a)", "public static " + " " * 900, "public " + "a " * 450, "/* x"],
    "rs": ["f(a)", "#[arg(" + "long " * 150],
    "c": ["f(a)", "a " * 450, "int " + "a " * 100 + "("],
    "kt": ["fun " + "a." * 400, 'log.info("' + "a " * 400],
    "sql": ["-- x", "/* x"],
}
WHOLE: dict[str, tuple[Callable[[int], Callable[[], object]], int]] = {
    **{
        f"lines of .{extension}: {line[:24]}": (partial(lines_of, extension, line), 80)
        for extension, lines in LINES.items()
        for line in lines
    },
    "words of Python": (lambda n: lambda: tokens_of("x.py", "def f(\n" * n), 1_600),
    "words that are casts": (lambda n: lambda: tokens_of("x.py", "cast(" * n), 800),
    "many files": (files, 400),
    "a header that could be split anywhere": (
        lambda n: lambda: refused(b"diff --git a/x" + b" b/x" * n + b"\n"),
        20_000,
    ),
    "many such headers": (
        lambda n: lambda: refused((b"diff --git a/x" + b" b/x" * 15 + b"\nold mode 1\nnew mode 2\n") * n),
        80,
    ),
    "binary files and and and": (
        lambda n: lambda: refused(b"Binary files a" + b" and a" * n + b" differ\n"),
        20_000,
    ),
    "mails without a diff": (
        lambda n: lambda: refused((b"From " + b"1" * 40 + b" x\nSubject: y\n\ndiff --git x\n") * n),
        2_000,
    ),
    "a mail that quotes diffs": (
        lambda n: lambda: refused(b"From " + b"1" * 40 + b" x\n\n" + b"diff --git a/x b/x\n" * n),
        800,
    ),
    "kinds of a long path": (lambda n: lambda: Kinds().kind_of("tests-" * n + "/x.py"), 4_000),
    "kinds of a deep path": (lambda n: lambda: Kinds().kind_of("a/" * n + "x.py"), 4_000),
    **{
        f"glob {glob[:20]}": (lambda n, glob=glob: lambda: matches(glob, ("a/" if "/" in glob else "a") * n), 2_000)
        for glob in ("+(a|aa)" * 8, "*a" * 30 + "b", "**/" * 20 + "x", "**/*a*/" * 10 + "b",
                     "*!(a)*!(b)c", "+(+(+(a)))b", "*(*(a)*(b))c", "[a-b]" * 50 + "*", "?" * 400)
    },
    ".gitattributes": (lambda n: lambda: Attributes({".gitattributes": b'"a ' * n}), 20_000),
    "sign-offs": (lambda n: lambda: problem_of(a_commit("x\n" + "Signed-off-by: a <b@c>\n" * n), Match.IDENTITY), 800),
    "one long sign-off": (lambda n: lambda: problem_of(a_commit("x\nSigned-off-by: " + "a <" * n), Match.IDENTITY), 20_000),
    "remediation": (
        lambda n: lambda: find_missing_sign_offs(
            [a_commit("x\nI, " + "a " * n), a_commit("x\nOn behalf of a <b>, I, " + "a " * n)],
            Pull(),
            SignOffPolicy(individual_remediation=True, third_party_remediation=True),
        ),
        20_000,
    ),
    "comments in a body": (
        lambda n: lambda: why_not_asked(
            Pull(body="<!--" * n), check=Check.TESTS, labels=(), phrases=("x",), titles=(),
            base_branches=(), authors=(),
        ),
        20_000,
    ),
    "quoting": (lambda n: lambda: (code("`" * n), prose("*" * n), plain("##[" * n)), 20_000),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_reading_takes_time_in_proportion_to_what_is_read(name: str) -> None:
    run, longest = WHOLE[name]
    slower = growth(run, longest)
    assert not slower or max(slower) < MOST, slower
