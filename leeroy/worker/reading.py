"""Read what is so: the facts of one look, side by side, and only those the settings need."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime

from leeroy.config import Build as BuildSettings
from leeroy.config import BuildCommits, Config, Job, RepoSettings
from leeroy.decision import PullFacts, Request
from leeroy.errors import NotFound
from leeroy.facts import (
    Build,
    BuildRef,
    BuildState,
    JenkinsBuild,
    OpenPull,
    PullRef,
    PullRequest,
    Sighting,
    Status,
    StatusState,
)
from leeroy.parameters import BUILD_ID
from leeroy.queue import Hint
from leeroy.rules.filters import needs_commits, needs_patch
from leeroy.store import Store
from leeroy.worker.mergeability import BASE_MOVED, MERGEABLE
from leeroy.worker.people import People
from leeroy.worker.protocols import ReadsGitHub, ReadsJenkins
from patchparser.patch import PatchSet
from patchparser.policy import Policy
from patchparser.pull import Commit

#: Kinds of hints, as the web and the commands put them.
DELIVERY, NOTIFICATION, REQUEST, FOLLOW = "delivery", "notification", "request", "follow"
#: These change nothing that patchparser looks at.
QUIET = frozenset([NOTIFICATION, MERGEABLE, BASE_MOVED])
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

    def pull_facts(self, ref: PullRef, hints: Sequence[Hint]) -> PullFacts:
        """Everything the rules need to know of a pull request now."""
        asked = self.side.submit(self.github.pull, ref)
        builds = self.store.builds_of(ref)
        sightings, strays = self.look_into_jenkins(builds, hints)
        pull = asked.result()
        configured = self.config.builds_for(ref.repo, pull.base_ref)
        settings = self.config.for_repo(ref.repo)
        policy = self._policy_of(pull, hints)
        can_write, is_listed = self._trust_in_author(pull, settings, configured)
        is_doubtful = pull.is_from_fork and not can_write and bool(settings.sensitive_paths)
        patch, commits = self._changes(pull, builds, configured, policy, is_doubtful=is_doubtful)
        shas = {pull.head_sha, *(b.sha for b in builds), *(c.sha for c in commits or ())}
        return PullFacts(
            pull=pull,
            settings=settings,
            configured=configured,
            patch=patch,
            commits=commits,
            builds=builds,
            rivals=self.store.rivals_of(ref, shas),
            shared_heads=self.store.shared_heads(ref, shas),
            sightings=sightings,
            strays=strays,
            written=self.store.written_statuses(ref.repo, shas),
            shown=self._shown(pull, builds, commits, configured),
            requests=requests_of(hints),
            policy=policy,
            labels_file=self._labels_file(pull, policy),
            comments=self.store.comments_of(ref),
            our_labels=self.store.labels_of(ref) & pull.labels,
            is_just_opened=any(hint.ref == JUST_OPENED for hint in hints),
            author_can_write=can_write,
            author_is_trusted=is_listed,
            approvals=self.store.approvals_of(ref),
            heads=self.store.heads_of(ref),
            said=self.people.said(ref, hints),
            skips=self.store.skips_of(ref),
            job_urls=self.job_urls(configured),
            now=datetime.now(UTC),
        )

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
        asks_patch = (
            policy is not None
            or needs_patch(unbuilt, pull.base_ref)
            or (is_doubtful and bool(unbuilt))
        )
        asks_commits = policy is not None or needs_commits(configured)
        if asks_patch and asks_commits:
            patch = self.side.submit(self.github.patch, pull)
            commits = self.github.commits(pull)
            return patch.result(), commits
        return (
            self.github.patch(pull) if asks_patch else None,
            self.github.commits(pull) if asks_commits else None,
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

    def look_into_jenkins(
        self, builds: Sequence[Build], hints: Sequence[Hint]
    ) -> tuple[dict[str, Sighting], tuple[JenkinsBuild, ...]]:
        """Sightings of our unfinished builds that may have news, and builds we do not know."""
        told = {ref for hint in hints if (ref := _told_of(hint)) is not None}
        follows_all = any(hint.kind == FOLLOW for hint in hints)
        sightings: dict[str, Sighting] = {}
        strays = []
        for ref in sorted(told):
            claimed = _row_of(builds, ref)
            if claimed is not None and claimed.state.is_over:
                continue
            try:
                seen = self.jenkins.build(ref.server, ref.job, ref.number)
            except NotFound:
                continue
            owner = claimed or _owner(builds, seen)
            if owner is None:
                strays.append(seen)
            else:
                sightings[owner.id] = Sighting(build=seen)
        rest = [
            build
            for build in builds
            if not build.state.is_over
            and build.id not in sightings
            and (follows_all or build.state is BuildState.NEW)
        ]
        asked = [(build.id, self.side.submit(self.sighting_of, build)) for build in rest]
        sightings.update((id_, future.result()) for id_, future in asked)
        return sightings, tuple(strays)

    def sighting_of(self, build: Build) -> Sighting:
        """Where a build of ours is now: by its number, else its queue item, else by what it is."""
        try:
            if build.build_number is not None:
                seen = self.jenkins.build(build.server, build.job, build.build_number)
                return Sighting(build=seen)
            if build.queue_id is not None:
                item = self.jenkins.queue_item(build.server, build.queue_id)
                if item.build_number is None:
                    return Sighting(item=item)
                seen = self.jenkins.build(build.server, build.job, item.build_number)
                return Sighting(item=item, build=seen)
        except NotFound:
            if build.build_number is not None:
                return Sighting()
        claimed = self.store.claimed_numbers(build.server, build.job)
        return self.jenkins.find(
            build.server,
            build.job,
            build_id=build.id,
            parameters=build.parameters,
            queue_id=build.queue_id,
            since=build.created,
            claimed=claimed,
        )


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


def _told_of(hint: Hint) -> BuildRef | None:
    """The build a notification speaks of."""
    if hint.kind != NOTIFICATION:
        return None
    server, job, number = (hint.data.get(key) for key in ("server", "job", "number"))
    if isinstance(server, str) and isinstance(job, str) and isinstance(number, int):
        return BuildRef(server, job, number)
    return None


def _row_of(builds: Iterable[Build], ref: BuildRef) -> Build | None:
    of_number = (
        build
        for build in builds
        if (build.server, build.job, build.build_number) == (ref.server, ref.job, ref.number)
    )
    return next(of_number, None)


def _owner(builds: Iterable[Build], seen: JenkinsBuild) -> Build | None:
    """The row a build belongs to: by queue id; by our id only before Jenkins' answer was stored.

    A rebuilt one carries our id too, but has a queue id of its own.
    """
    for build in builds:
        if (build.server, build.job) != (seen.server, seen.job) or build.build_number is not None:
            continue
        if build.queue_id is not None and build.queue_id == seen.queue_id:
            return build
        if build.queue_id is None and seen.parameters.get(BUILD_ID) == build.id:
            return build
    return None
