"""What the sandbox GitHub refuses, and how things move: comments on lines, names, owners."""

from collections.abc import Iterator
from typing import Any

import pytest

from leeroy_sandbox.github.state import Absent, Refused
from tests.parts.sandbox.github_world import REPO, World, event, payload, receiving, served

ROCKET = "\U0001f680"


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with served(tmp_path) as made:
        yield made


@pytest.fixture
def number(world) -> int:
    world.github.push(REPO, "feature", {"src/a.py": "a = 1\nnew = 1\nb = 2\n"})
    return world.github.open_pull(REPO, "feature", author="alice")


@pytest.mark.parametrize("field", ["description", "context"])
def test_letters_beyond_the_basic_plane_are_refused(world, field):
    sha = world.github.repository(REPO).branches["main"]
    address = f"{world.repo}/statuses/{sha}"
    refused = world.api("POST", address, {"state": "pending", field: f"wip {ROCKET}"})
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["field"], error["message"]) == (field, f"{field} doesn't accept 4-byte Unicode")
    good = world.api("POST", address, {"state": "pending", field: "wip \u2603 \uffee"})
    assert good.status_code == 201


def test_comments_take_every_letter(world, number):
    said = world.api("POST", f"{world.repo}/issues/{number}/comments", {"body": ROCKET})
    assert (said.status_code, said.json()["body"]) == (201, ROCKET)


class TestACommentOnALine:
    def shown(self, world: World, comment: int) -> Any:
        return world.api.get(f"{world.repo}/pulls/comments/{comment}")

    def test_moves_along_with_its_line_and_remembers_the_commit_it_was_written_on(
        self, world, number
    ):
        first = world.github.pull(REPO, number).head_sha
        comment = world.github.review_comment(
            REPO, number, "mary", "/ok-to-test", path="src/a.py", line=2
        )
        second = world.github.push(REPO, "feature", {"src/a.py": "# top\na = 1\nnew = 1\nb = 2\n"})
        shown = self.shown(world, comment)
        assert (shown["commit_id"], shown["original_commit_id"]) == (second, first)
        assert (shown["line"], shown["original_line"]) == (3, 2)

    def test_stays_where_it_was_once_its_line_is_gone(self, world, number):
        first = world.github.pull(REPO, number).head_sha
        comment = world.github.review_comment(REPO, number, "mary", "hm", path="src/a.py", line=2)
        world.github.push(REPO, "feature", {"src/a.py": "a = 1\nother = 1\nb = 2\n"})
        world.github.push(REPO, "feature", {"src/a.py": "a = 1\nnew = 1\nb = 2\n"})
        shown = self.shown(world, comment)
        assert (shown["commit_id"], shown["original_commit_id"]) == (first, first)
        assert (shown["line"], shown["position"], shown["original_line"]) == (None, None, 2)

    def test_is_told_to_hooks_with_both_commits(self, world, number):
        with receiving() as receiver:
            world.github.add_hook(REPO, receiver.url, None, ["pull_request_review_comment"], "json")
            comment = world.github.review_comment(
                REPO, number, "mary", "hm", path="src/a.py", line=2
            )
            first = world.github.pull(REPO, number).head_sha
            second = world.github.push(REPO, "feature", {"src/b.py": "b\n"})
            world.github.edit_comment(REPO, comment, "hm!")
            world.github.wait_delivered()
            told = [payload(c)["comment"] for c in receiver.calls if event(c) != "ping"]
        shas = [(one["commit_id"], one["original_commit_id"]) for one in told]
        assert shas == [(first, first), (second, first)]


