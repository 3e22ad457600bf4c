"""What is wrong with the settings of NSQ is told with its path; who only hands on needs no more."""

import json
from typing import Any

import pytest

from leeroy.config import Config, parse_config
from leeroy.errors import ConfigError

PUBLISH = {"url": "http://127.0.0.1:4151", "topic": "github", "secret": "topic-secret"}
CONSUME = {"nsqd": ["nsqd"], "topic": "github", "channel": "builds", "secret": "topic-secret"}


def read(nsq: object, **settings: Any) -> Config:
    whole = {"github_webhook_secret": "s", "nsq": nsq, **settings}
    return parse_config(json.dumps(whole), environ={}, read_file=lambda path: "")


def without(values: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in keys}


def test_who_only_hands_deliveries_on_needs_neither_jenkins_nor_a_token() -> None:
    config = read({"publish": PUBLISH})
    assert config.nsq
    assert config.nsq.publish
    assert not config.nsq.publish.all
    assert config.secrets() == {"s", "topic-secret"}


def test_the_password_in_the_address_is_a_secret_and_the_address_is_not() -> None:
    config = read({"publish": {**PUBLISH, "url": "https://leeroy:hunter2@nsq.example.com"}})
    assert config.secrets() == {"s", "topic-secret", "hunter2"}


def test_false_switches_it_off() -> None:
    assert read(False, github_token="g", repositories={"acme/x": {}}).nsq is None


def test_envelopes_by_http_need_their_secret_only() -> None:
    config = read({"publish": PUBLISH, "consume": {"secret": ["old", "new"]}})
    assert config.nsq
    assert config.nsq.consume
    assert not config.nsq.consume.is_by_nsq


def test_who_takes_deliveries_from_a_queue_needs_no_secret_of_github() -> None:
    config = parse_config(
        json.dumps(
            {"github_token": "g", "repositories": {"acme/x": {}}, "nsq": {"consume": CONSUME}}
        ),
        environ={},
        read_file=lambda path: "",
    )
    assert not config.github_webhook_secret


def test_messages_that_nobody_signs_need_no_secret() -> None:
    consume = {**without(CONSUME, "secret"), "accept": "docker-hooks"}
    read({"publish": PUBLISH, "consume": consume}, allow_unsigned_webhooks=True)


@pytest.mark.parametrize(
    ("nsq", "fault"),
    [
        pytest.param(
            {"publish": {**PUBLISH, "topic": "git hub"}},
            "nsq.publish.topic: may have 64 letters, digits and . _ - only",
            id="topic",
        ),
        pytest.param(
            {"publish": {**PUBLISH, "topic": "x" * 65}},
            "nsq.publish.topic: may have 64 letters, digits and . _ - only",
            id="topic too long",
        ),
        pytest.param(
            {"publish": without(PUBLISH, "secret")},
            "nsq.publish.secret: is missing",
            id="publishing without a secret",
        ),
        pytest.param(
            {"publish": {**PUBLISH, "most_byte": 1}},
            "nsq.publish.most_byte: unknown key (did you mean most_bytes?)",
            id="key",
        ),
        pytest.param(
            {"publish": PUBLISH, "channel": "builds"},
            "nsq.channel: unknown key (it belongs under consume)",
            id="key in the wrong place",
        ),
        pytest.param(
            {"publish": PUBLISH, "consume": {**CONSUME, "nsqd": ["nsqd:415000"]}},
            "nsq.consume.nsqd[0]: must be host or host:port, such as nsqd.example.com:4150",
            id="address",
        ),
        pytest.param(
            {"publish": PUBLISH, "consume": {**CONSUME, "secret": []}},
            "nsq.consume.secret: is missing: anybody who reaches nsqd could publish (it is "
            "nsq.publish.secret of who publishes)",
            id="consuming without a secret",
        ),
        pytest.param(
            {"publish": PUBLISH, "consume": without(CONSUME, "channel")},
            "nsq.consume.channel: is missing",
            id="no channel",
        ),
        pytest.param(
            {"publish": PUBLISH, "consume": {"topic": "github", "secret": "s"}},
            'nsq.consume.topic: has no nsqd to be asked of (add "nsqd": ["HOST:4150"], or '
            '"lookupd")',
            id="no nsqd",
        ),
        pytest.param(
            {"publish": PUBLISH, "consume": {**CONSUME, "accept": "docker-hooks"}},
            'nsq.consume.accept: takes messages that nobody signs ("allow_unsigned_webhooks": '
            "true says that anybody may make Leeroy look)",
            id="messages that nobody signs",
        ),
    ],
)
def test_a_fault_names_its_place_and_the_way_out(nsq: object, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(nsq)
    assert fault in [str(each) for each in caught.value.faults]
