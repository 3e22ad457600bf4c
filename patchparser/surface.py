"""What users see of a program: flags, environment variables, settings, routes, public names."""

from dataclasses import dataclass
from enum import StrEnum


class SurfaceKind(StrEnum):
    """Something users can see or use; the policy's word for it."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    SETTING = "setting"
    ROUTE = "route"
    FUNCTION = "function"
    CLASS = "class"


#: What only programs see that are built on this one.
OF_LIBRARIES = frozenset({SurfaceKind.FUNCTION, SurfaceKind.CLASS})

#: The same in words for people: one of them, several of them.
WORDS = {
    SurfaceKind.FLAG: ("command-line flag", "command-line flags"),
    SurfaceKind.ENVIRONMENT: ("environment variable", "environment variables"),
    SurfaceKind.SETTING: ("configuration key", "configuration keys"),
    SurfaceKind.ROUTE: ("HTTP route", "HTTP routes"),
    SurfaceKind.FUNCTION: ("public function", "public functions"),
    SurfaceKind.CLASS: ("public class", "public classes"),
}


@dataclass(frozen=True, kw_only=True)
class Surface:
    """One thing users see.

    >>> str(Surface(kind=SurfaceKind.FLAG, name="--dry-run", line=3))
    'command-line flag --dry-run'
    """

    kind: SurfaceKind
    name: str
    #: Line in the new file; in the old one for what was removed.
    line: int
    #: A comment above it or a docstring below says what it is.
    is_documented: bool = False

    def __str__(self) -> str:
        return f"{WORDS[self.kind][0]} {self.name}"
