"""How each language writes what users see: tables of patterns, each bounded in time.

A pattern's group ``name`` is what is shown. To teach a language, add a table and its extensions.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from patchparser.surface import SurfaceKind

FLAG, ENVIRONMENT, SETTING = SurfaceKind.FLAG, SurfaceKind.ENVIRONMENT, SurfaceKind.SETTING
ROUTE, FUNCTION, CLASS = SurfaceKind.ROUTE, SurfaceKind.FUNCTION, SurfaceKind.CLASS

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

    def names_in(self, text: str) -> list[str]:
        """The names an argument list, or a part of one, shows."""
        if self.first_only:
            match = self.argument.match(text)
            return [self.prefix + match["name"]] if match else []
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
    #: A line that begins a class or function at the top of a file.
    encloses: re.Pattern[str] | None = None
    ignored: frozenset[tuple[SurfaceKind, str]] = field(default=frozenset())

    def patterns_for(self, path: str) -> list[Pattern]:
        """The patterns that count in a file."""
        return [each for each in self.patterns if each.where is None or each.where(path)]

    def is_ignored(self, kind: SurfaceKind, name: str) -> bool:
        """Found, and yet nothing to write about."""
        usual = kind is ENVIRONMENT and name in USUAL_VARIABLES
        return usual or (kind, name) in self.ignored


def _call(kind: SurfaceKind, opener: str, argument: str, prefix: str = "") -> Call:
    return Call(kind=kind, opener=re.compile(opener), argument=re.compile(argument), prefix=prefix)


def _flag_call(opener: str, argument: str, prefix: str = "") -> Call:
    return Call(
        kind=FLAG,
        opener=re.compile(opener),
        argument=re.compile(argument),
        prefix=prefix,
        first_only=False,
    )


def _line(kind: SurfaceKind, regex: str) -> Pattern:
    return Pattern(kind=kind, regex=re.compile(regex))


def _public(
    kind: SurfaceKind, regex: str, where: Callable[[str], bool], *, not_after: str = ""
) -> Pattern:
    return Pattern(kind=kind, regex=re.compile(regex), where=where, not_after=not_after)


def _folders(path: str) -> list[str]:
    return path.split("/")[:-1]


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0].lower()


#: What stands in these is run by the project's own people.
OWN_FOLDERS = frozenset({"scripts", "script", "tools", "bin", "hack", "benchmarks", "internal"})
SETTINGS_STEM = re.compile(
    r"(?:^|_)(?:config|configuration|settings?|options|defaults|policy)(?:_|$)"
)


def _is_public(path: str) -> bool:
    return OWN_FOLDERS.isdisjoint(_folders(path))


def _is_settings(path: str) -> bool:
    return bool(SETTINGS_STEM.search(_stem(path)))


def _is_public_python(path: str) -> bool:
    # A leading underscore makes a module private; __init__ is the package itself.
    parts = path.removesuffix(".py").split("/")
    return _is_public(path) and not any(re.match(r"_(?!_(?:init|main)__$)", part) for part in parts)


def _is_public_go(path: str) -> bool:
    return _is_public(path) and "cmd" not in _folders(path) and _stem(path) != "main"


# One flag in quotes, perhaps after its short form: "--x", "-x, --long <value>", "--x/--no-x".
QUOTED_FLAG = r"""["'`](?:-\w(?:, ?| |\|))?(?P<name>--?[A-Za-z][\w-]*)"""
QUOTED_VARIABLE = r"""\s*["'`](?P<name>[A-Z][A-Z0-9_]+)["'`]"""
QUOTED_KEY = r"""\s*["'`](?P<name>[A-Za-z][\w.:-]*)["'`]"""
QUOTED_ROUTE = r"""\s*["'`](?P<name>/[^"'`\s]*)["'`]"""
# x["key"] = value sets it; only reading it makes it something a user can set.
NOT_SET = r"(?!\s*=(?![=>]))"

PYTHON = Language(
    comments=("#",),
    encloses=re.compile(r"(?:async def|def|class) "),
    ignored=frozenset({(FUNCTION, "main")}),
    calls=(
        _flag_call(r"\b(?:add_argument|add_option|[oO]ption)\(", QUOTED_FLAG),
        _call(ENVIRONMENT, r"\b(?:getenv|environ\.(?:get|pop))\(", QUOTED_VARIABLE),
        _call(
            ENVIRONMENT, r"\benv(?:\.(?:str|bool|int|float|list|dict|url|json))?\(", QUOTED_VARIABLE
        ),
        _call(SETTING, r"\b\w*(?:config|settings|cfg|conf)\w*\.get(?:\w+)?\(", QUOTED_KEY),
        _call(
            ROUTE,
            r"@[\w.]+\.(?:route|api_route|get|post|put|patch|delete|head|websocket)\(",
            QUOTED_ROUTE,
        ),
        _call(ROUTE, r"\badd_(?:url_rule|api_route|route|get|post|put|delete)\(", QUOTED_ROUTE),
    ),
    patterns=(
        _line(ENVIRONMENT, rf"\benviron\[{QUOTED_VARIABLE}\]{NOT_SET}"),
        _line(ENVIRONMENT, rf"\benvvar\s*=\s*\[?{QUOTED_VARIABLE}"),
        _line(SETTING, rf"\b\w{{0,40}}(?:config|settings|cfg)\w{{0,40}}\[{QUOTED_KEY}\]{NOT_SET}"),
        Pattern(
            kind=SETTING,
            regex=re.compile(r"^(?P<name>[A-Z][A-Z0-9_]{2,})\s*(?::[^=]+)?=(?!=)"),
            where=lambda path: _stem(path) == "settings" or "settings" in _folders(path),
        ),
        # Fields of a class of settings, as dataclasses and pydantic have them.
        Pattern(
            kind=SETTING,
            regex=re.compile(r"^    (?P<name>[a-z]\w*)\s*:\s+[^=()\s][^=()]*(?:=.*)?(?<!,)$"),
            only_inside="class ",
            where=_is_settings,
        ),
        Pattern(
            kind=ROUTE,
            regex=re.compile(r"""^\s*(?:re_)?path\(\s*r?["'](?P<name>[^"'\s]*)["']"""),
            where=lambda path: _stem(path) == "urls",
        ),
        _public(FUNCTION, r"^(?:async )?def (?P<name>[A-Za-z]\w*)\s*[(\[]", _is_public_python),
        _public(CLASS, r"^class (?P<name>[A-Za-z]\w*)", _is_public_python),
    ),
)

_GO_FLAG_TYPES = (
    r"(?:Bool|String|Int(?:8|16|32|64)?|Uint(?:8|16|32|64)?|Float(?:32|64)|Duration|Count|Func|Text"
    r"|StringSlice|StringArray|StringToString|IntSlice|BoolSlice|IP)?"
)

GO = Language(
    comments=("//", "/*", "*"),
    calls=(
        _call(
            FLAG,
            rf"\b(?:\w*[fF]lag(?:s|[sS]et)?|fs|pflag)(?:\(\))?\.{_GO_FLAG_TYPES}(?:Var)?P?\(",
            r"""(?:[^"(){}]*,)?\s*"(?P<name>[A-Za-z][\w.-]*)"\s*,""",
            prefix="--",
        ),
        _flag_call(r"\bcli\.\w*Flag\{", r"""\bName:\s*"(?P<name>[A-Za-z][\w-]*)""", prefix="--"),
        _call(ENVIRONMENT, r"\bos\.(?:Getenv|LookupEnv)\(", QUOTED_VARIABLE),
        _call(SETTING, r"\b(?:viper|v)\.(?:Get\w*|SetDefault|IsSet|UnmarshalKey)\(", QUOTED_KEY),
        _call(
            ROUTE,
            r"\.(?:HandleFunc|Handle|GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete|Mount)\(",
            r"""\s*"(?P<name>(?:[A-Z]+ )?/[^"\s]*)\"""",
        ),
    ),
    patterns=(
        _line(ENVIRONMENT, r"""\benv(?:config)?:"(?P<name>[A-Z][A-Z0-9_]+)"""),
        _line(ENVIRONMENT, r"""\bEnvVars?:\s*(?:\[\]string\{)?"(?P<name>[A-Z][A-Z0-9_]+)"""),
        _line(SETTING, r"""\b(?:yaml|toml|mapstructure|hcl|koanf):"(?P<name>[A-Za-z][\w.-]*)"""),
        Pattern(
            kind=SETTING,
            regex=re.compile(r"""\bjson:"(?P<name>[A-Za-z][\w.-]*)"""),
            where=lambda path: _is_settings(path) or "config" in _folders(path),
        ),
        # Methods count when their type is public too.
        _public(
            FUNCTION,
            r"^func (?:\((?:\w+ )?\*?[A-Z][\w\[\], ]*\) )?(?P<name>[A-Z]\w*)[(\[]",
            _is_public_go,
        ),
        _public(CLASS, r"^type (?P<name>[A-Z]\w*)\b", _is_public_go),
    ),
)

JAVASCRIPT = Language(
    comments=("//", "/*", "*"),
    calls=(
        _flag_call(r"\b(?:option|requiredOption|Option)\(", QUOTED_FLAG),
        _call(
            FLAG, r"\boption\(", r"""\s*["'`](?P<name>[A-Za-z][\w-]*)["'`]\s*,\s*\{""", prefix="--"
        ),
        _call(ENVIRONMENT, r"\b(?:Deno|Bun)\.env\.get\(", QUOTED_VARIABLE),
        _call(SETTING, r"\b(?:\w*[cC]onfig|settings|nconf|conf)\.(?:get|has)\(", QUOTED_KEY),
        _call(
            ROUTE,
            r"\b(?:app|server|fastify|api|\w*[rR]outer|\w*[rR]outes)"
            r"\.(?:get|post|put|patch|delete|all|use|route|head|options)\(",
            QUOTED_ROUTE,
        ),
        _call(
            ROUTE,
            r"@(?:Get|Post|Put|Patch|Delete|All|Controller)\(",
            r"""\s*["'`](?P<name>[^"'`\s]+)["'`]""",
        ),
    ),
    patterns=(
        _line(
            ENVIRONMENT,
            r"\b(?:process|Bun|import\.meta)\.env"
            rf"""(?:\.|\[["'])(?P<name>[A-Z][A-Z0-9_]*)\b(?:["']\])?{NOT_SET}""",
        ),
        _public(
            FUNCTION,
            r"^export (?:default )?(?:declare )?(?:async )?function\*?\s+(?P<name>\w+)",
            _is_public,
        ),
        _public(
            FUNCTION,
            r"^export const (?P<name>\w+)[^=]*=\s*(?:async\s*)?(?:function\b|\(|\w+\s*=>)",
            _is_public,
        ),
        _public(
            FUNCTION,
            r"^(?:module\.)?exports\.(?P<name>\w+)\s*=\s*(?:async\s*)?(?:function\b|\()",
            _is_public,
        ),
        _public(
            CLASS,
            r"^export (?:default )?(?:declare )?(?:abstract )?(?:class|interface|enum|type)\s+"
            r"(?P<name>\w+)",
            _is_public,
        ),
    ),
)

JAVA = Language(
    comments=("//", "/*", "*"),
    ignored=frozenset({(FUNCTION, "main")}),
    calls=(
        _flag_call(r"@(?:CommandLine\.)?(?:Option|Parameter)\(", QUOTED_FLAG),
        _call(FLAG, r"\.longOpt\(", r"""\s*"(?P<name>[A-Za-z][\w-]*)\"""", prefix="--"),
        _call(ENVIRONMENT, r"\bSystem\.getenv\(", QUOTED_VARIABLE),
        _call(ENVIRONMENT, r"\bgetenv\(\)\.get\(", QUOTED_VARIABLE),
        _call(SETTING, r"\.?\bgetProperty\(", QUOTED_KEY),
        _call(SETTING, r"@ConfigurationProperties\((?:prefix\s*=)?", QUOTED_KEY),
        _call(
            ROUTE,
            r"@(?:Get|Post|Put|Patch|Delete|Request)Mapping\(",
            r"""\s*(?:(?:value|path)\s*=\s*)?\{?\s*"(?P<name>[^"\s]+)\"""",
        ),
        _call(ROUTE, r"@Path\(", r"""\s*(?:value\s*=\s*)?"(?P<name>[^"\s]+)\""""),
    ),
    patterns=(
        _line(SETTING, r"""@Value\(\s*"\$\{(?P<name>[\w.-]+)"""),
        _public(
            CLASS,
            r"^\s*public\s+(?:(?:static|final|abstract|sealed|non-sealed)\s+)*"
            r"(?:class|interface|enum|record|@interface)\s+(?P<name>\w+)",
            _is_public,
        ),
        _public(
            FUNCTION,
            r"^\s*public\s+(?:(?:static|final|abstract|synchronized|native|default)\s+)*"
            r"(?!class\b|interface\b|enum\b|record\b|@)[\w.<>\[\],? ]{1,200}?\s(?P<name>\w+)\s?\(",
            _is_public,
            # What the supertype has is documented there.
            not_after="@Override",
        ),
    ),
)

LANGUAGES = {
    extension: language
    for extensions, language in (
        ("py pyi", PYTHON),
        ("go", GO),
        ("js jsx mjs cjs ts tsx mts cts vue svelte", JAVASCRIPT),
        ("java", JAVA),
    )
    for extension in extensions.split()
}
