"""Pull requests as looks saw them, what we said there, and what each look decided."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    Engine,
    Row,
    and_,
    bindparam,
    case,
    delete,
    insert,
    select,
)

from leeroy.database import now, read, write
from leeroy.model import OwnComment, PullRef, PullRequest, StatusState
from leeroy.store.tables import comments, heads, labels, looks, pulls, statuses
from leeroy.store.upsert import insert_missing, upsert

# What every look asks and says, built once: see upsert.py.
_REPO: BindParameter[str] = bindparam("repo")
_NUMBER: BindParameter[int] = bindparam("number")
_PULL = select(pulls).where(pulls.c.repo == _REPO, pulls.c.number == _NUMBER)
_COMMENTS = select(comments).where(comments.c.repo == _REPO, comments.c.number == _NUMBER)
_LABELS = select(labels.c.label).where(labels.c.repo == _REPO, labels.c.number == _NUMBER)
_NEW_LOOK = insert(looks)


@dataclass(frozen=True, kw_only=True)
class KeptPull:
    """A pull request as the last look saw it."""

    ref: PullRef
    title: str
    author: str
    is_open: bool
    head_sha: str
    base_ref: str
    updated: float


@dataclass(frozen=True, kw_only=True)
class KeptLook:
    """What a look decided, and why."""

    subject: str
    #: Epoch seconds, and how long it took.
    at: float
    seconds: float
    hints: str
    reasons: tuple[str, ...]
    effects: tuple[str, ...]
    #: Why it has to be done again; empty: it was whole.
    error: str


class PullStore:
    """Pull requests by name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def pull(self, ref: PullRef) -> KeptPull | None:
        """A pull request as the last look saw it."""
        with read(self._engine) as connection:
            row = connection.execute(_PULL, _name(ref)).one_or_none()
        return _kept_pull(row) if row else None

    def is_proposed(self, repo: str, sha: str) -> bool:
        """It is the head of some pull request, open or not."""
        found = select(pulls.c.number).where(pulls.c.repo == repo, pulls.c.head_sha == sha)
        with read(self._engine) as connection:
            return connection.execute(found.limit(1)).first() is not None

    def recent_pulls(self, limit: int = 50) -> tuple[KeptPull, ...]:
        """Those looked at last."""
        found = select(pulls).order_by(pulls.c.updated.desc()).limit(limit)
        with read(self._engine) as connection:
            return tuple(_kept_pull(row) for row in connection.execute(found))

    def open_pulls_onto(
        self, repo: str, branch: str, *, context: str, limit: int
    ) -> tuple[PullRef, ...]:
        """Open pull requests into a branch: those where ``context`` failed, then those seen last."""
        of_head = and_(
            statuses.c.repo == pulls.c.repo,
            statuses.c.sha == pulls.c.head_sha,
            statuses.c.context_key == context.lower(),
        )
        has_failed = case((statuses.c.state == StatusState.FAILURE.value, 0), else_=1)
        found = (
            select(pulls.c.repo, pulls.c.number)
            .select_from(pulls.outerjoin(statuses, of_head))
            .where(pulls.c.repo == repo, pulls.c.is_open, pulls.c.base_ref == branch)
            .order_by(has_failed, pulls.c.updated.desc())
            .limit(limit)
        )
        with read(self._engine) as connection:
            return tuple(PullRef(row.repo, row.number) for row in connection.execute(found))

    def save_pull(self, pull: PullRequest) -> None:
        """Remember a pull request and its head, where that is news."""
        if _is_known(self.pull(pull.ref), pull):
            return
        key = {"repo": pull.ref.repo, "number": pull.ref.number}
        with write(self._engine) as connection:
            at = now(connection)
            upsert(
                connection,
                pulls,
                key,
                {
                    "title": pull.title,
                    "author": pull.author,
                    "user_id": pull.author_id,
                    "is_open": pull.is_open,
                    "head_sha": pull.head_sha,
                    "base_ref": pull.base_ref,
                    "updated": at,
                },
            )
            head = {**key, "sha": pull.head_sha, "base_ref": pull.base_ref}
            insert_missing(connection, heads, head, {"seen": pull.read})

    def comments_of(self, ref: PullRef) -> dict[str, OwnComment]:
        """Our comments on a pull request, by topic."""
        with read(self._engine) as connection:
            return {
                row.topic: OwnComment(topic=row.topic, comment_id=row.comment_id, body=row.body)
                for row in connection.execute(_COMMENTS, _name(ref))
            }

    def save_comment(self, ref: PullRef, comment: OwnComment) -> None:
        """Remember a comment we posted or edited."""
        with write(self._engine) as connection:
            upsert(
                connection,
                comments,
                {"repo": ref.repo, "number": ref.number, "topic": comment.topic},
                {
                    "comment_id": comment.comment_id,
                    "body": comment.body,
                    "updated": now(connection),
                },
            )

    def forget_comment(self, ref: PullRef, topic: str) -> None:
        """It is deleted."""
        with write(self._engine) as connection:
            connection.execute(
                delete(comments).where(
                    comments.c.repo == ref.repo,
                    comments.c.number == ref.number,
                    comments.c.topic == topic,
                )
            )

    def labels_of(self, ref: PullRef) -> frozenset[str]:
        """The labels we put on a pull request and did not take off."""
        with read(self._engine) as connection:
            return frozenset(connection.scalars(_LABELS, _name(ref)))

    def save_labels(self, ref: PullRef, *, added: Sequence[str], removed: Sequence[str]) -> None:
        """Remember which labels are ours."""
        key = {"repo": ref.repo, "number": ref.number}
        with write(self._engine) as connection:
            for label in added:
                insert_missing(connection, labels, {**key, "label": label})
            connection.execute(
                delete(labels).where(
                    labels.c.repo == ref.repo,
                    labels.c.number == ref.number,
                    labels.c.label.in_(removed),
                )
            )

    def save_look(self, look: KeptLook) -> None:
        """Remember what a look decided, for people who ask why."""
        with write(self._engine) as connection:
            values = {
                "subject": look.subject,
                "at": now(connection),
                "seconds": look.seconds,
                "hints": look.hints,
                "reasons": json.dumps(look.reasons),
                "effects": json.dumps(look.effects),
                "error": look.error,
            }
            connection.execute(_NEW_LOOK, values)

    def looks_at(self, subject: str, limit: int = 50) -> tuple[KeptLook, ...]:
        """The newest looks at a subject."""
        found = select(looks).where(looks.c.subject == subject)
        return self._looks(found, limit)

    def recent_looks(self, limit: int = 50) -> tuple[KeptLook, ...]:
        """The newest looks at anything."""
        return self._looks(select(looks), limit)

    def _looks(self, found: Any, limit: int) -> tuple[KeptLook, ...]:
        with read(self._engine) as connection:
            rows = connection.execute(found.order_by(looks.c.id.desc()).limit(limit))
            return tuple(_kept_look(row) for row in rows)


def _name(ref: PullRef) -> dict[str, str | int]:
    return {"repo": ref.repo, "number": ref.number}


def _is_known(kept: KeptPull | None, pull: PullRequest) -> bool:
    return kept is not None and (
        kept.title,
        kept.author,
        kept.is_open,
        kept.head_sha,
        kept.base_ref,
    ) == (pull.title, pull.author, pull.is_open, pull.head_sha, pull.base_ref)


def _kept_pull(row: Row[Any]) -> KeptPull:
    return KeptPull(
        ref=PullRef(row.repo, row.number),
        title=row.title,
        author=row.author,
        is_open=row.is_open,
        head_sha=row.head_sha,
        base_ref=row.base_ref,
        updated=row.updated,
    )


def _kept_look(row: Row[Any]) -> KeptLook:
    return KeptLook(
        subject=row.subject,
        at=row.at,
        seconds=row.seconds,
        hints=row.hints,
        reasons=tuple(json.loads(row.reasons)),
        effects=tuple(json.loads(row.effects)),
        error=row.error,
    )
