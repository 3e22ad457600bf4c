"""The commands people write in comments: read from text, line by line.

A command stands on a line of its own. What is quoted or in a code block was said by somebody else,
or is an example.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


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


@dataclass(frozen=True)
class Command:
    """One command."""

    verb: Verb
    #: What stands behind it: a context, a sha, ``cancel``; of an unknown one, the whole line.
    argument: str = ""


_SLASH = re.compile(r"/([a-z][a-z-]*)(?:[ \t]+(.*?))?[ \t]*")
#: GHPRB's phrases, alone on their line: https://plugins.jenkins.io/ghprb/
_PHRASES = (
    (re.compile(r"retest\W+this\W+please[.!]?", re.IGNORECASE), Command(Verb.RETEST)),
    (re.compile(r"test\W+this\W+please[.!]?", re.IGNORECASE), Command(Verb.TEST, "all")),
    (re.compile(r"(?:this\W+is\W+)?ok\W+to\W+test[.!]?", re.IGNORECASE), Command(Verb.OK_TO_TEST)),
    (re.compile(r"add\W+to\W+whitelist[.!]?", re.IGNORECASE), Command(Verb.WHITELIST)),
)
_WORDS = {verb.value: verb for verb in Verb if verb not in (Verb.WHITELIST, Verb.UNKNOWN)}
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
#: A comment may hold no more: every command costs work.
MOST_COMMANDS = 20


def parse_commands(body: str) -> tuple[Command, ...]:
    r"""The commands of a comment, each once, in order.

    >>> [str(c.verb) + ":" + c.argument for c in parse_commands("Thanks!\n/test janky\r\n/retest")]
    ['test:janky', 'retest:']
    >>> parse_commands("> /retest\n```\n/retest\n```\n    /retest\nsay /retest")
    ()
    >>> parse_commands("ok to test"), parse_commands("/retset")
    ((Command(verb=<Verb.OK_TO_TEST: 'ok-to-test'>, argument=''),), (Command(verb=<Verb.UNKNOWN: 'unknown'>, argument='/retset'),))
    """
    found = (command for line in _own_lines(body) if (command := _parse_line(line)) is not None)
    return tuple(dict.fromkeys(found))[:MOST_COMMANDS]


def _parse_line(line: str) -> Command | None:
    if match := _SLASH.fullmatch(line):
        word, argument = match[1], match[2] or ""
        if verb := _WORDS.get(word):
            return Command(verb, argument)
        # Other bots have commands too: only what is nearly one of ours is answered.
        if get_close_matches(word, _WORDS, n=1, cutoff=0.8):
            return Command(Verb.UNKNOWN, line[:100])
        return None
    return next((command for phrase, command in _PHRASES if phrase.fullmatch(line)), None)


def _own_lines(body: str) -> Iterator[str]:
    """The lines that are neither quoted nor code nor hidden."""
    fence = ""
    text = re.sub(r"<!--.*?(?:-->|\Z)", "", body, flags=re.DOTALL)
    for line in re.split(r"\r\n|\r|\n", text):
        match = _FENCE.fullmatch(line)
        if fence:
            closes = match and match[1][0] == fence[0] and len(match[1]) >= len(fence)
            if closes and match and not match[2].strip():
                fence = ""
            continue
        if match:
            fence = match[1]
            continue
        if not line.startswith(("    ", "\t", ">")) and not line.lstrip().startswith(">"):
            yield line.strip(" \t")
