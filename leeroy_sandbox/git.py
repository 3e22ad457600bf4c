"""Run git on bare repositories: commits are written, and everything said of them comes from git.

What git says of a sha never changes, so it is asked once and remembered. Repositories made with
one `objects` directory are a fork network, as GitHub keeps them: a fork's commit can be named in
its base without copying anything.
"""

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from leeroy_sandbox.gitformat import (
    COMMIT_FORMAT,
    EMPTY_TREE,
    FULL_SHA,
    ChangedFile,
    Commit,
    NewCommit,
    Person,
    import_stream,
    parse_changed_files,
    parse_commit,
    parse_hunks,
    parse_names,
)

#: Neither the machine's nor the user's settings may change what a diff looks like.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class GitFailed(Exception):
    """git said no; the text is what it said."""

    def __init__(self, arguments: Sequence[str], code: int, said: str) -> None:
        super().__init__(f"git {' '.join(arguments)}: {said.strip()}")
        self.code = code


class Bare:
    """One bare repository."""

    def __init__(self, path: Path, objects: Path | None = None) -> None:
        self.path = path
        self._commits: dict[str, Commit] = {}
        self._files: dict[tuple[str, str], tuple[ChangedFile, ...]] = {}
        self._patches: dict[tuple[str, str], tuple[str | None, ...]] = {}
        self._ranges: dict[tuple[str, str], tuple[str, ...]] = {}
        self._answers: dict[tuple[str, ...], str] = {}
        if not path.exists():
            self._create(objects)

    def _create(self, objects: Path | None) -> None:
        # `git init` writes hooks and templates at ten times the cost; a repository is these files.
        (self.path / "refs" / "heads").mkdir(parents=True)
        if objects is None:
            (self.path / "objects").mkdir()
        else:
            objects.mkdir(parents=True, exist_ok=True)
            (self.path / "objects").symlink_to(objects.resolve(), target_is_directory=True)
        (self.path / "HEAD").write_text("ref: refs/heads/main\n")
        (self.path / "config").write_text(
            "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[gc]\n\tauto = 0\n"
            "[uploadpack]\n\tallowAnySHA1InWant = true\n"
        )

    def run(self, *arguments: str, given: bytes = b"", allowed: Iterable[int] = (0,)) -> bytes:
        """What a git command prints; GitFailed when it ends otherwise than allowed."""
        done = subprocess.run(
            ["git", f"--git-dir={self.path}", *arguments],
            input=given,
            capture_output=True,
            env=ENVIRONMENT,
            check=False,
        )
        if done.returncode not in allowed:
            raise GitFailed(arguments, done.returncode, done.stderr.decode("utf-8", "replace"))
        return done.stdout

    def write(self, commits: Sequence[NewCommit]) -> list[str]:
        """Write commits and move their refs, in one git process; their shas."""
        printed = self.run(
            "fast-import", "--quiet", "--force", "--done", "--date-format=raw",
            given=import_stream(commits),
        )  # fmt: skip
        return printed.decode().split()

    def point(self, ref: str, sha: str) -> None:
        """Make a ref point at a commit."""
        self.run("update-ref", ref, sha)

    def drop(self, ref: str) -> None:
        """Remove a ref, if there is one."""
        self.run("update-ref", "-d", ref)

    def refs(self) -> dict[str, str]:
        """Every ref and the sha it points at."""
        lines = self.run("for-each-ref", "--format=%(refname) %(objectname)").decode().splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def resolve(self, name: str) -> str | None:
        """The commit a sha or a ref's name stands for."""
        if FULL_SHA.fullmatch(name) and name in self._commits:
            return name
        try:
            said = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^0")
        except GitFailed:
            return None
        return said.decode().strip()

    def commit(self, sha: str) -> Commit:
        """One commit, by its full sha."""
        if sha not in self._commits:
            self.commits("--no-walk", sha)
        return self._commits[sha]

    def commits(self, *which: str) -> list[Commit]:
        """Commits as `git log` chooses them: `commits("--reverse", "base..head")`."""
        printed = self.run(
            "log", "-z", COMMIT_FORMAT,
            "--encoding=UTF-8", *which,
        )  # fmt: skip
        found = [
            parse_commit(record) for record in printed.decode("utf-8", "replace").split("\0")[:-1]
        ]
        self._commits.update((commit.sha, commit) for commit in found)
        return found

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor; None for unrelated histories."""
        return self._once("merge-base", one, other, allowed=(0, 1)) or None

    def count(self, base: str, head: str) -> int:
        """How many commits `head` has that `base` has not."""
        if base == EMPTY_TREE:
            return int(self._once("rev-list", "--count", head))
        return int(self._once("rev-list", "--count", head, f"^{base}"))

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` was built upon `old`."""
        return old == new or self.merge_base(old, new) == old

    def files(self, base: str, head: str) -> tuple[ChangedFile, ...]:
        """What differs between two commits or trees, in git's order."""
        key = (base, head)
        if key not in self._files:
            printed = self.run(
                "diff-tree", "-r", "-z", "-M", "-l0", "--raw", "--numstat", "--no-abbrev",
                base, head,
            )  # fmt: skip
            self._files[key] = parse_changed_files(printed.decode("utf-8", "surrogateescape"))
        return self._files[key]

    def diff(self, base: str, head: str) -> bytes:
        """The unified diff between two commits or trees."""
        return self.run("diff-tree", "-r", "-M", "-l0", "-p", "--no-color", base, head)

    def mails(self, base: str, head: str) -> bytes:
        """The commits between as mails, each with its patch."""
        return self.run("format-patch", "--stdout", "-M", f"{base}..{head}")

    def patches(self, base: str, head: str) -> tuple[str | None, ...]:
        """The hunks of each of `files(base, head)`; None where there is nothing to show."""
        key = (base, head)
        if key not in self._patches:
            sections = parse_hunks(self.diff(base, head))
            found = []
            for changed in self.files(base, head):
                hunks = next(sections)
                if changed.letter == "T":  # git shows it as a removal and an addition
                    hunks = "\n".join(part for part in (hunks, next(sections)) if part)
                found.append(hunks or None)
            self._patches[key] = tuple(found)
        return self._patches[key]

    def between(self, base: str, head: str) -> list[Commit]:
        """The commits `head` has and `base` has not, oldest first."""
        key = (base, head)
        if key not in self._ranges:
            without = () if base == EMPTY_TREE else (f"^{base}",)
            found = self.commits("--reverse", "--topo-order", head, *without)
            self._ranges[key] = tuple(commit.sha for commit in found)
        return [self.commit(sha) for sha in self._ranges[key]]

    def remember(self, commit: Commit, base: str, changed: ChangedFile, patch: str) -> None:
        """Know a commit just written on `base`, and the one file it changed, without asking git."""
        key = (base, commit.sha)
        self._commits[commit.sha] = commit
        self._files[key] = (changed,)
        self._patches[key] = (patch,)
        self._ranges[key] = (commit.sha,)
        self._answers[("merge-base", *key)] = base
        self._answers[("rev-list", "--count", commit.sha, f"^{base}")] = "1"

    def names_of(self, shas: Sequence[str]) -> dict[str, dict[str, list[str]]]:
        """For each commit the names it added, removed and modified, as a push tells them."""
        printed = self.run(
            "diff-tree", "--stdin", "-r", "-z", "--root", "--no-renames", "--name-status",
            given="".join(f"{sha}\n" for sha in shas).encode(),
        )  # fmt: skip
        return parse_names(printed.decode("utf-8", "replace"), shas)

    def content(self, sha: str, path: str) -> bytes | None:
        """A file's bytes at a commit; None when there is none."""
        try:
            return self.run("cat-file", "blob", f"{sha}:{path}")
        except GitFailed:
            return None

    def blob(self, sha: str, path: str) -> str:
        """The name git has for a file's bytes at a commit."""
        return self._once("rev-parse", "--verify", f"{sha}:{path}")

    def merge(self, base: str, head: str, message: str, who: Person) -> str | None:
        """Write the merge of two commits; None when they conflict."""
        printed = self.run(
            "merge-tree", "--write-tree", "--allow-unrelated-histories", base, head, allowed=(0, 1)
        ).decode()
        tree = printed.split("\n", 1)[0]
        if "\n" in printed.rstrip("\n"):  # git lists what conflicts after the tree
            return None
        return self.write_tree_commit(tree, [base, head], message, who)

    def write_tree_commit(
        self, tree: str, parents: Sequence[str], message: str, who: Person
    ) -> str:
        """Write a commit of a tree that is already there."""
        identity = f"{who.name} <{who.email}> {who.when} +0000"
        lines = [f"tree {tree}", *(f"parent {sha}" for sha in parents)]
        lines += [f"author {identity}", f"committer {identity}", "", message, ""]
        given = "\n".join(lines).encode()
        return self.run("hash-object", "-t", "commit", "-w", "--stdin", given=given).decode()[:40]

    def _once(self, *arguments: str, allowed: Iterable[int] = (0,)) -> str:
        if arguments not in self._answers:
            self._answers[arguments] = self.run(*arguments, allowed=allowed).decode().strip()
        return self._answers[arguments]
