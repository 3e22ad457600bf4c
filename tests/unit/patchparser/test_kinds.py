"""Which kind a path is, in the layouts people use, and who may say otherwise."""

import pytest

from patchparser.attributes import Attributes
from patchparser.kinds import Kind, Kinds

PATHS = {
    Kind.CODE: """
        app.py src/pkg/__init__.py cmd/main.go pkg/server/server.go src/index.ts web/App.vue
        src/main/java/org/acme/Main.java src/main/kotlin/App.kt lib/foo.rb src/lib.rs Sources/A/B.swift
        app/docs/views.py src/news/models.py app/contest.py src/latest.go pkg/attest.ts Latest.java
        Testimonial.java KeySpec.java Modules/_testmod.c EDIT.java business-unit.ts templates/page.html
        static/site.css api/v1/service.proto schema.graphql db/migrate.sql infra/main.tf bin/deploy
        script/server hack/update src/vendors/models.py src/cache/lru.py dist/tool.py env/loader.py
        src/debian/pkg.py lib/changes/diff.js manual.go
    """,
    Kind.TESTS: """
        test_app.py tests/test_app.py pkg/tests/util.py pkg/server/server_test.go conftest.py tests.py
        src/app.spec.ts src/app.test.tsx src/__tests__/app.js web/app-test.js cypress/e2e/login.cy.ts
        src/test/java/org/acme/MainTest.java src/test/resources/data.json src/integrationTest/A.java
        app/src/androidTest/java/A.kt MainTests.java MainIT.java TestMain.java UserTestCase.java
        spec/models/user_spec.rb test/user_test.rb Acme.Widgets.Tests/UserFixture.cs
        Tests/AppTests/AppTests.swift AppUITests/Login.swift MySpec.scala tests/fixtures/readme-like.md
        testdata/x.golden pkg/parse/testdata/a.json t/basic.t t/lib.pl test/run.bats e2e/login.ts
        src/__snapshots__/a.snap tests/data.sql src/foo_test.cc tests/integration.rs test/index.html
        features/login.feature lib/app_test.exs lib/widget_test.dart src/foo_test.py tests/Makefile
        tests/docker-compose.yml docs/test_snippets.py test/conf/.env src/jvmTest/kotlin/A.kt
        test.js test.mjs test.ts tests.rs src/foo/tests.rs test.rb spec.js test.sh test.c test.php
        foo_unittest.cc browser/tab_browsertest.cc FooTest.cpp FooTests.cpp test-foo.c test-app.mjs
        src/androidHostTest/X.kt src/test-support/java/X.java src/reference-test/java/X.java
        src/jmh/java/X.java util/testutil/x.go fuzz/parse.py oss-fuzz/x.cc benches/x.rs
        t/helper/test-hash.c buildSrc/src/test/kotlin/XTest.kt features/changelog.feature
    """,
    Kind.DOCS: """
        README README.md readme.txt docs/index.rst docs/conf.py docs/img/a.png docs/Makefile
        src/docs/x.md pkg/documentation/a.txt doc/manual.txt man/tool.1 git-diff.1 man/man5/conf.5.in
        CHANGELOG CHANGELOG.md CHANGES.rst changes/1.feature.rst newsfragments/12.bugfix
        changelog.d/3.fixed changes/12.feature .changeset/brave-cats.md changelogs/fragments/9.yml
        releasenotes/notes/a-1.yaml Misc/NEWS.d/next/Library/2026.gh-issue-1.rst HISTORY NEWS
        AUTHORS CONTRIBUTING.md LICENSE LICENSE.txt COPYING SECURITY.md guide.adoc notes.org
        .github/CONTRIBUTING.md tests/README.md examples/hello.py wiki/Home.textile
        CHANGES/12.feature CHANGES/12.bugfix CHANGES.d/1.feature CHANGES/plugin_api/12.removal
        pkg/Changelog.d/3.fixed 00-RELEASENOTES
    """,
    Kind.VENDORED: """
        vendor/github.com/x/y.go pkg/vendor/x.go node_modules/a/index.js third_party/x/y.c
        web/third-party/a.js Godeps/_workspace/x.go pip/_vendor/x.py Pods/A/a.m
        deps/linenoise/linenoise.c vendor/x/x_test.go vendor/x/README.md .yarn/releases/yarn-4.cjs
    """,
    Kind.GENERATED: """
        package-lock.json web/yarn.lock pnpm-lock.yaml poetry.lock uv.lock Cargo.lock go.sum
        Gemfile.lock composer.lock api/x.pb.go api/x.pb.gw.go x_pb2.py x_pb2_grpc.py x_pb2.pyi
        src/x_pb.js static/app.min.js static/app.min.css static/app.js.map zz_generated.deepcopy.go
        vendor.sum model.g.dart model.freezed.dart api.gen.go schema.generated.ts types_generated.go mocks/mock_api.go
        src/__generated__/a.ts Form.designer.cs flake.lock tests/package-lock.json
    """,
    Kind.BUILD: """
        Makefile build/rules.mk Dockerfile Dockerfile.dev docker/app.Dockerfile Jenkinsfile
        .github/workflows/test.yml .gitlab-ci.yml .circleci/config.yml pyproject.toml setup.py
        setup.cfg tox.ini requirements.txt requirements-dev.txt package.json tsconfig.json
        tsconfig.build.json webpack.config.js vite.config.ts jest.config.js .eslintrc.json go.mod
        Cargo.toml build.rs pom.xml build.gradle.kts settings.gradle gradlew CMakeLists.txt cmake/a.cmake
        BUILD.bazel defs.bzl acme.gemspec App.csproj docker-compose.yml docker-compose.dev.yml
        acme.publish-conventions.gradle.kts buildSrc/src/main/kotlin/X.kt build-logic/x/Y.kt
        vendor.mod Makefile.common GNUmakefile requirements/dev.in docs/requirements.txt
        .github/PULL_REQUEST_TEMPLATE.md .github/ISSUE_TEMPLATE/bug.md CLAUDE.md docs/AGENTS.md
        .claude/skills/x.md .github/copilot-instructions.md .github/x.instructions.md
        .gitignore .pre-commit-config.yaml CODEOWNERS mkdocs.yml renovate.json .ci/run .envrc
    """,
    Kind.OTHER: """
        logo.png data/table.csv settings.yaml config/app.json spec/openapi.yaml src/pkg/py.typed
        robots.txt lib/libfoo.so.1 fonts/a.woff2 unknown src/a.pyi types/index.d.ts
        changes/data.json
    """,
}


