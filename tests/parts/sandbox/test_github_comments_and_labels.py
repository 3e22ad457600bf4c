"""Comments, reactions, reviews and labels of the sandbox GitHub."""

from collections.abc import Iterator

import pytest

from tests.parts.sandbox.github_world import REPO, World, served


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with served(tmp_path) as made:
        made.github.open_pulls_quickly(REPO, 1)
        yield made


def test_a_comment_is_written_read_edited_and_deleted(world):
    api, repo = world.api, world.repo
    made = api("POST", f"{repo}/issues/1/comments", {"body": "Hello"})
    assert made.status_code == 201
    where = made.headers["Location"].removeprefix(api.url)
    assert api.get(where)["user"]["login"] == "leeroy"
    assert api("PATCH", where, {"body": "Better"}).json()["body"] == "Better"
    assert [c["body"] for c in api.get(f"{repo}/issues/1/comments")] == ["Better"]
    assert [c.body for c in world.github.comments(REPO, 1)] == ["Better"]
    assert api.get(f"{repo}/pulls/1")["comments"] == 1
    assert api("DELETE", where).status_code == 204
    assert api("GET", where).status_code == 404


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param("é" * 131_072, None, id="just-short-enough"),
        pytest.param("é" * 131_072 + "x", "Body is too long (maximum is 65536 characters)",
                     id="a-byte-too-long"),
        pytest.param(" \n", "Body cannot be blank", id="blank"),
    ],
)  # fmt: skip
def test_how_long_a_comment_may_be(world, body, message):
    answer = world.api("POST", f"{world.repo}/issues/1/comments", {"body": body})
    if message is None:
        assert answer.status_code == 201
    else:
        assert answer.status_code == 422
        assert answer.json()["errors"] == [
            {
                "resource": "IssueComment",
                "code": "unprocessable",
                "field": "data",
                "message": message,
            }
        ]


def test_others_comments_are_changed_with_write_permission_only(world):
    comment = world.github.comment(REPO, 1, "ann", "Mine")
    path = f"{world.repo}/issues/comments/{comment}"
    stranger = {"Authorization": f"Bearer {world.github.add_token('bob')}"}
    assert world.api("PATCH", path, {"body": "x"}, **stranger).status_code == 403
    assert world.api("DELETE", path, **stranger).status_code == 403
    assert world.api("PATCH", path, {"body": "x"}).status_code == 200


def test_a_locked_conversation_takes_comments_of_few(world):
    world.github.lock_pull(REPO, 1)
    path = f"{world.repo}/issues/1/comments"
    stranger = {"Authorization": f"Bearer {world.github.add_token('bob')}"}
    assert world.api("POST", path, {"body": "x"}, **stranger).status_code == 403
    assert world.api("POST", path, {"body": "x"}).status_code == 201


def test_comments_since(world):
    now = [1_800_000_000.0]
    world.github.clock = lambda: now[0]
    world.github.comment(REPO, 1, "ann", "Old")
    now[0] += 100
    world.github.comment(REPO, 1, "ann", "New")
    for path in ("issues/1/comments", "issues/comments"):
        found = world.api.get(f"{world.repo}/{path}?since=2027-01-15T08:01:00Z")
        assert [c["body"] for c in found] == ["New"]


def test_a_reaction_is_new_once(world):
    comment = world.github.comment(REPO, 1, "ann", "/retest")
    diff_comment = world.github.review_comment(REPO, 1, "ann", "/retest")
    for path in (f"issues/comments/{comment}", f"pulls/comments/{diff_comment}"):
        url = f"{world.repo}/{path}/reactions"
        codes = [
            world.api("POST", url, {"content": content}).status_code
            for content in ("+1", "+1", "eyes", "shrug")
        ]
        assert codes == [201, 200, 201, 422]
        reactions = world.api.get(f"{world.repo}/{path}")["reactions"]
        assert (reactions["total_count"], reactions["+1"], reactions["eyes"]) == (2, 1, 1)


def test_reviews_are_shouted_by_the_api(world):
    review = world.github.review(REPO, 1, "mona", "changes_requested", "No")
    (listed,) = world.api.get(f"{world.repo}/pulls/1/reviews")
    assert listed["state"] == "CHANGES_REQUESTED"
    assert world.api.get(f"{world.repo}/pulls/1/reviews/{review}") == listed
    world.github.review_comment(REPO, 1, "mona", "Here", path="quick/1.txt", review=review)
    (comment,) = world.api.get(f"{world.repo}/pulls/1/comments")
    assert comment["pull_request_review_id"] == review


