"""Read what is so of a watched branch: its head now, what led there, and our builds of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from leeroy.config import Branch, MergeGroup, github_web_url
from leeroy.deciding.decision import Decision
from leeroy.deciding.facts import BranchFacts
from leeroy.deciding.rules.branches import pushes_between
from leeroy.deciding.unknown import Need, Unknown
from leeroy.errors import NotFound
from leeroy.hints import push_of
from leeroy.model import BranchRef, Push
from leeroy.queue import KeptHint
from leeroy.worker.asking import unknown_after
from leeroy.worker.reading.beginning import Reader, requests_of
from leeroy.worker.side import each
from patchparser.patch import PatchSet

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class BranchReader:
    """Reads the facts of a branch, with the reader of pull requests for what both have."""

    reader: Reader

    def facts(self, ref: BranchRef, hints: Sequence[KeptHint]) -> BranchFacts:
        """Everything the rules need to know of a branch now."""
        store, config = self.reader.store, self.reader.config
        told = [push for kept in hints if (push := push_of(kept.hint)) is not None]
        head = self._head(ref, told)
        named = MergeGroup.parse(ref.branch)
        group = named if self._is_of_queue(ref, head) else None
        reached = self._reached(
            ref.repo, head, _new_pushes(store.branch_sha(ref), head, told, named)
        )
        pushes = reached.pushes
        configured = config.jobs_for_push(ref.repo, ref.branch)
        if named is not None and group is None:
            log.warning("a branch is named like a merge group's and is none", branch=str(ref))
            configured = tuple(job for job in configured if isinstance(job, Branch))
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
            unshown=reached.unshown,
            unproven=reached.unproven,
            builds=builds,
            rivals=store.rivals_of(ref, shas),
            sightings=seen.sightings,
            strays=seen.strays,
            unseen=seen.unseen,
            **self.reader.heard(ref, shas),
            requests=requests_of(hints),
            policy=config.policy_for(ref.repo) if group is not None else None,
            notices=store.notices_of(ref),
            usual=self.reader.usual(builds, seen.sightings),
            job_urls=self.reader.job_urls(configured),
            web_url=github_web_url(config.github_api_url),
            now=datetime.now(UTC),
        )

    def _reached(self, repo: str, head: str, told: Sequence[Push]) -> "_Reached":
        """The pushes that led to what GitHub shows: a payload alone does not make a commit ours.

        One comparison for each, and only where it does not lead to the head.
        """
        doubtful = [push for push in told if push.after != head]
        proven, unshown = {head}, set()
        unproven: dict[str, Unknown] = {}
        asked = each(
            self.reader.side,
            lambda push: self.reader.github.is_reached(repo, push.after, head=head),
            doubtful,
        )
        for push, is_reached, error in asked:
            if error is not None:
                unproven[push.after] = unknown_after(error)
            elif is_reached:
                proven.add(push.after)
            else:
                unshown.add(push.after)
        return _Reached(
            pushes=tuple(push for push in told if push.after in proven),
            unshown=frozenset(unshown),
            unproven=unproven,
        )

    def _is_of_queue(self, ref: BranchRef, head: str) -> bool:
        """GitHub's merge queue made it, not somebody who may push and knows its names.

        The queue's commits are its own: none is a pull request's head before it is tested. Whoever
        proposes such a commit afterwards takes nothing from a group that has spoken already.
        """
        return not self.reader.store.is_proposed(ref.repo, head) or self.reader.store.has_spoken(
            ref, head
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


@dataclass(frozen=True, kw_only=True)
class _Reached:
    pushes: tuple[Push, ...]
    unshown: frozenset[str]
    unproven: Mapping[str, Unknown]


def _new_pushes(
    last: str, head: str, told: Sequence[Push], group: MergeGroup | None
) -> tuple[Push, ...]:
    if not head:
        return ()
    if group is None:
        return pushes_between(last, head, [push for push in told if push.after])
    # GitHub makes such a branch whole and never pushes to it; its name says what it is built upon.
    return () if head == last else (Push(before=group.base_sha, after=head),)
