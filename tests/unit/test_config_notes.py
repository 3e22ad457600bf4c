"""What good settings mean that their author may not have meant is said, and is no fault."""

import json
from pathlib import Path
from typing import Any

import pytest

from leeroy.config import notes, parse_config
from leeroy.config.models import Server, Settings
from leeroy.config.parts import parts_of

GOOD: dict[str, Any] = {
    "jenkins": {"base_url": "https://j", "notification_secret": "nobody-guesses-this"},
    "github_token": "t",
    "github_webhook_secret": "nor-will-they-this",
    "builds": [{"github_repo": "acme/widgets", "jenkins_job_name": "widgets"}],
}


def told(environ: dict[str, str] | None = None, **keys: Any) -> list[str]:
    config = parse_config(json.dumps({**GOOD, **keys}), environ={}, read_file=Path.read_text)
    return [f"{note.path}: {note.problem}" for note in notes(config, environ or {})]


def test_of_settings_that_say_all_there_is_nothing_to_note() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("keys", "path", "said"),
    [
        ({"builds": []}, "builds", "looks after none"),
        ({"mode": "observe"}, "mode", "nothing is written anywhere"),
        (
            {"mode": "observe", "repositories": {"a/b": {"mode": "act"}}},
            "mode",
            "but for what repositories say otherwise",
        ),
        (
            {"jenkins": {"base_url": "https://j"}},
            "jenkins.notification_secret",
            "anybody who reaches Leeroy can post notifications",
        ),
        (
            {"jenkins_servers": {"arm": {"base_url": "https://arm"}}},
            "jenkins_servers.arm.notification_secret",
            "anybody who reaches Leeroy",
        ),
        ({"github_webhook_secret": "Secret1"}, "github_webhook_secret", "is a common one"),
        ({"github_webhook_secret": "aaaaaaaaaaaaaaaaaaaa"}, "github_webhook_secret", "is a common"),
        ({"github_webhook_secret": "x7-qp4-zzk"}, "github_webhook_secret", "fewer than 12"),
        ({"user": "me", "pass": "password"}, "pass", "is a common one"),
        (
            {"repositories": {"a/b": {"github_webhook_secret": ["x7-qp4-zzk"]}}},
            "repositories.a/b.github_webhook_secret",
            "fewer than 12",
        ),
        (
            {"jenkins": {"base_url": "https://j", "notification_secret": "jenkins"}},
            "jenkins.notification_secret",
            "is a common one",
        ),
        ({"github_api_url": "https://git.corp.example.com"}, "github_api_url", "/api/v3"),
        (
            {"builds": [{**GOOD["builds"][0], "context": "doc"}]},
            "builds[0].paths",
            "only when one of docs*, docs*/** changes",
        ),
    ],
)
def test_noted(keys: dict[str, Any], path: str, said: str) -> None:
    (note,) = told(**keys)
    assert note.startswith(f"{path}: ")
    assert said in note


@pytest.mark.parametrize(
    "keys",
    [
        {"github_api_url": "https://git.corp.example.com/api/v3/"},
        {"github_api_url": "https://api.acme.ghe.com"},
        {"builds": [{**GOOD["builds"][0], "context": "doc", "paths": []}]},
        {"user": "me", "pass": "correct horse battery"},
    ],
)
def test_not_noted(keys: dict[str, Any]) -> None:
    assert told(**keys) == []


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "http_proxy", "all_proxy"])
def test_a_proxy_of_the_environment_that_is_not_used_is_said(name: str) -> None:
    environ = {name: "http://me:hush@proxy:3128"}
    assert told(environ) == [f"github_proxy: is not set, and {name} of the environment is not used"]
    both = {"github_proxy": "http://p", "jenkins": {**GOOD["jenkins"], "proxy": "http://p"}}
    assert told(environ, **both) == []
    assert told({name: ""}) == []
    one = {"github_proxy": "http://p"}
    assert told(environ, **one)[0].startswith("jenkins.proxy: ")


def test_every_part_with_a_proxy_is_one_the_note_knows() -> None:
    holders = {model for model in parts_of().values() if "proxy" in model.model_fields}
    assert holders == {Server}
    assert [name for name in Settings.model_fields if name.endswith("proxy")] == ["github_proxy"]


@pytest.mark.parametrize(
    ("parameters", "is_noted"),
    [
        ({"SUITE": "unit"}, False),
        ({"GIT_SHA1": "{GIT_SHA1}"}, False),
        ({"GIT_SHA1": "pr/{PR}", "REVISION": "{GIT_SHA1}"}, False),
        ({"GIT_SHA1": "pr/{PR}"}, True),
        ({"GIT_SHA1": "pr/{PR}", "REVISION": "x{GIT_SHA1}"}, True),
    ],
)
def test_where_nothing_carries_the_commit_only_the_revision_proves_a_build(
    parameters: dict[str, str], is_noted: bool
) -> None:
    build = {"github_repo": "acme/widgets", "jenkins_job_name": "widgets", "parameters": parameters}
    found = [one for one in told(builds=[build]) if one.startswith("builds[0].parameters")]
    assert bool(found) is is_noted
