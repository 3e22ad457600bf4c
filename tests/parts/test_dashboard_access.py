"""Who may see the dashboard, and who may press its buttons."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leeroy.app import create_app
from leeroy.events import parse_delivery
from leeroy.hints import DeliveryHint, FollowHint, PullView, RequestHint, comment_of
from leeroy.model import CommentKind
from leeroy.services import Services
from tests.browser.dashboard_world import (
    GUID,
    OPERATOR,
    PASSWORD,
    PULL,
    deliver,
    fill,
    later,
    services_over,
)
from tests.making import REPO

AUTH = (OPERATOR, PASSWORD)
PAGES = ["/", "/deliveries", f"/deliveries/{GUID}", "/pulls/acme/widgets/412"]
PROXY = {"auth_header": "X-Forwarded-User", "trusted_proxies": ["10.0.0.0/8"]}


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


def token_on(client: Any, path: str) -> str:
    """What the forms of a page carry."""
    return re.findall(r'name="token" value="([^"]+)"', client.get(path, auth=AUTH).text)[0]


class TestAccess:
    @pytest.mark.parametrize("path", PAGES)
    @pytest.mark.parametrize(
        ("auth", "status"),
        [
            pytest.param(None, 401, id="nobody"),
            pytest.param((OPERATOR, "wrong"), 401, id="a wrong password"),
            pytest.param(("wrong", PASSWORD), 401, id="a wrong user"),
            pytest.param(AUTH, 200, id="the operator"),
        ],
    )
    def test_a_private_dashboard_is_the_operators(self, client, path, auth, status):
        answer = client.get(path, auth=auth)
        assert answer.status_code == status
        assert ("WWW-Authenticate" in answer.headers) == (status == 401)
        assert ("acme/widgets" in answer.text) == (status == 200)

    def test_without_user_and_pass_it_is_closed_and_says_how_to_open_it(self, tmp_path):
        with services_over(tmp_path, user=None, **{"pass": None}) as services:
            answer = create_app(services).test_client().get("/", auth=AUTH)
        assert answer.status_code == 403
        for word in ("user", "pass", "auth_header", "trusted_proxies", "public"):
            assert f"&#34;{word}&#34;" in answer.text

    @pytest.mark.parametrize(
        ("address", "header", "status"),
        [
            pytest.param("10.1.2.3", "ann", 200, id="the proxy names somebody"),
            pytest.param("::ffff:10.1.2.3", "ann", 200, id="over a socket for IPv6 too"),
            pytest.param("10.1.2.3", " ", 401, id="the proxy names nobody"),
            pytest.param("10.1.2.3", None, 401, id="the proxy sends no header"),
            pytest.param("192.0.2.7", "ann", 401, id="somebody else sends it"),
            pytest.param("", "ann", 401, id="a Unix socket has no address"),
        ],
    )
    def test_the_proxys_word_counts_only_from_the_proxy(self, tmp_path, address, header, status):
        with services_over(tmp_path, **PROXY) as services:
            client = create_app(services).test_client()
            headers = {} if header is None else {"X-Forwarded-User": header}
            environ = {"REMOTE_ADDR": address}
            answer = client.get("/", headers=headers, environ_overrides=environ)
        assert answer.status_code == status
        assert ("Signed in as ann" in answer.text) == (status == 200)

    @pytest.mark.parametrize("auth", [None, (OPERATOR, "wrong")])
    @pytest.mark.parametrize("path", PAGES)
    def test_a_public_one_has_no_payloads_and_no_buttons(self, tmp_path, path, auth):
        with services_over(tmp_path, dashboard="public") as services:
            fill(services)
            answer = create_app(services).test_client().get(path, auth=auth)
        assert answer.status_code == 200
        assert 'method="post"' not in answer.text
        assert "&#34;sender&#34;" not in answer.text
        assert "Set-Cookie" not in answer.headers

    def test_on_a_public_one_the_operator_signs_in_for_the_rest(self, tmp_path):
        with services_over(tmp_path, dashboard="public") as services:
            fill(services)
            client = create_app(services).test_client()
            assert 'href="/sign-in"' in client.get("/").text
            assert client.get("/sign-in").status_code == 401
            assert client.get("/sign-in", auth=AUTH).location == "/"
            page = client.get(f"/deliveries/{GUID}", auth=AUTH).text
        assert 'method="post"' in page
        assert "&#34;sender&#34;" in page


class TestButtons:
    def press(self, client: Any, path: str, *, auth: Any = AUTH, **form: str) -> Any:
        token = token_on(client, "/pulls/acme/widgets/412")
        return client.post(path, data={"token": token, **form}, auth=auth)

    @pytest.mark.parametrize(
        ("path", "form", "kept"),
        [
            pytest.param(
                "/pulls/acme/widgets/412/rebuild",
                {"context": "CI/unit"},
                RequestHint(context="CI/unit"),
                id="rebuild",
            ),
            pytest.param(
                "/pulls/acme/widgets/412/look", {}, FollowHint(why="dashboard"), id="look again"
            ),
            pytest.param(
                f"/deliveries/{GUID}/look",
                {},
                DeliveryHint(
                    event="pull_request",
                    action="synchronize",
                    seen=PullView(title="Make widgets rounder"),
                ),
                id="redeliver",
            ),
        ],
    )
    def test_each_puts_one_hint_and_leads_back(self, client, filled, path, form, kept):
        before = len(filled.queue.recent_hints(100))
        answer = self.press(client, path, **form)
        assert answer.status_code == 303
        assert 'role="status"' in client.get(answer.location, auth=AUTH).text
        hints = filled.queue.recent_hints(100)
        assert len(hints) == before + 1
        assert hints[0].subject == str(PULL)
        assert hints[0].hint == kept

    def test_retry_takes_up_what_was_given_up(self, client, filled):
        subject = "acme/widgets#409"
        answer = self.press(client, "/retry", subject=subject)
        assert answer.location == "/?done=retry"
        assert filled.queue.take().subject == subject
        assert self.press(client, "/retry", subject=subject).location == "/?done=nothing"

    def test_a_redelivery_brings_along_the_comment_it_came_with(self, client, filled):
        body = {
            "action": "created",
            "issue": {"number": 412, "pull_request": {}},
            "comment": {"id": 77},
            "repository": {"full_name": REPO},
        }
        deliver(filled, body, guid="g-1", event="issue_comment")
        filled.queue.done(filled.queue.take())
        later(filled, 61)
        assert self.press(client, "/deliveries/g-1/look").location.endswith("?done=look")
        assert comment_of(filled.queue.recent_hints(1)[0].hint) == (CommentKind.COMMENT, 77)

    def test_what_was_handled_just_now_is_not_redelivered(self, client, filled):
        body = {"action": "opened", "number": 412, "repository": {"full_name": REPO}}
        deliver(filled, body, guid="g-1", event="pull_request")
        answer = self.press(client, "/deliveries/g-1/look")
        assert "in work already" in client.get(answer.location, auth=AUTH).text

    def test_what_names_nothing_cannot_be_redelivered(self, client, filled):
        delivery = parse_delivery(
            event="star", guid="g-1", content_type="application/json", body=b"{}"
        )
        filled.store.keep_delivery(delivery, b"{}")
        assert "Redeliver" not in client.get("/deliveries/g-1", auth=AUTH).text
        assert self.press(client, "/deliveries/g-1/look").status_code == 404

    @pytest.mark.parametrize(
        "form",
        [
            pytest.param({}, id="no token"),
            pytest.param({"token": ""}, id="an empty one"),
            pytest.param({"token": "WyJhIiwib3BlcmF0b3IiXQ.aQ.bm9uZQ"}, id="a made-up one"),
        ],
    )
    def test_a_form_without_our_token_does_nothing(self, client, filled, form):
        before = filled.queue.recent_hints(100)
        token_on(client, "/")
        path = "/pulls/acme/widgets/412/rebuild"
        answer = client.post(path, data={"context": "ci/unit", **form}, auth=AUTH)
        assert answer.status_code == 403
        assert "reload the page" in answer.text
        assert filled.queue.recent_hints(100) == before

    def test_a_token_is_worth_nothing_without_its_cookie(self, client, filled):
        token = token_on(client, "/")
        client.delete_cookie("leeroy_forms")
        path = "/pulls/acme/widgets/412/look"
        assert client.post(path, data={"token": token}, auth=AUTH).status_code == 403
        client.set_cookie("leeroy_forms", "one of my own")
        assert client.post(path, data={"token": token}, auth=AUTH).status_code == 403

    def test_the_cookie_stays_with_us(self, client):
        cookie = client.get("/", auth=AUTH).headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Set-Cookie" not in client.get("/", auth=AUTH).headers

    def test_another_process_over_the_same_settings_takes_the_form(self, client, filled):
        token = token_on(client, "/")
        other = create_app(filled).test_client()
        other.set_cookie("leeroy_forms", client.get_cookie("leeroy_forms").value)
        data = {"token": token}
        answer = other.post("/pulls/acme/widgets/412/look", data=data, auth=AUTH)
        assert answer.status_code == 303

    @pytest.mark.parametrize("auth", [None, (OPERATOR, "wrong")])
    @pytest.mark.parametrize("public", ["private", "public"])
    def test_only_who_signed_in_may_press(self, tmp_path, public, auth):
        with services_over(tmp_path, dashboard=public) as services:
            client = create_app(services).test_client()
            answer = client.post("/retry", data={"subject": "acme/widgets#409"}, auth=auth)
        assert answer.status_code == 401

    @pytest.mark.parametrize(
        ("path", "form"),
        [
            pytest.param(
                "/pulls/acme/widgets/412/rebuild", {"context": "nope"}, id="unknown context"
            ),
            pytest.param("/pulls/acme/none/1/look", {}, id="unknown repository"),
            pytest.param("/deliveries/none/look", {}, id="unknown delivery"),
        ],
    )
    def test_what_is_not_there_cannot_be_asked_for(self, client, filled, path, form):
        before = filled.queue.recent_hints(100)
        assert self.press(client, path, **form).status_code == 404
        assert filled.queue.recent_hints(100) == before

    def test_get_asks_for_nothing(self, client):
        assert client.get("/retry", auth=AUTH).status_code == 405
