"""Whoever knows a secret, or writes a pull request, can do no more than be looked at again."""

import ast
import hmac
import io
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine

from leeroy import logs
from leeroy.app import create_app
from leeroy.config import parse_config
from leeroy.jenkins.trigger import trigger_call
from leeroy.model import parse_subject
from leeroy.services import Services, make_services
from tests.stories.world import REPO, WEBHOOK_SECRET

OPERATOR = ("operator", "operators-password")
SETTINGS = {
    "jenkins": {"base_url": "http://127.0.0.1:9", "username": "leeroy", "token": "a-token"},
    "github_api_url": "http://127.0.0.1:9",
    "github_token": "ghp_0123456789abcdefghij",
    "github_webhook_secret": WEBHOOK_SECRET,
    "user": OPERATOR[0],
    "pass": OPERATOR[1],
    "builds": [
        {"github_repo": REPO, "jenkins_job_name": "widgets"},
        {"github_repo": "many/*", "jenkins_job_name": "{repo}", "context": "many"},
    ],
    "branches": [{"github_repo": REPO, "branch": "**", "jenkins_job_name": "pushes"}],
}
HUGE = 10**30
#: A traveller through every place where a line, a header, a query or a string may end.
NASTY = "x\r\nSet-Cookie: a=b\r\n\r\n\0&PR=9?#%00%0d%0a/../../'\";--\ud800\x1b[2J\u202e{PR}"
#: The same as far as a glob may take it for one name: no git would make such a branch.
NASTY_BRANCH = NASTY.replace("/../../", "")


@pytest.fixture
def services(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[Services]:
    text = json.dumps({**SETTINGS, "database_url": database_url})
    config = parse_config(
        text, environ={}, read_file=Path.read_text, source=tmp_path / "config.json"
    )
    services = make_services(config)
    yield services
    services.close()


@pytest.fixture
def client(services: Services):
    return create_app(services).test_client()


def deliver(client, payload: Any, event: str = "pull_request", **headers: str) -> int:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    whole = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": signature(body),
        **headers,
    }
    return client.post("/notification/github", data=body, headers=whole).status_code


def signature(body: bytes) -> str:
    return f"sha256={hmac.digest(WEBHOOK_SECRET.encode(), body, 'sha256').hex()}"


def an_event(**changes: Any) -> dict[str, Any]:
    return {"action": "opened", "number": 7, "repository": {"full_name": REPO}, **changes}


def a_comment(number: Any = 7, comment_id: Any = 9) -> dict[str, Any]:
    issue = {"number": number, "pull_request": {}}
    return an_event(action="created", issue=issue, comment={"id": comment_id})


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def what_is_kept_can_be_looked_at(services: Services) -> None:
    """Every subject means something to a worker, and all of it is what the database gives back."""
    for hint in services.queue.recent_hints():
        parse_subject(hint.subject)
        assert "\0" not in hint.subject + str(hint.hint)
    look = services.queue.take()
    assert look is None or parse_subject(look.subject)


@pytest.mark.parametrize(
    ("event", "payload", "status"),
    [
        pytest.param("pull_request", an_event(number=HUGE), 204, id="number too large"),
        pytest.param("pull_request", an_event(number=2**31), 204, id="number of 32 bits"),
        pytest.param("pull_request", an_event(number=2**31 - 1), 202, id="largest number"),
        pytest.param("pull_request", an_event(number=-1), 204, id="number below zero"),
        pytest.param("pull_request", an_event(number=0), 204, id="number zero"),
        pytest.param("pull_request", an_event(number=True), 204, id="number that is a boolean"),
        pytest.param("pull_request", an_event(number=7.0), 204, id="number with a point"),
        pytest.param("pull_request", an_event(number="7"), 204, id="number as text"),
        pytest.param("pull_request", an_event(action=NASTY), 204, id="nasty action"),
        pytest.param("pull_request", an_event(action=["opened"]), 204, id="action that is a list"),
        pytest.param("pull_request", an_event(title=NASTY), 202, id="nasty title"),
        pytest.param("pull_request", an_event(repository=REPO), 204, id="repository as text"),
        *(
            pytest.param("pull_request", an_event(repository={"full_name": name}), 204, id=id_)
            for id_, name in {
                "nasty repository": f"acme/{NASTY}",
                "repository above": "many/..",
                "repository with a line end": f"{REPO}\n",
                "repository with a NUL": f"{REPO}\0",
                "repository of three parts": f"{REPO}/x",
                "repository that is a number": 7,
            }.items()
        ),
        pytest.param("issue_comment", a_comment(), 202, id="comment"),
        pytest.param("issue_comment", a_comment(comment_id=2**63 - 1), 202, id="largest comment"),
        pytest.param("issue_comment", a_comment(comment_id=HUGE), 204, id="comment too large"),
        pytest.param("issue_comment", a_comment(comment_id=True), 204, id="boolean comment"),
        pytest.param("issue_comment", a_comment(number=HUGE), 204, id="comment on too large"),
        pytest.param("pull_request", nested(50_000), 400, id="nested deeply"),
        pytest.param("pull_request", b"[" * 100_000, 400, id="nested, without an end"),
        pytest.param("pull_request", b'{"number": ' + b"9" * 10_000 + b"}", 400, id="long number"),
        pytest.param("pull_request", b'{"number": 1e999, "x": NaN}', 204, id="no number at all"),
        pytest.param("pull_request", b"\xff\xfe{}", 400, id="not UTF-8"),
        pytest.param("pull_request", b"\0", 400, id="a NUL"),
        pytest.param("pull_request", b"", 400, id="nothing"),
    ],
)
def test_an_odd_payload_is_refused_or_harmless(client, services, event, payload, status):
    assert deliver(client, payload, event) == status
    assert bool(services.queue.recent_hints()) == (status == 202)
    what_is_kept_can_be_looked_at(services)


