"""The commands people write in comments: read from text, line by line.

A command stands on a line of its own, as GitHub shows the comment. What is quoted, code or hidden
there was said by somebody else, or is an example. So the blocks of the comment are found by a
CommonMark parser; see docs/decisions/0035-comments-as-github-shows-them.md.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt


class Verb(StrEnum):
    """What a command asks for."""

    HELP = "help"
    TEST = "test"
    RETEST = "retest"
    CANCEL = "cancel"
    OK_TO_TEST = "ok-to-test"
    SKIP = "skip"
    #: Trust the author for good.
    WHITELIST = "add to whitelist"
    #: Looks like one of ours, and is none.
    UNKNOWN = "unknown"
    #: A phrase that does not stand alone on its line.
    ALMOST = "almost"
    #: A command below what is read of a long comment.
    TOO_LOW = "too low"


#: They only look like commands: somebody has to be told.
NOT_COMMANDS = frozenset({Verb.UNKNOWN, Verb.ALMOST, Verb.TOO_LOW})


@dataclass(frozen=True)
class Command:
    """One command."""

    verb: Verb
    #: What stands behind it: a context, a sha, ``cancel``; of what is none, the whole line.
    argument: str = ""


#: GHPRB's phrases, alone on their line: https://plugins.jenkins.io/ghprb/
_PHRASES = (
    (r"retest\W+this\W+please", Command(Verb.RETEST)),
    (r"test\W+this\W+please", Command(Verb.TEST, "all")),
    (r"(?:this\W+is\W+)?ok\W+to\W+test", Command(Verb.OK_TO_TEST)),
    (r"add\W+to\W+whitelist", Command(Verb.WHITELIST)),
)
_PHRASE = tuple(
    (re.compile(phrase + "[.!]*", re.IGNORECASE), command) for phrase, command in _PHRASES
)
#: With a name before it or a smiley behind, as GHPRB took them: nearly a command.
_NEARLY_PHRASE = re.compile(
    rf"(?:\S{{1,40}}\s+){{0,2}}(?:{'|'.join(phrase for phrase, _ in _PHRASES)})[.!]*(?:\s+\S{{1,40}}){{0,2}}",
    re.IGNORECASE,
)
_WORDS = {verb.value: verb for verb in Verb if verb not in {Verb.WHITELIST, *NOT_COMMANDS}}
_WORD = re.compile("[a-z][a-z_-]*")
#: What cannot be seen around a command: Unicode's blanks, and marks without a width.
_WIDTHLESS = "\u200b\u200e\u200f\u2060\ufeff"
_BLANKS = "".join(chr(c) for c in range(0x3001) if chr(c).isspace()) + _WIDTHLESS

#: A comment may hold no more: every command costs work.
MOST_COMMANDS = 20
#: So much of a comment is read: what it takes to find its blocks grows with its length.
LONGEST_COMMENT = 16_000
#: Longer lines are no commands, and no phrases.
LONGEST_LINE = 1_000
LONGEST_PHRASE = 200
#: Of a line that is repeated to its author.
LONGEST_REPEATED = 100


def parse_commands(body: str) -> tuple[Command, ...]:
    r"""The commands of a comment, each once, in order.

    >>> [str(c.verb) + ":" + c.argument for c in parse_commands("Thanks!\n/test janky\r\n/Retest!")]
    ['test:janky', 'retest:']
    >>> parse_commands("> /retest\n\n- ```\n  /retest\n  ```\n\n<pre>\n/retest\n</pre>\nsay /retest")
    ()
    >>> parse_commands("ok to test"), parse_commands("/retset")
    ((Command(verb=<Verb.OK_TO_TEST: 'ok-to-test'>, argument=''),), (Command(verb=<Verb.UNKNOWN: 'unknown'>, argument='/retset'),))
    """
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    # Nearly all comments end here.
    if not any(map(_parse_line, text.split("\n"))):
        return ()
    found = list(filter(None, map(_parse_line, _own_lines(text[:LONGEST_COMMENT]))))
    if not found:
        below = text[LONGEST_COMMENT:].split("\n")[1:]
        low = next(filter(_parse_line, below), None)
        found = [] if low is None else [Command(Verb.TOO_LOW, _repeated(low.strip(_BLANKS)))]
    return tuple(dict.fromkeys(found))[:MOST_COMMANDS]


def is_for_bots(line: str) -> bool:
    """A line that bots may obey where it stands alone: a command of anybody's, or a phrase.

    >>> is_for_bots("  /approve"), is_for_bots("Ok to test!"), is_for_bots("a /approve")
    (True, True, False)
    """
    said = line.strip(_BLANKS)
    return said.startswith("/") or _phrase_of(said) is not None


def _parse_line(line: str) -> Command | None:
    said = line.strip(_BLANKS)
    if said.startswith("/"):
        return _slash_command(said) if len(said) <= LONGEST_LINE else None
    if (command := _phrase_of(said)) is not None:
        return command
    if _may_hold_phrase(said) and _NEARLY_PHRASE.fullmatch(said):
        return Command(Verb.ALMOST, _repeated(said))
    return None


def _slash_command(said: str) -> Command | None:
    first, *rest = said[1:].split(maxsplit=1) or [""]
    word = first.lower().rstrip(".!")
    if not _WORD.fullmatch(word):
        return None
    if verb := _WORDS.get(word):
        return Command(verb, rest[0] if rest else "")
    # Other bots have commands too: only what is nearly one of ours is answered.
    return Command(Verb.UNKNOWN, _repeated(said)) if _joined(word) in _MISSPELT else None


def _phrase_of(said: str) -> Command | None:
    if not _may_hold_phrase(said):
        return None
    return next((command for phrase, command in _PHRASE if phrase.fullmatch(said)), None)


def _may_hold_phrase(said: str) -> bool:
    return len(said) <= LONGEST_PHRASE and ("test" in (low := said.lower()) or "whitelist" in low)


def _repeated(said: str) -> str:
    return said[:LONGEST_REPEATED]


def _joined(word: str) -> str:
    return word.replace("-", "").replace("_", "")


def _misspellings(word: str) -> Iterator[str]:
    """The word with one letter more, less, or two in the wrong order; of long ones, another one."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    yield word
    for n in range(len(word) + 1):
        before, after = word[:n], word[n:]
        yield from (before + letter + after for letter in letters)
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        if len(word) > 4:
            yield from (before + letter + after[1:] for letter in letters)


