"""What webhooks say of an event, beside the keys all of them have."""

from collections.abc import Sequence
from typing import Any

from leeroy_sandbox.gitformat import NO_SHA
from leeroy_sandbox.github.model import Account, Comment, Label, Pull, Repository, Review, Status
from leeroy_sandbox.github.render import conversation, history, pulls
from leeroy_sandbox.github.render.people import Json, stamp
from leeroy_sandbox.github.render.repositories import branch, html_url, push_repository
from leeroy_sandbox.github.state import State

#: A push names no more commits than this.
MOST_COMMITS = 2048
#: A status names no more branches than this.
MOST_BRANCHES = 10


def push(
    state: State,
    repo: Repository,
    ref: str,
    before: str,
    after: str,
    new: Sequence[str],
    pusher: Account,
) -> Json:
    """A ref moved from one sha to another; `new` are the commits nobody had pushed before."""
    created, deleted = before == NO_SHA, after == NO_SHA
    commits = _pushed(state, repo, ref, before, after, new)
    forced = not created and not deleted and not repo.git.is_ancestor(before, after)
    page = f"{html_url(state, repo)}/compare"
    span = f"{before[:12]}...{after[:12]}" if not created and not deleted else ref.split("/", 2)[2]
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "repository": push_repository(state, repo),
        "pusher": {"name": pusher.login, "email": pusher.email},
        "created": created,
        "deleted": deleted,
        "forced": forced,
        "base_ref": None,
        "compare": f"{page}/{span}",
        "commits": commits,
        "head_commit": None if deleted else _shown(state, repo, [after], new)[0],
    }


def _pushed(
    state: State, repo: Repository, ref: str, before: str, after: str, new: Sequence[str]
) -> list[Json]:
    if after == NO_SHA or ref.startswith("refs/tags/"):
        return []
    if before == NO_SHA:
        shas = list(new)
    else:
        printed = repo.git.run("rev-list", "--reverse", "--topo-order", after, f"^{before}")
        shas = printed.decode().split()
    return _shown(state, repo, shas[-MOST_COMMITS:], new)


def _shown(state: State, repo: Repository, shas: Sequence[str], new: Sequence[str]) -> list[Json]:
    if not shas:
        return []
    names = repo.git.names_of(shas)
    fresh = set(new)
    found = {c.sha: c for c in repo.git.commits("--no-walk=unsorted", *shas)}
    return [history.push_commit(state, repo, found[sha], names[sha], sha in fresh) for sha in shas]


def create(repo: Repository, ref: str, kind: str) -> Json:
    """A branch or tag came into being; here `ref` is the short name."""
    return {
        "ref": ref,
        "ref_type": kind,
        "master_branch": repo.default_branch,
        "description": repo.description,
        "pusher_type": "user",
    }


def delete(ref: str, kind: str) -> Json:
    """A branch or tag is gone."""
    return {"ref": ref, "ref_type": kind, "pusher_type": "user"}


def pull_request(
    state: State, repo: Repository, pull: Pull, mergeable: bool | None, more: Json
) -> Json:
    """Something happened to a pull request; `more` is what the action adds."""
    return {
        "number": pull.number,
        "pull_request": pulls.full_pull(state, repo, pull, mergeable),
        **more,
    }


def issue_comment(state: State, repo: Repository, pull: Pull, comment: Comment) -> Json:
    """A comment on the conversation: `issue.pull_request` tells it from one on an issue."""
    return {
        "issue": pulls.issue(state, repo, pull),
        "comment": conversation.comment(state, repo, pull, comment),
    }


def review(state: State, repo: Repository, pull: Pull, shown: Review) -> Json:
    """A review: the pull request in its short form."""
    return {
        "review": conversation.review(state, repo, pull, shown),
        "pull_request": pulls.simple_pull(state, repo, pull),
    }


def review_comment(state: State, repo: Repository, pull: Pull, comment: Comment) -> Json:
    """A comment on the diff."""
    return {
        "comment": conversation.review_comment(state, repo, pull, comment),
        "pull_request": pulls.simple_pull(state, repo, pull),
    }


def status(state: State, repo: Repository, shown: Status) -> Json:
    """A commit status was posted."""
    heads = [name for name, sha in repo.branches.items() if sha == shown.sha]
    told: dict[str, Any] = {
        "id": shown.id,
        "sha": shown.sha,
        "name": repo.full_name,
        "avatar_url": f"{state.url}/avatars/u/{state.account(shown.creator).id}?v=4",
        "target_url": shown.target_url,
        "context": shown.context,
        "description": shown.description,
        "state": shown.state,
        "commit": history.commit(state, repo, repo.git.commit(shown.sha)),
        "branches": [branch(state, repo, name) for name in heads[:MOST_BRANCHES]],
        "created_at": stamp(shown.created),
        "updated_at": stamp(shown.created),
    }
    return told


def label(state: State, repo: Repository, shown: Label) -> Json:
    """A label of the repository came into being, changed or went."""
    return {"label": pulls.label(state, repo, shown)}
