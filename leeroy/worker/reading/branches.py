"""Read what is so of a watched branch: its head now, what led there, and our builds of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from leeroy.config import MergeGroup, github_web_url
from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts
from leeroy.deciding.rules.branches import pushes_between
from leeroy.deciding.unknown import Need
from leeroy.errors import NotFound
from leeroy.model import BranchRef, Push
from leeroy.queue import Hint
from leeroy.worker.reading.beginning import DELIVERY, Reader, requests_of
from leeroy.worker.sweep.branches import SWEPT
from patchparser.patch import PatchSet


@dataclass(frozen=True, kw_only=True)
class BranchReader:
    """Reads the facts of a branch, with the reader of pull requests for what both have."""

    reader: Reader

    def facts(self, ref: BranchRef, hints: Sequence[Hint]) -> BranchFacts:
        """Everything the rules need to know of a branch now."""
        store, config = self.reader.store, self.reader.config
        told = _pushes(hints)
        head = self._head(ref, told)
        group = MergeGroup.parse(ref.branch)
        pushes = _new_pushes(store.branch_sha(ref), head, told, group)
        configured = config.jobs_for_push(ref.repo, ref.branch)
        builds = store.builds_of_branch(ref, {head, *(push.after for push in pushes)})
        seen = self.reader.sightings.look(builds, hints)
        shas = {head, *(push.after for push in pushes), *(build.sha for build in builds)}
        return BranchFacts(
            ref=ref,
            settings=config.for_repo(ref.repo),
            configured=configured,
            head=head,
            group=group,
            pushes=pushes,
            builds=builds,
            rivals=store.rivals_of(ref, shas),
            sightings=seen.sightings,
            strays=seen.strays,
            unseen=seen.unseen,
            written=store.written_statuses(ref.repo, shas),
            shown=store.adopted_statuses(ref.repo, shas),
            requests=requests_of(hints),
            policy=config.policy_for(ref.repo) if group is not None else None,
            notices=store.notices_of(ref),
            usual=self.reader.usual(builds, seen.sightings),
            job_urls=self.reader.job_urls(configured),
            web_url=github_web_url(config.github_api_url),
            now=datetime.now(UTC),
        )

    def then(self, facts: BranchFacts, _: Collection[Need]) -> BranchFacts:
        """Nothing follows from what a push changed."""
        return facts

    def _head(self, ref: BranchRef, told: Sequence[Push]) -> str:
        """The sha it points to; empty when it was deleted.

        One that GitHub does not show although it was only pushed to may be a second old.
        """
        try:
            return self.reader.github.branch_head(ref.repo, ref.branch)
        except NotFound:
            if told and all(push.after for push in told):
                raise
            return ""

    def read(self, facts: BranchFacts, _: Decision, need: Need) -> PatchSet | None:
        """What a push changed; None: where it stood before is gone, as after a forced push."""
        push = next(push for push in facts.pushes if push.after == need.of)
        try:
            return self.reader.github.compare_files(facts.repo, push.before, push.after)
        except NotFound:
            return None


def _new_pushes(
    last: str, head: str, told: Sequence[Push], group: MergeGroup | None
) -> tuple[Push, ...]:
    if not head:
        return ()
    if group is None:
        return pushes_between(last, head, [push for push in told if push.after])
    # GitHub makes such a branch whole and never pushes to it; its name says what it is built upon.
    return () if head == last else (Push(before=group.base_sha, after=head),)


def _pushes(hints: Iterable[Hint]) -> tuple[Push, ...]:
    """The pushes that deliveries and sweeps told of, in the order in which they came."""
    return tuple(
        Push(
            before=str(hint.data.get("before", "")),
            after=str(hint.data.get("after", "")),
            is_forced=hint.data.get("forced") is True,
        )
        for hint in hints
        if hint.kind in (DELIVERY, SWEPT) and "after" in hint.data
    )
