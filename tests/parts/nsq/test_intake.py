"""What becomes of deliveries: published, taken from queues, refused, counted."""

import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from leeroy.app import create_app
from leeroy.config import parse_config
from leeroy.database import migrate, write
from leeroy.nsq.consumer import Consumer, Handled
from leeroy.nsq.envelope import MEDIA_TYPE, Envelope, parse, sign, to_json
from leeroy.nsq.lookupd import Address
from leeroy.nsq.protocol import Message, Wishes
from leeroy.services import Services, make_services
from leeroy_sandbox.nsqd.either import AnNsqd, free_port
from tests.waiting import wait_for

MakeNsqd = Callable[..., AnNsqd]
MakeLeeroy = Callable[..., Services]

REPO = "acme/widgets"
SECRET = "topic-secret"
WEBHOOK_SECRET = "webhook-secret"
NOWHERE = {"nsqd": ["127.0.0.1:1"], "topic": "t", "channel": "c"}


@pytest.fixture
def leeroy(tmp_path: Path) -> Iterator[MakeLeeroy]:
    """The parts of a Leeroy that looks after acme/widgets, with these settings of NSQ."""
    with ExitStack() as stack:

        def make(*, only_publishes: bool = False, **settings: Any) -> Services:
            whole = {
                "github_token": "g",
                "github_webhook_secret": WEBHOOK_SECRET,
                "repositories": {REPO: {"conflicts": True}},
                "jenkins": {"base_url": "http://jenkins.test"},
                **settings,
            }
            config = parse_config(
                json.dumps(whole),
                environ={},
                read_file=Path.read_text,
                source=tmp_path / "config.json",
            )
            services = make_services(config, is_only_publishing=only_publishes)
            stack.callback(services.close)
            migrate(services.engine)
            if services.publishing is not None:
                services.publishing.start()
                stack.callback(services.publishing.stop)
            return services

        yield make


def payload(repo: str = REPO, number: int = 7, **more: Any) -> bytes:
    said = {
        "action": "opened",
        "number": number,
        "repository": {"full_name": repo},
        "sender": {"type": "User"},
        **more,
    }
    return json.dumps(said).encode()


def send(services: Services, body: bytes, guid: str = "1", event: str = "pull_request") -> int:
    """GitHub sends a webhook; the answer."""
    digest = hmac.digest(WEBHOOK_SECRET.encode(), body, "sha256").hex()
    headers = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": f"sha256={digest}",
        "Content-Type": "application/json",
    }
    client = create_app(services).test_client()
    return client.post("/notification/github", data=body, headers=headers).status_code


def bring(services: Services, message: bytes) -> TestResponse:
    """Some queue's program brings a message by HTTP."""
    client = create_app(services).test_client()
    return client.post("/notification/github", data=message, content_type=MEDIA_TYPE)


def an_envelope(body: bytes | None = None, secret: str = SECRET, **fields: Any) -> bytes:
    whole: dict[str, Any] = {
        "guid": "1",
        "event": "pull_request",
        "action": "opened",
        "repository": REPO,
        "received": "2026-11-28T12:00:00.000Z",
        "content_type": "application/json",
        "body": payload() if body is None else body,
        **fields,
    }
    return to_json(sign(Envelope(**whole), secret))


def counted(services: Services, name: str, outcome: str | None = None) -> float:
    labels = {"outcome": outcome} if outcome else {}
    return services.metrics.registry.get_sample_value(name, labels) or 0.0


def subjects_of(services: Services) -> list[str]:
    look = services.queue.take()
    return [look.subject] if look else []


