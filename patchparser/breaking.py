"""Which changed lines can break something: not the blank ones, comments, or a new version.

Lines are judged by how they begin, in the comments of their language. A hunk shows a few lines
only, so where it is not clear that a line is a comment, it is taken for code.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from patchparser.hunks import Hunk, Line
from patchparser.patch import FileStatus, PatchedFile


@dataclass(frozen=True, kw_only=True)
class Comments:
    """How a language writes them."""

    #: What makes the rest of the line one.
    line: tuple[str, ...] = ()
    #: What begins and ends one of several lines.
    blocks: tuple[tuple[str, str], ...] = ()


_SLASHES = Comments(line=("//",), blocks=(("/*", "*/"),))
_HASHES = Comments(line=("#",))
_DASHES = Comments(line=("--",), blocks=(("/*", "*/"), ("--[[", "]]"), ("{-", "-}")))
_SEMICOLONS = Comments(line=(";",))
_MARKUP = Comments(line=("//",), blocks=(("<!--", "-->"), ("/*", "*/")))

_COMMENTS = {
    extension: comments
    for extensions, comments in (
        (
            "go js jsx mjs cjs ts tsx mts cts java kt kts scala groovy cs fs swift rs dart zig d",
            _SLASHES,
        ),
        (
            "c h cc cpp cxx hh hpp hxx m mm v sv proto thrift sol scss less sass css hlsl glsl",
            _SLASHES,
        ),
        (
            "py pyi pyx rb rake sh bash zsh fish ksh pl pm raku r jl tcl ex exs nim cr awk ps1 psm1",
            _HASHES,
        ),
        (
            "graphql gql coffee rego",
            _HASHES,
        ),
        ("php tf hcl", Comments(line=("#", "//"), blocks=(("/*", "*/"),))),
        ("sql lua hs lhs elm ada adb ads vhd vhdl", _DASHES),
        ("clj cljs cljc edn lisp el scm rkt asm", _SEMICOLONS),
        ("erl hrl", Comments(line=("%",))),
        ("html htm vue svelte astro cshtml razor xaml hbs", _MARKUP),
    )
    for extension in extensions.split()
}
_NONE = Comments()
#: Comments that tools obey: they change what is built.
_ORDERS = ("#!", "//go:", "// +build", "/// <reference", "//export ")

# version = "1.2.3", "version": "1.2.3", const Version = "v1.2", VERSION = (1, 2, 3)
_VERSION = re.compile(
    r"""^[\w\s"'.:]{0,60}?(?<!\w)_*version_*["']?\s*(?::\s*\w{1,20}\s*)?(?::?=|:|=>)\s*
        [(\[]?\s*["']?v?\d{1,9}(?:[.,]\s*\d{1,9}){1,4}(?:[-+.]?[\w.+-]{0,40})?["']?\s*[)\]]?\s*[;,]?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_TRIPLE_QUOTE = re.compile(r"""[rRuU]?("{3}|'{3})""")

#: How tests that live in the code's own file begin, by extension.
_INLINE_TESTS = {
    "py": re.compile(r"^\s*>>> "),
    "rs": re.compile(r"#\[(?:\w+::)*(?:test|rstest|test_case|cfg\(test\))|\bproptest!"),
    "zig": re.compile(r"^test\b.*\{"),
    "ex": re.compile(r"^\s*iex(?:\(\d*\))?> "),
    "exs": re.compile(r"^\s*iex(?:\(\d*\))?> "),
}
_INLINE_TESTS_AROUND = re.compile(r"\bmod tests?\b|#\[cfg\(test\)\]|^test\b")


@dataclass(frozen=True, kw_only=True)
class Breaking:
    """What of a file's change can break something."""

    #: Lines, added and removed.
    lines: int
    #: The first of them in the new file; None where none was added or none can be seen.
    first: int | None = None


def breaking_lines(file: PatchedFile) -> Breaking:
    """Count the changed lines of code that can break something.

    A file that is gone, moved, binary, or a link has none. Where GitHub shows no lines, all that
    it counted can.
    """
    if file.is_removed or file.is_binary or file.is_symlink or file.is_submodule:
        return Breaking(lines=0)
    if file.status is FileStatus.CHANGED or not file.has_patch:
        return Breaking(lines=file.changes)
    comments = _COMMENTS.get(_extension(file.path), _NONE)
    added = removed = 0
    first: int | None = None
    for hunk in file.hunks:
        for line in _code_lines(hunk, "+", file.path, comments):
            added += 1
            first = first or line.target_line
        removed += sum(1 for _ in _code_lines(hunk, "-", file.path, comments))
    return Breaking(lines=added + removed, first=first)


def adds_inline_test(file: PatchedFile) -> bool:
    """Some tests live beside the code they test: doctests, and the tests of Rust and Zig.

    The change adds one, or lines to one.
    """
    pattern = _INLINE_TESTS.get(_extension(file.path))
    if pattern is None:
        return False
    for hunk in file.hunks:
        inside = bool(_INLINE_TESTS_AROUND.search(hunk.section))
        for line in hunk.lines:
            if pattern.search(line.text[:500]):
                inside = inside or line.kind == " "
                if line.kind == "+":
                    return True
            elif inside and line.kind == "+" and _extension(file.path) in ("rs", "zig"):
                return True
    return False


def _extension(path: str) -> str:
    return path.rpartition(".")[2].lower()


def _code_lines(hunk: Hunk, kind: str, path: str, comments: Comments) -> Iterator[Line]:
    """The changed lines of one side that are code."""
    is_python = _extension(path) in ("py", "pyi")
    end = ""  # what ends the comment or docstring we are in
    before = ""  # the last line that was not blank
    for line in hunk.lines:
        if line.kind not in (kind, " "):
            continue
        text = line.text[:2_000].strip()
        code = text
        if end:
            _, closed, code = text.partition(end)
            code = code.strip() if closed else ""
            end = "" if closed else end
        elif is_python and (quote := _docstring_quote(text, before, line)):
            rest = text.partition(quote)[2]
            end = "" if quote in rest else quote
            code = rest.partition(quote)[2].strip()
        if not end and code:
            code, end = _without_comment(code, comments)
        if text:
            before = text
        if code and line.kind == kind and not (len(code) < 200 and _VERSION.match(code)):
            yield line


def _docstring_quote(text: str, before: str, line: Line) -> str | None:
    """The quotes that open a docstring here: below what it describes, or atop the file."""
    opens = _TRIPLE_QUOTE.match(text)
    is_first = (line.target_line or line.source_line) == 1
    return opens[1] if opens and (before.endswith(":") or is_first) else None


def _without_comment(code: str, comments: Comments) -> tuple[str, str]:
    """What of a line is code, and what ends the comment that goes on below it, if one does.

    Only a comment that begins the line is looked for: ``/*`` further on may be a glob in quotes.
    """
    while code:
        if code.startswith(_ORDERS):
            return code, ""
        block = next((each for each in comments.blocks if code.startswith(each[0])), None)
        if block is None:
            break
        _, closed, rest = code[len(block[0]) :].partition(block[1])
        if not closed:
            return "", block[1]
        code = rest.strip()
    if code.startswith(comments.line):
        return "", ""
    # The middle of a block comment that began above the hunk.
    has_stars = any(begin == "/*" for begin, _ in comments.blocks)
    if has_stars and (code == "*" or code.startswith("* ")) and not code.endswith("{"):
        return "", ""
    if has_stars and code.startswith("*/"):
        return code[2:].strip(), ""
    return code, ""