@pytest.mark.parametrize(
    ("path", "kind"), [(path, kind) for kind, paths in PATHS.items() for path in paths.split()]
)
def test_a_path_is_of_the_kind_its_place_and_name_say(path: str, kind: Kind) -> None:
    assert Kinds().explain(path)[0] is kind, Kinds().explain(path)[1]


ATTRIBUTES = Attributes(
    {
        ".gitattributes": b"api/** linguist-generated\nvendor/ours/** -linguist-vendored\n"
        b"*.py linguist-documentation=false\nlib/*.c linguist-vendored\nintro/* linguist-documentation"
    }
)


@pytest.mark.parametrize(
    ("path", "kind", "rule"),
    [
        pytest.param("checks/a.py", Kind.TESTS, "policy: checks/**", id="policy"),
        pytest.param("api/keep.go", Kind.CODE, "policy: api/keep.go", id="policy over attributes"),
        pytest.param(
            "api/x.go",
            Kind.GENERATED,
            ".gitattributes:1: api/** linguist-generated",
            id="attribute",
        ),
        pytest.param(
            "lib/x.c", Kind.VENDORED, ".gitattributes:4: lib/*.c linguist-vendored", id="vendored"
        ),
        pytest.param(
            "intro/x", Kind.DOCS, ".gitattributes:5: intro/* linguist-documentation", id="docs"
        ),
        pytest.param(
            "vendor/ours/x.go", Kind.CODE, "default: extension .go is code", id="attribute denies"
        ),
        pytest.param(
            "docs/conf.py", Kind.CODE, "default: extension .py is code", id="attribute denies docs"
        ),
        pytest.param("x.rs", Kind.CODE, "default: extension .rs is code", id="default"),
        pytest.param("x", Kind.OTHER, "default: no rule knows this path", id="nothing"),
    ],
)
def test_the_rule_that_decided_is_named(path: str, kind: Kind, rule: str) -> None:
    globs = {Kind.TESTS: ["checks/**"], Kind.CODE: ["api/keep.go"]}
    assert Kinds(globs, attributes=ATTRIBUTES).explain(path) == (kind, rule)


def test_the_policys_kinds_are_tried_in_the_order_written() -> None:
    globs = {Kind.GENERATED: ["**/*.pb.go"], Kind.TESTS: ["**"]}
    assert Kinds(globs).kind_of("a/b.pb.go") is Kind.GENERATED
    assert Kinds(dict(reversed(globs.items()))).kind_of("a/b.pb.go") is Kind.TESTS


@pytest.mark.parametrize(("dot", "kind"), [(True, Kind.TESTS), (False, Kind.BUILD)])
def test_wildcards_match_dotfiles_where_the_policy_lets_them(dot: bool, kind: Kind) -> None:
    assert Kinds({Kind.TESTS: ["*"]}, dot=dot).kind_of(".envrc") is kind


@pytest.mark.parametrize(
    "path", ["a" * 5000, "-" * 5000 + ".1", "a." * 2000, "tests" * 900, "/" * 4000]
)
def test_paths_made_to_be_slow_are_not(path: str) -> None:
    assert Kinds().kind_of(path)
