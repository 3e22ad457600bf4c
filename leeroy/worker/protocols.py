"""What a worker needs of GitHub and Jenkins: the parts it uses, and no more."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from leeroy.facts import (
    Comment,
    JenkinsBuild,
    OpenPull,
    PullRef,
    PullRequest,
    QueueItem,
    Sighting,
    Status,
)
from patchparser.patch import PatchSet
from patchparser.pull import Commit


class ReadsGitHub(Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def pull(self, ref: PullRef) -> PullRequest: ...
    def patch(self, pull: PullRequest) -> PatchSet: ...
    def commits(self, pull: PullRequest) -> tuple[Commit, ...]: ...
    def statuses(self, repo: str, sha: str) -> tuple[Status, ...]: ...
    def file(self, repo: str, path: str, ref: str) -> bytes | None: ...
    def open_pulls(self, repo: str) -> Iterator[OpenPull]: ...


class WritesGitHub(Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def set_status(self, repo: str, sha: str, status: Status) -> None: ...
    def add_labels(self, pull: PullRef, labels: Sequence[str]) -> None: ...
    def remove_label(self, pull: PullRef, label: str) -> None: ...
    def find_comments(self, pull: PullRef, marker: str, *, author: str) -> tuple[Comment, ...]: ...
    def post_comment(self, pull: PullRef, body: str, *, marker: str, author: str) -> Comment: ...
    def edit_comment(self, repo: str, comment_id: int, body: str) -> None: ...
    def delete_comment(self, repo: str, comment_id: int) -> None: ...


class ReadsJenkins(Protocol):
    """Part of :class:`leeroy.jenkins.Jenkins`."""

    def queue_item(self, server: str, queue_id: int) -> QueueItem: ...
    def build(self, server: str, job: str, number: int) -> JenkinsBuild: ...
    def find(
        self,
        server: str,
        job: str,
        *,
        build_id: str,
        parameters: Mapping[str, str],
        queue_id: int | None,
        since: float,
        claimed: Collection[int],
    ) -> Sighting: ...
    def job_url(self, server: str, job: str) -> str: ...


class WritesJenkins(Protocol):
    """Part of :class:`leeroy.jenkins.Jenkins`."""

    def trigger(self, server: str, job: str, parameters: Mapping[str, str]) -> int: ...
    def cancel(self, server: str, queue_id: int) -> bool: ...
    def abort(self, server: str, job: str, number: int) -> None: ...
