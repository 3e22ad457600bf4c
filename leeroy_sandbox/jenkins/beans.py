"""What the remote API shows of an object: by `depth`, or by the names in `tree`.

https://www.jenkins.io/doc/book/using/remote-access-api/ ; how deep a property shows by itself is
its visibility, explained in
https://github.com/jenkinsci/stapler/blob/master/core/src/main/java/org/kohsuke/stapler/export/Exported.java
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

#: A visibility that shows at any depth.
ALWAYS = 999


@dataclass(frozen=True, kw_only=True)
class Bean:
    """An object the API can show. Values may be beans, lists, plain data, or functions of none."""

    #: Empty where the declared type is the actual one: then `_class` is not shown.
    class_name: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    #: The visibility of all properties that `levels` does not name.
    level: int = 1
    levels: Mapping[str, int] = field(default_factory=dict)
    #: Properties whose beans count as being on this bean's own level.
    inline: frozenset[str] = frozenset()


class Pruner(Protocol):
    """Decides which properties are shown, and what is shown below each."""

    def below(self, bean: Bean, name: str) -> "Pruner | None":
        """What to use below this property; None hides it."""

    def cut(self, items: list[Any]) -> list[Any]:
        """The part of a list that is shown."""


@dataclass(frozen=True, kw_only=True)
class ByDepth:
    """Shows what is visible enough: 1 at the top, one more needed at each step down."""

    needed: int

    def below(self, bean: Bean, name: str) -> Self | None:
        """One step deeper, unless the property is not visible enough here."""
        if bean.levels.get(name, bean.level) < self.needed:
            return None
        return self if name in bean.inline else type(self)(needed=self.needed + 1)

    def cut(self, items: list[Any]) -> list[Any]:
        """All of them."""
        return items


@dataclass(frozen=True, kw_only=True)
class ByName:
    """Shows the properties a `tree` names, and nothing else."""

    children: Mapping[str, "ByName"]
    first: int = 0
    #: The first one not shown.
    end: int | None = None

    def below(self, bean: Bean, name: str) -> "ByName | None":
        """The names inside this one's brackets; `*` stands for any property."""
        return self.children.get(name) or self.children.get("*")

    def cut(self, items: list[Any]) -> list[Any]:
        """Those in the range, whose start counts and whose end does not."""
        return items[self.first : self.end]


def parse_tree(text: str) -> ByName:
    """Parse `a,b[c,d],e[*]{0,20}`; raises ValueError for anything else.

    >>> parse_tree("builds[number]{,2}").children["builds"].cut([5, 4, 3])
    [5, 4]
    """
    tokens = re.findall(r"[\[\]{},]|[^\[\]{},]+", text)
    tokens.reverse()
    children = _names(tokens)
    if tokens:
        raise ValueError(f"tree: unexpected {tokens[-1]!r}")
    return ByName(children=children)


def _names(tokens: list[str]) -> dict[str, ByName]:
    found: dict[str, ByName] = {}
    while True:
        name = tokens.pop().strip() if tokens else ""
        if not name or name in "[]{},":
            raise ValueError("tree: a name is missing")
        children: dict[str, ByName] = {}
        if tokens and tokens[-1] == "[":
            tokens.pop()
            children = _names(tokens)
            _expect(tokens, "]")
        first, end = _range(tokens)
        found[name] = ByName(children=children, first=first, end=end)
        if not tokens or tokens[-1] != ",":
            return found
        tokens.pop()


def _range(tokens: list[str]) -> tuple[int, int | None]:
    if not tokens or tokens[-1] != "{":
        return 0, None
    tokens.pop()
    bounds = ""
    while tokens and tokens[-1] not in "[]{}":
        bounds += tokens.pop()
    _expect(tokens, "}")
    first, comma, end = bounds.partition(",")
    if not comma:
        return int(first), int(first) + 1
    return int(first or 0), int(end) if end else None


def _expect(tokens: list[str], token: str) -> None:
    if not tokens or tokens.pop() != token:
        raise ValueError(f"tree: {token!r} is missing")


def pruner(depth: str | None, tree: str | None) -> Pruner:
    """The pruner a request asks for; `tree` wins over `depth`; raises ValueError."""
    return ByDepth(needed=1 - int(depth or 0)) if tree is None else parse_tree(tree)


def shown(bean: Bean, by: Pruner) -> dict[str, Any]:
    """The properties of the bean that the pruner lets through, as plain data."""
    document: dict[str, Any] = {"_class": bean.class_name} if bean.class_name else {}
    for name, value in bean.fields.items():
        below = by.below(bean, name)
        if below is not None:
            document[name] = _plain(value() if callable(value) else value, below)
    return document


def _plain(value: Any, by: Pruner) -> Any:
    if isinstance(value, Bean):
        return shown(value, by)
    if isinstance(value, list | tuple):
        return [_plain(item, by) for item in by.cut(list(value))]
    return value


_SHORT_ESCAPES = {"n": "\\u000a", "r": "\\u000d", "t": "\\u0009", "b": "\\u0008", "f": "\\u000c"}


def to_json(document: Any, *, pretty: bool = False) -> str:
    r"""JSON as Stapler writes it: compact, raw UTF-8, control characters as ``\\uXXXX``.

    >>> print(to_json({"params": "\nA=é"}))
    {"params":"\u000aA=é"}
    """
    text = json.dumps(
        document,
        ensure_ascii=False,
        separators=(",", " : ") if pretty else (",", ":"),
        indent=2 if pretty else None,
    )
    text = re.sub(r"\\(.)", lambda found: _SHORT_ESCAPES.get(found[1], found[0]), text)
    # Java writes strings in UTF-16, and escapes surrogates.
    return re.sub(r"[\ud800-\udfff\U00010000-\U0010ffff]", _surrogates, text)


def _surrogates(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
