"""Hooks and their delivery log as GitHub shows them."""

import json
from datetime import UTC, datetime

from leeroy_sandbox.github.deliveries import Delivery
from leeroy_sandbox.github.model import Hook
from leeroy_sandbox.github.render.people import Json, stamp
from leeroy_sandbox.github.state import State

#: Events a hook may ask for; "*" is all of them.
EVENTS = frozenset(
    [
        "*",
        "branch_protection_rule",
        "check_run",
        "check_suite",
        "code_scanning_alert",
        "commit_comment",
        "create",
        "delete",
        "deploy_key",
        "deployment",
        "deployment_status",
        "discussion",
        "discussion_comment",
        "fork",
        "gollum",
        "issue_comment",
        "issues",
        "label",
        "member",
        "membership",
        "merge_group",
        "meta",
        "milestone",
        "organization",
        "org_block",
        "package",
        "page_build",
        "project",
        "project_card",
        "project_column",
        "public",
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_review_thread",
        "push",
        "release",
        "repository",
        "repository_dispatch",
        "repository_import",
        "repository_vulnerability_alert",
        "secret_scanning_alert",
        "star",
        "status",
        "team",
        "team_add",
        "watch",
        "workflow_dispatch",
        "workflow_job",
        "workflow_run",
    ]
)


def hook_url(state: State, target: str, number: int) -> str:
    """Where a hook is on the API."""
    kind = "repos" if "/" in target else "orgs"
    return f"{state.url}/{kind}/{target}/hooks/{number}"


def config(hook: Hook) -> Json:
    """A hook's settings; a secret is never told."""
    hidden = {"secret": "********"} if hook.secret else {}
    return {
        "content_type": hook.content_type,
        "insecure_ssl": hook.insecure_ssl,
        "url": hook.url,
        **hidden,
    }


def hook_shape(state: State, target: str, hook: Hook) -> Json:
    """A hook."""
    url = hook_url(state, target, hook.id)
    shown: Json = {
        "type": hook.target_type.capitalize(),
        "id": hook.id,
        "name": "web",
        "active": hook.active,
        "events": list(hook.events),
        "config": config(hook),
        "updated_at": stamp(hook.updated),
        "created_at": stamp(hook.created),
        "url": url,
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
    }
    if hook.target_type == "repository":
        shown |= {
            "test_url": f"{url}/tests",
            "last_response": {
                "code": hook.last_code,
                "status": hook.last_status,
                "message": None if hook.last_code is None else hook.last_status,
            },
        }
    return shown


def delivery_item(delivery: Delivery) -> Json:
    """An attempt as the log lists it."""
    when = datetime.fromtimestamp(delivery.delivered, UTC)
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": when.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "redelivery": delivery.redelivery,
        "duration": delivery.duration,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": None,
        "repository_id": delivery.repository,
        "throttled_at": None,
    }


def delivery(shown: Delivery) -> Json:
    """An attempt by itself, with what was sent and what came back."""
    return delivery_item(shown) | {
        "url": shown.url,
        "request": {"headers": shown.headers, "payload": json.loads(shown.payload)},
        "response": {"headers": shown.response_headers, "payload": shown.response},
    }
