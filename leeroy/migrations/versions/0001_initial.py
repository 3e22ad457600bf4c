"""Every table. Edited in place until the first release, which it is the schema of.

From then on a change of a table is a file of its own: see the package's docstring.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables, each part as the module that declares them has it."""
    _create_queue()
    _create_builds_and_pulls()
    _create_words()
    _create_people()
    _create_branches()
    _create_sweeps()
    _create_closings()
    _create_outbox()


def _create_queue() -> None:
    op.create_table(
        "subjects",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("due", sa.Double),
        sa.Column("turn", sa.Double, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("leased_by", sa.Text),
        sa.Column("leased_until", sa.Double),
    )
    is_due = sa.text("due IS NOT NULL")
    op.create_index(
        "subjects_turn",
        "subjects",
        ["priority", "turn", "due", "name"],
        sqlite_where=is_due,
        postgresql_where=is_due,
    )
    op.create_index(
        "subjects_lane",
        "subjects",
        ["lane", "turn"],
        sqlite_where=is_due,
        postgresql_where=is_due,
    )
    op.create_table(
        "hints",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("delivery", sa.Text, nullable=False),
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


def _create_builds_and_pulls() -> None:
    op.create_table(
        "builds",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("server", sa.Text, nullable=False),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("pull", sa.Integer),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("queue_id", sa.Integer),
        sa.Column("build_number", sa.Integer),
        sa.Column("is_adopted", sa.Boolean, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("duration", sa.Double),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
    )
    op.create_index("builds_pull", "builds", ["repo", "pull"])
    op.create_index("builds_sha", "builds", ["repo", "sha"])
    op.create_index("builds_job", "builds", ["server", "job", "build_number"])
    op.create_index("builds_queue", "builds", ["server", "queue_id"])
    unfinished = sa.text("state IN ('new', 'queued', 'running')")
    op.create_index(
        "builds_unfinished",
        "builds",
        ["server"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )
    op.create_table(
        "repositories",
        sa.Column("repo_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("called", sa.Text, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
    )
    op.create_table(
        "unconfigured",
        sa.Column("repo", sa.Text, primary_key=True),
        sa.Column("deliveries", sa.BigInteger, nullable=False),
        sa.Column("last", sa.Double, nullable=False),
    )
    op.create_table(
        "pulls",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("head_sha", sa.Text, nullable=False),
        sa.Column("base_ref", sa.Text, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "number"),
    )
    op.create_index("pulls_updated", "pulls", ["updated"])
    op.create_index("pulls_head", "pulls", ["repo", "head_sha"])
    op.create_table(
        "heads",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("base_ref", sa.Text, nullable=False),
        sa.Column("seen", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "number", "sha", "base_ref"),
    )
    op.create_table(
        "comments",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("comment_id", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "number", "topic"),
    )
    op.create_table(
        "labels",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("repo", "number", "label"),
    )
    op.create_table(
        "looks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("hints", sa.Text, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("effects", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("looks_subject", "looks", ["subject", "id"])
    op.create_index("looks_at", "looks", ["at"])
    op.create_table(
        "deliveries",
        sa.Column("guid", sa.Text, primary_key=True),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("received", sa.Double, nullable=False),
    )
    op.create_index("deliveries_received", "deliveries", ["received"])
    op.create_index("builds_created", "builds", ["created"])
    is_of_branch = sa.text("pull IS NULL")
    op.create_index(
        "builds_branch",
        "builds",
        ["repo", "branch", "created"],
        sqlite_where=is_of_branch,
        postgresql_where=is_of_branch,
    )


def _create_words() -> None:
    op.create_table(
        "words",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("context_key", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("is_vouched", sa.Boolean),
        sa.Column("is_tacit", sa.Boolean, nullable=False),
        sa.Column("life", sa.Integer, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "sha", "context_key", "subject"),
    )
    op.create_index("words_subject", "words", ["subject"])
    op.create_index("words_updated", "words", ["updated"])
    op.create_table(
        "statuses",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("context_key", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("state", sa.Text),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("target_url", sa.Text, nullable=False),
        sa.Column("mark", sa.Text),
        sa.Column("is_again", sa.Boolean, nullable=False),
        sa.Column("is_full", sa.Boolean, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "sha", "context_key"),
    )
    op.create_index("statuses_updated", "statuses", ["updated"])
    is_being_written = sa.text("mark IS NOT NULL")
    op.create_index(
        "statuses_mark",
        "statuses",
        ["mark"],
        sqlite_where=is_being_written,
        postgresql_where=is_being_written,
    )


def _create_people() -> None:
    op.create_table(
        "approvals",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("comment_kind", sa.Text, nullable=False),
        sa.Column("comment_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "number", "sha", "base"),
    )
    op.create_table(
        "obeyed",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("comment_kind", sa.Text, nullable=False),
        sa.Column("comment_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "comment_kind", "comment_id"),
    )
    op.create_table(
        "skips",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("context_key", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("repo", "number", "sha", "context_key"),
    )
    op.create_table(
        "trusted",
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("repo", "login"),
    )
    op.create_table(
        "accounts",
        sa.Column("login", sa.Text, primary_key=True),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("repo", sa.Text, nullable=False),
        sa.Column("number", sa.Integer),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("sha", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.UniqueConstraint("repo", "ref"),
    )
    op.create_index("audit_pull", "audit", ["repo", "number"])
    op.create_index("audit_at", "audit", ["at"])


def _create_branches() -> None:
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


def _create_sweeps() -> None:
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


def _create_closings() -> None:
    op.create_table(
        "closings",
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("until", sa.Double, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("guid", sa.Text, primary_key=True),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("held_until", sa.Double, nullable=False),
    )
    op.create_index("ix_outbox_created", "outbox", ["created"])
