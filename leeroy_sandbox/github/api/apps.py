"""An app about itself, and tokens of its installations: https://docs.github.com/en/rest/apps"""

from typing import TYPE_CHECKING

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from leeroy_sandbox.github.api.access import by_app
from leeroy_sandbox.github.api.answers import Problem, answer, body, page_of
from leeroy_sandbox.github.render import apps, repositories

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub


def blueprint(github: "GitHub") -> Blueprint:
    """What an app may ask with its JSON web token, and an installation with its token."""
    routes = Blueprint("apps", __name__)

    @routes.get("/app")
    @by_app
    def app() -> Response:
        return answer(apps.app(github, g.app))

    @routes.get("/app/installations")
    @by_app
    def installations() -> Response:
        own = [one for one in github.installations() if one.app == g.app.id]
        page, link = page_of(own)
        return answer([apps.installation(github, g.app, one) for one in page], headers=link)

    @routes.get("/app/installations/<int:number>")
    @by_app
    def installation(number: int) -> Response:
        return answer(apps.installation(github, g.app, github.installation(g.app, number)))

    @routes.post("/app/installations/<int:number>/access_tokens")
    @by_app
    def access_tokens(number: int) -> Response:
        found = github.installation(g.app, number)
        if found.suspended is not None:
            raise Problem(403, "This installation has been suspended")
        wanted = body().get("permissions") if request.get_data() else None
        token = github.installation_token(number, wanted)
        return answer(apps.token(token, found), 201)

    @routes.get("/repos/<owner>/<name>/installation")
    @by_app
    def on_repository() -> Response:
        found = github.installation_on(g.app, g.repo.owner, g.repo.id)
        return answer(apps.installation(github, g.app, found))

    @routes.get("/orgs/<org>/installation")
    @routes.get("/users/<org>/installation")
    @by_app
    def on_account(org: str) -> Response:
        found = github.installation_on(g.app, org, None)
        return answer(apps.installation(github, g.app, found))

    @routes.get("/installation/repositories")
    def own_repositories() -> Response:
        token = g.caller.token
        if token is None or token.installation is None:
            raise Problem(403, "Resource not accessible by personal access token")
        found = next(one for one in github.installations() if one.id == token.installation)
        own = [
            repo
            for repo in github.repositories()
            if found.covers(github.account(repo.owner).id, repo.id)
        ]
        page, link = page_of(own)
        shown = [repositories.full_repository(github, repo, token.login) for repo in page]
        return answer({"total_count": len(own), "repositories": shown}, headers=link)

    return routes
