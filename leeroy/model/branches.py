"""What is known of branches: how they moved, and what people were told of them."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Push:
    """A branch that moved from one commit to another.

    https://docs.github.com/en/webhooks/webhook-events-and-payloads#push
    """

    #: Where it stood before; empty: it is new, or nobody knows.
    before: str
    #: Where it stands since; empty: it was deleted.
    after: str
    #: Commits were taken away.
    is_forced: bool = False


class News(StrEnum):
    """What people are told of a branch."""

    BROKEN = "broken"
    MENDED = "mended"


class Channel(StrEnum):
    """The ways to tell them."""

    SLACK = "slack"
    WEBHOOK = "webhook"
    EMAIL = "email"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """News that was sent, or was about to be."""

    news: News
    #: Our row of the build that made it news.
    build_id: str
    #: Epoch seconds.
    begun: float = 0.0
