"""Who goes first where not all can go at once."""

from enum import IntEnum

#: GitHub's merge queue makes its branches here: leeroy/config/merge_groups.py.
_MERGE_QUEUE = "gh-readonly-queue/"


class Rank(IntEnum):
    """What is looked at and built first; the smaller, the sooner. Also the queue's priorities."""

    #: People wait for a merge, and all who queued behind them.
    MERGE_QUEUE = -20
    BRANCH = -10
    PERSON = 0
    #: Nobody sits there and waits.
    BOT = 10

    @classmethod
    def of_branch(cls, branch: str) -> "Rank":
        """That of a push to a branch.

        >>> Rank.of_branch("main").name, Rank.of_branch("gh-readonly-queue/main/pr-7-0123abc").name
        ('BRANCH', 'MERGE_QUEUE')
        """
        return cls.MERGE_QUEUE if branch.startswith(_MERGE_QUEUE) else cls.BRANCH

    @classmethod
    def of_author(cls, login: str) -> "Rank":
        """That of a pull request; GitHub Apps have ``[bot]`` behind their names.

        >>> Rank.of_author("ann").name, Rank.of_author("renovate[bot]").name
        ('PERSON', 'BOT')
        """
        return cls.BOT if login.endswith("[bot]") else cls.PERSON
