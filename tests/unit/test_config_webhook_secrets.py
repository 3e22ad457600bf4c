"""A delivery is tried with its repository's secrets, however many there are."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from leeroy.config import Config, parse_config
from leeroy.config.webhook_secrets import MOST_CLAIMS, MOST_UNNAMED, claimed_repos

FORK = {"head": {"repo": {"id": 1, "full_name": "stranger/widgets"}}}


def read(**settings: Any) -> Config:
    whole = {"jenkins": {"base_url": "http://j"}, "github_token": "t", **settings}
    return parse_config(json.dumps(whole), environ={}, read_file=Path.read_text)


@pytest.fixture(scope="module")
def config() -> Config:
    own = {f"acme/r{i}": {"github_webhook_secret": [f"s{i}", f"new{i}"]} for i in range(1000)}
    return read(github_webhook_secret="top", repositories={**own, "team/*": {"drafts": False}})


def body_of(repo: str, **more: Any) -> bytes:
    return json.dumps(
        {
            "action": "opened",
            "pull_request": FORK,
            "repository": {"id": 2, "full_name": repo},
            **more,
        }
    ).encode()


@pytest.mark.parametrize(
    ("repo", "secrets"),
    [
        ("acme/r7", ("s7", "new7")),
        ("ACME/R7", ("s7", "new7")),
        ("team/x", ("top",)),
        ("nobodys/x", ("top",)),
    ],
)
def test_only_the_repositorys_own_are_tried(
    config: Config, repo: str, secrets: tuple[str, ...]
) -> None:
    assert config.may_have_signed(body_of(repo)) == secrets
    assert config.secrets_for(repo) == secrets


def test_what_names_no_repository_may_be_signed_with_any_if_it_is_small(config: Config) -> None:
    assert set(config.may_have_signed(b'{"zen": "Keep it logically awesome."}')) == {
        "top",
        *(f"s{i}" for i in range(1000)),
        *(f"new{i}" for i in range(1000)),
    }
    assert config.may_have_signed(b" " * (MOST_UNNAMED + 1)) == ("top",)


@pytest.mark.parametrize(
    ("body", "content_type", "repos"),
    [
        (body_of("acme/r1"), "application/json", ("acme/r1",)),
        (
            urlencode({"payload": body_of("acme/r1")}).encode(),
            "application/x-www-form-urlencoded",
            ("acme/r1",),
        ),
        (json.dumps({"repository": {"full_name": "a/b"}}, indent=4).encode(), "", ("a/b",)),
        (b'{"repository":{"full_name":"a\\/b"}}', "", ("a/b",)),
        (
            json.dumps({"comment": {"body": '"repository": {"full_name": "x/y"}'}}).encode(),
            "application/json",
            (),
        ),
        (b'{"repository": {"id": 1}}', "", ()),
        (b"", "", ()),
    ],
    ids=["JSON", "form", "indented", "escaped slash", "in a text", "without a name", "nothing"],
)
def test_the_repository_is_that_of_the_payloads_key(
    body: bytes, content_type: str, repos: tuple[str, ...]
) -> None:
    assert tuple(claim.repo for claim in claimed_repos(body, content_type)) == repos


def test_a_body_that_names_many_has_few_of_them_tried(config: Config) -> None:
    names = [f"acme/r{i}" for i in range(100)]
    body = b"".join(b'"repository":{"full_name":"%s"}' % name.encode() for name in names)
    assert [claim.repo for claim in claimed_repos(body)] == names[:MOST_CLAIMS]


def test_a_secret_known_twice_is_tried_once() -> None:
    config = read(
        github_webhook_secret=["a", "b"], repositories={"a/*": {"github_webhook_secret": "b"}}
    )
    assert config.webhook_secrets == ("a", "b")
