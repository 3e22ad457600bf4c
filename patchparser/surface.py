"""What users see in a file's new lines: flags, environment variables, routes, public names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from patchparser.hunks import Hunk


class SurfaceKind(StrEnum):
    """Something users can see or use; the policy's word for it."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    SETTING = "setting"
    ROUTE = "route"
    FUNCTION = "function"
    CLASS = "class"


@dataclass(frozen=True, kw_only=True)
class Surface:
    """One thing users see."""

    kind: SurfaceKind
    name: str
    #: Line in the new file.
    line: int


def find_surfaces(path: str, hunks: Iterable[Hunk]) -> Iterator[Surface]:
    """What the hunks add, by the language of the path."""
    raise NotImplementedError
