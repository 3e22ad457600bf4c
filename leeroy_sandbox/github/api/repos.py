"""Repositories, branches, refs, files and who may what.

https://docs.github.com/en/rest/repos/repos?apiVersion=2022-11-28
"""

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from leeroy_sandbox.github.api.access import needs
from leeroy_sandbox.github.api.answers import (
    Problem,
    answer,
    nothing,
    page_of,
    plain,
    wanted_media,
)
from leeroy_sandbox.github.model import Role
from leeroy_sandbox.github.render import history, repositories
from leeroy_sandbox.github.render.people import Json, simple_user
from leeroy_sandbox.github.state import Absent

if TYPE_CHECKING:
    from leeroy_sandbox.github.world import GitHub

#: GitHub's old words for a role; `role_name` has the real one.
OLD_WORD = {Role.MAINTAIN: Role.WRITE, Role.TRIAGE: Role.READ}


def blueprint(github: "GitHub") -> Blueprint:
    """A repository and what is asked of it."""
    routes = Blueprint("repos", __name__, url_prefix="/repos/<owner>/<name>")

    @routes.get("")
    def repo() -> Response:
        return answer(repositories.full_repository(github, g.repo, g.caller.login))

    @routes.get("/branches")
    @needs("contents", write=False)
    def branches() -> Response:
        page, link = page_of(sorted(g.repo.branches))
        shown = [repositories.branch(github, g.repo, name) for name in page]
        return answer(shown, headers=link)

    @routes.get("/branches/<path:branch>")
    @needs("contents", write=False)
    def branch(branch: str) -> Response:
        if branch not in g.repo.branches:
            raise Problem(404, "Branch not found")
        tip = g.repo.git.commit(g.repo.branches[branch])
        whole = history.commit(github, g.repo, tip)
        return answer(repositories.branch(github, g.repo, branch, whole=whole))

    @routes.get("/git/ref/<path:ref>")
    @needs("contents", write=False)
    def ref(ref: str) -> Response:
        sha = g.repo.git.refs().get(f"refs/{ref}")
        if sha is None:
            raise Problem(404, "Not Found")
        return answer(shown_ref(f"refs/{ref}", sha))

    @routes.get("/git/matching-refs/<path:ref>")
    @needs("contents", write=False)
    def matching_refs(ref: str) -> Response:
        found = [pair for pair in g.repo.git.refs().items() if pair[0].startswith(f"refs/{ref}")]
        page, link = page_of(found)
        return answer([shown_ref(*pair) for pair in page], headers=link)

    def shown_ref(name: str, sha: str) -> Json:
        api = repositories.api_url(github, g.repo)
        return {
            "ref": name,
            "node_id": f"REF_{g.repo.id}",
            "url": f"{api}/git/{name}",
            "object": {"type": "commit", "sha": sha, "url": f"{api}/git/commits/{sha}"},
        }

    @routes.get("/git/commits/<sha>")
    @needs("contents", write=False)
    def git_commit(sha: str) -> Response:
        if g.repo.git.resolve(sha) != sha:
            raise Problem(404, "Not Found")
        commit = g.repo.git.commit(sha)
        shown = history.commit(github, g.repo, commit)
        inner = shown["commit"]
        return answer(
            {
                "sha": sha,
                "node_id": shown["node_id"],
                "url": inner["url"],
                "html_url": shown["html_url"],
                "author": inner["author"],
                "committer": inner["committer"],
                "tree": inner["tree"],
                "message": inner["message"],
                "parents": shown["parents"],
                "verification": inner["verification"],
            }
        )

    @routes.get("/contents/<path:path>")
    @needs("contents", write=False)
    def contents(path: str) -> Response:
        sha = g.repo.git.resolve(request.args.get("ref") or g.repo.default_branch)
        if sha is None:
            raise Problem(404, f"No commit found for the ref {request.args.get('ref')}")
        found = g.repo.git.content(sha, path)
        if found is None:
            raise Problem(404, "Not Found")
        if wanted_media() == "raw":
            return plain(found, "raw")
        url = f"{repositories.api_url(github, g.repo)}/contents/{quote(path)}?ref={sha}"
        page = f"{repositories.html_url(github, g.repo)}/blob/{sha}/{quote(path)}"
        return answer(
            {
                "type": "file",
                "encoding": "base64",
                "size": len(found),
                "name": path.rsplit("/", 1)[-1],
                "path": path,
                "content": base64.encodebytes(found).decode(),
                "sha": g.repo.git.blob(sha, path),
                "url": url,
                "git_url": None,
                "html_url": page,
                "download_url": None,
                "_links": {"self": url, "git": None, "html": page},
            }
        )

    @routes.get("/collaborators/<login>/permission")
    def permission(login: str) -> Response:
        if not g.role.covers(Role.WRITE):
            raise Problem(403, "Must have push access to view collaborator permission.")
        account = github.account(login)
        role = github.role(g.repo, account.login)
        word = OLD_WORD.get(role, role)
        allowed = {
            "admin": role.covers(Role.ADMIN),
            "maintain": role.covers(Role.MAINTAIN),
            "push": role.covers(Role.WRITE),
            "triage": role.covers(Role.TRIAGE),
            "pull": role.covers(Role.READ),
        }
        user = simple_user(github, account) | {"permissions": allowed, "role_name": role.value}
        return answer({"permission": word.value, "role_name": role.value, "user": user})

    @routes.get("/collaborators/<login>")
    def collaborator(login: str) -> Response:
        account = github.account(login)
        given = account.login.lower() in g.repo.roles
        if not given and not github.role(g.repo, account.login).covers(Role.WRITE):
            raise Absent(login)
        return nothing()

    return routes
