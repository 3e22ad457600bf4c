"""Watched branches: the head handled last, and the news that was sent of them."""

from sqlalchemy import Engine, delete, select, update

from leeroy.database import now, read, write
from leeroy.model import BranchRef, Build, Channel, News, Notice
from leeroy.store.tables import branches, notices
from leeroy.store.upsert import upsert


class BranchStore:
    """Branches by name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def branch_sha(self, ref: BranchRef) -> str:
        """The head whose push was handled last; empty when none was."""
        found = select(branches.c.sha).where(
            branches.c.repo == ref.repo, branches.c.branch == ref.branch
        )
        with read(self._engine) as connection:
            return connection.scalar(found) or ""

    def save_branch(self, ref: BranchRef, sha: str) -> None:
        """The pushes up to this head are handled."""
        with write(self._engine) as connection:
            key = {"repo": ref.repo, "branch": ref.branch}
            upsert(connection, branches, key, {"sha": sha, "updated": now(connection)})

    def forget_branch(self, ref: BranchRef) -> None:
        """It was deleted: one of the same name begins anew."""
        with write(self._engine) as connection:
            connection.execute(
                delete(branches).where(branches.c.repo == ref.repo, branches.c.branch == ref.branch)
            )

    def notices_of(self, ref: BranchRef) -> dict[tuple[str, Channel], Notice]:
        """The last news of a branch that each channel was sent, by lower-case context."""
        found = select(notices).where(notices.c.repo == ref.repo, notices.c.branch == ref.branch)
        with read(self._engine) as connection:
            return {
                (row.context_key, Channel(row.channel)): Notice(
                    news=News(row.news), build_id=row.build_id, begun=row.begun
                )
                for row in connection.execute(found.order_by(notices.c.begun))
            }

    def begin_notice(self, build: Build, channel: Channel, news: News) -> bool:
        """Write down that news is about to be sent; False: it is what was sent last.

        One build may be news twice: a branch that is forced back to it is what it was.
        """
        of_place = {
            "repo": build.repo,
            "branch": build.branch,
            "context_key": build.context.lower(),
        }
        last = select(notices.c.news).where(
            *(notices.c[name] == value for name, value in of_place.items()),
            notices.c.channel == channel.value,
        )
        with write(self._engine) as connection:
            told = connection.scalar(last.order_by(notices.c.begun.desc()).limit(1))
            if told == news.value:
                return False
            upsert(
                connection,
                notices,
                {"build_id": build.id, "channel": channel.value},
                {**of_place, "news": news.value, "begun": now(connection), "sent": None},
            )
            return True

    def end_notice(self, build: Build, channel: Channel) -> None:
        """It was sent."""
        with write(self._engine) as connection:
            connection.execute(
                update(notices)
                .where(notices.c.build_id == build.id, notices.c.channel == channel.value)
                .values(sent=now(connection))
            )

    def drop_notice(self, build: Build, channel: Channel) -> None:
        """It surely was not sent, and may be tried again."""
        with write(self._engine) as connection:
            connection.execute(
                delete(notices).where(
                    notices.c.build_id == build.id, notices.c.channel == channel.value
                )
            )
