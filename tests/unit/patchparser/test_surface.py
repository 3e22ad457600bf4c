"""What users see in new lines, in the languages it is looked for in."""

import pytest

from patchparser.patch import parse_diff
from patchparser.surface import Surface, SurfaceKind
from patchparser.surface_search import find_surfaces


def surfaces(path: str, *lines: str, section: str = "") -> list[Surface]:
    """What a hunk shows; each line begins with its sign."""
    old = sum(line[0] != "+" for line in lines)
    new = sum(line[0] != "-" for line in lines)
    hunk = "\n".join([f"@@ -1,{old} +1,{new} @@ {section}", *lines, ""])
    [file] = parse_diff(f"--- a/{path}\n+++ b/{path}\n{hunk}".encode())
    return list(find_surfaces(path, file.hunks))


def shown(path: str, *lines: str, section: str = "") -> list[str]:
    return [str(surface) for surface in surfaces(path, *lines, section=section)]


FLAG, ENVIRONMENT = "command-line flag", "environment variable"
KEY, ROUTE = "configuration key", "HTTP route"
FUNCTION, CLASS = "public function", "public class"


@pytest.mark.parametrize(
    ("path", "line", "names"),
    [
        # Rust, Kotlin, C
        ("x.rs", '.long("dry-run")', [f"{FLAG} --dry-run"]),
        ("x.rs", '    #[arg(short, long = "dry-run")]', [f"{FLAG} --dry-run"]),
        ("x.rs", 'let t = std::env::var("API_TOKEN")?;', [f"{ENVIRONMENT} API_TOKEN"]),
        ("x.rs", '    #[arg(env = "API_TOKEN")]', [f"{ENVIRONMENT} API_TOKEN"]),
        ("src/lib.rs", "pub fn parse(data: &[u8]) -> X {", [f"{FUNCTION} parse"]),
        ("src/lib.rs", "pub async fn fetch() {", [f"{FUNCTION} fetch"]),
        ("src/lib.rs", "pub struct Parser {", [f"{CLASS} Parser"]),
        ("src/lib.rs", "pub(crate) fn inner() {", []),
        ("src/lib.rs", "    pub fn method(&self) {", []),
        ("X.kt", 'val t = System.getenv("API_TOKEN")', [f"{ENVIRONMENT} API_TOKEN"]),
        ("X.kt", '  val x by option("--dry-run")', [f"{FLAG} --dry-run"]),
        ("X.kt", "fun <T> List<T>.parse(): X {", [f"{FUNCTION} parse"]),
        ("X.kt", "data class Options(val x: Int)", [f"{CLASS} Options"]),
        ("X.kt", "internal fun inner() {", []),
        ("x.c", '  {"dry-run", no_argument, 0, 0},', [f"{FLAG} --dry-run"]),
        ("x.c", 'char *t = getenv("API_TOKEN");', [f"{ENVIRONMENT} API_TOKEN"]),
        ("include/x.h", "int x_parse(const char *data, size_t length);", [f"{FUNCTION} x_parse"]),
        ("src/x.h", "int x_parse(const char *data);", []),
        # the project's own
        ("scripts/x.py", 'parser.add_argument("--dry-run")', []),
        ("tools/benchmark/cmd/put.go", 'f.BoolVar(&x, "prefix", false, "")', []),
        ("app/migrations/0001_x.py", "class Migration(migrations.Migration):", []),
        # Python
        ("x.py", "class Handle(DestroyableType, Protocol):", []),
        ("x.py", "class Options(TypedDict, total=False):", []),
        ("x.py", 'parser.add_argument("--dry-run", action="store_true")', [f"{FLAG} --dry-run"]),
        ("x.py", 'p.add_argument("-v", "--verbose", help="see --quiet")', [f"{FLAG} --verbose"]),
        ("x.py", 'p.add_argument("-v")', [f"{FLAG} -v"]),
        ("x.py", 'p.add_argument("file")', []),
        ("x.py", '@click.option("--color/--no-color", default=True)', [f"{FLAG} --color"]),
        ("x.py", 'x: bool = typer.Option(False, "--force")', [f"{FLAG} --force"]),
        ("x.py", '# p.add_argument("--old")', []),
        ("x.py", 'run(["git", "--version"])', []),
        ("x.py", 'token = os.environ["API_TOKEN"]', [f"{ENVIRONMENT} API_TOKEN"]),
        ("x.py", 'os.environ["API_TOKEN"] = "x"', []),
        ("x.py", 'if os.environ["MODE_X"] == "y":', [f"{ENVIRONMENT} MODE_X"]),
        ("x.py", 't = os.getenv("API_URL", "")', [f"{ENVIRONMENT} API_URL"]),
        ("x.py", 't = environ.get("API_URL")', [f"{ENVIRONMENT} API_URL"]),
        ("x.py", 't = env.bool("API_DEBUG")', [f"{ENVIRONMENT} API_DEBUG"]),
        ("x.py", '@click.option("--t", envvar="APP_T")', [f"{FLAG} --t", f"{ENVIRONMENT} APP_T"]),
        ("x.py", 'home = os.environ["HOME"]', []),
        ("x.py", 'config.get("retry.limit", 3)', [f"{KEY} retry.limit"]),
        ("x.py", 'limit = app.config["RETRY_LIMIT"]', [f"{KEY} RETRY_LIMIT"]),
        ("x.py", 'app.config["RETRY_LIMIT"] = 3', []),
        ("app/settings.py", "RETRY_LIMIT = 3", [f"{KEY} RETRY_LIMIT"]),
        ("app/views.py", "RETRY_LIMIT = 3", []),
        ("x.py", '@app.route("/users/<int:id>")', [f"{ROUTE} /users/<int:id>"]),
        ("x.py", '@router.post("/items", status_code=201)', [f"{ROUTE} /items"]),
        ("x.py", 'app.add_url_rule("/x", view_func=x)', [f"{ROUTE} /x"]),
        ("app/urls.py", '    path("users/<id>/", views.user),', [f"{ROUTE} users/<id>/"]),
        ("app/views.py", '    path("users/<id>/", views.user),', []),
        ("x.py", "def parse(data: bytes) -> X:", [f"{FUNCTION} parse"]),
        ("x.py", "async def fetch():", [f"{FUNCTION} fetch"]),
        ("x.py", "def _private():", []),
        ("x.py", "    def method(self):", []),
        ("x.py", "def main() -> None:", []),
        ("pkg/_private.py", "def parse():", []),
        ("_pkg/x.py", "def parse():", []),
        ("pkg/__init__.py", "def parse():", [f"{FUNCTION} parse"]),
        ("scripts/x.py", "def parse():", []),
        ("x.py", "class Parser(Base):", [f"{CLASS} Parser"]),
        ("x.py", "class _Parser:", []),
        # Go
        ("x.go", 'verbose := flag.Bool("verbose", false, "say more")', [f"{FLAG} --verbose"]),
        ("x.go", 'flag.StringVar(&name, "name", "", "a name")', [f"{FLAG} --name"]),
        ("x.go", 'cmd.Flags().StringVarP(&o.x, "output", "o", "", "")', [f"{FLAG} --output"]),
        ("x.go", 'fs.DurationVar(&d, "wait", time.Second, "")', [f"{FLAG} --wait"]),
        ("x.go", '&cli.StringFlag{Name: "config", Usage: "x"},', [f"{FLAG} --config"]),
        ("x.go", 'strings.Contains("a", "b")', []),
        ("x.go", 'os.Getenv("API_TOKEN")', [f"{ENVIRONMENT} API_TOKEN"]),
        ("x.go", 'v, ok := os.LookupEnv("API_TOKEN")', [f"{ENVIRONMENT} API_TOKEN"]),
        ("x.go", 'Token string `env:"API_TOKEN"`', [f"{ENVIRONMENT} API_TOKEN"]),
        ("x.go", 'EnvVars: []string{"API_TOKEN"},', [f"{ENVIRONMENT} API_TOKEN"]),
        ("x.go", 'Limit int `yaml:"limit,omitempty"`', [f"{KEY} limit"]),
        ("config/x.go", 'Limit int `json:"limit" yaml:"limit"`', [f"{KEY} limit"]),
        ("api/x.go", 'Limit int `json:"limit"`', []),
        ("x.go", 'viper.SetDefault("retry.limit", 3)', [f"{KEY} retry.limit"]),
        ("x.go", 'http.HandleFunc("/ping", ping)', [f"{ROUTE} /ping"]),
        ("x.go", 'mux.Handle("GET /items/{id}", h)', [f"{ROUTE} GET /items/{{id}}"]),
        ("x.go", 'r.POST("/items", create)', [f"{ROUTE} /items"]),
        ("x.go", 'http.Get("https://example.org/")', []),
        ("x.go", "func Parse(data []byte) (X, error) {", [f"{FUNCTION} Parse"]),
        ("x.go", "func (p *Parser) Next() bool {", [f"{FUNCTION} Next"]),
        ("x.go", "func (p *parser) Next() bool {", []),
        ("x.go", "func Map[T any](x T) T {", [f"{FUNCTION} Map"]),
        ("x.go", "func parse() {", []),
        ("internal/x.go", "func Parse() {", []),
        ("cmd/x/run.go", "func Parse() {", []),
        ("x.go", "type Parser struct {", [f"{CLASS} Parser"]),
        ("x.go", "type parser struct {", []),
        # JavaScript and TypeScript
        ("x.js", 'program.option("-d, --debug <level>", "how much")', [f"{FLAG} --debug"]),
        ("x.ts", "new Option('--drink <size>')", [f"{FLAG} --drink"]),
        ("x.js", '.option("verbose", { type: "boolean" })', [f"{FLAG} --verbose"]),
        ("x.ts", "const t = process.env.API_TOKEN;", [f"{ENVIRONMENT} API_TOKEN"]),
        ("x.ts", 'const t = process.env["API_TOKEN"]', [f"{ENVIRONMENT} API_TOKEN"]),
        ("x.ts", "process.env.API_TOKEN = 'x'", []),
        ("x.ts", "if (process.env.API_MODE === 'x')", [f"{ENVIRONMENT} API_MODE"]),
        ("x.ts", "const u = import.meta.env.VITE_URL", [f"{ENVIRONMENT} VITE_URL"]),
        ("x.ts", 'Deno.env.get("API_TOKEN")', [f"{ENVIRONMENT} API_TOKEN"]),
        ("x.ts", "const e = process.env.NODE_ENV", []),
        ("x.js", 'config.get("retry.limit")', [f"{KEY} retry.limit"]),
        ("x.js", 'app.get("/users/:id", show)', [f"{ROUTE} /users/:id"]),
        ("x.ts", "userRouter.post('/', create)", [f"{ROUTE} /"]),
        ("x.ts", "@Get('items/:id')", [f"{ROUTE} items/:id"]),
        ("x.js", 'app.get("env")', []),
        ("x.ts", "export function parse(x: string): X {", [f"{FUNCTION} parse"]),
        ("x.ts", "export default async function load() {", [f"{FUNCTION} load"]),
        ("x.ts", "export const parse = async (x: string) => {", [f"{FUNCTION} parse"]),
        ("x.ts", "export const LIMIT = 3;", []),
        ("x.js", "exports.parse = function (x) {", [f"{FUNCTION} parse"]),
        ("x.ts", "function parse() {", []),
        ("x.ts", "export abstract class Parser {", [f"{CLASS} Parser"]),
        ("x.ts", "export interface Options {", [f"{CLASS} Options"]),
        # Java
        ("X.java", '@Option(names = {"-v", "--verbose"})', [f"{FLAG} --verbose"]),
        ("X.java", '@Parameter(names = "--debug")', [f"{FLAG} --debug"]),
        ("X.java", 'Option.builder("o").longOpt("output").build()', [f"{FLAG} --output"]),
        ("X.java", 'System.getenv("API_TOKEN")', [f"{ENVIRONMENT} API_TOKEN"]),
        ("X.java", 'System.getenv().get("API_TOKEN")', [f"{ENVIRONMENT} API_TOKEN"]),
        ("X.java", '@Value("${retry.limit:3}")', [f"{KEY} retry.limit"]),
        ("X.java", 'System.getProperty("retry.limit")', [f"{KEY} retry.limit"]),
        ("X.java", '@ConfigurationProperties(prefix = "retry")', [f"{KEY} retry"]),
        ("X.java", '@GetMapping("/users/{id}")', [f"{ROUTE} /users/{{id}}"]),
        ("X.java", '@RequestMapping(value = "/api", method = GET)', [f"{ROUTE} /api"]),
        ("X.java", '@Path("users")', [f"{ROUTE} users"]),
        ("X.java", "public final class Parser extends Base {", [f"{CLASS} Parser"]),
        ("X.java", "public record Point(int x, int y) {", [f"{CLASS} Point"]),
        ("X.java", "class Parser {", []),
        ("X.java", "    public static <T> List<T> parse(String text) {", [f"{FUNCTION} parse"]),
        ("X.java", "    private void parse() {", []),
        ("X.java", "    public Parser(String text) {", []),
        ("X.java", "    public static void main(String[] args) {", []),
        # Other languages
        ("x.rb", 'option "--x"', []),
        ("x", "def parse():", []),
    ],
)
def test_a_new_line_shows_users_something(path: str, line: str, names: list[str]) -> None:
    assert shown(path, f"+{line}") == names
    assert shown(path, f"+{line}\r") == names
    assert shown(path, f"-{line}", f" {line}") == []


