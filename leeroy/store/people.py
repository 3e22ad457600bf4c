"""Who may do what: approvals, obeyed commands, trusted authors, and the audit of all of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, delete, func, select

from leeroy.database import now, read, write
from leeroy.model import Approval, AuditEntry, Comment, CommentKind, PullRef, SeenHead
from leeroy.store.tables import accounts, approvals, audit, heads, obeyed, skips, trusted
from leeroy.store.upsert import insert_missing, upsert


@dataclass(frozen=True, kw_only=True)
class KeptTrust:
    """An author whom an administrator trusts for good."""

    repo: str
    #: In lower case, as it was then.
    login: str
    #: GitHub's id of the account; None: nobody is trusted by this.
    user_id: int | None = None
    by: str
    #: Epoch seconds.
    at: float


class PeopleStore:
    """What people decided about a pull request; the only place where that is kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def heads_of(self, ref: PullRef) -> tuple[SeenHead, ...]:
        """Every head we saw of a pull request, oldest first."""
        found = select(heads).where(heads.c.repo == ref.repo, heads.c.number == ref.number)
        with read(self._engine) as connection:
            return tuple(
                SeenHead(sha=row.sha, base=row.base_ref, seen=row.seen)
                for row in connection.execute(found.order_by(heads.c.seen))
            )

    def approvals_of(self, ref: PullRef) -> tuple[Approval, ...]:
        """The heads of a pull request that may be built."""
        found = select(approvals).where(
            approvals.c.repo == ref.repo, approvals.c.number == ref.number
        )
        with read(self._engine) as connection:
            return tuple(
                Approval(
                    sha=row.sha,
                    base=row.base,
                    by=row.by,
                    comment_kind=CommentKind(row.comment_kind),
                    comment_id=row.comment_id,
                    by_id=row.user_id,
                )
                for row in connection.execute(found.order_by(approvals.c.at))
            )

    def approve(self, ref: PullRef, approval: Approval) -> None:
        """Let a head be built from now on."""
        with write(self._engine) as connection:
            upsert(
                connection,
                approvals,
                {
                    "repo": ref.repo,
                    "number": ref.number,
                    "sha": approval.sha,
                    "base": approval.base,
                },
                {
                    "by": approval.by,
                    "user_id": approval.by_id,
                    "comment_kind": approval.comment_kind.value,
                    "comment_id": approval.comment_id,
                    "at": now(connection),
                },
            )

    def revoke_approvals(self, ref: PullRef) -> None:
        """Let nothing of a pull request be built that was only approved."""
        with write(self._engine) as connection:
            connection.execute(
                delete(approvals).where(
                    approvals.c.repo == ref.repo, approvals.c.number == ref.number
                )
            )

    def was_obeyed(self, repo: str, kind: CommentKind, comment_id: int) -> bool:
        """The comment's commands were answered before."""
        found = select(obeyed.c.at).where(
            obeyed.c.repo == repo,
            obeyed.c.comment_kind == kind.value,
            obeyed.c.comment_id == comment_id,
        )
        with read(self._engine) as connection:
            return connection.execute(found).first() is not None

    def save_obeyed(self, comment: Comment) -> None:
        """The comment's commands are answered."""
        with write(self._engine) as connection:
            key = {
                "repo": comment.pull.repo,
                "comment_kind": comment.kind.value,
                "comment_id": comment.id,
            }
            upsert(connection, obeyed, key, {"at": now(connection)})

    def skips_of(self, ref: PullRef) -> dict[tuple[str, str], str]:
        """Who called which context of which sha skipped: by sha and lower-case context."""
        found = select(skips).where(skips.c.repo == ref.repo, skips.c.number == ref.number)
        with read(self._engine) as connection:
            return {(row.sha, row.context_key): row.by for row in connection.execute(found)}

    def skip(self, ref: PullRef, sha: str, context: str, by: str) -> None:
        """Call a context of a sha skipped."""
        key: dict[str, Any] = {"repo": ref.repo, "number": ref.number, "sha": sha}
        with write(self._engine) as connection:
            upsert(connection, skips, {**key, "context_key": context.lower()}, {"by": by})

    def trusted_authors(self, repo: str) -> frozenset[int]:
        """The ids of the accounts that an administrator trusts for good; logins change hands."""
        found = select(trusted.c.user_id).where(
            trusted.c.repo == repo, trusted.c.user_id.is_not(None)
        )
        with read(self._engine) as connection:
            return frozenset(connection.scalars(found))

    def known_accounts(self, logins: Iterable[str]) -> dict[str, int | None]:
        """Whose these logins of the settings, in lower case, were when we asked; None: nobody's."""
        found = select(accounts).where(accounts.c.login.in_(sorted(logins)))
        with read(self._engine) as connection:
            return {row.login: row.user_id for row in connection.execute(found)}

    def save_account(self, login: str, user_id: int | None) -> None:
        """Remember whose a login of the settings is; the first answer counts."""
        with write(self._engine) as connection:
            values = {"user_id": user_id, "at": now(connection)}
            insert_missing(connection, accounts, {"login": login.lower()}, values)

    def forget_account(self, login: str) -> bool:
        """Ask anew whose a login is, in any case; False: nobody had asked."""
        with write(self._engine) as connection:
            gone = connection.execute(delete(accounts).where(accounts.c.login == login.lower()))
            return gone.rowcount > 0

    def kept_trust(self, repo: str | None = None) -> tuple[KeptTrust, ...]:
        """The authors trusted for good in a repository, its name in any case; in all of them else.

        Who, by whose word and since when: for people. A look asks for ``trusted_authors``.
        """
        found = select(trusted).order_by(trusted.c.repo, trusted.c.login)
        if repo is not None:
            found = found.where(func.lower(trusted.c.repo) == repo.lower())
        with read(self._engine) as connection:
            return tuple(
                KeptTrust(repo=row.repo, login=row.login, user_id=row.user_id, by=row.by, at=row.at)
                for row in connection.execute(found)
            )

    def trust(self, repo: str, login: str, user_id: int, by: str) -> None:
        """Trust an author for good."""
        key = {"repo": repo, "login": login.lower()}
        with write(self._engine) as connection:
            values = {"user_id": user_id, "by": by, "at": now(connection)}
            upsert(connection, trusted, key, values)

    def distrust(self, repo: str, login: str) -> bool:
        """Trust an author no longer, both names in any case; False: nobody did."""
        with write(self._engine) as connection:
            gone = connection.execute(
                delete(trusted).where(
                    func.lower(trusted.c.repo) == repo.lower(), trusted.c.login == login.lower()
                )
            )
            return gone.rowcount > 0

    def save_audit(self, entry: AuditEntry) -> None:
        """Write down who asked for what, and what came of it."""
        with write(self._engine) as connection:
            values = {
                "at": now(connection),
                "number": entry.pull,
                "who": entry.who,
                "user_id": entry.who_id,
                "what": entry.what,
                "sha": entry.sha,
                "detail": entry.detail,
            }
            upsert(connection, audit, {"repo": entry.repo, "ref": entry.ref}, values)

    def audit_of(self, ref: PullRef, limit: int = 100) -> tuple[AuditEntry, ...]:
        """What was asked for on a pull request, newest first."""
        return self.audited(repo=ref.repo, pull=ref.number, limit=limit)

    def audit_at(self, ref: PullRef, sha: str) -> tuple[AuditEntry, ...]:
        """What was asked for at one head of a pull request."""
        found = select(audit).where(
            audit.c.repo == ref.repo, audit.c.number == ref.number, audit.c.sha == sha
        )
        with read(self._engine) as connection:
            return tuple(_entry(row) for row in connection.execute(found))

    def audited(
        self, *, repo: str = "", pull: int | None = None, who: str = "", limit: int = 100
    ) -> tuple[AuditEntry, ...]:
        """What was asked for, newest first; of one repository, pull request or person if named."""
        found = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if repo:
            found = found.where(func.lower(audit.c.repo) == repo.lower())
        if pull is not None:
            found = found.where(audit.c.number == pull)
        if who:
            found = found.where(func.lower(audit.c.who) == who.lower())
        with read(self._engine) as connection:
            return tuple(_entry(row) for row in connection.execute(found))


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        repo=row.repo,
        pull=row.number,
        who=row.who,
        who_id=row.user_id,
        what=row.what,
        sha=row.sha,
        detail=row.detail,
        ref=row.ref,
        at=row.at,
    )
