"""Repositories as GitHub shows them: short, whole, and as payloads carry them."""

from typing import Any

from leeroy_sandbox.github.model import AccountType, Repository, Role
from leeroy_sandbox.github.render.people import Json, node_id, organization, simple_user, stamp
from leeroy_sandbox.github.state import State

#: Under the repository's own URL: key -> what follows.
LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def api_url(state: State, repo: Repository) -> str:
    """Where a repository is on the API."""
    return f"{state.url}/repos/{repo.full_name}"


def html_url(state: State, repo: Repository) -> str:
    """Where people would see it."""
    return f"{state.url}/{repo.full_name}"


def minimal_repository(state: State, repo: Repository) -> Json:
    """What is told of a repository inside other things."""
    url = api_url(state, repo)
    return {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "owner": simple_user(state, state.account(repo.owner)),
        "html_url": html_url(state, repo),
        "description": repo.description,
        "fork": repo.parent is not None,
        "url": url,
        **{key: url + rest for key, rest in LINKS.items()},
    }


def repository(state: State, repo: Repository) -> Json:
    """A repository as pull requests and payloads carry it."""
    open_pulls = sum(pull.state == "open" for pull in repo.pulls.values())
    forks = sum(other.parent == repo.id for other in state.repositories())
    page = html_url(state, repo)
    return minimal_repository(state, repo) | {
        "created_at": stamp(repo.created),
        "updated_at": stamp(repo.updated),
        "pushed_at": stamp(repo.pushed),
        "git_url": f"git://127.0.0.1/{repo.full_name}.git",
        "ssh_url": f"git@127.0.0.1:{repo.full_name}.git",
        # Whoever clones what the payload says gets the real repository, without a git server.
        "clone_url": state.git_path(repo.full_name).absolute().as_uri(),
        "svn_url": page,
        "homepage": None,
        "size": 1,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": None,
        "has_issues": repo.has_issues,
        "has_projects": True,
        "has_downloads": True,
        "has_wiki": True,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": forks,
        "mirror_url": None,
        "archived": repo.archived,
        "disabled": False,
        "open_issues_count": open_pulls,
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if repo.private else "public",
        "forks": forks,
        "open_issues": open_pulls,
        "watchers": 0,
        "default_branch": repo.default_branch,
    }


def head_repository(state: State, repo: Repository) -> Json:
    """A repository at either end of a pull request; GitHub adds how it may be merged."""
    return repository(state, repo) | {
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
        "allow_update_branch": False,
        "use_squash_pr_title_as_default": False,
        "squash_merge_commit_message": "COMMIT_MESSAGES",
        "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
        "merge_commit_message": "PR_TITLE",
        "merge_commit_title": "MERGE_MESSAGE",
    }


def full_repository(state: State, repo: Repository, login: str | None) -> Json:
    """A repository by itself, to somebody."""
    role = state.role(repo, login)
    whole = head_repository(state, repo) | {
        "permissions": {
            "admin": role.covers(Role.ADMIN),
            "maintain": role.covers(Role.MAINTAIN),
            "push": role.covers(Role.WRITE),
            "triage": role.covers(Role.TRIAGE),
            "pull": role.covers(Role.READ),
        },
        "temp_clone_token": None,
        "network_count": sum(other.network == repo.network for other in state.repositories()) - 1,
        "subscribers_count": 0,
    }
    owner = state.account(repo.owner)
    if owner.type is AccountType.ORGANIZATION:
        whole["organization"] = simple_user(state, owner)
    if repo.parent is not None:
        parent = repository(state, state.repository(repo.parent))
        whole |= {"parent": parent, "source": parent}
    return whole


def webhook_repository(state: State, repo: Repository) -> Json:
    """A repository as payloads other than push carry it."""
    return repository(state, repo) | {"custom_properties": {}}


def push_repository(state: State, repo: Repository) -> Json:
    """A repository as a push carries it: times in seconds, its owner by name and e-mail."""
    owner = state.account(repo.owner)
    return webhook_repository(state, repo) | {
        "owner": {
            "name": owner.login,
            "email": owner.email,
            **simple_user(state, owner),
        },
        "created_at": repo.created,
        "pushed_at": repo.pushed,
        "stargazers": 0,
        "master_branch": repo.default_branch,
        **({"organization": owner.login} if owner.type is AccountType.ORGANIZATION else {}),
    }


def organization_of(state: State, repo: Repository) -> Json:
    """The `organization` key of a payload; nothing for a person's repository."""
    owner = state.account(repo.owner)
    return (
        {"organization": organization(state, owner)}
        if owner.type is AccountType.ORGANIZATION
        else {}
    )


def branch(state: State, repo: Repository, name: str, *, whole: Any = None) -> Json:
    """A branch; `whole` is its commit in full where it is shown by itself."""
    sha = repo.branches[name]
    short = {"sha": sha, "url": f"{api_url(state, repo)}/commits/{sha}"}
    shown: Json = {"name": name, "commit": whole or short, "protected": False}
    if whole:
        url = f"{api_url(state, repo)}/branches/{name}"
        shown |= {
            "_links": {"self": url, "html": f"{html_url(state, repo)}/tree/{name}"},
            "protection": {"enabled": False},
            "protection_url": f"{url}/protection",
        }
    return shown
