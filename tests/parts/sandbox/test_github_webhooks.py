"""Webhooks of the sandbox GitHub: signed, in order, on record, and as unreliable as wanted."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from leeroy_sandbox.github import Work
from leeroy_sandbox.github.deliveries import Delivery, body_and_headers
from leeroy_sandbox.github.model import Hook
from tests.parts.sandbox.github_world import (
    REPO,
    Receiver,
    World,
    event,
    payload,
    receiving,
    served,
)

ZEROS = "0" * 40


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with served(tmp_path) as made:
        yield made


@pytest.fixture
def receiver(world) -> Iterator[Receiver]:
    """Listening to everything that happens in the repository, after its ping."""
    with receiving() as made:
        world.github.add_hook(REPO, made.url, "s3cret", ["*"], "json")
        world.github.wait_delivered()
        made.calls.clear()
        yield made
        world.github.close()


def happened(world: World, receiver: Receiver) -> list[str]:
    world.github.wait_delivered()
    return receiver.events()


def test_the_known_vector_of_a_form_body():
    hook = Hook(
        id=1, target=2, target_type="repository", url="", secret="s3cret", events=("*",),
        content_type="form", active=True, created=0, updated=0,
    )  # fmt: skip
    delivery = Delivery(
        id=1, guid="g", hook=hook, event="ping", action=None, repository=2, payload=b'{"zen":"x"}'
    )
    body, headers = body_and_headers(delivery)
    assert body == b"payload=%7B%22zen%22%3A%22x%22%7D"
    assert headers["X-Hub-Signature-256"] == (
        "sha256=a16c5f5568ae8c26123524f18c977c1a794f7cc69cebd7f2742856f8f136b37a"
    )


@pytest.mark.parametrize("content_type", ["json", "form"])
def test_the_signature_covers_the_bytes_as_sent(world, content_type):
    with receiving() as receiver:
        hook = world.github.add_hook(REPO, receiver.url, "gehéim", ["push"], content_type)
        world.github.push(REPO, "main", {"ü": "x\n"}, message="Größe")
        world.github.wait_delivered()
        ping, push = receiver.calls
    for call in (ping, push):
        for name, digest in (("", hashlib.sha1), ("-256", hashlib.sha256)):
            said = call.headers[f"x-hub-signature{name}"]
            want = hmac.new("gehéim".encode(), call.body, digest).hexdigest()
            assert said.partition("=")[2] == want
    text = push.body.decode()
    said = json.loads(text if content_type == "json" else parse_qs(text)["payload"][0])
    assert said["head_commit"]["message"] == "Größe"
    assert push.headers["x-github-hook-id"] == str(hook)
    assert push.headers["x-github-hook-installation-target-type"] == "repository"
    assert push.headers["x-github-hook-installation-target-id"] == str(
        world.github.repository(REPO).id
    )
    assert push.headers["user-agent"].startswith("GitHub-Hookshot/")


def test_without_a_secret_there_is_no_signature(world):
    with receiving() as receiver:
        world.github.add_hook(REPO, receiver.url)
        world.github.wait_delivered()
        (ping,) = receiver.calls
    assert event(ping) == "ping"
    assert not [name for name in ping.headers if name.startswith("x-hub")]
    assert ping.headers["content-type"] == "application/x-www-form-urlencoded"


def test_one_event_has_one_guid_for_all_hooks(world):
    with receiving() as one, receiving() as two:
        world.github.add_hook(REPO, one.url, events=["pull_request"], content_type="json")
        world.github.add_hook("acme", two.url, events=["pull_request"], content_type="json")
        world.github.push(REPO, "feature", {"x": "1\n"})
        world.github.open_pull(REPO, "feature")
        world.github.wait_delivered()
        told = [list(receiver.calls)[-1] for receiver in (one, two)]
    assert [event(call) for call in told] == ["pull_request"] * 2
    assert len({call.headers["x-github-delivery"] for call in told}) == 1
    assert told[1].headers["x-github-hook-installation-target-type"] == "organization"
    assert payload(told[0])["organization"]["login"] == "acme"


def test_a_hook_gets_only_what_it_asked_for(world):
    with receiving() as receiver:
        world.github.add_hook(REPO, receiver.url, events=["issue_comment"], content_type="json")
        world.github.push(REPO, "feature", {"x": "1\n"})
        number = world.github.open_pull(REPO, "feature")
        world.github.comment(REPO, number, "ann", "Hello")
        world.github.wait_delivered()
        assert receiver.events() == ["ping", "issue_comment.created"]


def test_a_push_to_the_head_is_a_push_and_a_synchronize(world, receiver):
    world.github.fork(REPO, "alice")
    old = world.github.push("alice/widgets", "feature", {"x": "1\n"})
    number = world.github.open_pull(REPO, "alice:feature")
    new = world.github.push("alice/widgets", "feature", {"x": "2\n"})
    assert happened(world, receiver) == ["pull_request.opened", "pull_request.synchronize"]
    opened, moved = map(payload, receiver.calls)
    assert (moved["before"], moved["after"], moved["number"]) == (old, new, number)
    assert moved["pull_request"]["head"]["sha"] == new
    for said in (opened, moved):
        assert said["pull_request"]["mergeable"] is None
        assert said["pull_request"]["mergeable_state"] == "unknown"
    assert opened["pull_request"]["head"]["repo"]["full_name"] == "alice/widgets"
    assert opened["sender"]["login"] == "alice"


def test_a_push_names_its_commits_and_what_they_touched(world, receiver):
    before = world.github.repository(REPO).branches["main"]
    work = [
        Work(message="One", changes={"docs/x.md": "x\n", "README.md": None}),
        Work(message="Two", changes={"src/a.py": "a = 2\n"}),
    ]
    shas = world.github.push_many(REPO, "main", work, by="mona")
    assert happened(world, receiver) == ["push"]
    (said,) = map(payload, receiver.calls)
    assert (said["ref"], said["before"], said["after"]) == ("refs/heads/main", before, shas[1])
    assert [c["id"] for c in said["commits"]] == shas
    assert said["commits"][0]["added"] == ["docs/x.md"]
    assert said["commits"][0]["removed"] == ["README.md"]
    assert said["commits"][1]["modified"] == ["src/a.py"]
    assert all(c["distinct"] for c in said["commits"])
    assert [said[key] for key in ("created", "deleted", "forced")] == [False] * 3
    assert said["head_commit"]["id"] == shas[1]
    assert said["pusher"] == {"name": "mona", "email": "mona@example.com"}
    assert isinstance(said["repository"]["pushed_at"], int)


def test_branches_come_and_go_and_are_forced(world, receiver):
    github = world.github
    start = github.repository(REPO).branches["main"]
    github.push(REPO, "same", commit=start)
    one = github.push(REPO, "new", {"x": "1\n"})
    two = github.push(REPO, "new", {"x": "2\n"}, parents=[start], force=True)
    github.delete_branch(REPO, "new")
    assert happened(world, receiver) == [
        "push", "create", "push", "create", "push", "push", "delete",
    ]  # fmt: skip
    pushes = [payload(c) for c in receiver.calls if event(c) == "push"]
    flags = [[p[key] for key in ("created", "deleted", "forced")] for p in pushes]
    assert flags == [
        [True, False, False], [True, False, False], [False, False, True], [False, True, False],
    ]  # fmt: skip
    assert (pushes[0]["commits"], pushes[0]["head_commit"]["id"]) == ([], start)
    assert [c["id"] for c in pushes[1]["commits"]] == [one]
    assert (pushes[2]["before"], pushes[2]["after"]) == (one, two)
    assert (pushes[3]["after"], pushes[3]["head_commit"]) == (ZEROS, None)


def test_merged_commits_come_again_as_not_distinct(world, receiver):
    head = world.github.push(REPO, "feature", {"x": "1\n"})
    number = world.github.open_pull(REPO, "feature")
    merge = world.github.merge_pull(REPO, number)
    assert happened(world, receiver)[-2:] == ["pull_request.closed", "push"]
    closed, push = list(map(payload, receiver.calls))[-2:]
    assert closed["pull_request"]["merged"] is True
    assert {c["id"]: c["distinct"] for c in push["commits"]} == {head: False, merge: True}


def test_an_edit_tells_what_it_was_before(world, receiver):
    world.github.push(REPO, "feature", {"x": "1\n"})
    world.github.push(REPO, "next", {"y": "1\n"})
    number = world.github.open_pull(REPO, "feature", title="Old", body="Text")
    was = world.github.pull(REPO, number).base_sha
    world.github.edit_pull(REPO, number, title="New", body="Other", base="next")
    world.github.edit_pull(REPO, number, title="New")
    assert happened(world, receiver)[-2:] == ["pull_request.opened", "pull_request.edited"]
    said = payload(list(receiver.calls)[-1])
    assert said["changes"] == {
        "title": {"from": "Old"},
        "body": {"from": "Text"},
        "base": {"ref": {"from": "main"}, "sha": {"from": was}},
    }
    assert said["pull_request"]["base"]["ref"] == "next"


def test_a_comment_on_a_pull_request_says_that_it_is_one(world, receiver):
    world.github.push(REPO, "feature", {"x": "1\n"})
    number = world.github.open_pull(REPO, "feature")
    world.github.set_permission(REPO, "ann", "write")
    comment = world.github.comment(REPO, number, "ann", "/retest")
    world.github.edit_comment(REPO, comment, "/test all")
    world.github.delete_comment(REPO, comment)
    assert happened(world, receiver)[-3:] == [
        f"issue_comment.{action}" for action in ("created", "edited", "deleted")
    ]
    created, edited, _ = list(map(payload, receiver.calls))[-3:]
    assert created["issue"]["pull_request"]["url"].endswith(f"/pulls/{number}")
    assert created["comment"]["author_association"] == "COLLABORATOR"
    assert "head" not in created["issue"]
    assert edited["changes"] == {"body": {"from": "/retest"}}


def test_reviews_and_labels_and_drafts_are_told(world, receiver):
    world.github.push(REPO, "feature", {"x": "1\n"})
    number = world.github.open_pull(REPO, "feature", draft=True)
    review = world.github.review(REPO, number, "mona", "approved", "/ok-to-test")
    world.github.dismiss_review(REPO, number, review)
    world.github.review_comment(REPO, number, "mona", "/retest", path="x")
    world.github.label(REPO, number, "bug", "Bug")
    world.github.unlabel(REPO, number, "BUG")
    world.github.draft(REPO, number, False)
    assert happened(world, receiver)[3:] == [
        "pull_request_review.submitted", "pull_request_review.dismissed",
        "pull_request_review_comment.created",
        "label.created", "pull_request.labeled", "pull_request.unlabeled",
        "pull_request.ready_for_review",
    ]  # fmt: skip
    submitted = payload(list(receiver.calls)[3])
    assert submitted["review"]["state"] == "approved"
    assert submitted["review"]["commit_id"] == world.github.pull(REPO, number).head_sha
    assert "mergeable" not in submitted["pull_request"]
    assert payload(list(receiver.calls)[7])["label"]["color"] == "ededed"


def test_a_status_comes_back_with_its_branches(world, receiver):
    sha = world.github.push(REPO, "feature", {"x": "1\n"})
    world.github.post_status(REPO, sha, "failure", "unit", description="No")
    assert happened(world, receiver)[-1] == "status"
    said = payload(list(receiver.calls)[-1])
    assert (said["sha"], said["context"], said["state"], said["name"]) == (
        sha, "unit", "failure", REPO,
    )  # fmt: skip
    assert [branch["name"] for branch in said["branches"]] == ["feature"]


def test_held_deliveries_come_out_in_the_order_asked_for(world, receiver):
    world.github.hold_deliveries()
    for name in ("a", "b", "c"):
        world.github.push(REPO, "main", {name: "x\n"}, message=name)
    world.github.wait_delivered()
    assert len(receiver.calls) == 0
    world.github.release(order=lambda held: held[::-1])
    world.github.wait_delivered()
    assert [payload(c)["head_commit"]["message"] for c in receiver.calls] == ["c", "b", "a"]


def test_deliveries_are_lost_and_doubled_and_sent_again(world, receiver):
    github = world.github
    github.deliveries.lose("push", times=1)
    github.push(REPO, "main", {"x": "1\n"})
    github.wait_delivered()
    assert len(receiver.calls) == 0
    lost = github.deliveries.log()[-1]
    assert (lost.event, lost.status, lost.status_code) == (
        "push", "failed to connect to host", 0,
    )  # fmt: skip
    assert github.redeliver(lost.guid) == 1
    github.deliveries.double(times=1)
    github.push(REPO, "main", {"x": "2\n"})
    assert happened(world, receiver) == ["push"] * 3
    guids = [call.headers["x-github-delivery"] for call in receiver.calls]
    assert guids[0] == lost.guid
    assert guids[1] == guids[2] != guids[0]
    assert [d.redelivery for d in github.deliveries.log()[-3:]] == [True, False, False]


def test_what_is_not_answered_well_is_logged_and_not_sent_again(world, receiver):
    github = world.github
    receiver.status = "503 Service Unavailable"
    github.push(REPO, "main", {"x": "1\n"})
    github.wait_delivered()
    failed = github.deliveries.log()[-1]
    assert (failed.status, failed.status_code) == ("Invalid HTTP Response: 503", 503)
    receiver.calls.clear()
    number = github.hooks_of(REPO)[0].id
    github.hook(REPO, number).url = "http://127.0.0.1:9/"
    github.push(REPO, "main", {"x": "2\n"})
    github.wait_delivered()
    assert github.deliveries.log()[-1].status == "failed to connect to host"
    assert len(receiver.calls) == 0


def test_the_log_is_walked_by_cursor_and_redelivers(world, receiver):
    api, hook = world.api, world.github.hooks_of(REPO)[0].id
    for n in range(4):
        world.github.push(REPO, "main", {"x": f"{n}\n"})
    world.github.wait_delivered()
    receiver.status = "500 Oops"
    world.github.push(REPO, "main", {"x": "5\n"})
    world.github.wait_delivered()
    path = f"{world.repo}/hooks/{hook}/deliveries"
    answer = api("GET", f"{path}?per_page=4")
    link = answer.links["next"]["url"].removeprefix(api.url)
    assert "cursor=" in link
    seen = answer.json() + api.get(link)
    assert [one["event"] for one in seen] == ["push"] * 5 + ["ping"]
    assert "next" not in api("GET", link).links
    (failed,) = api.get(f"{path}?status=failure")
    assert (failed["status_code"], failed["event"], failed["redelivery"]) == (500, "push", False)
    assert len(api.get(f"{path}?status=success")) == 5
    whole = api.get(f"{path}/{failed['id']}")
    assert whole["request"]["headers"]["X-GitHub-Delivery"] == failed["guid"]
    assert whole["request"]["payload"]["ref"] == "refs/heads/main"
    receiver.status = "202 Accepted"
    again = api("POST", f"{path}/{failed['id']}/attempts")
    assert (again.status_code, again.json()) == (202, {})
    world.github.wait_delivered()
    newest = api.get(path)[0]
    assert (newest["guid"], newest["redelivery"], newest["status"]) == (
        failed["guid"], True, "OK",
    )  # fmt: skip


def test_the_sandbox_may_announce_what_was_opened_quietly(world, receiver):
    first, second = world.github.open_pulls_quickly(REPO, 2)
    assert happened(world, receiver) == []
    guid = world.github.announce(REPO, second)
    assert happened(world, receiver) == ["pull_request.opened"]
    (call,) = receiver.calls
    assert (call.headers["x-github-delivery"], payload(call)["number"]) == (guid, second)
    assert first != second
