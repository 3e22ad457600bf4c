"""What holds for one repository: nearest wins, templates filled, jobs found again."""

import json
from typing import Any

import pytest

from leeroy.config import BuildCommits, Config, Mode, ParameterSet, parse_config
from leeroy.config.fields import Model
from leeroy.config.models import Branch, Build, Server, Settings
from leeroy.config.not_yet import NOT_YET, without_effect
from leeroy.config.parts import keys_of

BUILD = {"github_repo": "acme/widgets", "jenkins_job_name": "widgets"}


def settings(**keys: Any) -> Config:
    minimal = {
        "jenkins": {"base_url": "https://jenkins.example.com/"},
        "github_token": "top",
        "github_webhook_secret": "s",
    }

    def read_file(path: object) -> str:
        raise FileNotFoundError(2, "No such file or directory")

    return parse_config(json.dumps({**minimal, **keys}), environ={}, read_file=read_file)


@pytest.mark.parametrize(
    ("repo", "max_commits"),
    [
        ("other/x", 1),
        ("acme/x", 2),
        ("acme/widgets-2", 3),
        ("acme/widgets", 4),
        ("Acme/Widgets", 4),
    ],
    ids=["top", "glob", "glob with more letters", "name", "case of the name"],
)
def test_the_nearest_place_that_says_something_wins(repo: str, max_commits: int) -> None:
    config = settings(
        max_commits=1,
        repositories={
            "acme/widgets": {"max_commits": 4},
            "acme/*": {"max_commits": 2, "trust": "everyone"},
            "acme/widgets*": {"max_commits": 3},
        },
    )
    assert config.for_repo(repo).max_commits == max_commits
    assert config.for_repo(repo).trust == ("write" if repo == "other/x" else "everyone")
    assert config.for_repo(repo).github_token.get_secret_value() == "top"


def test_saying_the_default_nearby_still_wins() -> None:
    config = settings(drafts=False, repositories={"acme/widgets": {"drafts": True}})
    assert config.for_repo("acme/widgets").drafts
    assert not config.for_repo("acme/other").drafts


def test_false_switches_off_what_the_top_switches_on() -> None:
    config = settings(
        conflicts=True,
        patchparser={"size": True},
        repositories={"acme/quiet": {"conflicts": False, "patchparser": False}},
    )
    assert config.for_repo("acme/loud").conflicts is not None
    assert config.policy_for("acme/loud") is not None
    assert config.for_repo("acme/quiet").conflicts is None
    assert config.policy_for("acme/quiet") is None


def test_a_build_takes_from_its_repository_what_it_does_not_say() -> None:
    config = settings(
        build_commits="new",
        drafts=False,
        repositories={"acme/widgets": {"max_commits": 7}},
        builds=[{**BUILD, "context": "a"}, {**BUILD, "context": "b", "build_commits": "all"}],
    )
    first, second = config.builds_for("acme/widgets")
    assert (first.build_commits, first.max_commits, first.drafts) == (BuildCommits.NEW, 7, False)
    assert (second.build_commits, second.max_commits, second.drafts) == (BuildCommits.ALL, 7, False)


def test_a_build_is_called_after_its_job_unless_it_has_a_context() -> None:
    config = settings(builds=[BUILD, {**BUILD, "context": "ci"}])
    assert [build.context for build in config.builds_for("acme/widgets")] == ["widgets", "ci"]


def test_globs_and_templates_are_filled_in_for_each_repository() -> None:
    config = settings(
        builds=[
            {
                "github_repo": "acme/*",
                "exclude": ["acme/old-*"],
                "jenkins_job_name": "{owner}/{repo}-pr-{branch}",
                "context": "ci/{repo}",
            }
        ]
    )
    (build,) = config.builds_for("acme/gears", "release/1.x")
    assert build.github_repo == "acme/gears"
    assert build.jenkins_job_name == "acme/gears-pr-release%2F1.x"
    assert build.context == "ci/gears"
    assert config.builds_for("acme/gears")[0].jenkins_job_name == "acme/gears-pr-{branch}"
    assert config.builds_for("acme/old-gears") == ()


def test_a_build_without_a_job_is_not_built() -> None:
    config = settings(builds=[{"github_repo": "acme/widgets", "context": "ci"}])
    assert config.builds_for("acme/widgets") == ()


@pytest.mark.parametrize(
    ("base", "job"), [("main", "now"), ("release/1", "then"), ("other", "now")]
)
def test_of_builds_that_share_a_context_that_of_the_base_speaks(base: str, job: str) -> None:
    config = settings(
        builds=[
            {**BUILD, "jenkins_job_name": "now", "context": "ci", "branches": ["main"]},
            {**BUILD, "jenkins_job_name": "then", "context": "CI", "branches": ["release/*"]},
        ]
    )
    assert [build.jenkins_job_name for build in config.builds_for("acme/widgets", base)] == [job]
    assert [b.jenkins_job_name for b in config.builds_for("acme/widgets")] == ["now", "then"]
    assert [b.jenkins_job_name for b in config.builds_of_job("default", "then")] == ["then"]


def test_of_templates_that_meet_on_one_branch_alone_the_first_speaks() -> None:
    config = settings(
        builds=[
            {**BUILD, "jenkins_job_name": "one", "context": "ci/main"},
            {**BUILD, "jenkins_job_name": "two", "context": "CI/{branch}"},
        ]
    )
    assert [build.jenkins_job_name for build in config.builds_for("acme/widgets", "main")] == [
        "one"
    ]
    assert len(config.builds_for("acme/widgets", "other")) == 2