class TestPublishing:
    """Webhooks that are handed on."""

    @pytest.fixture
    def published(self, make_nsqd: MakeNsqd) -> Iterator[Callable[..., Any]]:
        """An nsqd with the envelopes that it was given."""
        with ExitStack() as stack:

            def make(**flags: Any) -> tuple[AnNsqd, list[Envelope], dict[str, Any]]:
                nsqd = make_nsqd(**flags)
                seen: list[Envelope] = []

                def handle(message: Message) -> Handled:
                    seen.append(parse(message.body, secrets=[SECRET]))
                    return Handled.DONE

                consumer = Consumer(
                    nsqd=[Address(host="127.0.0.1", port=nsqd.tcp_port)],
                    wishes=Wishes(topic="github", channel="c", ready=4, longest=2**26),
                    handle=handle,
                )
                consumer.start()
                stack.callback(consumer.stop)
                url = f"http://127.0.0.1:{nsqd.http_port}"
                return nsqd, seen, {"url": url, "topic": "github", "secret": SECRET}

            yield make

    def test_a_delivery_of_use_is_looked_at_and_handed_on(
        self, published: Callable[..., Any], leeroy: MakeLeeroy
    ) -> None:
        _, seen, publish = published()
        services = leeroy(nsq={"publish": publish})
        assert send(services, payload(), guid="g1") == 202
        wait_for(lambda: len(seen) == 1)
        (envelope,) = seen
        assert (envelope.guid, envelope.event, envelope.action) == ("g1", "pull_request", "opened")
        assert (envelope.repository, envelope.subject) == (REPO, f"{REPO}#7")
        assert envelope.body == payload()
        assert subjects_of(services) == [f"{REPO}#7"]
        wait_for(lambda: services.store.outbox_state().count == 0)
        wait_for(lambda: counted(services, "leeroy_nsq_published_total", "whole") == 1)

    def test_the_rest_is_handed_on_only_where_all_is_asked_for(
        self, published: Callable[..., Any], leeroy: MakeLeeroy
    ) -> None:
        _, seen, publish = published()
        services = leeroy(nsq={"publish": publish})
        assert send(services, payload("other/thing"), guid="a") == 204
        services = leeroy(nsq={"publish": {**publish, "all": True}})
        assert send(services, payload("other/thing"), guid="b") == 202
        assert send(services, payload(), guid="c", event="star") == 202
        assert send(services, b'{"zen": "x"}', guid="d", event="ping") == 200
        wait_for(lambda: {envelope.guid for envelope in seen} == {"b", "c"})
        assert subjects_of(services) == []

    def test_answers_do_not_wait_for_an_nsqd_that_is_away_and_all_comes_when_it_is_back(
        self, published: Callable[..., Any], leeroy: MakeLeeroy
    ) -> None:
        nsqd, seen, publish = published()
        nsqd.stop()
        services = leeroy(nsq={"publish": publish})
        guids = [f"g{number}" for number in range(30)]
        assert [send(services, payload(), guid=guid) for guid in guids] == [202] * 30
        assert services.store.outbox_state().count == 30
        nsqd.start()
        wait_for(lambda: {envelope.guid for envelope in seen} == set(guids))
        wait_for(lambda: services.store.outbox_state().count == 0)

    def test_what_is_too_long_goes_without_its_body(
        self, published: Callable[..., Any], leeroy: MakeLeeroy
    ) -> None:
        _, seen, publish = published()
        services = leeroy(nsq={"publish": {**publish, "most_bytes": 10_000}})
        assert send(services, payload(title="x" * 20_000), guid="long") == 202
        wait_for(lambda: len(seen) == 1)
        assert (seen[0].body, seen[0].subject) == (None, f"{REPO}#7")

    def test_what_is_too_long_for_nsqd_goes_without_its_body_and_is_counted(
        self, published: Callable[..., Any], leeroy: MakeLeeroy
    ) -> None:
        _, seen, publish = published(max_msg_size=10_000)
        services = leeroy(nsq={"publish": publish})
        assert send(services, payload(title="x" * 20_000), guid="long") == 202
        wait_for(lambda: [envelope.body for envelope in seen] == [None])
        wait_for(lambda: services.store.outbox_state().count == 0)
        assert counted(services, "leeroy_nsq_published_total", "without_body") == 1

    def test_what_cannot_be_published_at_all_holds_up_nothing_else(
        self, published: Callable[..., Any], leeroy: MakeLeeroy
    ) -> None:
        _, seen, publish = published(max_msg_size=700)
        services = leeroy(nsq={"publish": publish})
        branch = {"ref": "refs/heads/" + "x" * 900, "repository": {"full_name": REPO}}
        services_all = leeroy(nsq={"publish": {**publish, "all": True}})
        assert send(services_all, json.dumps(branch).encode(), guid="w", event="push") == 202
        wait_for(lambda: services.store.outbox_state().count == 0)
        lost = sum(
            counted(s, "leeroy_nsq_published_total", "lost") for s in (services, services_all)
        )
        assert lost == 1
        assert send(services, b'{"number": 7, "repository": {"full_name": "acme/widgets"}, '
                    b'"action": "opened"}', guid="next") == 202  # fmt: skip
        wait_for(lambda: [envelope.guid for envelope in seen] == ["next"])

    def test_who_only_publishes_puts_nothing_on_the_queue(
        self, published: Callable[..., Any], leeroy: MakeLeeroy
    ) -> None:
        _, seen, publish = published()
        services = leeroy(nsq={"publish": publish}, only_publishes=True)
        assert send(services, payload(), guid="mine") == 202
        wait_for(lambda: len(seen) == 1)
        assert subjects_of(services) == []
        assert [kept.guid for kept in services.store.recent_deliveries()] == ["mine"]


def test_who_only_publishes_forgets_what_is_old(leeroy: MakeLeeroy) -> None:
    publish = {"url": f"http://127.0.0.1:{free_port()}", "topic": "t", "secret": SECRET}
    first = leeroy(nsq={"publish": publish}, only_publishes=True)
    assert send(first, payload(), guid="old") == 202
    with write(first.engine) as connection:
        connection.exec_driver_sql("UPDATE deliveries SET received = received - 31 * 86400")
        connection.exec_driver_sql("UPDATE outbox SET created = created - 31 * 86400")
    again = leeroy(nsq={"publish": publish}, only_publishes=True)
    wait_for(lambda: again.store.recent_deliveries() == ())
    wait_for(lambda: again.store.outbox_state().count == 0)


