"""Merge queues: GitHub tests a group of pull requests on a branch it makes for that, then merges."""

import re
from dataclasses import dataclass

_BRANCH = re.compile(r"gh-readonly-queue/(.+)/pr-([1-9][0-9]{0,9})-([0-9a-f]{7,64})", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class MergeGroup:
    """What the name of such a branch tells.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
    """

    #: The branch it is to be merged into.
    base: str
    #: The pull request that was added last.
    number: int
    #: The commit the group is built upon: the base's head, or the group before it.
    base_sha: str

    @classmethod
    def parse(cls, branch: str) -> "MergeGroup | None":
        """The group a branch is for; None for any other branch.

        >>> MergeGroup.parse("gh-readonly-queue/release/1.0/pr-12-0123abc")
        MergeGroup(base='release/1.0', number=12, base_sha='0123abc')
        >>> MergeGroup.parse("main")
        """
        match = _BRANCH.fullmatch(branch)
        return match and cls(base=match[1], number=int(match[2]), base_sha=match[3])
