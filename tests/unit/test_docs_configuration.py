"""docs/configuration.md and config.example.json keep up with the settings."""

import json
import re
from pathlib import Path

import pytest

from leeroy.config import config_schema, load_config, parse_config
from leeroy.config.docker import PATH_RULES
from leeroy.config.models import Settings
from leeroy.config.parts import keys_of
from leeroy.config.reference import TABLES, table_of, with_tables
from leeroy.config.templates import PARAMETER_WORDS

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENT = (CHECKOUT / "docs" / "configuration.md").read_text("utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
ENVIRONMENT: dict[str, str] = {
    name: "https://hooks.example.com/x" if name.endswith("_URL") else f"the-{name.lower()}"
    for name in re.findall(
        r"\$\{(\w+)\}", DOCUMENT + (CHECKOUT / "config.example.json").read_text("utf-8")
    )
}


def test_the_tables_of_the_document_are_those_of_the_settings() -> None:
    assert with_tables(DOCUMENT) == DOCUMENT, (
        "run: python -m leeroy.config.reference docs/configuration.md"
    )


@pytest.mark.parametrize("name", TABLES)
def test_every_setting_is_documented_with_its_default_and_meaning(name: str) -> None:
    assert table_of(name) in DOCUMENT, (
        f"docs/configuration.md: write a section with <!-- table: {name} --> and <!-- end --> in it,"
        " then run: python -m leeroy.config.reference docs/configuration.md"
    )
    for row in table_of(name).splitlines()[2:]:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        assert all(cells), f"{name}: {row}"


def test_every_setting_stands_with_its_level() -> None:
    levels = dict(
        re.findall(r"^\| `([\w$]+)` \| ([a-z, ]+) \|", table_of("settings"), re.MULTILINE)
    )
    assert levels.keys() == set(keys_of(Settings))
    assert set(levels.values()) == {"top", "repo", "repo, build"}
    assert levels["drafts"] == levels["build_commits"] == "repo, build"
    assert levels["mode"] == levels["patchparser"] == "repo"


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_in_the_document_loads(example: str) -> None:
    minimal = json.loads(EXAMPLES[0])
    config = parse_config(
        json.dumps({**minimal, **json.loads(example)}),
        environ=ENVIRONMENT,
        read_file=lambda path: "text of a file",
    )
    assert config.builds


def test_the_smallest_config_has_six_lines() -> None:
    assert len(EXAMPLES[0].splitlines()) == 6


def test_the_example_file_loads() -> None:
    config = load_config(CHECKOUT / "config.example.json", ENVIRONMENT)
    assert [build.context for build in config.builds_for("acme/widgets")] == [
        "ci/test",
        "ci/docs",
        "ci/windows",
    ]
    assert [build.jenkins_job_name for build in config.builds_for("acme/gears")] == [
        "gears-pull-requests"
    ]
    assert not config.for_repo("acme/playground-1").drafts


def test_the_path_rules_and_words_in_the_document_are_those_of_the_code() -> None:
    for context, rules in PATH_RULES.items():
        shown = re.search(rf"<!-- rule: {context} -->(.*?)<!-- end rule -->", DOCUMENT)
        assert shown is not None
        assert tuple(re.findall(r"`([^`]+)`", shown[1])) == rules
    words = re.search(r"<!-- words -->(.*?)<!-- end words -->", DOCUMENT, re.DOTALL)
    assert words is not None
    assert tuple(re.findall(r"\{(\w+)\}", words[1])) == PARAMETER_WORDS


def test_the_schema_describes_every_key_and_shows_no_secret() -> None:
    schema = config_schema()
    assert schema["properties"].keys() == set(keys_of(Settings))
    parts = [schema, *(part for part in schema["$defs"].values() if "properties" in part)]
    for part in parts:
        assert part["additionalProperties"] is False
        for key, value in part["properties"].items():
            assert value.get("description"), key
    assert "*****" not in json.dumps(schema)
