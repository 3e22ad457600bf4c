"""Comments, reviews, reactions and statuses as GitHub shows them."""

from leeroy_sandbox.github.model import Comment, Pull, Repository, Review, Status
from leeroy_sandbox.github.render.people import Json, node_id, simple_user, stamp, user_of
from leeroy_sandbox.github.render.pulls import reactions
from leeroy_sandbox.github.render.repositories import api_url, html_url, minimal_repository
from leeroy_sandbox.github.state import State


def comment(state: State, repo: Repository, pull: Pull, shown: Comment) -> Json:
    """A comment on the conversation."""
    url = f"{api_url(state, repo)}/issues/comments/{shown.id}"
    page = f"{html_url(state, repo)}/pull/{pull.number}"
    return {
        "url": url,
        "html_url": f"{page}#issuecomment-{shown.id}",
        "issue_url": f"{api_url(state, repo)}/issues/{pull.number}",
        "id": shown.id,
        "node_id": node_id("IC", shown.id),
        "user": user_of(state, shown.login),
        "created_at": stamp(shown.created),
        "updated_at": stamp(shown.updated),
        "body": shown.body,
        "author_association": state.association(repo, shown.login),
        "reactions": reactions(url, [content for _, content in shown.reactions]),
        "performed_via_github_app": None,
        "minimized": None,
        "pin": None,
    }


def review_comment(state: State, repo: Repository, pull: Pull, shown: Comment) -> Json:
    """A comment on the diff."""
    url = f"{api_url(state, repo)}/pulls/comments/{shown.id}"
    pull_url = f"{api_url(state, repo)}/pulls/{pull.number}"
    page = f"{html_url(state, repo)}/pull/{pull.number}#discussion_r{shown.id}"
    return {
        "url": url,
        "pull_request_review_id": shown.review,
        "id": shown.id,
        "node_id": node_id("PRRC", shown.id),
        "diff_hunk": f"@@ -{shown.original_line},1 +{shown.original_line},1 @@",
        "path": shown.path,
        "commit_id": shown.sha,
        "original_commit_id": shown.original_sha,
        "user": user_of(state, shown.login),
        "body": shown.body,
        "created_at": stamp(shown.created),
        "updated_at": stamp(shown.updated),
        "html_url": page,
        "pull_request_url": pull_url,
        "author_association": state.association(repo, shown.login),
        "_links": {
            "self": {"href": url},
            "html": {"href": page},
            "pull_request": {"href": pull_url},
        },
        "reactions": reactions(url, [content for _, content in shown.reactions]),
        "start_line": None,
        "original_start_line": None,
        "start_side": None,
        "line": shown.line,
        "original_line": shown.original_line,
        "side": "RIGHT",
        "position": shown.line,
        "original_position": shown.original_line,
        "subject_type": "line",
    }


def review(state: State, repo: Repository, pull: Pull, shown: Review) -> Json:
    """A review, its state in lower case as payloads have it; the API's answers shout it."""
    page = f"{html_url(state, repo)}/pull/{pull.number}#pullrequestreview-{shown.id}"
    pull_url = f"{api_url(state, repo)}/pulls/{pull.number}"
    return {
        "id": shown.id,
        "node_id": node_id("PRR", shown.id),
        "user": user_of(state, shown.login),
        "body": shown.body,
        "commit_id": shown.sha,
        "submitted_at": stamp(shown.submitted),
        "updated_at": stamp(shown.submitted),
        "state": shown.state,
        "html_url": page,
        "pull_request_url": pull_url,
        "author_association": state.association(repo, shown.login),
        "_links": {"html": {"href": page}, "pull_request": {"href": pull_url}},
    }


def reaction(state: State, number: int, login: str, content: str, when: int) -> Json:
    """A reaction."""
    return {
        "id": number,
        "node_id": node_id("REA", number),
        "user": user_of(state, login),
        "content": content,
        "created_at": stamp(when),
    }


def simple_status(state: State, repo: Repository, shown: Status) -> Json:
    """A status inside the combined one."""
    return {
        "url": f"{api_url(state, repo)}/statuses/{shown.sha}",
        "avatar_url": f"{state.url}/avatars/u/{state.account(shown.creator).id}?v=4",
        "id": shown.id,
        "node_id": node_id("SC", shown.id),
        "state": shown.state,
        "description": shown.description,
        "target_url": shown.target_url,
        "context": shown.context,
        "created_at": stamp(shown.created),
        "updated_at": stamp(shown.created),
    }


def status(state: State, repo: Repository, shown: Status) -> Json:
    """A status by itself."""
    creator = simple_user(state, state.account(shown.creator))
    return simple_status(state, repo, shown) | {"creator": creator}


def combined_status(
    state: State, repo: Repository, sha: str, latest: list[Status], shown: list[Status]
) -> Json:
    """What the latest status of every context comes to; `shown` are those of one page."""
    states = {one.state for one in latest}
    if states & {"failure", "error"}:
        said = "failure"
    else:
        said = "success" if states == {"success"} else "pending"
    url = f"{api_url(state, repo)}/commits/{sha}"
    return {
        "state": said,
        "statuses": [simple_status(state, repo, one) for one in shown],
        "sha": sha,
        "total_count": len(latest),
        "repository": minimal_repository(state, repo),
        "commit_url": url,
        "url": f"{url}/status",
    }
