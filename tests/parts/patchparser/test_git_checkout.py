"""What is read from a checkout is what git says, whatever the user has configured."""

import os
import subprocess
from pathlib import Path

import pytest

from patchparser.git_checkout import Checkout, CheckoutError, find_checkout
from patchparser.patch import parse_diff
from patchparser.pull import Identity

ANN = Identity(name="Ann Dev", email="ann@example.org")


@pytest.fixture(autouse=True)
def _git_of_nobody(monkeypatch, tmp_path):
    """Keep the settings and the checkout of whoever runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", ANN.name)
        monkeypatch.setenv(f"GIT_{role}_EMAIL", ANN.email)


class Repo:
    """A repository on disk with a branch of one commit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")
        self.commit("first", {"a.py": "one\n"})
        self.git("checkout", "-q", "-b", "feature")
        self.commit("Change a\n\nbecause", {"a.py": "two\n"})

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str, files: dict[str, str]) -> str:
        for name, text in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
        return self.git("rev-parse", "HEAD")

    @property
    def checkout(self) -> Checkout:
        return Checkout(top=self.path)


@pytest.fixture
def repo(tmp_path) -> Repo:
    return Repo(tmp_path / "repo")


def test_without_origin_the_branch_is_compared_with_main(repo):
    span = repo.checkout.find_range()
    assert (span.base, span.head) == ("main", "feature")
    assert (span.start, span.end) == (repo.git("rev-parse", "main"), repo.git("rev-parse", "HEAD"))


def test_origins_default_branch_comes_first(repo, tmp_path):
    repo.git("branch", "-m", "main", "trunk")
    repo.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    subprocess.run(["git", "clone", "-q", repo.path, tmp_path / "clone"], check=True)
    clone = Checkout(top=tmp_path / "clone")
    subprocess.run(["git", "checkout", "-q", "feature"], cwd=clone.top, check=True)
    span = clone.find_range()
    assert (span.base, span.head) == ("trunk", "feature")


def test_without_anything_to_compare_with_the_way_out_is_named(repo):
    repo.git("branch", "-m", "main", "elsewhere")
    with pytest.raises(
        CheckoutError, match=r"name the base, as in: patchparser check BASE\.\.HEAD"
    ):
        repo.checkout.find_range()


@pytest.mark.parametrize(
    "text", ["main", "main..", "main..HEAD", "main...HEAD", "main..feature", "HEAD~1", "HEAD~1..@"]
)
def test_a_range_may_be_written_as_git_users_write_it(repo, text):
    span = repo.checkout.find_range(text)
    assert (span.start, span.end) == (repo.git("rev-parse", "main"), repo.git("rev-parse", "HEAD"))


def test_the_range_begins_where_the_branch_left_its_base(repo):
    left = repo.git("rev-parse", "main")
    repo.git("checkout", "-q", "main")
    repo.commit("main moves on", {"b.py": "x\n"})
    span = repo.checkout.find_range("main..feature")
    assert span.start == left
    assert [file.path for file in parse_diff(repo.checkout.read_diff(span))] == ["a.py"]
    assert [commit.subject for commit in repo.checkout.read_commits(span)] == ["Change a"]


@pytest.mark.parametrize("text", ["nosuch", "main..nosuch", "--output=x", "-O..HEAD"])
def test_an_unknown_end_of_a_range_is_named(repo, text):
    with pytest.raises(CheckoutError, match="git knows no commit"):
        repo.checkout.find_range(text)


def test_histories_without_a_common_commit_are_named(repo):
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("alone", {})
    with pytest.raises(CheckoutError, match="main and HEAD have no commit in common; give a RANGE"):
        repo.checkout.find_range("main..HEAD")


def test_a_shallow_clone_is_told_to_fetch_the_rest(repo, tmp_path):
    repo.git("checkout", "-q", "main")
    repo.commit("main moves on", {"b.py": "x\n"})
    clone = tmp_path / "clone"
    shallow = [
        "git",
        "clone",
        "-q",
        "--depth=1",
        "--no-single-branch",
        f"file://{repo.path}",
        clone,
    ]
    subprocess.run(shallow, check=True, capture_output=True)
    with pytest.raises(CheckoutError, match="the clone is shallow: run git fetch --unshallow"):
        Checkout(top=clone).find_range("main..origin/feature")


