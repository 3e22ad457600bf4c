"""No secret leaves the settings: a real service through good days and bad, and all it said.

Every secret is a distinctive one, with what URLs, JSON and shells write otherwise in it. What is
looked through is what people and machines get to see: the log, every page, the database file, what
stands on GitHub and in Jenkins, and what the commands print.
"""

import base64
import hmac
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import pytest
import requests

from leeroy import logs
from leeroy.cli.main import main
from leeroy_sandbox.github import GitHub
from leeroy_sandbox.jenkins import Endpoint, Jenkins
from leeroy_sandbox.server import Server
from tests.stories.world import PARAMETERS, REPO, prepare_github
from tests.waiting import PATIENCE, address_said, wait_for, wait_until_ready

OTHER = "acme/other"
ROOT = Path(__file__).resolve().parents[2]


def _letters(seed: str, count: int) -> str:
    """So many letters that occur nowhere else."""
    digests = (sha256(f"{seed} {n}".encode()).digest() for n in range(count // 40 + 1))
    return "".join(base64.urlsafe_b64encode(d).decode().strip("=") for d in digests)[:count]


#: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app: an
#: installation token of 2026, with its dots and 520 characters.
GITHUB_TOKEN = (
    f"ghs_1234567_{_letters('header', 48)}.{_letters('claims', 300)}.{_letters('signature', 158)}"
)
OTHER_TOKEN = f"github_pat_{_letters('fine-grained', 82).replace('-', 'x')}"
WEBHOOK_SECRET = 'webhook "quoted" & 100%+ünïcode/secret'
OLD_SECRET = "the-webhook-secret-of-last-year"
NOTIFICATION_SECRET = "notify+me&my friend=50%/ß"
JENKINS_TOKEN = "11" + sha256(b"jenkins").hexdigest()[:32]
FAR_TOKEN = "11" + sha256(b"far").hexdigest()[:32]
OPERATOR_PASSWORD = "operator's pass:word"
PROXY_PASSWORD = "pr0xy-p@ss/word"
DATABASE_PASSWORD = "d@tabase:p/assword"

SECRETS = {
    "the installation token": GITHUB_TOKEN,
    "another repository's token": OTHER_TOKEN,
    "the webhook secret": WEBHOOK_SECRET,
    "the webhook secret of before": OLD_SECRET,
    "the notification secret": NOTIFICATION_SECRET,
    "the Jenkins token": JENKINS_TOKEN,
    "the other Jenkins' token": FAR_TOKEN,
    "the operator's password": OPERATOR_PASSWORD,
    "the proxy's password": PROXY_PASSWORD,
    "the database's password": DATABASE_PASSWORD,
}
OPERATOR = ("operator", OPERATOR_PASSWORD)
#: A piece of a token as long as this is one too many.
PIECE = 24


def forms(secret: str) -> set[str]:
    """How a secret may be written."""
    basic = {
        base64.b64encode(f"{user}:{secret}".encode()).decode()
        for user in ("operator", "leeroy", "proxy", "jenkins", "", "x")
    }
    pieces = {secret[at : at + PIECE] for at in range(0, max(1, len(secret) - PIECE), 6)}
    written = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    return {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]} | basic | pieces | written


def leaks(said: str) -> list[str]:
    """The secrets that stand in a text, by name."""
    return [name for name, secret in SECRETS.items() if any(f in said for f in forms(secret))]


@dataclass
class Said:
    """All that was said, by place."""

    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, place: str, text: str | bytes) -> str:
        text = text if isinstance(text, str) else text.decode("utf-8", "replace")
        self.places.setdefault(place, []).append(text)
        return text

    def at(self, place: str) -> str:
        return "\n".join(self.places.get(place, []))


