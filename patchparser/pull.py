"""The pull request as the checks see it: who asks to merge what, in which commits."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A name and e-mail address as git records them."""

    name: str
    email: str


#: GitHub's bots commit with an address made from their login, which no person's can be like.
BOT_ADDRESS = "[bot]@users.noreply.github.com"
#: Copilot's account is called without the suffix.
COPILOT_ADDRESS = "198982749+copilot@users.noreply.github.com"


def is_bots_address(email: str) -> bool:
    """Whether GitHub gives this address to a bot.

    >>> is_bots_address("49699333+dependabot[bot]@users.noreply.github.com")
    True
    """
    folded = email.strip().lower()
    return folded.endswith(BOT_ADDRESS) or folded == COPILOT_ADDRESS


@dataclass(frozen=True, kw_only=True)
class Commit:
    """One commit of the pull request."""

    sha: str
    #: The whole message, subject line first.
    message: str
    author: Identity
    committer: Identity
    parents: tuple[str, ...] = ()
    #: The GitHub account the author's address belongs to; empty when GitHub knows none.
    author_login: str = ""
    #: The author's account is a bot's (``type`` is ``Bot`` on GitHub, or the address is one's).
    author_is_bot: bool = False

    @property
    def is_merge(self) -> bool:
        """Merge commits have more than one parent."""
        return len(self.parents) > 1

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.split("\n", 1)[0].rstrip("\r")


@dataclass(frozen=True, kw_only=True)
class Pull:
    """What the checks need to know of the pull request itself; all empty on a plain checkout."""

    title: str = ""
    body: str = ""
    labels: frozenset[str] = frozenset()
    #: The author's login.
    author: str = ""
    #: The author's account is a bot's.
    author_is_bot: bool = False
    #: Branch names.
    head: str = ""
    base: str = ""
    is_draft: bool = False
    #: How many commits the pull request has; None where nobody said. More than were listed means
    #: GitHub cut the list (at 250).
    commit_count: int | None = None
