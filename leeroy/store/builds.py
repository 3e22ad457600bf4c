"""Builds and the statuses that tell of them."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Engine,
    Row,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)

from leeroy.database import now, read, write
from leeroy.deciding.words import Place, Subject, Word
from leeroy.model import (
    BranchRef,
    Build,
    BuildState,
    Cause,
    PullRef,
    Reason,
    Result,
    Status,
    StatusState,
)
from leeroy.store.tables import builds, statuses
from leeroy.store.upsert import insert_missing, upsert
from leeroy.store.words import save_words

# In the words of the index over these few rows: SQLite uses it for literals only.
# https://www.sqlite.org/partialindex.html
IS_UNFINISHED = builds.c.state.in_(
    [literal_column(f"'{state.value}'") for state in BuildState if not state.is_over]
)

# What every look asks and says, built once: see upsert.py.
_REPO: BindParameter[str] = bindparam("repo")
_NUMBER: BindParameter[int] = bindparam("number")
_SHAS: BindParameter[list[str]] = bindparam("shas", expanding=True)
_IN_ORDER = (builds.c.created, builds.c.attempt)
_ROW = select(builds).where(builds.c.id == bindparam("row"))
_BUILDS_OF = (
    select(builds).where(builds.c.repo == _REPO, builds.c.pull == _NUMBER).order_by(*_IN_ORDER)
)
_IS_OF_BRANCH = and_(
    builds.c.repo == _REPO, builds.c.branch == bindparam("branch"), builds.c.pull.is_(None)
)
_NEWEST_OF_BRANCH = (
    select(builds.c.id)
    .where(_IS_OF_BRANCH)
    .order_by(builds.c.created.desc())
    .limit(bindparam("limit"))
)
_BUILDS_OF_BRANCH = (
    select(builds)
    .where(
        _IS_OF_BRANCH,
        or_(IS_UNFINISHED, builds.c.sha.in_(_SHAS), builds.c.id.in_(_NEWEST_OF_BRANCH)),
    )
    .order_by(*_IN_ORDER)
)
_AT_SHAS = (
    select(builds).where(builds.c.repo == _REPO, builds.c.sha.in_(_SHAS)).order_by(*_IN_ORDER)
)
_RIVALS_OF_PULL = _AT_SHAS.where(or_(builds.c.pull.is_(None), builds.c.pull != _NUMBER))
_RIVALS_OF_BRANCH = _AT_SHAS.where(
    or_(builds.c.pull.is_not(None), builds.c.branch != bindparam("branch"))
)
_STATUSES = select(statuses).where(
    statuses.c.repo == _REPO, statuses.c.sha.in_(_SHAS), statuses.c.state.is_not(None)
)
#: A context's usual duration is the median of so many.
LAST_SUCCESSES = 10
# In the order of an index: of a job with thousands of builds only the newest are read.
_SUCCESSFUL_SECONDS = (
    select(builds.c.duration)
    .where(
        builds.c.server == bindparam("server"),
        builds.c.job == bindparam("job"),
        builds.c.repo == _REPO,
        builds.c.context == bindparam("context"),
        builds.c.result == Result.SUCCESS.value,
        builds.c.duration.is_not(None),
    )
    .order_by(builds.c.build_number.desc())
    .limit(literal_column(str(LAST_SUCCESSES)))
)
_SILENT = (
    select(builds.c.server, builds.c.id, builds.c.updated)
    .where(
        IS_UNFINISHED,
        # What is new is asked for again by its own look.
        builds.c.state != literal_column(f"'{BuildState.NEW.value}'"),
        builds.c.updated <= bindparam("since"),
    )
    .order_by(*_IN_ORDER, builds.c.id)
)
_CHANGE = update(builds).where(builds.c.id == bindparam("row"), IS_UNFINISHED)


@dataclass(frozen=True, kw_only=True)
class KeptStatus:
    """A status as GitHub took it from us last."""

    repo: str
    sha: str
    status: Status
    #: Epoch seconds.
    written: float


class BuildStore:
    """What we asked Jenkins for, and what we told GitHub of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def builds_of(self, ref: PullRef) -> tuple[Build, ...]:
        """Our rows for a pull request, oldest first."""
        with read(self._engine) as connection:
            rows = connection.execute(_BUILDS_OF, {"repo": ref.repo, "number": ref.number})
            return tuple(build_of_row(row) for row in rows)

    def newest_builds_of(self, ref: PullRef, limit: int = 100) -> tuple[Build, ...]:
        """The rows of a pull request made last, newest first; for people."""
        found = select(builds).where(builds.c.repo == ref.repo, builds.c.pull == ref.number)
        found = found.order_by(builds.c.created.desc(), builds.c.attempt.desc()).limit(limit)
        with read(self._engine) as connection:
            return tuple(build_of_row(row) for row in connection.execute(found))

    def builds_of_branch(
        self, ref: BranchRef, shas: Collection[str], limit: int = 100
    ) -> tuple[Build, ...]:
        """Our rows for a branch, oldest first: those not over, of these shas, and the newest.

        A branch lives for years, so never all of them.
        """
        values = {"repo": ref.repo, "branch": ref.branch, "shas": sorted(shas), "limit": limit}
        with read(self._engine) as connection:
            rows = connection.execute(_BUILDS_OF_BRANCH, values)
            return tuple(build_of_row(row) for row in rows)

    def rivals_of(self, ref: PullRef | BranchRef, shas: Collection[str]) -> tuple[Build, ...]:
        """Rows of other pull requests and branches for the same shas."""
        if not shas:
            return ()
        values = {"repo": ref.repo, "shas": sorted(shas)}
        with read(self._engine) as connection:
            if isinstance(ref, BranchRef):
                rows = connection.execute(_RIVALS_OF_BRANCH, {**values, "branch": ref.branch})
            else:
                rows = connection.execute(_RIVALS_OF_PULL, {**values, "number": ref.number})
            return tuple(build_of_row(row) for row in rows)

    def find_build(
        self,
        *,
        server: str,
        job: str,
        build_id: str = "",
        queue_id: int | None = None,
        number: int | None = None,
    ) -> Build | None:
        """The row a notification speaks of: by number, else queue id, else the id we sent.

        The newest of several: Jenkins may count queue ids from 1 again after a crash.
        """
        named = []
        if number is not None:
            named.append(builds.c.build_number == number)
        if queue_id is not None:
            named.append(builds.c.queue_id == queue_id)
        if build_id:
            named.append(builds.c.id == build_id)
        of_job = and_(builds.c.server == server, builds.c.job == job)
        with read(self._engine) as connection:
            for name in named:
                if found := _builds(connection, and_(of_job, name)):
                    return found[-1]
        return None

    def unfinished(self, server: str | None = None) -> tuple[Build, ...]:
        """Every row that is not over yet."""
        of_server = [builds.c.server == server] if server is not None else []
        chosen = and_(IS_UNFINISHED, *of_server)
        with read(self._engine) as connection:
            return _builds(connection, chosen)

    def silent(self, since: float) -> dict[str, dict[str, float]]:
        """The triggered builds that are not over and unchanged since then, by server: id, updated.

        In one order each time. Not the rows: thousands may wait for a Jenkins that does nothing.
        """
        silent: dict[str, dict[str, float]] = {}
        with read(self._engine) as connection:
            for row in connection.execute(_SILENT, {"since": since}):
                silent.setdefault(row.server, {})[row.id] = row.updated
        return silent

    def with_ids(self, ids: Collection[str]) -> tuple[Build, ...]:
        """The rows with these ids, oldest first; a few of them."""
        with read(self._engine) as connection:
            return _builds(connection, builds.c.id.in_(sorted(ids)))

    def claimed_numbers(self, server: str, job: str) -> frozenset[int]:
        """Build numbers of a job that rows of ours already claim."""
        found = select(builds.c.build_number).where(
            builds.c.server == server, builds.c.job == job, builds.c.build_number.is_not(None)
        )
        with read(self._engine) as connection:
            return frozenset(number for number in connection.scalars(found) if number is not None)

    def usual_seconds(self, build: Build) -> float | None:
        """How long builds of its context usually take; None: none has succeeded yet."""
        names = {
            "server": build.server,
            "job": build.job,
            "repo": build.repo,
            "context": build.context,
        }
        with read(self._engine) as connection:
            took = connection.scalars(_SUCCESSFUL_SECONDS, names).all()
        return median(took) if took else None

    def save_builds(
        self,
        rows: Iterable[Build],
        *,
        subject: Subject | None = None,
        words: Mapping[Place, Word | None] | None = None,
    ) -> tuple[Build, ...]:
        """Write rows down, new or changed, and what their subject says of them; as they are stored now.

        An attempt never goes backwards: a row that is over stays as it is.
        """
        with write(self._engine) as connection:
            at = now(connection)
            if subject is not None and words:
                save_words(connection, subject, words, at)
            return tuple(_save(connection, row, at) for row in rows)

    def written_statuses(self, repo: str, shas: Collection[str]) -> dict[tuple[str, str], Status]:
        """The last status we wrote for each context of these shas."""
        if not shas:
            return {}
        with read(self._engine) as connection:
            rows = connection.execute(_STATUSES, {"repo": repo, "shas": sorted(shas)})
            return {(row.sha, row.context_key): status_of_row(row) for row in rows}

    def statuses_at(self, commits: Collection[tuple[str, str]]) -> tuple[KeptStatus, ...]:
        """The last status we wrote for each context of commits, named by repository and sha."""
        if not commits:
            return ()
        wanted = set(commits)
        # Not pairs of both: for a list of pairs SQLite reads the whole table.
        found = select(statuses).where(
            statuses.c.repo.in_({repo for repo, _ in wanted}),
            statuses.c.sha.in_({sha for _, sha in wanted}),
            statuses.c.state.is_not(None),
        )
        with read(self._engine) as connection:
            rows = [row for row in connection.execute(found) if (row.repo, row.sha) in wanted]
        return tuple(
            KeptStatus(repo=row.repo, sha=row.sha, status=status_of_row(row), written=row.updated)
            for row in sorted(rows, key=lambda row: (row.repo, row.sha, row.context_key))
        )

    def save_statuses(self, repo: str, written: Iterable[tuple[str, Status]]) -> None:
        """Remember what GitHub took, by sha."""
        with write(self._engine) as connection:
            at = now(connection)
            for sha, status in written:
                upsert(
                    connection,
                    statuses,
                    {"repo": repo, "sha": sha, "context_key": status.context.lower()},
                    {
                        "context": status.context,
                        "state": status.state.value,
                        "description": status.description,
                        "target_url": status.target_url,
                        "mark": None,
                        "is_again": False,
                        "is_full": False,
                        "updated": at,
                    },
                )

    def counts(self) -> Mapping[str, int]:
        """How many rows there are in each state."""
        found = select(builds.c.state, func.count()).group_by(builds.c.state)
        with read(self._engine) as connection:
            return {row.state: row[1] for row in connection.execute(found)}

    def unfinished_counts(self) -> Mapping[BuildState, int]:
        """How many rows are in each state that is not over; few, so quick to count."""
        found = select(builds.c.state, func.count()).where(IS_UNFINISHED)
        with read(self._engine) as connection:
            rows = connection.execute(found.group_by(builds.c.state))
            return {BuildState(row.state): row[1] for row in rows}


