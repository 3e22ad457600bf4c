"""GitHub's JSON, turned into facts. A field that is missing or odd raises; the caller says so."""

from datetime import datetime
from typing import Any

from leeroy import shapes
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
#: What the databases have room for; GitHub is far from there.
LARGEST_NUMBER = 2**31 - 1


def parse_pull(ref: PullRef, said: Any, *, read: float) -> PullRequest:
    """The answer of `GET /repos/{owner}/{repo}/pulls/{number}`, given at ``read``.

    ``ref`` stays what it was asked by, also when the repository has a new name since.
    """
    head, base = said["head"], said["base"]
    mergeable = said.get("mergeable")
    return PullRequest(
        ref=ref,
        url=shapes.words(said.get("html_url"))
        or f"https://github.com/{ref.repo}/pull/{ref.number}",
        title=shapes.words(said.get("title")),
        body=shapes.words(said.get("body")),
        author=_login(said.get("user")),
        author_is_bot=_is_bot(said.get("user")),
        author_id=_user_id(said.get("user")),
        is_open=shapes.text(said["state"]) == "open",
        is_merged=shapes.flag(said.get("merged")),
        is_draft=shapes.flag(said.get("draft")),
        labels=frozenset(shapes.text(label["name"]) for label in shapes.some(said.get("labels"))),
        head_repo=_head_repo(ref, head.get("repo"), base["repo"]),
        head_ref=shapes.text(head["ref"]),
        head_sha=shapes.text(head["sha"]),
        base_ref=shapes.text(base["ref"]),
        base_sha=shapes.text(base["sha"]),
        has_conflict=None if mergeable is None else not shapes.flag(mergeable),
        is_private=shapes.flag(base["repo"].get("private")),
        commit_count=shapes.count(said.get("commits")),
        changed_files=shapes.count(said.get("changed_files")),
        additions=shapes.count(said.get("additions")),
        deletions=shapes.count(said.get("deletions")),
        updated=_epoch(said["updated_at"]),
        read=read,
        repo_id=shapes.id_number(base["repo"].get("id") or 0),
        repo_name=shapes.words(base["repo"].get("full_name")),
    )


def parse_open_pull(repo: str, said: Any) -> OpenPull:
    """One entry of `GET /repos/{owner}/{repo}/pulls`."""
    return OpenPull(
        ref=PullRef(repo, shapes.number(said["number"])),
        head_sha=shapes.text(said["head"]["sha"]),
        base_ref=shapes.text(said["base"]["ref"]),
        updated=_epoch(said["updated_at"]),
    )


def parse_status(said: Any) -> Status:
    """One status of a combined status."""
    return Status(
        context=shapes.text(said["context"]),
        state=shapes.one_of(StatusState, said["state"]),
        description=shapes.words(said.get("description")),
        target_url=shapes.words(said.get("target_url")),
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
    number = _last_number(said["issue_url"])
    return Comment(
        id=shapes.id_number(said["id"]),
        pull=PullRef(repo, number),
        is_on_pull=f"/pull/{number}" in shapes.text(said["html_url"]),
        author=_login(said.get("user")),
        author_is_bot=_is_bot(said.get("user")),
        author_id=_user_id(said.get("user")),
        body=shapes.words(said.get("body")),
        created=_epoch(said["created_at"]),
        updated=_epoch(said["updated_at"]),
    )


def parse_review_comment(pull: PullRef, said: Any) -> Comment:
    """A comment on the diff of a pull request."""
    return Comment(
        id=shapes.id_number(said["id"]),
        pull=pull,
        is_on_pull=shapes.text(said["pull_request_url"]).endswith(f"/pulls/{pull.number}"),
        author=_login(said.get("user")),
        author_is_bot=_is_bot(said.get("user")),
        author_id=_user_id(said.get("user")),
        body=shapes.words(said.get("body")),
        created=_epoch(said["created_at"]),
        updated=_epoch(said["updated_at"]),
        kind=CommentKind.REVIEW_COMMENT,
        # GitHub moves commit_id along with every push that leaves the line standing; this one
        # stays the commit its author was looking at.
        commit_id=shapes.text(said["original_commit_id"]),
    )


def parse_review(pull: PullRef, said: Any) -> Comment:
    """The words of a review; GitHub does not say whether they were edited."""
    submitted = _epoch(said["submitted_at"])
    return Comment(
        id=shapes.id_number(said["id"]),
        pull=pull,
        is_on_pull=True,
        author=_login(said.get("user")),
        author_is_bot=_is_bot(said.get("user")),
        author_id=_user_id(said.get("user")),
        body=shapes.words(said.get("body")),
        created=submitted,
        updated=submitted,
        kind=CommentKind.REVIEW,
        commit_id=shapes.words(said.get("commit_id")),
    )


def is_submitted(said: Any) -> bool:
    """A review that was said; of a draft, which only its author sees, GitHub tells no time."""
    shapes.id_number(said["id"])
    return said.get("submitted_at") is not None


def parse_permission(said: Any) -> Permission:
    """What GitHub says a login may do, in the words it documents and no others."""
    return shapes.one_of(Permission, said["permission"])


def parse_membership(said: Any) -> bool:
    """A membership of a team that counts; one that was only offered does not."""
    return {"active": True, "pending": False}[shapes.text(said["state"])]


def parse_hook(said: Any) -> Hook:
    """A webhook with its settings."""
    config = said.get("config") or {}
    return Hook(
        id=shapes.id_number(said["id"]),
        url=shapes.words(config.get("url")),
        events=frozenset(shapes.text(event) for event in shapes.some(said.get("events"))),
        is_active=shapes.flag(said.get("active")),
        # GitHub's default where nobody set it.
        content_type=shapes.words(config.get("content_type")) or "form",
        has_secret=bool(shapes.words(config.get("secret"))),
    )


def login_of(said: Any) -> str:
    """Who made something; ``ghost`` where the account is gone."""
    return _login(said.get("creator"))


def _head_repo(ref: PullRef, head: Any, base: Any) -> str | None:
    if head is None:
        return None
    # By id: after a renaming GitHub says the new name, and we were asked by the old one.
    same = "id" in head and head["id"] == base.get("id")
    return ref.repo if same else shapes.text(head["full_name"])


def _login(user: Any) -> str:
    return GHOST if user is None else shapes.text(user["login"])


def _is_bot(user: Any) -> bool:
    return user is not None and bool(user.get("type") == "Bot")


def _user_id(user: Any) -> int | None:
    """The account, whatever it is called now; without one nobody is trusted by it."""
    return shapes.id_number(user["id"]) if user is not None and "id" in user else None


def _last_number(url: object) -> int:
    """The number that an address ends in."""
    digits = shapes.text(url).rstrip("/").rpartition("/")[2]
    return shapes.number(int(digits) if len(digits) < 20 else None)


def _epoch(written: object) -> float:
    """A date and time in epoch seconds."""
    when = datetime.fromisoformat(shapes.text(written)[:40])
    if when.tzinfo is None:
        raise ValueError("a time of nowhere")
    return when.timestamp()
