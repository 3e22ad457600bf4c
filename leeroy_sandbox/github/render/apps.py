"""Apps, their installations and tokens, as GitHub shows them."""

from typing import TYPE_CHECKING

from leeroy_sandbox.github.model import AccountType, App, Installation, Token
from leeroy_sandbox.github.render.people import Json, node_id, simple_user, stamp

if TYPE_CHECKING:
    from leeroy_sandbox.github.apps import Apps

EVENTS = ("check_run", "issue_comment", "merge_group", "pull_request", "push")


def app(state: "Apps", shown: App) -> Json:
    """An app, as it sees itself."""
    return {
        "id": shown.id,
        "client_id": shown.client_id,
        "slug": shown.slug,
        "node_id": node_id("A", shown.id),
        "owner": simple_user(state, state.account_by_id(shown.owner)),
        "name": shown.slug,
        "description": None,
        "external_url": "https://example.com",
        "html_url": f"{state.url}/apps/{shown.slug}",
        "created_at": stamp(shown.created),
        "updated_at": stamp(shown.created),
        "permissions": shown.permissions,
        "events": list(EVENTS),
        "installations_count": sum(one.app == shown.id for one in state.installations()),
    }


def installation(state: "Apps", of: App, shown: Installation) -> Json:
    """Where an app is installed."""
    account = state.account_by_id(shown.account)
    is_org = account.type is AccountType.ORGANIZATION
    return {
        "id": shown.id,
        "account": simple_user(state, account),
        "repository_selection": shown.selection,
        "access_tokens_url": f"{state.url}/app/installations/{shown.id}/access_tokens",
        "repositories_url": f"{state.url}/installation/repositories",
        "html_url": f"{state.url}/settings/installations/{shown.id}",
        "app_id": of.id,
        "client_id": of.client_id,
        "app_slug": of.slug,
        "target_id": account.id,
        "target_type": "Organization" if is_org else "User",
        "permissions": of.permissions,
        "events": list(EVENTS),
        "created_at": stamp(shown.created),
        "updated_at": stamp(shown.created),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": None if shown.suspended is None else stamp(shown.suspended),
    }


def token(shown: Token, of: Installation) -> Json:
    """A new token of an installation."""
    return {
        "token": shown.text,
        "expires_at": stamp(shown.expires or 0),
        "permissions": shown.permissions,
        "repository_selection": of.selection,
    }
