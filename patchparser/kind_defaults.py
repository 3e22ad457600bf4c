"""Where the usual layouts of the usual languages keep tests, docs, copies and generated files.

Tables, looked through from the surest sign to the weakest; names and folders only, as no check
may open a file. A project that is laid out otherwise says so in its policy or .gitattributes.
Learned from what github-linguist's lists get wrong for reviews: they are made for statistics of
languages, and take ``.github`` and test fixtures for vendored.
"""

import re
from collections.abc import Iterator
from enum import StrEnum


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


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VENDORED_FOLDERS = _words(
    """vendor _vendor vendored third_party third-party thirdparty 3rdparty node_modules
    bower_components jspm_packages Godeps Pods Carthage site-packages"""
)
VENDORED_PATHS = re.compile(r"(?:^|/)\.yarn/(?:releases|plugins|sdks)/|(?:^|/)\.mvn/wrapper/")

GENERATED_NAMES = _words(
    """package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock
    poetry.lock uv.lock pdm.lock Pipfile.lock pixi.lock conda-lock.yml Cargo.lock go.sum go.work.sum
    Gopkg.lock glide.lock composer.lock Gemfile.lock mix.lock pubspec.lock Podfile.lock
    Package.resolved packages.lock.json gradle.lockfile flake.lock MODULE.bazel.lock Cartfile.resolved
    .terraform.lock.hcl gradle-wrapper.jar zz_generated.deepcopy.go vendor.sum"""
)
GENERATED_NAME = re.compile(
    r"""\.pb(?:\.gw)?\.(?:go|cc|h|swift|dart)$ | _pb2(?:_grpc)?\.pyi?$ | _(?:grpc_)?pb\.(?:js|d\.ts|rb)$
      | \.min\.(?:js|mjs|css)$ | \.(?:js|mjs|cjs|css)\.map$ | \.bundle\.js$
      | \.(?:g|freezed|gr|mocks)\.dart$ | (?:\.g|\.designer|\.Designer)\.(?:i\.)?cs$
      | [._](?:gen|generated)\.(?:go|ts|tsx|js|py|rs|java|kt|swift|cs|h|c|cc)$
      | ^mock_.+\.go$ | _mock\.go$ | ^zz_generated\. | ^(?:bindata|bindata_assetfs)\.go$ | \.lock$""",
    re.VERBOSE,
)
GENERATED_FOLDERS = _words("__generated__ _generated")

