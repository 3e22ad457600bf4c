"""What goes into git and comes out of it, as data: `fast-import` streams, `log` and `diff-tree`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

NO_SHA = "0" * 40
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
FULL_SHA = re.compile(r"[0-9a-f]{40}")
#: The format of `git log` that `parse_commit` reads.
COMMIT_FORMAT = "--format=%H%n%T%n%P%n%an%n%ae%n%at%n%cn%n%ce%n%ct%n%B"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who wrote a commit, by git."""

    name: str
    email: str
    #: Seconds since 1970.
    when: int = 0


@dataclass(frozen=True, kw_only=True)
class File:
    """A file as a commit holds it; a submodule's content is the sha it points at."""

    content: bytes
    #: 100755 is executable, 120000 a symbolic link, 160000 a submodule.
    mode: str = "100644"


#: What a commit changes: path -> new content, None removes.
Changes = Mapping[str, str | bytes | File | None]


@dataclass(frozen=True, kw_only=True)
class NewCommit:
    """A commit to be written."""

    message: str
    author: Person
    committer: Person
    changes: Changes = field(default_factory=dict)
    #: Shas, or ":N" for the Nth of the commits written together; the tree is the first one's.
    parents: Sequence[str] = ()
    #: The full name of a ref that will point at it.
    ref: str


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit as git has it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True, kw_only=True)
class ChangedFile:
    """One path that differs between two commits."""

    path: str
    #: git's letter: A, D, M, R, C, T.
    letter: str
    previous: str | None
    #: The blob, of the new side where there is one.
    blob: str
    #: None for binary files.
    added: int | None
    removed: int | None


def import_stream(commits: Sequence[NewCommit]) -> bytes:
    """What `git fast-import` reads to write the commits and tell their shas."""
    stream = [_import_commit(number, commit) for number, commit in enumerate(commits, 1)]
    stream += [b"get-mark :%d\n" % number for number in range(1, len(commits) + 1)]
    return b"".join(stream) + b"done\n"


def _import_commit(number: int, commit: NewCommit) -> bytes:
    lines = [f"commit {commit.ref}\nmark :{number}\n".encode()]
    if not commit.parents:
        lines.insert(0, f"reset {commit.ref}\n".encode())
    for role, who in (("author", commit.author), ("committer", commit.committer)):
        lines.append(f"{role} {who.name} <{who.email}> {who.when} +0000\n".encode())
    lines.append(_data(commit.message.encode()))
    for word, parent in zip(
        ("from", *["merge"] * len(commit.parents)), commit.parents, strict=False
    ):
        lines.append(f"{word} {parent}\n".encode())
    removed = [path for path, content in commit.changes.items() if content is None]
    lines += [b"D " + _quoted(path) + b"\n" for path in removed]
    for path, content in commit.changes.items():
        if content is not None:
            lines.append(_import_file(path, content))
    return b"".join(lines) + b"\n"


def _import_file(path: str, content: str | bytes | File) -> bytes:
    if isinstance(content, str):
        content = content.encode()
    file = content if isinstance(content, File) else File(content=content)
    if file.mode == "160000":
        return b"M 160000 " + file.content + b" " + _quoted(path) + b"\n"
    return b"M " + file.mode.encode() + b" inline " + _quoted(path) + b"\n" + _data(file.content)


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"


def _quoted(path: str) -> bytes:
    text = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"' + text.encode("utf-8", "surrogateescape") + b'"'


def parse_commit(record: str) -> Commit:
    """One record of `git log` in `COMMIT_FORMAT`."""
    sha, tree, parents, an, ae, at, cn, ce, ct, message = record.split("\n", 9)
    return Commit(
        sha=sha,
        tree=tree,
        parents=tuple(parents.split()),
        author=Person(name=an, email=ae, when=int(at)),
        committer=Person(name=cn, email=ce, when=int(ct)),
        message=message.rstrip("\n"),
    )


def parse_changed_files(printed: str) -> tuple[ChangedFile, ...]:
    """What `git diff-tree -r -z --raw --numstat` prints."""
    words = iter(printed.split("\0"))
    raw: list[tuple[str, str, str | None, str]] = []
    counts: dict[str, tuple[int | None, int | None]] = {}
    for word in words:
        if word.startswith(":"):
            _, _, old, new, letter = word.split(" ")
            first = next(words)
            renamed = letter[0] in "RC"
            path = next(words) if renamed else first
            blob = old if letter[0] == "D" else new
            raw.append((path, letter[0], first if renamed else None, blob))
        elif word:
            added, removed, path = word.split("\t", 2)
            if not path:  # a rename's two names follow on their own
                next(words)
                path = next(words)
            counts[path] = (_number(added), _number(removed))
    return tuple(
        ChangedFile(
            path=path,
            letter=letter,
            previous=previous,
            blob=blob,
            added=counts[path][0],
            removed=counts[path][1],
        )
        for path, letter, previous, blob in raw
    )


def _number(said: str) -> int | None:
    return None if said == "-" else int(said)


def parse_hunks(diff: bytes) -> Iterator[str]:
    """The hunks of each file of a diff, without the lines that lead up to them."""
    # Inside hunks every line has a mark before it, so a bare "diff --git" opens the next file.
    for section in re.split(rb"^diff --git .*\n", diff, flags=re.MULTILINE)[1:]:
        start = re.search(rb"^@@ ", section, flags=re.MULTILINE)
        found = section[start.start() :] if start else b""
        yield found.removesuffix(b"\n").decode("utf-8", "replace")


def parse_names(printed: str, shas: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """For each commit the names it added, removed and modified, from `diff-tree --name-status`."""
    told: dict[str, dict[str, list[str]]] = {
        sha: {"added": [], "removed": [], "modified": []} for sha in shas
    }
    sha = ""
    words = iter(printed.split("\0"))
    for word in words:
        if FULL_SHA.fullmatch(word):
            sha = word
        elif word:
            key = {"A": "added", "D": "removed"}.get(word, "modified")
            told[sha][key].append(next(words))
    return told
