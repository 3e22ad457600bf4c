"""Read what is so: the facts of one look, side by side, and only those the settings need."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime

from leeroy.config import Build as BuildSettings
from leeroy.config import BuildCommits, Config, Job, ParameterSet, RepoSettings
from leeroy.decision import PullFacts, Request
from leeroy.facts import (
    Build,
    BuildState,
    JenkinsBuild,
    OpenPull,
    PullRef,
    PullRequest,
    Status,
    StatusState,
)
from leeroy.job_names import pull_of_branch_job
from leeroy.queue import Hint
from leeroy.rules.filters import needs_commits, needs_patch
from leeroy.store import Store
from leeroy.worker.branch_jobs import BranchJobs
from leeroy.worker.mergeability import BASE_MOVED, MERGEABLE
from leeroy.worker.people import People
from leeroy.worker.protocols import ReadsGitHub, ReadsJenkins
from leeroy.worker.sightings import FOLLOW, NOTIFICATION, Sightings
from patchparser.patch import PatchSet
from patchparser.policy import Policy
from patchparser.pull import Commit

#: Kinds of hints, as the web and the commands put them.
DELIVERY, REQUEST = "delivery", "request"
#: These change nothing that patchparser looks at.
QUIET = frozenset([NOTIFICATION, FOLLOW, MERGEABLE, BASE_MOVED])
#: An attempt that was not stopped or forgotten.
_IS_BUILT = frozenset(BuildState) - {BuildState.SUPERSEDED, BuildState.LOST}
#: What the hint of a delivery says when a pull request was opened.
JUST_OPENED = "pull_request opened"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads a subject's facts from GitHub, Jenkins and the store."""

    config: Config
    store: Store
    github: ReadsGitHub
    jenkins: ReadsJenkins
    side: Executor
    people: People
    sightings: Sightings
    branch_jobs: BranchJobs

    def pull_facts(self, ref: PullRef, hints: Sequence[Hint]) -> PullFacts:
        """Everything the rules need to know of a pull request now."""
        asked = self.side.submit(self.github.pull, ref)
        builds = self.store.builds_of(ref)
        seen = self.sightings.look(builds, hints)
        pull = asked.result()
        configured = self.config.builds_for(ref.repo, pull.base_ref)
        settings = self.config.for_repo(ref.repo)
        policy = self._policy_of(pull, hints)
        can_write, is_listed = self._trust_in_author(pull, settings, configured)
        is_doubtful = pull.is_from_fork and not can_write and bool(settings.sensitive_paths)
        patch, commits = self._changes(pull, builds, configured, policy, is_doubtful=is_doubtful)
        shas = {pull.head_sha, *(b.sha for b in builds), *(c.sha for c in commits or ())}
        said = self.people.said(ref, hints)
        comments = policy or settings.conflicts or settings.comments.results
        return PullFacts(
            pull=pull,
            settings=settings,
            configured=configured,
            patch=patch,
            commits=commits,
            merge=self._merge(pull, builds, configured, hints),
            builds=builds,
            rivals=self.store.rivals_of(ref, shas),
            shared_heads=self.store.shared_heads(ref, shas),
            sightings=seen.sightings,
            strays=self._proven(pull, seen.strays),
            unseen=seen.unseen,
            written=self.store.written_statuses(ref.repo, shas),
            shown={
                **self.store.adopted_statuses(ref.repo, shas),
                **self._shown(pull, builds, commits, configured),
            },
            requests=requests_of(hints),
            policy=policy,
            labels_file=self._labels_file(pull, policy),
            comments=self.store.comments_of(ref) if comments else {},
            our_labels=self.store.labels_of(ref) & pull.labels if policy else frozenset(),
            is_just_opened=any(hint.ref == JUST_OPENED for hint in hints),
            author_can_write=can_write,
            author_is_trusted=is_listed,
            approvals=self.store.approvals_of(ref) if pull.is_from_fork else (),
            heads=self.store.heads_of(ref) if said else (),
            said=said,
            skips=self.store.skips_of(ref) if any(s.optional for s in configured) else {},
            job_urls=self.job_urls(configured),
            page=self._page(ref),
            now=datetime.now(UTC),
        )

    def _page(self, ref: PullRef) -> str:
        root = self.config.public_url
        return f"{root.rstrip('/')}/pulls/{ref.repo}/{ref.number}" if root else ""

    def job_urls(self, configured: Iterable[Job]) -> dict[tuple[str, str], str]:
        """Where the jobs are found on the web, by server and job."""
        return {
            (s.jenkins, s.jenkins_job_name): self.jenkins.job_url(s.jenkins, s.jenkins_job_name)
            for s in configured
            if s.jenkins_job_name
        }

    def contexts_without_success(self, pull: OpenPull, request: Request) -> list[str]:
        """Those asked for that GitHub shows no success of, and that are not being built."""
        shown = {
            s.context.lower(): s.state for s in self.github.statuses(pull.ref.repo, pull.head_sha)
        }
        being_built = {
            build.context.lower()
            for build in self.store.builds_of(pull.ref)
            if build.sha == pull.head_sha and not build.state.is_over
        }
        return [
            settings.context
            for settings in self.config.builds_for(pull.ref.repo, pull.base_ref)
            if request.asks_for(settings)
            and shown.get(settings.context.lower()) is not StatusState.SUCCESS
            and settings.context.lower() not in being_built
        ]

    def _changes(
        self,
        pull: PullRequest,
        builds: Sequence[Build],
        configured: Sequence[BuildSettings],
        policy: Policy | None,
        *,
        is_doubtful: bool,
    ) -> tuple[PatchSet | None, tuple[Commit, ...] | None]:
        """Files and commits at the same time, where something depends on them."""
        if not pull.is_open:
            return None, None
        built = {
            b.context.lower()
            for b in builds
            if b.sha == pull.head_sha and b.state is not BuildState.SUPERSEDED
        }
        unbuilt = [s for s in configured if s.context.lower() not in built]
        # Whether the head may be built matters as long as it is open: it may be asked for again.
        asks_patch = policy is not None or needs_patch(unbuilt, pull.base_ref) or is_doubtful
        asks_commits = (
            policy is not None
            or needs_commits(configured)
            or any(s.parameters is ParameterSet.GHPRB for s in unbuilt)
        )
        if asks_patch and asks_commits:
            patch = self.side.submit(self.github.patch, pull)
            commits = self.github.commits(pull)
            return patch.result(), commits
        return (
            self.github.patch(pull) if asks_patch else None,
            self.github.commits(pull) if asks_commits else None,
        )

    def _merge(
        self,
        pull: PullRequest,
        builds: Sequence[Build],
        configured: Sequence[BuildSettings],
        hints: Sequence[Hint],
    ) -> str:
        """GitHub's test merge, where a build that wants it may be started."""
        if not pull.is_open:
            return ""
        built = {
            b.context.lower()
            for b in builds
            if (b.sha, b.base) == (pull.head_sha, pull.base_ref) and b.state in _IS_BUILT
        }
        is_asked_for = any(hint.kind == REQUEST or "comment" in hint.data for hint in hints)
        wants_it = any(
            s.parameters is ParameterSet.GHPRB and (is_asked_for or s.context.lower() not in built)
            for s in configured
        )
        return self.github.merge_commit(pull) if wants_it else ""

    def _proven(
        self, pull: PullRequest, strays: Iterable[JenkinsBuild]
    ) -> tuple[JenkinsBuild, ...]:
        """Builds of the pull request's own jobs with the head, if they built its merge."""
        return tuple(
            stray
            if pull_of_branch_job(stray.job) != pull.ref.number
            else self.branch_jobs.prove(
                stray, repo=pull.ref.repo, base_sha=pull.base_sha, sha=pull.head_sha
            )
            for stray in strays
        )

    def _trust_in_author(
        self, pull: PullRequest, settings: RepoSettings, configured: Sequence[BuildSettings]
    ) -> tuple[bool | None, bool]:
        """Whether the author may write, and is on a list; asked only where it matters."""
        if not pull.is_open:
            return None, False
        matters = pull.is_from_fork or any(s.skip_success for s in configured)
        if not configured or not matters:
            return None, False
        if self.people.permission(pull.ref.repo, pull.author).can_write:
            return True, True
        return False, pull.is_from_fork and self.people.is_trusted_author(pull, settings)

    def _policy_of(self, pull: PullRequest, hints: Sequence[Hint]) -> Policy | None:
        """What is to be checked; nothing in a look that is only about Jenkins or the base."""
        if not pull.is_open or (hints and all(hint.kind in QUIET for hint in hints)):
            return None
        return self.config.policy_for(pull.ref.repo)

    def _labels_file(self, pull: PullRequest, policy: Policy | None) -> bytes | None:
        """The rules of the base branch: a pull request does not label itself by changing them."""
        if policy is None or not policy.labels_file:
            return None
        return self.github.file(pull.ref.repo, policy.labels_file, pull.base_sha)

    def _shown(
        self,
        pull: PullRequest,
        builds: Sequence[Build],
        commits: Sequence[Commit] | None,
        configured: Sequence[BuildSettings],
    ) -> Mapping[tuple[str, str], Status]:
        """What GitHub shows of commits we never built, where only new ones are to be."""
        if not commits or all(s.build_commits is not BuildCommits.NEW for s in configured):
            return {}
        known = {b.sha for b in builds}
        most = max(s.max_commits for s in configured)
        unknown = [c.sha for c in commits[-most:] if c.sha not in known]
        asked = [
            (sha, self.side.submit(self.github.statuses, pull.ref.repo, sha)) for sha in unknown
        ]
        return {
            (sha, status.context.lower()): status
            for sha, statuses in asked
            for status in statuses.result()
        }


def requests_of(hints: Iterable[Hint]) -> tuple[Request, ...]:
    """Those that hints carry, each with the cause it is obeyed for once."""
    return tuple(
        Request(
            cause=str(hint.data.get("cause") or f"request:{hint.id}"),
            context=str(hint.data.get("context", "")),
        )
        for hint in hints
        if hint.kind == REQUEST
    )