@pytest.mark.parametrize(
    ("branch", "jobs"),
    [
        ("master", ["bin"]),
        ("release/1", ["rel-release%2F1"]),
        ("release/1/2", []),
        ("Master", []),
    ],
)
def test_branches_are_globs_and_compare_with_their_case(branch: str, jobs: list[str]) -> None:
    config = settings(
        branches=[
            {"github_repo": "acme/widgets", "branch": "master", "jenkins_job_name": "bin"},
            {
                "github_repo": "acme/*",
                "branch": "release/*",
                "jenkins_job_name": "rel-{branch}",
            },
        ]
    )
    found = config.branches_for("acme/widgets", branch)
    assert [each.jenkins_job_name for each in found] == jobs


@pytest.mark.parametrize(
    ("repo", "known"),
    [
        ("acme/widgets", True),
        ("ACME/widgets", True),
        ("acme/pushed", True),
        ("acme/checked", True),
        ("acme/other", False),
    ],
)
def test_a_repository_is_known_by_builds_branches_or_settings(repo: str, known: bool) -> None:
    config = settings(
        builds=[BUILD],
        branches=[{"github_repo": "acme/pushed", "branch": "master", "jenkins_job_name": "x"}],
        repositories={"acme/checked": {"patchparser": {"size": True}}},
    )
    assert config.knows(repo) is known
    assert config.repo_names() == ("acme/widgets", "acme/pushed", "acme/checked")


JOBS = [
    {"github_repo": "acme/widgets", "jenkins_job_name": "team/widgets", "context": "plain"},
    {"github_repo": "acme/*", "jenkins_job_name": "{repo}-pr", "context": "named"},
    {"github_repo": "*/*", "jenkins_job_name": "everything", "context": "shared"},
    {"github_repo": "acme/multi", "jenkins_job_name": "m", "is_pipeline": True, "context": "multi"},
    {"github_repo": "acme/win", "jenkins_job_name": "w", "jenkins": "windows", "context": "win"},
]


@pytest.mark.parametrize(
    ("server", "job", "found"),
    [
        ("default", "team/widgets", [("acme/widgets", "plain")]),
        ("default", "Team/Widgets", [("acme/widgets", "plain")]),
        ("default", "widgets", []),
        ("default", "gears-pr", [("acme/gears", "named")]),
        ("default", "everything", [("*/*", "shared")]),
        ("default", "m/PR-12", [("acme/multi", "multi")]),
        ("default", "m/feature%2Fx", [("acme/multi", "multi")]),
        ("default", "m/a/b", []),
        ("default", "w", []),
        ("windows", "w", [("acme/win", "win")]),
    ],
)
def test_a_job_leads_back_to_its_builds(
    server: str, job: str, found: list[tuple[str, str]]
) -> None:
    servers = {"windows": {"base_url": "https://windows.example.com"}}
    config = settings(builds=JOBS, jenkins_servers=servers)
    builds = config.builds_of_job(server, job)
    assert [(build.github_repo, build.context) for build in builds] == found


def test_a_job_leads_back_to_its_branches() -> None:
    config = settings(
        branches=[{"github_repo": "acme/*", "branch": "*", "jenkins_job_name": "{repo}-{branch}"}]
    )
    (branch,) = config.branches_of_job("default", "gears-master")
    assert branch.github_repo == "acme/gears"


def test_servers_are_found_by_name() -> None:
    config = settings(jenkins_servers={"windows": {"base_url": "https://w/jenkins/"}})
    assert config.server().base_url == "https://jenkins.example.com"
    assert config.server("windows").base_url == "https://w/jenkins"
    assert (config.server().timeout, config.github_timeout) == (10, 15)
    with pytest.raises(KeyError):
        config.server("mac")


@pytest.mark.parametrize(
    ("parameters", "meant"),
    [
        ("ghprb", ParameterSet.GHPRB),
        ("leeroy", ParameterSet.LEEROY),
        ({"SHA": "{GIT_SHA1}", "JSON": '{"a": 1}'}, {"SHA": "{GIT_SHA1}", "JSON": '{"a": 1}'}),
    ],
    ids=["ghprb", "leeroy", "own"],
)
def test_parameters_are_a_ready_made_set_or_ones_own(parameters: object, meant: object) -> None:
    (build,) = settings(builds=[{**BUILD, "parameters": parameters}]).builds_for("acme/widgets")
    assert build.parameters == meant


def test_settings_never_change() -> None:
    config = settings(builds=[BUILD])
    with pytest.raises(ValueError, match="frozen"):
        config.mode = Mode.OBSERVE
    with pytest.raises(ValueError, match="frozen"):
        config.builds[0].context = "x"


def test_answers_are_kept() -> None:
    config = settings(builds=[BUILD])
    assert config.builds_for("acme/widgets") is config.builds_for("acme/widgets")
    assert config.for_repo("acme/widgets") is config.for_repo("ACME/widgets")


def test_settings_without_effect_yet_are_named_by_their_paths() -> None:
    # The table of the real ones empties as features come.
    config = settings(
        mode="observe",
        drafts=True,
        jenkins={"base_url": "https://j", "max_queued": 3},
        builds=[BUILD, {**BUILD, "context": "b", "retries": 2}],
        repositories={"acme/*": {"mode": "observe"}},
    )
    table = dict.fromkeys(["mode", "drafts", "jenkins.max_queued", "builds.retries"], "later")
    assert list(without_effect(config, table)) == [
        "mode",
        "jenkins.max_queued",
        "builds[1].retries",
        "repositories.acme/*.mode",
    ]


def test_the_table_of_what_has_no_effect_yet_names_real_settings() -> None:
    parts: dict[str, type[Model]] = {
        "": Settings,
        "builds": Build,
        "branches": Branch,
        "jenkins": Server,
        "jenkins_servers": Server,
    }
    for path in NOT_YET:
        part, _, key = path.rpartition(".")
        assert key in keys_of(parts[part]), path
