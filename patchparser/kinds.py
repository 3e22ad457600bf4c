"""What kind of file a path names: code, docs, tests ... and which rule said so."""

from collections.abc import Mapping, Sequence

from patchparser.attributes import Attributes
from patchparser.globs import matches
from patchparser.kind_defaults import Kind, explain_default

__all__ = ["Kind", "Kinds"]

#: What GitHub's own statistics read, in the order they weigh here.
#: https://github.com/github-linguist/linguist/blob/main/docs/overrides.md
ATTRIBUTES = (
    ("linguist-vendored", Kind.VENDORED),
    ("linguist-generated", Kind.GENERATED),
    ("linguist-documentation", Kind.DOCS),
)


class Kinds:
    """Path to kind: the policy's globs first, then .gitattributes, then the defaults."""

    def __init__(
        self,
        globs: Mapping[Kind, Sequence[str]] | None = None,
        *,
        attributes: Attributes | None = None,
        dot: bool = True,
    ) -> None:
        """``globs`` are tried in the order written; ``dot``: wildcards match dotfiles too."""
        self._globs = dict(globs or {})
        self._attributes = attributes or Attributes()
        self._dot = dot
        self._known: dict[str, tuple[Kind, str]] = {}

    def kind_of(self, path: str) -> Kind:
        """The kind of the file at a path.

        >>> Kinds({Kind.TESTS: ["checks/**"]}).kind_of("checks/login.py").value
        'tests'
        """
        return self.explain(path)[0]

    def explain(self, path: str) -> tuple[Kind, str]:
        """The kind, and the rule that said so.

        >>> Kinds().explain("docs/index.rst")
        (<Kind.DOCS: 'docs'>, 'default: extension .rst is docs')
        """
        if path not in self._known:
            self._known[path] = self._decide(path)
        return self._known[path]

    def _decide(self, path: str) -> tuple[Kind, str]:
        for kind, globs in self._globs.items():
            for glob in globs:
                if matches(glob, path, dot=self._dot):
                    return kind, f"policy: {glob}"
        denied: set[Kind] = set()
        for attribute, kind in ATTRIBUTES:
            if said := self._attributes.value_of(path, attribute):
                is_set, place = said
                if is_set:
                    return kind, place
                denied.add(kind)
        return explain_default(path, without=frozenset(denied))
