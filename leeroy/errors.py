"""What can go wrong, named by what to do next.

::

    LeeroyError
    ├── Transient                try again later (``retry_after`` seconds, where one was told)
    │   ├── NotThereYet          it is being made, and comes by itself
    │   ├── CommitNotFound       GitHub does not have the commit, or not yet
    │   ├── CredentialsRefused   Jenkins does not know us (401): nothing works there until it does
    │   └── RightsRefused        Jenkins knows us, and does not let us do this (403)
    ├── Permanent                do not try again: the same request would be refused again
    │   ├── NotFound             the thing is not there, or not visible to our credentials
    │   └── TooManyStatuses      GitHub takes no further status of this context and commit
    ├── BadDelivery              a request we were sent is unusable
    └── ConfigError              the settings cannot be used; lists every fault with its path

``status`` is the HTTP status: of the answer that made the error, or, of a BadDelivery, of ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class LeeroyError(Exception):
    """Anything Leeroy raises on purpose. Its text is fit for a log line and a status."""


class Transient(LeeroyError):
    """What failed may pass: the look is due again, after ``retry_after`` seconds if given."""

    def __init__(
        self, message: str, *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status


class CommitNotFound(Transient):
    """GitHub has no such commit: a fork's push may reach the base repository a moment late."""


class CredentialsRefused(Transient):
    """Jenkins does not accept who we say we are; that is an outage, and no build's fault."""


class RightsRefused(Transient):
    """Jenkins does not let our user do this; somebody has to give it the right."""


class NotThereYet(Transient):
    """What was asked for is being made, and comes by itself."""


class Permanent(LeeroyError):
    """The remote side refused, and would refuse the same request again."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class NotFound(Permanent):
    """Not there, or hidden from our credentials: GitHub and Jenkins answer both with 404."""


class TooManyStatuses(Permanent):
    """A commit has as many statuses of this context as GitHub keeps: 1,000."""


class BadDelivery(LeeroyError):
    """A webhook, notification or request that cannot be used."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong in the settings.

    >>> print(Fault(path="builds[0].contxt", problem="unknown key", hint="did you mean context?"))
    builds[0].contxt: unknown key (did you mean context?)
    """

    #: Where: ``builds[0].context``; empty for the file as a whole.
    path: str
    problem: str
    #: The way out, when we know one.
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.problem}" + (f" ({self.hint})" if self.hint else "")


class ConfigError(LeeroyError):
    """The settings have faults; all of them are in ``faults``."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(tuple(faults))
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)