def test_commits_are_read_whole_and_oldest_first(repo):
    repo.commit("Grüße\n\nSigned-off-by: Ann Dev <ann@example.org>\n\n\ntext", {"b.py": "x\n"})
    checkout = repo.checkout
    first, second = checkout.read_commits(checkout.find_range("main"))
    assert (first.subject, second.subject) == ("Change a", "Grüße")
    assert "Signed-off-by: Ann Dev <ann@example.org>\n\n\ntext" in second.message
    assert second.author == second.committer == ANN
    assert second.parents == (first.sha,)


def test_a_merge_is_known_by_its_parents(repo):
    repo.git("checkout", "-q", "main")
    repo.commit("main moves on", {"b.py": "x\n"})
    repo.git("checkout", "-q", "feature")
    repo.git("merge", "-q", "--no-edit", "main")
    checkout = repo.checkout
    commits = checkout.read_commits(checkout.find_range("main"))
    assert [commit.is_merge for commit in commits] == [False, True]


def test_githubs_bots_are_known_by_their_address(repo, monkeypatch):
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "49699333+dependabot[bot]@users.noreply.github.com")
    repo.commit("Bump", {"c": "x"})
    checkout = repo.checkout
    found = checkout.read_commits(checkout.find_range("main"))
    assert [commit.author_is_bot for commit in found] == [False, True]


SETTINGS = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.context": "0",
    "diff.external": "false",
    "diff.orderFile": "/nosuch",
    "diff.renames": "false",
    "diff.suppressBlankEmpty": "true",
    "diff.algorithm": "patience",
    "diff.relative": "true",
    "color.ui": "always",
    "core.quotePath": "false",
    "core.pager": "false",
    "log.showSignature": "true",
    "log.date": "iso",
    "format.pretty": "oneline",
    "i18n.logOutputEncoding": "latin1",
}


def test_a_users_settings_change_nothing(repo):
    repo.commit("Grüße", {"ü.py": "1\n\n2\n\n3\n", "sub/b.py": "x\n"})
    repo.git("mv", "sub/b.py", "c.py")
    repo.commit("Move", {"ü.py": "1\n\n2\n\n4\n"})
    checkout = repo.checkout
    span = checkout.find_range("main")
    before = (checkout.read_diff(span), checkout.read_commits(span))
    for key, value in SETTINGS.items():
        repo.git("config", key, value)
    assert (checkout.read_diff(span), checkout.read_commits(span)) == before


def test_what_is_no_utf8_is_read_too(repo):
    (repo.path / "latin.py").write_bytes(b"caf\xe9\n")
    message = repo.path.parent / "message"
    message.write_bytes(b"caf\xe9\n")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-F", str(message))
    checkout = repo.checkout
    span = checkout.find_range("main")
    assert checkout.read_commits(span)[-1].subject.startswith("caf")
    assert b"caf\xe9" in checkout.read_diff(span)


def test_the_attributes_that_have_a_say_are_read(repo):
    repo.commit("attributes", {
        ".gitattributes": "*.gen linguist-generated\n",
        "lib/.gitattributes": "* linguist-vendored\n",
    })  # fmt: skip
    attributes = repo.checkout.read_attributes(["lib/x.c", "y.gen"])
    generated = attributes.value_of("y.gen", "linguist-generated")
    vendored = attributes.value_of("lib/x.c", "linguist-vendored")
    assert generated is not None
    assert vendored is not None
    assert (generated[0], vendored[0]) == (True, True)
    assert repo.checkout.read_attributes(["z.c"]).value_of("lib/x.c", "linguist-vendored") is None


def test_who_commits_is_asked_of_git(repo, monkeypatch):
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Bob Roe")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "bob@example.org")
    assert repo.checkout.identities() == (Identity(name="Bob Roe", email="bob@example.org"), ANN)


def test_a_merge_in_the_making_is_seen(repo):
    assert not repo.checkout.is_merging()
    repo.git("checkout", "-q", "main")
    repo.commit("main moves on", {"b.py": "x\n"})
    repo.git("merge", "-q", "--no-commit", "feature")
    assert repo.checkout.is_merging()


def test_a_checkout_is_found_from_any_folder_in_it(repo, tmp_path):
    (repo.path / "deep" / "er").mkdir(parents=True)
    found = find_checkout(repo.path / "deep" / "er")
    assert found is not None
    assert found.top.resolve() == repo.path.resolve()
    assert find_checkout(tmp_path) is None


def test_without_git_there_is_no_checkout(repo, monkeypatch):
    monkeypatch.setenv("PATH", "/nosuch")
    assert find_checkout(repo.path) is None
