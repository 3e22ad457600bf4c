"""The frame of the command line: names, `--config`, exit codes, help."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from leeroy.cli.main import Commands, group

GOOD = {
    "jenkins": {"base_url": "http://jenkins.test", "username": "leeroy", "token": "jenkins-token"},
    "github_token": "ghp_0123456789abcdefghij",
    "github_webhook_secret": "webhook-secret",
    "builds": [{"github_repo": "acme/widgets", "jenkins_job_name": "widgets-pr"}],
}


def leeroy(*args: str, folder: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """The real command, in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEEROY")}
    root = str(Path(__file__).resolve().parents[2])
    return subprocess.run(
        [sys.executable, "-m", "leeroy", *args],
        cwd=folder,
        env={**kept, "PYTHONPATH": root, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def write(path: Path, **changes: object) -> Path:
    path.write_text(json.dumps({**GOOD, **changes}))
    return path


@pytest.mark.parametrize("name", list(Commands.PLACES))
def test_the_help_says_of_each_command_what_the_command_says_itself(name):
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert (command.help or "").splitlines()[0] == Commands.PLACES[name][1]


def test_the_help_lists_all_commands_and_loads_none_of_them(tmp_path):
    told = leeroy("--help", folder=tmp_path)
    assert told.returncode == 0
    for name, (_, sentence) in Commands.PLACES.items():
        assert f"{name} " in told.stdout
        assert sentence in told.stdout
    loads = (
        "import sys; sys.argv = ['leeroy', '--help']\n"
        "try:\n    from leeroy.cli import main; main()\n"
        "finally:\n    print([m for m in ('gunicorn', 'pydantic', 'flask', 'sqlalchemy', 'requests')"
        " if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run(
        [sys.executable, "-c", loads], cwd=root, capture_output=True, text=True, check=False
    )
    assert told.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["--config", "mine.json", "check-config"], id="before the name"),
        pytest.param(["check-config", "--config", "mine.json"], id="after the name"),
        pytest.param(["check-config", "--config=mine.json"], id="with an equals sign"),
    ],
)
def test_config_may_stand_before_or_after_the_commands_name(tmp_path, args):
    write(tmp_path / "mine.json")
    told = leeroy(*args, folder=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("mine.json is good")


def test_without_config_the_environment_says_where_it_is_else_it_is_config_json(tmp_path):
    write(tmp_path / "config.json")
    write(tmp_path / "other.json")
    assert "config.json is good" in leeroy("check-config", folder=tmp_path).stdout
    told = leeroy("check-config", folder=tmp_path, LEEROY_CONFIG="other.json")
    assert "other.json is good" in told.stdout


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["check-config", "--config", "none.json"], id="check-config"),
        pytest.param(["--config", "none.json", "serve"], id="serve"),
        pytest.param(["--config", "none.json", "--port", "0"], id="bare options"),
        pytest.param(["--port", "0", "--config", "none.json"], id="bare options turned round"),
        pytest.param(["hooks", "--config", "none.json", "list"], id="between group and command"),
        pytest.param(["doctor", "--config", "none.json"], id="doctor"),
    ],
)
def test_settings_that_are_not_there_are_2_with_the_way_out(tmp_path, args):
    told = leeroy(*args, folder=tmp_path)
    assert told.returncode == 2
    assert told.stderr == (
        "cannot read none.json: No such file or directory "
        "(name the file with --config or LEEROY_CONFIG)\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["serv"], "No such command 'serv'", id="unknown command"),
        pytest.param(["--prot", "80"], "No such option '--prot'", id="misspelt bare option"),
        pytest.param(["--bind=x"], "No such option", id="unknown bare option"),
        pytest.param(["rebuild", "widgets"], "widgets", id="no pull request"),
        pytest.param(["receive", "push", "none.json"], "No such file", id="no payload"),
        pytest.param(
            ["hooks", "install", "other/thing"], "say nothing of", id="strange repository"
        ),
    ],
)
def test_wrong_use_is_2_and_says_what_is_wrong(tmp_path, args, said):
    write(tmp_path / "config.json", public_url="https://leeroy.test")
    told = leeroy(*args, folder=tmp_path)
    assert told.returncode == 2
    assert said in told.stderr


def test_hooks_cannot_be_installed_before_it_is_said_where_leeroy_is(tmp_path):
    write(tmp_path / "config.json")
    told = leeroy("hooks", "install", folder=tmp_path)
    assert told.returncode == 2
    assert told.stderr.startswith("public_url: is missing (add the address")


def test_the_schema_is_json_that_knows_every_top_key(tmp_path):
    told = leeroy("config-schema", folder=tmp_path)
    schema = json.loads(told.stdout)
    assert {"jenkins", "builds", "github_token", "pass"} <= set(schema["properties"])


def test_a_command_that_found_something_wrong_ends_with_1(tmp_path):
    settings = {
        "jenkins": {"base_url": "http://127.0.0.1:9", "username": "leeroy", "token": "t" * 34},
        "github_api_url": "http://127.0.0.1:9",
        "github_token": "ghp_0123456789abcdefghij",
        "github_webhook_secret": "webhook-secret",
        "builds": [{"github_repo": "acme/widgets", "jenkins_job_name": "j", "context": "c"}],
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps(settings))
    command = [sys.executable, "-m", "leeroy", "check-config", "--online", "--config", str(path)]
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 1, ended.stderr
