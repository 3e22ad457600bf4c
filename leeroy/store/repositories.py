"""Repositories by GitHub's id: their names change, and what is configured must go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Engine, Row, bindparam, delete, func, select, update

from leeroy.database import now, read, write
from leeroy.model import PullRequest
from leeroy.store.tables import repositories, unconfigured
from leeroy.store.upsert import insert_missing, upsert

#: Repositories nobody configured that are remembered: those heard of last.
MOST_UNCONFIGURED = 100

_ID: BindParameter[int] = bindparam("repo_id")
_BY_ID = select(repositories).where(repositories.c.repo_id == _ID)


@dataclass(frozen=True, kw_only=True)
class KeptRepository:
    """A repository, by both its names."""

    repo_id: int
    #: What the settings call it, as do all rows of it.
    repo: str
    #: What GitHub calls it now.
    called: str


@dataclass(frozen=True, kw_only=True)
class Unconfigured:
    """A repository whose deliveries come though the settings do not have it."""

    repo: str
    deliveries: int
    #: Epoch seconds.
    last: float


class RepositoryStore:
    """Repositories by id, and those that are none of ours."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def repository(self, repo_id: int) -> KeptRepository | None:
        """The repository with this id, if we looked after it under some name."""
        with read(self._engine) as connection:
            row = connection.execute(_BY_ID, {"repo_id": repo_id}).one_or_none()
        return _kept(row) if row else None

    def repositories(self) -> tuple[KeptRepository, ...]:
        """All whose id is known."""
        with read(self._engine) as connection:
            rows = connection.execute(select(repositories).order_by(repositories.c.repo))
            return tuple(_kept(row) for row in rows)

    def learn_repository(self, repo_id: int, repo: str, called: str) -> None:
        """GitHub calls the repository of this id so; whoever had the name before has it no more."""
        kept = KeptRepository(repo_id=repo_id, repo=repo, called=called)
        if self.repository(repo_id) == kept:
            return
        with write(self._engine) as connection:
            connection.execute(
                delete(repositories).where(
                    func.lower(repositories.c.repo) == repo.lower(),
                    repositories.c.repo_id != repo_id,
                )
            )
            values = {"repo": repo, "called": called, "updated": now(connection)}
            upsert(connection, repositories, {"repo_id": repo_id}, values)

    def see_repository(self, pull: PullRequest) -> None:
        """The same from a pull request as GitHub shows it; a name that is known stays."""
        if pull.repo_id and pull.repo_name:
            kept = self.repository(pull.repo_id)
            repo = kept.repo if kept else pull.ref.repo
            self.learn_repository(pull.repo_id, repo, pull.repo_name)

    def count_unconfigured(self, counted: Mapping[str, int]) -> None:
        """So many more deliveries came of these repositories."""
        with write(self._engine) as connection:
            at = now(connection)
            for repo, number in counted.items():
                insert_missing(
                    connection, unconfigured, {"repo": repo}, {"deliveries": 0, "last": at}
                )
                connection.execute(
                    update(unconfigured)
                    .where(unconfigured.c.repo == repo)
                    .values(deliveries=unconfigured.c.deliveries + number, last=at)
                )
            newest = select(unconfigured.c.repo).order_by(unconfigured.c.last.desc())
            kept = newest.limit(MOST_UNCONFIGURED)
            connection.execute(delete(unconfigured).where(unconfigured.c.repo.not_in(kept)))

    def unconfigured(self, limit: int = 10) -> tuple[Unconfigured, ...]:
        """Those heard of last."""
        found = select(unconfigured).order_by(unconfigured.c.last.desc()).limit(limit)
        with read(self._engine) as connection:
            return tuple(
                Unconfigured(repo=row.repo, deliveries=row.deliveries, last=row.last)
                for row in connection.execute(found)
            )


def _kept(row: Row[Any]) -> KeptRepository:
    return KeptRepository(repo_id=row.repo_id, repo=row.repo, called=row.called)