def _save(connection: Connection, row: Build, at: float) -> Build:
    stored = replace(row, created=row.created or at, updated=at)
    values = _values(stored)
    known = {name: value for name, value in values.items() if name not in ("id", "created")}
    is_new = not row.created
    if is_new and insert_missing(connection, builds, {"id": row.id}, values):
        return stored
    if connection.execute(_CHANGE, {"row": row.id, **known}).rowcount:
        return stored
    if not is_new and insert_missing(connection, builds, {"id": row.id}, values):
        return stored
    # It is over, and stays as it is.
    return build_of_row(connection.execute(_ROW, {"row": row.id}).one())


def _values(row: Build) -> dict[str, Any]:
    return {
        "id": row.id,
        "server": row.server,
        "job": row.job,
        "repo": row.repo,
        "pull": row.pull,
        "branch": row.branch,
        "sha": row.sha,
        "base": row.base,
        "context": row.context,
        "attempt": row.attempt,
        "cause": str(row.cause),
        "parameters": json.dumps(dict(row.parameters)),
        "queue_id": row.queue_id,
        "build_number": row.build_number,
        "is_adopted": row.is_adopted,
        "url": row.url,
        "state": row.state.value,
        "result": row.result and row.result.value,
        "reason": str(row.reason or ""),
        "duration": row.duration,
        "created": row.created,
        "updated": row.updated,
    }


def _builds(connection: Connection, chosen: Any) -> tuple[Build, ...]:
    found = select(builds).where(chosen).order_by(*_IN_ORDER)
    return tuple(build_of_row(row) for row in connection.execute(found))


def build_of_row(row: Row[Any]) -> Build:
    """The build in a row of the table."""
    fields = dict(row._mapping)
    return Build(
        **{
            **fields,
            "cause": Cause.parse(fields["cause"]),
            "parameters": json.loads(fields["parameters"]),
            "state": BuildState(fields["state"]),
            "result": Result(fields["result"]) if fields["result"] else None,
            "reason": Reason.parse(fields["reason"]) if fields["reason"] else None,
        }
    )


def status_of_row(row: Row[Any]) -> Status:
    """The status in a row of a table that keeps some."""
    return Status(
        context=row.context,
        state=StatusState(row.state),
        description=row.description,
        target_url=row.target_url,
    )