def test_an_argument_on_a_later_line_belongs_to_its_call() -> None:
    lines = [" parser.add_argument(", '+    "-n",', '+    "--number",', "+    type=int,", " )"]
    assert surfaces("x.py", *lines)[-1] == Surface(kind=SurfaceKind.FLAG, name="--number", line=3)
    assert shown("x.go", "+\tcmd.Flags().StringVar(", '+\t\t&name, "name", "", "")') == [
        f"{FLAG} --name"
    ]
    assert shown("x.py", "+t = os.environ.get(", '+    "API_TOKEN",', "+)") == [
        f"{ENVIRONMENT} API_TOKEN"
    ]


def test_claps_flag_is_called_as_the_field_below() -> None:
    assert shown("x.rs", "+    #[arg(short, long)]", "+    pub dry_run: bool,") == [
        f"{FLAG} --dry-run"
    ]


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("x.py", ["+def f(a):", '+    """Do it."""']),
        ("x.py", ["+def f(", "+    a: int,", "+) -> str:", '+    r"""Do it."""']),
        ("x.go", ["+// Parse does it.", "+func Parse() {"]),
        ("X.java", ["+  /**", "+   * Does it.", "+   */", "+  @Nullable", "+  public X parse() {"]),
        ("x.ts", ["+/** Does it. */", "+export function parse() {"]),
        ("x.rs", ["+/// Does it.", "+#[inline]", "+pub fn parse() {"]),
        ("X.kt", ["+/** Does it. */", "+fun parse() {"]),
    ],
)
def test_what_a_comment_says_beside_it_is_documented(path: str, lines: list[str]) -> None:
    assert [surface.is_documented for surface in surfaces(path, *lines)] == [True]
    bare = [line for line in lines if not line[1:].strip().startswith(("/", "*", '"', 'r"'))]
    assert [surface.is_documented for surface in surfaces(path, *bare, "+}")] == [False]


