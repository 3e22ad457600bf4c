"""`leeroy check-config`: faults, a summary, and what the settings come to."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from leeroy.cli.check import command
from leeroy.cli.outline import feature_of, job_uses
from leeroy.config import NOT_YET
from leeroy.errors import ConfigError
from tests.making import a_build_setting, config

SECRETS = ["jenkins-token", "ghp_0123456789abcdefghij", "of-the-webhook", "hunter2hunter2"]


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    yield
    structlog.reset_defaults()


@pytest.fixture
def check(tmp_path: Path):
    def run(*options: str, **settings: object):
        whole = {
            "jenkins": {
                "base_url": "http://jenkins.test",
                "username": "leeroy",
                "token": SECRETS[0],
                "notification_secret": "a-long-enough-one",
            },
            "github_token": SECRETS[1],
            "github_webhook_secret": SECRETS[2],
            "builds": [a_build_setting()],
            **settings,
        }
        path = tmp_path / "config.json"
        path.write_text(json.dumps(whole))
        return CliRunner().invoke(command, ["--config", str(path), *options])

    return run


def test_good_settings_are_summed_up(check):
    told = check(user="operator", **{"pass": SECRETS[3]})
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "config.json is good: 1 repository, 1 build, 0 branch builds",
        "  Jenkins default: http://jenkins.test as leeroy",
        "  GitHub: https://api.github.com",
        "  public_url is not set: `leeroy hooks install` and links to Leeroy need it",
    ]


def test_what_is_worth_knowing_is_said_and_is_no_fault(check):
    told = check(mode="observe", github_webhook_secret="secret")
    assert told.exit_code == 0
    lines = told.output.splitlines()
    assert lines[lines.index("Worth knowing") :] == [
        "Worth knowing",
        "  mode: observes: nothing is written anywhere",
        (
            "  github_webhook_secret: is a common one: it is guessed first, and logs lose that word (a "
            "random one: openssl rand -hex 20)"
        ),
    ]


def test_every_fault_is_told_at_once_with_its_path(check):
    told = check(buidls=[], github_webhook_secret="${NOWHERE_TO_BE_FOUND}", builds=[{"paths": 3}])
    assert isinstance(told.exception, ConfigError)
    assert {fault.path for fault in told.exception.faults} == {
        "buidls",
        "github_webhook_secret",
        "builds[0].paths",
        "builds[0].github_repo",
    }


def test_a_missing_secret_is_a_fault_with_the_way_out(check):
    told = check(github_webhook_secret=[])
    (fault,) = told.exception.faults
    assert fault.path == "github_webhook_secret"
    assert "LEEROY_WEBHOOK_SECRET" in fault.hint


def test_settings_without_effect_yet_are_named_with_what_they_wait_for(check):
    builds = [a_build_setting(max_builds=2, handle_issues=True)]
    told = check(builds=builds, keep_days=3).output
    pending = config(builds=builds, keep_days=3, trust="write").without_effect()
    assert ("have no effect yet" in told) is bool(pending)
    assert all(f"  {feature_of(path)}: " in told and path in told for path in pending)


@pytest.mark.parametrize("key", list(NOT_YET))
def test_every_setting_without_effect_finds_its_feature(key):
    first, _, last = key.partition(".")
    path = {
        "builds": f"builds[3].{last}",
        "jenkins_servers": f"jenkins_servers.a.b.{last}",
        "repositories": f"repositories.acme/x.{last}",
    }.get(first if last else "", key)
    assert feature_of(path) == NOT_YET[key]


def test_resolve_shows_jobs_contexts_servers_and_what_is_inherited(check):
    told = check(
        "--resolve",
        jenkins_servers={"arm": {"base_url": "http://arm.test"}},
        builds=[
            a_build_setting(github_repo="acme/*", jenkins_job_name="{repo}-pr", context="ci"),
            a_build_setting(jenkins_job_name="arm/pr", context="", jenkins="arm"),
            a_build_setting(jenkins_job_name="old-{branch}", context="old", branches=["old/*"]),
        ],
        branches=[
            {
                "github_repo": "acme/widgets",
                "branch": "master",
                "jenkins_job_name": "x-{branch}",
                "context": "bin",
            }
        ],
        repositories={"acme/widgets": {"build_commits": "all", "max_commits": 7}},
    )
    assert told.exit_code == 0
    lines = [line.strip() for line in told.output.splitlines()]
    assert "ci: job widgets-pr on Jenkins default, for each pull request" in lines
    assert "arm/pr: job arm/pr on Jenkins arm, for each pull request" in lines
    assert "bin: job x-master on Jenkins default, for each push to master" in lines
    assert any("branches old/*" in line and "build_commits all" in line for line in lines)
    assert "{branch} is filled in once the branch is known" in lines
    glob = lines.index(
        "acme/*: only GitHub can list the repositories it stands for; in each of them"
    )
    assert lines[glob + 1].startswith("ci: job {repo}-pr")
    assert all("max_commits" not in line for line in lines[glob:])


def test_no_secret_is_ever_shown(check):
    told = check(
        "--resolve",
        user="operator",
        **{"pass": SECRETS[3]},
        database_url="postgresql://leeroy:hunter2hunter2@db/leeroy",
        repositories={"acme/*": {"github_token": SECRETS[1], "github_webhook_secret": SECRETS[2]}},
    )
    assert told.exit_code == 0
    assert not [secret for secret in SECRETS if secret in told.output]


def test_a_repository_uses_the_jobs_of_globs_too():
    settings = config(
        builds=[a_build_setting(), a_build_setting(github_repo="acme/*", context="{owner}")]
    )
    assert [use.settings.context for use in job_uses(settings, "acme/widgets")] == ["janky", "acme"]
