"""What travels is believed only when it was signed, and only as a whole."""

import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeroy.nsq.envelope import BadEnvelope, Envelope, Flaw, parse, sign, signed_bytes, to_json

SECRET = "topic-secret"


def an_envelope(**fields: Any) -> Envelope:
    whole: dict[str, Any] = {
        "guid": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "event": "pull_request",
        "action": "opened",
        "repository": "octo/app",
        "subject": "octo/app#7",
        "received": "2026-11-28T12:00:00.000Z",
        "content_type": "application/json",
        "body": '{"action": "opened", "title": "Größer\\n"}'.encode(),
        **fields,
    }
    return Envelope(**whole)


def travelled(envelope: Envelope, **changed: Any) -> bytes:
    """A signed envelope's bytes, with something in them changed on the way."""
    said = json.loads(to_json(sign(envelope, SECRET)))
    return json.dumps({**said, **changed}).encode()


def flaw_of(message: bytes, secrets: tuple[str, ...] = (SECRET,)) -> Flaw:
    with pytest.raises(BadEnvelope) as raised:
        parse(message, secrets=secrets)
    return raised.value.flaw


def test_what_was_signed_arrives_as_it_was() -> None:
    signed = sign(an_envelope(), SECRET)
    assert parse(to_json(signed), secrets=["another", SECRET]) == signed


def test_the_signature_can_be_made_by_anybody_who_reads_the_documentation() -> None:
    said = json.loads(to_json(sign(an_envelope(), SECRET)))
    body = said["body"].encode()
    lines = ["leeroy-delivery 1", said["guid"], said["event"], said["action"]]
    lines += [said["repository"], said["subject"], said["received"], said["content_type"]]
    data = ("\n".join([*lines, str(len(body))]) + "\n").encode() + body
    assert said["signature"] == "sha256=" + hmac.new(SECRET.encode(), data, "sha256").hexdigest()


def test_an_envelope_without_its_body_is_not_one_with_an_empty_body() -> None:
    without = to_json(sign(an_envelope(body=None), SECRET))
    assert parse(without, secrets=[SECRET]).body is None
    assert flaw_of(travelled(an_envelope(body=None), body="")) is Flaw.FORGED


@pytest.mark.parametrize(
    "name",
    [
        "guid",
        "event",
        "action",
        "repository",
        "subject",
        "received",
        "content_type",
        "body",
    ],
)
def test_nothing_can_be_changed_on_the_way(name: str) -> None:
    assert flaw_of(travelled(an_envelope(), **{name: "other"})) is Flaw.FORGED


@pytest.mark.parametrize(
    ("message", "flaw"),
    [
        pytest.param(b"", Flaw.JUNK, id="nothing"),
        pytest.param(b"\xff\xfe", Flaw.JUNK, id="not UTF-8"),
        pytest.param(b"[1]", Flaw.JUNK, id="not an object"),
        pytest.param(b"[" * 100_000, Flaw.JUNK, id="nested too deep"),
        pytest.param(b'{"zen": "Speak like a human."}', Flaw.JUNK, id="a bare payload"),
        pytest.param(b'{"version": 1, "guid": "1"}', Flaw.JUNK, id="no event"),
        pytest.param(b'{"version": 1, "guid": 1, "event": "x"}', Flaw.JUNK, id="a number"),
        pytest.param(b'{"version": 1, "guid": "1", "event": "x"}', Flaw.FORGED, id="unsigned"),
        pytest.param(b'{"version": 2, "guid": "1"}', Flaw.VERSION, id="a later version"),
        pytest.param(b'{"version": true}', Flaw.VERSION, id="a version that is no number"),
    ],
)
def test_what_is_no_envelope_is_refused(message: bytes, flaw: Flaw) -> None:
    assert flaw_of(message) is flaw


def test_what_another_secret_signed_is_forged() -> None:
    message = to_json(sign(an_envelope(), "another secret"))
    assert flaw_of(message) is Flaw.FORGED
    assert flaw_of(to_json(sign(an_envelope(), SECRET)), secrets=()) is Flaw.FORGED


def test_a_value_cannot_pretend_to_be_two() -> None:
    with pytest.raises(BadEnvelope):
        sign(an_envelope(action="opened\nocto/other"), SECRET)
    assert flaw_of(travelled(an_envelope(), action="a\nb")) is Flaw.JUNK
    assert flaw_of(travelled(an_envelope(), action="\ud800")) is Flaw.JUNK
    assert flaw_of(travelled(an_envelope(), body="\ud800")) is Flaw.JUNK


def test_a_body_that_is_no_text_cannot_travel() -> None:
    with pytest.raises(BadEnvelope):
        sign(an_envelope(body=b"\xff"), SECRET)


_LINE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=20)


@given(st.lists(_LINE, min_size=4, max_size=4), st.text(max_size=30), st.data())
def test_no_two_envelopes_have_the_same_signed_bytes(
    values: list[str], body: str, data: st.DataObject
) -> None:
    def made(values: list[str], body: str) -> Envelope:
        action, repository, subject, received = values
        return an_envelope(
            action=action,
            repository=repository,
            subject=subject,
            received=received,
            body=body.encode(),
        )

    one = made(values, body)
    other = made(
        data.draw(st.permutations(values)), data.draw(st.sampled_from([body, body + "\n"]))
    )
    assert (signed_bytes(one) == signed_bytes(other)) == (one == other)
    assert signed_bytes(one) != signed_bytes(replace(one, body=None))
