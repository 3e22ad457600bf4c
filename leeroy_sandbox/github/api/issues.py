"""A pull request as an issue: comments, reactions, the labels on it.

https://docs.github.com/en/rest/issues/comments?apiVersion=2022-11-28
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from leeroy_sandbox.github.api.access import needs
from leeroy_sandbox.github.api.answers import Problem, answer, body, created, nothing, page_of
from leeroy_sandbox.github.model import Comment, Role
from leeroy_sandbox.github.render import conversation, pulls
from leeroy_sandbox.github.state import Absent

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub

#: Either permission does, for a pull request is an issue.
AREAS = ("issues", "pull_requests")
NOT_ADMIN = "Must have admin rights to Repository."


def blueprint(github: "GitHub") -> Blueprint:
    """Comments and labels of pull requests."""
    routes = Blueprint("issues", __name__, url_prefix="/repos/<owner>/<name>/issues")
    labeling = needs(*AREAS, role=Role.TRIAGE, refusal=NOT_ADMIN)

    def labels_of(number: int) -> list[dict[str, Any]]:
        return pulls.labels(github, g.repo, github.pull(g.repo.id, number))

    @routes.get("/<int:number>")
    @needs(*AREAS, write=False)
    def issue(number: int) -> Response:
        return answer(pulls.issue(github, g.repo, github.pull(g.repo.id, number)))

    @routes.get("/<int:number>/comments")
    @needs(*AREAS, write=False)
    def comments(number: int) -> Response:
        pull = github.pull(g.repo.id, number)
        page, link = page_of([c for c in pull.comments if c.updated >= _since()])
        return answer([conversation.comment(github, g.repo, pull, c) for c in page], headers=link)

    @routes.get("/comments")
    @needs(*AREAS, write=False)
    def all_comments() -> Response:
        if not g.repo.has_issues:
            raise Problem(410, "Issues are disabled for this repo")
        found = [
            (pull, comment)
            for pull in g.repo.pulls.values()
            for comment in pull.comments
            if comment.updated >= _since()
        ]
        key = "updated" if request.args.get("sort") == "updated" else "created"
        down = request.args.get("direction", "asc") == "desc"
        found.sort(key=lambda pair: (getattr(pair[1], key), pair[1].id), reverse=down)
        page, link = page_of(found)
        return answer(
            [conversation.comment(github, g.repo, pull, c) for pull, c in page], headers=link
        )

    @routes.post("/<int:number>/comments")
    @needs(*AREAS)
    def write(number: int) -> Response:
        pull = github.pull(g.repo.id, number)
        if pull.locked and not g.role.covers(Role.WRITE):
            raise Problem(403, "Unable to create comment because issue is locked.")
        text = body("body")["body"]
        comment = github.comment(g.repo.full_name, number, g.caller.login, text)
        _, found = github.find_comment(g.repo, comment, review=False)
        return created(conversation.comment(github, g.repo, pull, found))

    @routes.get("/comments/<int:comment>")
    @needs(*AREAS, write=False)
    def one(comment: int) -> Response:
        pull, found = github.find_comment(g.repo, comment, review=False)
        return answer(conversation.comment(github, g.repo, pull, found))

    @routes.patch("/comments/<int:comment>")
    @needs(*AREAS)
    def edit(comment: int) -> Response:
        pull, found = github.find_comment(g.repo, comment, review=False)
        may_change(found)
        text = body("body")["body"]
        github.edit_comment(g.repo.full_name, comment, text, by=g.caller.login)
        return answer(conversation.comment(github, g.repo, pull, found))

    @routes.delete("/comments/<int:comment>")
    @needs(*AREAS)
    def delete(comment: int) -> Response:
        _, found = github.find_comment(g.repo, comment, review=False)
        may_change(found)
        github.delete_comment(g.repo.full_name, comment, by=g.caller.login)
        return nothing()

    def may_change(comment: Comment) -> None:
        """One's own comments, or everybody's with write permission."""
        own = comment.login == g.caller.login
        if not own and not g.role.covers(Role.WRITE):
            raise Problem(403, NOT_ADMIN)

    @routes.post("/comments/<int:comment>/reactions")
    @needs(*AREAS)
    def react(comment: int) -> Response:
        content = body("content")["content"]
        login = g.caller.login
        number, new = github.react(g.repo.full_name, comment, login, content)
        shown = conversation.reaction(github, number, login, content, github.now())
        return answer(shown, 201 if new else 200)

    @routes.get("/<int:number>/labels")
    @needs(*AREAS, write=False)
    def labels(number: int) -> Response:
        page, link = page_of(labels_of(number))
        return answer(page, headers=link)

    @routes.post("/<int:number>/labels")
    @labeling
    def add_labels(number: int) -> Response:
        names = _names()
        if not names:
            raise Problem(422, "Invalid request.\n\nNo labels were supplied.")
        github.label(g.repo.full_name, number, *names, by=g.caller.login)
        return answer(labels_of(number))

    @routes.put("/<int:number>/labels")
    @labeling
    def set_labels(number: int) -> Response:
        names = _names()
        wanted = {name.lower() for name in names}
        on = github.labels(g.repo.full_name, number)
        gone = [name for name in on if name.lower() not in wanted]
        github.unlabel(g.repo.full_name, number, *gone, by=g.caller.login)
        github.label(g.repo.full_name, number, *names, by=g.caller.login)
        return answer(labels_of(number))

    @routes.delete("/<int:number>/labels")
    @labeling
    def remove_all_labels(number: int) -> Response:
        on = github.labels(g.repo.full_name, number)
        github.unlabel(g.repo.full_name, number, *on, by=g.caller.login)
        return nothing()

    @routes.delete("/<int:number>/labels/<path:label>")
    @labeling
    def remove_label(number: int, label: str) -> Response:
        github.pull(g.repo.id, number)
        try:
            github.unlabel(g.repo.full_name, number, label, by=g.caller.login)
        except Absent:
            raise Problem(404, "Label does not exist") from None
        return answer(labels_of(number))

    return routes


def _names() -> list[str]:
    """The labels sent: an object with `labels`, or a bare list; names, or objects with names."""
    try:
        data = json.loads(request.get_data() or b"[]")
    except ValueError:
        raise Problem(400, "Problems parsing JSON") from None
    listed = data.get("labels", []) if isinstance(data, dict) else data
    names = [one.get("name") if isinstance(one, dict) else one for one in listed]
    if not all(isinstance(name, str) for name in names):
        raise Problem(422, "Invalid request.\n\nlabels are no strings.")
    return [str(name) for name in names]


def _since() -> float:
    text = request.args.get("since")
    if not text:
        return 0.0
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise Problem(422, "Validation Failed") from None
