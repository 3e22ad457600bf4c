"""The REST API of the sandbox GitHub: a Flask application over its state.

https://docs.github.com/en/rest?apiVersion=2022-11-28
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RuleFactory
from werkzeug.wrappers import Response

from leeroy_sandbox.github.api import (
    apps,
    commits,
    hooks,
    issues,
    labels,
    people,
    pulls,
    repos,
    statuses,
)
from leeroy_sandbox.github.api.access import Access
from leeroy_sandbox.github.api.answers import Problem, finish
from leeroy_sandbox.github.assertions import BadAssertion
from leeroy_sandbox.github.state import Absent, Refused

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from leeroy_sandbox.github.world import GitHub

BY_ID = re.compile(r"^/repositories/(\d+)(?=/|$)")
AREAS = (apps, commits, hooks, issues, labels, people, pulls, repos, statuses)


class Addresses(Map):
    """The addresses that every sandbox answers, made once: to compile them takes all the time that
    it takes to make a sandbox.
    """

    def __init__(self) -> None:
        # "commits/heads//x" is nothing to be redirected, and a label may begin with a slash.
        super().__init__(merge_slashes=False, strict_slashes=False)
        self._known: set[tuple[str, str, frozenset[str]]] = set()

    def add(self, rulefactory: RuleFactory) -> None:
        """Take what is not known yet; a view is found by its endpoint's name."""
        for rule in rulefactory.get_rules(self):
            known = (rule.rule, str(rule.endpoint), frozenset(rule.methods or ()))
            if known not in self._known:
                self._known.add(known)
                super().add(rule)


ADDRESSES = Addresses()


class SandboxApp(Flask):
    """One request at a time works on the state; repositories go by name or by id."""

    github: "GitHub"

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer, while nobody else changes anything."""
        with self.github.lock:
            return super().dispatch_request()

    def wsgi_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Accept /repositories/1/... too: links and redirects name repositories so."""
        found = BY_ID.match(environ["PATH_INFO"])
        if found:
            try:
                name = self.github.repository(int(found[1])).full_name
            except Absent:
                name = "-/-"
            environ["PATH_INFO"] = f"/repos/{name}{environ['PATH_INFO'][found.end() :]}"
        return super().wsgi_app(environ, start_response)


def create_app(github: "GitHub") -> Flask:
    """The application; it changes the state only by the methods people's actions use."""

    app = SandboxApp("sandbox-github", static_folder=None)
    app.github = github
    app.url_map = ADDRESSES
    access = Access(github)
    app.before_request(lambda: access.admit(app.view_functions))
    for area in AREAS:
        app.register_blueprint(area.blueprint(github))
    app.after_request(lambda response: finish(github, response))
    app.teardown_request(lambda _error: access.leave())

    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        return error.response()

    @app.errorhandler(Absent)
    def absent(error: Absent) -> Response:
        return Problem(404, "Not Found").response()

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return Problem(422, str(error), errors=error.errors).response()

    @app.errorhandler(BadAssertion)
    def unproved(error: BadAssertion) -> Response:
        return Problem(401, str(error)).response()

    @app.errorhandler(HTTPException)
    def other(error: HTTPException) -> Response:
        # GitHub knows no 405: a method it does not have is not found.
        status = 404 if error.code == 405 else error.code or 500
        return Problem(status, "Not Found" if status == 404 else error.name).response()

    return app
