"""No secret is shown: not by the settings, not by a fault, whatever the file holds."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leeroy.config import Config, parse_config
from leeroy.config.fields import Model
from leeroy.config.models import Branch, Build, RepoSettings, Server, Settings
from leeroy.config.parts import keys_of
from leeroy.errors import ConfigError
from tests.examples import examples

EVERY_SECRET: dict[str, Any] = {
    "jenkins": {
        "base_url": "https://jenkins.example.com",
        "username": "leeroy",
        "token": "hush-token",
        "notification_secret": "hush-notification",
        "proxy": "http://me:hush-proxy@proxy:3128",
    },
    "jenkins_servers": {"w": {"base_url": "http://w", "username": "u", "token": "hush-windows"}},
    "github_token": "hush-github",
    "github_webhook_secret": ["hush-webhook-1", "hush-webhook-2"],
    "github_proxy": "http://me:hush%2Dgithub-proxy@proxy:3128",
    "user": "operator",
    "pass": "hush-pass",
    "database_url": "postgresql://leeroy:hush-database@db/leeroy",
    "smtp_url": "smtp://leeroy:hush-mail@mail:587",
    "branches": [
        {
            "github_repo": "a/b",
            "branch": "m",
            "jenkins_job_name": "j",
            "notify": {
                "slack": "https://slack.example.com/hush-slack",
                "webhook": "https://hook.example.com/?key=hush-hook",
            },
        }
    ],
    "repositories": {"a/*": {"github_token": "hush-repo", "github_webhook_secret": "hush-own"}},
}


def read(keys: dict[str, Any], **environ: str) -> Config:
    return parse_config(json.dumps(keys), environ=environ, read_file=Path.read_text)


def test_settings_do_not_show_their_secrets() -> None:
    config = read(EVERY_SECRET, LEEROY_WEBHOOK_SECRET="hush-environment")
    shown = [repr(config), str(config), config.model_dump_json(), repr(config.for_repo("a/b"))]
    shown += [repr(config.branches_for("a/b", "m")), repr(config.servers)]
    assert not [text for text in shown if "hush" in text]


def test_the_secrets_are_known_to_who_must_hide_them() -> None:
    secrets = read(EVERY_SECRET, LEEROY_WEBHOOK_SECRET="hush-environment").secrets()
    assert secrets == {
        "hush-token",
        "hush-notification",
        "hush-proxy",
        "hush-windows",
        "hush-github",
        "hush-webhook-1",
        "hush-webhook-2",
        "hush-environment",
        "hush%2Dgithub-proxy",
        "hush-github-proxy",
        "hush-pass",
        "hush-database",
        "hush-mail",
        "https://slack.example.com/hush-slack",
        "https://hook.example.com/?key=hush-hook",
        "hush-repo",
        "hush-own",
    }


def _places() -> list[tuple[str, ...]]:
    parts: list[tuple[tuple[str, ...], type[Model]]] = [
        ((), Settings),
        (("jenkins",), Server),
        (("builds",), Build),
        (("branches",), Branch),
        (("repositories",), RepoSettings),
    ]
    return [(*holder, key) for holder, model in parts for key in keys_of(model)]


def _put(place: tuple[str, ...], value: object) -> dict[str, Any]:
    """Settings with this value at this place, on top of a good rest."""
    rest: dict[str, Any] = {
        "jenkins": {"base_url": "http://j"},
        "github_token": "t",
        "github_webhook_secret": "s",
    }
    if len(place) == 1:
        return {**rest, place[0]: value}
    holder, key = place
    required = {"github_repo": "a/b", "branch": "m", "jenkins_job_name": "j"}
    match holder:
        case "jenkins":
            return {**rest, "jenkins": {**rest["jenkins"], key: value}}
        case "builds":
            return {**rest, "builds": [{"github_repo": "a/b", key: value}]}
        case "branches":
            return {**rest, "branches": [{**required, key: value}]}
    return {**rest, "repositories": {"a/b": {key: value}}}


VALUES: list[object] = [
    "hush hush!",
    ["hush hush!", {"x": "hush hush!"}],
    {"x": "hush hush!"},
    7,
    1e999,
    True,
    None,
]


@pytest.mark.parametrize("place", _places(), ids=".".join)
def test_no_fault_shows_a_value(place: tuple[str, ...]) -> None:
    faults = [_faults_of(_put(place, value)) for value in VALUES]
    assert any(faults)
    assert "hush" not in "".join(faults)


def _faults_of(keys: dict[str, Any]) -> str:
    try:
        read(keys)
    except ConfigError as error:
        return str(error)
    return ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 500) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(keys_of(Build) + keys_of(Server)), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=examples(40))
@given(st.dictionaries(st.sampled_from(keys_of(Settings)), JSON, max_size=6))
def test_whatever_stands_in_the_file_faults_are_all_that_comes(keys: dict[str, Any]) -> None:
    try:
        read(keys)
    except ConfigError as error:
        assert error.faults  # noqa: PT017 - nearly all of these have faults
        paths = [(fault.path, fault.problem) for fault in error.faults]
        assert len(set(paths)) == len(paths)
