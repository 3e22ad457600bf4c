"""Builds of the sandbox Jenkins check out what their job's settings say, not what a sha promises."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from leeroy_sandbox.github import GitHub
from leeroy_sandbox.jenkins import Build, Jenkins, Result, Revision, String

REPO = "acme/widgets"
AUTH = ("leeroy", "11" + "a" * 32)
PULLS = "+refs/pull/*:refs/remotes/origin/pr/*"
NOTHING = b"ERROR: Couldn't find any revision to build. Verify the repository and branch"


class World:
    """A GitHub with a pull request, and a Jenkins that fetches from it."""

    def __init__(self, github: GitHub, jenkins: Jenkins) -> None:
        self.github = github
        self.jenkins = jenkins
        self.http = Client(jenkins.wsgi)
        github.create_repo(REPO, {"a.txt": "1\n"})
        self.main = self.tip("main")
        self.head = github.push(REPO, "feature", {"b.txt": "1\n"})
        self.number = github.open_pull(REPO, "feature")

    def tip(self, branch: str) -> str:
        return self.github.repository(REPO).branches[branch]

    def merge(self) -> str:
        """The test merge, once GitHub was asked for it."""
        repo, pull = self.github.repository(REPO), self.github.pull(REPO, self.number)
        for _ in range(2):
            self.github.mergeable(repo, pull, read=True)
        assert pull.merge_ref
        return pull.merge_ref

    def job(self, **settings: Any) -> None:
        given = {"git_url": str(self.github.git_path(REPO)), "shell": "true", **settings}
        self.jenkins.add_job("app", parameters=[String("GIT_SHA1"), String("PR")], **given)

    def build(self, **parameters: str) -> Build:
        given = {"GIT_SHA1": self.head, "PR": str(self.number), **parameters}
        self.jenkins.start_by_hand("app", given)
        return self.jenkins.finish("app", self.jenkins.start_next("app").number)

    def shown(self, build: Build) -> list[tuple[str, str]]:
        """The shas and remotes that the build's API shows."""
        said = self.http.get(f"/job/app/{build.number}/api/json", auth=AUTH).json
        return [
            (action["lastBuiltRevision"]["SHA1"], action["remoteUrls"][0])
            for action in said["actions"]
            if "lastBuiltRevision" in action
        ]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    github = GitHub(tmp_path / "github")
    with Jenkins(tmp_path / "jenkins", auto=False) as jenkins:
        jenkins.add_user("leeroy", token=AUTH[1])
        yield World(github, jenkins)
    github.close()


def commit_of(build: Build) -> str:
    assert build.revision
    return build.revision.commit


def test_a_job_with_a_branch_specifier_builds_that_whatever_the_parameters_say(world):
    world.job(revision="*/main")
    build = world.build()
    assert (build.result, commit_of(build)) == (Result.SUCCESS, world.main)
    assert world.shown(build) == [(world.main, str(world.github.git_path(REPO)))]
    newer = world.github.push(REPO, "main", {"a.txt": "2\n"})
    assert commit_of(world.build()) == newer


@pytest.mark.parametrize("shell", ["true", ""], ids=["runs", "only says so"])
def test_a_sha_is_found_among_what_was_fetched(world, shell):
    world.job(shell=shell)
    assert commit_of(world.build()) == world.head
    world.github.fork(REPO, "stranger")
    theirs = world.github.push("stranger/widgets", "patch-1", {"c.txt": "1\n"}, by="stranger")
    lost = world.build(GIT_SHA1=theirs)
    assert (lost.result, lost.revision) == (Result.FAILURE, None)
    assert NOTHING in lost.log
    assert world.shown(lost) == []
    world.github.open_pull(REPO, "stranger:patch-1")  # which brings its head into the repository
    assert commit_of(world.build(GIT_SHA1=theirs)) == theirs


