"""How the sandbox GitHub answers: pages, tags, limits, and words of refusal."""

from collections.abc import Iterator

import pytest

from leeroy_sandbox.github import GitHub
from leeroy_sandbox.github.api.limits import Secondary
from tests.parts.sandbox.github_world import REPO, Api, World, served


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with served(tmp_path) as made:
        yield made


def test_nothing_new_is_a_304_that_costs_nothing(world):
    path = f"{world.repo}/pulls?state=all"
    first = world.api("GET", path)
    tag = first.headers["ETag"]
    assert (len(tag), tag[0], tag[-1]) == (66, '"', '"')
    assert first.headers["Cache-Control"] == "private, max-age=60, s-maxage=60"
    used = world.github.limits.used("leeroy")
    again = world.api("GET", path, If_None_Match=f"W/{tag}")
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["X-RateLimit-Used"] == str(used)
    world.github.push(REPO, "feature", {"x": "1\n"})
    world.github.open_pull(REPO, "feature")
    assert world.api("GET", path, If_None_Match=tag).status_code == 200
    assert world.github.limits.used("leeroy") == used + 1


def test_tags_are_bound_to_the_token(world):
    tag = world.api("GET", world.repo).headers["ETag"]
    other = world.github.add_token("leeroy")
    answer = world.api("GET", world.repo, If_None_Match=tag, Authorization=f"Bearer {other}")
    assert answer.status_code == 200


def test_the_time_of_the_last_change_outlives_a_rotated_token(world):
    world.github.open_pulls_quickly(REPO, 1)
    path = f"{world.repo}/pulls/1"
    when = world.api("GET", path).headers["Last-Modified"]
    other = world.github.rotate_token(world.token)
    answer = world.api("GET", path, If_Modified_Since=when, Authorization=f"Bearer {other}")
    assert answer.status_code == 304


@pytest.mark.parametrize(
    ("query", "count", "links"),
    [
        pytest.param("", 30, {"next": 2, "last": 5}, id="thirty-by-default"),
        pytest.param("?per_page=100", 100, {"next": 2, "last": 2}, id="hundred"),
        pytest.param("?per_page=500", 100, {"next": 2, "last": 2}, id="never-more"),
        pytest.param("?per_page=50&page=2", 50, {"prev": 1, "next": 3, "last": 3, "first": 1},
                     id="middle"),
        pytest.param("?page=5", 1, {"prev": 4, "first": 1}, id="last"),
        pytest.param("?page=9", 0, {"prev": 5, "first": 1}, id="beyond"),
        pytest.param("?per_page=0&page=x", 30, {"next": 2, "last": 5}, id="nonsense"),
    ],
)  # fmt: skip
def test_pages_and_the_links_between_them(world, query, count, links):
    for n in range(121):
        world.github.create_label(REPO, f"label {n}")
    answer = world.api("GET", f"{world.repo}/labels{query}")
    assert len(answer.json()) == count
    found = {rel: link["url"] for rel, link in answer.links.items()}
    number = world.github.repository(REPO).id
    assert all(
        u.startswith(f"{world.api.url}/repositories/{number}/labels?") for u in found.values()
    )
    assert {rel: int(url.rpartition("page=")[2]) for rel, url in found.items()} == links
    if "next" in links:
        following = world.api.get(found["next"].removeprefix(world.api.url))
        assert following[0]["name"] == f"label {count * (links['next'] - 1)}"


def test_one_page_has_no_link(world):
    assert "Link" not in world.api("GET", f"{world.repo}/labels").headers


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(tmp_path, clock) -> Iterator[tuple[GitHub, Api]]:
    github = GitHub(tmp_path, clock=clock)
    github.create_repo(REPO)
    github.set_permission(REPO, "leeroy", "write")
    token = github.add_token("leeroy")
    with github.serve() as url:
        api = Api(url)
        api.session.headers["Authorization"] = f"Bearer {token}"
        yield github, api
        api.session.close()


@pytest.mark.parametrize("status", [403, 429])
def test_the_primary_limit_is_the_user_s_and_ends_with_the_hour(limited, clock, status):
    github, api = limited
    github.limits.primary = 3
    github.limits.refusal_status = status
    other = github.add_token("leeroy")
    left = [
        api("GET", "/meta", **more).headers["X-RateLimit-Remaining"]
        for more in ({}, {"Authorization": f"Bearer {other}"}, {})
    ]
    assert left == ["2", "1", "0"]
    refused = api("GET", "/meta")
    assert refused.status_code == status
    assert refused.json()["message"].startswith("API rate limit exceeded for user ID")
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert "Retry-After" not in refused.headers
    free = api.get("/rate_limit")["resources"]["core"]
    assert (free["remaining"], free["reset"]) == (0, int(refused.headers["X-RateLimit-Reset"]))
    clock.now = free["reset"]
    assert api("GET", "/meta").headers["X-RateLimit-Used"] == "1"


