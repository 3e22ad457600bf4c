"""What the sweep needs to know of a whole repository at once, and how far it has come."""

import json
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import BindParameter, Engine, and_, bindparam, delete, or_, select, union

from leeroy.database import now, read, write
from leeroy.model import KnownPull, Status, SweptPull, SweptRepo
from leeroy.store.builds import status_of_row
from leeroy.store.tables import (
    adopted,
    branches,
    builds,
    pulls,
    statuses,
    swept_pulls,
    swept_repos,
    words,
)
from leeroy.store.upsert import upsert

# What every look asks, built once: see upsert.py.
_REPO: BindParameter[str] = bindparam("repo")
_SHAS: BindParameter[list[str]] = bindparam("shas", expanding=True)
_ADOPTED = select(adopted).where(adopted.c.repo == _REPO, adopted.c.sha.in_(_SHAS))


class SweepStore:
    """Repositories by name; moments are of the database's clock unless said otherwise."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def swept_repo(self, repo: str) -> SweptRepo | None:
        """How far the sweeps of a repository have come; None: there was none."""
        with read(self._engine) as connection:
            row = connection.execute(select(swept_repos).where(swept_repos.c.repo == repo)).first()
        if row is None:
            return None
        return SweptRepo(mark=row.mark, known=frozenset(json.loads(row.known)), at=row.at)

    def save_swept_repo(self, repo: str, swept: SweptRepo) -> None:
        """A sweep of it is done."""
        with write(self._engine) as connection:
            known = json.dumps(sorted(swept.known))
            values = {"mark": swept.mark, "known": known, "at": now(connection)}
            upsert(connection, swept_repos, {"repo": repo}, values)

    def swept_pulls(self, repo: str) -> dict[int, SweptPull]:
        """Its pull requests as the sweeps saw them, by number."""
        with read(self._engine) as connection:
            rows = connection.execute(select(swept_pulls).where(swept_pulls.c.repo == repo))
            return {
                row.number: SweptPull(
                    head_sha=row.head_sha,
                    base_ref=row.base_ref,
                    updated=row.updated,
                    lacking=frozenset(json.loads(row.lacking)),
                    is_left=row.is_left,
                    at=row.at,
                )
                for row in rows
            }

    def save_swept_pulls(
        self, repo: str, swept: Mapping[int, SweptPull], *, gone: Collection[int] = ()
    ) -> None:
        """Remember what a sweep saw; forget those that are no longer open."""
        if not swept and not gone:
            return
        with write(self._engine) as connection:
            at = now(connection)
            for number, pull in swept.items():
                upsert(
                    connection,
                    swept_pulls,
                    {"repo": repo, "number": number},
                    {
                        "head_sha": pull.head_sha,
                        "base_ref": pull.base_ref,
                        "updated": pull.updated,
                        "lacking": json.dumps(sorted(pull.lacking)),
                        "is_left": pull.is_left,
                        "at": at,
                    },
                )
            is_gone = swept_pulls.c.number.in_(sorted(gone))
            connection.execute(delete(swept_pulls).where(swept_pulls.c.repo == repo, is_gone))

    def known_pulls(self, repo: str, numbers: Collection[int]) -> dict[int, KnownPull]:
        """These pull requests, and all that we take for open, as the last looks saw them."""
        found = select(pulls).where(
            pulls.c.repo == repo, or_(pulls.c.is_open, pulls.c.number.in_(sorted(numbers)))
        )
        with read(self._engine) as connection:
            return {
                row.number: KnownPull(
                    head_sha=row.head_sha, base_ref=row.base_ref, is_open=row.is_open
                )
                for row in connection.execute(found)
            }

    def known_branches(self, repo: str) -> dict[str, str]:
        """The branches whose pushes were handled, and the head handled last."""
        found = select(branches.c.branch, branches.c.sha).where(branches.c.repo == repo)
        with read(self._engine) as connection:
            return {row.branch: row.sha for row in connection.execute(found)}

    def contexts_at(self, repo: str, shas: Collection[str]) -> dict[str, set[str]]:
        """The contexts, in lower case, that we built, wrote or adopted for each of these shas."""
        wanted = sorted(shas)
        found = union(
            select(builds.c.sha, builds.c.context).where(
                builds.c.repo == repo, builds.c.sha.in_(wanted)
            ),
            select(statuses.c.sha, statuses.c.context_key).where(
                statuses.c.repo == repo, statuses.c.sha.in_(wanted), statuses.c.state.is_not(None)
            ),
            select(adopted.c.sha, adopted.c.context_key).where(
                adopted.c.repo == repo, adopted.c.sha.in_(wanted)
            ),
        )
        contexts: dict[str, set[str]] = {}
        with read(self._engine) as connection:
            for sha, context in connection.execute(found):
                contexts.setdefault(sha, set()).add(context.lower())
        return contexts

    def unsaid_at(
        self, repo: str, shas: Collection[str], *, before: float
    ) -> dict[tuple[str, str], set[str]]:
        """Contexts, by subject and sha, of which nobody knows that GitHub took what is to stand.

        GitHub refused it, or what it took was lost; or whoever began to write before then did not
        come to an end.
        """
        at_place = and_(
            statuses.c.repo == words.c.repo,
            statuses.c.sha == words.c.sha,
            statuses.c.context_key == words.c.context_key,
        )
        found = (
            select(words.c.subject, words.c.sha, words.c.context)
            .select_from(words.join(statuses, at_place))
            .where(
                words.c.repo == repo,
                words.c.sha.in_(sorted(shas)),
                words.c.is_tacit.is_(False),
                statuses.c.state.is_(None),
                or_(statuses.c.mark.is_(None), statuses.c.updated < before),
            )
        )
        unsaid: dict[tuple[str, str], set[str]] = {}
        with read(self._engine) as connection:
            for row in connection.execute(found):
                unsaid.setdefault((row.subject, row.sha), set()).add(row.context)
        return unsaid

    def speakers_at(self, repo: str, shas: Collection[str]) -> dict[tuple[str, str], set[str]]:
        """The contexts of which subjects say something, in lower case, by subject and sha."""
        found = select(words.c.subject, words.c.sha, words.c.context_key).where(
            words.c.repo == repo, words.c.sha.in_(sorted(shas))
        )
        speakers: dict[tuple[str, str], set[str]] = {}
        with read(self._engine) as connection:
            for row in connection.execute(found):
                speakers.setdefault((row.subject, row.sha), set()).add(row.context_key)
        return speakers

    def contexts_of(self, repo: str) -> frozenset[str]:
        """Every context, in lower case, that we ever built in a repository."""
        found = select(builds.c.context).where(builds.c.repo == repo).distinct()
        with read(self._engine) as connection:
            return frozenset(context.lower() for context in connection.scalars(found))

    def known_repos(self) -> frozenset[str]:
        """Every repository of which a look saw a pull request or handled a push."""
        found = union(select(pulls.c.repo).distinct(), select(branches.c.repo).distinct())
        with read(self._engine) as connection:
            return frozenset(connection.scalars(found))

    def adopted_statuses(self, repo: str, shas: Collection[str]) -> dict[tuple[str, str], Status]:
        """The final statuses that GitHub showed for these shas, where we had no build."""
        if not shas:
            return {}
        values = {"repo": repo, "shas": sorted(shas)}
        with read(self._engine) as connection:
            return {
                (row.sha, row.context_key): status_of_row(row)
                for row in connection.execute(_ADOPTED, values)
            }

    def adopt_statuses(self, repo: str, shown: Iterable[tuple[str, Status]]) -> None:
        """Let these statuses, by sha, count as done."""
        with write(self._engine) as connection:
            at = now(connection)
            for sha, status in shown:
                upsert(
                    connection,
                    adopted,
                    {"repo": repo, "sha": sha, "context_key": status.context.lower()},
                    {
                        "context": status.context,
                        "state": status.state.value,
                        "description": status.description,
                        "target_url": status.target_url,
                        "updated": at,
                    },
                )