TEST_FOLDERS = _words(
    """test tests __tests__ __mocks__ __snapshots__ __fixtures__ testdata test_data test-data
    Test Tests spec specs e2e cypress integration_test integration_tests integration-test
    integration-tests unittests unit_tests unit-tests functional_tests functional-tests
    test-support test_support testsupport testutil testutils test-util test-utils test_util test_utils
    testhelper testhelpers test-helpers test_helpers reference-test reference-tests referencetests
    testFixtures jmh fuzz fuzzing oss-fuzz fuzzers fuzz_targets benches"""
)
#: These folders hold other things too: only code in them is a test (``spec/openapi.yaml`` is not).
TEST_FOLDERS_OF_CODE = _words("spec specs")
#: ``Acme.Widgets.Tests`` of C#, ``WidgetsTests`` of Swift and Xcode; Gradle's source sets:
#: ``androidTest``, ``jvmTest``, ``integrationTest``.
TEST_FOLDER = re.compile(
    r"(?:\.|[a-z])(?:Unit|Integration|UI|E2E)?Tests$|\.Test$|^[a-z]\w*Test$"
    r"|(?:^|[-_])test(?:ing)?[-_](?:support|utils?|helpers?|fixtures?|common|framework|kit)$"
)
#: Say how a package is built, also where it is a package of tests.
MANIFESTS = _words(
    "build.gradle build.gradle.kts pom.xml package.json Cargo.toml go.mod pyproject.toml tsconfig.json"
)
#: Names that are a test's as they stand. Python's and Django's; what Node's runner, AVA and tape
#: look for (https://nodejs.org/api/test.html#running-tests-from-the-command-line); what ``mod
#: tests;`` means in Rust; and what programs of one file call theirs.
TEST_NAMES = _words(
    """conftest.py tests.py test.py
    test.js test.mjs test.cjs test.jsx test.ts test.mts test.cts test.tsx tests.js tests.ts
    spec.js spec.ts tests.rs test.rs test.rb tests.rb spec.rb test.php test.pl test.lua test.sh tests.sh
    test.bash test.c tests.c test.cc test.cpp test.cxx tests.cpp test.m test.swift test.exs test.jl
    test.nim test.zig test.dart test.hs test.ml test.el test.clj runtests.py run_tests.py runtests.sh
    run_tests.sh run-tests.sh run-test.sh"""
)
TEST_NAME = re.compile(
    r"""^tests?_.+\.(?:py|pyi|rs|c|cc|cpp|cxx|h|hpp|rb|sh|bash|lua|jl|ml|f90|d|nim|R|r|sql|go|php|pl)$
      | _tests?\.(?:py|go|rs|c|cc|cpp|cxx|rb|exs?|erl|dart|js|mjs|jsx|ts|tsx|sh|lua|jl|ml|clj|cljs|hs|zig|php|el|rkt|sql)$
      | [._-](?:test|tests|spec|e2e|cy)\.(?:[cm]?[jt]sx?|vue|svelte|coffee|sh|lua|php|dart|rb|html)$
      | _spec\.(?:rb|lua|cr|ex|js|ts|coffee)$
      | (?:[a-z0-9])(?:Tests?|TestCase|IT|ITCase)\.(?:java|kt|kts|scala|groovy|cs|fs|vb|php|swift|m|mm|hs|cls|dart)$
      | (?:[a-z0-9])Specs?\.(?:kt|scala|groovy|cs|swift|hs)$
      | ^Test[A-Z0-9].*\.(?:java|kt|scala|groovy|swift|cls)$
      | (?:[a-z0-9])(?:Tests?|TestCase|UnitTest)\.(?:c|cc|cpp|cxx|h|hpp)$
      | _(?:unit|browser|perf)tests?\.(?:c|cc|cpp|cxx|h|m|mm|py)$
      | ^tests?-.+\.(?:[cm]?[jt]sx?|c|cc|cpp|cxx|h|py|rb|sh|bash|lua|pl|php|rs)$
      | -tests?\.(?:el|[cm]?[jt]sx?|clj|scm|sh|c|cc|cpp)$
      | \.(?:bats|t|snap)$""",
    re.VERBOSE,
)

DOCS_FOLDERS = _words("doc docs documentation Documentation Docs man manpages manual guides wiki")
#: At the top these hold programs to read, not to run.
EXAMPLE_FOLDERS = _words("example examples sample samples demo demos")
#: Folders of one small text a change, from towncrier, changesets, reno, Ansible and others.
#: In any case: aiohttp and Pulp have ``CHANGES/12.feature``.
FRAGMENT_FOLDERS = _words(
    """newsfragments newsfragment changelog.d changelogs changelog .changes .changeset .changelog
    changelog-fragments changelog_fragments changes.d history.d releasenotes release-notes
    release_notes news.d changes news"""
)
DOCS_EXTENSIONS = _words("md markdown mdx mkd rst adoc asciidoc textile rdoc pod org mdown rmd qmd")
DOCS_STEMS = _words(
    """readme changelog changes history news releases release_notes release-notes authors
    contributors contributing maintainers license licence copying copyright notice security support
    code_of_conduct governance install upgrading upgrade todo thanks credits citation roadmap faq
    patents releasenotes"""
)
#: Read by GitHub's forms, by programs that write code, or by pip; they explain the program to nobody.
NOT_FOR_READERS = re.compile(
    r"""(?:^|/)(?:pull_request_template|issue_template|discussion_template)(?:/|\.)
      | (?:^|/)(?:claude|agents?|gemini|copilot-instructions|\.cursorrules|\.windsurfrules)(?:\.local)?\.md$
      | (?:^|/)\.(?:claude|cursor|gemini|windsurf|kiro|agents?)/
      | \.(?:instructions|prompt|chatmode)\.md$
      | (?:^|/)(?:docs?|documentation)/(?:[\w-]+/)?requirements[\w.-]*\.(?:txt|in)$
    """,
    re.VERBOSE | re.IGNORECASE,
)
PLAIN_EXTENSIONS = _words("txt text html")
#: No piece of a changelog ends so: these are the data of a program that is about changes.
DATA_EXTENSIONS = _words("json csv png svg lock toml")
#: ``git-diff.1`` and ``config.5.in``, but not ``libfoo.so.1``.
MAN_PAGE = re.compile(r"^(?!.*\.so\.)[A-Za-z][\w.:+-]*\.[1-9](?:[a-z]{0,4})?(?:\.in|\.gz)?$")

