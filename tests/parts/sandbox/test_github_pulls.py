"""Pull requests of the sandbox GitHub: what is read of them, and what becomes of them."""

from collections.abc import Iterator

import pytest

from leeroy_sandbox.github import NotAFastForward, Work
from leeroy_sandbox.github.state import Absent, Refused
from tests.parts.sandbox.github_world import REPO, World, served


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with served(tmp_path) as made:
        yield made


def from_fork(world: World, **more) -> int:
    world.github.fork(REPO, "alice")
    world.github.push("alice/widgets", "feature", {"src/a.py": "a = 2\nb = 2\n"}, by="alice")
    return world.github.open_pull(REPO, "alice:feature", **more)


def test_a_fork_s_pull_request_tells_both_sides(world):
    number = from_fork(world, title="Ünicode", body="Why")
    pull = world.api.get(f"{world.repo}/pulls/{number}")
    tips = {r: world.github.repository(r).branches for r in (REPO, "alice/widgets")}
    assert (pull["title"], pull["body"], pull["user"]["login"]) == ("Ünicode", "Why", "alice")
    assert pull["head"]["label"] == "alice:feature"
    assert pull["head"]["sha"] == tips["alice/widgets"]["feature"]
    assert pull["head"]["repo"]["full_name"] == "alice/widgets"
    assert pull["head"]["repo"]["fork"] is True
    assert (pull["base"]["ref"], pull["base"]["sha"]) == ("main", tips[REPO]["main"])
    assert pull["author_association"] == "FIRST_TIME_CONTRIBUTOR"
    counts = ("commits", "changed_files", "additions", "deletions")
    assert [pull[count] for count in counts] == [1, 1, 1, 1]


def test_mergeability_is_known_one_read_later(world):
    number = from_fork(world)
    path = f"{world.repo}/pulls/{number}"
    first, second = world.api.get(path), world.api.get(path)
    assert (first["mergeable"], first["mergeable_state"]) == (None, "unknown")
    assert first["merge_commit_sha"] is None
    assert (second["mergeable"], second["mergeable_state"]) == (True, "clean")
    merge = world.api.get(f"{world.repo}/git/ref/pull/{number}/merge")["object"]["sha"]
    assert merge == second["merge_commit_sha"]
    parents = world.github.repository(REPO).git.commit(merge).parents
    assert parents == (second["base"]["sha"], second["head"]["sha"])


def test_a_push_to_the_base_undoes_mergeability_without_telling(world):
    number = from_fork(world)
    path = f"{world.repo}/pulls/{number}"
    assert [world.api.get(path)["mergeable"] for _ in range(2)] == [None, True]
    world.github.push(REPO, "main", {"src/a.py": "a = 3\nb = 2\n"})
    seen = [world.api.get(path) for _ in range(2)]
    assert [p["mergeable"] for p in seen] == [None, False]
    assert seen[1]["mergeable_state"] == "dirty"


def test_the_base_sha_is_that_of_the_last_push_to_the_head(world):
    number = from_fork(world)
    before = world.api.get(f"{world.repo}/pulls/{number}")["base"]["sha"]
    tip = world.github.push(REPO, "main", {"other.txt": "x\n"})
    assert world.api.get(f"{world.repo}/pulls/{number}")["base"]["sha"] == before
    world.github.push("alice/widgets", "feature", {"src/b.py": "b\n"})
    assert world.api.get(f"{world.repo}/pulls/{number}")["base"]["sha"] == tip


def test_a_deleted_fork_leaves_its_commits_and_no_repository(world):
    number = from_fork(world)
    head = world.github.pull(REPO, number).head_sha
    world.github.delete_fork("alice/widgets")
    pull = world.api.get(f"{world.repo}/pulls/{number}")
    assert (pull["state"], pull["head"]["repo"], pull["head"]["sha"]) == ("open", None, head)
    assert world.api.get(f"{world.repo}/pulls/{number}/files")[0]["filename"] == "src/a.py"
    ref = world.api.get(f"{world.repo}/git/ref/pull/{number}/head")
    assert ref["object"]["sha"] == head


def test_deleting_the_head_branch_closes(world):
    number = from_fork(world)
    world.github.delete_branch("alice/widgets", "feature")
    pull = world.api.get(f"{world.repo}/pulls/{number}")
    assert (pull["state"], pull["merged"]) == ("closed", False)


