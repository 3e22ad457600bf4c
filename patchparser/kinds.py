"""What kind of file a path names: code, docs, tests ... and which rule said so."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from patchparser.attributes import Attributes


class Kind(StrEnum):
    """What a file is for."""

    CODE = "code"
    DOCS = "docs"
    TESTS = "tests"
    #: Copied in from elsewhere.
    VENDORED = "vendored"
    #: Written by a program: lock files, protobuf stubs, minified scripts.
    GENERATED = "generated"
    #: How the project is built, checked and released.
    BUILD = "build"
    OTHER = "other"


class Kinds:
    """Path to kind: the policy's globs first, then .gitattributes, then the defaults."""

    def __init__(
        self,
        globs: Mapping[Kind, Sequence[str]] | None = None,
        *,
        attributes: Attributes | None = None,
        dot: bool = True,
    ) -> None:
        self._globs = dict(globs or {})
        self._attributes = attributes or Attributes()
        self._dot = dot

    def kind_of(self, path: str) -> Kind:
        """The kind of the file at a path."""
        return self.explain(path)[0]

    def explain(self, path: str) -> tuple[Kind, str]:
        """The kind, and the rule that said so."""
        raise NotImplementedError
