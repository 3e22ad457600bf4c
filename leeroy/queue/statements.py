"""What the queue says to its database while it works.

Each statement is built once and given its values when it is run: building one, and what SQLAlchemy
knows it again by, costs several times what running it does.
"""

from typing import Any

from sqlalchemy import and_, bindparam, insert, literal_column, select, text, update

from leeroy.queue.reader import is_waiting
from leeroy.queue.tables import hints, subjects

# Holds the row, new or not, until the transaction ends. Both databases have these words:
# https://www.sqlite.org/lang_upsert.html, https://www.postgresql.org/docs/15/sql-insert.html
HOLD_SUBJECT = text(
    "INSERT INTO subjects (name, lane, turn, priority, attempts) VALUES (:subject, :lane, 0, 0, 0)"
    " ON CONFLICT (name) DO UPDATE SET name = excluded.name"
)
# What was not due yet, or only later, takes its turn behind all of its lane that is due by then.
MAKE_DUE = text(
    "INSERT INTO subjects (name, lane, turn, priority, attempts, due)"
    " VALUES (:subject, :lane, (SELECT CASE WHEN max(turn) + 1 > :due THEN max(turn) + 1"
    " ELSE :due END FROM subjects WHERE lane = :lane AND due <= :due AND name <> :subject),"
    " :priority, 0, :due)"
    " ON CONFLICT (name) DO UPDATE SET attempts = 0,"
    " turn = CASE WHEN subjects.due IS NULL THEN excluded.turn"
    " WHEN subjects.due > :due AND subjects.turn > excluded.turn THEN excluded.turn"
    " ELSE subjects.turn END,"
    " priority = CASE WHEN subjects.due IS NULL OR subjects.priority > :priority"
    " THEN :priority ELSE subjects.priority END,"
    " due = CASE WHEN subjects.due IS NULL OR subjects.due > :due THEN :due ELSE subjects.due END"
)
# Unless its delivery is in work, or was handled just now.
ADD_NEWS = text(
    "INSERT INTO hints (subject, kind, data, delivery, priority, received, due)"
    " SELECT :subject, :kind, :data, :delivery, :priority, :received, :due"
    " WHERE :delivery = '' OR NOT EXISTS (SELECT 1 FROM hints WHERE delivery = :delivery"
    " AND subject = :subject AND (handled IS NULL OR handled > :recent))"
)
_NOW: Any = bindparam("now")
_SUBJECT: Any = bindparam("subject")
_IN_WORK = and_(hints.c.subject == _SUBJECT, hints.c.handled.is_(None))
BEST_SUBJECT = (
    select(subjects)
    .where(is_waiting(_NOW))
    .order_by(subjects.c.priority, subjects.c.turn, subjects.c.due, subjects.c.name)
    .limit(literal_column("1"))
    .with_for_update(skip_locked=True)
)
_IS_OURS = and_(subjects.c.name == _SUBJECT, subjects.c.token == bindparam("look"))
HELD_SUBJECT = select(subjects).where(_IS_OURS).with_for_update()
LEASED_UNTIL = select(subjects.c.leased_until).where(_IS_OURS)
SET_SUBJECT = update(subjects).where(subjects.c.name == _SUBJECT)
DUE_HINTS = select(hints).where(_IN_WORK, hints.c.due <= _NOW).order_by(hints.c.id)
HINTS_LEFT = select(hints.c.id, hints.c.due, hints.c.priority).where(_IN_WORK)
ADD_HINT = insert(hints)
MARK_HINT = update(hints).where(hints.c.id == bindparam("hint"))
DELAY_HINT = update(hints).where(hints.c.id == bindparam("hint")).values(due=bindparam("again"))
