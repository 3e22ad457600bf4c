"""What the command reads from a git checkout, by running git; the only place that runs anything.

Every call switches off what a user's configuration could change in git's output.
"""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from patchparser.attributes import Attributes
from patchparser.pull import Commit, Identity, is_bots_address

#: What the fields of ``git log`` are parted by; the one byte a commit message cannot hold.
NUL = "\0"
#: https://git-scm.com/docs/git-log#_pretty_formats
LOG_FORMAT = "%H%x00%P%x00%an%x00%ae%x00%cn%x00%ce%x00%B"
LOG_FIELDS = 7

#: Where to look for the branch that pull requests go to, when origin does not say.
USUAL_BRANCHES = ("origin/main", "origin/master", "main", "master")


class CheckoutError(Exception):
    """The checkout cannot answer; the message names the place and the way out."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """The commits of a branch that its base does not have."""

    #: Full shas: where the branch left its base, the base as it is now, and the branch's head.
    start: str
    upon: str
    end: str
    #: Names of the branches; empty where there is none.
    base: str = ""
    head: str = ""


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A git work tree."""

    top: Path

    def find_range(self, text: str = "") -> Range:
        """Read ``A..B`` or ``A`` (to HEAD); without text, from origin's default branch to HEAD.

        The range begins where B left A, as GitHub shows a pull request, so A may have moved on.
        """
        base, _, head = text.replace("...", "..").partition("..")
        base = base or self._default_base()
        head = head or "HEAD"
        base_sha, head_sha = self._shas_of(base, head)
        start = self._run("merge-base", base_sha, head_sha, may_fail=True).strip()
        if not start:
            shallow = self._run("rev-parse", "--is-shallow-repository").strip() == "true"
            way_out = (
                "the clone is shallow: run git fetch --unshallow"
                if shallow
                else "give a RANGE whose ends have a common history"
            )
            raise CheckoutError(f"{base} and {head} have no commit in common; {way_out}")
        names = self._branches(base, head)
        return Range(
            start=start,
            upon=base_sha,
            end=head_sha,
            base=_branch_name(base) if base in names else "",
            head=self._head_branch() if head == "HEAD" else (head if head in names else ""),
        )

    def read_diff(self, span: Range) -> bytes:
        """Read the diff as GitHub makes it, whatever diff.* the user has configured."""
        # https://git-scm.com/docs/git-diff
        return self._run_bytes(
            *("-c", "core.quotePath=true", "-c", "diff.suppressBlankEmpty=false"),
            *("diff", "-O/dev/null"),
            *("--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--submodule=short"),
            *("--ignore-submodules=none", "--src-prefix=a/", "--dst-prefix=b/", "--find-renames"),
            *("--unified=3", "--inter-hunk-context=0", "--diff-algorithm=default", "--full-index"),
            *(span.start, span.end, "--"),
        )

    def read_commits(self, span: Range) -> tuple[Commit, ...]:
        """Read the commits, oldest first."""
        out = self._run(
            *("-c", "log.showSignature=false", "-c", "log.mailmap=false"),
            *("log", "-z", "--no-color"),
            *("--reverse", "--topo-order", "--encoding=UTF-8", f"--format=tformat:{LOG_FORMAT}"),
            *(f"{span.upon}..{span.end}", "--"),
        )
        fields = out.split(NUL)
        return tuple(
            _commit(fields[at : at + LOG_FIELDS])
            for at in range(0, len(fields) - LOG_FIELDS + 1, LOG_FIELDS)
        )

    def read_attributes(self, paths: Iterable[str]) -> Attributes:
        """Read the .gitattributes of the work tree that have a say over the paths, as git does."""
        folders = {folder for path in paths for folder in PurePosixPath(path).parents}
        found = {}
        for folder in sorted(folders):
            file = self.top / folder / ".gitattributes"
            # git does not follow a link here either: https://git-scm.com/docs/gitattributes#_notes
            if file.is_file() and not file.is_symlink():
                found[str(folder / ".gitattributes")] = file.read_bytes()
        return Attributes(found)

    def is_merging(self) -> bool:
        """Whether the commit being made is a merge."""
        return bool(self._run("rev-parse", "--quiet", "--verify", "MERGE_HEAD", may_fail=True))

    def identities(self) -> tuple[Identity, Identity]:
        """Read who would be author and committer of the commit being made."""
        return self._identity("GIT_AUTHOR_IDENT"), self._identity("GIT_COMMITTER_IDENT")

    def _identity(self, variable: str) -> Identity:
        # Name <address> seconds zone: https://git-scm.com/docs/git-var
        name, _, rest = self._run("var", variable).partition("<")
        return Identity(name=name.strip(), email=rest.partition(">")[0].strip())

    def _default_base(self) -> str:
        told = self._run("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD", may_fail=True)
        if told.strip():
            return told.strip().removeprefix("refs/remotes/")
        here = self._head_branch()
        for branch in USUAL_BRANCHES:
            if branch != here and self._is_branch(branch):
                return branch
        raise CheckoutError(
            f"{self.top}: there is no origin/HEAD, main or master to compare with;"
            " name the base, as in: patchparser check BASE..HEAD"
            " (or run: git remote set-head origin --auto)"
        )

    def _head_branch(self) -> str:
        return self._run("symbolic-ref", "--quiet", "--short", "HEAD", may_fail=True).strip()

    def _is_branch(self, name: str) -> bool:
        return name in self._branches(name)

    def _branches(self, *names: str) -> set[str]:
        """Which of the names are branches, here or of a remote."""
        refs = [f"refs/{where}/{name}" for name in names for where in ("heads", "remotes")]
        # Asked for all at once: each run of git is felt in a hook.
        found = self._run("for-each-ref", "--format=%(refname)", *refs, may_fail=True).split("\n")
        return {name for name in names if {f"refs/heads/{name}", f"refs/remotes/{name}"} & {*found}}

    def _shas_of(self, *revisions: str) -> list[str]:
        if not any(revision.startswith("-") for revision in revisions):
            asked = [f"{revision}^{{commit}}" for revision in revisions]
            shas = self._run("rev-parse", "--revs-only", *asked, may_fail=True).split()
            if len(shas) == len(revisions):
                return shas
        return [self._sha_of(revision) for revision in revisions]

    def _sha_of(self, revision: str) -> str:
        # A revision that begins with a dash would be read as an option.
        sha = ""
        if not revision.startswith("-"):
            sha = self._run(
                "rev-parse", "--quiet", "--verify", f"{revision}^{{commit}}", may_fail=True
            ).strip()
        if not sha:
            hint = ""
            if not revision.startswith("-") and self._is_branch(f"origin/{revision}"):
                hint = f"; there is origin/{revision}"
            raise CheckoutError(f"{self.top}: git knows no commit {revision!r}{hint}")
        return sha

    def _run(self, *arguments: str, may_fail: bool = False) -> str:
        out = self._run_bytes(*arguments, may_fail=may_fail)
        return out.decode("utf-8", errors="surrogateescape")

    def _run_bytes(self, *arguments: str, may_fail: bool = False) -> bytes:
        done = _git(self.top, arguments)
        if done.returncode == 0:
            return done.stdout
        if may_fail:
            return b""
        said = done.stderr.decode("utf-8", errors="replace").strip()
        command = next(word for word in arguments if not word.startswith("-") and "=" not in word)
        raise CheckoutError(f"{self.top}: git {command} failed: {said}")


def find_checkout(folder: Path) -> Checkout | None:
    """Find the work tree a folder is in; None where there is none, or no git."""
    try:
        done = _git(folder, ("rev-parse", "--show-toplevel"))
    except CheckoutError:
        return None
    top = os.fsdecode(done.stdout.removesuffix(b"\n"))
    return Checkout(top=Path(top)) if done.returncode == 0 and top else None


def _git(folder: Path, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[bytes]:
    environ = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    environ.pop("GIT_DIFF_OPTS", None)
    try:
        return subprocess.run(
            ["git", "--no-pager", *arguments],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as exc:
        raise CheckoutError(f"cannot run git in {folder}: {exc.strerror}") from exc


def _commit(fields: list[str]) -> Commit:
    sha, parents, author, author_email, committer, committer_email, message = fields
    return Commit(
        sha=sha,
        message=message.removesuffix("\n"),
        author=Identity(name=author, email=author_email),
        committer=Identity(name=committer, email=committer_email),
        parents=tuple(parents.split()),
        author_is_bot=is_bots_address(author_email),
    )


def _branch_name(name: str) -> str:
    """Name a branch as its repository does: ``origin/main`` is main there."""
    return name.removeprefix("origin/")
