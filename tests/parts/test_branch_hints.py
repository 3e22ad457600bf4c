"""What makes a branch due: pushes, notifications, requests by HTTP and at a terminal."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from leeroy.app import create_app
from leeroy.cli.main import group
from leeroy.config import parse_config
from leeroy.hints import PushHint, RequestHint
from leeroy.model import Push
from leeroy.services import make_services
from tests.databases import make_tables
from tests.making import REPO, a_build_setting, a_queued_row

SETTINGS = {
    "jenkins": {
        "base_url": "http://jenkins.test",
        "username": "leeroy",
        "token": "jenkins-token",
        "notification_secret": "notification-secret",
    },
    "github_token": "ghp_0123456789abcdefghij",
    "github_webhook_secret": "webhook-secret",
    "user": "operator",
    "pass": "operators-password",
    "builds": [a_build_setting()],
    "branches": [
        {
            "github_repo": REPO,
            "branch": "release/*",
            "jenkins_job_name": "release",
            "context": "release",
        }
    ],
}
NOTIFICATION = "/notification/jenkins?secret=notification-secret"
BEFORE, AFTER, NONE = "1" * 40, "2" * 40, "0" * 40
GROUP = f"gh-readonly-queue/main/pr-7-{BEFORE}"


@pytest.fixture
def services(tmp_path: Path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(SETTINGS))
    config = parse_config(path.read_text(), environ={}, read_file=Path.read_text, source=path)
    services = make_services(config)
    make_tables(services.engine)
    yield services
    services.close()


@pytest.fixture
def client(services):
    return create_app(services).test_client()


def hints(services):
    return [(kept.subject, kept.hint) for kept in services.queue.recent_hints()]


def push(client, ref, *, before=BEFORE, after=AFTER, **more):
    payload = {"ref": ref, "before": before, "after": after, "forced": False, **more}
    body = json.dumps({"repository": {"full_name": REPO}, **payload}).encode()
    digest = hmac.new(b"webhook-secret", body, hashlib.sha256).hexdigest()
    headers = {
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "guid-1",
        "X-Hub-Signature-256": f"sha256={digest}",
        "Content-Type": "application/json",
    }
    return client.post("/notification/github", data=body, headers=headers)


class TestPushes:
    @pytest.mark.parametrize(
        ("changes", "moved"),
        [
            pytest.param({}, Push(before=BEFORE, after=AFTER), id="push"),
            pytest.param(
                {"forced": True}, Push(before=BEFORE, after=AFTER, is_forced=True), id="forced"
            ),
            pytest.param({"before": NONE}, Push(before="", after=AFTER), id="new branch"),
            pytest.param({"after": NONE}, Push(before=BEFORE, after=""), id="deleted"),
            pytest.param(
                {"before": 7, "forced": "yes"}, Push(before="", after=AFTER), id="odd values"
            ),
        ],
    )
    def test_a_push_to_a_watched_branch_is_queued_with_how_it_moved(
        self, client, services, changes, moved
    ):
        assert push(client, "refs/heads/release/1.0", **changes).status_code == 202
        assert hints(services) == [(f"{REPO}@release/1.0", PushHint(push=moved))]

    def test_a_merge_queues_branch_is_watched_where_pull_requests_are_built(self, client, services):
        assert push(client, f"refs/heads/{GROUP}").status_code == 202
        assert hints(services)[0][0] == f"{REPO}@{GROUP}"

    @pytest.mark.parametrize(
        "ref", ["refs/heads/main", "refs/tags/release/1.0", "refs/heads/release/1/2", "release/1.0"]
    )
    def test_other_branches_and_tags_are_of_no_interest(self, client, services, ref):
        assert push(client, ref).status_code == 204
        assert hints(services) == []


class TestNotifications:
    def note(self, **build):
        return {"name": "release", "url": "job/release/", "build": {"phase": "STARTED", **build}}

    def test_the_row_says_which_branch_it_was_built_for(self, client, services):
        row = a_queued_row(job="release", pull=None, branch="release/1.0", context="release")
        services.store.save_builds([row])
        answer = client.post(NOTIFICATION, json=self.note(number=3, queue_id=41))
        assert answer.status_code == 202
        assert hints(services)[0][0] == f"{REPO}@release/1.0"

    @pytest.mark.parametrize(
        ("parameters", "subject"),
        [
            ({"GIT_BASE_REPO": REPO, "BASE_BRANCH": "release/1.0"}, f"{REPO}@release/1.0"),
            ({"GIT_BASE_REPO": REPO, "BASE_BRANCH": "main"}, "jenkins default release#3"),
            ({"GIT_BASE_REPO": "../x", "BASE_BRANCH": "release/1"}, "jenkins default release#3"),
            ({}, "jenkins default release#3"),
        ],
        ids=["watched", "not watched", "no repository", "no parameters"],
    )
    def test_without_a_row_its_parameters_may_say_it(self, client, services, parameters, subject):
        answer = client.post(NOTIFICATION, json=self.note(number=3, parameters=parameters))
        assert answer.status_code == 202
        assert hints(services)[0][0] == subject


class TestRequests:
    @pytest.mark.parametrize("path", ["/build/retry", "/build/custom", "/build/cron"])
    @pytest.mark.parametrize("ref", ["release/1.0", "refs/heads/release/1.0"])
    def test_only_a_ref_means_the_jobs_of_that_branch(self, client, services, path, ref):
        body = {"repo": REPO, "ref": ref, "context": "all"}
        answer = client.post(path, json=body, auth=("operator", "operators-password"))
        assert answer.status_code == 204
        assert hints(services) == [(f"{REPO}@release/1.0", RequestHint())]

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"ref": "main"}, 404),
            ({"ref": "release/1.0", "context": "janky"}, 404),
            ({"ref": ""}, 422),
        ],
        ids=["not watched", "unknown context", "nothing named"],
    )
    def test_what_is_not_configured_is_refused(self, client, services, body, status):
        answer = client.post(
            "/build/retry", json={"repo": REPO, **body}, auth=("operator", "operators-password")
        )
        assert answer.status_code == status
        assert hints(services) == []

    def test_with_a_number_the_pull_request_is_meant(self, client, services):
        body = {"repo": REPO, "number": 7, "ref": "release/1.0", "context": "janky"}
        answer = client.post("/build/retry", json=body, auth=("operator", "operators-password"))
        assert answer.status_code == 204
        assert hints(services)[0][0] == f"{REPO}#7"

    @pytest.mark.parametrize(
        ("arguments", "code", "subject"),
        [
            ([f"{REPO}@release/1.0"], 0, f"{REPO}@release/1.0"),
            ([f"{REPO}@release/1.0", "--context", "RELEASE"], 0, f"{REPO}@release/1.0"),
            ([f"{REPO}@main"], 2, None),
            ([f"{REPO}@release/1.0", "--context", "janky"], 2, None),
            (["release/1.0"], 2, None),
        ],
        ids=["all", "a context", "not watched", "unknown context", "no repository"],
    )
    def test_rebuild_takes_a_branch(self, services, arguments, code, subject):
        command = ["rebuild", "--config", str(services.config.source), *arguments]
        told = CliRunner().invoke(group, command, standalone_mode=False)
        assert (getattr(told.exception, "exit_code", told.exit_code)) == code
        assert [found for found, _ in hints(services)] == ([subject] if subject else [])
