"""Who gets what from the sandbox GitHub, and how others are refused."""

import http.client
from collections.abc import Iterator

import pytest

from tests.parts.sandbox.github_world import REPO, World, served


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with served(tmp_path) as made:
        yield made


def test_a_caller_without_a_user_agent_is_refused(world):
    connection = http.client.HTTPConnection(world.github.url.removeprefix("http://"))
    connection.request("GET", "/meta")
    answer = connection.getresponse()
    assert answer.status == 403
    assert b"User-Agent" in answer.read()
    connection.close()


@pytest.mark.parametrize(
    ("header", "status"),
    [
        pytest.param("Bearer {}", 200, id="bearer"),
        pytest.param("token {}", 200, id="token"),
        pytest.param("Bearer nonsense", 401, id="unknown"),
        pytest.param("Basic !", 401, id="garbled"),
    ],
)
def test_tokens(world, header, status):
    answer = world.api("GET", "/user", Authorization=header.format(world.token))
    assert answer.status_code == status
    said = answer.json()
    assert said["login" if status == 200 else "message"] in ("leeroy", "Bad credentials")
    if status == 401:
        assert said["status"] == "401"


def test_a_revoked_token_is_worth_nothing_and_a_rotated_one_goes_on(world):
    fresh = world.github.rotate_token(world.token)
    assert world.api("GET", "/user").status_code == 401
    assert world.api("GET", "/user", Authorization=f"Bearer {fresh}").status_code == 200


@pytest.mark.parametrize(
    ("version", "status", "has_merge_sha"),
    [
        (None, 200, True),
        ("2022-11-28", 200, True),
        ("2026-03-10", 200, False),
        ("1999-01-01", 400, None),
        ("2021-01-01", 410, None),
    ],
)
def test_api_versions(world, version, status, has_merge_sha):
    world.github.push(REPO, "feature", {"x": "1\n"})
    number = world.github.open_pull(REPO, "feature")
    headers = {"X_GitHub_Api_Version": version} if version else {}
    answer = world.api("GET", f"{world.repo}/pulls/{number}", **headers)
    assert answer.status_code == status
    if status == 200:
        assert ("merge_commit_sha" in answer.json()) is has_merge_sha
        assert answer.headers["X-GitHub-Api-Version-Selected"] == (version or "2022-11-28")


#: Calls that write, by what they need: (method, path, body).
WRITES = {
    "status": ("POST", "/statuses/{sha}", {"state": "pending"}),
    "comment": ("POST", "/issues/{number}/comments", {"body": "Hello"}),
    "label": ("POST", "/issues/{number}/labels", {"labels": ["bug"]}),
    "new label": ("POST", "/labels", {"name": "fresh"}),
    "hooks": ("GET", "/hooks", None),
    "permission": ("GET", "/collaborators/ann/permission", None),
    "read": ("GET", "/pulls/{number}", None),
}
ALL = {"status", "comment", "label", "new label", "hooks", "permission", "read"}


@pytest.mark.parametrize(
    ("role", "scopes", "private", "allowed"),
    [
        pytest.param("admin", ["repo", "admin:repo_hook"], True, ALL, id="admin"),
        pytest.param("admin", ["repo"], True, ALL, id="repo-includes-hooks"),
        pytest.param("write", ["repo"], True, ALL - {"hooks"}, id="write"),
        pytest.param("write", ["public_repo"], False, ALL - {"hooks"}, id="public"),
        pytest.param("write", ["public_repo"], True, set(), id="public-scope-in-private"),
        pytest.param("write", ["repo:status"], True, {"status"}, id="status-only-in-private"),
        pytest.param(
            "write", ["repo:status"], False, {"status", "permission", "read"}, id="status-only"
        ),
        pytest.param("write", [], False, {"permission", "read"}, id="no-scopes"),
        pytest.param("triage", ["repo"], False, {"comment", "label", "read"}, id="triage"),
        pytest.param("read", ["repo"], False, {"comment", "read"}, id="read"),
        pytest.param("none", ["repo"], False, {"comment", "read"}, id="stranger"),
        pytest.param("none", ["repo"], True, set(), id="stranger-to-private"),
    ],
)
def test_what_a_classic_token_may(world, role, scopes, private, allowed):
    github = world.github
    sha = github.push(REPO, "feature", {"x": "1\n"})
    number = github.open_pull(REPO, "feature")
    github.repository(REPO).private = private
    github.known("ann")
    github.set_permission(REPO, "bob", role)
    token = github.add_token("bob", scopes)
    codes = {
        name: world.api(
            method,
            world.repo + path.format(sha=sha, number=number),
            body,
            Authorization=f"Bearer {token}",
        ).status_code
        for name, (method, path, body) in WRITES.items()
    }
    assert {name for name, code in codes.items() if code < 300} == allowed
    refused = {name: code for name, code in codes.items() if code >= 300}
    assert set(refused.values()) <= {403, 404}
    # Statuses and hooks are hidden, not refused; in private everything is.
    hidden = set(refused) if private and not allowed else set(refused) & {"status", "hooks"}
    assert {refused[name] for name in hidden} <= {404}