BUILD_NAMES = _words(
    """Justfile justfile Taskfile.yml Taskfile.yaml Rakefile
    Gemfile Guardfile Vagrantfile Procfile Brewfile Podfile Cartfile Fastfile Earthfile Tiltfile
    CMakeLists.txt meson.build meson_options.txt SConstruct SConscript configure configure.ac
    configure.in BUILD BUILD.bazel WORKSPACE WORKSPACE.bazel MODULE.bazel
    pyproject.toml setup.py setup.cfg tox.ini noxfile.py MANIFEST.in Pipfile environment.yml
    pytest.ini mypy.ini ruff.toml package.json tsconfig.json jsconfig.json lerna.json nx.json
    turbo.json pnpm-workspace.yaml deno.json go.mod go.work Cargo.toml build.rs rust-toolchain
    rust-toolchain.toml rustfmt.toml clippy.toml pom.xml build.gradle build.gradle.kts settings.gradle
    settings.gradle.kts gradle.properties gradlew gradlew.bat mvnw mvnw.cmd build.sbt build.xml ivy.xml
    composer.json phpunit.xml phpunit.xml.dist mix.exs rebar.config pubspec.yaml Package.swift
    stack.yaml cabal.project dune-project dub.json flake.nix default.nix shell.nix nuget.config
    Directory.Build.props Directory.Build.targets global.json docker-compose.yml docker-compose.yaml
    compose.yml compose.yaml docker-bake.hcl skaffold.yaml appveyor.yml azure-pipelines.yml codecov.yml
    cloudbuild.yaml buildspec.yml bitbucket-pipelines.yml netlify.toml vercel.json fly.toml
    renovate.json renovate.json5 mkdocs.yml mkdocs.yaml book.toml lefthook.yml sonar-project.properties
    CODEOWNERS OWNERS OWNERS_ALIASES VERSION version.txt vendor.mod"""
)
BUILD_NAME = re.compile(
    r"""^(?:GNU|BSD)?[Mm]akefile(?:\..+)?$
      | ^(?:Dockerfile|Containerfile|Jenkinsfile)(?:[._-].+)?$ | \.(?:Dockerfile|dockerfile|Jenkinsfile)$
      | ^(?:requirements|constraints)(?:[._-].*)?\.(?:txt|in)$
      | ^docker-compose[._-].+\.ya?ml$ | ^tsconfig\..+\.json$
      | ^(?:webpack|rollup|vite|vitest|babel|jest|karma|eslint|prettier|postcss|tailwind|playwright|
           cypress|commitlint|svelte|next|nuxt|metro|esbuild|tsup|gulp|grunt|stylelint|rspack|
           release|lint-staged)\.(?:config|conf)(?:\..+)?\.(?:[cm]?[jt]s|json)$
      | ^(?:gulpfile|Gruntfile|gruntfile|config-overrides|craco\.config)\.[cm]?[jt]s$
      | \.(?:mk|cmake|bzl|gradle|gradle\.kts|gemspec|podspec|nuspec|csproj|fsproj|vbproj|vcxproj|sln|slnx|props|
           targets|sbt|cabal|spec|bazel|nix|pbxproj|xcscheme|dsp|ebuild)$
      | ^\.[^/]+$""",
    re.VERBOSE,
)
BUILD_FOLDERS = _words(
    """.github .gitlab .circleci .buildkite .azure-pipelines .ci .husky .devcontainer .vscode .idea
    .tekton .woodpecker .drone .cargo .mvn .jenkins .pre-commit-hooks .teamcity .semaphore .config
    buildSrc build-logic buildLogic build-tools"""
)
REQUIREMENTS_FOLDER = "requirements"
#: They say which types there are; there is nothing in them to run.
STUB = re.compile(r"\.(?:pyi|d\.[cm]?ts)$")

