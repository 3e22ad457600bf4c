"""The sandbox GitHub shows changes late, where it is told to."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from leeroy_sandbox.github import GitHub, Resource
from tests.parts.sandbox.github_world import REPO, World, served

NUMBER = 1


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with served(tmp_path) as made:
        github = made.github
        github.push(REPO, "release", {"VERSION": "1\n"})
        github.push(REPO, "feature", {"src/a.py": "a = 2\nb = 2\n"})
        assert github.open_pull(REPO, "feature", author="alice") == NUMBER
        yield made


def path(rest: str) -> str:
    return f"/repos/{REPO}{rest}"


def pull(world: World) -> Any:
    return world.api.get(path(f"/pulls/{NUMBER}"))


CHANGES: dict[str, tuple[Callable[[GitHub], object], Callable[[Any], object]]] = {
    "push": (
        lambda g: g.push(REPO, "feature", {"src/b.py": "b\n"}),
        lambda p: (p["head"]["sha"], p["commits"], p["changed_files"]),
    ),
    "retarget": (
        lambda g: g.edit_pull(REPO, NUMBER, base="release"),
        lambda p: (p["base"]["ref"], p["base"]["sha"]),
    ),
    "draft": (lambda g: g.draft(REPO, NUMBER), lambda p: p["draft"]),
    "ready for review": (lambda g: g.draft(REPO, NUMBER, False), lambda p: p["draft"]),
    "close": (lambda g: g.close_pull(REPO, NUMBER), lambda p: (p["state"], p["closed_at"])),
    "reopen": (lambda g: g.reopen_pull(REPO, NUMBER), lambda p: (p["state"], p["closed_at"])),
    "label": (
        lambda g: g.label(REPO, NUMBER, "wip"),
        lambda p: [x["name"] for x in p["labels"]],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_pull_request_is_shown_as_it_was_for_so_many_reads(world, change):
    do, seen = CHANGES[change]
    if change == "ready for review":
        world.github.draft(REPO, NUMBER)
    if change == "reopen":
        world.github.close_pull(REPO, NUMBER)
    before = seen(pull(world))
    lag = world.github.lag(Resource.PULL, reads=2)
    do(world.github)
    shown = [seen(pull(world)) for _ in range(4)]
    assert shown[:2] == [before, before]
    assert shown[2] == shown[3] != before
    assert lag.answers == 2


LISTS = {
    "comments": (Resource.COMMENTS, f"/issues/{NUMBER}/comments", "comment", ("mary", "/retest")),
    "reviews": (Resource.REVIEWS, f"/pulls/{NUMBER}/reviews", "review", ("mary",)),
    "review comments": (
        Resource.REVIEW_COMMENTS,
        f"/pulls/{NUMBER}/comments",
        "review_comment",
        ("mary", "here"),
    ),
    "labels": (Resource.LABELS, f"/issues/{NUMBER}/labels", "label", ("wip",)),
}


@pytest.mark.parametrize("listed", LISTS)
def test_a_list_lacks_what_is_new(world, listed):
    resource, address, method, arguments = LISTS[listed]
    world.github.lag(resource)
    getattr(world.github, method)(REPO, NUMBER, *arguments)
    assert [len(world.api.get(path(address))) for _ in range(3)] == [0, 1, 1]


NEW_THINGS = {
    "comment": (Resource.COMMENT, "/issues/comments/{}", "comment", ("mary", "/retest")),
    "review": (Resource.REVIEW, f"/pulls/{NUMBER}/reviews/{{}}", "review", ("mary",)),
    "review comment": (
        Resource.REVIEW_COMMENT,
        "/pulls/comments/{}",
        "review_comment",
        ("mary", "here"),
    ),
}


@pytest.mark.parametrize("thing", NEW_THINGS)
def test_a_new_thing_is_not_found_at_first(world, thing):
    resource, address, method, arguments = NEW_THINGS[thing]
    world.github.lag(resource, reads=2)
    made = getattr(world.github, method)(REPO, NUMBER, *arguments)
    answers = [world.api("GET", path(address.format(made))) for _ in range(3)]
    assert [a.status_code for a in answers] == [404, 404, 200]
    assert answers[0].json()["message"] == "Not Found"


def test_an_edited_comment_says_what_it_said_and_a_deleted_one_is_still_there(world):
    comment = world.github.comment(REPO, NUMBER, "mary", "first")
    world.github.lag(Resource.COMMENT)
    address = path(f"/issues/comments/{comment}")
    world.github.edit_comment(REPO, comment, "second")
    assert [world.api.get(address)["body"] for _ in range(2)] == ["first", "second"]
    world.github.delete_comment(REPO, comment)
    assert [world.api("GET", address).status_code for _ in range(2)] == [200, 404]


def test_a_list_of_files_is_of_the_old_head_in_every_entry(world):
    old = world.github.pull(REPO, NUMBER).head_sha
    world.github.lag(Resource.FILES)
    main = world.github.repository(REPO).branches["main"]
    new = world.github.push(REPO, "feature", {"docs/a.md": "a\n"}, force=True, parents=[main])
    listed = [world.api.get(path(f"/pulls/{NUMBER}/files")) for _ in range(2)]
    assert [[f["filename"] for f in one] for one in listed] == [["src/a.py"], ["docs/a.md"]]
    refs = [one[0]["contents_url"].partition("?ref=")[2] for one in listed]
    assert refs == [old, new]


def test_commits_branches_and_the_list_of_pull_requests_lag_too(world):
    github = world.github
    github.lag(Resource.COMMITS, Resource.BRANCHES, Resource.PULLS)
    tip = github.repository(REPO).branches["feature"]
    new = github.push(REPO, "feature", {"src/b.py": "b\n"})

    def heads() -> list[str]:
        return [
            world.api.get(path(f"/pulls/{NUMBER}/commits"))[-1]["sha"],
            world.api.get(path("/branches/feature"))["commit"]["sha"],
            world.api.get(path("/git/ref/heads/feature"))["object"]["sha"],
            world.api.get(path(f"/git/ref/pull/{NUMBER}/head"))["object"]["sha"],
            world.api.get(path("/pulls"))[0]["head"]["sha"],
        ]

    assert heads() == [tip] * 5
    assert heads() == [new] * 5


def test_a_new_pull_request_is_not_found_at_first(world):
    world.github.push(REPO, "other", {"src/c.py": "c\n"})
    world.github.lag(Resource.PULL, Resource.PULLS)
    number = world.github.open_pull(REPO, "other")
    found = [world.api("GET", path(f"/pulls/{number}")).status_code for _ in range(2)]
    assert found == [404, 200]
    assert [len(world.api.get(path("/pulls"))) for _ in range(2)] == [1, 2]


def test_statuses_are_shown_late(world):
    sha = world.github.pull(REPO, NUMBER).head_sha
    world.github.lag(Resource.STATUSES)
    world.github.post_status(REPO, sha, "pending", "ci")
    for rest, count in (("status", lambda a: a["total_count"]), ("statuses", len)):
        assert [count(world.api.get(path(f"/commits/{sha}/{rest}"))) for _ in range(2)] == [0, 1]


def test_a_status_on_a_commit_that_is_not_there_yet_is_refused(world):
    world.github.fork(REPO, "stranger")
    world.github.push("stranger/widgets", "patch-1", {"src/a.py": "x\n"}, by="stranger")
    lag = world.github.lag(Resource.COMMIT, reads=2)
    number = world.github.open_pull(REPO, "stranger:patch-1")
    sha = world.github.pull(REPO, number).head_sha

    def post() -> Any:
        return world.api("POST", path(f"/statuses/{sha}"), {"state": "pending"})

    first, second, third = post(), post(), post()
    assert [first.status_code, second.status_code, third.status_code] == [422, 422, 201]
    assert first.json()["message"] == f"No commit found for SHA: {sha}"
    assert "errors" not in first.json()
    assert lag.answers == 2
    assert len(world.github.statuses(REPO, sha).history) == 1


def test_a_status_on_an_older_commit_is_written_while_commits_lag(world):
    sha = world.github.pull(REPO, NUMBER).head_sha
    world.github.lag(Resource.COMMIT, reads=9)
    world.github.push(REPO, "feature", {"src/b.py": "b\n"})
    answer = world.api("POST", path(f"/statuses/{sha}"), {"state": "pending"})
    assert answer.status_code == 201
    assert len(world.github.statuses(REPO, sha).history) == 1


def test_a_commit_is_read_late(world):
    world.github.lag(Resource.COMMIT)
    sha = world.github.push(REPO, "feature", {"src/b.py": "b\n"})
    answers = [world.api("GET", path(f"/commits/{sha}")) for _ in range(2)]
    assert [a.status_code for a in answers] == [422, 200]


def test_the_etag_is_that_of_the_answer_shown(world):
    address = path(f"/pulls/{NUMBER}")
    pull(world)  # mergeability is known from the next read on
    old = world.api("GET", address).headers["ETag"]
    world.github.lag(Resource.PULL, reads=2)
    world.github.draft(REPO, NUMBER)
    assert world.api("GET", address).headers["ETag"] == old
    assert world.api("GET", address, If_None_Match=old).status_code == 304
    assert world.api("GET", address, If_None_Match=old).status_code == 200


def test_each_address_lags_by_itself(world):
    world.github.lag()
    world.github.label(REPO, NUMBER, "wip")
    assert [len(pull(world)["labels"]) for _ in range(2)] == [0, 1]
    labels = path(f"/issues/{NUMBER}/labels")
    assert [len(world.api.get(labels)) for _ in range(2)] == [0, 1]


def test_every_change_lags_anew(world):
    world.github.lag(Resource.PULL)
    titles = []
    for title in ("one", "two", "three"):
        world.github.edit_pull(REPO, NUMBER, title=title)
        titles.append(pull(world)["title"])
    assert titles == ["A change", "one", "two"]
    assert [pull(world)["title"] for _ in range(2)] == ["three", "three"]


def test_other_resources_and_what_is_written_are_as_they_are(world):
    world.github.lag(Resource.PULL)
    world.github.label(REPO, NUMBER, "wip")
    assert len(world.api.get(path(f"/issues/{NUMBER}/labels"))) == 1
    answer = world.api("POST", path(f"/issues/{NUMBER}/comments"), {"body": "hello"})
    assert (answer.status_code, answer.json()["body"]) == (201, "hello")
    assert [c.body for c in world.github.comments(REPO, NUMBER)] == ["hello"]


def test_a_lag_may_last_so_many_seconds(tmp_path):
    now = [1_000_000.0]
    github = GitHub(tmp_path, clock=lambda: now[0])
    github.create_repo(REPO)
    github.push(REPO, "feature", {"src/a.py": "a\n"})
    github.open_pull(REPO, "feature", title="old")
    client = Client(github.app)
    headers = {"User-Agent": "test"}

    def title() -> str:
        client.get(path("/branches"), headers=headers)
        return client.get(path(f"/pulls/{NUMBER}"), headers=headers).json["title"]

    github.lag(Resource.PULL, seconds=0.5)
    github.edit_pull(REPO, NUMBER, title="new")
    titles = []
    for _ in range(3):
        titles.append(title())
        now[0] += 0.3
    assert titles == ["old", "old", "new"]
    github.close()


def test_a_lag_ends(world):
    world.github.lag(Resource.PULL, reads=100)
    world.github.draft(REPO, NUMBER)
    assert pull(world)["draft"] is False
    world.github.end_lags()
    assert pull(world)["draft"] is True


def test_versions_nobody_can_be_shown_any_more_are_forgotten(world):
    world.github.lag(Resource.PULL)
    for number in range(20):
        world.github.edit_pull(REPO, NUMBER, title=str(number))
        pull(world)
    assert len(world.github._lags._versions) <= 3


@pytest.mark.parametrize("asked", [{"reads": 0}, {"reads": 1, "seconds": 1.0}])
def test_a_lag_without_sense_is_refused(world, asked):
    with pytest.raises(ValueError, match="a lag is of"):
        world.github.lag(**asked)
