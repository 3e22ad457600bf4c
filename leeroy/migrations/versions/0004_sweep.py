"""The sweep: how far it has come, what it only reported, and the statuses it found on GitHub."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the three tables, and find what is to be forgotten quickly."""
    op.create_table(
        "swept_repos",
        sa.Column("repo", sa.Text, primary_key=True),
        sa.Column("mark", sa.Double, nullable=False),
        sa.Column("known", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_table(
        "swept_pulls",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("head_sha", sa.Text, nullable=False),
        sa.Column("base_ref", sa.Text, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
        sa.Column("lacking", sa.Text, nullable=False),
        sa.Column("is_left", sa.Boolean, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "number"),
    )
    op.create_table(
        "adopted",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("context_key", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("target_url", sa.Text, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "sha", "context_key"),
    )
    op.create_index("builds_created", "builds", ["created"])
    op.create_index("statuses_updated", "statuses", ["updated"])
    op.create_index("audit_at", "audit", ["at"])
