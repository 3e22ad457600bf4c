"""A repository's labels: https://docs.github.com/en/rest/issues/labels?apiVersion=2022-11-28"""

from typing import TYPE_CHECKING

from flask import Blueprint, g
from werkzeug.wrappers import Response

from leeroy_sandbox.github.api.access import needs
from leeroy_sandbox.github.api.answers import answer, body, created, nothing, page_of
from leeroy_sandbox.github.model import Role
from leeroy_sandbox.github.render import pulls

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub

AREAS = ("issues", "pull_requests")


def blueprint(github: "GitHub") -> Blueprint:
    """Which labels there are to put on."""
    routes = Blueprint("labels", __name__, url_prefix="/repos/<owner>/<name>/labels")
    writing = needs(*AREAS, role=Role.WRITE)

    @routes.get("")
    @needs(*AREAS, write=False)
    def listed() -> Response:
        page, link = page_of(list(g.repo.labels.values()))
        return answer([pulls.label(github, g.repo, one) for one in page], headers=link)

    @routes.post("")
    @writing
    def create() -> Response:
        data = body("name", optional=("color", "description"))
        label = github.create_label(
            g.repo.full_name, data["name"], data.get("color"), data.get("description")
        )
        return created(pulls.label(github, g.repo, label))

    @routes.get("/<path:label>")
    @needs(*AREAS, write=False)
    def one(label: str) -> Response:
        return answer(pulls.label(github, g.repo, github.existing_label(g.repo, label)))

    @routes.patch("/<path:label>")
    @writing
    def change(label: str) -> Response:
        data = body(optional=("new_name", "color", "description"))
        changed = github.change_label(
            g.repo.full_name,
            label,
            new_name=data.get("new_name"),
            color=data.get("color"),
            description=data.get("description"),
        )
        return answer(pulls.label(github, g.repo, changed))

    @routes.delete("/<path:label>")
    @writing
    def delete(label: str) -> Response:
        github.delete_label(g.repo.full_name, label)
        return nothing()

    return routes
