"""GitHub's JSON, turned into facts. A field that is missing or odd raises, and the caller says so."""

from datetime import datetime
from typing import Any

from leeroy.model import (
    Comment,
    CommentKind,
    Hook,
    OpenPull,
    Permission,
    PullRef,
    PullRequest,
    Status,
    StatusState,
)

#: Who GitHub shows as the author when the account is gone.
GHOST = "ghost"


def parse_pull(ref: PullRef, said: Any, *, read: float) -> PullRequest:
    """The answer of `GET /repos/{owner}/{repo}/pulls/{number}`, given at ``read``.

    ``ref`` stays what it was asked by, also when the repository has a new name since.
    """
    head, base = said["head"], said["base"]
    mergeable = said.get("mergeable")
    return PullRequest(
        ref=ref,
        url=said.get("html_url") or f"https://github.com/{ref.repo}/pull/{ref.number}",
        title=said.get("title") or "",
        body=said.get("body") or "",
        author=_login(said.get("user")),
        author_is_bot=_is_bot(said.get("user")),
        is_open=said["state"] == "open",
        is_merged=bool(said.get("merged")),
        is_draft=bool(said.get("draft")),
        labels=frozenset(label["name"] for label in said.get("labels") or ()),
        head_repo=_head_repo(ref, head.get("repo"), base["repo"]),
        head_ref=head["ref"],
        head_sha=head["sha"],
        base_ref=base["ref"],
        base_sha=base["sha"],
        has_conflict=None if mergeable is None else not mergeable,
        is_private=bool(base["repo"].get("private")),
        commit_count=int(said.get("commits") or 0),
        changed_files=int(said.get("changed_files") or 0),
        additions=int(said.get("additions") or 0),
        deletions=int(said.get("deletions") or 0),
        read=read,
    )


def parse_open_pull(repo: str, said: Any) -> OpenPull:
    """One entry of `GET /repos/{owner}/{repo}/pulls`."""
    return OpenPull(
        ref=PullRef(repo, int(said["number"])),
        head_sha=said["head"]["sha"],
        base_ref=said["base"]["ref"],
        updated=_epoch(said["updated_at"]),
    )


def parse_status(said: Any) -> Status:
    """One status of a combined status."""
    return Status(
        context=said["context"],
        state=StatusState(said["state"]),
        description=said.get("description") or "",
        target_url=said.get("target_url") or "",
    )


def parse_comment(repo: str, said: Any) -> Comment:
    """A comment on an issue; a pull request is one to GitHub.

    >>> said = {"id": 7, "body": "/test all", "user": {"login": "ann", "type": "User"},
    ...     "html_url": "https://github.com/acme/widgets/pull/12#issuecomment-7",
    ...     "issue_url": "https://api.github.com/repos/acme/widgets/issues/12",
    ...     "created_at": "2026-11-22T10:00:00Z", "updated_at": "2026-11-22T10:00:00Z"}
    >>> comment = parse_comment("acme/widgets", said)
    >>> str(comment.pull), comment.is_on_pull, comment.is_edited
    ('acme/widgets#12', True, False)
    """
    number = int(said["issue_url"].rstrip("/").rsplit("/", 1)[1])
    return Comment(
        id=int(said["id"]),
        pull=PullRef(repo, number),
        is_on_pull=f"/pull/{number}" in said["html_url"],
        author=_login(said.get("user")),
        author_is_bot=_is_bot(said.get("user")),
        body=said.get("body") or "",
        created=_epoch(said["created_at"]),
        updated=_epoch(said["updated_at"]),
    )


def parse_review_comment(pull: PullRef, said: Any) -> Comment:
    """A comment on the diff of a pull request."""
    return Comment(
        id=int(said["id"]),
        pull=pull,
        is_on_pull=said["pull_request_url"].endswith(f"/pulls/{pull.number}"),
        author=_login(said.get("user")),
        author_is_bot=_is_bot(said.get("user")),
        body=said.get("body") or "",
        created=_epoch(said["created_at"]),
        updated=_epoch(said["updated_at"]),
        kind=CommentKind.REVIEW_COMMENT,
        commit_id=said.get("commit_id") or "",
    )


def parse_review(pull: PullRef, said: Any) -> Comment:
    """The words of a review; GitHub does not say whether they were edited."""
    submitted = _epoch(said["submitted_at"])
    return Comment(
        id=int(said["id"]),
        pull=pull,
        is_on_pull=True,
        author=_login(said.get("user")),
        author_is_bot=_is_bot(said.get("user")),
        body=said.get("body") or "",
        created=submitted,
        updated=submitted,
        kind=CommentKind.REVIEW,
        commit_id=said.get("commit_id") or "",
    )


def parse_permission(said: Any) -> Permission:
    """What GitHub says a login may do; a word we do not know gives no right."""
    word = said["permission"]
    return Permission(word) if word in list(Permission) else Permission.NONE


def parse_hook(said: Any) -> Hook:
    """A webhook with its settings."""
    config = said.get("config") or {}
    return Hook(
        id=int(said["id"]),
        url=config.get("url") or "",
        events=frozenset(said.get("events") or ()),
        is_active=bool(said.get("active")),
        # GitHub's default where nobody set it.
        content_type=config.get("content_type") or "form",
        has_secret=bool(config.get("secret")),
    )


def _head_repo(ref: PullRef, head: Any, base: Any) -> str | None:
    if head is None:
        return None
    # By id: after a renaming GitHub says the new name, and we were asked by the old one.
    same = "id" in head and head["id"] == base.get("id")
    return ref.repo if same else str(head["full_name"])


def _login(user: Any) -> str:
    return str(user["login"]) if user else GHOST


def _is_bot(user: Any) -> bool:
    return bool(user) and user.get("type") == "Bot"


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
