"""What to look at again: hints and subjects (leeroy/queue.py)."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the queue's two tables."""
    op.create_table(
        "subjects",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("due", sa.Double),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("leased_by", sa.Text),
        sa.Column("leased_until", sa.Double),
    )
    is_due = sa.text("due IS NOT NULL")
    op.create_index(
        "subjects_due",
        "subjects",
        ["priority", "due", "name"],
        sqlite_where=is_due,
        postgresql_where=is_due,
    )
    op.create_table(
        "hints",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("delivery", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("received", sa.Double, nullable=False),
        sa.Column("due", sa.Double, nullable=False),
        sa.Column("handled", sa.Double),
        sa.Column("error", sa.Text),
    )
    op.create_index("hints_subject", "hints", ["subject", "handled"])
    op.create_index("hints_delivery", "hints", ["delivery"])
    op.create_index("hints_handled", "hints", ["handled"])
    failed = sa.text("error IS NOT NULL")
    op.create_index("hints_failed", "hints", ["id"], sqlite_where=failed, postgresql_where=failed)
