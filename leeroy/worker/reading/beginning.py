"""Read what a look at a pull request begins with."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from leeroy.config import Config, Job
from leeroy.deciding.facts import PullFacts, Request
from leeroy.deciding.unknown import Need, Unknown, What
from leeroy.hints import DeliveryHint, RequestHint, changes_checks
from leeroy.job_names import pull_of_branch_job
from leeroy.model import (
    BranchRef,
    Build,
    Cause,
    CauseKind,
    JenkinsBuild,
    PullRef,
    PullRequest,
    Sighting,
)
from leeroy.queue import KeptHint
from leeroy.store import Store
from leeroy.worker.branch_jobs import BranchJobs
from leeroy.worker.protocols import ReadsGitHub, ReadsJenkins
from leeroy.worker.reading.jenkins import Sightings
from leeroy.worker.reading.people import People
from patchparser.policy import Policy


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

    def pull_facts(self, ref: PullRef, hints: Sequence[KeptHint]) -> PullFacts:
        """Everything the rules need to know of a pull request now."""
        asked = self.side.submit(self.github.pull, ref)
        builds = self.store.builds_of(ref)
        seen = self.sightings.look(builds, hints)
        pull = asked.result()
        configured = self.config.builds_for(ref.repo, pull.base_ref)
        settings = self.config.for_repo(ref.repo)
        policy = self._policy_of(pull, hints)
        named = self.people.named(ref, hints)
        comments = policy or settings.conflicts or settings.comments.results
        return PullFacts(
            pull=pull,
            settings=settings,
            configured=configured,
            builds=builds,
            sightings=seen.sightings,
            strays=self._proven(pull, seen.strays),
            unseen=seen.unseen,
            requests=requests_of(hints),
            policy=policy,
            comments=self.store.comments_of(ref) if comments else {},
            our_labels=self.store.labels_of(ref) & pull.labels if policy else frozenset(),
            is_just_opened=any(
                isinstance(kept.hint, DeliveryHint) and kept.hint.is_of_opening for kept in hints
            ),
            approvals=self.store.approvals_of(ref) if pull.is_from_fork else (),
            heads=self.store.heads_of(ref) if named else (),
            asked_before=self.store.audit_at(ref, pull.head_sha) if named else (),
            named=named,
            skips=self.store.skips_of(ref) if any(s.optional for s in configured) else {},
            job_urls=self.job_urls(configured),
            usual=self.usual(builds, seen.sightings),
            page=self._page(ref),
            now=datetime.now(UTC),
            **self._of_shas(ref, {pull.head_sha, *(b.sha for b in builds)}),
        )

    def then(self, facts: PullFacts, answered: Collection[Need]) -> PullFacts:
        """With what the store knows of the commits, once they are read."""
        if Need(What.COMMITS) not in answered or isinstance(facts.commits, Unknown):
            return facts
        shas = {facts.pull.head_sha, *(b.sha for b in facts.builds)}
        more = {c.sha for c in facts.commits} - shas
        if not more:
            return facts
        known = self._of_shas(facts.pull.ref, shas | more)
        return replace(facts, **{**known, "shown": {**known["shown"], **facts.shown}})

    def _of_shas(self, ref: PullRef, shas: set[str]) -> dict[str, Any]:
        return {"rivals": self.store.rivals_of(ref, shas), **self.heard(ref, shas)}

    def heard(self, ref: PullRef | BranchRef, shas: set[str]) -> dict[str, Any]:
        """What everybody says of these commits, what stands there, and what is not ours."""
        heard = self.store.heard(ref, shas)
        adopted = self.store.adopted_statuses(ref.repo, shas)
        return {
            "words": heard.words,
            "written": heard.written,
            "marked": heard.marked,
            "full": heard.full,
            "shown": {place: s for place, s in adopted.items() if place not in heard.written},
        }

    def usual(self, builds: Iterable[Build], sightings: Mapping[str, Sighting]) -> dict[str, float]:
        """How long builds like those that are seen running usually take."""
        running = [
            build
            for build in builds
            if (seen := sightings.get(build.id)) is not None
            and seen.build is not None
            and seen.build.is_building
        ]
        known = [(build.id, self.store.usual_seconds(build)) for build in running]
        return {build_id: seconds for build_id, seconds in known if seconds is not None}

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

    def _proven(
        self, pull: PullRequest, strays: Iterable[JenkinsBuild]
    ) -> tuple[JenkinsBuild, ...]:
        """With the head among what they checked out, if that was its merge."""
        return tuple(
            stray
            if stray.is_pipeline and pull_of_branch_job(stray.job) != pull.ref.number
            else self.branch_jobs.prove(
                stray, repo=pull.ref.repo, base=pull.base_ref, sha=pull.head_sha
            )
            for stray in strays
        )

    def _policy_of(self, pull: PullRequest, hints: Sequence[KeptHint]) -> Policy | None:
        """What is to be checked; nothing in a look that cannot change what the checks say."""
        if not pull.is_open or (hints and not any(changes_checks(kept.hint) for kept in hints)):
            return None
        return self.config.policy_for(pull.ref.repo)


def requests_of(hints: Iterable[KeptHint]) -> tuple[Request, ...]:
    """Those that hints carry, each with the cause it is obeyed for once."""
    return tuple(
        Request(
            cause=Cause(CauseKind.CRON, str(kept.hint.cron))
            if kept.hint.cron
            else Cause(CauseKind.REQUEST, str(kept.id)),
            context=kept.hint.context,
        )
        for kept in hints
        if isinstance(kept.hint, RequestHint)
    )