def test_a_branch_of_any_name_can_be_kept(client, services):
    push = an_event(ref=f"refs/heads/{NASTY_BRANCH}", before="b" * 40, after="a" * 40)
    assert deliver(client, push, "push") == 202
    what_is_kept_can_be_looked_at(services)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-GitHub-Event": "pull_request\x0b"}, id="event"),
        pytest.param({"X-GitHub-Event": "../metrics"}, id="event that leads up"),
        pytest.param({"X-GitHub-Delivery": "a" * 65}, id="a long GUID"),
        pytest.param({"X-GitHub-Delivery": "<b>"}, id="a GUID that is HTML"),
        pytest.param({"X-GitHub-Delivery": "'; DROP TABLE hints; --"}, id="a GUID that is SQL"),
    ],
)
def test_odd_headers_are_refused(client, services, headers):
    assert deliver(client, an_event(), **headers) == 400
    assert services.queue.recent_hints() == ()


def a_note(url: str = "job/widgets/", **build: Any) -> dict[str, Any]:
    whole = {"number": 17, "queue_id": 41, "phase": "STARTED", "parameters": {}, **build}
    return {"name": "widgets", "url": url, "build": whole}


@pytest.mark.parametrize(
    ("note", "status"),
    [
        pytest.param(a_note(number=HUGE), 400, id="number too large"),
        pytest.param(a_note(number=2**31), 400, id="number of 32 bits"),
        pytest.param(a_note(number=True), 400, id="boolean number"),
        pytest.param(a_note(queue_id=HUGE), 202, id="queue item too large"),
        pytest.param(a_note(phase=NASTY), 204, id="nasty phase"),
        pytest.param(a_note(parameters={"LEEROY_BUILD_ID": NASTY}), 202, id="nasty build id"),
        pytest.param(a_note(parameters=[NASTY]), 202, id="parameters that are a list"),
        *(
            pytest.param(
                a_note(parameters={"GIT_BASE_REPO": repo, "PR": number}), 202, id=f"of {id_}"
            )
            for id_, repo, number in (
                ("a huge pull request", REPO, str(HUGE)),
                ("a pull request of 32 bits", REPO, "2147483648"),
                ("Arabic figures", REPO, "\u0667"),
                ("superscripts", REPO, "²"),
                ("a nasty repository", f"many/{NASTY}", "7"),
                ("a repository above", "many/..", "7"),
                ("a repository with a line end", f"{REPO}\n", "7"),
            )
        ),
        pytest.param(a_note("job/%2e%2e/"), 202, id="job that leads up"),
        pytest.param(a_note("job/..%2f..%2fscript/"), 202, id="job that leads further up"),
        pytest.param(a_note("job/widgets%3Fdelay=0/"), 202, id="job with a query"),
        pytest.param(a_note("job/x%00%0d%0ay/"), 202, id="job with a NUL"),
        pytest.param(a_note("http://[/job/widgets/"), 202, id="broken address"),
        pytest.param(a_note("https://elsewhere.example.com/job/widgets/"), 202, id="other host"),
    ],
)
def test_an_odd_notification_is_refused_or_names_a_job_of_ours(client, services, note, status):
    answer = client.post("/notification/jenkins", json=note)
    assert answer.status_code in {status, 204 if status == 202 else status}
    what_is_kept_can_be_looked_at(services)
    for hint in services.queue.recent_hints():
        # Not the pull request it claims: whose build it is, Jenkins will say.
        assert hint.subject.startswith("jenkins default ")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"repo": REPO, "number": HUGE}, 400, id="number too large"),
        pytest.param({"repo": REPO, "number": 2**31}, 400, id="number of 32 bits"),
        pytest.param({"repo": REPO, "number": True}, 400, id="boolean number"),
        pytest.param({"repo": REPO, "number": 7, "context": NASTY}, 404, id="nasty context"),
        pytest.param({"repo": f"acme/{NASTY}", "number": 7}, 422, id="nasty repository"),
        pytest.param(nested(50_000), 400, id="nested deeply"),
    ],
)
def test_an_odd_request_for_builds_is_refused(client, services, body, status):
    data = body if isinstance(body, bytes) else json.dumps(body)
    assert client.post("/build/retry", data=data, auth=OPERATOR).status_code == status
    assert services.queue.recent_hints() == ()