@pytest.mark.parametrize("squash", [False, True], ids=["merge", "squash"])
def test_merging_moves_the_base(world, squash):
    number = from_fork(world)
    sha = world.github.merge_pull(REPO, number, squash=squash, by="mona")
    pull = world.api.get(f"{world.repo}/pulls/{number}")
    assert (pull["state"], pull["merged"], pull["merge_commit_sha"]) == ("closed", True, sha)
    assert pull["merged_by"]["login"] == "mona"
    repo = world.github.repository(REPO)
    assert repo.branches["main"] == sha
    assert len(repo.git.commit(sha).parents) == (1 if squash else 2)
    assert repo.git.content(sha, "src/a.py") == b"a = 2\nb = 2\n"


def test_what_conflicts_is_not_merged(world):
    number = from_fork(world)
    world.github.push(REPO, "main", {"src/a.py": "a = 3\nb = 2\n"})
    with pytest.raises(Refused, match="not mergeable"):
        world.github.merge_pull(REPO, number)


def test_files_and_commits_come_from_git(world):
    number = from_fork(world)
    world.github.push(
        "alice/widgets",
        "feature",
        {"img.png": b"\0\1", "README.md": None, "docs/README.md": "Widgets\n"},
        message="Move things\n\nSigned-off-by: A <a@b.c>",
        author=("Nobody", "nobody@nowhere.example"),
        committer=("Alice", "alice@example.com"),
    )
    files = {f["filename"]: f for f in world.api.get(f"{world.repo}/pulls/{number}/files")}
    assert {name: f["status"] for name, f in files.items()} == {
        "docs/README.md": "renamed", "img.png": "added", "src/a.py": "modified",
    }  # fmt: skip
    assert files["docs/README.md"]["previous_filename"] == "README.md"
    assert [name for name, f in files.items() if "patch" in f] == ["src/a.py"]
    assert files["src/a.py"]["patch"] == "@@ -1,2 +1,2 @@\n-a = 1\n+a = 2\n b = 2"
    _, last = world.api.get(f"{world.repo}/pulls/{number}/commits")
    assert last["author"] is None
    assert last["committer"]["login"] == "alice"
    assert last["commit"]["author"]["email"] == "nobody@nowhere.example"
    assert last["commit"]["message"].endswith("Signed-off-by: A <a@b.c>")


def test_diffs_and_mails_by_media_type(world):
    number = from_fork(world)
    path = f"{world.repo}/pulls/{number}"
    diff = world.api("GET", path, Accept="application/vnd.github.diff")
    assert diff.headers["Content-Type"] == "application/vnd.github.diff; charset=utf-8"
    assert diff.text.startswith("diff --git a/src/a.py b/src/a.py\n")
    mail = world.api("GET", path, Accept="application/vnd.github.v3.patch").text
    assert "Subject: [PATCH] Change something" in mail


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", [3, 2], id="open-newest-first"),
        pytest.param("?direction=asc", [2, 3], id="oldest-first"),
        pytest.param("?state=closed", [1], id="closed"),
        pytest.param("?state=all&sort=created", [3, 2, 1], id="all"),
        pytest.param("?head=acme:two", [2], id="head"),
        pytest.param("?head=acme:one", [], id="head-of-a-closed-one"),
        pytest.param("?base=next", [3], id="base"),
    ],
)
def test_lists_are_chosen_by_the_query(world, query, found):
    for name, base in (("one", "main"), ("two", "main"), ("three", "next")):
        world.github.push(REPO, name, {f"{name}.txt": "x\n"})
        if base == "next":
            world.github.push(REPO, base, commit=world.github.repository(REPO).branches["main"])
        world.github.open_pull(REPO, name, base)
    world.github.close_pull(REPO, 1)
    listed = world.api.get(f"{world.repo}/pulls{query}")
    assert [pull["number"] for pull in listed] == found
    assert all("mergeable" not in pull for pull in listed)


def test_the_pull_requests_of_a_commit(world):
    number = from_fork(world)
    head = world.github.pull(REPO, number).head_sha
    assert [p["number"] for p in world.api.get(f"{world.repo}/commits/{head}/pulls")] == [number]


def test_what_github_refuses_to_open(world):
    from_fork(world)
    with pytest.raises(Refused) as refused:
        world.github.open_pull(REPO, "alice:feature")
    assert refused.value.errors is not None
    assert "already exists" in str(refused.value.errors[0]["message"])
    with pytest.raises(Refused):
        world.github.open_pull(REPO, "alice:main")
    with pytest.raises(Absent):
        world.github.open_pull(REPO, "stranger:main")


