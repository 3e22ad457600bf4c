"""A small corpus of patches with their right verdicts: what asked wrongly once, and what must ask.

The causes are those of 3,050 merged pull requests of 13 projects
(benchmarks/real_histories.py shows what is said of them); the patches are made up.
"""

import difflib
import textwrap

import pytest

from patchparser.findings import Verdict
from patchparser.kinds import Kinds
from patchparser.missing_tests import TestsPolicy, find_missing_tests
from patchparser.patch import PatchSet, parse_diff
from patchparser.pull import Pull


def patch_of(files: dict[str, tuple[str, str]]) -> PatchSet:
    """The patch between two states of some files, as git would write it."""
    diff = ""
    for path, (old, new) in files.items():
        before, after = (
            textwrap.dedent(text).strip("\n").splitlines(keepends=True) for text in (old, new)
        )
        names = (f"a/{path}" if before else "/dev/null", f"b/{path}" if after else "/dev/null")
        lines = difflib.unified_diff(before, after, *names)
        # The last lines of a text may have lost their newline to the dedent.
        diff += "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
    return parse_diff(diff.encode())


def verdict_of(files: dict[str, tuple[str, str]], settings: TestsPolicy | None = None) -> Verdict:
    settings = settings or TestsPolicy(min_lines=1)
    return find_missing_tests(patch_of(files), Pull(), settings, Kinds()).verdict


PAD = "\n".join(f"line_{number}()" for number in range(8))

