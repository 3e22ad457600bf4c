"""Accounts, organizations and memberships as GitHub shows them."""

import base64
from datetime import UTC, datetime
from typing import Any

from leeroy_sandbox.github.model import Account
from leeroy_sandbox.github.state import State

Json = dict[str, Any]


def stamp(seconds: int) -> str:
    """A time as GitHub writes it.

    >>> stamp(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(kind: str, number: int | str) -> str:
    """An opaque name for GraphQL.

    >>> node_id("PR", 7)
    'PR_Nw'
    """
    return f"{kind}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


def simple_user(state: State, account: Account) -> Json:
    """An account as it appears inside everything else."""
    api = f"{state.url}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": f"{state.url}/avatars/u/{account.id}?v=4",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{state.url}/{account.login}",
        "followers_url": f"{api}/followers",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions",
        "organizations_url": f"{api}/orgs",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": account.type.value,
        "user_view_type": "public",
        "site_admin": False,
    }


def user_of(state: State, login: str | None) -> Json | None:
    """The account of a login; null where there is none."""
    return simple_user(state, state.account(login)) if login else None


def public_user(state: State, account: Account) -> Json:
    """An account by itself, to strangers."""
    return simple_user(state, account) | {
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": account.email,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": stamp(account.created),
        "updated_at": stamp(account.created),
    }


def private_user(state: State, account: Account) -> Json:
    """An account by itself, to itself."""
    return public_user(state, account) | {
        "user_view_type": "private",
        "private_gists": 0,
        "total_private_repos": 0,
        "owned_private_repos": 0,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
        "plan": {"name": "free", "space": 976562499, "collaborators": 0, "private_repos": 10000},
    }


def organization(state: State, account: Account) -> Json:
    """An organization as payloads and memberships show it."""
    api = f"{state.url}/orgs/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("O", account.id),
        "url": api,
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events",
        "hooks_url": f"{api}/hooks",
        "issues_url": f"{api}/issues",
        "members_url": f"{api}/members{{/member}}",
        "public_members_url": f"{api}/public_members{{/member}}",
        "avatar_url": f"{state.url}/avatars/u/{account.id}?v=4",
        "description": "",
    }


def org_membership(state: State, owner: Account, member: Account) -> Json:
    """What an account is in an organization."""
    role, standing = owner.members[member.login.lower()]
    return {
        "url": f"{state.url}/orgs/{owner.login}/memberships/{member.login}",
        "state": standing,
        "role": role,
        "organization_url": f"{state.url}/orgs/{owner.login}",
        "organization": organization(state, owner),
        "user": simple_user(state, member),
        "permissions": {"can_create_repository": role == "admin"},
    }