class TestNames:
    def test_a_renamed_repository_tells_its_new_name_and_who_cares(self, world, number):
        with receiving() as receiver:
            world.github.add_hook(REPO, receiver.url, None, ["*"], "json")
            world.github.rename_repo(REPO, "gadgets")
            world.github.comment("acme/gadgets", number, "mary", "hello")
            world.github.wait_delivered()
            told = {event(c): payload(c) for c in receiver.calls}
        assert told["repository"]["action"] == "renamed"
        assert told["repository"]["changes"] == {"repository": {"name": {"from": "widgets"}}}
        shown = told["issue_comment"]["repository"]
        assert shown["full_name"] == "acme/gadgets"
        assert shown["id"] == world.github.repository(REPO).id

    def test_a_transferred_repository_redirects_by_its_id(self, world, number):
        repo = world.github.repository(REPO).id
        world.github.set_permission(REPO, "leeroy", "admin")
        assert world.github.transfer_repo(REPO, "newco") == "newco/widgets"
        moved = world.api("GET", f"{world.repo}/pulls/{number}?x=1")
        assert moved.status_code == 301
        assert (
            moved.headers["Location"] == f"{world.api.url}/repositories/{repo}/pulls/{number}?x=1"
        )
        write = world.api("POST", f"{world.repo}/issues/{number}/comments", {"body": "Hi"})
        assert write.status_code == 307
        where = moved.headers["Location"].removeprefix(world.api.url)
        shown = world.api.get(where)
        assert shown["base"]["repo"]["full_name"] == "newco/widgets"
        assert shown["head"]["label"] == "newco:feature"
        world.github.push("newco/widgets", "feature", {"src/b.py": "b\n"})
        assert len(world.api.get(f"/repositories/{repo}/pulls/{number}/files")) == 2

    def test_a_former_name_that_somebody_takes_redirects_no_more(self, world):
        old = world.github.repository(REPO).id
        world.github.rename_repo(REPO, "gadgets")
        world.github.create_repo(REPO)
        assert world.api.get(world.repo)["id"] != old
        assert world.api.get("/repos/acme/gadgets")["id"] == old

    def test_a_renamed_user_keeps_his_id_and_what_he_did(self, world):
        github = world.github
        github.fork(REPO, "alice")
        github.push("alice/widgets", "feature", {"src/a.py": "x\n"}, by="alice")
        number = github.open_pull(REPO, "alice:feature", author="alice")
        comment = github.comment(REPO, number, "alice", "please")
        github.react(REPO, comment, "alice", "+1")
        github.set_member("acme", "alice", public=True)
        github.set_permission(REPO, "alice", "write")
        token = github.add_token("alice")
        head = github.pull(REPO, number).head_sha
        github.post_status(REPO, head, "pending", by="alice")
        before = world.api.get("/users/alice")["id"]
        github.rename_user("alice", "Alicia")

        assert world.api("GET", "/users/alice").status_code == 404
        assert world.api.get("/users/alicia")["id"] == before
        shown = world.api.get(f"{world.repo}/pulls/{number}")
        assert (shown["user"]["login"], shown["user"]["id"]) == ("Alicia", before)
        assert shown["head"]["label"] == "Alicia:feature"
        assert shown["head"]["repo"]["full_name"] == "Alicia/widgets"
        said = world.api.get(f"{world.repo}/issues/comments/{comment}")
        assert (said["user"]["id"], said["reactions"]["total_count"]) == (before, 1)
        assert (
            world.api.get(f"{world.repo}/collaborators/alicia/permission")["permission"] == "write"
        )
        assert world.api("GET", "/orgs/acme/public_members/alicia").status_code == 204
        assert world.api.get("/user", Authorization=f"Bearer {token}")["login"] == "Alicia"
        posted = world.api.get(f"{world.repo}/commits/{head}/statuses")[0]
        assert posted["creator"]["id"] == before
        assert world.api("GET", "/repos/alice/widgets").status_code == 301
        github.push("Alicia/widgets", "feature", {"src/b.py": "y\n"}, by="alicia")
        assert world.api.get(f"{world.repo}/pulls/{number}")["commits"] == 2

    def test_a_login_that_was_given_up_may_be_somebody_else_s(self, world):
        first = world.github.create_user("oldname").id
        world.github.set_permission(REPO, "oldname", "write")
        world.github.rename_user("oldname", "newname")
        second = world.github.create_user("oldname").id
        assert first != second
        address = f"{world.repo}/collaborators/oldname/permission"
        assert world.api.get(address)["permission"] == "read"

    def test_a_login_that_is_taken_is_refused(self, world):
        world.github.create_user("bob")
        world.github.create_user("carol")
        with pytest.raises(Refused):
            world.github.rename_user("bob", "Carol")
        with pytest.raises(Absent):
            world.github.rename_user("nobody", "somebody")


class TestAnApp:
    def test_is_nobody_and_writes_by_its_permissions_alone(self, world, number):
        token = world.github.add_token("leeroy-app[bot]", kind="installation")
        app = {"Authorization": f"Bearer {token}"}
        refused = world.api("GET", "/user", **app)
        assert refused.status_code == 403
        assert refused.json()["message"] == "Resource not accessible by integration"
        sha = world.github.pull(REPO, number).head_sha
        status = world.api("POST", f"{world.repo}/statuses/{sha}", {"state": "pending"}, **app)
        assert (status.status_code, status.json()["creator"]["login"]) == (201, "leeroy-app[bot]")
        address = f"{world.repo}/issues/{number}/comments"
        said = world.api("POST", address, {"body": "Hi"}, **app).json()
        assert (said["user"]["login"], said["user"]["type"]) == ("leeroy-app[bot]", "Bot")
        asked = world.api("GET", f"{world.repo}/collaborators/mary/permission", **app)
        assert asked.status_code == 404  # nobody of that name: asking is allowed
        world.github.set_member("acme", "mary")
        assert world.api("GET", "/orgs/acme/members/mary", **app).status_code == 204


def test_without_issues_their_comments_are_gone_and_a_pull_request_s_are_there(world, number):
    world.github.comment(REPO, number, "mary", "hello")
    world.github.switch_issues(REPO, False)
    gone = world.api("GET", f"{world.repo}/issues/comments?since=2020-01-01T00:00:00Z")
    assert (gone.status_code, gone.json()["message"]) == (410, "Issues are disabled for this repo")
    assert len(world.api.get(f"{world.repo}/issues/{number}/comments")) == 1
    assert world.api.get(world.repo)["has_issues"] is False
    world.github.switch_issues(REPO, True)
    assert len(world.api.get(f"{world.repo}/issues/comments")) == 1
