"""Which changed lines can break something: not the blank ones, comments, or a new version.

Lines are judged by how they begin, in the comments of their language. A hunk shows a few lines
only, so where it is not clear that a line is a comment, it is taken for code.
"""

import keyword
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from patchparser.hunks import Hunk, Line
from patchparser.patch import FileStatus, PatchedFile, extension_of

#: Longer lines are data.
MAX_LINE = 2_000


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
_ATTRIBUTE = re.compile(
    r"[A-Za-z_][\w.]{0,80}\s{0,4}(?::[^='\"]{1,200}$|(?::[^=]{1,200})?=(?!=)[^'\"]{0,200}[^'\"=(\[{,+\\\s]$)"
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
    added = removed = 0
    first: int | None = None
    for hunk in file.hunks:
        if file.additions:
            for line, _ in code_lines(hunk, "+", file.path):
                if line.kind == "+":
                    added += 1
                    first = first or line.target_line
        if file.deletions:
            removed += sum(line.kind == "-" for line, _ in code_lines(hunk, "-", file.path))
    return Breaking(lines=added + removed, first=first)


def adds_inline_test(file: PatchedFile) -> bool:
    """Some tests live beside the code they test: doctests, and the tests of Rust and Zig.

    The change adds one, or lines to one.
    """
    pattern = _INLINE_TESTS.get(extension_of(file.path))
    # Nearly no file has any: its whole text is looked through before its lines are.
    if pattern is None or not (b"> " in file.patch or b"test" in file.patch):
        return False
    for hunk in file.hunks:
        inside = bool(_INLINE_TESTS_AROUND.search(hunk.section))
        for line in hunk.lines:
            if pattern.search(line.text[:500]):
                inside = inside or line.kind == " "
                if line.kind == "+":
                    return True
            elif inside and line.kind == "+" and extension_of(file.path) in ("rs", "zig"):
                return True
    return False


class CodeLine(NamedTuple):
    """A line of one side of a hunk, comments taken away."""

    line: Line
    #: Without the white space around it.
    code: str


def code_lines(hunk: Hunk, kind: str, path: str, *, guess: bool = False) -> Iterator[CodeLine]:
    """The lines of one side that are code: the changed ones (``+`` or ``-``) and those around.

    With ``guess``, what is most likely a docstring that began above the hunk is none either.
    """
    extension = extension_of(path)
    comments = _COMMENTS.get(extension, _NONE)
    is_python = extension in ("py", "pyi")
    lines = [line for line in hunk.lines if line.kind in (kind, " ")]
    prose = _prose_lines(lines) if is_python and guess else frozenset()
    # What ends the comment or docstring we are in.
    end = _docstring_above(lines) if is_python and guess else ""
    before = ""  # the last line that was not blank
    for line in lines:
        text = line.text[:MAX_LINE].strip()
        code = text
        if line in prose:
            continue
        if end:
            _, closed, code = text.partition(end)
            code = code.strip() if closed else ""
            end = "" if closed else end
        elif (
            is_python
            and text[:1] in _QUOTE_BEGINS
            and (quote := _docstring_quote(text, before, line))
        ):
            rest = text.partition(quote)[2]
            end = "" if quote in rest else quote
            code = rest.partition(quote)[2].strip()
        if not end and code:
            code, end = _without_comment(code, comments)
        if text:
            before = text.partition("  #")[0].rstrip() if is_python else text
        if code and not (
            len(code) < 200 and ("ersion" in code or "ERSION" in code) and _VERSION.match(code)
        ):
            yield CodeLine(line, code)


#: What triple quotes, or the letter before them, begin with.
_QUOTE_BEGINS = frozenset("\"'rRuU")


def _docstring_above(lines: Sequence[Line]) -> str:
    """The quotes that end the docstring the hunk begins in, if it begins in one.

    They stand alone on their line, or behind prose, and nothing above them opens a text.
    """
    in_prose = False
    for line in lines:
        text = line.text[:MAX_LINE].strip()
        quote = next((each for each in ('"""', "'''") if each in text), None)
        if quote is None:
            in_prose = in_prose or _is_sentence(text)
            if text.startswith(_STATEMENTS) and not in_prose:
                return ""
            continue
        before = text.partition(quote)[0].rstrip()
        if in_prose and text.endswith(quote):
            return quote
        if line is lines[0] or text != before + quote:
            return quote if before and _is_prose(before) and text.endswith(quote) else ""
        above = next((each for each in _texts_above(lines, line) if each), "")
        opens = before[-1:] in tuple("=([{,:+rRbBfFuU") if before else above[-1:] in tuple(":(=,[{")
        return "" if opens or not above else quote
    return ""


def _prose_lines(lines: Sequence[Line]) -> frozenset[Line]:
    """The lines of a docstring whose quotes are beyond the hunk on both sides.

    Two words side by side are no Python; the lines around them that show no code either belong to
    the same text.
    """
    texts = [line.text[:MAX_LINE].strip() for line in lines]
    if any(quote in text for text in texts for quote in ('"""', "'''")):
        return frozenset()
    is_prose = [_is_sentence(text) for text in texts]
    if not any(is_prose):
        return frozenset()
    for order in (range(1, len(lines)), range(len(lines) - 2, -1, -1)):
        step = order.step
        for at in order:
            if is_prose[at - step] and (not texts[at] or not _CODE_SIGN.search(texts[at])):
                is_prose[at] = True
    return frozenset(line for line, prose in zip(lines, is_prose, strict=True) if prose)


def _is_sentence(text: str) -> bool:
    """Whether a line has two words of prose side by side, outside of quotes."""
    if _MARKUP_LINE.match(text):
        return True
    if text.startswith(("#", ">>> ", "... ")) or _SQL_WORD.search(text):
        return False
    bare = _QUOTED.sub(" 0 ", text)
    return any(
        not (_PYTHON_WORDS & {first, second} or first in _SOFT_WORDS)
        for first, second in _TWO_WORDS.findall(bare.partition("#")[0])
    )


#: reStructuredText's: ``.. warning::``, ``:param x:``.
_MARKUP_LINE = re.compile(r"\.\. \w|:[a-z][\w ]{0,60}:(?:\s|$)")
_QUOTED = re.compile(r"""\"[^"]*(?:"|$)|'[^']*(?:'|$)""")
_TWO_WORDS = re.compile(r"(?=(?<![\w.])([A-Za-z]{2,40}) ([A-Za-z]{2,40})(?![\w(\[.=:]))")
_SQL_WORD = re.compile(
    r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WHERE|JOIN|VALUES|FROM|GROUP|ORDER)\b"
)
_CODE_SIGN = re.compile(
    r"""[=(){}\[\]]|:$|^(?:return|raise|if|for|while|def|class|import|from|else|elif|try|with|pass|break
        |continue|yield|await|async|assert|del|except|finally|global|nonlocal|@)\b""",
    re.VERBOSE,
)
_PYTHON_WORDS = frozenset(keyword.kwlist) - {"None", "True", "False"}
_SOFT_WORDS = frozenset(keyword.softkwlist) | {"print", "exec"}
#: No line of a docstring begins so.
_STATEMENTS = (
    "def ",
    "class ",
    "return ",
    "import ",
    "@",
    "async def ",
    "self.",
    "raise ",
    "elif ",
)


def _is_prose(text: str) -> bool:
    return text.endswith((".", "!", "?")) and text.count(" ") > 1


def _texts_above(lines: Sequence[Line], line: Line) -> Iterator[str]:
    for each in reversed(lines[: lines.index(line)]):
        yield each.text[:MAX_LINE].strip()


def _docstring_quote(text: str, before: str, line: Line) -> str | None:
    """The quotes that open a docstring here: below what it describes, or atop the file."""
    opens = _TRIPLE_QUOTE.match(text)
    if not opens:
        return None
    is_first = (line.target_line or line.source_line) == 1
    # Below an attribute stands what is said of it, on a line that begins with the quotes.
    is_attributes = bool(_ATTRIBUTE.match(before))
    return opens[1] if before.endswith(":") or is_first or is_attributes else None


def _without_comment(code: str, comments: Comments) -> tuple[str, str]:
    """What of a line is code, and what ends the comment that goes on below it, if one does.

    Only a comment that begins the line is looked for: ``/*`` further on may be a glob in quotes.
    """
    if code[0].isalnum():
        return code, ""  # no language's comment begins so, and most lines of code do
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