class TestEnvelopes:
    """Deliveries that some queue brings, by HTTP."""

    @pytest.fixture
    def services(self, leeroy: MakeLeeroy) -> Services:
        return leeroy(nsq={"consume": {**NOWHERE, "secret": ["newer", SECRET]}})

    def test_an_envelope_is_a_webhook(self, services: Services) -> None:
        assert bring(services, an_envelope()).status_code == 202
        assert bring(services, an_envelope()).status_code == 202
        look = services.queue.take()
        assert look is not None
        assert (look.subject, len(look.hints)) == (f"{REPO}#7", 1)
        (kept,) = services.store.recent_deliveries()
        assert (kept.guid, kept.event) == ("1", "pull_request")
        assert counted(services, "leeroy_envelopes_total", "queued") == 2

    @pytest.mark.parametrize(
        ("message", "outcome"),
        [
            pytest.param(an_envelope(secret="another"), "forged", id="forged"),
            pytest.param(b"{}", "junk", id="junk"),
            pytest.param(b'{"version": 2}', "version", id="a later version"),
            pytest.param(an_envelope(b"no JSON"), "junk", id="no delivery in it"),
            pytest.param(an_envelope(guid="no guid"), "junk", id="a malformed GUID"),
            pytest.param(
                an_envelope(repository="acme/other"), "junk", id="of two repositories at once"
            ),
        ],
    )
    def test_what_is_refused_is_answered_well_and_counted(
        self, services: Services, message: bytes, outcome: str
    ) -> None:
        answer = bring(services, message)
        assert answer.status_code == 200
        assert answer.text.startswith("refused: ")
        assert counted(services, "leeroy_envelopes_total", outcome) == 1
        assert subjects_of(services) == []

    def test_one_of_a_repository_nobody_looks_after_is_of_no_interest(
        self, services: Services
    ) -> None:
        other = an_envelope(payload("other/thing"), repository="other/thing")
        assert bring(services, other).status_code == 204
        assert counted(services, "leeroy_envelopes_total", "of_no_interest") == 1

    def test_one_without_its_body_still_says_where_to_look(self, services: Services) -> None:
        envelope = Envelope(
            guid="1",
            event="pull_request",
            action="opened",
            repository=REPO,
            subject=f"{REPO}#8",
            received="now",
            content_type="application/json",
            body=None,
        )
        assert bring(services, to_json(sign(envelope, SECRET))).status_code == 202
        assert subjects_of(services) == [f"{REPO}#8"]

    def test_one_without_its_body_speaks_for_its_own_repository_only(
        self, services: Services
    ) -> None:
        envelope = Envelope(
            guid="1",
            event="pull_request",
            repository="other/thing",
            subject=f"{REPO}#8",
            received="now",
            content_type="application/json",
            body=None,
        )
        assert bring(services, to_json(sign(envelope, SECRET))).status_code == 204
        assert subjects_of(services) == []

    def test_what_came_by_a_queue_is_not_published_again(self, leeroy: MakeLeeroy) -> None:
        publish = {"url": f"http://127.0.0.1:{free_port()}", "topic": "t", "secret": SECRET}
        services = leeroy(nsq={"publish": {**publish, "all": True}, "consume": {"secret": SECRET}})
        assert bring(services, an_envelope()).status_code == 202
        assert services.store.outbox_state().count == 0

    def test_without_a_secret_nothing_is_believed(self, leeroy: MakeLeeroy) -> None:
        answer = bring(leeroy(), an_envelope(secret=""))
        assert (answer.status_code, answer.text[:7]) == (200, "refused")

    def test_a_plain_webhook_is_refused_by_who_has_no_secret_of_github(
        self, leeroy: MakeLeeroy
    ) -> None:
        consume = {**NOWHERE, "secret": SECRET}
        services = leeroy(github_webhook_secret=[], nsq={"consume": consume})
        assert send(services, payload()) == 401


def test_dockers_hooks_are_taken_where_that_is_said(leeroy: MakeLeeroy) -> None:
    headers = {"X-Github-Event": "pull_request", "X-Github-Delivery": "1", "X-Hub-Signature": "x"}
    message = json.dumps({**json.loads(payload()), **headers}).encode()
    consume = {**NOWHERE, "accept": "docker-hooks"}
    services = leeroy(allow_unsigned_webhooks=True, nsq={"consume": consume})
    services.intake.take_message(message)
    assert subjects_of(services) == [f"{REPO}#7"]
    # By HTTP nobody brings them: there an envelope is an envelope.
    assert bring(services, message).text.startswith("refused")