@pytest.mark.parametrize(
    "path",
    [
        "/deliveries/%00",
        "/deliveries/%0d%0aSet-Cookie:a=b",
        "/deliveries/..%2f..%2fetc%2fpasswd",
        "/pulls/acme/widgets/99999999999999999999",
        "/pulls/acme/widgets%00/7",
        "/pulls/%2e%2e/%2e%2e/7",
        "/pulls?name=acme/widgets%23" + "9" * 40,
        "/pulls?name=%00%0d%0aSet-Cookie:a=b",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/?done=<script>",
        "/notification/jenkins/%2e%2e",
    ],
)
def test_an_odd_address_leads_nowhere(client, path):
    answer = client.get(path, auth=OPERATOR)
    assert answer.status_code in (200, 303, 400, 404, 405)
    assert "a=b" not in str(answer.headers.getlist("Set-Cookie"))
    assert "root:" not in answer.text
    assert "<script>" not in answer.text


def test_credentials_of_any_kind_are_just_wrong(client):
    for given in ("Basic", "Basic ====", "Basic //79/f3/", "Bearer x", "Digest a=b", "Basic " * 99):
        headers = {"Authorization": given}
        assert client.post("/build/retry", json={}, headers=headers).status_code == 401
        assert client.get("/", headers=headers).status_code == 401


@pytest.mark.parametrize("as_json", [True, False], ids=["JSON", "text"])
def test_a_log_line_is_one_line_whatever_stands_in_it(as_json):
    out = io.StringIO()
    forged = "x\r\n2026-11-22T10:00:00Z [error    ] forged\x85\u2028\x1b[2J\x9b2J"
    try:
        logs.configure(as_json=as_json, out=out)
        lines = structlog.get_logger()
        lines.info("effect", title=forged, subject="\x1b[2J\x9b\u202e\u2028", many=[forged])
    finally:
        logs.configure()
    (line,) = out.getvalue().splitlines()
    assert line.isprintable()
    assert line.count("effect") == 1


def test_free_text_stays_within_its_parameter():
    call = trigger_call("ci/widgets", "job/ci/job/widgets", {"TITLE": NASTY.replace("\ud800", "")})
    assert set(call.query) == {"delay", "TITLE"}


SECRET_NAME = re.compile(r"secret|password|token|digest|signature|hmac", re.IGNORECASE)


def test_secrets_are_compared_in_constant_time():
    """Wherever something comes from outside; ``==`` would tell how much of it is right."""
    package = Path(logs.__file__).parent
    files = [
        *package.joinpath("web").glob("*.py"),
        package / "events.py",
        package / "notifications.py",
        package / "app.py",
    ]
    files += [package / "worker" / "intake.py", package / "nsq" / "envelope.py"]
    found = []
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Compare):
                names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                names |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
                is_equality = any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
                if is_equality and any(map(SECRET_NAME.search, names)):
                    found.append(f"{file.name}:{node.lineno} {ast.unparse(node)}")
    # How long a signature is, is no secret.
    assert [line for line in found if "digest_size" not in line] == []
    for name in ("events.py", "web/hooks.py", "web/access.py", "nsq/envelope.py"):
        assert "hmac.compare_digest(" in package.joinpath(name).read_text("utf-8")
