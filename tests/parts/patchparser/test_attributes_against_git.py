"""Patterns of ``.gitattributes`` match what ``git check-attr`` says they match."""

import os
import subprocess
from pathlib import Path

from patchparser.attributes import Attributes

PATTERNS = [
    *("*.md", "/*.md", "docs", "docs/", "docs/*", "docs/**", "/docs/**", "**/gen/*.go"),
    *("a/**/z.go", "**", "**/x.md", "docs/*/x.md", "gen/**/*.go", "x.??", "[a-c].go", "[!a].go"),
    *('"with space.md"', "\\*.md", "*", "gen", "a/*", "*/x.md", ".hidden", ".*", "[^a].go"),
    *("{a,b}.go", "+(a).go", "gen/**", "**/gen/**", "a**z.go", "[[:lower:]].go"),
]
PATHS = [
    *("x.md", "docs/x.md", "docs/a/x.md", "docs/a/b/x.md", "src/docs/x.md", "gen/x.go"),
    *("a/gen/x.go", "a/z.go", "a/b/z.go", "a/b/c/z.go", "a.go", "b.go", "with space.md", "*.md"),
    *(".hidden", "a/.hidden", "{a,b}.go", "+(a).go", "abz.go", "docs"),
]


def test_patterns_match_what_git_check_attr_says_they_match(tmp_path: Path) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), *arguments]
        done = subprocess.run(command, check=True, capture_output=True, env=environment)
        return done.stdout.decode()

    git("init", "-q")
    lines = [f"{pattern} pattern-{n}" for n, pattern in enumerate(PATTERNS)]
    content = "\n".join(lines)
    (tmp_path / ".gitattributes").write_text(content)
    said = git("check-attr", "-z", "--all", *PATHS).split("\0")[:-1]
    by_git = {(path, name) for path, name in zip(said[::3], said[1::3], strict=True)}
    attributes = Attributes({".gitattributes": content.encode()})
    by_us = {
        (path, f"pattern-{n}")
        for path in PATHS
        for n in range(len(PATTERNS))
        if attributes.value_of(path, f"pattern-{n}")
    }
    differ = {(path, PATTERNS[int(name.split("-")[1])]) for path, name in by_git ^ by_us}
    assert differ == set()
