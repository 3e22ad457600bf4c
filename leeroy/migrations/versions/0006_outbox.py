"""Envelopes that are still to be published."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "outbox",
        sa.Column("guid", sa.Text, primary_key=True),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("held_until", sa.Double, nullable=False),
    )
    op.create_index("ix_outbox_created", "outbox", ["created"])
