"""What a worker needs of GitHub and Jenkins: the parts it uses, and no more."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from leeroy.facts import JenkinsBuild, OpenPull, PullRef, PullRequest, QueueItem, Sighting, Status
from patchparser.patch import PatchSet
from patchparser.pull import Commit


class ReadsGitHub(Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def pull(self, ref: PullRef) -> PullRequest: ...
    def patch(self, pull: PullRequest) -> PatchSet: ...
    def commits(self, pull: PullRequest) -> tuple[Commit, ...]: ...
    def statuses(self, repo: str, sha: str) -> tuple[Status, ...]: ...
    def open_pulls(self, repo: str) -> Iterator[OpenPull]: ...


class WritesGitHub(Protocol):
    """Part of :class:`leeroy.github.GitHub`."""

    def set_status(self, repo: str, sha: str, status: Status) -> None: ...


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
