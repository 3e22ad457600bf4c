"""``.gitattributes``: only the ``linguist-*`` attributes that say what kind a file is.

https://git-scm.com/docs/gitattributes and
https://github.com/github-linguist/linguist/blob/main/docs/overrides.md
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from patchparser.diff_names import unquote
from patchparser.globs import matches_as_git

#: One word of a line: a quoted pattern may have spaces.
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|[^ \t]+')
_MACRO = "[attr]"
#: How deep macros may name macros; git's own definitions need one.
_MAX_DEPTH = 5


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """One line of a ``.gitattributes``."""

    #: The folder the file is in, with a slash at its end; empty at the top.
    folder: str
    pattern: str
    #: What the line says, macros spelled out. None: ``!name`` takes back what was said before.
    values: Mapping[str, bool | None]
    #: ``.gitattributes:3: *.pb.go linguist-generated``.
    place: str


class Attributes:
    """What the ``.gitattributes`` files of a checkout say."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        """``files``: the path of each ``.gitattributes`` in the checkout, and what is in it."""
        rules: list[_Rule] = []
        # Deeper files have the last word, so they come later.
        for path, data in sorted((files or {}).items(), key=lambda file: file[0].count("/")):
            rules += _parse(path, data.decode("utf-8", "surrogateescape"))
        self._rules = rules[::-1]

    def value_of(self, path: str, attribute: str) -> tuple[bool, str] | None:
        """Whether the attribute is set, and the rule saying so; None where nothing is said.

        >>> attributes = Attributes({".gitattributes": b"*.pb.go linguist-generated"})
        >>> attributes.value_of("api/x.pb.go", "linguist-generated")
        (True, '.gitattributes:1: *.pb.go linguist-generated')
        """
        for rule in self._rules:
            if (
                attribute in rule.values
                and path.startswith(rule.folder)
                and matches_as_git(rule.pattern, path[len(rule.folder) :])
            ):
                value = rule.values[attribute]
                return None if value is None else (value, rule.place)
        return None


def _parse(path: str, text: str) -> Iterator[_Rule]:
    macros: dict[str, list[str]] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        stripped = line.strip(" \t\r")
        words = _WORD.findall(stripped)
        if not words or stripped.startswith(("#", "!")):
            continue
        pattern, *attributes = words
        if pattern.startswith(_MACRO):
            macros[pattern.removeprefix(_MACRO)] = attributes
            continue
        yield _Rule(
            folder=path.removesuffix(".gitattributes"),
            pattern=_unquoted(pattern),
            values=dict(_values(attributes, macros, depth=0)),
            place=f"{path}:{number}: {stripped}",
        )


def _values(
    attributes: list[str], macros: Mapping[str, list[str]], *, depth: int
) -> Iterator[tuple[str, bool | None]]:
    for attribute in attributes:
        if attribute.startswith("!"):
            yield attribute[1:], None
        elif attribute.startswith("-"):
            yield attribute[1:], False
        else:
            name, _, value = attribute.partition("=")
            yield name, value != "false"
            if name in macros and depth < _MAX_DEPTH:
                yield from _values(macros[name], macros, depth=depth + 1)


def _unquoted(pattern: str) -> str:
    raw = unquote(pattern.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")
