"""docs/http.md names every address Leeroy has, and nothing else."""

import re
from pathlib import Path

import pytest

from leeroy.app import create_app
from tests.browser.dashboard_world import services_over

DOCS = Path(__file__).resolve().parents[2] / "docs"
#: How the document writes what an address holds.
WORDS = {"guid": "GUID", "owner": "OWNER", "repo": "REPO", "number": "N", "server": "SERVER"}
#: Flask adds a folder for files; nothing is in it.
FLASKS_OWN = {"/static/<path:filename>"}


@pytest.fixture
def addresses(tmp_path: Path) -> set[str]:
    with services_over(tmp_path) as services:
        rules = create_app(services).url_map.iter_rules()
        found = {rule.rule for rule in rules} - FLASKS_OWN
    return {re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda m: WORDS.get(m[1], "..."), r) for r in found}


def test_every_address_is_documented(addresses: set[str]):
    text = (DOCS / "http.md").read_text()
    missing = {
        address for address in addresses if not re.search(rf"[ `]{re.escape(address)}[`?]", text)
    }
    assert missing == set()


def test_every_address_documented_is_there(addresses: set[str]):
    text = (DOCS / "http.md").read_text()
    named = set(re.findall(r"`(?:GET|POST) (/[^`?]*)[`?]", text))
    assert named <= addresses


def test_every_picture_is_there():
    for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", (DOCS / "http.md").read_text()):
        assert (DOCS / name).exists(), name
