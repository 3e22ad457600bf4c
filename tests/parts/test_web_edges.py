"""What stands at the edges of our HTTP: other sites' forms, guessed passwords, odd addresses."""

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from leeroy.app import create_app
from leeroy.config import parse_config
from leeroy.services import make_services
from leeroy.web import guesses
from leeroy.web.access import GUESSES
from leeroy.web.guesses import FREE, LONGEST_PAUSE, Guesses
from tests.databases import make_tables
from tests.making import REPO, a_build_setting
from tests.parts.test_web import SETTINGS

OPERATOR = ("operator", "operators-password")
ASKED = {"repo": REPO, "number": 7}


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make_client(tmp_path: Path, clock):
    made = []

    def client(**settings):
        text = json.dumps({**SETTINGS, "builds": [a_build_setting()], **settings})
        config = parse_config(
            text, environ={}, read_file=Path.read_text, source=tmp_path / "config.json"
        )
        services = make_services(config)
        made.append(services)
        make_tables(services.engine)
        app = create_app(services)
        app.extensions[GUESSES] = Guesses(clock=clock)
        return app.test_client()

    yield client
    for services in made:
        services.close()


@pytest.fixture
def client(make_client):
    return make_client()


def ask(client, auth=OPERATOR, **more):
    return client.post("/build/retry", json=ASKED, auth=auth, **more)


class TestOtherSites:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://localhost.evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("path", ["/build/retry", "/build/custom", "/build/cron"])
    def test_their_pages_may_not_ask_for_builds(self, client, path, headers):
        answer = client.post(path, json=ASKED, auth=OPERATOR, headers=headers)
        assert answer.status_code == 403
        assert "another site" in answer.json["error"]

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"},
            {"Origin": "https://leeroy.example.com"},
            {"Sec-Fetch-Site": "none"},
        ],
        ids=str,
    )
    def test_scripts_and_our_own_pages_may(self, make_client, headers):
        client = make_client(public_url="https://leeroy.example.com")
        assert ask(client, headers=headers).status_code == 204


class TestPasswords:
    def guess(self, client, number, **more):
        return ask(client, auth=("operator", f"guess-{number}"), **more).status_code

    def test_who_guesses_waits_longer_and_longer(self, client, clock):
        assert [self.guess(client, n) for n in range(FREE + 1)] == [401] * (FREE + 1)
        waits = []
        for number in range(10):
            answer = ask(client)
            assert answer.status_code == 429
            waits.append(int(answer.headers["Retry-After"]))
            clock.now += waits[-1]
            assert self.guess(client, f"later-{number}") == 401
        assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
        assert waits[-1] == LONGEST_PAUSE

    def test_within_a_pause_the_right_one_is_not_tried_and_afterwards_ends_it(self, client, clock):
        for number in range(FREE + 1):
            self.guess(client, number)
        assert ask(client).status_code == 429
        clock.now += 1
        assert ask(client).status_code == 204
        assert [self.guess(client, n) for n in range(FREE + 1)] == [401] * (FREE + 1)

    def test_the_same_wrong_one_again_is_no_guess(self, client):
        assert {self.guess(client, "old") for _ in range(3 * FREE)} == {401}
        assert ask(client).status_code == 204

    def test_other_addresses_do_not_wait(self, client):
        for number in range(FREE + 1):
            self.guess(client, number, environ_base={"REMOTE_ADDR": "10.0.0.1"})
        assert ask(client, environ_base={"REMOTE_ADDR": "10.0.0.1"}).status_code == 429
        assert ask(client, environ_base={"REMOTE_ADDR": "10.0.0.2"}).status_code == 204

    @pytest.mark.parametrize(("trusted", "status"), [(["127.0.0.1"], 204), ([], 429)])
    def test_whom_a_proxy_names_counts_where_it_is_trusted(self, make_client, trusted, status):
        client = make_client(trusted_proxies=trusted)
        for number in range(FREE + 1):
            # What the visitor sent himself stands before what the proxy adds.
            self.guess(client, number, headers={"X-Forwarded-For": f"9.9.9.{number}, 10.0.0.1"})
        assert ask(client, headers={"X-Forwarded-For": "10.0.0.2"}).status_code == status

    def test_the_dashboard_is_no_way_around(self, client):
        for number in range(FREE + 1):
            client.get("/", auth=("operator", f"guess-{number}"))
        answer = client.get("/", auth=OPERATOR)
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "1"

    def test_the_log_names_the_address_and_metrics_count(self, client):
        with capture_logs() as lines:
            for number in range(FREE + 2):
                self.guess(client, number)
        told = [line for line in lines if line["event"] == "wrong user or password"]
        assert [line["wrong"] for line in told] == [1, 2, 3, 4, 5, 6]
        assert {line["address"] for line in told} == {"127.0.0.1"}
        assert "guess-" not in str(lines)
        metrics = client.get("/metrics").text
        assert f'leeroy_wrong_passwords_total{{outcome="wrong"}} {FREE + 1}.0' in metrics
        assert 'leeroy_wrong_passwords_total{outcome="not tried"} 1.0' in metrics

    def test_a_million_addresses_take_no_more_memory_than_the_last_of_them(self, monkeypatch):
        monkeypatch.setattr(guesses, "MOST_ADDRESSES", 10)
        told = Guesses()
        for number in range(100):
            told.add(f"10.0.0.{number}", "x")
        assert len(told) == 10

    def test_after_an_hour_an_address_begins_anew(self, clock):
        told = Guesses(clock=clock)
        for number in range(FREE + 20):
            told.add("2001:db8::1", str(number))
        assert told.pause("2001:db8::2") == LONGEST_PAUSE
        clock.now += guesses.FORGET_SECONDS + 1
        assert told.pause("2001:db8::1") == 0
        assert told.add("2001:db8::1", "x") == 1
