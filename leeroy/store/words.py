"""Words, the statuses made of them, and who may write one: one writer a context of a commit.

GitHub keeps the last of several writes, and nobody can ask it to compare first. So whoever is about
to write says so in the transaction that found out what to write: its *mark*. Who finds the mark of
another asks it to make the verdict once more, and is done. A look that was cut short finds its own
mark when it is made again, and writes (docs/decisions/0026-words-and-verdict.md).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Engine,
    Row,
    bindparam,
    delete,
    select,
    update,
)

from leeroy.database import now, read, write
from leeroy.deciding.words import Life, Place, Subject, Word, WordRank, end_of, verdict
from leeroy.model import BranchRef, PullRef, Status, StatusState, parse_subject
from leeroy.store.tables import statuses, words
from leeroy.store.upsert import insert_missing, upsert_all

#: A mark as old as this may be of a look that nobody makes again: its subject is looked at.
OLD_MARK_SECONDS = 60.0

# What every look asks and says, built once: see upsert.py.
_REPO: BindParameter[str] = bindparam("repo")
_SUBJECT: BindParameter[str] = bindparam("subject")
_SHAS: BindParameter[list[str]] = bindparam("shas", expanding=True)
_WORDS_AT = select(words).where(words.c.repo == _REPO, words.c.sha.in_(_SHAS))
_SHAS_OF = select(words.c.sha).where(words.c.subject == _SUBJECT)
_MARKED = select(statuses.c.sha).where(statuses.c.mark == _SUBJECT)
_STATUSES_AT = select(statuses).where(statuses.c.repo == _REPO, statuses.c.sha.in_(_SHAS))
# In one order: two looks that hold some of the same rows must not wait for each other.
_HELD = _STATUSES_AT.order_by(statuses.c.sha, statuses.c.context_key).with_for_update()
_TAKE_BACK = delete(words).where(
    words.c.repo == bindparam("of_repo"),
    words.c.sha == bindparam("of_sha"),
    words.c.context_key == bindparam("of_context"),
    words.c.subject == _SUBJECT,
)
_IS_PLACE = (
    statuses.c.repo == bindparam("of_repo"),
    statuses.c.sha == bindparam("of_sha"),
    statuses.c.context_key == bindparam("of_context"),
)
_END = (
    update(statuses)
    .where(*_IS_PLACE)
    .values(
        context=bindparam("context"),
        state=bindparam("state"),
        description=bindparam("description"),
        target_url=bindparam("target_url"),
        mark=bindparam("mark"),
        is_again=False,
        updated=bindparam("updated"),
    )
)
_ASK_AGAIN = update(statuses).where(*_IS_PLACE).values(is_again=True)
_FILL = update(statuses).where(*_IS_PLACE).values(is_full=True)
_CLEAR = update(statuses).where(*_IS_PLACE).values(mark=None, is_again=False)

_STATUS_KEY = ("repo", "sha", "context_key")
_STATUS_VALUES = (
    "context", "state", "description", "target_url", "mark", "is_again", "is_full", "updated",
)  # fmt: skip
_WORD_KEY = ("repo", "sha", "context_key", "subject")
_WORD_VALUES = (
    "context", "state", "text", "link", "base", "rank", "is_vouched", "is_tacit", "life", "updated",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What the store knows of commits, for one subject."""

    #: What everybody says there, by sha and lower-case context.
    words: Mapping[Place, tuple[Word, ...]] = field(default_factory=dict)
    #: What stands there by us.
    written: Mapping[Place, Status] = field(default_factory=dict)
    #: Where the subject was about to write.
    marked: frozenset[Place] = frozenset()
    #: Where GitHub takes no further one.
    full: frozenset[Place] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What a look is to write, by sha; and whom else to look at, because they say it differently."""

    writes: tuple[tuple[str, Status], ...] = ()
    others: frozenset[str] = frozenset()


class WordStore:
    """Words by commit; each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def heard(self, subject: Subject, shas: Collection[str]) -> Heard:
        """What is said of these commits, and of those that the subject said something of."""
        name = {"subject": str(subject)}
        with read(self._engine) as connection:
            of_subject = {*connection.scalars(_SHAS_OF, name), *connection.scalars(_MARKED, name)}
            values = {"repo": subject.repo, "shas": sorted(of_subject.union(shas))}
            said = _by_place(connection, values)
            rows = connection.execute(_STATUSES_AT, values).all()
        return Heard(
            words={place: tuple(each) for place, each in said.items()},
            written={_place(row): _status(row) for row in rows if row.state is not None},
            marked=frozenset(_place(row) for row in rows if row.mark == str(subject)),
            full=frozenset(_place(row) for row in rows if row.is_full),
        )

    def has_spoken(self, subject: Subject, sha: str) -> bool:
        """The subject has said something of a commit."""
        with read(self._engine) as connection:
            return sha in connection.scalars(_SHAS_OF, {"subject": str(subject)}).all()

    def begin_writes(
        self,
        subject: Subject,
        changed: Mapping[Place, Word | None],
        places: Collection[Place],
        ends: Mapping[Place, str],
    ) -> Begun:
        """Keep the words, and mark what the subject is to write now, at these places.

        Args:
            subject: Whose look it is.
            changed: Its new words; None for one that is taken back.
            places: Where else something other than its verdict may stand.
            ends: What to say of what waited or ran, where nobody speaks any more.
        """
        me, repo = str(subject), subject.repo
        wanted = sorted({*places, *changed})
        values = {"repo": repo, "shas": sorted({sha for sha, _ in wanted})}
        with write(self._engine) as connection:
            at = now(connection)
            save_words(connection, subject, changed, at)
            if connection.dialect.name == "postgresql":
                # There must be a row to hold before anybody's words are read.
                for place in wanted:
                    insert_missing(
                        connection, statuses, _key(repo, place), _EMPTY | {"updated": at}
                    )
            rows = {_place(row): row for row in connection.execute(_HELD, values)}
            said = _by_place(connection, values)
            writes: list[tuple[str, Status]] = []
            others: set[str] = set()
            for place in wanted:
                row, heard = rows.get(place), said.get(place, [])
                others.update(_unasked(heard))
                if row is not None and row.mark not in (None, me):
                    connection.execute(_ASK_AGAIN, _names(repo, place))
                    if at - row.updated > OLD_MARK_SECONDS:
                        others.add(row.mark)
                    continue
                status = _to_write(row, place, heard, ends)
                if status is not None:
                    writes.append((place[0], status))
                elif row is not None and row.mark is not None:
                    connection.execute(_CLEAR, _names(repo, place))
            upsert_all(
                connection,
                statuses,
                _STATUS_KEY,
                _STATUS_VALUES,
                [_marked(repo, sha, status, me, at) for sha, status in writes],
            )
        return Begun(writes=tuple(writes), others=frozenset(others))

    def end_writes(
        self,
        subject: Subject,
        written: Sequence[tuple[str, Status]],
        refused: Collection[tuple[str, Status]] = (),
        ends: Mapping[Place, str] | None = None,
        *,
        full: Collection[Place] = (),
    ) -> tuple[tuple[str, Status], ...]:
        """Remember what GitHub took, and not what it refused; what to write once more.

        ``full`` are those of the refused where it will take no other either.
        """
        me, repo = str(subject), subject.repo
        tried = [*written, *refused]
        values = {"repo": repo, "shas": sorted({sha for sha, _ in tried})}
        once_more: list[tuple[str, Status]] = []
        with write(self._engine) as connection:
            at = now(connection)
            rows = {_place(row): row for row in connection.execute(_HELD, values)}
            is_again = any(row.is_again and row.mark == me for row in rows.values())
            said = _by_place(connection, values) if is_again else {}
            ended = []
            for sha, status in tried:
                place = (sha, status.context.lower())
                row = rows.get(place)
                if place in full:
                    connection.execute(_FILL, _names(repo, place))
                if row is None or row.mark != me:
                    continue  # this look was given up, and another has written since
                newest = None
                if row.is_again and place not in full:
                    # Where by now nobody speaks, this subject has left as well: it gives the end.
                    heard = said.get(place, [])
                    end = end_of((ends or {}).get(place, ""), status, status.context)
                    newest = verdict(heard) if heard else end
                if newest is not None and newest != status:
                    once_more.append((sha, newest))
                    ended.append(_ended(repo, sha, newest, at, state=None, mark=me))
                    continue
                state = None if (sha, status) in refused else status.state.value
                ended.append(_ended(repo, sha, status, at, state=state, mark=None))
            if ended:
                connection.execute(_END, ended)
        return tuple(once_more)

    def drop_marks(self, subject: Subject) -> frozenset[str]:
        """The subject is given up: it writes nothing any more. Who has the same commits instead."""
        me = str(subject)
        others: set[str] = set()
        with write(self._engine) as connection:
            found = connection.execute(select(statuses).where(statuses.c.mark == me)).all()
            for row in found:
                place = _place(row)
                connection.execute(_CLEAR, _names(row.repo, place))
                values = {"repo": row.repo, "shas": [row.sha]}
                others.update(str(w.subject) for w in _by_place(connection, values).get(place, []))
        return frozenset(others - {me})

    def doubt(self, repo: str, shown: Mapping[str, Mapping[str, Status]]) -> frozenset[str]:
        """Forget what we take for written where GitHub shows something else; whom to look at.

        Args:
            repo: The repository.
            shown: What GitHub shows of commits under our login: by sha, by lower-case context. Only
                whole answers: what is missing in one was never written, or lost.
        """
        values = {"repo": repo, "shas": sorted(shown)}
        others: set[str] = set()
        with write(self._engine) as connection:
            said = _by_place(connection, values)
            for row in connection.execute(_HELD, values).all():
                place = _place(row)
                is_known = row.state is not None
                if (
                    row.mark is not None
                    or row.is_full
                    or (is_known and _is_shown(_status(row), shown[row.sha].get(row.context_key)))
                ):
                    continue
                heard = said.get(place, [])
                if not is_known and verdict(heard, is_said=False) is None:
                    continue  # nothing need be said there
                if heard and is_known:
                    gone = _ended(repo, row.sha, _status(row), row.updated, state=None, mark=None)
                    connection.execute(_END, gone)
                others.update(str(word.subject) for word in heard)
        return frozenset(others)