CODE_EXTENSIONS = _words(
    """py pyi pyx pxd go js jsx mjs cjs ts tsx mts cts vue svelte astro java kt kts scala groovy clj
    cljs cljc edn c h cc cpp cxx hh hpp hxx ino m mm swift rs zig d nim cr rb erb rake php phtml pl pm
    raku cs fs fsx vb cshtml razor xaml ex exs erl hrl eex heex hs lhs ml mli elm purs ocaml lua tcl r
    jl f f90 f95 for pas dpr ada adb ads cob asm s v sv vhd vhdl sol sh bash zsh fish ksh ps1 psm1
    bat cmd awk sed sql plsql graphql gql proto thrift avsc html htm css scss sass less styl jinja
    jinja2 j2 tmpl tpl hbs mustache ejs pug haml slim liquid twig tf hcl rego dart lisp el scm rkt cu
    cuh cl glsl hlsl wgsl metal coffee wat"""
)
#: Files without an extension in these folders are scripts.
SCRIPT_FOLDERS = _words("bin sbin script scripts libexec hack")
#: Programs the project's own people run; nobody tests them, and no user sees their flags.
OWN_TOOL_FOLDERS = _words(
    """script scripts hack bench benchmark benchmarks perf ci .ci devtools dev-tools dev_tools
    maintenance codegen"""
)
#: The same at the top of a project.
OWN_TOOL = re.compile(
    r"(?:deploy|release|publish|bump|lint|format|ci|update|build|make|bootstrap)(?:[_-]\w[\w-]*)?\.(?:sh|bash|bat|ps1|py)$"
)
#: What writes code, where people keep such programs.
GENERATOR = re.compile(r"gen(?:erate)?[_-][\w-]+\.(?:py|sh|rb|pl|js)$")


def explain_default(path: str, *, without: frozenset[Kind] = frozenset()) -> tuple[Kind, str]:
    """The kind a path has where nobody said otherwise, and the sign of it.

    ``without`` are kinds that were ruled out.

    >>> explain_default("pkg/server_test.go")
    (<Kind.TESTS: 'tests'>, 'default: names like server_test.go are tests')
    >>> explain_default("src/docs/intro.md")[0].value
    'docs'
    """
    for kind, sign in _signs(path):
        if kind not in without:
            return kind, f"default: {sign}"
    return Kind.OTHER, "default: no rule knows this path"


#: They name people and rights, and explain nothing to users.
_NAMES_AND_RIGHTS = _words(
    """authors contributors maintainers license licence copying copyright notice thanks credits
    governance code_of_conduct patents"""
)


def says_who_and_how(path: str) -> bool:
    """Whether docs are about people and rights only: no answer to a new flag.

    >>> says_who_and_how("AUTHORS"), says_who_and_how("README.md")
    (True, False)
    """
    return path.rpartition("/")[2].split(".", 1)[0].lower().replace("-", "_") in _NAMES_AND_RIGHTS


def is_own_tool(path: str) -> bool:
    """Whether the path is of a program that only the project's own people run.

    >>> is_own_tool("scripts/release.py"), is_own_tool("src/release.py")
    (True, False)
    """
    *folders, name = path.split("/")
    if _first(folders, OWN_TOOL_FOLDERS):
        return True
    if not folders:
        return bool(OWN_TOOL.match(name))
    return folders[-1] in ("utils", "tools") and bool(GENERATOR.match(name))


