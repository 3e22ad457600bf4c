"""How each language writes what users see: tables of patterns, each bounded in time.

A pattern's group ``name`` is what is shown. To teach a language, add a table and its extensions.
"""

import re

from patchparser.surface import SurfaceKind
from patchparser.surface_patterns import (
    Call,
    Language,
    Pattern,
    a_call,
    a_flag_call,
    a_line,
    a_public,
    folders_of,
    is_offered_by_nobody,
    is_offered_c,
    is_offered_go,
    is_offered_java,
    is_offered_javascript,
    is_public,
    is_public_go,
    is_public_python,
    is_settings,
    stem_of,
)

FLAG, ENVIRONMENT, SETTING = SurfaceKind.FLAG, SurfaceKind.ENVIRONMENT, SurfaceKind.SETTING
ROUTE, FUNCTION, CLASS = SurfaceKind.ROUTE, SurfaceKind.FUNCTION, SurfaceKind.CLASS

# One flag in quotes, perhaps after its short form: "--x", "-x, --long <value>", "--x/--no-x".
QUOTED_FLAG = r"""["'`](?:-\w(?:, ?| |\|))?(?P<name>--?[A-Za-z][\w-]*)"""
QUOTED_VARIABLE = r"""\s*["'`](?P<name>[A-Z][A-Z0-9_]+)["'`]"""
QUOTED_KEY = r"""\s*["'`](?P<name>[A-Za-z][\w.:-]*)["'`]"""
QUOTED_ROUTE = r"""\s*["'`](?P<name>/[^"'`\s]*)["'`]"""
# x["key"] = value sets it; only reading it makes it something a user can set.
NOT_SET = r"(?!\s*=(?![=>]))"

PYTHON = Language(
    comments=("#",),
    signs=re.compile(r"add_|ption\(|env|onf|ettings|cfg|@|path\(|^[A-Z]|^    [a-z]\w*\s*:"),
    library_signs=re.compile(r"^(?:async )?def |^class "),
    documented_below=True,
    encloses=re.compile(r"(?:async def|def|class) "),
    ignored=frozenset({(FUNCTION, "main")}),
    calls=(
        a_flag_call(r"\b(?:add_argument|add_option|[oO]ption)\(", QUOTED_FLAG),
        a_call(ENVIRONMENT, r"\b(?:getenv|environ\.(?:get|pop))\(", QUOTED_VARIABLE),
        a_call(
            ENVIRONMENT, r"\benv(?:\.(?:str|bool|int|float|list|dict|url|json))?\(", QUOTED_VARIABLE
        ),
        a_call(SETTING, r"\b\w*(?:config|settings|cfg|conf)\w*\.get(?:\w+)?\(", QUOTED_KEY),
        a_call(
            ROUTE,
            r"@[\w.]+\.(?:route|api_route|get|post|put|patch|delete|head|websocket)\(",
            QUOTED_ROUTE,
        ),
        a_call(ROUTE, r"\badd_(?:url_rule|api_route|route|get|post|put|delete)\(", QUOTED_ROUTE),
    ),
    patterns=(
        a_line(ENVIRONMENT, rf"\benviron\[{QUOTED_VARIABLE}\]{NOT_SET}"),
        a_line(ENVIRONMENT, rf"\benvvar\s*=\s*\[?{QUOTED_VARIABLE}"),
        a_line(SETTING, rf"\b\w{{0,40}}(?:config|settings|cfg)\w{{0,40}}\[{QUOTED_KEY}\]{NOT_SET}"),
        Pattern(
            kind=SETTING,
            regex=re.compile(r"^(?P<name>[A-Z][A-Z0-9_]{2,})\s*(?::[^=]+)?=(?!=)"),
            where=lambda path: stem_of(path) == "settings" or "settings" in folders_of(path),
        ),
        # Fields of a class of settings, as dataclasses and pydantic have them.
        Pattern(
            kind=SETTING,
            regex=re.compile(r"^    (?P<name>[a-z]\w*)\s*:\s+[^=()\s][^=()]*(?:=.*)?(?<!,)$"),
            only_inside="class ",
            where=is_settings,
        ),
        Pattern(
            kind=ROUTE,
            regex=re.compile(r"""^\s*(?:re_)?path\(\s*r?["'](?P<name>[^"'\s]*)["']"""),
            where=lambda path: stem_of(path) == "urls",
        ),
        a_public(FUNCTION, r"^(?:async )?def (?P<name>[A-Za-z]\w*)\s*[(\[]", is_public_python),
        # Of protocols and typed dicts there is never an object: they are for type checkers.
        a_public(
            CLASS,
            r"^class (?P<name>[A-Za-z]\w*)(?!.{0,200}\b(?:Protocol|TypedDict)\b)",
            is_public_python,
        ),
    ),
)

