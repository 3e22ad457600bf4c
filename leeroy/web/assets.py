"""The style sheet and the sign: small, read once, kept by browsers until they change."""

from hashlib import sha256
from importlib.resources import files

from flask import Blueprint, Response, abort, url_for

_TYPES = {"leeroy.css": "text/css", "leeroy.svg": "image/svg+xml"}


class Assets:
    """The files of ``static/``."""

    def __init__(self) -> None:
        folder = files("leeroy.web") / "static"
        self._bodies = {name: (folder / name).read_bytes() for name in _TYPES}
        self._versions = {
            name: sha256(body).hexdigest()[:12] for name, body in self._bodies.items()
        }

    def url(self, name: str) -> str:
        """Where a page finds one; another address when it changes."""
        return url_for("dashboard.asset", name=name, v=self._versions[name])

    def add_to(self, views: Blueprint) -> None:
        """Answer for them; open to everybody, as the page that says "sign in" needs them too."""

        @views.get("/assets/<name>")
        def asset(name: str) -> Response:
            if name not in self._bodies:
                abort(404, "No such file.")
            answer = Response(self._bodies[name], mimetype=_TYPES[name])
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
            return answer
