"""What a table of a language is made of: patterns, calls, and what a path says of a file."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from patchparser.surface import SurfaceKind

#: What every machine has; a program that reads these has nothing new to tell its users.
USUAL_VARIABLES = frozenset(
    {
        *("PATH", "HOME", "USER", "USERNAME", "USERPROFILE", "LOGNAME", "SHELL", "LANG", "LC_ALL"),
        *("TERM", "TMP", "TEMP", "TMPDIR", "PWD", "CI", "TZ", "EDITOR", "VISUAL", "PAGER"),
        *("DISPLAY", "APPDATA", "LOCALAPPDATA", "PYTHONPATH", "GOPATH", "GOROOT", "JAVA_HOME"),
        *("NODE_ENV", "DEV", "PROD", "MODE", "SSR", "BASE_URL"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A line that shows something by itself."""

    kind: SurfaceKind
    regex: re.Pattern[str]
    #: Put before the name.
    prefix: str = ""
    #: Counts only while the class or function around it begins like this.
    only_inside: str = ""
    #: Does not count right below a line that begins like this.
    not_after: str = ""
    #: Which paths it counts in; None: all.
    where: Callable[[str], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call that shows something by an argument, on its line or on one after it."""

    kind: SurfaceKind
    opener: re.Pattern[str]
    #: Finds the name in what follows the opener, or in a later line.
    argument: re.Pattern[str]
    #: Put before the name: a flag named "x" is used as --x.
    prefix: str = ""
    #: Only the first argument can be the name.
    first_only: bool = True
    #: The name has dashes where the program's word has underscores.
    with_dashes: bool = False

    def names_in(self, text: str) -> list[str]:
        """The names an argument list, or a part of one, shows."""
        if self.first_only:
            if not (match := self.argument.match(text)):
                return []
            name = match["name"].replace("_", "-") if self.with_dashes else match["name"]
            return [self.prefix + name]
        names = [self.prefix + match["name"] for match in self.argument.finditer(text)]
        # Of -v and --verbose only the second says anything; it may stand on the next line.
        goes_on = text.rstrip().endswith(",")
        return [name for name in names if name.startswith("--")] or ([] if goes_on else names)


@dataclass(frozen=True, kw_only=True)
class Language:
    """All there is to find in one language."""

    calls: Sequence[Call]
    patterns: Sequence[Pattern]
    #: How a line begins that says nothing.
    comments: tuple[str, ...]
    #: What every line has that shows something; most lines have none of it, and are passed over.
    signs: re.Pattern[str]
    #: The same of lines that show a public function or class.
    library_signs: re.Pattern[str]
    #: A line that begins a class or function at the top of a file.
    encloses: re.Pattern[str] | None = None
    #: Which paths are of what others build on, as far as a path can show it. Elsewhere a public
    #: function is most often public for the rest of the same program.
    offered: Callable[[str], bool] = lambda path: True
    #: What a function or class is documented by stands below it, as Python's docstrings do.
    documented_below: bool = False
    ignored: frozenset[tuple[SurfaceKind, str]] = field(default=frozenset())

    def patterns_for(self, path: str, kinds: Collection[SurfaceKind]) -> list[Pattern]:
        """The patterns that count in a file, of the kinds that are looked for."""
        return [
            each
            for each in self.patterns
            if each.kind in kinds and (each.where is None or each.where(path))
        ]

    def is_ignored(self, kind: SurfaceKind, name: str) -> bool:
        """Found, and yet nothing to write about."""
        usual = kind is SurfaceKind.ENVIRONMENT and name in USUAL_VARIABLES
        return usual or (kind, name) in self.ignored


def a_call(kind: SurfaceKind, opener: str, argument: str, prefix: str = "") -> Call:
    return Call(kind=kind, opener=re.compile(opener), argument=re.compile(argument), prefix=prefix)


def a_flag_call(opener: str, argument: str, prefix: str = "") -> Call:
    return Call(
        kind=SurfaceKind.FLAG,
        opener=re.compile(opener),
        argument=re.compile(argument),
        prefix=prefix,
        first_only=False,
    )


def a_line(kind: SurfaceKind, regex: str) -> Pattern:
    return Pattern(kind=kind, regex=re.compile(regex))


def a_public(
    kind: SurfaceKind, regex: str, where: Callable[[str], bool], *, not_after: str = ""
) -> Pattern:
    return Pattern(kind=kind, regex=re.compile(regex), where=where, not_after=not_after)


def folders_of(path: str) -> list[str]:
    return path.split("/")[:-1]


def stem_of(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0].lower()


#: Nothing in these is for other programs to call.
OWN_FOLDERS = frozenset({"tools", "bin", "internal", "migrations", "impl", "_internal"})
SETTINGS_STEM = re.compile(
    r"(?:^|_)(?:config|configuration|settings?|options|defaults|policy)(?:_|$)"
)


def is_public(path: str) -> bool:
    return OWN_FOLDERS.isdisjoint(folders_of(path))


def is_offered_go(path: str) -> bool:
    """The root of a module, a module with its own version (``client/v3``), a client."""
    folders = folders_of(path)
    return not folders or any(
        re.fullmatch(r"v[2-9]|clients?|sdk|[\w-]{1,40}-(?:client|sdk)", each) for each in folders
    )


def is_offered_javascript(path: str) -> bool:
    """What a package's entry exports."""
    return stem_of(path) in ("index", "main", "mod")


def is_offered_java(path: str) -> bool:
    """Modules are called so where others are to build on them."""
    return any(
        re.fullmatch(r"sdk|[\w-]{1,40}-(?:api|sdk|client)", each) for each in folders_of(path)
    )


def is_offered_c(path: str) -> bool:
    return path.endswith((".h", ".hh", ".hpp", ".hxx")) and "include" in folders_of(path)


def is_offered_by_nobody(path: str) -> bool:
    """Where a path shows nothing: only the policy knows."""
    return False


def is_settings(path: str) -> bool:
    return bool(SETTINGS_STEM.search(stem_of(path)))


def is_public_python(path: str) -> bool:
    # A leading underscore makes a module private; __init__ is the package itself.
    parts = path.removesuffix(".py").split("/")
    return is_public(path) and not any(re.match(r"_(?!_(?:init|main)__$)", part) for part in parts)


def is_public_go(path: str) -> bool:
    return is_public(path) and "cmd" not in folders_of(path) and stem_of(path) != "main"