_GO_FLAG_TYPES = (
    r"(?:Bool|String|Int(?:8|16|32|64)?|Uint(?:8|16|32|64)?|Float(?:32|64)|Duration|Count|Func|Text"
    r"|StringSlice|StringArray|StringToString|IntSlice|BoolSlice|IP)?"
)

GO = Language(
    comments=("//", "/*", "*"),
    signs=re.compile(
        r"lag|fs\.|fs\(|cli\.|Name:|os\.|viper|v\.|\.Handle|\.(?:GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch"
        r"|Delete|Mount)\(|env|Env|:\""
    ),
    library_signs=re.compile(r"^func |^type "),
    offered=is_offered_go,
    calls=(
        a_call(
            FLAG,
            rf"\b(?:\w*[fF]lag(?:s|[sS]et)?|fs|pflag)(?:\(\))?\.{_GO_FLAG_TYPES}(?:Var)?P?\(",
            r"""(?:[^"(){}]*,)?\s*"(?P<name>[A-Za-z][\w.-]*)"\s*,""",
            prefix="--",
        ),
        a_flag_call(r"\bcli\.\w*Flag\{", r"""\bName:\s*"(?P<name>[A-Za-z][\w-]*)""", prefix="--"),
        a_call(ENVIRONMENT, r"\bos\.(?:Getenv|LookupEnv)\(", QUOTED_VARIABLE),
        a_call(SETTING, r"\b(?:viper|v)\.(?:Get\w*|SetDefault|IsSet|UnmarshalKey)\(", QUOTED_KEY),
        a_call(
            ROUTE,
            r"\.(?:HandleFunc|Handle|GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete|Mount)\(",
            r"""\s*"(?P<name>(?:[A-Z]+ )?/[^"\s]*)\"""",
        ),
    ),
    patterns=(
        a_line(ENVIRONMENT, r"""\benv(?:config)?:"(?P<name>[A-Z][A-Z0-9_]+)"""),
        a_line(ENVIRONMENT, r"""\bEnvVars?:\s*(?:\[\]string\{)?"(?P<name>[A-Z][A-Z0-9_]+)"""),
        a_line(SETTING, r"""\b(?:yaml|toml|mapstructure|hcl|koanf):"(?P<name>[A-Za-z][\w.-]*)"""),
        Pattern(
            kind=SETTING,
            regex=re.compile(r"""\bjson:"(?P<name>[A-Za-z][\w.-]*)"""),
            where=lambda path: is_settings(path) or "config" in folders_of(path),
        ),
        # Methods count when their type is public too.
        a_public(
            FUNCTION,
            r"^func (?:\((?:\w+ )?\*?[A-Z][\w\[\], ]*\) )?(?P<name>[A-Z]\w*)[(\[]",
            is_public_go,
        ),
        a_public(CLASS, r"^type (?P<name>[A-Z]\w*)\b", is_public_go),
    ),
)

