"""Every payload GitHub publishes as an example, and what none of them shows, sent to Leeroy.

The payloads are those of the npm package @octokit/webhooks-examples 7.6.1, in the npm prefix folder
that LEEROY_WEBHOOK_EXAMPLES names.
"""

import hmac
import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from leeroy.app import create_app
from leeroy.config import parse_config
from leeroy.services import Services, make_services
from tests.contract.openapi import Contract
from tests.databases import make_tables

PACKAGE = "node_modules/@octokit/webhooks-examples"
#: What the service answers of the repositories it has settings for; everything else is 204.
EXPECTED = {
    ("ping", ""): 200,
    ("pull_request_review", "submitted"): 202,
    ("pull_request_review_comment", "created"): 202,
}
SECRET = "It's a Secret to Everybody"
CONTENT_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
#: GitHub Enterprise Server's, in which fields are missing that github.com has by now.
ENTERPRISE = ("ghes-31", "ghes-32", "ghes-33", "ghes-34", "ghes-35")


@dataclass(frozen=True, kw_only=True)
class Example:
    """One payload, and the event it is of."""

    name: str
    event: str
    payload: Mapping[str, Any]

    @property
    def action(self) -> str:
        return str(self.payload.get("action") or "")

    @property
    def expected(self) -> int:
        if self.event == "pull_request":
            return 202
        return EXPECTED.get((self.event, self.action), 204)


@cache
def examples(of: str = "api.github.com") -> tuple[Example, ...]:
    """All of one set; none where the package is not here."""
    prefix = os.environ.get("LEEROY_WEBHOOK_EXAMPLES")
    index = Path(prefix or ".", PACKAGE, of, "index.json")
    if not prefix or not index.exists():
        return ()
    return tuple(
        Example(
            name="-".join(filter(None, (kind["name"], payload.get("action"), str(number)))),
            event=kind["name"],
            payload=payload,
        )
        for kind in json.loads(index.read_text("utf-8"))
        for number, payload in enumerate(kind["examples"])
    )


WITHOUT = pytest.mark.skip(
    reason="LEEROY_WEBHOOK_EXAMPLES names no folder with @octokit/webhooks-examples"
)
EVERY_EXAMPLE = [pytest.param(each, id=each.name) for each in examples()] or [
    pytest.param(None, marks=WITHOUT, id="absent")
]
needs_examples = () if examples() else (WITHOUT,)


def a_service(folder: Path, repos: str) -> Services:
    settings = {
        "jenkins": {"base_url": "http://jenkins.test"},
        "github_token": "ghp_0123456789abcdefghij",
        "github_webhook_secret": SECRET,
        "builds": [{"github_repo": repos, "jenkins_job_name": "pulls"}],
    }
    config = parse_config(
        json.dumps(settings), environ={}, read_file=Path.read_text, source=folder / "config.json"
    )
    services = make_services(config)
    make_tables(services.engine)
    return services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """One service for all payloads, as in real life."""
    services = a_service(tmp_path_factory.mktemp("examples"), "*/*")
    yield services
    services.close()


@pytest.fixture(scope="module")
def client(services: Services):
    return create_app(services).test_client()


@pytest.fixture
def strangers(tmp_path: Path):
    """A service for a repository of which there are no examples."""
    services = a_service(tmp_path, "acme/widgets")
    yield create_app(services).test_client(), services
    services.close()


