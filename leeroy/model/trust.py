"""Who was found to be trusted with what: approvals, and what was decided about a command."""

from dataclasses import dataclass

from leeroy.model.github import CommentKind


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A maintainer looked at a head and let it be built."""

    sha: str
    #: The base branch it was looked at against.
    base: str
    by: str
    comment_kind: CommentKind
    comment_id: int
    #: GitHub's id of that account.
    by_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class SeenHead:
    """A head that Leeroy saw, and when first by GitHub's clock."""

    sha: str
    base: str
    #: Epoch seconds, whole ones.
    seen: float


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """Something that was asked for or decided, for people who ask who did it."""

    repo: str
    pull: int | None
    who: str
    #: ``/ok-to-test``, ``approved``, ``refused`` …
    what: str
    sha: str
    detail: str
    #: Names the asking, so that it is written down once however often a look is repeated.
    ref: str
    #: GitHub's id of the account; None: it is not known.
    who_id: int | None = None
    #: Epoch seconds; 0 until it is stored.
    at: float = 0.0