def test_a_push_that_loses_commits_must_be_forced(world):
    first = world.github.repository(REPO).branches["main"]
    world.github.push(REPO, "main", {"x": "1\n"})
    with pytest.raises(NotAFastForward):
        world.github.push(REPO, "main", {"x": "2\n"}, parents=[first])
    amended = world.github.push(REPO, "main", {"x": "2\n"}, parents=[first], force=True)
    assert world.github.repository(REPO).git.commit(amended).parents == (first,)


def test_quick_pull_requests_are_as_git_would_have_them(world):
    world.github.fork(REPO, "alice")
    numbers = world.github.open_pulls_quickly(REPO, 3, head_repo="alice/widgets")
    path = f"{world.repo}/pulls/{numbers[1]}"
    known = [world.api.get(path)] + [world.api.get(f"{path}/{x}") for x in ("files", "commits")]
    assert known[0]["mergeable"] is None
    assert world.api.get(path)["mergeable"] is True
    git = world.github.repository(REPO).git
    # Forget what was known beforehand: git must say the same.
    world.github.repository(REPO).git = type(git)(git.path)
    assert [world.api.get(f"{path}/{x}") for x in ("files", "commits")] == known[1:]
    assert world.github.announce(REPO, numbers[0]) is None
    refs = git.refs()
    assert f"refs/pull/{numbers[2]}/merge" in refs
    assert not [ref for ref in refs if ref.startswith("refs/heads/quick")]


def test_big_pull_requests_are_cut_as_github_cuts_them(world):
    api, repo = world.api, world.repo
    world.github.push(REPO, "big", {f"f/{n:04}.txt": f"{n}\n" for n in range(3005)})
    work = [Work(message=f"Step {n}", changes={"n": str(n)}) for n in range(255)]
    assert len(world.github.push_many(REPO, "big", work)) == 255
    number = world.github.open_pull(REPO, "big")
    pull = api.get(f"{repo}/pulls/{number}")
    assert (pull["commits"], pull["changed_files"]) == (256, 3006)
    pages = [
        len(api.get(f"{repo}/pulls/{number}/files?per_page=100&page={n}")) for n in (1, 30, 31)
    ]
    assert pages == [100, 100, 0]
    pages = [
        len(api.get(f"{repo}/pulls/{number}/commits?per_page=100&page={n}")) for n in (1, 3, 4)
    ]
    assert pages == [100, 50, 0]
    refused = api("GET", f"{repo}/pulls/{number}", Accept="application/vnd.github.diff")
    assert refused.status_code == 406
    assert refused.json()["errors"] == [
        {"resource": "PullRequest", "field": "diff", "code": "too_large"}
    ]
    assert "maximum number of files (300)" in refused.json()["message"]
    compared = api.get(f"{repo}/compare/main...big")
    assert (compared["total_commits"], len(compared["commits"])) == (256, 250)
    assert len(compared["files"]) == 300
    assert "files" not in api.get(f"{repo}/compare/main...big?per_page=100&page=2")


def test_counts_can_be_lost_after_20000_lines_of_patches(world):
    world.github.loses_counts = True
    changes = {f"{n}.txt": "line\n" * 7000 for n in range(5)}
    world.github.push(REPO, "long", changes)
    number = world.github.open_pull(REPO, "long")
    path = f"{world.repo}/pulls/{number}"
    whole = world.api.get(f"{path}/files")
    assert [f["additions"] for f in whole] == [7000, 7000, 7000, 0, 0]
    assert ["patch" in f for f in whole] == [True, True, True, False, False]
    paged = [world.api.get(f"{path}/files?per_page=2&page={n}") for n in (1, 2, 3)]
    assert [f["additions"] for page in paged for f in page] == [7000] * 5
    assert world.api.get(path)["additions"] == 35_000
    refused = world.api("GET", path, Accept="application/vnd.github.diff")
    assert "maximum number of lines (20000)" in refused.json()["message"]


def test_a_comparison_tells_how_two_histories_lie(world):
    from_fork(world)
    world.github.push(REPO, "main", {"x": "1\n"})
    told = {
        span: world.api.get(f"{world.repo}/compare/{span}")["status"]
        for span in ("main...main", "main...alice:feature", "main~1...main", "main...main~1")
    }
    assert list(told.values()) == ["identical", "diverged", "ahead", "behind"]
    assert world.api("GET", f"{world.repo}/compare/main...nowhere").status_code == 404