SILENT: dict[str, dict[str, tuple[str, str]]] = {
    "the project's own script": {"scripts/sync.sh": ("a\n", "a\nb\nc\n")},
    "the project's own benchmark": {"benchmarks/http.js": ("run()", "run()\nmore()\nagain()")},
    "a generator": {"utils/generate-commands.py": ("a()", "b()\nc()")},
    "a script that releases": {"release.sh": ("make", "make all\ngit push")},
    "Gradle's logic": {"build-logic/src/main/kotlin/Osgi.kt": ("", "fun osgi() {\n  x()\n}")},
    "a Gradle convention": {"acme.publish.gradle.kts": ("", "plugins {\n  id(1)\n}")},
    "a style": {"web/app.css": ("", ".a {\n  color: red;\n}\n.b {\n  top: 0\n}")},
    "a Go tool": {"internal/gen/main.go": ("", "//go:build ignore\n\npackage main\n\nfunc main() {}")},
    "stubs": {"pkg/a.pyi": ("", "def f() -> int: ...\ndef g() -> int: ...")},
    "test support": {"acme-testing-support/src/main/kotlin/Fake.kt": ("", "class Fake {\n}")},
    "removal of a function": {"a.go": ("func a() {}\nfunc b() {\n x()\n}", "func a() {}")},
    "removal of a branch": {
        "a.py": ("def f(x):\n    if x:\n        return 1\n    return 2", "def f(x):\n    return 2")
    },
    "a function moved to another file": {
        "a.py": ("import re\n\n\ndef f(x):\n    return re.compile(x)\n", ""),
        "b.py": ("", "import re\n\n\ndef f(x):\n    return re.compile(x)\n"),
    },
    "a function moved and renamed": {
        "a.py": ("def quote(x):\n    return repr(x)\n\n\nprint(1)", "print(1)"),
        "b.py": (
            "from a import quote\n\n\ny = quote(2)",
            "def _quote(x):\n    return repr(x)\n\n\ny = _quote(2)",
        ),
    },
    "a name changed everywhere": {
        "a.go": (
            "func (configFile *Config) Save() {\n\tconfigFile.x = 1\n\twrite(configFile)\n}",
            "func (c *Config) Save() {\n\tc.x = 1\n\twrite(c)\n}",
        )
    },
    "a typo in a constant": {
        "a.c": ("#define NUBMER 3\nint a[NUBMER];\nint b = NUBMER;", "#define NUMBER 3\nint a[NUMBER];\nint b = NUMBER;")
    },
    "aligned by a formatter": {
        "a.go": ("x := T{\n\ta: 1,\n\tbcd: 2,\n}", "x := T{\n\ta:   1,\n\tbcd: 2,\n}")
    },
    "wrapped by a formatter": {
        "a.kt": ("dependencies {\n  api(x)\n}", "dependencies { api(x) }")
    },
    "wrapped with a comma at the end": {
        "a.py": ("f(first, second)", "f(\n    first,\n    second,\n)")
    },
    "imports sorted": {"a.py": ("import b\nimport a\n\nf()", "import a\nimport b\n\nf()")},
    "imports of another package": {
        "A.java": ("import javax.annotation.Nullable;\nclass A {}", "import org.jspecify.Nullable;\nclass A {}")
    },
    "imports over several lines": {
        "a.ts": ("import {\n  a,\n} from 'x'\nf()", "import {\n  a,\n  b,\n} from 'y'\nf()")
    },
    "a list of exports": {
        "a.py": ("from b import *", "from b import *\n\n__all__ = [\n    'x',\n    'y',\n]")
    },
    "comments for tools": {
        "a.py": ("x = f()  # type: ignore\ny = 2  # noqa: E501", "x = f()\ny = 2")
    },
    "a comment behind code": {"a.go": ("x := 1 // one", "x := 1 // the first")},
    "attributes for the compiler": {
        "a.rs": ("fn f() {}\nfn g() {}", "#[inline]\nfn f() {}\n#[allow(dead_code)]\nfn g() {}")
    },
    "annotations for the linter": {
        "A.java": ("class A {\n  void f() {}\n}", 'class A {\n  @SuppressWarnings("x")\n  void f() {}\n}')
    },
    "the systems a thing is for": {
        "a.rs": (
            '#[cfg(target_os = "hurd")]\nfn f() {}',
            '#[cfg(any(\n    target_os = "hurd",\n    target_os = "nuttx",\n))]\nfn f() {}',
        )
    },
    "Python's annotations": {
        "a.py": (
            "def f(a, b=None):\n    x = []\n    return x",
            "def f(a: int, b: str | None = None) -> list[int]:\n    x: list[int] = []\n    return x",
        )
    },
    "annotations of parameters whose function is not in sight": {
        "a.py": (
            f"def f(\n    first,\n{textwrap.indent(PAD.replace('()', ','), '    ')}\n    x: str,\n    y: int = 1,\n):\n    pass",
            f"def f(\n    first,\n{textwrap.indent(PAD.replace('()', ','), '    ')}\n    x: str | None,\n    y: Optional[int] = 1,\n):\n    pass",
        )
    },
    "overloads": {
        "a.py": (
            "class T:\n    def __sub__(self, o):\n        return 1",
            ("class T:\n    @overload\n    def __sub__(self, o: int) -> int: ...\n\n    @overload\n"
            "    def __sub__(self, o: str) -> str: ...\n\n    def __sub__(self, o):\n        return 1"),
        )
    },
    "a protocol": {
        "a.py": (
            "class T:\n    pass",
            "class Handle(Protocol):\n    x: int\n\n    def f(self) -> int: ...\n\n\nclass T:\n    pass",
        )
    },
    "annotations of a function whose end is not in sight": {
        "a.py": (
            "def f(\n    x: Srv,\n    y,\n    z,\n    w,\n    v,\n    u,\n):\n    pass",
            "def f(\n    x: 'Type[Srv[A, B]]',\n    y,\n    z,\n    w,\n    v,\n    u,\n):\n    pass",
        )
    },
    "a name that is said to be an alias": {
        "a.py": ("Options = _impl.Options\nf()", "Options: 'TypeAlias' = _impl.Options\nf()")
    },
    "imports for type checkers": {
        "a.py": ("f()", "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from b import Node\n\nf()")
    },
    "an alias of types": {
        "a.py": ("Key = Mapping[str, Any]\nf()", "Key = MutableMapping[str, Any]\nf()")
    },
    "a docstring": {
        "a.py": ('def f():\n    return 1', 'def f():\n    """Return one.\n\n    Always.\n    """\n    return 1')
    },
    "a docstring whose beginning is not in sight": {
        "a.py": (
            'def f(a):\n    """Do it.\n\n' + textwrap.indent("Some more words\n" * 5, "    ")
            + "    :param a: the old one\n    \"\"\"\n    return a",
            'def f(a):\n    """Do it.\n\n' + textwrap.indent("Some more words\n" * 5, "    ")
            + "    :param a: the new one\n    \"\"\"\n    return a",
        )
    },
    "a docstring whose quotes are not in sight": {
        "a.py": (
            'def f(a):\n    """Do it.\n\n' + textwrap.indent("Some more words here.\n" * 12, "    ") + '    """',
            'def f(a):\n    """Do it.\n\n' + textwrap.indent("Some more words here.\n" * 6, "    ")
            + "    .. warning::\n        It is safer to pass the data\n        along.\n"
            + textwrap.indent("Some more words here.\n" * 6, "    ") + '    """',
        )
    },
    "what is said of an attribute": {
        "a.py": ("class A:\n    b = 1\n    c = 2", 'class A:\n    b = 1\n    """What b is, and\n    why."""\n    c = 2')
    },
    "a text for people": {
        "a.py": (
            'raise ValueError("Attempted to send an sync request.")',
            'raise ValueError("Attempted to send a sync request.")',
        )
    },
    "a text of several pieces": {
        "A.java": (
            'description = "Comma separated URLs for it. "\n  + "Must be all of one kind."',
            'description = "Comma separated addresses for it. "\n  + "Must be of one kind. "\n  + "Or none."',
        )
    },
    "a log message": {
        "A.java": (
            "f();\nLOG.info(\"Started {}\", x);", "f();\nLOG.debug(\"Just started {} of {}\", x, y);"
        )
    },
    "log calls": {
        "a.go": ("f()", 'f()\nlog.Infof("done %d", x)\nlogger.Debug(\n\t"more",\n\tx)')
    },
}  # fmt: skip

