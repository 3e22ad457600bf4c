"""Builds of branches: the heads that were handled, and the news that was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the two tables, and find the builds of a branch quickly."""
    op.create_table(
        "branches",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "branch"),
    )
    op.create_table(
        "notices",
        sa.Column("build_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("context_key", sa.Text, nullable=False),
        sa.Column("news", sa.Text, nullable=False),
        sa.Column("begun", sa.Double, nullable=False),
        sa.Column("sent", sa.Double),
        sa.PrimaryKeyConstraint("build_id", "channel"),
    )
    op.create_index("notices_branch", "notices", ["repo", "branch"])
    is_of_branch = sa.text("pull IS NULL")
    op.create_index(
        "builds_branch",
        "builds",
        ["repo", "branch", "created"],
        sqlite_where=is_of_branch,
        postgresql_where=is_of_branch,
    )
