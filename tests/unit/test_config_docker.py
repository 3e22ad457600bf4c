"""A config.json of docker/leeroy works unchanged once there is a webhook secret."""

import json
from pathlib import Path
from typing import Any

import pytest

from leeroy.config import BuildCommits, Config, parse_config

DOCKER: dict[str, Any] = {
    "jenkins": {
        "username": "leeroy",
        "token": "jenkins-token",
        "base_url": "https://jenkins.example.com",
    },
    "build_commits": "new",
    "github_token": "github-token",
    "github_user": "gordontheturtle",
    "builds": [
        {
            "github_repo": "docker/docker",
            "jenkins_job_name": "Docker-PRs",
            "context": "janky",
            "handle_issues": True,
        },
        {
            "github_repo": "docker/docker",
            "jenkins_job_name": "Docker-PRs-experimental",
            "context": "experimental",
            "custom": True,
        },
        {
            "github_repo": "docker/docker",
            "jenkins_job_name": "docs/job/Docs-PRs",
            "context": "doc",
            "custom": True,
        },
        {
            "github_repo": "docker/docker",
            "jenkins_job_name": "Docker-PRs-vendor",
            "context": "vendor",
            "custom": True,
        },
        {"github_repo": "docker/docker", "context": "none"},
        {
            "github_repo": "docker/compose",
            "jenkins_job_name": "compose",
            "context": "pipeline",
            "is_pipeline": True,
        },
        {"github_repo": "docker/swarm", "jenkins_job_name": "Swarm-PRs"},
    ],
    "user": "admin",
    "pass": "password",
}


def read(settings: dict[str, Any]) -> Config:
    return parse_config(
        json.dumps(settings), environ={"LEEROY_WEBHOOK_SECRET": "s"}, read_file=Path.read_text
    )


def test_every_key_keeps_its_meaning() -> None:
    config = read(DOCKER)
    builds = {build.context: build for build in config.builds_for("docker/docker")}
    assert list(builds) == ["janky", "experimental", "doc", "vendor"]
    assert builds["janky"].build_commits is BuildCommits.NEW
    assert builds["experimental"].is_on_command
    assert not builds["janky"].is_on_command
    assert config.handles_issues("docker/docker")
    assert not config.handles_issues("docker/swarm")
    assert config.builds_for("docker/compose")[0].is_pipeline
    assert config.builds_for("docker/swarm")[0].context == "Swarm-PRs"
    assert (config.user, config.password.get_secret_value()) == ("admin", "password")
    assert config.github_user == "gordontheturtle"


def test_the_hard_coded_contexts_are_built_when_their_files_change() -> None:
    builds = {build.context: build for build in read(DOCKER).builds_for("docker/docker")}
    assert builds["doc"].paths == ("docs*", "docs*/**")
    assert builds["vendor"].paths == (
        "vendor*",
        "vendor*/**",
        "hack/vendor.sh",
        "hack/.vendor-helper.sh",
    )
    # They were "custom", and yet built when such files changed.
    assert not builds["doc"].is_on_command


@pytest.mark.parametrize(
    ("keys", "paths", "is_on_command"),
    [
        ({"paths": ["man/**"]}, ("man/**",), False),
        ({"paths": []}, (), False),
        ({"paths": [], "custom": True}, (), True),
        ({"on_command": True}, ("docs*", "docs*/**"), True),
        ({"context": "Doc"}, (), False),
    ],
    ids=["own paths", "no paths", "custom without paths", "on command", "another context"],
)
def test_what_a_build_says_itself_wins_over_the_hard_coded_rules(
    keys: dict[str, object], paths: tuple[str, ...], is_on_command: bool
) -> None:
    build = {"github_repo": "a/b", "jenkins_job_name": "docs", "context": "doc", **keys}
    (found,) = read({**DOCKER, "builds": [build]}).builds_for("a/b")
    assert (found.paths, found.is_on_command) == (paths, is_on_command)


@pytest.mark.parametrize(
    ("job", "full_name"),
    [
        ("team/job/widgets", "team/widgets"),
        ("job/team/job/widgets", "team/widgets"),
        ("a/job/b/job/c", "a/b/c"),
        ("team/widgets", "team/widgets"),
        ("job", "job"),
        ("team/job", "team/job"),
        ("my job", "my job"),
    ],
)
def test_jobs_in_folders_may_be_called_as_docker_leeroy_needed_it(job: str, full_name: str) -> None:
    build = {"github_repo": "a/b", "jenkins_job_name": job}
    config = read({**DOCKER, "builds": [build]})
    assert config.builds_for("a/b")[0].jenkins_job_name == full_name
    assert config.builds_of_job("default", full_name) == config.builds_for("a/b")


@pytest.mark.parametrize("keys", [{}, {"build_commits": ""}], ids=["absent", "empty"])
def test_without_build_commits_the_last_one_is_built(keys: dict[str, object]) -> None:
    settings = {key: value for key, value in DOCKER.items() if key != "build_commits"}
    config = read({**settings, **keys})
    assert config.for_repo("docker/docker").build_commits is BuildCommits.LAST


def test_an_empty_operator_is_none() -> None:
    config = read({**DOCKER, "user": "", "pass": ""})
    assert not config.password.get_secret_value()
