"""The dashboard: what its pages say, and what strangers cannot make them do."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from leeroy.app import create_app
from leeroy.events import parse_delivery
from leeroy.hints import DeliveryHint, OtherHint
from leeroy.model import PullRef
from leeroy.services import Services
from leeroy.store import KeptLook
from tests.browser.dashboard_world import (
    GUID,
    HOSTILE,
    OPERATOR,
    PASSWORD,
    PULL,
    a_status,
    deliver,
    fill,
    give_up,
    later,
    look_was_made,
    services_over,
)
from tests.making import HEAD, REPO, a_pull, a_row

AUTH = (OPERATOR, PASSWORD)
PAGES = ["/", "/deliveries", f"/deliveries/{GUID}", "/pulls/acme/widgets/412"]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with services_over(tmp_path) as services:
        yield services


@pytest.fixture
def filled(services: Services) -> Services:
    fill(services)
    return services


@pytest.fixture
def client(filled: Services) -> Any:
    return create_app(filled).test_client()


class TestStrangers:
    def test_what_they_write_is_shown_as_they_wrote_it(self, client):
        for path in ("/", "/pulls/acme/widgets/398"):
            page = client.get(path, auth=AUTH).text
            assert "<script" not in page
            assert "&lt;script&gt;document.title=&#39;owned&#39;" in page

    def test_errors_branches_and_payloads_too(self, services):
        subject = "acme/gears@<b>main</b>"
        services.queue.put(subject, DeliveryHint(event=HOSTILE))
        give_up(services, f"Jenkins said {HOSTILE}")
        payload = {
            "action": "opened",
            "number": 7,
            "repository": {"full_name": REPO},
            "title": HOSTILE,
        }
        deliver(services, payload, guid="g-1", event="pull_request")
        look_was_made(services, [HOSTILE], [HOSTILE], error=HOSTILE)
        client = create_app(services).test_client()
        for path in ("/", "/deliveries/g-1", "/pulls/acme/widgets/7"):
            page = client.get(path, auth=AUTH).text
            assert "<script" not in page
            assert "<b>main" not in page
            assert "&lt;script&gt;" in page

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.test/x"])
    def test_only_addresses_of_the_web_become_links(self, services, url):
        services.store.save_pull(a_pull(ref=PULL))
        services.store.save_builds([a_row(pull=412, url=url, created=0.0)])
        status = a_status("ci/unit", "success", "Well")
        services.store.save_statuses(REPO, [(HEAD, replace(status, target_url=url))])
        client = create_app(services).test_client()
        services.queue.put(str(PULL), OtherHint(kind="delivery"))
        for path in ("/", "/pulls/acme/widgets/412"):
            page = client.get(path, auth=AUTH).text
            assert "ci/unit" in page
            assert f'href="{url}' not in page

    def test_a_secret_that_got_into_an_error_is_not_shown(self, services):
        services.queue.put(str(PULL), OtherHint(kind="delivery"))
        give_up(services, "401 for ghp_0123456789abcdefghij, signed with webhook-secret")
        page = create_app(services).test_client().get("/", auth=AUTH).text
        assert "401 for ***, signed with ***" in page

    @pytest.mark.parametrize("path", [*PAGES, "/pulls/acme/none/1", "/assets/leeroy.css"])
    def test_nothing_from_elsewhere_and_no_script_may_run(self, client, path):
        policy = client.get(path, auth=AUTH).headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'")
        assert "script-src" not in policy
        assert "unsafe" not in policy


class TestPages:
    def test_the_first_page_begins_with_what_failed(self, client):
        page = client.get("/", auth=AUTH).text
        assert page.index("In trouble") < page.index("Waiting for a look")
        assert "GitHub refused POST statuses: 404 Not Found" in page
        assert page.index("Given up") < page.index("Tried again by itself")

    def test_what_went_well_since_is_no_trouble(self, services):
        services.queue.put(str(PULL), OtherHint(kind="delivery"))
        give_up(services, "Jenkins is away")
        later(services, 5)
        client = create_app(services).test_client()
        assert "Jenkins is away" in client.get("/", auth=AUTH).text
        services.queue.put(str(PULL), OtherHint(kind="delivery"))
        services.queue.done(services.queue.take())
        assert "In trouble" not in client.get("/", auth=AUTH).text

    def test_settings_without_effect_are_named(self, client):
        page = client.get("/", auth=AUTH).text
        assert "1 setting has no effect yet" in page
        assert "<code>builds[3].handle_issues</code>" in page

    @pytest.mark.parametrize("path", ["/", "/deliveries"])
    def test_an_empty_one_says_how_to_begin(self, services, path):
        page = create_app(services).test_client().get(path, auth=AUTH).text
        assert "No delivery yet" in page
        assert "<code>https://leeroy.acme.test/notification/github</code>" in page

    def test_a_delivery_shows_what_it_led_to(self, client):
        page = client.get(f"/deliveries/{GUID}", auth=AUTH).text
        assert "Jenkins did not answer within 10 s" in page
        assert "trigger widgets/docs for ci/docs" in page
        assert "record ci/unit: done as #778" not in page, "another hint led to that"

    @pytest.mark.parametrize(
        ("body", "shown"),
        [
            pytest.param(b"payload=%7B%22a%22%3A+1%7D", "{\n  &#34;a&#34;: 1\n}", id="a form"),
            pytest.param(b'{"a": "\xc3\xa4"}', "{\n  &#34;a&#34;: &#34;ä&#34;\n}", id="JSON"),
            pytest.param(b"\xff&&", "\ufffd&amp;&amp;", id="neither"),
            pytest.param(b'"' + b"x" * 300_000 + b'"', "characters more", id="without an end"),
        ],
    )
    def test_payloads_are_readable_whatever_they_are(self, services, body, shown):
        delivery = parse_delivery(
            event="push", guid="g-1", content_type="application/json", body=b"{}"
        )
        services.store.keep_delivery(delivery, body)
        page = create_app(services).test_client().get("/deliveries/g-1", auth=AUTH)
        assert shown in page.text
        assert len(page.text) < 300_000

    @pytest.mark.parametrize(
        ("path", "said"),
        [
            pytest.param("/deliveries/none", "No such delivery is kept", id="a delivery"),
            pytest.param("/deliveries/a%00b", "No such delivery is kept", id="an odd delivery"),
            pytest.param("/pulls/acme/none/1", "add a build", id="an unknown repository"),
            pytest.param("/pulls/acme/widgets/1", "Recent Deliveries", id="never asked for"),
            pytest.param("/pulls/acme/wi%20dgets/1", "No pull request has that name", id="no name"),
            pytest.param("/pulls?name=12", "Write owner/repo#12", id="not found by its number"),
        ],
    )
    def test_what_is_not_there_says_why(self, client, path, said):
        answer = client.get(path, auth=AUTH)
        assert answer.status_code == 404
        assert said in answer.text

    @pytest.mark.parametrize(
        "name", ["acme/widgets#412", " https://github.com/acme/widgets/pull/412/files "]
    )
    def test_a_pull_request_is_found_by_name_or_address(self, client, name):
        answer = client.get("/pulls", query_string={"name": name}, auth=AUTH)
        assert answer.location == "/pulls/acme/widgets/412"

    def test_a_pull_request_no_look_has_seen_yet_has_a_page(self, services):
        services.queue.put("acme/widgets#5", DeliveryHint(event="pull_request", action="opened"))
        page = create_app(services).test_client().get("/pulls/acme/widgets/5", auth=AUTH).text
        assert "No look has seen it on GitHub yet" in page
        assert "Waits for a look" in page

    def test_what_pages_need_is_there_for_everybody_and_kept_by_browsers(self, client):
        page = client.get("/").text
        for address in re.findall(r'"(/assets/[^"]+)"', page):
            answer = client.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]
        assert client.get("/assets/leeroy.svg").mimetype == "image/svg+xml"
        assert client.get("/assets/other.css").status_code == 404

    def test_a_database_that_is_away_is_a_503_for_people(self, services):
        services.engine.dispose()
        path = Path(services.engine.url.database)
        for file in path.parent.glob("leeroy.db*"):
            file.unlink()
        path.mkdir()
        answer = create_app(services).test_client().get("/", auth=AUTH)
        assert answer.status_code == 503
        assert "Reload the page" in answer.text

    def test_ages_are_counted_by_the_databases_clock(self, services):
        services.queue.put(str(PULL), OtherHint(kind="delivery"))
        give_up(services, "x")
        later(services, 7300)
        assert "2 h ago" in create_app(services).test_client().get("/", auth=AUTH).text


class TestSpeed:
    @pytest.fixture
    def many(self, services: Services) -> Services:
        """A thousand pull requests, one with a long life."""
        for number in range(1, 1001):
            ref = PullRef(REPO, number)
            services.store.save_pull(a_pull(ref=ref, head_sha=f"{number:040x}"))
            texts = [a_status(f"ci/{name}", "success", "Well") for name in "abc"]
            services.store.save_statuses(REPO, [(f"{number:040x}", status) for status in texts])
        for _ in range(300):
            look = KeptLook(
                subject=str(PULL), at=0, seconds=1, hints="x", reasons=("x",), effects=(), error=""
            )
            services.store.save_look(look)
            services.queue.put(str(PULL), OtherHint(kind="notification"))
        rows = [
            a_row(pull=412, sha=f"{n % 99:040x}", attempt=n + 1, created=0.0) for n in range(300)
        ]
        services.store.save_builds(rows)
        deliver(
            services,
            {"action": "opened", "number": 412, "repository": {"full_name": REPO}},
            guid=GUID,
            event="pull_request",
        )
        return services

    def test_a_page_takes_a_few_queries_however_many_pull_requests_there_are(self, many):
        client = create_app(many).test_client()
        statements: list[str] = []
        event.listen(
            many.engine, "before_cursor_execute", lambda *args: statements.append(str(args[2]))
        )
        for path in PAGES:
            statements.clear()
            assert client.get(path, auth=AUTH).status_code == 200
            asked = [statement for statement in statements if statement.startswith("SELECT")]
            assert len(asked) <= 10, path
