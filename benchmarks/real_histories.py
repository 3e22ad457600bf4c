"""Compares parse_diff with git itself on the merges of real repositories.

    python benchmarks/real_histories.py [--limit N] REPO...

Each first-parent merge is a pull request as it landed. For each, the diff against the first
parent goes through parse_diff, every hunk is read, and names, statuses, kinds of file and counts
are compared with ``git diff --raw`` and ``--numstat``. Exits 1 at any exception or difference.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from patchparser.patch import FileStatus, PatchError, parse_diff

# What a user's own settings could change about the output is fixed here.
ENVIRONMENT = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
DIFF = ("diff", "--find-renames", "--no-ext-diff", "--no-textconv", "--submodule=short")
STATUS_OF_LETTER = {
    "A": FileStatus.ADDED,
    "D": FileStatus.REMOVED,
    "M": FileStatus.MODIFIED,
    "R": FileStatus.RENAMED,
    "C": FileStatus.COPIED,
    "T": FileStatus.CHANGED,
}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What git says of one file."""

    path: str
    previous_path: str | None
    status: FileStatus
    additions: int
    deletions: int
    is_binary: bool
    is_symlink: bool
    is_submodule: bool


def run_git(repo: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(repo), *arguments]
    return subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT).stdout


def merges(repo: Path, limit: int) -> list[str]:
    arguments = ["rev-list", "--first-parent", "--merges", "HEAD"]
    if limit:
        arguments.append(f"--max-count={limit}")
    return run_git(repo, *arguments).decode().split()


def what_git_says(repo: Path, merge: str) -> list[Expected]:
    """One run prints ``--raw`` entries first, then ``--numstat`` entries in the same order."""
    out = run_git(repo, *DIFF, "--raw", "--abbrev=40", "--numstat", "-z", f"{merge}^1", merge)
    fields = iter(os.fsdecode(out).split("\0")[:-1])
    raw: list[tuple[str, str, list[str], bool]] = []
    counts: list[tuple[str, str]] = []
    for entry in fields:
        if entry.startswith(":"):
            source_mode, target_mode, source_sha, target_sha, letter = entry[1:].split(" ")
            names = [next(fields) for _ in range(2 if letter[0] in "RC" else 1)]
            # A diff says nothing of content that stayed, so not that it is binary either.
            is_same = source_sha == target_sha
            raw.append((letter[0], f"{source_mode} {target_mode}", names, is_same))
        else:
            added, removed, name = entry.split("\t", 2)
            if not name:
                next(fields)
                next(fields)
            counts.append((added, removed))
    return list(_joined(raw, counts))


def _joined(
    raw: list[tuple[str, str, list[str], bool]], counts: list[tuple[str, str]]
) -> Iterator[Expected]:
    for (letter, modes, names, is_same), (added, removed) in zip(raw, counts, strict=True):
        yield Expected(
            path=names[-1],
            previous_path=names[0] if len(names) == 2 else None,
            status=STATUS_OF_LETTER[letter],
            additions=0 if added == "-" else int(added),
            deletions=0 if removed == "-" else int(removed),
            is_binary=added == "-" and not is_same,
            is_symlink="120000" in modes,
            is_submodule="160000" in modes,
        )


def what_we_say(diff: bytes) -> tuple[list[Expected], int]:
    said, lines = [], 0
    for file in parse_diff(diff):
        added = removed = 0
        for line in (line for hunk in file.hunks for line in hunk.lines):
            lines += 1
            added += line.kind == "+"
            removed += line.kind == "-"
        # A file that became a link shows one line on both sides; its counts leave it out.
        if file.status is not FileStatus.CHANGED and (added, removed) != (
            file.additions,
            file.deletions,
        ):
            raise PatchError(f"{file.path}: hunks and counts differ")
        said.append(
            Expected(
                path=file.path,
                previous_path=file.previous_path,
                status=file.status,
                additions=file.additions,
                deletions=file.deletions,
                is_binary=file.is_binary,
                is_symlink=file.is_symlink,
                is_submodule=file.is_submodule,
            )
        )
    return said, lines


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "repos", nargs="+", type=Path, metavar="REPO", help="a checkout or a bare one"
    )
    parser.add_argument("--limit", type=int, default=0, help="the newest N merges of each; 0: all")
    options = parser.parse_args()
    print(f"{'repository':30} {'merges':>7} {'files':>8} {'lines':>10} {'errors':>7} {'differ':>7}")
    is_good = True
    for repo in options.repos:
        files = lines = exceptions = differences = 0
        shas = merges(repo, options.limit)
        for merge in shas:
            diff = run_git(repo, *DIFF, f"{merge}^1", merge)
            expected = what_git_says(repo, merge)
            try:
                said, read = what_we_say(diff)
            except Exception as exc:  # noqa: BLE001 - any is what we came to see
                exceptions += 1
                print(f"  {merge[:10]}: {type(exc).__name__}: {exc}")
                continue
            files, lines = files + len(said), lines + read
            wrong = [pair for pair in zip(said, expected, strict=False) if pair[0] != pair[1]]
            if wrong or len(said) != len(expected):
                differences += 1
                print(f"  {merge[:10]}: {len(said)} files, git {len(expected)}; first: {wrong[:1]}")
        name = repo.resolve().parent.name if repo.resolve().name == "repo" else repo.resolve().name
        print(
            f"{name[:30]:30} {len(shas):7,} {files:8,} {lines:10,} {exceptions:7} {differences:7}"
        )
        is_good = is_good and bool(shas) and not exceptions and not differences
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
