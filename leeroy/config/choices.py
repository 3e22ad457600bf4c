"""The words that settings choose from."""

from enum import StrEnum


class BuildCommits(StrEnum):
    """Which commits of a pull request are built."""

    LAST = "last"
    NEW = "new"
    ALL = "all"


class Trust(StrEnum):
    """Whose heads are built without approval."""

    WRITE = "write"
    EVERYONE = "everyone"


class Approval(StrEnum):
    """How long an approval counts."""

    SHA = "sha"
    PULL = "pull"


class Mode(StrEnum):
    """Whether Leeroy writes anything."""

    ACT = "act"
    OBSERVE = "observe"


class UnstableAs(StrEnum):
    """The status' state for a build that Jenkins calls UNSTABLE."""

    FAILURE = "failure"
    SUCCESS = "success"
    ERROR = "error"


class IfJobMissing(StrEnum):
    """What a job that Jenkins does not have means."""

    ERROR = "error"
    SKIP = "skip"


class GitHubEvents(StrEnum):
    """How Leeroy hears of what happens on GitHub."""

    WEBHOOK = "webhook"
    POLL = "poll"


class Dashboard(StrEnum):
    """Who may see the dashboard."""

    PRIVATE = "private"
    PUBLIC = "public"
