"""Long lists are read side by side where there are threads for it, and never wait for themselves."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest
from prometheus_client import CollectorRegistry

from leeroy.errors import Transient
from leeroy.github import GitHub, GitHubConnection
from leeroy.metrics import Metrics
from leeroy_sandbox.server import Server
from tests.parts.clients.test_odd_answers import FILE_SAID, PULL
from tests.waiting import PATIENCE

PAGES = 30
LIST = replace(PULL, changed_files=PAGES * 100, additions=PAGES * 100)


class Files:
    """A list of 3,000 files, which knows how many of its pages are being read at once."""

    def __init__(self) -> None:
        self.together = 0
        self.most_together = 0
        #: Answers wait until so many are asked for, or nobody asks for more.
        self.wanted = 1
        self.broken: int | None = None
        self._changed = threading.Condition()
        self.server = Server(self._answer)

    def _answer(self, environ: Any, start: Any) -> list[bytes]:
        asked = parse_qs(environ["QUERY_STRING"])
        page = int(asked.get("page", ["1"])[0])
        with self._changed:
            self.together += 1
            self.most_together = max(self.most_together, self.together)
            self._changed.notify_all()
            if page > 1:
                self._changed.wait_for(lambda: self.most_together >= self.wanted, timeout=PATIENCE)
        with self._changed:
            self.together -= 1
        if page == self.broken:
            start("200 OK", [])
            return [b"<html>"]
        url = f"{self.server.url}/repositories/1/pulls/12/files?per_page=100&page="
        links = f'<{url}{page + 1}>; rel="next", <{url}{PAGES}>; rel="last"'
        start("200 OK", [("Link", links)] if page < PAGES else [])
        names = (f"f{page}-{number}" for number in range(100))
        return [json.dumps([{**FILE_SAID, "filename": name} for name in names]).encode()]

    def client(self, side: Executor | None = None) -> GitHub:
        return GitHub(
            GitHubConnection(api_url=self.server.url),
            token_for=lambda repo: "token",
            metrics=Metrics(CollectorRegistry()),
            side=side,
        )


@pytest.fixture
def files() -> Iterator[Files]:
    files = Files()
    with files.server:
        yield files


EXPECTED = [f"f{page}-{number}" for page in range(1, PAGES + 1) for number in range(100)]


def test_pages_are_read_side_by_side_and_stay_in_order(files: Files) -> None:
    files.wanted = 8
    with ThreadPoolExecutor(12) as side, files.client(side) as github:
        patch = github.patch(LIST)
    assert [file.path for file in patch] == EXPECTED
    assert patch.is_complete
    assert files.most_together >= 8


def test_without_threads_they_come_one_after_the_other(files: Files) -> None:
    with files.client() as github:
        assert [file.path for file in github.patch(LIST)] == EXPECTED
    assert files.most_together == 1


def test_looks_that_take_all_the_threads_do_not_wait_for_each_other(files: Files) -> None:
    with ThreadPoolExecutor(2) as side, files.client(side) as github:
        both = list(side.map(github.patch, [LIST, LIST]))
    assert [[file.path for file in patch] for patch in both] == [EXPECTED, EXPECTED]


def test_a_page_that_makes_no_sense_is_an_error_of_the_list(files: Files) -> None:
    files.broken = 7
    with (
        ThreadPoolExecutor(4) as side,
        files.client(side) as github,
        pytest.raises(Transient, match="list the files of acme/widgets#12"),
    ):
        github.patch(LIST)
