"""How applying effects went."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leeroy.errors import LeeroyError, Permanent, Transient
from leeroy.model import Build


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What changed, and what failed: for now or for good."""

    #: Rows as they are stored now, where they changed.
    builds: tuple[Build, ...] = ()
    #: What has to be done again later.
    transient: tuple[Transient, ...] = ()
    #: What was refused for good.
    permanent: tuple[Permanent, ...] = ()
    #: Hints somebody has to come back for, and hints that were given up, by id, with the reason.
    kept: Mapping[int, str] = field(default_factory=dict)
    lost: Mapping[int, str] = field(default_factory=dict)
    #: Subjects with the same commits that have to be looked at, too.
    others: frozenset[str] = frozenset()

    def and_then(self, later: "Outcome") -> "Outcome":
        """This, and what came after it."""
        return Outcome(
            builds=self.builds + later.builds,
            transient=self.transient + later.transient,
            permanent=self.permanent + later.permanent,
            kept={**self.kept, **later.kept},
            lost={**self.lost, **later.lost},
            others=self.others | later.others,
        )


def failed(error: Exception) -> Outcome:
    """The outcome of one effect that failed; what is no error of ours goes on up."""
    if isinstance(error, Permanent):
        return Outcome(permanent=(error,))
    if isinstance(error, Transient):
        return Outcome(transient=(error,))
    if isinstance(error, LeeroyError):
        return Outcome(transient=(Transient(str(error)),))
    raise error