@pytest.mark.parametrize(
    ("rules", "path", "body", "passing"),
    [
        pytest.param({"points_a_minute": 20}, "/statuses/{sha}", {"state": "pending"}, 4,
                     id="a-write-is-five-points"),
        pytest.param({"content_a_minute": 3}, "/issues/1/comments", {"body": "x"}, 3,
                     id="content-a-minute"),
        pytest.param({"content_an_hour": 2}, "/labels", {"name": "{n}"}, 2, id="content-an-hour"),
        pytest.param({"content_a_minute": 0}, "/statuses/{sha}", {"state": "pending"}, 6,
                     id="a-status-is-no-content"),
    ],
)  # fmt: skip
def test_secondary_limits(limited, clock, rules, path, body, passing):
    github, api = limited
    github.open_pulls_quickly(REPO, 1)
    github.limits.secondary = Secondary(**rules)
    sha = github.repository(REPO).branches["main"]
    codes = []
    for n in range(6):
        sent = {key: value.format(n=n) for key, value in body.items()}
        answer = api("POST", f"/repos/{REPO}{path.format(sha=sha)}", sent)
        codes.append(answer.status_code)
    assert codes == [201] * passing + [403] * (6 - passing)
    assert github.limits.refused == 6 - passing
    if passing < 6:
        assert answer.json()["message"].startswith("You have exceeded a secondary rate limit")
        assert answer.headers["Retry-After"] == "60"
        clock.now += 3601
        assert api("GET", "/meta").status_code == 200


def test_github_may_not_say_how_long_to_wait(limited):
    github, api = limited
    github.limits.secondary = Secondary(points_a_minute=0, retry_after=None)
    answer = api("GET", "/meta")
    assert answer.status_code == 403
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        pytest.param(b"{", 400, "Problems parsing JSON", id="no-json"),
        pytest.param(b"[]", 400, "Body should be a JSON object", id="no-object"),
        pytest.param(b"{}", 422, 'Invalid request.\n\n"body" wasn\'t supplied.', id="missing"),
        pytest.param(
            b'{"body": 1}', 422,
            "Invalid request.\n\nFor 'properties/body', 1 is not a string.", id="wrong-type",
        ),
    ],
)  # fmt: skip
def test_bodies_that_are_not_understood(world, sent, status, message):
    world.github.open_pulls_quickly(REPO, 1)
    answer = world.api.session.post(
        f"{world.api.url}{world.repo}/issues/1/comments", data=sent, timeout=5
    )
    assert (answer.status_code, answer.json()["message"]) == (status, message)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"), ("POST", "/graphql"), ("DELETE", "/user"), ("GET", "/repos/acme/x"),
        ("GET", "/repositories/1/pulls"), ("GET", "/repos/acme/widgets/pulls/99"),
        ("GET", "/repos/acme/widgets/issues/comments/1"), ("GET", "/users/nobody"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_404_in_json(world, method, path):
    answer = world.api(method, path)
    assert answer.status_code == 404
    assert answer.json() == {
        "message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404",
    }  # fmt: skip


def test_an_unknown_media_type_is_refused(world):
    assert world.api("GET", "/meta", Accept="text/html").status_code == 200
    assert world.api("GET", f"{world.repo}/commits/main", Accept="text/html").status_code == 415


def test_the_sha_alone_and_the_file_alone(world):
    sha = world.github.repository(REPO).branches["main"]
    answer = world.api(
        "GET", f"{world.repo}/commits/heads%2Fmain", Accept="application/vnd.github.sha"
    )
    assert answer.text == sha
    raw = world.api(
        "GET", f"{world.repo}/contents/src/a.py?ref={sha}", Accept="application/vnd.github.raw+json"
    )
    assert raw.text == "a = 1\nb = 2\n"
    assert world.api.get(f"{world.repo}/contents/README.md")["size"] == 8
    assert world.api("GET", f"{world.repo}/contents/nothing").status_code == 404


def test_branches_and_refs(world):
    sha = world.github.push(REPO, "topic/x", {"x": "1\n"})
    assert world.api.get(f"{world.repo}/branches/topic/x")["commit"]["sha"] == sha
    assert [b["name"] for b in world.api.get(f"{world.repo}/branches")] == ["main", "topic/x"]
    refs = world.api.get(f"{world.repo}/git/matching-refs/heads/topic")
    assert [ref["ref"] for ref in refs] == ["refs/heads/topic/x"]
    assert world.api.get(f"{world.repo}/git/commits/{sha}")["message"] == "Change something"
