"""Pull requests, and issues as far as a pull request is one, as GitHub shows them."""

from leeroy_sandbox.github.model import Label, Pull, Repository
from leeroy_sandbox.github.render.people import Json, node_id, simple_user, stamp, user_of
from leeroy_sandbox.github.render.repositories import api_url, head_repository, html_url
from leeroy_sandbox.github.state import Absent, State


def label(state: State, repo: Repository, shown: Label) -> Json:
    """A label."""
    return {
        "id": shown.id,
        "node_id": node_id("LA", shown.id),
        "url": f"{api_url(state, repo)}/labels/{shown.name}",
        "name": shown.name,
        "color": shown.color,
        "default": False,
        "description": shown.description,
    }


def labels(state: State, repo: Repository, pull: Pull) -> list[Json]:
    """The labels on a pull request."""
    known = (repo.labels.get(name.lower()) for name in pull.labels)
    return [label(state, repo, found) for found in known if found]


def _stamp(seconds: int | None) -> str | None:
    return None if seconds is None else stamp(seconds)


def _side(state: State, owner: str, ref: str, sha: str, repo: Repository | None) -> Json:
    return {
        "label": f"{owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user_of(state, owner),
        "repo": head_repository(state, repo) if repo else None,
    }


def _head_repository(state: State, pull: Pull) -> Repository | None:
    try:
        return state.repository(pull.head_repo) if pull.head_repo is not None else None
    except Absent:
        return None


def simple_pull(state: State, repo: Repository, pull: Pull) -> Json:
    """A pull request as lists and reviews show it: nothing of mergeability, no counts."""
    url = f"{api_url(state, repo)}/pulls/{pull.number}"
    issue = f"{api_url(state, repo)}/issues/{pull.number}"
    page = f"{html_url(state, repo)}/pull/{pull.number}"
    statuses = f"{api_url(state, repo)}/statuses/{pull.head_sha}"
    return {
        "url": url,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "number": pull.number,
        "state": pull.state,
        "locked": pull.locked,
        "title": pull.title,
        "user": simple_user(state, state.account(pull.author)),
        "body": pull.body,
        "created_at": stamp(pull.created),
        "updated_at": stamp(pull.updated),
        "closed_at": _stamp(pull.closed),
        "merged_at": _stamp(pull.merged),
        "merge_commit_sha": pull.merge_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": labels(state, repo, pull),
        "milestone": None,
        "draft": pull.draft,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{api_url(state, repo)}/pulls/comments{{/number}}",
        "comments_url": f"{issue}/comments",
        "statuses_url": statuses,
        "head": _side(
            state, pull.head_owner, pull.head_ref, pull.head_sha, _head_repository(state, pull)
        ),
        "base": _side(state, repo.owner, pull.base_ref, pull.base_sha, repo),
        "_links": {
            "self": {"href": url},
            "html": {"href": page},
            "issue": {"href": issue},
            "comments": {"href": f"{issue}/comments"},
            "review_comments": {"href": f"{url}/comments"},
            "review_comment": {"href": f"{api_url(state, repo)}/pulls/comments{{/number}}"},
            "commits": {"href": f"{url}/commits"},
            "statuses": {"href": statuses},
        },
        "author_association": pull.association,
        "auto_merge": None,
        "active_lock_reason": None,
    }


def full_pull(state: State, repo: Repository, pull: Pull, mergeable: bool | None) -> Json:
    """A pull request by itself."""
    start = state.start_of(repo, pull)
    changed = repo.git.files(start, pull.head_sha)
    return simple_pull(state, repo, pull) | {
        "merged": pull.merged is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": _mergeable_state(repo, pull, mergeable),
        "merged_by": user_of(state, pull.merged_by),
        "comments": len(pull.comments),
        "review_comments": len(pull.review_comments),
        "maintainer_can_modify": pull.head_repo not in (None, repo.id),
        "commits": repo.git.count(start, pull.head_sha),
        "additions": sum(f.added or 0 for f in changed),
        "deletions": sum(f.removed or 0 for f in changed),
        "changed_files": len(changed),
    }


def _mergeable_state(repo: Repository, pull: Pull, mergeable: bool | None) -> str:
    if mergeable is None:
        return "unknown"
    if not mergeable:
        return "dirty"
    if pull.draft:
        return "draft"
    latest = {s.context.lower(): s.state for s in repo.statuses.get(pull.head_sha, ())}
    return "clean" if all(state == "success" for state in latest.values()) else "unstable"


def reactions(url: str, given: list[str]) -> Json:
    """How many reactions of each kind something got."""
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {
        "url": f"{url}/reactions",
        "total_count": len(given),
        **{kind: given.count(kind) for kind in kinds},
    }


def issue(state: State, repo: Repository, pull: Pull) -> Json:
    """A pull request as the issue it also is."""
    url = f"{api_url(state, repo)}/issues/{pull.number}"
    page = f"{html_url(state, repo)}/pull/{pull.number}"
    return {
        "url": url,
        "repository_url": api_url(state, repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": page,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "number": pull.number,
        "title": pull.title,
        "user": simple_user(state, state.account(pull.author)),
        "labels": labels(state, repo, pull),
        "state": pull.state,
        "locked": pull.locked,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(pull.comments),
        "created_at": stamp(pull.created),
        "updated_at": stamp(pull.updated),
        "closed_at": _stamp(pull.closed),
        "author_association": pull.association,
        "active_lock_reason": None,
        "draft": pull.draft,
        "pull_request": {
            "url": f"{api_url(state, repo)}/pulls/{pull.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": _stamp(pull.merged),
        },
        "body": pull.body,
        "reactions": reactions(url, []),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None,
        "state_reason": None,
    }