_MISSPELT = frozenset(near for word in _WORDS for near in _misspellings(_joined(word)))

# Only blocks are looked for: emphasis and links do not change whose a line is. The parser goes no
# deeper than 20 blocks within one another.
_MARKDOWN = MarkdownIt("commonmark")
_MARKDOWN.core.ruler.enableOnly(["normalize", "block"])

#: What begins or ends something hidden in the lines of a block.
_MARK = re.compile(r"\\[^\n]|`+|<!--|<(/?)(pre|blockquote|code)\b", re.IGNORECASE)
_TICKS = re.compile("`+")
#: These go on over the blocks that follow.
_STAYS_OPEN = frozenset({"pre", "blockquote"})
#: In the place of what is hidden: no line with it is a command.
_HIDDEN = "`"


def _own_lines(text: str) -> Iterator[str]:
    """The lines that are neither quoted nor code nor hidden."""
    lines = text.split("\n")
    quotes = 0
    #: Elements of HTML that were opened and not closed yet.
    within = 0
    for token in _MARKDOWN.parse(text):
        match token.type:
            case "blockquote_open":
                quotes += 1
            case "blockquote_close":
                quotes -= 1
            case "html_block":
                _, within = _shown(token.content, within)
            case "inline" if token.map:
                # As they stand in the comment: behind a mark of a list a line is not its own.
                block = "\n".join(lines[slice(*token.map)])
                shown, within = _shown(block, within, _runs_of_ticks(block))
                if not quotes:
                    yield from shown.split("\n")


def _runs_of_ticks(block: str) -> dict[int, list[int]]:
    """Where backticks stand, by how many in a row: what may end a span of code."""
    runs: dict[int, list[int]] = {}
    for run in _TICKS.finditer(block):
        runs.setdefault(len(run[0]), []).append(run.start())
    return runs


def _shown(
    block: str, within: int, ticks: Mapping[int, Sequence[int]] | None = None
) -> tuple[str, int]:
    """What of a block is plain text, and how many elements stay open behind it.

    Comments are left out. Code over several lines, and what stands in elements, is hidden.
    """
    shown = [_HIDDEN] if within else []
    #: Of spans of code by HTML, which end with their block.
    code = 0
    #: Up to here all is told; from here on marks are looked for.
    told = at = 0
    comments_end = block.rfind("-->")
    while mark := _MARK.search(block, at):
        at = mark.end()
        kind = mark[0]
        if kind[0] == "`":
            starts = (ticks or {}).get(len(kind), ())
            closer = bisect_left(starts, at)
            if closer == len(starts):
                continue
            opened, at = at, starts[closer] + len(kind)
            if "\n" not in block[opened:at]:
                continue
            replaced = _HIDDEN
        elif kind == "<!--":
            if at > comments_end:
                continue
            at = block.find("-->", at) + 3
            replaced = ""
        elif mark[2]:
            replaced = _HIDDEN
        else:
            continue  # an escaped character
        if not within and not code:
            shown += (block[told : mark.start()], replaced)
        told = at
        if mark[2] and mark[2].lower() in _STAYS_OPEN:
            within = max(0, within + (-1 if mark[1] else 1))
        elif mark[2]:
            code = max(0, code + (-1 if mark[1] else 1))
    if not within and not code:
        shown.append(block[told:])
    return "".join(shown), within
