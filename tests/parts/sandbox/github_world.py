"""A sandbox GitHub that answers, a caller for it, and a receiver for its webhooks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from leeroy_sandbox.faults import Call, Calls
from leeroy_sandbox.github import GitHub
from leeroy_sandbox.server import Server

REPO = "acme/widgets"
FILES = {"README.md": "Widgets\n", "src/a.py": "a = 1\nb = 2\n"}


class Api:
    """A caller that gives paths, and sees redirects instead of following them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(
            method,
            self.url + path,
            json=body,
            headers=named,
            timeout=10,
            allow_redirects=False,
        )

    def get(self, path: str, **headers: str) -> Any:
        """What a GET says, which must be good."""
        answer = self("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass
class World:
    """The sandbox GitHub with one repository, and Leeroy's account to call it with."""

    github: GitHub
    api: Api
    token: str

    @property
    def repo(self) -> str:
        """Where the repository is on the API."""
        return f"/repos/{REPO}"


@contextmanager
def served(path: Path) -> Iterator[World]:
    """A world, answering."""
    github = GitHub(path)
    github.create_repo(REPO, FILES)
    github.set_permission(REPO, "leeroy", "admin")
    token = github.add_token("leeroy")
    with github.serve() as url:
        api = Api(url)
        api.session.headers["Authorization"] = f"Bearer {token}"
        try:
            yield World(github, api, token)
        finally:
            api.session.close()


class Receiver:
    """Where webhooks arrive."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.status = "202 Accepted"
        self.url = ""

    def app(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        """Take a webhook."""
        start(self.status, [])
        return [b"thanks"]

    def events(self) -> list[str]:
        """event or event.action of each, in order of arrival."""
        return [".".join(filter(None, (event(c), payload(c).get("action")))) for c in self.calls]


def event(call: Call) -> str:
    """Of which event a webhook tells."""
    return call.headers["x-github-event"]


def payload(call: Call) -> dict[str, Any]:
    """What a webhook with a JSON body says."""
    said: dict[str, Any] = json.loads(call.body)
    return said


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver, listening."""
    receiver = Receiver()
    with Server(receiver.calls.wrap(receiver.app)) as server:
        receiver.url = server.url
        yield receiver