def _signs(path: str) -> Iterator[tuple[Kind, str]]:
    *folders, name = path.split("/")
    stem, _, extension = name.rpartition(".")
    extension = extension.lower() if stem else ""
    is_code = extension in CODE_EXTENSIONS

    if folder := _first(folders, VENDORED_FOLDERS):
        yield Kind.VENDORED, f"folder {folder} holds copies"
    if folders[:1] == ["deps"] and len(folders) > 1:
        yield Kind.VENDORED, "folder deps holds copies"
    if VENDORED_PATHS.search(path):
        yield Kind.VENDORED, f"{folders[-1]} holds copies of tools"
    if name in GENERATED_NAMES or GENERATED_NAME.search(name):
        yield Kind.GENERATED, f"files like {name} are written by programs"
    if folder := _first(folders, GENERATED_FOLDERS):
        yield Kind.GENERATED, f"folder {folder} is written by programs"
    fragments = next((each for each in folders if each.lower() in FRAGMENT_FOLDERS), None)
    # Of towncrier's pieces some end in .feature, as Cucumber's tests do.
    if fragments and not is_code and extension not in DATA_EXTENSIONS:
        yield Kind.DOCS, f"folder {fragments} holds pieces of the changelog"
    yield from _signs_of_tests(folders, name, is_code=is_code)
    if NOT_FOR_READERS.search(path):
        yield Kind.BUILD, f"files like {name} are for programs and forms"
    yield from _signs_of_docs(folders, name, extension, is_code=is_code)
    if extension in ("txt", "in") and REQUIREMENTS_FOLDER in folders[-1:]:
        yield Kind.BUILD, f"folder {REQUIREMENTS_FOLDER} says how to build"
    if name in BUILD_NAMES or BUILD_NAME.search(name):
        yield Kind.BUILD, f"files like {name} say how to build"
    if folder := _first(folders, BUILD_FOLDERS):
        yield Kind.BUILD, f"folder {folder} says how to build"
    if STUB.search(name):
        yield Kind.OTHER, f"files like {name} only declare types"
    if is_code:
        yield Kind.CODE, f"extension .{extension} is code"
    if "." not in name and (folder := _first(folders, SCRIPT_FOLDERS)):
        yield Kind.CODE, f"folder {folder} holds scripts"


def _signs_of_tests(folders: list[str], name: str, *, is_code: bool) -> Iterator[tuple[Kind, str]]:
    if name in TEST_NAMES or TEST_NAME.search(name):
        yield Kind.TESTS, f"names like {name} are tests"
    if name.endswith(".feature"):  # Cucumber's
        yield Kind.TESTS, f"names like {name} are tests"
    folder = _first(folders, TEST_FOLDERS if is_code else TEST_FOLDERS - TEST_FOLDERS_OF_CODE)
    folder = folder or next((each for each in folders if TEST_FOLDER.search(each)), None)
    # A README says how to run the tests; it is none.
    if folder and name not in MANIFESTS and name.split(".", 1)[0].lower() != "readme":
        yield Kind.TESTS, f"folder {folder} holds tests"
    if folders[:1] == ["t"] and name.endswith((".pl", ".pm", ".sh", ".txt")):
        yield Kind.TESTS, "folder t holds tests"


def _signs_of_docs(
    folders: list[str], name: str, extension: str, *, is_code: bool
) -> Iterator[tuple[Kind, str]]:
    if extension in DOCS_EXTENSIONS:
        yield Kind.DOCS, f"extension .{extension} is docs"
    stem = name.split(".", 1)[0].lower().lstrip("0123456789-_")  # redis has 00-RELEASENOTES
    if stem in DOCS_STEMS and (extension in PLAIN_EXTENSIONS or "." not in name):
        yield Kind.DOCS, f"{name} is for people"
    if MAN_PAGE.match(name):
        yield Kind.DOCS, f"names like {name} are man pages"
    # docs/conf.py belongs to the docs; app/docs/views.py is a program about documents.
    if folder := _first(folders[:1] if is_code else folders, DOCS_FOLDERS):
        yield Kind.DOCS, f"folder {folder} holds docs"
    if folder := _first(folders[:1], EXAMPLE_FOLDERS):
        yield Kind.DOCS, f"folder {folder} shows how to use it"


def _first(folders: list[str], known: frozenset[str]) -> str | None:
    return next((folder for folder in folders if folder in known), None)