class Service:
    """A real `leeroy serve`, and everything around it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.said = Said()
        self.folder = folder
        self.github = GitHub(folder / "github")
        self.github_url = stack.enter_context(self.github.serve())
        self.jenkins = stack.enter_context(Jenkins(folder / "jenkins", auto=False))
        self.jenkins_url = stack.enter_context(Server(self.jenkins.wsgi)).url
        self.jenkins.root_url = self.jenkins_url
        self.jenkins.add_user("leeroy", token=JENKINS_TOKEN)
        prepare_github(self.github)
        self.github.add_token("leeroy-bot", ("repo", "admin:repo_hook"), text=GITHUB_TOKEN)
        self.github.create_repo(OTHER, files={"README.md": "# Others\n"})
        self.github.set_permission(OTHER, "leeroy-bot", "admin")
        self.github.add_token("leeroy-bot", ("repo",), text=OTHER_TOKEN)
        self.config = folder / "config.json"
        self.out = folder / "stdout"
        self.err = folder / "stderr"
        self.write()
        command = [sys.executable, "-m", "leeroy", "serve", "--config", self.config, "--port", "0"]
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdout=out,
                stderr=err,
                cwd=folder,
                env=environment(),
            )
        stack.callback(self._end)
        self.url = address_said(self.process, self.err)
        wait_until_ready(self.url, self.process, self.log)
        endpoint = f"{self.url}/notification/jenkins?secret={quote(NOTIFICATION_SECRET, safe='')}"
        self.jenkins.add_job("ci/widgets", parameters=PARAMETERS, endpoints=[Endpoint(endpoint)])
        for repo in (REPO, OTHER):
            self.github.add_hook(
                repo,
                f"{self.url}/notification/github",
                secret=WEBHOOK_SECRET,
                events=("pull_request", "issue_comment", "push"),
                content_type="json",
            )

    def write(self, **changes: Any) -> None:
        far = {
            "base_url": "http://127.0.0.1:9",
            "username": "leeroy",
            "token": FAR_TOKEN,
            "notification_secret": NOTIFICATION_SECRET,
            "proxy": f"http://proxy:{quote(PROXY_PASSWORD, safe='')}@127.0.0.1:9",
            "timeout": 2,
        }
        whole = {
            "jenkins": {
                "base_url": self.jenkins_url,
                "username": "leeroy",
                "token": JENKINS_TOKEN,
                "notification_secret": NOTIFICATION_SECRET,
            },
            "jenkins_servers": {"far": far},
            "github_api_url": self.github_url,
            "github_token": GITHUB_TOKEN,
            "github_webhook_secret": [WEBHOOK_SECRET, OLD_SECRET],
            "user": "operator",
            "pass": OPERATOR_PASSWORD,
            "public_url": "https://leeroy.example.com",
            "builds": [
                {"github_repo": REPO, "jenkins_job_name": "ci/widgets", "context": "janky"},
                {"github_repo": OTHER, "jenkins_job_name": "arm", "jenkins": "far"},
            ],
            "repositories": {OTHER: {"github_token": OTHER_TOKEN}},
            **changes,
        }
        self.config.write_text(json.dumps(whole))

    def take(self, words: str, **changes: Any) -> None:
        """Have new settings taken, or refused."""
        count = self.log().count(words)
        self.write(**changes)
        self.process.send_signal(signal.SIGHUP)
        self.until(lambda: self.log().count(words) > count)
        wait_until_ready(self.url, self.process, self.log)

    def log(self) -> str:
        return self.err.read_text("utf-8", "replace")

    def until(self, holds: Callable[[], object]) -> None:
        wait_for(holds, lambda: self.log()[-3000:])

    def get(self, path: str, place: str = "pages", **more: Any) -> requests.Response:
        answer = requests.get(f"{self.url}{path}", timeout=PATIENCE, allow_redirects=False, **more)
        self._heard(place, answer)
        return answer

    def post(self, path: str, place: str = "answers", **more: Any) -> requests.Response:
        answer = requests.post(f"{self.url}{path}", timeout=PATIENCE, **more)
        self._heard(place, answer)
        return answer

    def _heard(self, place: str, answer: requests.Response) -> None:
        self.said.add(place, f"{answer.status_code} {dict(answer.headers)}\n{answer.text}")

    def deliver(self, number: int, *, secret: str = WEBHOOK_SECRET, **headers: str) -> int:
        event = {"action": "edited", "number": number, "repository": {"full_name": REPO}}
        body = json.dumps(event).encode()
        digest = hmac.digest(secret.encode(), body, "sha256").hex()
        whole = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": f"sha256={digest}",
            **headers,
        }
        return self.post("/notification/github", data=body, headers=whole).status_code

    def raw(self, data: bytes, place: str = "answers") -> None:
        """Bytes that no client of good manners sends."""
        parts = urlsplit(self.url)
        with socket.create_connection(
            (parts.hostname, parts.port or 80), timeout=PATIENCE
        ) as caller:
            caller.sendall(data)
            caller.shutdown(socket.SHUT_WR)
            self.said.add(place, caller.recv(65536))

    def pages(self, number: int) -> None:
        """Every page, for who signed in and who did not."""
        paths = ["/", "/deliveries", f"/pulls/{REPO}/{number}", "/pulls?name=acme/widgets%23999"]
        for guid in self.guids():
            paths.append(f"/deliveries/{guid}")
        for path in paths:
            assert self.get(path, auth=OPERATOR).status_code in (200, 303, 404), path
            assert self.get(path).status_code == 401
        assert self.get("/", auth=("operator", f"{OPERATOR_PASSWORD}!")).status_code == 401
        assert self.get("/nowhere", auth=OPERATOR).status_code == 404
        assert self.get("/metrics", "metrics").status_code == 200
        self.get("/readyz")

    def guids(self) -> list[str]:
        with closing(sqlite3.connect(self.folder / "leeroy.db")) as database:
            return [guid for (guid,) in database.execute("SELECT guid FROM deliveries LIMIT 6")]

    def command(self, *args: str, config: Path | None = None) -> None:
        """What a command prints; it is run here, for a process takes a second to begin."""
        out, err = io.StringIO(), io.StringIO()
        before = sys.argv, threading.excepthook
        sys.argv = ["leeroy", "--config", str(config or self.config), *args]
        try:
            with redirect_stdout(out), redirect_stderr(err), suppress(SystemExit):
                main()
        finally:
            sys.argv, threading.excepthook = before
            logs.configure()
        self.said.add("commands", f"{args}: {out.getvalue()}")
        self.said.add("commands", err.getvalue())

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Said]:
    """All that a service said in its life."""
    with ExitStack() as stack:
        service = Service(tmp_path_factory.mktemp("secrets"), stack)
        number = a_good_day(service)
        refused_requests(service)
        remote_trouble(service, number)
        refused_settings(service)
        service.pages(number)
        commands(service, number)
        defects(service, number)
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(PATIENCE)
        collect(service)
        yield service.said


def a_good_day(service: Service) -> int:
    service.github.push(REPO, "rounder", {"src/widget.py": "round = True\n"})
    number = service.github.open_pull(REPO, "rounder")
    service.github.wait_delivered()
    sha = service.github.pull(REPO, number).head_sha

    def shown() -> dict[str, str]:
        latest = service.github.statuses(REPO, sha).latest.values()
        return {status.context: status.state for status in latest}

    service.until(lambda: service.jenkins.queue() and shown().get("janky") == "pending")
    build = service.jenkins.start_next()
    service.jenkins.finish(build.job.full_name, build.number, "SUCCESS")
    service.until(lambda: shown().get("janky") == "success")
    # The other Jenkins is behind a proxy that refuses the connection.
    service.github.push(OTHER, "arm", {"arm.txt": "arm\n"})
    service.github.open_pull(OTHER, "arm")
    service.until(lambda: "cannot be reached through the proxy" in service.log())
    service.pages(number)
    return number


def refused_requests(service: Service) -> None:
    """400, 401, 403, 404, 405, 413, 415, 422, and what is not even HTTP."""
    wrong = quote(f"{NOTIFICATION_SECRET}!", safe="")
    right = quote(NOTIFICATION_SECRET, safe="")
    note = {"name": "widgets", "url": "job/ci/job/widgets/", "build": {"number": 1}}
    retry = {"number": 1, "repo": REPO, "context": "janky"}
    assert service.deliver(1, secret="guessed") == 401
    assert service.deliver(1, **{"X-GitHub-Event": ""}) == 400
    for path, more, status in (
        (f"/notification/jenkins?secret={wrong}", {"json": note}, 401),
        (f"/notification/jenkins/nowhere?secret={right}", {"json": note}, 404),
        (f"/notification/jenkins?secret={right}", {"json": {}}, 400),
        (f"/notification/jenkins?secret={right}", {"data": "<build/>"}, 415),
        (f"/notification/nowhere?secret={right}", {"json": note}, 404),
        (f"/ping?secret={right}", {}, 405),
        ("/build/retry", {"json": retry, "auth": ("operator", "wrong")}, 401),
        ("/build/retry", {"json": {}, "auth": OPERATOR}, 422),
        ("/build/retry", {"json": {**retry, "context": "no"}, "auth": OPERATOR}, 404),
        ("/build/retry", {"json": retry, "auth": OPERATOR}, 204),
        (f"/retry?secret={right}", {"data": {"subject": "x"}, "auth": OPERATOR}, 403),
    ):
        assert service.post(path, **more).status_code == status, path
    query = f"/notification/jenkins?secret={right}".encode()
    # Who sends half a request line is told which one it was.
    service.raw(b"POST" + query + b" HTTP/1.1\r\nHost: x\r\n\r\n", "told who knew it")
    service.raw(b"POST " + query + b" HTTP/9.9\r\nHost: x\r\n\r\n")
    service.raw(b"POST " + query + b" and more HTTP/1.1\r\nHost: x\r\n\r\n")
    service.raw(b"POST " + query + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n{")
    service.raw(b"POST " + query + b" HTTP/1.1\r\nHost: x\r\nContent-Length: no\r\n\r\n{")
    password = f"Authorization: Basic {base64.b64encode(b':'.join(map(str.encode, OPERATOR)))!r}"
    service.raw(f"GET / HTTP/1.1\r\nBad Header: x\r\n{password}\r\n\r\n".encode())


def remote_trouble(service: Service, number: int) -> None:
    """GitHub and Jenkins fail in every way, and repeat in their answers what they were sent."""
    echo = {
        "message": f"Bad credentials: Bearer {GITHUB_TOKEN}",
        "errors": [{"message": f"token {GITHUB_TOKEN} of {WEBHOOK_SECRET}"}, GITHUB_TOKEN],
    }
    kind = {"Content-Type": "application/json"}
    for status in (500, 401, 403, 404, 422):
        count = service.log().count(f"GitHub answered {status}")
        service.github.faults.add(
            "*", f"/repos/{REPO}", status=status, body=json.dumps(echo), headers=kind
        )
        assert service.deliver(number) == 202
        service.until(
            lambda status=status, count=count: (
                service.log().count(f"GitHub answered {status}") > count
            )
        )
        service.github.faults.clear()
    away = f"https://leeroy:{GITHUB_TOKEN}@elsewhere.example.com/x"
    service.github.faults.add("GET", "/pulls/", status=302, headers={"Location": away, **kind})
    assert service.deliver(number) == 202
    service.until(lambda: "elsewhere.example.com" in service.log())
    service.github.faults.clear()
    service.github.faults.add("GET", "/pulls/", drop="reset")
    assert service.deliver(number) == 202
    service.until(lambda: "broke off the connection" in service.log())
    service.github.faults.clear()
    page = f"<html>leeroy:{JENKINS_TOKEN} {NOTIFICATION_SECRET}</html>"
    for status, headers in (
        (500, {}),
        (401, {}),
        (403, {}),
        (404, {}),
        (302, {"Location": f"https://leeroy:{JENKINS_TOKEN}@login.example.com/?t={JENKINS_TOKEN}"}),
        (409, {}),
    ):
        service.jenkins.faults.add("POST", "/job/", status=status, body=page, headers=headers)
        hits = len(service.jenkins.calls.matching("POST", "/job/"))
        body = {"number": number, "repo": REPO, "context": "janky"}
        assert service.post("/build/retry", json=body, auth=OPERATOR).status_code == 204
        service.until(lambda hits=hits: len(service.jenkins.calls.matching("POST", "/job/")) > hits)
        time.sleep(0.3)
        service.jenkins.faults.clear()
    service.pages(number)


def refused_settings(service: Service) -> None:
    """SIGHUP with settings that cannot be used, and back."""
    stay = "stay as they were"
    password = quote(DATABASE_PASSWORD, safe="")
    service.take(stay, github_token="", builds=[{"jenkins_job_nam": WEBHOOK_SECRET}])
    service.take(stay, database_url=f"postgresql://leeroy:{password}@127.0.0.1:9/leeroy")
    service.take(stay, database_url=f"mysql://leeroy:{password}@127.0.0.1:9/leeroy")
    service.take(stay, github_proxy=f"gopher://proxy:{PROXY_PASSWORD}@127.0.0.1")
    service.take(stay, jenkins={"base_url": f"http://leeroy:{JENKINS_TOKEN}@x"})
    service.take(stay, **{GITHUB_TOKEN: "a key", "pass": ["list", OPERATOR_PASSWORD]})
    service.take("are taken")


def commands(service: Service, number: int) -> None:
    """Every command: when all is well, and when nothing is."""
    pull = f"{REPO}#{number}"
    bad = service.folder / "bad.json"
    password = quote(DATABASE_PASSWORD, safe="")
    proxy = f"http://proxy:{quote(PROXY_PASSWORD, safe='')}@127.0.0.1:9"
    whole = json.loads(service.config.read_text())
    away = service.folder / "away.json"
    url = f"postgresql://leeroy:{password}@127.0.0.1:9/leeroy"
    away.write_text(json.dumps({**whole, "database_url": url}))
    proxied = service.folder / "proxied.json"
    proxied.write_text(json.dumps({**whole, "github_proxy": proxy}))
    bad.write_text(json.dumps({**whole, "github_webhook_secret": {"x": WEBHOOK_SECRET}}))
    payload = service.folder / "payload.json"
    event = {"action": "edited", "number": number, "repository": {"full_name": REPO}}
    payload.write_text(json.dumps(event))
    runs: list[tuple[tuple[str, ...], Path | None]] = [
        (("check-config",), None),
        (("check-config", "--resolve"), None),
        (("check-config", "--online"), None),
        (("plan", pull), None),
        (("rebuild", pull), None),
        (("hooks", "list"), None),
        (("hooks", "install", "--dry-run"), None),
        (("hooks", "install", REPO), None),
        (("receive", "pull_request", str(payload)), None),
        (("trust", "list"), None),
        (("trust", "revoke", REPO, "stranger"), None),
        (("migrate-db",), None),
        (("doctor",), None),
        (("check-config",), bad),
        (("migrate-db",), away),
        (("doctor",), away),
        (("plan", pull), away),
        (("check-config", "--online"), proxied),
        (("plan", pull), proxied),
    ]
    for args, config in runs:
        service.command(*args, config=config)


def defects(service: Service, number: int) -> None:
    """What we did not think of: a table is gone."""
    with closing(sqlite3.connect(service.folder / "leeroy.db")) as database:
        database.execute("ALTER TABLE pulls RENAME TO pulls_of_before")
    assert service.get("/", auth=OPERATOR).status_code == 500
    assert service.deliver(number) == 202
    service.until(lambda: "look broke" in service.log())
    service.command("plan", f"{REPO}#{number}")
    with closing(sqlite3.connect(service.folder / "leeroy.db")) as database:
        database.execute("ALTER TABLE pulls_of_before RENAME TO pulls")
    assert service.get("/", auth=OPERATOR).status_code == 200


def collect(service: Service) -> None:
    said = service.said
    said.add("log", service.log())
    said.add("log", service.out.read_bytes())
    for file in service.folder.glob("leeroy.db*"):
        said.add("database", file.read_bytes())
    for call in service.github.calls.writes():
        # A webhook is given its secret: that is what it is for.
        if "/hooks" not in call.path:
            said.add("GitHub", f"{call.target}\n".encode() + call.body)
    for call in service.github.calls:
        said.add("GitHub", call.target)
    for call in service.jenkins.calls:
        said.add("Jenkins", f"{call.target}\n".encode() + call.body)


#: One service tells all of them.
pytestmark = pytest.mark.xdist_group("secrets")

PLACES = ("log", "pages", "answers", "metrics", "database", "GitHub", "Jenkins", "commands")


@pytest.mark.parametrize("place", PLACES)
def test_no_secret_is_said(said: Said, place: str):
    texts = said.places[place]
    assert sum(map(len, texts)) > 500, f"hardly anything was said in the {place}"
    assert {leak for text in texts for leak in leaks(text)} == set()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("log", "GitHub answered 500"),
        ("log", "GitHub answered 401"),
        ("log", "GitHub answered 422"),
        ("log", "cannot be reached through the proxy"),
        ("log", "Jenkins does not accept the token of leeroy"),
        ("log", "Jenkins redirects to https://login.example.com"),
        ("log", "the signature does not match"),
        ("log", "stay as they were"),
        ("log", "a view broke"),
        ("log", "Invalid request from ip"),
        ("pages", "GitHub answered 422"),
        ("answers", "user or password is missing or wrong"),
        ("database", "GitHub answered 500"),
        ("GitHub", "is disabled"),
        ("commands", "cannot be reached through the proxy"),
        ("commands", "the database leeroy at 127.0.0.1"),
    ],
)
def test_the_service_had_its_bad_days(said: Said, place: str, words: str):
    """Else the other test would look through nothing."""
    assert words in said.at(place)


def test_a_leak_would_be_seen():
    for name, secret in SECRETS.items():
        assert leaks(f"said {secret[:PIECE]}, no more") == [name]
        assert leaks(f"?secret={quote_plus(secret)}") == [name]
