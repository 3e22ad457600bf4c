"""docs/nsq.md keeps up: its settings load, its program verifies, its metrics are there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from leeroy.config import parse_config
from leeroy.metrics import Metrics
from leeroy.nsq.envelope import MEDIA_TYPE, Envelope, sign, to_json

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "nsq.md").read_text("utf-8")
SETTINGS = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
PROGRAM = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
ENVIRONMENT = {name: f"the-{name.lower()}" for name in re.findall(r"\$\{(\w+)\}", DOCUMENT)}


def an_envelope(**fields: Any) -> Envelope:
    whole: dict[str, Any] = {
        "guid": "1",
        "event": "push",
        "repository": "acme/widgets",
        "subject": "acme/widgets@größer",
        "received": "2026-11-28T12:00:00.000Z",
        "content_type": "application/json",
        "body": '{"ref": "größer"}'.encode(),
        **fields,
    }
    return Envelope(**whole)


@pytest.mark.parametrize("settings", SETTINGS[:4], ids=["hook", "builds", "checks", "branches"])
def test_the_four_settings_files_load(settings: str) -> None:
    config = parse_config(settings, environ=ENVIRONMENT, read_file=lambda path: "")
    assert config.nsq


def test_a_leeroy_that_speaks_to_no_nsqd_needs_only_the_secret() -> None:
    (by_http,) = SETTINGS[4:]
    whole = {**json.loads(SETTINGS[2]), **json.loads(by_http)}
    config = parse_config(json.dumps(whole), environ=ENVIRONMENT, read_file=lambda path: "")
    assert config.nsq
    assert config.nsq.consume
    assert not config.nsq.consume.is_by_nsq
    assert f"--content-type={MEDIA_TYPE}" in DOCUMENT


@pytest.mark.parametrize("body", [b'{"x": 1}', '{"ref": "größer"}'.encode(), b"", None])
def test_the_program_in_the_document_verifies_what_leeroy_publishes(body: bytes | None) -> None:
    names: dict[str, Any] = {}
    exec(PROGRAM[0], names)  # noqa: S102 (it is our own documentation)
    message = to_json(sign(an_envelope(body=body), "topic-secret"))
    assert names["verified"](message, "topic-secret")["subject"] == "acme/widgets@größer"
    with pytest.raises(ValueError, match="nobody who knows the secret"):
        names["verified"](message, "another")


def test_the_envelope_in_the_document_has_the_keys_there_are() -> None:
    shown = DOCUMENT.partition("## Envelopes")[2].partition("```text")[2].partition("```")[0]
    assert re.findall(r'"(\w+)": ', shown) == list(json.loads(to_json(an_envelope())))


def test_alerts_are_about_metrics_that_there_are() -> None:
    scraped = generate_latest(Metrics(CollectorRegistry()).registry).decode()
    for name in re.findall(r"leeroy_\w+", DOCUMENT):
        assert f"# TYPE {name} " in scraped
