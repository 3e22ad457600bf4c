"""GitHub Apps of the sandbox: they prove who they are by a signature, and act by installations."""

import base64
import hashlib
import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from leeroy_sandbox.github import GitHub
from tests.parts.sandbox.github_world import REPO, World, served

NOW = 1_790_000_000
SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")


class Clock:
    """Time that goes on when told to."""

    now = float(NOW)


class Key:
    """An RSA key that is made quickly and protects nothing."""

    exponent = 65537

    def __init__(self, seed: int) -> None:
        numbers = random.Random(seed)
        one, other = _prime(numbers), _prime(numbers)
        self.modulus = one * other
        self._private = pow(self.exponent, -1, (one - 1) * (other - 1))

    @property
    def public(self) -> tuple[int, int]:
        return self.modulus, self.exponent

    def sign(self, text: str) -> str:
        size = (self.modulus.bit_length() + 7) // 8
        end = b"\x00" + SHA256 + hashlib.sha256(text.encode()).digest()
        padded = b"\x00\x01".ljust(size - len(end), b"\xff") + end
        return _text(pow(int.from_bytes(padded), self._private, self.modulus).to_bytes(size))


@cache
def key(seed: int = 1) -> Key:
    return Key(seed)


def _prime(numbers: random.Random) -> int:
    while True:
        found = numbers.getrandbits(512) | (1 << 511) | (1 << 510) | 1
        if all(pow(base, found - 1, found) == 1 for base in (2, 3, 5, 7)):
            return found


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def assertion(
    issuer: object, *, signed_by: Key | None = None, alg: str = "RS256", **more: Any
) -> str:
    claims = {"iss": issuer, "iat": NOW - 60, "exp": NOW + 540, **more}
    parts = [_text(json.dumps(part).encode()) for part in ({"alg": alg, "typ": "JWT"}, claims)]
    said = ".".join(parts)
    return f"{said}.{(signed_by or key()).sign(said)}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path, clock) -> Iterator[World]:
    with served(tmp_path) as made:
        made.github.clock = lambda: clock.now
        yield made


@pytest.fixture
def app(world: World) -> Any:
    return world.github.create_app("leeroy-app", "acme", key=key().public)


def ask(world: World, method: str, path: str, shown: str, body: object = None) -> Any:
    return world.api(method, path, body, Authorization=f"Bearer {shown}")


@pytest.mark.parametrize("issuer", ["id", "client_id"])
def test_an_app_sees_itself_by_its_old_name_and_its_new(world, app, issuer):
    said = ask(world, "GET", "/app", assertion(getattr(app, issuer))).json()
    assert (said["id"], said["slug"], said["owner"]["login"]) == (app.id, "leeroy-app", "acme")
    assert said["permissions"]["statuses"] == "write"


UNDECODED = "A JSON web token could not be decoded"


@pytest.mark.parametrize(
    ("made", "status", "message"),
    [
        pytest.param(lambda a: "nonsense", 401, UNDECODED, id="nonsense"),
        pytest.param(lambda a: "", 401, UNDECODED, id="nothing"),
        pytest.param(lambda a: assertion(a.id, signed_by=key(2)), 401, UNDECODED, id="another key"),
        pytest.param(
            lambda a: assertion(a.id)[:-4] + "AAAA", 401, UNDECODED, id="another signature"
        ),
        pytest.param(lambda a: assertion(a.id, alg="none"), 401, UNDECODED, id="no algorithm"),
        pytest.param(lambda a: assertion(a.id, exp=NOW), 401, "must be a numeric", id="too late"),
        pytest.param(
            lambda a: assertion(a.id, exp=NOW + 700), 401, "too far in the", id="too long"
        ),
        pytest.param(lambda a: assertion(a.id, iat=NOW + 60), 401, "'Issued at'", id="too early"),
        pytest.param(lambda a: assertion(99), 404, "Integration not found", id="nobody's"),
    ],
)
def test_what_proves_nothing_is_refused(world, app, made, status, message):
    answer = ask(world, "GET", "/app", made(app))
    assert answer.status_code == status
    assert message in answer.json()["message"]


def test_no_token_will_do_for_an_app_s_own_addresses_and_no_assertion_elsewhere(world, app):
    assert ask(world, "GET", "/app", world.token).status_code == 401
    elsewhere = ask(world, "GET", "/user", assertion(app.id))
    assert (elsewhere.status_code, elsewhere.json()["message"]) == (401, "Bad credentials")


def token(world: World, app: Any, number: int, body: object = None) -> Any:
    path = f"/app/installations/{number}/access_tokens"
    return ask(world, "POST", path, assertion(app.id), body)


def test_an_installation_is_found_and_gives_tokens_for_an_hour(world, app, clock):
    missing = ask(world, "GET", f"/repos/{REPO}/installation", assertion(app.id))
    assert missing.status_code == 404
    made = world.github.install_app("leeroy-app", "acme")
    for path in (f"/repos/{REPO}/installation", "/orgs/acme/installation", "/app/installations"):
        found = ask(world, "GET", path, assertion(app.id)).json()
        found = found[0] if isinstance(found, list) else found
        assert (found["id"], found["app_id"], found["account"]["login"]) == (
            made.id,
            app.id,
            "acme",
        )
    answer = token(world, app, made.id)
    assert answer.status_code == 201
    text = answer.json()["token"]
    assert (len(text) > 500, answer.json()["expires_at"]) == (True, "2026-09-21T15:13:20Z")
    assert ask(world, "GET", world.repo, text).status_code == 200
    assert ask(world, "GET", "/user", text).status_code == 403
    clock.now += 3600
    expired = ask(world, "GET", world.repo, text)
    assert (expired.status_code, expired.json()["message"]) == (401, "Bad credentials")


def test_a_token_acts_where_the_app_is_installed_and_nowhere_else(world, app):
    github: GitHub = world.github
    github.create_repo("acme/gadgets")
    github.create_repo("other/things")
    made = github.install_app("leeroy-app", "acme", [REPO])
    text = token(world, app, made.id).json()["token"]

    def post(repo: str) -> Any:
        sha = github.repository(repo).branches["main"]
        return ask(world, "POST", f"/repos/{repo}/statuses/{sha}", text, {"state": "pending"})

    assert post(REPO).json()["creator"]["login"] == "leeroy-app[bot]"
    refused = [post(repo) for repo in ("acme/gadgets", "other/things")]
    assert [r.status_code for r in refused] == [403, 403]
    assert refused[0].json()["message"] == "Resource not accessible by integration"
    listed = ask(world, "GET", "/installation/repositories", text).json()
    assert [repo["full_name"] for repo in listed["repositories"]] == [REPO]
    github.suspend_installation(made.id)
    assert post(REPO).status_code == 403
    assert token(world, app, made.id).status_code == 403


def test_a_token_may_be_asked_for_with_less_and_not_with_more(world, app):
    made = world.github.install_app("leeroy-app", "acme")
    few = token(world, app, made.id, {"permissions": {"statuses": "read"}})
    assert few.json()["permissions"] == {"statuses": "read"}
    more = token(world, app, made.id, {"permissions": {"administration": "write"}})
    assert more.status_code == 422
    assert token(world, app, 99).status_code == 404
