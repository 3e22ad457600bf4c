"""`check-config --online`, `doctor` and the dashboard say what is wrong with NSQ."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leeroy.app import create_app
from leeroy.cli.online_nsq import nsq_checks, outbox_findings
from leeroy.config import Config, parse_config
from leeroy.database import migrate, write
from leeroy.services import Services, make_services
from leeroy_sandbox.nsqd.either import AnNsqd, free_port
from tests.parts.nsq.certificate import Certificate
from tests.waiting import wait_for

MakeNsqd = Callable[..., AnNsqd]


def settings(folder: Path, **nsq: Any) -> Config:
    whole = {
        "github_webhook_secret": "s",
        "dashboard": "public",
        "nsq": {"publish": {"url": "http://127.0.0.1:1", "topic": "t", "secret": "s"}, **nsq},
    }
    return parse_config(
        json.dumps(whole),
        environ={},
        read_file=Path.read_text,
        source=folder / "config.json",
    )


def consume(nsqd: str, **more: Any) -> dict[str, Any]:
    return {"nsqd": [nsqd], "topic": "t", "channel": "c", "secret": "s", **more}


def said(config: Config) -> list[str]:
    return [str(finding) for check in nsq_checks(config) for finding in check.findings()]


def test_all_is_well_where_it_is(make_nsqd: MakeNsqd, lookupd: Any, tmp_path: Path) -> None:
    nsqd = make_nsqd(lookupd)
    config = settings(
        tmp_path,
        publish={"url": f"http://127.0.0.1:{nsqd.http_port}", "topic": "t", "secret": "s"},
        consume=consume(f"127.0.0.1:{nsqd.tcp_port}", lookupd=[lookupd.url]),
    )
    published, consumed, looked_up = said(config)
    assert published == "ok     nsqd is there to publish to"
    assert consumed == f"ok     nsqd at 127.0.0.1:{nsqd.tcp_port} would let us consume"
    assert looked_up.startswith(f"note   {lookupd.url} knows no nsqd with the topic t")


def test_tls_is_tried_too(make_nsqd: MakeNsqd, certificate: Certificate, tmp_path: Path) -> None:
    nsqd = make_nsqd(tls=certificate)
    address = f"127.0.0.1:{nsqd.tcp_port}"
    good = settings(tmp_path, consume=consume(address, tls={"ca_file": str(certificate.cert)}))
    assert said(good)[1].startswith("ok ")
    strange = settings(tmp_path, consume=consume(address, tls=True))
    assert "CERTIFICATE_VERIFY_FAILED" in said(strange)[1]


@pytest.mark.parametrize("kind", ["nobody", "http", "no-tls"])
def test_what_is_wrong_is_said(make_nsqd: MakeNsqd, tmp_path: Path, kind: str) -> None:
    nsqd = make_nsqd()
    port = {"nobody": free_port(), "http": nsqd.http_port, "no-tls": nsqd.tcp_port}[kind]
    config = settings(tmp_path, consume=consume(f"127.0.0.1:{port}", tls=kind == "no-tls"))
    _, told = said(config)
    assert told.startswith("wrong  consume: 127.0.0.1")
    reason = {"nobody": "refused", "http": "not nsqd", "no-tls": "offers no TLS"}[kind]
    assert reason in told


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_services(settings(tmp_path, consume=consume(f"127.0.0.1:{free_port()}")))
    migrate(made.engine)
    yield made
    made.close()


def test_what_waits_too_long_is_said_and_shown(services: Services) -> None:
    store = services.store
    store.write_down(store.posting("1", b"x"))
    home = create_app(services).test_client().get("/")
    assert (home.status_code, "NSQ in trouble" in home.text) == (200, False)
    assert [str(f) for f in outbox_findings(services.config, store)] == [
        "ok     deliveries waiting to be published: 1"
    ]
    with write(services.engine) as connection:
        connection.exec_driver_sql("UPDATE outbox SET created = created - 3600")
    (found,) = outbox_findings(services.config, store)
    assert str(found).startswith("wrong  deliveries waiting to be published: 1, the oldest for 1 h")
    assert (
        "waiting to be published: 1, the oldest" in create_app(services).test_client().get("/").text
    )


def test_a_consumer_that_hears_nothing_is_shown(services: Services) -> None:
    consumer = services.consumer
    assert consumer is not None
    consumer.start()
    try:
        wait_for(lambda: bool(services.nsq_troubles()))
        assert services.nsq_troubles()[0].startswith("nothing comes from 1 of 1 nsqds: ")
        metrics = create_app(services).test_client().get("/metrics").text
        assert "leeroy_nsq_subscribed 0.0" in metrics
    finally:
        consumer.stop()
