"""What can only be told of whole settings: contexts used twice, secrets and tokens left out."""

import json
from typing import Any

import pytest

from leeroy.config import Config, parse_config
from leeroy.errors import ConfigError

SERVER = {"base_url": "https://jenkins.example.com", "username": "leeroy", "token": "t"}
BUILD = {"github_repo": "acme/widgets", "jenkins_job_name": "widgets"}
BRANCH = {**BUILD, "branch": "master"}
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
    ("first", "second", "clash"),
    [
        ({}, {}, True),
        ({}, {"github_repo": "Acme/Widgets"}, True),
        ({}, {"jenkins_job_name": "WIDGETS"}, True),
        ({}, {"github_repo": "acme/*"}, True),
        ({}, {"github_repo": "acme/*", "exclude": ["acme/widgets"]}, False),
        ({}, {"context": "other"}, False),
        ({}, {"github_repo": "other/widgets"}, False),
        ({}, {"jenkins_job_name": ""}, False),
        ({"github_repo": "acme/*"}, {"github_repo": "acme/w*"}, True),
        ({"github_repo": "acme/*"}, {"github_repo": "*/widgets"}, True),
        ({"github_repo": "acme/*"}, {"github_repo": "other/*"}, False),
        ({"jenkins_job_name": "{repo}"}, {}, True),
        ({"context": "{owner}-ci"}, {"context": "acme-ci"}, True),
        ({"context": "{branch}-ci"}, {"context": "{repo}-ci"}, False),
    ],
)
def test_two_builds_with_one_context_in_one_repository_are_a_fault(
    first: dict[str, str], second: dict[str, str], clash: bool
) -> None:
    # What brings two globs together may be known by a name that stands elsewhere.
    known: dict[str, object] = {"repositories": {"acme/widgets": {}}}
    settings = changed(builds=[{**BUILD, **first}, {**BUILD, **second}], **known)
    if not clash:
        assert read(settings)
        return
    (fault,) = faults_of(settings)
    assert fault.startswith("builds[1].context: ")
    assert " is the context of builds[0] too" in fault


@pytest.mark.parametrize(
    ("branch", "clash"), [("master", True), ("m*", True), ("release/*", False)]
)
def test_two_branches_with_one_context_are_a_fault(branch: str, clash: bool) -> None:
    settings = changed(branches=[BRANCH, {**BRANCH, "branch": branch}])
    if clash:
        assert faults_of(settings) == [
            "branches[1].context: is the context of branches[0] too (give one of them another context)"
        ]
    else:
        assert read(settings)


def test_a_branch_may_report_the_context_of_a_build_as_merge_queues_need() -> None:
    assert read(changed(branches=[{**BRANCH, "branch": "gh-readonly-queue/**"}]))


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