def test_a_call_that_ended_has_no_more_arguments() -> None:
    lines = [
        '+p.add_argument("--one")',
        '+run("--two")',
        "+add_argument(",
        '+    "x")',
        '+["--three"]',
    ]
    assert shown("x.py", *lines) == [f"{FLAG} --one"]


def test_only_new_lines_count_and_know_where_they_are() -> None:
    lines = [' x = os.getenv("OLD_ONE")', '-y = os.getenv("OLD_TWO")', '+z = os.getenv("NEW_ONE")']
    assert surfaces("x.py", *lines) == [
        Surface(kind=SurfaceKind.ENVIRONMENT, name="NEW_ONE", line=2)
    ]


def test_fields_of_a_class_of_settings_are_configuration_keys() -> None:
    field, parameter = "+    retry_limit: int = 3", "+    retry_limit: int,"
    settings = "class Settings(BaseModel):"
    assert shown("app/config.py", field, section=settings) == [f"{KEY} retry_limit"]
    assert shown("app/config.py", f" {settings}", field) == [f"{KEY} retry_limit"]
    assert shown("app/config.py", f" {settings}", parameter) == []
    assert shown("app/config.py", field, section="def load():") == []
    assert shown("app/models.py", field, section=settings) == []


def test_what_overrides_is_documented_where_it_is_declared() -> None:
    method = "+    public String toString() {"
    assert shown("X.java", "+    @Override", method) == []
    assert shown("X.java", "+    @Nullable", method) == [f"{FUNCTION} toString"]


def test_a_name_is_shown_once_a_hunk() -> None:
    assert shown("x.py", '+a = os.getenv("API_X")', '+b = os.getenv("API_X")') == [
        f"{ENVIRONMENT} API_X"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "public " + "a " * 50_000,
        "public " + "a<" * 500,
        "export const x " + "a" * 900,
        "config" * 160,
        "Flag(" * 200,
        "add_argument(" * 70,
        'environ["' * 100,
    ],
)
@pytest.mark.parametrize("path", ["x.py", "x.go", "x.ts", "X.java"])
@pytest.mark.timeout(300)
def test_lines_made_to_be_slow_are_not(path: str, line: str) -> None:
    shown(path, *[f"+{line}"] * 50)
