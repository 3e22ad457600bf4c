"""What deploy/ has is confined as docs/security.md says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNIT = (ROOT / "deploy" / "leeroy.service").read_text("utf-8")
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text("utf-8")
ANALYZE = shutil.which("systemd-analyze")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a program that is here."""
    file = tmp_path / "leeroy.service"
    file.write_text(UNIT.replace("/opt/leeroy/bin/leeroy", "/bin/true"))
    return file


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here")
def test_systemd_understands_the_unit_and_finds_it_confined(unit: Path):
    verified = subprocess.run(
        [str(ANALYZE), "verify", str(unit)], capture_output=True, text=True, check=False
    )
    # On a machine without the user, that is all it may say.
    said = [line for line in verified.stderr.splitlines() if "leeroy.service" in line]
    assert said == []
    rated = subprocess.run(
        [str(ANALYZE), "security", "--offline=true", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    level = re.search(r"Overall exposure level.*?: ([0-9.]+)", rated.stdout)
    assert level is not None, rated.stderr
    assert float(level[1]) <= 1.5


def test_the_unit_is_not_roots_and_reloads():
    for line in ("User=leeroy", "ExecReload=/bin/kill -HUP $MAINPID", "ProtectSystem=strict"):
        assert line in UNIT.splitlines()


def test_the_image_is_not_roots_is_watched_and_pinned_and_holds_no_settings():
    lines = DOCKERFILE.splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    assert "/healthz" in DOCKERFILE
    assert "--constraint constraints.txt" in DOCKERFILE
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    allowed = {"pyproject.toml", "constraints.txt", "README.md", "LICENSE", "leeroy", "patchparser"}
    assert set(" ".join(copied).split()) == allowed
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert ignored[1] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == allowed


def test_every_test_that_is_named_is_there():
    for path, name in re.findall(r"\((\.\./tests/[\w/.]+)\)(?: `::(\w+)`)?", SECURITY):
        file = ROOT / "docs" / path
        assert file.exists(), path
        assert re.search(rf"(?:def|class) {name}\b", file.read_text("utf-8")), name
