"""The sandbox Jenkins answers as a real one did, and where one is named it still does."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

from leeroy_sandbox.jenkins import EVERYTHING, Jenkins
from leeroy_sandbox.server import Server
from tests.contract.jenkins_answers import ANSWERS, JOBS, Asked
from tests.contract.jenkins_stands import VARIABLE, Stand, standing


class Answers:
    """All answers of one Jenkins, asked for once, in order."""

    def __init__(self, stand: Stand) -> None:
        me = stand.ask("GET", "/me/api/json").json()
        #: What stands for what in paths and texts.
        self.words = {
            "top": stand.top,
            "job": f"/job/{stand.folder}",
            "folder": stand.folder,
            "user": stand.user,
            "name": me["fullName"],
            "item": "",
        }
        self.answers: dict[str, requests.Response] = {}
        self.items: dict[str, str] = {}
        for asked in ANSWERS:
            self._ask(stand, asked)

    def _ask(self, stand: Stand, asked: Asked) -> None:
        if asked.after:
            path, key = asked.after
            wanted, name = not key.startswith("-"), key.removeprefix("-")
            stand.until(self.filled(path), lambda said: said[name] is wanted)
        answer = stand.ask(asked.method, self.filled(asked.path), asked.who)
        item = re.search(r"/queue/item/(\d+)/$", answer.headers.get("Location", ""))
        if item:
            self.words["item"] = item[1]
        self.items[asked.name] = self.words["item"]
        self.answers[asked.name] = answer

    def filled(self, text: str, name: str | None = None) -> str:
        """A text with this Jenkins' words in it, as they were when that was asked."""
        item = self.items[name] if name else self.words["item"]
        for word, value in {**self.words, "item": item}.items():
            text = text.replace(f"{{{word}}}", value)
        return text


@pytest.fixture(scope="module", params=["sandbox", "real"])
def answers(request, tmp_path_factory) -> Iterator[Answers]:
    with standing(request.param, tmp_path_factory.mktemp("jenkins")) as stand:
        for name, config in JOBS.items():
            stand.make(name, config)
        yield Answers(stand)


@pytest.mark.parametrize("asked", ANSWERS, ids=lambda asked: asked.name)
def test_the_answer_is_a_real_one(answers: Answers, asked: Asked):
    answer = answers.answers[asked.name]
    assert answer.status_code == asked.status, answer.text[:500]
    check_headers(answers, asked, answer.headers)
    for text in asked.says:
        assert answers.filled(text, asked.name) in answer.content.decode()
    if asked.keys:
        assert tuple(answer.json()) == asked.keys
    for path, value in asked.shows.items():
        assert found(answer.json(), path) == wanted(answers, asked, value), path


def check_headers(answers: Answers, asked: Asked, headers: Mapping[str, str]) -> None:
    for name, pattern in asked.headers.items():
        if pattern is None:
            assert name not in headers
        else:
            assert re.search(answers.filled(pattern, asked.name), headers.get(name, "")), name


def wanted(answers: Answers, asked: Asked, value: object) -> object:
    if value == "{item:int}":
        return int(answers.items[asked.name])
    return answers.filled(value, asked.name) if isinstance(value, str) else value


def found(said: Any, path: str) -> Any:
    """What stands at `a.0.b`; in a list, a word is found by the end of its `_class`."""
    for key in path.split("."):
        if isinstance(said, list) and not key.isdigit():
            (said,) = [one for one in said if one.get("_class", "").endswith(f".{key}")]
        else:
            said = said[int(key) if isinstance(said, list) else key]
    return said


def test_a_user_has_properties_that_show_nothing_but_their_class(answers: Answers):
    shown = answers.answers["the user is me"].json()["property"]
    assert len(shown) >= 6
    assert all("_class" in one for one in shown)


def test_pages_of_jenkins_own_are_long_and_come_in_pieces(answers: Answers):
    page = answers.answers["no such job"]
    assert page.headers["Transfer-Encoding"] == "chunked"
    assert len(page.content) > 5_000


def test_the_equal_trigger_names_the_item_that_was_there(answers: Answers):
    first, second = (
        answers.answers[n] for n in ("a trigger", "an equal trigger, its secret apart")
    )
    assert first.headers["Location"] == second.headers["Location"]
    assert first.content == second.content == b""


def test_the_size_of_a_console_is_that_of_its_file(answers: Answers):
    pieces = answers.answers["the console in pieces"]
    lines = pieces.content.count(b"\r\n")
    assert int(pieces.headers["X-Text-Size"]) == len(pieces.content) - lines


def test_the_queue_has_the_item_in_it(answers: Answers):
    shown = answers.answers["the queue"].json()["items"]
    assert int(answers.items["the queue"]) in [item["id"] for item in shown]


def test_a_jenkins_that_the_environment_names_is_asked_and_left_as_it_was(tmp_path, monkeypatch):
    with Jenkins(tmp_path, auto=False) as jenkins, Server(jenkins.wsgi) as server:
        user = jenkins.add_user("leeroy")
        admin = jenkins.add_user("root", permissions=EVERYTHING)
        words = (f"{server.url}/", user.name, user.token, admin.name, admin.token)
        monkeypatch.setenv(VARIABLE, " ".join(words))
        with standing("real", tmp_path) as stand:
            stand.make("plain", JOBS["plain"])
            said = stand.ask("GET", f"/job/{stand.folder}/job/plain/api/json").json()
            assert said["fullName"] == f"{stand.folder}/plain"
        assert list(jenkins.jobs) == []
