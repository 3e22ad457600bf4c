"""The caller, organizations, rate limits, and what GitHub says of itself.

https://docs.github.com/en/rest/users/users?apiVersion=2022-11-28
"""

from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect
from werkzeug.wrappers import Response

from leeroy_sandbox.github.api.answers import Problem, answer, nothing, page_of
from leeroy_sandbox.github.model import Account, AccountType, TokenKind
from leeroy_sandbox.github.render import people, repositories

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub


def blueprint(github: "GitHub") -> Blueprint:
    """Who is who."""
    routes = Blueprint("people", __name__)

    @routes.get("/user")
    def user() -> Response:
        token = g.caller.token
        if token is None:
            raise Problem(401, "Requires authentication")
        if token.kind is TokenKind.INSTALLATION:
            raise Problem(403, "Resource not accessible by integration")
        return answer(people.private_user(github, github.account(token.login)))

    @routes.get("/user/repos")
    def user_repos() -> Response:
        token = g.caller.token
        if token is None:
            raise Problem(401, "Requires authentication")
        if token.kind is TokenKind.INSTALLATION:
            raise Problem(403, "Resource not accessible by integration")
        owned = [
            repo
            for repo in github.repositories()
            if repo.owner.lower() == token.login.lower()
            or token.login.lower() in repo.roles
            or token.login.lower() in github.account(repo.owner).members
        ]
        page, link = page_of(sorted(owned, key=lambda repo: repo.full_name))
        shown = [repositories.full_repository(github, repo, token.login) for repo in page]
        return answer(shown, headers=link)

    @routes.get("/users/<login>")
    def user_by_login(login: str) -> Response:
        return answer(people.public_user(github, github.account(login)))

    @routes.get("/orgs/<org>/members/<login>")
    def member(org: str, login: str) -> Response:
        owner = organization(org)
        if not is_inside(owner):
            # A stranger may only ask who is publicly a member: this is no yes.
            return redirect(f"{github.url}/orgs/{org}/public_members/{login}", 302)
        return yes_or_no(owner.members.get(login.lower(), ("", ""))[1] == "active")

    @routes.get("/orgs/<org>/public_members/<login>")
    def public_member(org: str, login: str) -> Response:
        return yes_or_no(login.lower() in organization(org).public_members)

    @routes.get("/orgs/<org>/memberships/<login>")
    def membership(org: str, login: str) -> Response:
        owner = organization(org)
        if not is_inside(owner):
            raise Problem(403, "You must be a member of the organization to see memberships.")
        member = github.account(login)
        if member.login.lower() not in owner.members:
            raise Problem(404, "Not Found")
        return answer(people.org_membership(github, owner, member))

    @routes.get("/orgs/<org>/teams/<slug>/memberships/<login>")
    def team_membership(org: str, slug: str, login: str) -> Response:
        owner = organization(org)
        if not is_inside(owner):
            raise Problem(404, "Not Found")
        role, standing = github.team_membership(org, slug, login)
        url = f"{github.url}/orgs/{owner.login}/teams/{slug}/memberships/{login}"
        return answer({"url": url, "role": role, "state": standing})

    def organization(login: str) -> Account:
        found = github.account(login)
        scopes = {"read:org", "write:org", "admin:org"}
        token = g.caller.token
        if found.type is not AccountType.ORGANIZATION or token is None:
            raise Problem(404, "Not Found")
        if token.kind is TokenKind.CLASSIC and not token.scopes & scopes:
            raise Problem(403, "You must have the read:org scope.")
        if token.kind is not TokenKind.CLASSIC and "members" not in token.permissions:
            word = (
                "integration" if token.kind is TokenKind.INSTALLATION else "personal access token"
            )
            raise Problem(403, f"Resource not accessible by {word}")
        return found

    def is_inside(owner: Account) -> bool:
        return g.caller.is_app or g.caller.name.lower() in owner.members

    @routes.get("/rate_limit")
    def rate_limit() -> Response:
        told = github.limits.headers(g.caller.name)
        core = {
            word: int(told[f"X-RateLimit-{word.capitalize()}"])
            for word in ("limit", "used", "remaining", "reset")
        }
        other = core | {"used": 0, "limit": 30, "remaining": 30}
        return answer({"resources": {"core": core, "search": other}, "rate": core})

    @routes.get("/meta")
    def meta() -> Response:
        loopback = ["127.0.0.0/8", "::1/128"]
        told = dict.fromkeys(("hooks", "web", "api", "git"), loopback)
        return answer({"verifiable_password_authentication": False, **told})

    return routes


def yes_or_no(yes: bool) -> Response:
    """204 or 404."""
    if not yes:
        raise Problem(404, "Not Found")
    return nothing()