@pytest.mark.parametrize(
    ("kind", "permissions", "status", "message"),
    [
        pytest.param("fine-grained", {"statuses": "write"}, 201, None, id="granted"),
        pytest.param(
            "fine-grained", {"statuses": "read"}, 403,
            "Resource not accessible by personal access token", id="read-only",
        ),
        pytest.param(
            "installation", {}, 403, "Resource not accessible by integration", id="app",
        ),
    ],
)  # fmt: skip
def test_what_newer_tokens_may(world, kind, permissions, status, message):
    sha = world.github.repository(REPO).branches["main"]
    token = world.github.add_token("leeroy", kind=kind, permissions=permissions)
    answer = world.api(
        "POST",
        f"{world.repo}/statuses/{sha}",
        {"state": "pending"},
        Authorization=f"Bearer {token}",
    )
    assert (answer.status_code, answer.json().get("message")) == (status, message)
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "statuses=write"


def test_an_installation_s_token_is_long_and_nobody_s(world):
    token = world.github.add_token("leeroy[bot]", kind="installation")
    assert len(token) > 500
    assert "." in token
    answer = world.api("GET", "/user", Authorization=f"Bearer {token}")
    assert answer.status_code == 403


def test_strangers_read_what_is_public_and_nothing_else(world):
    del world.api.session.headers["Authorization"]
    assert world.api("GET", world.repo).status_code == 200
    answer = world.api("POST", f"{world.repo}/labels", {"name": "x"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Requires authentication")
    world.github.repository(REPO).private = True
    assert world.api("GET", world.repo).status_code == 404


def test_scopes_are_told(world):
    told = world.api("GET", f"{world.repo}/hooks").headers
    assert told["X-OAuth-Scopes"] == "admin:repo_hook, read:org, repo"
    assert "admin:repo_hook" in told["X-Accepted-OAuth-Scopes"]


def test_a_renamed_repository_redirects_reads_and_writes_apart(world):
    number = world.github.repository(REPO).id
    world.github.push(REPO, "feature", {"x": "1\n"})
    world.github.open_pull(REPO, "feature")
    assert world.github.rename_repo(REPO, "gadgets") == "acme/gadgets"
    read = world.api("GET", f"{world.repo}/pulls/1?x=1")
    write = world.api("POST", f"{world.repo}/issues/1/comments", {"body": "Hi"})
    assert (read.status_code, write.status_code) == (301, 307)
    where = read.headers["Location"].removeprefix(world.api.url)
    assert where == f"/repositories/{number}/pulls/1?x=1"
    assert world.api.get(where)["base"]["repo"]["full_name"] == "acme/gadgets"
    where = write.headers["Location"].removeprefix(world.api.url)
    assert world.api("POST", where, {"body": "Hi"}).status_code == 201
    assert world.github.push("acme/gadgets", "main", {"y": "1\n"})


def test_an_archived_repository_is_read_only(world):
    sha = world.github.repository(REPO).branches["main"]
    world.github.archive(REPO)
    assert world.api.get(world.repo)["archived"] is True
    answer = world.api("POST", f"{world.repo}/statuses/{sha}", {"state": "pending"})
    assert (answer.status_code, answer.json()["message"]) == (
        403, "Repository was archived so is read-only.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        ("admin", "admin"), ("maintain", "write"), ("write", "write"), ("triage", "read"),
        ("read", "read"), ("none", "read"),
    ],
)  # fmt: skip
def test_permissions_in_old_words_and_real_roles(world, role, permission):
    world.github.set_permission(REPO, "ann", role)
    said = world.api.get(f"{world.repo}/collaborators/ann/permission")
    assert said["permission"] == permission
    assert said["role_name"] == ("read" if role == "none" else role)
    is_collaborator = world.api("GET", f"{world.repo}/collaborators/ann").status_code == 204
    assert is_collaborator is (role != "none")


def test_a_stranger_to_a_private_repository_has_no_permission(world):
    world.github.repository(REPO).private = True
    world.github.known("ann")
    said = world.api.get(f"{world.repo}/collaborators/ann/permission")
    assert said["permission"] == "none"
    assert world.api("GET", f"{world.repo}/collaborators/nobody/permission").status_code == 404


def test_organizations_tell_members_and_hide_from_strangers(world):
    github, api = world.github, world.api
    github.set_member("acme", "ann")
    github.set_member("acme", "bob", state="pending")
    stranger = api("GET", "/orgs/acme/members/ann")
    assert stranger.status_code == 302
    assert stranger.headers["Location"].endswith("/orgs/acme/public_members/ann")
    assert api("GET", "/orgs/acme/memberships/ann").status_code == 403
    github.set_member("acme", "leeroy")
    codes = {who: api("GET", f"/orgs/acme/members/{who}").status_code for who in ("ann", "bob")}
    assert codes == {"ann": 204, "bob": 404}
    assert api.get("/orgs/acme/memberships/bob")["state"] == "pending"


def test_teams_include_their_child_teams(world):
    github, api = world.github, world.api
    github.set_member("acme", "leeroy")
    github.create_team("acme", "builders")
    github.create_team("acme", "night-builders", ["ann"], parent="builders")
    github.set_team_member("acme", "builders", "bob", state="pending")
    path = "/orgs/acme/teams/builders/memberships"
    assert api.get(f"{path}/ann")["state"] == "active"
    assert api.get(f"{path}/bob")["state"] == "pending"
    assert api("GET", f"{path}/mona").status_code == 404
    no_scope = github.add_token("leeroy", ["repo"])
    refused = api("GET", f"{path}/ann", Authorization=f"Bearer {no_scope}")
    assert refused.status_code == 403