def save_words(
    connection: Connection, subject: Subject, changed: Mapping[Place, Word | None], at: float
) -> None:
    """Keep a subject's new words, and delete those it takes back."""
    me, repo = str(subject), subject.repo
    new = [_values(repo, place, word, at) for place, word in changed.items() if word is not None]
    upsert_all(connection, words, _WORD_KEY, _WORD_VALUES, new)
    for place, word in changed.items():
        if word is None:
            connection.execute(_TAKE_BACK, _names(repo, place) | {"subject": me})


def _to_write(
    row: Row[Any] | None, place: Place, heard: Collection[Word], ends: Mapping[Place, str]
) -> Status | None:
    """What is to be written there; None: it stands already, or nothing need be said."""
    is_said = row is not None and (row.state is not None or row.mark is not None)
    stands = None if row is None or row.state is None else _status(row)
    if row is not None and row.is_full:
        return None
    if heard:
        status = verdict(heard, is_said=is_said)
    elif is_said and row is not None:
        status = end_of(ends.get(place, ""), stands, row.context)
    else:
        return None
    return None if status == stands else status


def _unasked(heard: Collection[Word]) -> set[str]:
    """Those who share the commit, and of whose authors nobody asked yet whether they are trusted."""
    if len({word.subject for word in heard}) < 2:
        return set()
    return {str(word.subject) for word in heard if word.is_vouched is None}


