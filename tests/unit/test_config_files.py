"""Settings come from files and the environment: references, includes, certificates."""

import json
from pathlib import Path
from typing import Any

import pytest

from leeroy.config import Config, load_config
from leeroy.errors import ConfigError

MINIMAL: dict[str, Any] = {
    "jenkins": {"base_url": "https://jenkins.example.com/"},
    "github_token": "g",
    "github_webhook_secret": "s",
}


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def load(folder: Path, keys: dict[str, Any], **environ: str) -> Config:
    return load_config(write(folder, "config.json", {**MINIMAL, **keys}), environ)


def faults_of(folder: Path, keys: dict[str, Any], **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, keys, **environ)
    return [str(fault) for fault in caught.value.faults]


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read .*none\.json: No such file.*--config"):
        load_config(tmp_path / "none.json", {})


def test_a_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b'{"user": "\xff"}')
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_config(tmp_path / "config.json", {})


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, "config.json", "\ufeff" + json.dumps(MINIMAL))
    assert load_config(path, {}).source == path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${NAME}", "value"),
        ("a-${NAME}-${OTHER}", "a-value-${NAME}"),
        ("$${NAME}", "${NAME}"),
        ("${file:secrets/token}", "from a file"),
        ("$NAME {NAME} $", "$NAME {NAME} $"),
        ("a$${b", "a${b"),
    ],
    ids=["whole", "parts, once only", "escaped", "file", "no reference", "escaped, not closed"],
)
def test_references_are_replaced_in_any_text(tmp_path: Path, text: str, value: str) -> None:
    write(tmp_path, "secrets/token", "from a file\n")
    config = load(tmp_path, {"github_token": text}, NAME="value", OTHER="${NAME}")
    assert config.github_token.get_secret_value() == value


def test_references_are_replaced_in_lists_and_objects(tmp_path: Path) -> None:
    config = load(tmp_path, {"repositories": {"a/b": {"trusted_users": ["${WHO}"]}}}, WHO="octocat")
    assert config.for_repo("a/b").trusted_users == ("octocat",)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("${MISSING}", "the environment has no MISSING (set it, or use ${file:PATH})"),
        ("${GITHUB_TOKE}", "the environment has no GITHUB_TOKE (did you mean ${GITHUB_TOKEN}?)"),
        (
            "${file:nowhere}",
            "${file:nowhere}: cannot read the file: No such file or directory (paths are relative "
            + "to the file they stand in)",
        ),
        (
            "${a b}",
            "${...} must hold a variable's name, or file:PATH (write $${ for a plain ${)",
        ),
        ("${GITHUB_TOKEN", "has a ${ that no } closes (write $${ for a plain ${)"),
        (
            "$GITHUB_TOKEN",
            (
                "is taken as it is, though it looks like a variable (write ${NAME}; a text that "
                "begins with $ may come from one, or from a file)"
            ),
        ),
    ],
    ids=["variable", "misspelt variable", "file", "neither", "not closed", "without braces"],
)
def test_a_reference_that_leads_nowhere_is_a_fault(tmp_path: Path, text: str, fault: str) -> None:
    found = faults_of(tmp_path, {"github_token": text}, GITHUB_TOKEN="secret-value")
    assert found == [f"github_token: {fault}"]


def test_two_references_in_one_text_are_two_faults(tmp_path: Path) -> None:
    assert len(faults_of(tmp_path, {"github_token": "${A}${B}"})) == 2


def test_included_files_add_builds_branches_and_repositories(tmp_path: Path) -> None:
    build = {"github_repo": "a/b", "jenkins_job_name": "${JOB}"}
    write(tmp_path, "conf.d/1.json", {"builds": [build], "repositories": {"a/b": {"mode": "act"}}})
    write(tmp_path, "conf.d/2.json", {"branches": [{**build, "branch": "master"}]})
    config = load(
        tmp_path, {"include": "conf.d/*.json", "builds": [{**build, "context": "own"}]}, JOB="job"
    )
    assert [build.context for build in config.builds_for("a/b")] == ["own", "job"]
    assert [branch.jenkins_job_name for branch in config.branches_for("a/b", "master")] == ["job"]


def test_faults_in_included_files_name_the_file(tmp_path: Path) -> None:
    build = {"github_repo": "a/b", "jenkins_job_name": "job"}
    write(tmp_path, "conf.d/1.json", {"builds": [{**build, "contxt": 1}, build], "user": "x"})
    write(tmp_path, "conf.d/2.json", '{"builds": [}')
    write(tmp_path, "conf.d/3.json", {"builds": {}, "repositories": {"a/b": {"mode": "${NO}"}}})
    found = faults_of(
        tmp_path, {"include": ["conf.d/*.json", "gone.json"], "repositories": {"a/b": {}}}
    )
    assert [fault.split(" (")[0] for fault in found] == [
        "conf.d/1.json:user: unknown key",
        "line 1, column 13 of conf.d/2.json: is not JSON",
        "conf.d/3.json:repositories.a/b.mode: the environment has no NO",
        "conf.d/3.json:builds: must be a list",
        "conf.d/3.json:repositories.a/b: is the same repository as repositories.a/b",
        "include[1]: there is no such file",
        "conf.d/1.json:builds[0].contxt: unknown key",
        'conf.d/1.json:builds[1].context: "job" in a/b is the context of '
        + "conf.d/1.json:builds[0] too",
    ]


def test_a_glob_that_includes_nothing_is_no_fault(tmp_path: Path) -> None:
    assert load(tmp_path, {"include": ["conf.d/*.json"]})


def test_certificates_are_relative_to_the_config_file(tmp_path: Path) -> None:
    pem = write(tmp_path, "tls/ca.pem", "-----BEGIN CERTIFICATE-----\n")
    server = {**MINIMAL["jenkins"], "ca_file": "tls/ca.pem"}
    config = load(
        tmp_path,
        {"jenkins": server, "jenkins_servers": {"b": server}, "github_ca_file": str(pem)},
    )
    assert [server.ca_file for server in config.servers.values()] == [str(pem), str(pem)]
    assert config.github_ca_file == str(pem)


def test_paths_stay_right_when_the_config_file_is_named_relatively(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = write(tmp_path, "etc/ca.pem", "-----BEGIN CERTIFICATE-----\n")
    write(tmp_path, "etc/config.json", {**MINIMAL, "github_ca_file": "ca.pem"})
    monkeypatch.chdir(tmp_path)
    config = load_config("etc/config.json", {})
    assert (config.github_ca_file, config.source.parent) == (str(pem), tmp_path / "etc")


def test_a_certificate_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    assert faults_of(tmp_path, {"github_ca_file": "gone.pem"}) == [
        "github_ca_file: cannot be read: No such file or directory"
    ]


def test_the_secret_of_the_environment_is_one_more_of_the_top(tmp_path: Path) -> None:
    keys = {"repositories": {"a/own": {"github_webhook_secret": ["x", "y"]}}}
    config = load(tmp_path, keys, LEEROY_WEBHOOK_SECRET="from-environment")
    secrets = {
        repo: [secret.get_secret_value() for secret in config.for_repo(repo).github_webhook_secret]
        for repo in ("a/any", "a/own")
    }
    assert secrets == {"a/any": ["s", "from-environment"], "a/own": ["x", "y"]}