def test_a_label_that_is_missing_comes_into_being_in_grey(world):
    api, path = world.api, f"{world.repo}/issues/1/labels"
    world.github.create_label(REPO, "Bug", "ff0000", "Broken")
    said = api("POST", path, {"labels": ["bug", "area/docs & more"]})
    assert said.status_code == 200
    assert [(one["name"], one["color"]) for one in said.json()] == [
        ("Bug", "ff0000"), ("area/docs & more", "ededed"),
    ]  # fmt: skip
    assert [one["name"] for one in api("POST", path, ["third"]).json()][2:] == ["third"]
    left = api("DELETE", f"{path}/area%2Fdocs%20%26%20more")
    assert [one["name"] for one in left.json()] == ["Bug", "third"]
    gone = api("DELETE", f"{path}/area%2Fdocs")
    assert (gone.status_code, gone.json()["message"]) == (404, "Label does not exist")
    assert [one["name"] for one in api("PUT", path, {"labels": ["fourth"]}).json()] == ["fourth"]
    assert world.github.labels(REPO, 1) == ["fourth"]
    assert api("DELETE", path).status_code == 204
    assert api.get(path) == []


@pytest.mark.parametrize(
    ("label", "error"),
    [
        pytest.param({"name": "n" * 51},
                     {"resource": "Label", "code": "custom", "field": "name",
                      "message": "name is too long (maximum is 50 characters)"}, id="name"),
        pytest.param({"name": "n", "color": "#ff0000"},
                     {"resource": "Label", "code": "invalid", "field": "color"}, id="colour"),
        pytest.param({"name": "KNOWN"},
                     {"resource": "Label", "code": "already_exists", "field": "name"},
                     id="known"),
    ],
)  # fmt: skip
def test_labels_that_are_not_taken(world, label, error):
    world.github.create_label(REPO, "known")
    answer = world.api("POST", f"{world.repo}/labels", label)
    assert (answer.status_code, answer.json()["errors"]) == (422, [error])


def test_a_label_too_long_to_be_made_is_not_put_on(world):
    answer = world.api("POST", f"{world.repo}/issues/1/labels", {"labels": ["x" * 51]})
    assert answer.json()["errors"] == [
        {"value": "x" * 51, "resource": "Label", "field": "name", "code": "invalid"}
    ]


def test_a_label_is_changed_everywhere(world):
    world.github.label(REPO, 1, "old/name")
    path = f"{world.repo}/labels/old%2Fname"
    changed = world.api("PATCH", path, {"new_name": "new", "color": "00ff00"})
    assert changed.json()["color"] == "00ff00"
    assert world.github.labels(REPO, 1) == ["new"]
    assert world.api("GET", path).status_code == 404
    assert world.api("DELETE", f"{world.repo}/labels/NEW").status_code == 204
    assert world.api.get(f"{world.repo}/pulls/1")["labels"] == []


def test_hooks_are_made_changed_and_refused(world):
    api, path = world.api, f"{world.repo}/hooks"
    config = {"url": "http://127.0.0.1:9/x", "content_type": "json", "secret": "s"}
    made = api("POST", path, {"name": "web", "events": ["push"], "config": config}).json()
    assert made["config"]["secret"] == "********"
    again = api("POST", path, {"config": config})
    assert again.json()["errors"][0]["message"] == "Hook already exists on this repository"
    hook = world.github.hook(REPO, made["id"])
    where = f"{path}/{made['id']}"
    api("PATCH", f"{where}/config", {"content_type": "form"})
    assert (hook.secret, hook.content_type) == ("s", "form")
    api("PATCH", where, {"events": ["pull_request"]})
    assert (hook.secret, hook.events) == ("s", ("pull_request",))
    api("PATCH", where, {"config": {"url": "http://127.0.0.1:9/y"}})
    assert (hook.secret, hook.url) == (None, "http://127.0.0.1:9/y")
    for n in range(20):
        world.github.add_hook(REPO, f"http://127.0.0.1:9/{n}", events=["status"])
    full = api("POST", path, {"events": ["status"], "config": {"url": "http://127.0.0.1:9/z"}})
    assert full.json()["errors"][0]["message"] == (
        'The "status" event cannot have more than 20 hooks'
    )
    plain = api("POST", path, {"config": {"url": "http://127.0.0.1:9/plain"}}).json()
    assert (plain["events"], plain["config"]["content_type"]) == (["push"], "form")
    assert api("DELETE", where).status_code == 204
