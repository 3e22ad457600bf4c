"""What is looked at first when much comes at once."""

import json
from pathlib import Path

import pytest

from leeroy.app import create_app
from leeroy.config import parse_config
from leeroy.model.ranks import Rank
from leeroy.services import make_services
from tests.databases import make_tables
from tests.making import HEAD, REPO, a_build_setting

SETTINGS = {
    "jenkins": {"base_url": "http://jenkins.test", "notification_secret": "notification-secret"},
    "github_token": "ghp_0123456789abcdefghij",
    "allow_unsigned_webhooks": True,
    "builds": [
        a_build_setting(),
        a_build_setting(jenkins_job_name="multi", context="multi", is_pipeline=True),
    ],
    "branches": [{"github_repo": REPO, "branch": "main", "jenkins_job_name": "m", "context": "m"}],
}
PULL = {"action": "opened", "number": 7}


@pytest.fixture
def services(tmp_path: Path):
    config = parse_config(
        json.dumps(SETTINGS), environ={}, read_file=Path.read_text, source=tmp_path / "config.json"
    )
    services = make_services(config)
    make_tables(services.engine)
    yield services
    services.close()


@pytest.mark.parametrize(
    ("event", "payload", "rank"),
    [
        pytest.param(
            "pull_request", {**PULL, "sender": {"type": "User"}}, Rank.PERSON, id="person"
        ),
        pytest.param("pull_request", {**PULL, "sender": {"type": "Bot"}}, Rank.BOT, id="bot"),
        pytest.param("pull_request", PULL, Rank.PERSON, id="nobody says"),
        pytest.param("push", {"ref": "refs/heads/main", "after": HEAD}, Rank.BRANCH, id="branch"),
        pytest.param(
            "push",
            {"ref": "refs/heads/gh-readonly-queue/main/pr-7-0123abc", "after": HEAD},
            Rank.MERGE_QUEUE,
            id="merge queue",
        ),
    ],
)
def test_merge_queues_come_before_branches_before_people_before_bots(
    services, event, payload, rank
):
    answer = (
        create_app(services)
        .test_client()
        .post(
            "/notification/github",
            json={**payload, "repository": {"full_name": REPO}},
            headers={"X-GitHub-Event": event, "X-GitHub-Delivery": "guid-1"},
        )
    )
    assert answer.status_code == 202, answer.text
    (hint,) = services.queue.recent_hints()
    assert hint.priority == rank


@pytest.mark.parametrize(
    ("url", "subject"),
    [
        ("job/multi/job/PR-7/", f"{REPO}#7"),
        ("job/multi/job/PR-7-merge/", f"{REPO}#7"),
        ("job/multi/job/main/", "jenkins default multi/main#3"),
    ],
)
def test_a_branch_job_tells_whose_pull_request_it_builds(services, url, subject):
    note = {"name": "x", "url": url, "build": {"number": 3, "phase": "STARTED"}}
    answer = (
        create_app(services)
        .test_client()
        .post("/notification/jenkins?secret=notification-secret", json=note)
    )
    assert answer.status_code == 202
    (hint,) = services.queue.recent_hints()
    assert hint.subject == subject
