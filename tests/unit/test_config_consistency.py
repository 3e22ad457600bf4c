"""What can only be told of whole settings: contexts used twice, secrets and tokens left out."""

import json
from typing import Any

import pytest

from leeroy.config import Config, parse_config
from leeroy.errors import ConfigError

SERVER = {"base_url": "https://jenkins.example.com", "username": "leeroy", "token": "t"}
BUILD = {"github_repo": "acme/widgets", "jenkins_job_name": "widgets"}
MINIMAL: dict[str, Any] = {
    "jenkins": SERVER,
    "github_token": "g",
    "github_webhook_secret": "s",
    "builds": [BUILD],
}


def read(settings: object, **environ: str) -> Config:
    text = settings if isinstance(settings, str) else json.dumps(settings)

    def read_file(path: object) -> str:
        raise FileNotFoundError(2, "No such file or directory")

    return parse_config(text, environ=environ, read_file=read_file)


def faults_of(settings: object, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(settings, **environ)
    return [str(fault) for fault in caught.value.faults]


def changed(**keys: object) -> dict[str, object]:
    return {key: value for key, value in {**MINIMAL, **keys}.items() if value != "absent"}


@pytest.mark.parametrize(
    ("settings", "environ"),
    [
        (changed(github_webhook_secret="absent"), {"LEEROY_WEBHOOK_SECRET": "s"}),
        (changed(github_webhook_secret="absent", allow_unsigned_webhooks=True), {}),
        (
            changed(
                github_webhook_secret="absent",
                repositories={"acme/*": {"github_webhook_secret": "s"}},
            ),
            {},
        ),
    ],
    ids=["environment", "unsigned by choice", "each repository its own"],
)
def test_a_webhook_secret_may_come_from(settings: object, environ: dict[str, str]) -> None:
    assert read(settings, **environ)


@pytest.mark.parametrize("environ", [{}, {"LEEROY_WEBHOOK_SECRET": ""}], ids=["unset", "empty"])
def test_without_a_webhook_secret_the_fault_says_how_to_add_one(environ: dict[str, str]) -> None:
    (fault,) = faults_of(changed(github_webhook_secret="absent"), **environ)
    assert fault.startswith("github_webhook_secret: is missing for acme/widgets")
    assert "LEEROY_WEBHOOK_SECRET" in fault
    assert "allow_unsigned_webhooks" in fault


def test_a_token_for_each_repository_does_in_place_of_one_for_all() -> None:
    config = read(
        changed(github_token="absent", repositories={"acme/widgets": {"github_token": "w"}})
    )
    assert config.for_repo("acme/widgets").github_token.get_secret_value() == "w"


@pytest.mark.parametrize(
    "keys",
    [
        {"builds": [], "repositories": {"acme/widgets": {"patchparser": {"size": True}}}},
        {"builds": [{**BUILD, "jenkins_job_name": ""}]},
        {"builds": [{**BUILD, "jenkins": "arm"}], "jenkins_servers": {"arm": SERVER}},
    ],
    ids=["only checks", "a build without a job", "another server"],
)
def test_no_jenkins_is_needed_where_it_builds_nothing(keys: dict[str, Any]) -> None:
    assert read(changed(jenkins="absent", **keys)).jenkins is None
