"""Every answer of the HTTP endpoints: what is refused, what is queued, what is not for us."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from leeroy.app import create_app
from leeroy.config import parse_config
from leeroy.hints import NotificationHint, RequestHint
from leeroy.model import BuildRef
from leeroy.services import make_services
from tests.databases import make_tables
from tests.making import REPO, a_build_setting

SECRET = "webhook-secret"
SETTINGS = {
    "jenkins": {
        "base_url": "http://jenkins.test",
        "username": "leeroy",
        "token": "jenkins-token",
        "notification_secret": "jenkins-secret",
    },
    "jenkins_servers": {"arm": {"base_url": "http://arm.test"}},
    "github_token": "ghp_0123456789abcdefghij",
    "github_webhook_secret": [SECRET, "the-new-secret"],
    "repositories": {"other/*": {"github_webhook_secret": "others-secret"}},
    "user": "operator",
    "pass": "operators-password",
    "builds": [
        a_build_setting(),
        a_build_setting(jenkins_job_name="arm-pr", context="arm", jenkins="arm"),
        a_build_setting(github_repo="other/thing", jenkins_job_name="thing"),
    ],
}


@pytest.fixture
def services(tmp_path: Path):
    config = parse_config(
        json.dumps(SETTINGS), environ={}, read_file=Path.read_text, source=tmp_path / "config.json"
    )
    services = make_services(config)
    make_tables(services.engine)
    yield services
    services.close()


@pytest.fixture
def client(services):
    return create_app(services).test_client()


def post_delivery(
    client, payload, *, secret=SECRET, event="pull_request", guid="guid-1", **headers
):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    whole = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": f"sha256={digest}",
        "Content-Type": "application/json",
        **headers,
    }
    return client.post(
        "/notification/github", data=body, headers={k: v for k, v in whole.items() if v}
    )


def opened(repo=REPO, number=7, action="opened"):
    return {"action": action, "number": number, "repository": {"full_name": repo}}


class TestGitHub:
    def test_a_delivery_is_on_disk_before_it_is_answered(self, client, services):
        answer = post_delivery(client, opened())
        assert answer.status_code == 202
        (hint,) = services.queue.recent_hints()
        assert (hint.subject, hint.hint.kind) == (f"{REPO}#7", "delivery")
        assert str(hint.hint) == "pull_request opened"
        assert json.loads(services.store.delivery("guid-1").payload) == opened()

    def test_three_hooks_that_send_one_guid_cause_one_piece_of_work(self, client, services):
        answers = [post_delivery(client, opened()) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202] * 3
        assert len(services.queue.recent_hints()) == 1

    def test_a_form_body_counts_as_well(self, client):
        body = f"payload={quote_plus(json.dumps(opened()))}".encode()
        answer = post_delivery(
            client, body, **{"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert answer.status_code == 202

    def test_both_secrets_count_while_one_replaces_the_other(self, client):
        assert post_delivery(client, opened(), secret="the-new-secret").status_code == 202

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            pytest.param({"X-Hub-Signature-256": None}, 401, id="no signature"),
            pytest.param({"X-Hub-Signature-256": "sha256="}, 401, id="an empty one"),
            pytest.param(
                {"X-Hub-Signature-256": None, "X-Hub-Signature": "sha1=00"}, 401, id="SHA-1 only"
            ),
            pytest.param({"secret": "wrong"}, 401, id="a wrong one"),
            pytest.param({"secret": "others-secret"}, 401, id="another repository's secret"),
            pytest.param({"X-GitHub-Event": None}, 400, id="no event"),
            pytest.param({"guid": ""}, 400, id="no GUID"),
            pytest.param({"event": "ping"}, 200, id="ping"),
            pytest.param({"event": "deployment"}, 204, id="an event of no interest"),
            pytest.param({"payload": b"{"}, 400, id="broken JSON"),
            pytest.param({"payload": opened(action="stacked")}, 204, id="an unknown action"),
            pytest.param({"payload": opened(repo="acme/unknown")}, 204, id="an unknown repository"),
            pytest.param({"payload": {}}, 204, id="nothing in it"),
        ],
    )
    def test_what_is_not_a_delivery_for_us_is_answered_and_leaves_nothing(
        self, client, services, change, status
    ):
        payload = change.pop("payload", None)
        answer = post_delivery(client, opened() if payload is None else payload, **change)
        assert answer.status_code == status
        assert services.queue.recent_hints() == ()

    def test_a_body_over_the_limit_is_413(self, client):
        client.application.config["MAX_CONTENT_LENGTH"] = 100
        assert post_delivery(client, b"x" * 101).status_code == 413

    def test_what_cannot_be_written_down_is_503_and_never_202(self, client, services):
        services.engine.dispose()
        path = Path(services.engine.url.database)
        for file in path.parent.glob("leeroy.db*"):
            file.unlink()
        path.mkdir()
        answer = post_delivery(client, opened())
        assert answer.status_code == 503
        assert answer.json == {"error": "the database cannot take it now"}


class TestJenkins:
    PATH = "/notification/jenkins"

    def note(self, **changes):
        build = {
            "number": 17,
            "queue_id": 41,
            "phase": "STARTED",
            "parameters": {"GIT_BASE_REPO": REPO, "PR": "7"},
            **changes.pop("build", {}),
        }
        return {"name": "widgets-pr", "url": "job/widgets-pr/", "build": build, **changes}

    def test_a_notification_makes_its_pull_request_due(self, client, services):
        answer = client.post(f"{self.PATH}?secret=jenkins-secret", json=self.note())
        assert answer.status_code == 202
        (hint,) = services.queue.recent_hints()
        build = BuildRef("default", "widgets-pr", 17)
        assert hint.subject == f"{REPO}#7"
        assert hint.hint == NotificationHint(build=build, phase="STARTED")

    def test_basic_auth_carries_the_secret_as_well(self, client):
        answer = client.post(self.PATH, json=self.note(), auth=("jenkins", "jenkins-secret"))
        assert answer.status_code == 202

    @pytest.mark.parametrize(
        ("password", "secret"), [("jenkins-secret", "wrong"), ("a proxy's", "jenkins-secret")]
    )
    def test_either_may_carry_it(self, client, password, secret):
        path = f"{self.PATH}?secret={secret}"
        answer = client.post(path, json=self.note(), auth=("jenkins", password))
        assert answer.status_code == 202

    def test_the_first_server_is_also_found_by_its_name(self, client):
        path = f"{self.PATH}/default?secret=jenkins-secret"
        assert client.post(path, json=self.note()).status_code == 202

    def test_a_build_nobody_claims_yet_is_looked_for_later(self, client, services):
        note = self.note(build={"parameters": {}})
        answer = client.post(f"{self.PATH}?secret=jenkins-secret", json=note)
        assert answer.status_code == 202
        assert services.queue.recent_hints()[0].subject == "jenkins default widgets-pr#17"

    @pytest.mark.parametrize(
        ("note", "query", "status"),
        [
            pytest.param({}, "", 401, id="no secret"),
            pytest.param({}, "?secret=wrong", 401, id="a wrong secret"),
            pytest.param({}, "/other?secret=jenkins-secret", 404, id="no such server"),
            pytest.param({"url": "job/unknown/"}, "?secret=jenkins-secret", 204, id="unknown job"),
            pytest.param(
                {"build": {"phase": "NONE"}}, "?secret=jenkins-secret", 204, id="another phase"
            ),
            pytest.param({"build": {"number": 0}}, "?secret=jenkins-secret", 400, id="no build"),
        ],
    )
    def test_what_is_no_notification_for_us(self, client, services, note, query, status):
        answer = client.post(self.PATH + query, json=self.note(**note))
        assert answer.status_code == status
        assert services.queue.recent_hints() == ()

    def test_xml_is_415(self, client):
        answer = client.post(
            f"{self.PATH}?secret=jenkins-secret", data="<job/>", content_type="application/xml"
        )
        assert answer.status_code == 415

    def test_each_server_has_its_own_address(self, client, services):
        note = self.note(name="arm-pr", url="job/arm-pr/")
        assert client.post(f"{self.PATH}/arm", json=note).status_code == 202
        assert client.post(f"{self.PATH}/nowhere", json=note).status_code == 404

    def test_a_repository_that_the_job_is_not_for_is_not_believed(self, client, services):
        note = self.note(build={"parameters": {"GIT_BASE_REPO": "other/thing", "PR": "7"}})
        client.post(f"{self.PATH}?secret=jenkins-secret", json=note)
        assert services.queue.recent_hints()[0].subject == "jenkins default widgets-pr#17"


class TestBuildRequests:
    AUTH = ("operator", "operators-password")

    @pytest.mark.parametrize("path", ["/build/retry", "/build/custom"])
    @pytest.mark.parametrize(("context", "kept"), [("janky", "janky"), ("all", ""), ("", "")])
    def test_a_request_is_on_disk_when_it_is_answered(self, client, services, path, context, kept):
        body = {"number": 7, "repo": REPO, "context": context, "ref": ""}
        answer = client.post(path, json=body, auth=self.AUTH)
        assert (answer.status_code, answer.data) == (204, b"")
        (hint,) = services.queue.recent_hints()
        assert (hint.subject, hint.hint) == (f"{REPO}#7", RequestHint(context=kept))

    def test_cron_asks_for_the_whole_repository(self, client, services):
        body = {"repo": REPO, "context": "janky"}
        assert client.post("/build/cron", json=body, auth=self.AUTH).status_code == 204
        assert services.queue.recent_hints()[0].subject == REPO

    @pytest.mark.parametrize(
        ("body", "auth", "status"),
        [
            pytest.param({"number": 7, "repo": REPO}, None, 401, id="nobody"),
            pytest.param({}, ("operator", "wrong"), 401, id="only the right user"),
            pytest.param({}, ("wrong", "operators-password"), 401, id="only the right password"),
            pytest.param({"number": 7, "repo": "acme/none"}, AUTH, 404, id="unknown repository"),
            pytest.param(
                {"number": 7, "repo": REPO, "context": "x"}, AUTH, 404, id="unknown context"
            ),
            pytest.param({"repo": REPO}, AUTH, 422, id="no number"),
            pytest.param({"repo": REPO, "number": "7"}, AUTH, 400, id="an odd number"),
        ],
    )
    def test_everything_else_is_refused_with_the_reason(self, client, services, body, auth, status):
        answer = client.post("/build/retry", json=body, auth=auth)
        assert answer.status_code == status
        assert answer.json["error"]
        assert services.queue.recent_hints() == ()

    def test_get_is_405(self, client):
        assert client.get("/build/retry", auth=self.AUTH).status_code == 405

    def test_without_user_and_pass_in_the_settings_it_is_403(self, services):
        config = services.config.model_copy(update={"user": ""})
        from dataclasses import replace

        client = create_app(replace(services, config=config)).test_client()
        auth = {"Authorization": "Basic " + base64.b64encode(b":").decode()}
        assert client.post("/build/retry", json={}, headers=auth).status_code == 403


class TestOperations:
    def test_ping_says_pong(self, client):
        assert client.get("/ping").data == b"pong"

    def test_it_is_ready_only_while_looks_are_made(self, services):
        assert create_app(services).test_client().get("/readyz").status_code == 200
        idle = create_app(services, is_working=lambda: False).test_client()
        assert idle.get("/readyz").status_code == 503
        assert idle.get("/healthz").status_code == 200

    def test_metrics_count_what_waits(self, client):
        post_delivery(client, opened())
        assert b"leeroy_queue_depth 1.0" in client.get("/metrics").data

    def test_an_unknown_page_is_a_json_error(self, client):
        answer = client.get("/nowhere")
        assert (answer.status_code, list(answer.json)) == (404, ["error"])