ASKS: dict[str, dict[str, tuple[str, str]]] = {
    "a new function": {"a.py": ("", "def f(x):\n    return x + 1")},
    "another operator": {"a.go": ("if a < b {\n}", "if a <= b {\n}")},
    "another number": {"a.py": ("def f(code=302):\n    pass", "def f(code=303):\n    pass")},
    "another branch": {"a.js": ("a()", "if (x) {\n  b()\n}\na()")},
    "lines put inside an if": {"a.py": ("a()\nb()", "if x:\n    a()\n    b()")},
    "a line of Python further in": {
        "a.py": ("for x in y:\n    a()\nb()", "for x in y:\n    a()\n    b()")
    },
    "one call in the place of another": {
        "a.js": ("t = setTimeout(f)\nclearTimeout(t)", "t = setImmediate(f)\nclearImmediate(t)")
    },
    "one function in the place of another": {
        "a.c": ("  reply_human(c, x);\n  reply_human(c, y);", "  reply(c, x);\n  reply(c, y);")
    },
    "a word of the language changed": {"a.py": ("x = True\ny = a and b", "x = False\ny = a or b")},
    "an import and a real line": {"a.py": ("f()", "import g\n\nf()\ng.h()")},
    "a moved function that changed": {
        "a.py": ("def f(x):\n    return x\n", ""),
        "b.py": ("", "def f(x):\n    return x + 1\n"),
    },
    "a text that is a query": {
        "a.py": ('run("SELECT name FROM users WHERE id = 1")', 'run("SELECT name FROM users")')
    },
    "a text with another value in it": {
        "a.py": ('say(f"There are {count} of them here")', 'say(f"There are {total} of them here")')
    },
    "a text that is a key": {"a.py": ('get("timeout")', 'get("deadline")')},
    "an attribute that matters": {"a.rs": ("struct A;", "#[derive(Clone)]\nstruct A;")},
    "a feature that switches something off": {
        "a.rs": ("fn f() {}", '#[cfg(feature = "net")]\nfn f() {}')
    },
    "a decorator": {"a.py": ("def f():\n    pass", "@cache\ndef f():\n    pass")},
    "a new field": {"a.py": ("class A:\n    x: int", "class A:\n    x: int\n    y: int")},
    "another default": {"a.py": ("def f(x: int = 1):\n    pass", "def f(x: int = 2):\n    pass")},
    "methods at the end of a class": {
        "a.py": (
            'class A:\n    def f(self):\n        """Do it.\n\n        Well.\n        """\n        with a:\n            return 1',
            ('class A:\n    def f(self):\n        """Do it.\n\n        Well.\n        """\n        with a:\n            return 1\n\n'
            "    def __enter__(self):\n        return self"),
        )
    },
    "a dict's value": {
        "a.py": (f"x = {{\n{PAD.replace('()', ': 1,')}\n    a: b,\n}}", f"x = {{\n{PAD.replace('()', ': 1,')}\n    a: c,\n}}")
    },
    "JavaScript loaded when needed": {"a.js": ("f()", "import('./x').then(run)\nf()")},
    "a build script of tests": {
        "a.py": ("x = 1", "x = 2"), "tests/package.json": ("{}", '{"a": 1}')
    },
    "a top-level program of users": {"install.sh": ("a", "a\nb")},
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_asked_where_no_test_could_tell(name: str) -> None:
    assert verdict_of(SILENT[name]) is Verdict.PASS


@pytest.mark.parametrize("name", ASKS)
def test_a_test_is_asked_for_where_one_could_tell(name: str) -> None:
    assert verdict_of(ASKS[name]) is Verdict.FAIL


@pytest.mark.parametrize("name", [name for name in SILENT if name != "test support"])
def test_a_harmless_change_beside_a_real_one_does_not_hide_it(name: str) -> None:
    files = {**SILENT[name], "real.go": ("if a < b {\n}", "if a <= b {\n}")}
    assert verdict_of(files) is Verdict.FAIL


def test_a_real_change_is_not_made_smaller_by_what_is_around_it() -> None:
    body = "a()\nb()\nc()\n"
    inside = "if x:\n" + textwrap.indent(body, "    ")
    assert verdict_of({"a.py": (body, inside)}, TestsPolicy(min_lines=5)) is Verdict.FAIL


def test_a_large_patch_is_not_looked_into() -> None:
    lines = "".join(f"a{number}()\n" for number in range(10_001))
    moved = {"a.py": (lines, ""), "b.py": ("", lines)}
    assert verdict_of(moved) is Verdict.FAIL
