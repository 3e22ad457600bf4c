"""Webhooks and their delivery log: https://docs.github.com/en/rest/repos/webhooks"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from leeroy_sandbox.github.api.access import View, needs
from leeroy_sandbox.github.api.answers import (
    Problem,
    answer,
    body,
    created,
    cursor_link,
    nothing,
    page_of,
)
from leeroy_sandbox.github.deliveries import Delivery
from leeroy_sandbox.github.hooks import check_hook, refused_hook
from leeroy_sandbox.github.model import Hook, Role
from leeroy_sandbox.github.render import hooks as shapes

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub

AREA = "webhooks"
READ_SCOPES = ("admin:repo_hook", "write:repo_hook", "read:repo_hook")
WRITE_SCOPES = ("admin:repo_hook", "write:repo_hook")
ORG_SCOPE = "admin:org_hook"


def blueprint(github: "GitHub") -> Blueprint:
    """Hooks of repositories and of organizations."""
    routes = Blueprint("hooks", __name__)
    reading = needs(AREA, write=False, role=Role.ADMIN, scopes=READ_SCOPES)
    writing = needs(AREA, role=Role.ADMIN, scopes=WRITE_SCOPES)

    def both(rule: str, method: str, allowed: Callable[[View], View]) -> Callable[[View], View]:
        """The same view for a repository's hooks and an organization's."""

        def register(view: View) -> View:
            marked = allowed(view)
            for prefix in ("/repos/<owner>/<name>/hooks", "/orgs/<org>/hooks"):
                routes.add_url_rule(prefix + rule, view_func=marked, methods=[method])
            return marked

        return register

    def target(org: str | None) -> str:
        if org is None:
            return str(g.repo.full_name)
        token = g.caller.token
        member = github.account(org).members.get(g.caller.name.lower(), ("", ""))
        if token is None or ORG_SCOPE not in token.scopes or member != ("admin", "active"):
            raise Problem(404, "Not Found")
        return org

    def shown(where: str, hook: Hook) -> dict[str, Any]:
        return shapes.hook_shape(github, where, hook)

    @both("", "GET", reading)
    def listed(org: str | None = None) -> Response:
        where = target(org)
        page, link = page_of(github.hooks_of(where))
        return answer([shown(where, hook) for hook in page], headers=link)

    @both("", "POST", writing)
    def create(org: str | None = None) -> Response:
        where, data = target(org), body()
        if data.get("name", "web") != "web":
            raise refused_hook("name is not web", field="name")
        config = data.get("config") or {}
        number = github.add_hook(
            where,
            config.get("url") or "",
            config.get("secret"),
            data.get("events", ["push"]),
            config.get("content_type", "form"),
            active=data.get("active", True),
            insecure_ssl=str(config.get("insecure_ssl", "0")),
        )
        return created(shown(where, github.hook(where, number)))

    @both("/<int:number>", "GET", reading)
    def one(number: int, org: str | None = None) -> Response:
        where = target(org)
        return answer(shown(where, github.hook(where, number)))

    @both("/<int:number>", "PATCH", writing)
    def change(number: int, org: str | None = None) -> Response:
        where, data = target(org), body()
        hook = github.hook(where, number)
        events = list(data.get("events", hook.events)) + list(data.get("add_events", []))
        gone = data.get("remove_events", [])
        check_hook(hook.url, events, hook.content_type)
        hook.events = tuple(e for e in dict.fromkeys(events) if e not in gone)
        hook.active = data.get("active", hook.active)
        if "config" in data:
            # What is not said again is lost here, the secret above all.
            set_config(hook, {"secret": None, **data["config"]})
        hook.updated = github.now()
        return answer(shown(where, hook))

    @both("/<int:number>", "DELETE", writing)
    def delete(number: int, org: str | None = None) -> Response:
        github.remove_hook(target(org), number)
        return nothing()

    @both("/<int:number>/config", "GET", reading)
    def config(number: int, org: str | None = None) -> Response:
        return answer(shapes.config(github.hook(target(org), number)))

    @both("/<int:number>/config", "PATCH", writing)
    def change_config(number: int, org: str | None = None) -> Response:
        hook = github.hook(target(org), number)
        set_config(hook, body())
        hook.updated = github.now()
        return answer(shapes.config(hook))

    @both("/<int:number>/pings", "POST", reading)
    def ping(number: int, org: str | None = None) -> Response:
        github.ping(target(org), number)
        return nothing()

    @routes.post("/repos/<owner>/<name>/hooks/<int:number>/tests")
    @reading
    def test(number: int) -> Response:
        """Send the latest push again; nothing at all to a hook that does not want pushes."""
        hook = github.hook(g.repo.full_name, number)
        github.test_hook(g.repo, hook)
        return nothing()

    @both("/<int:number>/deliveries", "GET", reading)
    def deliveries(number: int, org: str | None = None) -> Response:
        hook = github.hook(target(org), number)
        found = github.deliveries.log(hook.id)[::-1]
        asked = request.args.get("status")
        if asked:
            # Attempts nobody answered have no code and are on neither list.
            low, high = {"success": (200, 399), "failure": (400, 599)}.get(asked, (1, 0))
            found = [d for d in found if low <= d.status_code <= high]
        return log_page(found)

    def log_page(found: list[Delivery]) -> Response:
        size = min(int(request.args.get("per_page", 30)), 100)
        cursor = request.args.get("cursor")
        if cursor is not None:
            if not cursor.removeprefix("v1_").isdigit():
                raise Problem(400, "Invalid cursor")
            found = [d for d in found if d.id <= int(cursor.removeprefix("v1_"))]
        following = f"v1_{found[size].id}" if len(found) > size else None
        page = [shapes.delivery_item(d) for d in found[:size]]
        return answer(page, headers=cursor_link(following))

    def attempt(number: int, org: str | None, delivery: int) -> Delivery:
        hook = github.hook(target(org), number)
        for found in github.deliveries.log(hook.id):
            if found.id == delivery:
                return found
        raise Problem(404, "Not Found")

    @both("/<int:number>/deliveries/<int:delivery>", "GET", reading)
    def delivery(number: int, delivery: int, org: str | None = None) -> Response:
        return answer(shapes.delivery(attempt(number, org, delivery)))

    @both("/<int:number>/deliveries/<int:delivery>/attempts", "POST", writing)
    def again(number: int, delivery: int, org: str | None = None) -> Response:
        found = attempt(number, org, delivery)
        github.redeliver(found.guid, found.hook.id)
        return answer({}, 202)

    return routes


def set_config(hook: Hook, config: dict[str, Any]) -> None:
    """Take over the settings that are said."""
    url = config.get("url", hook.url)
    content_type = config.get("content_type", hook.content_type)
    check_hook(url, hook.events, content_type)
    hook.url, hook.content_type = url, content_type
    hook.insecure_ssl = str(config.get("insecure_ssl", hook.insecure_ssl))
    if "secret" in config:
        hook.secret = config["secret"] or None
