"""`leeroy hook` says what it lacks, and is the same as `serve --publish-only`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("words", [["hook"], ["serve", "--publish-only"]], ids=" ".join)
def test_who_does_nothing_but_publish_needs_to_know_where_to(
    tmp_path: Path, words: list[str]
) -> None:
    settings = {"github_token": "g", "github_webhook_secret": "s", "repositories": {"a/b": {}}}
    (tmp_path / "config.json").write_text(json.dumps(settings))
    told = subprocess.run(
        [sys.executable, "-m", "leeroy", *words, "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr.startswith('nsq.publish: is missing (add "nsq": {"publish": ')
    assert [each.name for each in tmp_path.iterdir()] == ["config.json"]
