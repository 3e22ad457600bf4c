"""What the sweep remembers of repositories and pull requests, to know the next time what is new."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class SweptRepo:
    """How far the sweeps of a repository have come."""

    #: Up to here everything that was said was read: epoch seconds by GitHub's clock, 0: nothing.
    mark: float = 0.0
    #: The contexts, in lower case, and branches it was configured for then; what is not among them
    #: is only reported, as is everything of a repository nobody has seen yet.
    known: frozenset[str] = frozenset()
    #: Epoch seconds by the database's clock.
    at: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SweptPull:
    """An open pull request as the last sweep that had news of it saw it."""

    head_sha: str
    base_ref: str
    #: GitHub's clock.
    updated: float
    #: Contexts, in lower case, that its head lacked.
    lacking: frozenset[str] = field(default_factory=frozenset)
    #: They were reported, and nobody was asked to build them.
    is_left: bool = False
    #: Epoch seconds by the database's clock.
    at: float = 0.0


@dataclass(frozen=True, kw_only=True)
class KnownPull:
    """A pull request as the last look at it saw it."""

    head_sha: str
    base_ref: str
    is_open: bool