JAVASCRIPT = Language(
    comments=("//", "/*", "*"),
    signs=re.compile(
        r"ption|env|onf|settings|\.(?:get|post|put|patch|delete|all|use|route|head|options|has)\(|@"
    ),
    library_signs=re.compile(r"export"),
    offered=is_offered_javascript,
    calls=(
        a_flag_call(r"\b(?:option|requiredOption|Option)\(", QUOTED_FLAG),
        a_call(
            FLAG, r"\boption\(", r"""\s*["'`](?P<name>[A-Za-z][\w-]*)["'`]\s*,\s*\{""", prefix="--"
        ),
        a_call(ENVIRONMENT, r"\b(?:Deno|Bun)\.env\.get\(", QUOTED_VARIABLE),
        a_call(SETTING, r"\b(?:\w*[cC]onfig|settings|nconf|conf)\.(?:get|has)\(", QUOTED_KEY),
        a_call(
            ROUTE,
            r"\b(?:app|server|fastify|api|\w*[rR]outer|\w*[rR]outes)"
            r"\.(?:get|post|put|patch|delete|all|use|route|head|options)\(",
            QUOTED_ROUTE,
        ),
        a_call(
            ROUTE,
            r"@(?:Get|Post|Put|Patch|Delete|All|Controller)\(",
            r"""\s*["'`](?P<name>[^"'`\s]+)["'`]""",
        ),
    ),
    patterns=(
        a_line(
            ENVIRONMENT,
            r"\b(?:process|Bun|import\.meta)\.env"
            rf"""(?:\.|\[["'])(?P<name>[A-Z][A-Z0-9_]*)\b(?:["']\])?{NOT_SET}""",
        ),
        a_public(
            FUNCTION,
            r"^export (?:default )?(?:declare )?(?:async )?function\*?\s+(?P<name>\w+)",
            is_public,
        ),
        a_public(
            FUNCTION,
            r"^export const (?P<name>\w+)[^=]*=\s*(?:async\s*)?(?:function\b|\(|\w+\s*=>)",
            is_public,
        ),
        a_public(
            FUNCTION,
            r"^(?:module\.)?exports\.(?P<name>\w+)\s*=\s*(?:async\s*)?(?:function\b|\()",
            is_public,
        ),
        a_public(
            CLASS,
            r"^export (?:default )?(?:declare )?(?:abstract )?(?:class|interface|enum|type)\s+"
            r"(?P<name>\w+)",
            is_public,
        ),
    ),
)

JAVA = Language(
    comments=("//", "/*", "*"),
    signs=re.compile(r"@|longOpt|getenv|getProperty|\{\"|\$\{"),
    library_signs=re.compile(r"public"),
    offered=is_offered_java,
    ignored=frozenset({(FUNCTION, "main")}),
    calls=(
        a_flag_call(r"@(?:CommandLine\.)?(?:Option|Parameter)\(", QUOTED_FLAG),
        a_call(FLAG, r"\.longOpt\(", r"""\s*"(?P<name>[A-Za-z][\w-]*)\"""", prefix="--"),
        a_call(ENVIRONMENT, r"\bSystem\.getenv\(", QUOTED_VARIABLE),
        a_call(ENVIRONMENT, r"\bgetenv\(\)\.get\(", QUOTED_VARIABLE),
        a_call(SETTING, r"\.?\bgetProperty\(", QUOTED_KEY),
        a_call(SETTING, r"@ConfigurationProperties\((?:prefix\s*=)?", QUOTED_KEY),
        a_call(
            ROUTE,
            r"@(?:Get|Post|Put|Patch|Delete|Request)Mapping\(",
            r"""\s*+(?:(?:value|path)\s*+=\s*+)?\{?\s*+"(?P<name>[^"\s]+)\"""",
        ),
        a_call(ROUTE, r"@Path\(", r"""\s*+(?:value\s*+=\s*+)?"(?P<name>[^"\s]+)\""""),
    ),
    patterns=(
        a_line(SETTING, r"""@Value\(\s*"\$\{(?P<name>[\w.-]+)"""),
        a_public(
            CLASS,
            r"^\s*+public\s++(?:(?:static|final|abstract|sealed|non-sealed)\s++)*+"
            r"(?:class|interface|enum|record|@interface)\s++(?P<name>\w+)",
            is_public,
        ),
        a_public(
            FUNCTION,
            r"^\s*+public\s++(?:(?:static|final|abstract|synchronized|native|default)\s++)*+"
            r"(?!class\b|interface\b|enum\b|record\b|@)(?=[\w<])[\w.<>\[\],? ]{1,200}?\s(?P<name>\w+)\s?\(",
            is_public,
            # What the supertype has is documented there.
            not_after="@Override",
        ),
    ),
)

