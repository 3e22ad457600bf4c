"""Lines of code that no test could tell from none: imports, attributes, what only logs.

A table for each language; a line is looked at as it begins. To teach a language, add its row.
"""

import re
from collections.abc import Iterator

from patchparser.breaking import CodeLine, code_lines
from patchparser.hunks import Hunk
from patchparser.patch import extension_of

#: Lines after which a call that was not closed is given up.
_MAX_CALL = 12
#: The same of a list of imports.
_MAX_IMPORT = 100
#: Longer lines are data.
_MAX_LINE = 500

_IMPORTS = {
    extension: re.compile(regex)
    for extensions, regex in (
        ("py pyi", r"(?:import|from) [\w.]+|__all__ ?\+?= ?[\[(]"),
        ("go", r'(?:import\b|(?:[\w.]{1,60} )?"[\w./~-]+"$)'),
        ("js jsx mjs cjs ts tsx mts cts vue svelte", r"import\b(?! ?\()|export (?:\*|type\b)|const .{1,200}= ?require\("),
        ("java kt kts scala groovy", r"import |package "),
        ("rs", r"(?:pub(?:\([\w:]+\))? )?use |extern crate |(?:pub(?:\([\w:]+\))? )?mod \w+;"),
        ("c h cc cpp cxx hh hpp m mm", r"# ?include\b"),
        ("cs", r"using [\w.]+;"),
        ("swift", r"import "),
        ("rb", r"require(?:_relative)? "),
        ("php", r"use [\w\\]+"),
    )
    for extension in extensions.split()
}  # fmt: skip
#: What only compilers, linters and type checkers read.
_ATTRIBUTES = {
    extension: re.compile(regex)
    for extensions, regex in (
        ("rs", (r"#!?\[(?:inline|allow|expect|warn|deny|must_use|track_caller|cold|doc|rustfmt::skip"
               r"|clippy::\w+|cfg_attr\(docsrs)\b.*\]$"
               # Which systems a thing is for: no test on this one could tell.
               r'|#\[cfg\((?:all\(|any\(|not\(|target_\w{1,20} = "\w{1,20}"|unix|windows|test|miri|loom|[), ])+\]?$'
               r'|(?:not\()?target_\w{1,20} = "\w{1,20}"\)*,?$')),
        ("java kt kts", (r"@(?:file:)?(?:SuppressWarnings|Suppress|Override|Nullable|NonNull|NotNull|Nonnull"
                        r"|Deprecated|VisibleForTesting|FunctionalInterface|SafeVarargs|CheckReturnValue"
                        r"|CanIgnoreReturnValue|OptIn)\b(?:\(.*\))?$")),
        # An assertion about a type is there for the type checker.
        ("py pyi", (r"@(?:typing\.)?(?:override|final|no_type_check)$|assert isinstance\("
                   r"|assert [\w.]+ is not None(?:$| *,)")),
        ("cs", r"\[(?:SuppressMessage|MethodImpl|Obsolete)\b.*\]$"),
    )
    for extension in extensions.split()
}  # fmt: skip
_LOG_CALL = re.compile(
    r"""(?:await[ ])?(?:this\.|self\.)?
        (?:[\w.]{0,60}\b_{0,2}(?:log|logs|logger|logging|slog|klog|glog|logrus)(?:\(\))?
           \.(?:[a-z]\w{0,20}\(.{0,80}\)\.)?
           (?:debug|info|warn|warning|error|exception|trace|notice|verbose)\w{0,10}
        |(?:tracing::|log::)?(?:debug|info|warn|error|trace)!
        |(?:level\.\w{4,6}\(\w{1,30}\)\.Log)
        )\(""",
    re.VERBOSE | re.IGNORECASE,
)


_LOG_LINE = re.compile(
    r"""if[ ]\(!?\w{0,20}log\w{0,10}\.is\w{1,20}Enabled\(\)\)[ ]\{$
      | (?:(?:private|static|final|protected|public|val|const|var)[ ]){0,4}
        (?:Logger[ ])?_{0,2}\w{0,10}log(?:ger)?\w{0,10}(?::[ ]\w{1,20})?[ ]=
        [ ](?:\w{1,20}\.)?(?:getLogger|LoggerFactory\.getLogger|get_logger|createLogger)\(""",
    re.VERBOSE | re.IGNORECASE,
)
_CLOSING = {"(": ")", "{": "}", "[": "]"}


def without_remarks(hunk: Hunk, kind: str, path: str) -> Iterator[CodeLine]:
    """The code of one side without imports, exports, attributes and what only logs."""
    extension = extension_of(path)
    imports, attributes = _IMPORTS.get(extension), _ATTRIBUTES.get(extension)
    ends = ""  # what ends the import or call that goes on below its line
    left = 0
    for each in code_lines(hunk, kind, path, guess=True):
        code = each.code
        if left:
            left = 0 if ends in code else left - 1
            if left == 0 and ends not in code:
                yield each
            continue
        if imports and imports.match(code[:_MAX_LINE]):
            ends = _CLOSING.get(code[-1], "")
            left = _MAX_IMPORT if ends else 0
            continue
        if attributes and attributes.match(code[:_MAX_LINE]):
            continue
        if _LOG_LINE.match(code[:_MAX_LINE]):
            continue
        if _LOG_CALL.match(code[:_MAX_LINE]):
            if code.count("(") > code.count(")"):
                ends, left = ")", _MAX_CALL
            continue
        yield each
