"""A Jenkins to hold answers against: the sandbox's, or a real one that the environment names.

`LEEROY_TEST_JENKINS` is five words: URL, user, API token, administrator, administrator's API token.
docs/development.md says what such a Jenkins must be like.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from leeroy_sandbox.jenkins import EVERYTHING, Jenkins
from leeroy_sandbox.server import Server

VARIABLE = "LEEROY_TEST_JENKINS"
#: The version of which the answers were written down.
SEEN = "2.579"
FOLDER = "<com.cloudbees.hudson.plugins.folder.Folder/>"


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A Jenkins, who we are there, and a folder of its own for our jobs."""

    url: str
    user: str
    token: str
    admin: str
    admin_token: str
    folder: str

    @property
    def top(self) -> str:
        """The path of its root: `/`, or `/jenkins/`."""
        return f"{urlsplit(self.url).path.rstrip('/')}/"

    def ask(self, method: str, path: str, who: str = "user", **more: Any) -> requests.Response:
        """One answer; redirects are answers too. `who` is user, admin, wrong or nobody."""
        auth = {
            "user": (self.user, self.token),
            "admin": (self.admin, self.admin_token),
            "wrong": (self.user, "wrong"),
        }.get(who)
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method, self.url + path, auth=auth, allow_redirects=False, timeout=20, **more
            )

    def make(self, name: str, config: str) -> None:
        """Make a job, or a folder, in ours."""
        self._make(f"/job/{self.folder}/createItem", name, config)

    def prepare(self) -> None:
        """Make our folder."""
        self._make("/createItem", self.folder, FOLDER)

    def clear(self) -> None:
        """Take it away again, with all that is in it."""
        self.ask("POST", f"/job/{self.folder}/doDelete", "admin")

    def until(self, path: str, holds: Callable[[Any], object]) -> None:
        """Wait until an address answers what is waited for."""
        deadline = time.monotonic() + 60
        while True:
            answer = self.ask("GET", path)
            if answer.status_code == 200 and holds(answer.json()):
                return
            assert time.monotonic() < deadline, f"{path}: {answer.status_code} {answer.text[:500]}"
            time.sleep(0.05)

    def _make(self, path: str, name: str, config: str) -> None:
        answer = self.ask(
            "POST",
            path,
            "admin",
            params={"name": name},
            data=config.encode(),
            headers={"Content-Type": "application/xml"},
        )
        assert answer.status_code == 200, f"{name}: {answer.status_code} {answer.text[:2000]}"


@contextmanager
def standing(kind: str, folder: Path) -> Iterator[Stand]:
    """A stand of that kind, `sandbox` or `real`, with a folder made in it."""
    words = os.environ.get(VARIABLE, "").split()
    if kind == "real" and len(words) != 5:
        pytest.skip(f"{VARIABLE} names no real Jenkins: see docs/development.md")
    with _real(words) if kind == "real" else _sandbox(folder) as stand:
        stand.prepare()
        try:
            yield stand
        finally:
            stand.clear()


@contextmanager
def _real(words: Sequence[str]) -> Iterator[Stand]:
    names = ("url", "user", "token", "admin", "admin_token")
    given = dict(zip(names, words, strict=True))
    yield Stand(**{**given, "url": given["url"].rstrip("/")}, folder=_name())


@contextmanager
def _sandbox(folder: Path) -> Iterator[Stand]:
    with Jenkins(folder, version=SEEN) as jenkins, Server(jenkins.wsgi) as server:
        jenkins.root_url = server.url
        user = jenkins.add_user("leeroy", full_name="Leeroy the Builder")
        admin = jenkins.add_user("root", permissions=EVERYTHING)
        yield Stand(
            url=server.url,
            user=user.name,
            token=user.token,
            admin=admin.name,
            admin_token=admin.token,
            folder=_name(),
        )


def _name() -> str:
    return f"leeroy-contract-{secrets.token_hex(4)}"