KOTLIN = Language(
    comments=("//", "/*", "*"),
    signs=re.compile(r"@|by option|getenv"),
    library_signs=re.compile(r"fun |class |interface |object "),
    ignored=frozenset({(FUNCTION, "main")}),
    offered=is_offered_by_nobody,
    calls=(
        a_flag_call(r"@(?:CommandLine\.)?(?:Option|Parameter)\(", QUOTED_FLAG),
        a_flag_call(r"\bby option\(", QUOTED_FLAG),
        a_call(ENVIRONMENT, r"\bSystem\.getenv\(", QUOTED_VARIABLE),
        a_call(SETTING, r"@ConfigurationProperties\((?:prefix\s*=)?", QUOTED_KEY),
        a_call(
            ROUTE,
            r"@(?:Get|Post|Put|Patch|Delete|Request)Mapping\(",
            r"""\s*+(?:(?:value|path)\s*+=\s*+)?\[?\s*+"(?P<name>[^"\s]+)\"""",
        ),
    ),
    patterns=(
        # At the top of a file, and not said to be anything but public.
        a_public(
            FUNCTION,
            r"^(?:public )?(?:suspend |inline |operator |infix )*+fun "
            r"(?:<[^>]{1,80}> )?(?:[\w<>?.]{1,80}\.)?(?P<name>\w+)\(",
            is_public,
        ),
        a_public(
            CLASS,
            r"^(?:public )?(?:abstract |open |sealed |data |value |enum |annotation |fun )*+"
            r"(?:class|interface|object) (?P<name>\w+)",
            is_public,
        ),
    ),
)

RUST = Language(
    comments=("//", "/*", "*"),
    signs=re.compile(r"#\[|\.long\(|env"),
    library_signs=re.compile(r"^pub "),
    offered=is_offered_by_nobody,
    calls=(
        # clap's derive: the flag is called as the field below.
        Call(
            kind=FLAG,
            opener=re.compile(r"#\[(?:arg|clap|structopt)\([^\]=]{0,100}\blong\b(?! ?=).{0,200}$"),
            argument=re.compile(r"\s*(?:pub(?:\([\w ]{1,20}\))? )?(?P<name>[a-z]\w*)\s*:"),
            prefix="--",
            with_dashes=True,
        ),
        a_call(FLAG, r"\.long\(", r"""\s*"(?P<name>[A-Za-z][\w-]*)\"""", prefix="--"),
        a_call(ENVIRONMENT, r"\benv::var(?:_os)?\(", QUOTED_VARIABLE),
    ),
    patterns=(
        Pattern(
            kind=FLAG,
            prefix="--",
            regex=re.compile(
                r"""#\[(?:arg|clap|structopt)\(.{0,200}\blong = "-{0,2}(?P<name>[A-Za-z][\w-]*)\""""
            ),
        ),
        a_line(ENVIRONMENT, r"""\benv = "(?P<name>[A-Z][A-Z0-9_]+)\""""),
        a_public(FUNCTION, r"^pub (?:const |async |unsafe )*+fn (?P<name>\w+)", is_public),
        a_public(CLASS, r"^pub (?:struct|enum|trait|union) (?P<name>\w+)", is_public),
    ),
)

C = Language(
    comments=("//", "/*", "*"),
    signs=re.compile(r"getenv|_argument"),
    library_signs=re.compile(r"\);"),
    offered=is_offered_c,
    calls=(a_call(ENVIRONMENT, r"\b(?:secure_)?getenv\(", QUOTED_VARIABLE),),
    patterns=(
        # getopt_long's table: {"verbose", no_argument, 0, 'v'}.
        Pattern(
            kind=FLAG,
            prefix="--",
            regex=re.compile(
                r"""\{\s?"(?P<name>[A-Za-z][\w-]*)",\s?(?:no|required|optional)_argument\b"""
            ),
        ),
        # A declaration on one line of a header that others include.
        a_public(
            FUNCTION,
            r"^(?:extern |[A-Z][A-Z0-9_]{2,40} )?(?!typedef|static|return|else|#)"
            r"[a-z][\w ]{1,80}[ *](?P<name>[a-z]\w*)\([^()]{0,300}\);",
            is_offered_c,
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
        ("kt kts", KOTLIN),
        ("rs", RUST),
        ("c h cc cpp cxx hh hpp hxx", C),
    )
    for extension in extensions.split()
}
