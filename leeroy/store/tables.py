"""The store's tables; created by the migrations. Moments are epoch seconds (leeroy/database.py).

A ``user_id`` is GitHub's for the name before it, which may change; null until learnt. Repositories
are known by their ids in a table of their own.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from leeroy.database import metadata

#: One row per attempt to build a sha for a context: :class:`leeroy.model.Build`.
builds = Table(
    "builds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("server", Text, nullable=False),
    Column("job", Text, nullable=False),
    Column("repo", Text, nullable=False),
    Column("pull", Integer),
    Column("branch", Text, nullable=False),
    Column("sha", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    #: JSON.
    Column("parameters", Text, nullable=False),
    Column("queue_id", Integer),
    Column("build_number", Integer),
    Column("is_adopted", Boolean, nullable=False),
    Column("url", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("result", Text),
    Column("reason", Text, nullable=False),
    Column("duration", Double),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
)

#: What each subject has to say of a context of a sha: :class:`leeroy.deciding.words.Word`.
words = Table(
    "words",
    metadata,
    Column("repo", Text, nullable=False),
    Column("sha", Text, nullable=False),
    #: In lower case: GitHub compares contexts so.
    Column("context_key", Text, nullable=False),
    #: ``owner/repo#12`` or ``owner/repo@branch``.
    Column("subject", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    #: Null: nobody asked yet.
    Column("is_vouched", Boolean),
    Column("is_tacit", Boolean, nullable=False),
    Column("life", Integer, nullable=False),
    Column("updated", Double, nullable=False),
    PrimaryKeyConstraint("repo", "sha", "context_key", "subject"),
)

#: The last status we wrote for each context of a sha, and who is writing one now.
statuses = Table(
    "statuses",
    metadata,
    Column("repo", Text, nullable=False),
    Column("sha", Text, nullable=False),
    #: In lower case: GitHub compares contexts so.
    Column("context_key", Text, nullable=False),
    Column("context", Text, nullable=False),
    #: Null: not known, because a write was begun and nobody said how it ended.
    Column("state", Text),
    Column("description", Text, nullable=False),
    Column("target_url", Text, nullable=False),
    #: The subject whose look is writing; only that one writes. Null: nobody is.
    Column("mark", Text),
    #: Another's words changed meanwhile: whoever is writing makes the verdict once more.
    Column("is_again", Boolean, nullable=False),
    #: GitHub takes no further one: there are 1,000. It is never tried again.
    Column("is_full", Boolean, nullable=False),
    Column("updated", Double, nullable=False),
    PrimaryKeyConstraint("repo", "sha", "context_key"),
)

#: Repositories of the settings by GitHub's id: how the settings and GitHub call them.
repositories = Table(
    "repositories",
    metadata,
    Column("repo_id", BigInteger, primary_key=True, autoincrement=False),
    Column("repo", Text, nullable=False),
    Column("called", Text, nullable=False),
    Column("updated", Double, nullable=False),
)

#: Repositories that deliveries came of though the settings do not have them.
unconfigured = Table(
    "unconfigured",
    metadata,
    Column("repo", Text, primary_key=True),
    Column("deliveries", BigInteger, nullable=False),
    Column("last", Double, nullable=False),
)

#: Each pull request as the last look saw it.
pulls = Table(
    "pulls",
    metadata,
    Column("repo", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("user_id", BigInteger),
    Column("is_open", Boolean, nullable=False),
    Column("head_sha", Text, nullable=False),
    Column("base_ref", Text, nullable=False),
    Column("updated", Double, nullable=False),
    PrimaryKeyConstraint("repo", "number"),
)

#: Every head a look saw, and when first: what a comment can have meant.
heads = Table(
    "heads",
    metadata,
    Column("repo", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha", Text, nullable=False),
    Column("base_ref", Text, nullable=False),
    Column("seen", Double, nullable=False),
    PrimaryKeyConstraint("repo", "number", "sha", "base_ref"),
)

#: Our comments: one a topic.
comments = Table(
    "comments",
    metadata,
    Column("repo", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("comment_id", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("updated", Double, nullable=False),
    PrimaryKeyConstraint("repo", "number", "topic"),
)

#: Labels we put on: only these are ours to take off.
labels = Table(
    "labels",
    metadata,
    Column("repo", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("label", Text, nullable=False),
    PrimaryKeyConstraint("repo", "number", "label"),
)

#: What each look decided and why.
looks = Table(
    "looks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("seconds", Double, nullable=False),
    #: What led to it: ``pull_request opened``, ``notification`` …
    Column("hints", Text, nullable=False),
    #: JSON lists of lines.
    Column("reasons", Text, nullable=False),
    Column("effects", Text, nullable=False),
    Column("error", Text, nullable=False),
)

#: Webhook requests as they came.
deliveries = Table(
    "deliveries",
    metadata,
    Column("guid", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("repo", Text, nullable=False),
    Column("subject", Text, nullable=False),
    #: zlib-compressed, as the bytes that were signed.
    Column("payload", LargeBinary, nullable=False),
    Column("received", Double, nullable=False),
)

#: Heads a maintainer let be built; a revoked one is deleted, and stands in the audit.
approvals = Table(
    "approvals",
    metadata,
    Column("repo", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("user_id", BigInteger),
    Column("comment_kind", Text, nullable=False),
    Column("comment_id", BigInteger, nullable=False),
    Column("at", Double, nullable=False),
    PrimaryKeyConstraint("repo", "number", "sha", "base"),
)

#: Comments whose commands were obeyed or refused: never again.
obeyed = Table(
    "obeyed",
    metadata,
    Column("repo", Text, nullable=False),
    Column("comment_kind", Text, nullable=False),
    Column("comment_id", BigInteger, nullable=False),
    Column("at", Double, nullable=False),
    PrimaryKeyConstraint("repo", "comment_kind", "comment_id"),
)

#: Contexts of a head that a maintainer called skipped.
skips = Table(
    "skips",
    metadata,
    Column("repo", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha", Text, nullable=False),
    Column("context_key", Text, nullable=False),
    Column("by", Text, nullable=False),
    PrimaryKeyConstraint("repo", "number", "sha", "context_key"),
)

#: Authors an administrator trusts for good.
trusted = Table(
    "trusted",
    metadata,
    Column("repo", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("user_id", BigInteger),
    Column("by", Text, nullable=False),
    Column("at", Double, nullable=False),
    PrimaryKeyConstraint("repo", "login"),
)

#: Whose the logins of the settings were when somebody first asked; the id is null: nobody's.
accounts = Table(
    "accounts",
    metadata,
    #: In lower case.
    Column("login", Text, primary_key=True),
    Column("user_id", BigInteger),
    Column("at", Double, nullable=False),
)

#: Who asked for what, and what came of it.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("repo", Text, nullable=False),
    Column("number", Integer),
    Column("who", Text, nullable=False),
    Column("user_id", BigInteger),
    Column("what", Text, nullable=False),
    Column("sha", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("ref", Text, nullable=False),
    UniqueConstraint("repo", "ref"),
)

#: Watched branches, by the head whose push was handled last.
branches = Table(
    "branches",
    metadata,
    Column("repo", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("sha", Text, nullable=False),
    Column("updated", Double, nullable=False),
    PrimaryKeyConstraint("repo", "branch"),
)

#: News of branches: about to be sent while ``sent`` is null.
notices = Table(
    "notices",
    metadata,
    Column("build_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("repo", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("context_key", Text, nullable=False),
    Column("news", Text, nullable=False),
    Column("begun", Double, nullable=False),
    Column("sent", Double),
    PrimaryKeyConstraint("build_id", "channel"),
)

#: How far the sweeps of each repository have come.
swept_repos = Table(
    "swept_repos",
    metadata,
    Column("repo", Text, primary_key=True),
    #: By GitHub's clock.
    Column("mark", Double, nullable=False),
    #: A JSON list.
    Column("known", Text, nullable=False),
    Column("at", Double, nullable=False),
)

#: Open pull requests as the sweeps saw them.
swept_pulls = Table(
    "swept_pulls",
    metadata,
    Column("repo", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("head_sha", Text, nullable=False),
    Column("base_ref", Text, nullable=False),
    #: By GitHub's clock.
    Column("updated", Double, nullable=False),
    #: A JSON list.
    Column("lacking", Text, nullable=False),
    Column("is_left", Boolean, nullable=False),
    Column("at", Double, nullable=False),
    PrimaryKeyConstraint("repo", "number"),
)

#: Final statuses that GitHub showed for shas we have no build of: they count as done.
adopted = Table(
    "adopted",
    metadata,
    Column("repo", Text, nullable=False),
    Column("sha", Text, nullable=False),
    Column("context_key", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("target_url", Text, nullable=False),
    Column("updated", Double, nullable=False),
    PrimaryKeyConstraint("repo", "sha", "context_key"),
)

#: Tokens, by a digest, with which GitHub is to be left alone until then.
closings = Table(
    "closings",
    metadata,
    Column("token", Text, primary_key=True),
    Column("until", Double, nullable=False),
    #: The limit that was reached.
    Column("reason", Text, nullable=False),
)
