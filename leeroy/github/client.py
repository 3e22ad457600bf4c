"""What Leeroy asks of GitHub and tells it: one method for each thing.

Every method begins with the repository (or names it): its token is used. All raise
:class:`~leeroy.errors.Transient`, :class:`~leeroy.errors.Permanent` or
:class:`~leeroy.errors.NotFound`, with what was being done and what GitHub said.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from types import TracebackType
from typing import Any, Self

from leeroy import shapes
from leeroy.errors import Transient
from leeroy.github import answers
from leeroy.github.cache import Cache
from leeroy.github.calls import Call
from leeroy.github.comments import Comments
from leeroy.github.files import parse_files, read_files
from leeroy.github.gate import Gate, Spend
from leeroy.github.hooks import Hooks
from leeroy.github.listings import Listings
from leeroy.github.people import People
from leeroy.github.transport import GitHubConnection, Transport
from leeroy.metrics import Metrics
from leeroy.model import (
    OddEntry,
    OpenPull,
    PullRef,
    PullRequest,
    Status,
)
from patchparser.github_files import parse_github_files
from patchparser.github_json import parse_commits
from patchparser.patch import PatchSet
from patchparser.pull import Commit

#: Longer ones are refused with 422.
LONGEST_DESCRIPTION = 140
LONGEST_CONTEXT = 255

_SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
#: GitHub refuses a status with one of these in its description.
_BEYOND_U_FFFF = re.compile(r"[\U00010000-\U0010ffff]")

#: What GitHub calls a commit that is compared with a head.
_IS_REACHED = {"behind": True, "identical": True, "ahead": False, "diverged": False}

#: What a comparison lists, over all its pages.
MOST_COMPARED_FILES = 300


class GitHub(Comments, People, Hooks, Listings):
    """GitHub's API with the tokens of the settings; one for all threads."""

    def __init__(
        self,
        connection: GitHubConnection,
        *,
        token_for: Callable[[str], str],
        metrics: Metrics,
        gate: Gate | None = None,
        side: Executor | None = None,
    ) -> None:
        """``side`` reads the pages of long lists at the same time; without it they come in turn."""
        self._transport = Transport(
            connection,
            token_for=token_for,
            metrics=metrics,
            gate=gate or Gate(),
            cache=Cache(),
            side=side,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; a call after it opens new ones."""
        self._transport.close()

    def pull(self, ref: PullRef) -> PullRequest:
        """A pull request as it is now."""
        # https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
        call = Call(
            method="GET",
            path="/repos/{repo}/pulls/{number}",
            values={"repo": ref.repo, "number": ref.number},
            repo=ref.repo,
            doing=f"read {ref}",
        )
        answer = self._transport.send(call)
        return answer.read(lambda said: answers.parse_pull(ref, said, read=answer.date))

    def patch(self, pull: PullRequest) -> PatchSet:
        """The files it changes: all of them, or the first 3,000 and ``is_complete`` false."""
        return read_files(self._transport, pull)

    def commits(self, pull: PullRequest) -> tuple[Commit, ...]:
        """Its commits, oldest first; GitHub lists no more than the first 250."""
        # https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request
        call = Call(
            method="GET",
            path="/repos/{repo}/pulls/{number}/commits",
            values={"repo": pull.ref.repo, "number": pull.ref.number},
            query={"per_page": 100},
            repo=pull.ref.repo,
            doing=f"list the commits of {pull.ref}",
        )
        pages = self._transport.pages(call)
        return tuple(commit for page in pages for commit in page.read(parse_commits))

    def open_pulls(self, repo: str) -> Iterator[OpenPull | OddEntry]:
        """The open pull requests, the latest changed first, a page at a time as they are taken."""
        # https://docs.github.com/en/rest/pulls/pulls#list-pull-requests
        call = Call(
            method="GET",
            path="/repos/{repo}/pulls",
            values={"repo": repo},
            query={"state": "open", "sort": "updated", "direction": "desc", "per_page": 100},
            repo=repo,
            doing=f"list the open pull requests of {repo}",
        )
        for page in self._transport.pages(call):
            yield from page.entries(lambda said: answers.parse_open_pull(repo, said))

    def file(self, repo: str, path: str, ref: str) -> bytes | None:
        """A file of the repository at a branch or sha; None when there is none."""
        # https://docs.github.com/en/rest/repos/contents#get-repository-content
        call = Call(
            method="GET",
            path="/repos/{repo}/contents/{path}",
            values={"repo": repo, "path": path},
            query={"ref": ref},
            accept="application/vnd.github.raw+json",
            repo=repo,
            doing=f"read {path} of {repo}",
        )
        answer = self._transport.send_unless_gone(call)
        return None if answer is None else answer.body

    def branch_head(self, repo: str, branch: str) -> str:
        """The sha a branch points to."""
        # https://docs.github.com/en/rest/commits/commits#get-a-commit
        call = Call(
            method="GET",
            path="/repos/{repo}/commits/{ref}",
            values={"repo": repo, "ref": f"heads/{branch}"},
            accept="application/vnd.github.sha",
            repo=repo,
            doing=f"read the head of {repo}@{branch}",
        )
        answer = self._transport.send(call)
        if not _SHA.fullmatch(answer.text):
            raise Transient(f"{call.doing}: GitHub's answer is not a sha")
        return answer.text

    def compare_files(self, repo: str, base: str, head: str) -> PatchSet:
        """The files changed from one commit or branch to another.

        Not complete beyond 300, nor where ``head`` is not built upon ``base``: GitHub then tells
        only what changed since both began.
        """
        # https://docs.github.com/en/rest/commits/commits#compare-two-commits
        call = Call(
            method="GET",
            path="/repos/{repo}/compare/{basehead}",
            values={"repo": repo, "basehead": f"{base}...{head}"},
            # The files are all on the first page; the commits of it are not needed.
            query={"per_page": 1},
            repo=repo,
            doing=f"compare {base} with {head} in {repo}",
        )
        return self._transport.send(call).read(_parse_comparison)

    def is_reached(self, repo: str, sha: str, *, head: str) -> bool:
        """``head`` is built upon ``sha``, or is that commit."""
        # https://docs.github.com/en/rest/commits/commits#compare-two-commits
        call = Call(
            method="GET",
            path="/repos/{repo}/compare/{basehead}",
            values={"repo": repo, "basehead": f"{head}...{sha}"},
            query={"per_page": 1},
            repo=repo,
            doing=f"see whether {sha[:7]} is behind {head[:7]} in {repo}",
        )
        answer = self._transport.send_unless_gone(call)
        if answer is None:
            return False
        return answer.read(lambda said: _IS_REACHED[shapes.text(said["status"])])

    def merge_commit(self, pull: PullRequest) -> str:
        """The test merge of its head into its base as both are now; empty when there is none.

        GitHub makes it some time after a push, and leaves the old one there until then.
        """
        # https://docs.github.com/en/rest/git/refs#get-a-reference
        call = Call(
            method="GET",
            path="/repos/{repo}/git/ref/pull/{number}/merge",
            values={"repo": pull.ref.repo, "number": pull.ref.number},
            repo=pull.ref.repo,
            doing=f"read the test merge of {pull.ref}",
        )
        answer = self._transport.send_unless_gone(call)
        if answer is None:
            return ""
        sha = answer.read(lambda said: shapes.text(said["object"]["sha"]))
        is_current = self.parents(pull.ref.repo, sha) == (pull.base_sha, pull.head_sha)
        return sha if is_current else ""

    def parents(self, repo: str, sha: str) -> tuple[str, ...]:
        """The parents of a commit, first the one it was made on; none when GitHub has no such."""
        # https://docs.github.com/en/rest/git/commits#get-a-commit-object
        call = Call(
            method="GET",
            path="/repos/{repo}/git/commits/{sha}",
            values={"repo": repo, "sha": sha},
            repo=repo,
            doing=f"read commit {sha[:7]} of {repo}",
        )
        answer = self._transport.send_unless_gone(call)
        if answer is None:
            return ()
        return answer.read(
            lambda said: tuple(
                shapes.text(parent["sha"]) for parent in shapes.entries(said["parents"])
            )
        )

    def statuses(self, repo: str, sha: str) -> tuple[Status, ...]:
        """The latest status of each context."""
        # https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference
        call = Call(
            method="GET",
            path="/repos/{repo}/commits/{ref}/status",
            values={"repo": repo, "ref": sha},
            query={"per_page": 100},
            repo=repo,
            doing=f"read the statuses of {repo}@{sha[:7]}",
        )
        return tuple(
            status
            for page in self._transport.pages(call)
            for status in page.read(
                lambda said: [
                    answers.parse_status(entry) for entry in shapes.entries(said["statuses"])
                ]
            )
        )

    def set_status(self, repo: str, sha: str, status: Status) -> None:
        """Write a status; what is too long for GitHub is cut, letters it refuses are replaced.

        Raises:
            CommitNotFound: GitHub does not have the commit, or not yet.
            TooManyStatuses: it takes no further one of this context and commit.
        """
        # https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
        body = {
            "state": str(status.state),
            "description": _BEYOND_U_FFFF.sub(
                "\ufffd", _cut(status.description, LONGEST_DESCRIPTION)
            ),
            "context": _cut(status.context, LONGEST_CONTEXT),
        }
        # GitHub refuses the whole status for a link such as Jenkins' "nulljob/ci/7/", which it
        # makes while its own URL is not configured.
        if status.target_url.startswith(("http://", "https://")):
            body["target_url"] = status.target_url
        call = Call(
            method="POST",
            path="/repos/{repo}/statuses/{sha}",
            values={"repo": repo, "sha": sha},
            body=body,
            repo=repo,
            doing=f"set status {status.context} on {repo}@{sha[:7]}",
            spend=Spend.STATUS,
        )
        self._transport.send(call)

    def add_labels(self, pull: PullRef, labels: Sequence[str]) -> None:
        """Put labels on; GitHub makes those the repository lacks, in grey."""
        # https://docs.github.com/en/rest/issues/labels#add-labels-to-an-issue
        call = Call(
            method="POST",
            path="/repos/{repo}/issues/{number}/labels",
            values={"repo": pull.repo, "number": pull.number},
            body={"labels": list(labels)},
            repo=pull.repo,
            doing=f"label {pull} {', '.join(labels)}",
            spend=Spend.CONTENT,
        )
        self._transport.send(call)

    def remove_label(self, pull: PullRef, label: str) -> None:
        """Take a label off; done as well when it is not there."""
        # https://docs.github.com/en/rest/issues/labels#remove-a-label-from-an-issue
        call = Call(
            method="DELETE",
            path="/repos/{repo}/issues/{number}/labels/{label}",
            values={"repo": pull.repo, "number": pull.number, "label": label},
            repo=pull.repo,
            doing=f"take label {label} off {pull}",
            spend=Spend.CONTENT,
        )
        self._transport.send_unless_gone(call)


def _parse_comparison(said: Any) -> PatchSet:
    files = parse_files(shapes.some(said.get("files")))
    # There is no total to compare with: a full list may have been cut.
    hides_some = len(files) >= MOST_COMPARED_FILES or said["status"] in ("diverged", "behind")
    total = len(files) + 1 if hides_some else len(files)
    return parse_github_files(files, changed_files=total)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
