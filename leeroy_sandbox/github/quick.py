"""Many pull requests at once, for benchmarks: a handful of git processes however many there are."""

import hashlib

from leeroy_sandbox.gitformat import ChangedFile, NewCommit
from leeroy_sandbox.github.model import Account, Repository
from leeroy_sandbox.github.pulls import Pulls


class QuickPulls(Pulls):
    """Pull requests whose every fact is known beforehand."""

    def open_pulls_quickly(
        self, repo: str, count: int, *, head_repo: str | None = None, author: str | None = None
    ) -> list[int]:
        """Open many small pull requests, and tell no hook; their numbers.

        Each adds one file and merges cleanly. `announce` tells the hooks of one of them.
        """
        with self.lock:
            found = self.repository(repo)
            source = self.repository(head_repo) if head_repo else found
            who = self.acting(source, author)
            tip = found.branches[found.default_branch]
            first = found.next_number
            numbers = range(first, first + count)
            heads = source.git.write([self._head_commit(n, who, tip) for n in numbers])
            merges = found.git.write(
                [self._merge_commit(n, who, tip, h) for n, h in zip(numbers, heads, strict=True)]
            )
            self._remember(found, tip, numbers, heads)
            for number, head, merge in zip(numbers, heads, merges, strict=True):
                branch = f"quick-{number}"
                source.branches[branch] = head
                title = f"Quick change {number}"
                pull = self.add_pull(found, source, branch, found.default_branch, who, title, None)
                pull.merges[(tip, head)] = pull.merge_ref = merge
            return list(numbers)

    def _head_commit(self, number: int, who: Account, tip: str) -> NewCommit:
        person = self.person(who)
        return NewCommit(
            message=f"Quick change {number}\n\nSigned-off-by: {who.name} <{who.email}>",
            changes={_path(number): _content(number)},
            author=person,
            committer=person,
            parents=[tip],
            ref=f"refs/heads/quick-{number}",
        )

    def _merge_commit(self, number: int, who: Account, tip: str, head: str) -> NewCommit:
        person = self.person(who)
        return NewCommit(
            message=f"Merge {head} into {tip}",
            changes={_path(number): _content(number)},
            author=person,
            committer=person,
            parents=[tip, head],
            ref=f"refs/pull/{number}/merge",
        )

    def _remember(self, repo: Repository, tip: str, numbers: range, heads: list[str]) -> None:
        lines = [
            f"update refs/pull/{number}/head {head}\n"
            for number, head in zip(numbers, heads, strict=True)
        ]
        repo.git.run("update-ref", "--stdin", given="".join(lines).encode())
        for number, commit in zip(
            numbers, repo.git.commits("--no-walk=unsorted", *heads), strict=True
        ):
            patch = f"@@ -0,0 +1 @@\n+{_content(number)}".rstrip("\n")
            repo.git.remember(commit, tip, _file(number), patch)


def _path(number: int) -> str:
    return f"quick/{number}.txt"


def _content(number: int) -> str:
    return f"Quick change {number}\n"


def _file(number: int) -> ChangedFile:
    content = _content(number).encode()
    # The name git gives a blob: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    return ChangedFile(path=_path(number), letter="A", previous=None, blob=blob, added=1, removed=0)
