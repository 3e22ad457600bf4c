"""Runs patchparser over the history of real repositories, and shows what it says there.

    python benchmarks/real_histories.py counts [--limit N] REPO...
    python benchmarks/real_histories.py sheet [--limit N] [--patchparser FOLDER] REPO... > after.jsonl
    python benchmarks/real_histories.py compare before.jsonl after.jsonl [--judged FILE]

``counts`` compares names, statuses, kinds of file and counts of each first-parent merge with what
``git diff --raw`` and ``--numstat`` say, and exits 1 at any exception or difference.

``sheet`` takes each first-parent merge, and each commit that GitHub squashed (its subject ends in
``(#12)``), for a pull request as it landed, and writes one line of JSON for each: title, findings,
places. ``--patchparser`` names the folder of another version, such as a worktree of main.

``compare`` lays two sheets beside each other: how many alarms before and after, and then which
were silenced, which are new and which changed, to be judged by reading. A file of judgements has
lines ``REPOSITORY SHA CHECK right|wrong|debatable``; with it the table also counts those.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Another version is taken for the whole run, so it must be known before anything is imported.
if "--patchparser" in sys.argv:
    sys.path.insert(0, sys.argv[sys.argv.index("--patchparser") + 1])

from patchparser.check import run_checks
from patchparser.findings import Check, Verdict
from patchparser.patch import FileStatus, PatchError, parse_diff
from patchparser.policy import DEFAULT_POLICY
from patchparser.pull import Commit, Identity, Pull

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


def check_counts(repos: Sequence[Path], limit: int) -> bool:
    """Compare every merge with git; whether all agree."""
    print(f"{'repository':30} {'merges':>7} {'files':>8} {'lines':>10} {'errors':>7} {'differ':>7}")
    is_good = True
    for repo in repos:
        files = lines = exceptions = differences = 0
        shas = merges(repo, limit)
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
        print(
            f"{name_of(repo):30} {len(shas):7,} {files:8,} {lines:10,} {exceptions:7} {differences:7}"
        )
        is_good = is_good and bool(shas) and not exceptions and not differences
    return is_good


def name_of(repo: Path) -> str:
    whole = repo.resolve()
    return (whole.parent.name if whole.name in ("repo", ".git") else whole.name)[:30]


SQUASHED = re.compile(r"^(.*) \(#\d+\)$")
LOG_FORMAT = "%H%x00%P%x00%an%x00%ae%x00%cn%x00%ce%x00%B"


@dataclass(frozen=True, kw_only=True)
class Landed:
    """A pull request as it landed."""

    sha: str
    title: str
    #: Its own commits where it was merged; the one GitHub made of them where it was squashed.
    commits: tuple[Commit, ...]


def landed(repo: Path, limit: int) -> list[Landed]:
    """The newest pull requests first; a merge without commits of its own is none."""
    found: list[Landed] = []
    for commit in log(repo, "--first-parent", "HEAD"):
        if len(found) == limit:
            break
        if commit.is_merge:
            # "Merge pull request #12 from ann/branch", an empty line, the title.
            _, *rest = commit.message.split("\n")
            title = next((line for line in rest if line.strip()), commit.subject)
            commits = tuple(log(repo, f"{commit.sha}^1..{commit.sha}^2"))
        elif squashed := SQUASHED.match(commit.subject):
            title, commits = squashed[1], (commit,)
        else:
            continue
        if commits:
            found.append(Landed(sha=commit.sha, title=title, commits=commits))
    return found


def log(repo: Path, *which: str) -> Iterator[Commit]:
    command = ["git", "-C", str(repo), "log", "-z", f"--format=tformat:{LOG_FORMAT}", *which]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT) as process:
        assert process.stdout
        fields: list[bytes] = []
        rest = b""
        while block := process.stdout.read(1 << 16):
            *parts, rest = (rest + block).split(b"\0")
            fields += parts
            while len(fields) >= 7:
                yield commit_of([os.fsdecode(field) for field in fields[:7]])
                del fields[:7]


def commit_of(fields: Sequence[str]) -> Commit:
    sha, parents, author, author_email, committer, committer_email, message = fields
    return Commit(
        sha=sha,
        message=message.removesuffix("\n"),
        author=Identity(name=author, email=author_email),
        committer=Identity(name=committer, email=committer_email),
        parents=tuple(parents.split()),
        author_is_bot=author_email.lower().endswith("[bot]@users.noreply.github.com"),
    )


def write_sheet(repos: Sequence[Path], limit: int) -> None:
    """One line of JSON for each pull request."""
    for repo in repos:
        for pull in landed(repo, limit):
            diff = run_git(repo, *DIFF, f"{pull.sha}^1", pull.sha)
            about = Pull(title=pull.title, commit_count=len(pull.commits))
            kinds = DEFAULT_POLICY.make_kinds()
            report = run_checks(parse_diff(diff), about, pull.commits, DEFAULT_POLICY, kinds)
            row = {"repository": name_of(repo), "sha": pull.sha[:10], "title": pull.title}
            said = {
                str(finding.check): {
                    "alarm": finding.verdict is Verdict.FAIL,
                    "summary": finding.summary,
                    "places": [f"{p.path}:{p.line} {p.note}" for p in finding.places[:10]]
                    + [f"{c.sha[:10]} {c.problem}" for c in finding.commits[:10]],
                }
                for finding in report.findings
            }
            print(json.dumps({**row, **said}))


Row = dict[str, Any]


def read_sheet(file: Path) -> dict[tuple[str, str], Row]:
    rows = (json.loads(line) for line in file.read_text().splitlines())
    return {(row["repository"], row["sha"]): row for row in rows}


def compare_sheets(before: Path, after: Path, judged: Path | None) -> None:
    """A table of alarms, then what is to be read."""
    old, new = read_sheet(before), read_sheet(after)
    verdicts: dict[tuple[str, str, str], str] = {}
    for line in judged.read_text().splitlines() if judged else ():
        repository, sha, check, verdict = line.split()[:4]
        verdicts[repository, sha, check] = verdict
    shared = [key for key in new if key in old]
    for check in Check:
        print(f"\n## {check}\n\n| repository | n | before | after | silenced | new | changed |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        moved: dict[str, list[tuple[str, str]]] = {"silenced": [], "new": [], "changed": []}
        counts: Counter[tuple[str, str]] = Counter()
        for key in shared:
            was, now = old[key][check], new[key][check]
            counts[key[0], "n"] += 1
            counts[key[0], "before"] += was["alarm"]
            counts[key[0], "after"] += now["alarm"]
            what = {(True, False): "silenced", (False, True): "new"}.get(
                (was["alarm"], now["alarm"])
            )
            if what is None and was["alarm"] and was["summary"] != now["summary"]:
                what = "changed"
            if what:
                counts[key[0], what] += 1
                moved[what].append(key)
        columns = ("n", "before", "after", "silenced", "new", "changed")
        for name in [*dict.fromkeys(key[0] for key in shared)]:
            print(f"| {name} | " + " | ".join(f"{counts[name, each]}" for each in columns) + " |")
        sums = [sum(n for (_, what), n in counts.items() if what == each) for each in columns]
        print("| **all** | " + " | ".join(map(str, sums)) + " |")
        for what, keys in {**moved, "still": _still(shared, old, new, check)}.items():
            said = Counter(verdicts.get((*key, check), "not judged") for key in keys)
            print(f"\n### {check}: {what} ({dict(said)})\n")
            for key in keys:
                row = (old if what == "silenced" else new)[key]
                print(f"- {' '.join(key)} {verdicts.get((*key, check), '-')}: {row['title']}")
                if what != "new":
                    print(f"  - before: {old[key][check]['summary']}")
                print(f"  - after: {new[key][check]['summary']}")
                for place in row[check]["places"][:4]:
                    print(f"  - {place}")


def _still(
    shared: Sequence[tuple[str, str]],
    old: dict[tuple[str, str], Row],
    new: dict[tuple[str, str], Row],
    check: Check,
) -> list[tuple[str, str]]:
    return [key for key in shared if old[key][check]["alarm"] and new[key][check]["alarm"]]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("counts", "sheet"):
        command = commands.add_parser(name)
        command.add_argument("repos", nargs="+", type=Path, metavar="REPO", help="any clone")
        command.add_argument("--limit", type=int, default=0, help="the newest N of each; 0: all")
        if name == "sheet":
            command.add_argument("--patchparser", metavar="FOLDER", help="another version of it")
    command = commands.add_parser("compare")
    command.add_argument("before", type=Path)
    command.add_argument("after", type=Path)
    command.add_argument("--judged", type=Path, help="a file of judgements")
    options = parser.parse_args()
    if options.command == "counts":
        return 0 if check_counts(options.repos, options.limit) else 1
    if options.command == "sheet":
        write_sheet(options.repos, options.limit or -1)
    else:
        compare_sheets(options.before, options.after, options.judged)
    return 0


if __name__ == "__main__":
    sys.exit(main())