def test_a_sha_that_was_forced_away_is_found_only_where_it_was_fetched_before(world, tmp_path):
    world.job()
    world.github.push(REPO, "feature", {"b.txt": "2\n"}, force=True, parents=[world.main])
    assert NOTHING in world.build().log
    old = world.head
    new = world.tip("feature")
    assert commit_of(world.build(GIT_SHA1=new)) == new
    world.github.push(REPO, "feature", {"b.txt": "3\n"}, force=True, parents=[world.main])
    assert commit_of(world.build(GIT_SHA1=new)) == new
    assert NOTHING in world.build(GIT_SHA1=old).log


class TestAMerge:
    def test_is_built_by_its_ref(self, world):
        merge = world.merge()
        world.job(revision="origin/pr/${PR}/merge", refspec=PULLS)
        build = world.build()
        assert commit_of(build) == merge
        assert build.revision.branch == "origin/pr/1/merge"
        parents = world.github.repository(REPO).git.commit(merge).parents
        assert parents == (world.main, world.head)

    def test_that_is_gone_is_no_revision(self, world):
        world.merge()
        world.job(revision="origin/pr/${PR}/merge", refspec=PULLS)
        world.github.close_pull(REPO, world.number)
        build = world.build()
        assert (build.result, build.revision) == (Result.FAILURE, None)
        assert NOTHING in build.log
        assert world.shown(build) == []

    def test_comes_back_when_the_pull_request_is_open_again(self, world):
        merge = world.merge()
        world.job(revision="origin/pr/${PR}/merge", refspec=PULLS)
        world.github.close_pull(REPO, world.number)
        world.github.reopen_pull(REPO, world.number)
        assert NOTHING in world.build().log  # until somebody asks GitHub whether it merges
        assert world.merge() == merge
        assert commit_of(world.build()) == merge

    def test_that_is_gone_cannot_be_fetched_by_its_own_refspec(self, world):
        world.merge()
        world.job(
            revision="origin/merge",
            refspec="+refs/pull/${PR}/merge:refs/remotes/origin/merge",
        )
        assert world.build().result is Result.SUCCESS
        world.github.close_pull(REPO, world.number)
        build = world.build()
        assert build.result is Result.FAILURE
        assert b"ERROR: Error fetching remote repo 'origin'" in build.log

    @pytest.mark.parametrize(("prune", "found"), [(False, True), (True, False)])
    def test_that_is_gone_stays_in_a_workspace_that_is_not_pruned(self, world, prune, found):
        world.merge()
        world.job(revision="origin/pr/${PR}/merge", refspec=PULLS, prune=prune)
        world.build()
        world.github.close_pull(REPO, world.number)
        assert (world.build().revision is not None) is found


@pytest.mark.parametrize(
    "specifier",
    [
        *("main", "origin/main", "refs/heads/main", "remotes/origin/main", "*/main", "v1"),
        *("refs/tags/v1", "${SHA}", ":origin/ma.*"),
    ],
)
def test_a_revision_is_written_in_many_ways(world, specifier):
    world.github.push_tag(REPO, "v1", world.main)
    world.job(revision=specifier.replace("${SHA}", world.main[:9]))
    assert commit_of(world.build()) == world.main


def test_of_several_branches_the_newest_is_built(world):
    world.job(revision="**")
    assert commit_of(world.build()) == world.head


@pytest.mark.parametrize("specifier", ["${GIT_SHA1}", "${NOT_DEFINED}", "nowhere", "*/master"])
def test_what_names_nothing_is_no_revision(world, specifier):
    world.job(revision=specifier)
    build = world.build(GIT_SHA1="")
    assert (build.result, NOTHING in build.log) == (Result.FAILURE, True)


def test_other_repositories_that_are_checked_out_are_shown_too(world):
    library = Revision(url="https://git.example/lib.git", commit="d" * 40, branch="origin/main")
    world.job(checkouts=(library,))
    build = world.build()
    assert world.shown(build) == [
        ("d" * 40, "https://git.example/lib.git"),
        (world.head, str(world.github.git_path(REPO))),
    ]