def body_of(payload: Mapping[str, Any], form: str) -> bytes:
    """The bytes GitHub sends: UTF-8 without escapes, or a form with one field."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.encode() if form == "json" else f"payload={quote_plus(text)}".encode()


def send(client, example: Example, form: str, *, secret: str | None = SECRET, guid: str = ""):
    body = body_of(example.payload, form)
    headers = {
        "Content-Type": CONTENT_TYPES[form],
        "X-GitHub-Event": example.event,
        "X-GitHub-Delivery": guid or str(uuid.uuid4()),
    }
    if secret is not None:
        digest = hmac.digest(secret.encode(), body, "sha256").hex()
        headers["X-Hub-Signature-256"] = f"sha256={digest}"
    return client.post("/notification/github", data=body, headers=headers)


@pytest.mark.parametrize("form", CONTENT_TYPES)
@pytest.mark.parametrize("example", EVERY_EXAMPLE)
def test_every_example_is_answered_as_documented(client, services, example, form):
    guid = str(uuid.uuid4())
    answer = send(client, example, form, guid=guid)
    assert answer.status_code == example.expected, answer.text
    kept = services.store.delivery(guid)
    assert (kept is not None) == (example.expected == 202)
    if kept is not None:
        assert kept.payload == body_of(example.payload, form)
        assert kept.subject == (
            f"{example.payload['repository']['full_name']}"
            f"#{example.payload['pull_request']['number']}"
        )


@pytest.mark.parametrize("form", CONTENT_TYPES)
@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(secret, marks=needs_examples, id=name)
        for name, secret in {"unsigned": None, "empty": "", "wrong": "guessed"}.items()
    ],
)
def test_no_example_gets_in_without_the_right_signature(strangers, secret, form):
    client, services = strangers
    answers = {each.name: send(client, each, form, secret=secret) for each in examples()}
    assert {name for name, answer in answers.items() if answer.status_code != 401} == set()
    assert services.queue.recent_hints() == ()
    assert services.store.recent_deliveries() == ()


@pytest.mark.parametrize("server", [pytest.param(s, marks=needs_examples) for s in ENTERPRISE])
def test_what_older_enterprise_servers_send_is_answered_alike(client, server):
    assert examples(server)
    for example in examples(server):
        answer = send(client, example, "json")
        assert answer.status_code == example.expected, example.name


@pytest.mark.parametrize("form", [pytest.param(f, marks=needs_examples) for f in CONTENT_TYPES])
def test_of_a_repository_without_settings_nothing_is_of_interest(strangers, form):
    client, services = strangers
    for example in examples():
        answer = send(client, example, form)
        assert answer.status_code == (200 if example.event == "ping" else 204), example.name
    assert services.queue.recent_hints() == ()


Patch = Sequence[tuple[str, str, Any]]


def patched(payload: Mapping[str, Any], patch: Patch) -> dict[str, Any]:
    """The payload after a JSON Patch (https://www.rfc-editor.org/rfc/rfc6902).

    >>> patched({"a": {"b": 1}}, [("replace", "/a/b", 2), ("add", "/c", 3), ("remove", "/a", None)])
    {'c': 3}
    """
    changed = deepcopy(dict(payload))
    for operation, pointer, value in patch:
        *way, last = pointer.removeprefix("/").split("/")
        place: Any = changed
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if operation != "add":
            assert last in place, f"{pointer} is not in the payload"
        if operation == "remove":
            del place[last]
        else:
            place[last] = value
    return changed


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """What no example shows, made of one that comes near."""

    of: tuple[str, str]
    patch: Patch
    expected: int = 202
    #: False where GitHub's own description has it otherwise than GitHub sends it.
    is_described: bool = True


A_FORK = {
    "id": 7_000_001,
    "full_name": "stranger/Hello-World",
    "fork": True,
}
ZEROS = "0" * 40
A_COMMIT = {"id": "b" * 40, "distinct": False, "message": "ünïcode 🎉\n\nbody", "added": ["ä.txt"]}

MUTATIONS = {
    "a merged close": Mutation(
        of=("pull_request", "closed"),
        patch=[
            ("replace", "/pull_request/merged", True),
            ("replace", "/pull_request/merged_at", "2026-11-22T10:00:00Z"),
            ("replace", "/pull_request/merge_commit_sha", "c" * 40),
        ],
    ),
    "a deleted fork": Mutation(
        of=("pull_request", "synchronize"),
        patch=[("replace", "/pull_request/head/repo", None)],
        is_described=False,
    ),
    "a fork's head": Mutation(
        of=("pull_request", "opened"),
        patch=[
            ("replace", f"/pull_request/head/repo/{name}", value) for name, value in A_FORK.items()
        ],
    ),
    "a forced push": Mutation(
        of=("pull_request", "synchronize"),
        patch=[("replace", "/before", "d" * 40), ("replace", "/after", "e" * 40)],
    ),
    "edited, with another base": Mutation(
        of=("pull_request", "opened"),
        patch=[
            ("replace", "/action", "edited"),
            ("add", "/changes", {"base": {"ref": {"from": "old"}, "sha": {"from": "f" * 40}}}),
        ],
    ),
    "edited, with another title": Mutation(
        of=("pull_request", "opened"),
        patch=[
            ("replace", "/action", "edited"),
            ("add", "/changes", {"title": {"from": "Old"}, "body": {"from": "was"}}),
        ],
    ),
    "put into the merge queue": Mutation(
        of=("pull_request", "opened"), patch=[("replace", "/action", "enqueued")]
    ),
    "taken out of the merge queue": Mutation(
        of=("pull_request", "opened"),
        patch=[("replace", "/action", "dequeued"), ("add", "/reason", "CI_FAILURE")],
    ),
    "to be merged by itself": Mutation(
        of=("pull_request", "opened"),
        patch=[("replace", "/action", "auto_merge_enabled"), ("add", "/reason", "a word")],
    ),
    "milestoned": Mutation(
        of=("pull_request", "opened"),
        patch=[("replace", "/action", "milestoned")],
        is_described=False,
    ),
    "labeled by a label that is gone": Mutation(
        of=("pull_request", "labeled"), patch=[("remove", "/label", None)]
    ),
    "an account that is gone": Mutation(
        of=("pull_request", "opened"),
        patch=[("replace", "/pull_request/user", None), ("remove", "/sender", None)],
        is_described=False,
    ),
    "no body at all": Mutation(
        of=("pull_request", "opened"), patch=[("replace", "/pull_request/body", None)]
    ),
    "stacked, which is of no interest": Mutation(
        of=("pull_request", "opened"),
        patch=[("replace", "/action", "stacked")],
        expected=204,
        is_described=False,
    ),
    "an action of next year": Mutation(
        of=("pull_request", "opened"),
        patch=[("replace", "/action", "teleported")],
        expected=204,
        is_described=False,
    ),
    "a comment on a pull request": Mutation(
        of=("issue_comment", "created"),
        patch=[("add", "/issue/pull_request", {"url": "https://api.github.com/x"})],
        is_described=False,
    ),
    "an edited comment on a pull request": Mutation(
        of=("issue_comment", "edited"),
        patch=[("add", "/issue/pull_request", {"url": "https://api.github.com/x"})],
        expected=204,
        is_described=False,
    ),
    "a forced push to a branch": Mutation(
        of=("push", ""), patch=[("replace", "/forced", True)], expected=204
    ),
    "several commits, seen before": Mutation(
        of=("push", ""),
        patch=[("replace", "/commits", [A_COMMIT, A_COMMIT])],
        expected=204,
        is_described=False,
    ),
    "a branch that is gone": Mutation(
        of=("push", ""),
        patch=[
            ("replace", "/deleted", True),
            ("replace", "/after", ZEROS),
            ("replace", "/head_commit", None),
            ("replace", "/commits", []),
        ],
        expected=204,
    ),
}


@pytest.mark.parametrize("form", CONTENT_TYPES)
@pytest.mark.parametrize("name", [pytest.param(name, marks=needs_examples) for name in MUTATIONS])
def test_what_no_example_shows_is_answered_as_documented(client, services, name, form):
    mutation = MUTATIONS[name]
    guid = str(uuid.uuid4())
    answer = send(client, mutated(mutation), form, guid=guid)
    assert answer.status_code == mutation.expected, answer.text
    assert len(services.queue.hints_of_delivery(guid)) == (mutation.expected == 202)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=needs_examples)
        for name, mutation in MUTATIONS.items()
        if mutation.is_described
    ],
)
def test_what_no_example_shows_is_what_github_describes(name):
    mutation = MUTATIONS[name]
    assert faults(mutated(mutation)) <= faults(base_of(mutation))


def mutated(mutation: Mutation) -> Example:
    base = base_of(mutation)
    return Example(name=base.name, event=base.event, payload=patched(base.payload, mutation.patch))


def base_of(mutation: Mutation) -> Example:
    return next(e for e in examples() if (e.event, e.action) == mutation.of)


def faults(example: Example) -> set[str]:
    """What GitHub's description has against a payload, whatever its action.

    Not what it lacks: the examples are older than the description.
    """

    @dataclass
    class Sent:
        payload: bytes
        event: str
        action: str

    contract = Contract()
    payload = json.dumps(example.payload).encode()
    contract.check_deliveries([Sent(payload, example.event, example.action)])
    said = {fault.partition(": ")[2] for fault in contract.faults}
    return {each for each in said if "is a required property" not in each}