def _is_shown(written: Status, shown: Status | None) -> bool:
    return shown is not None and (shown.state, shown.description) == (
        written.state,
        written.description,
    )


def _by_place(connection: Connection, values: Mapping[str, Any]) -> dict[Place, list[Word]]:
    found: dict[Place, list[Word]] = {}
    for row in connection.execute(_WORDS_AT, values):
        found.setdefault(_place(row), []).append(_word(row))
    return found


def _word(row: Row[Any]) -> Word:
    subject = parse_subject(row.subject)
    assert isinstance(subject, PullRef | BranchRef)
    return Word(
        subject=subject,
        context=row.context,
        state=StatusState(row.state),
        text=row.text,
        link=row.link,
        base=row.base,
        rank=WordRank(row.rank),
        is_vouched=row.is_vouched,
        is_tacit=row.is_tacit,
        life=Life(row.life),
    )


def _values(repo: str, place: Place, word: Word, at: float) -> dict[str, Any]:
    return {
        **_key(repo, place),
        "subject": str(word.subject),
        "context": word.context,
        "state": word.state.value,
        "text": word.text,
        "link": word.link,
        "base": word.base,
        "rank": int(word.rank),
        "is_vouched": word.is_vouched,
        "is_tacit": word.is_tacit,
        "life": int(word.life),
        "updated": at,
    }


_EMPTY = {
    "context": "", "state": None, "description": "", "target_url": "", "mark": None,
    "is_again": False, "is_full": False,
}  # fmt: skip


def _marked(repo: str, sha: str, status: Status, mark: str, at: float) -> dict[str, Any]:
    key = _key(repo, (sha, status.context.lower()))
    return {**key, **_EMPTY, "context": status.context, "mark": mark, "updated": at}


def _ended(
    repo: str, sha: str, status: Status, at: float, *, state: str | None, mark: str | None
) -> dict[str, Any]:
    return {
        **_names(repo, (sha, status.context.lower())),
        "context": status.context,
        "state": state,
        "description": status.description,
        "target_url": status.target_url,
        "mark": mark,
        "updated": at,
    }


def _key(repo: str, place: Place) -> dict[str, Any]:
    return {"repo": repo, "sha": place[0], "context_key": place[1]}


def _names(repo: str, place: Place) -> dict[str, Any]:
    return {"of_repo": repo, "of_sha": place[0], "of_context": place[1]}


def _place(row: Row[Any]) -> Place:
    return (row.sha, row.context_key)


def _status(row: Row[Any]) -> Status:
    return Status(
        context=row.context,
        state=StatusState(row.state),
        description=row.description,
        target_url=row.target_url,
    )
