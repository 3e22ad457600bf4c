"""Facts for tests: whole ones, of which a test says only what matters to it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from leeroy.config import Config, parse_config
from leeroy.deciding.facts import PullFacts
from leeroy.deciding.life import attempt_id
from leeroy.deciding.words import Place, Word, rank_of
from leeroy.model import (
    BranchRef,
    Build,
    BuildState,
    JenkinsBuild,
    PullRef,
    PullRequest,
    QueueItem,
    Result,
    Status,
)
from patchparser.patch import FileStatus, PatchedFile, PatchSet

REPO = "acme/widgets"
HEAD = "a" * 40
OLD_HEAD = "d" * 40
BASE = "b" * 40


def config(**settings: Any) -> Config:
    """Settings with one build, ``janky``, unless told otherwise."""
    import json
    from pathlib import Path

    whole = {
        "jenkins": {
            "base_url": "http://jenkins.test",
            "username": "leeroy",
            "token": "jenkins-token",
        },
        "github_token": "ghp_0123456789abcdefghij",
        "github_webhook_secret": "webhook-secret",
        "trust": "everyone",
        "sensitive_paths": [],
        "builds": [a_build_setting()],
        **settings,
    }
    return parse_config(
        json.dumps(whole), environ={}, read_file=Path.read_text, source=Path("config.json")
    )


def a_build_setting(**settings: Any) -> dict[str, Any]:
    """One entry of ``builds``."""
    return {
        "github_repo": REPO,
        "jenkins_job_name": "widgets-pr",
        "context": "janky",
        **settings,
    }


def a_pull(**fields: Any) -> PullRequest:
    """An open pull request #7 from a branch of the same repository."""
    whole: dict[str, Any] = {
        "ref": PullRef(REPO, 7),
        "url": f"https://github.com/{REPO}/pull/7",
        "title": "Make widgets rounder",
        "body": "",
        "author": "ann",
        "author_is_bot": False,
        "is_open": True,
        "is_merged": False,
        "is_draft": False,
        "labels": frozenset(),
        "head_repo": REPO,
        "head_ref": "rounder",
        "head_sha": HEAD,
        "base_ref": "main",
        "base_sha": BASE,
        "has_conflict": None,
        "is_private": False,
        "commit_count": 1,
        "changed_files": 1,
        "additions": 1,
        "deletions": 0,
        "updated": 0.0,
        "read": 1_000.0,
        **fields,
    }
    return PullRequest(**whole)


def a_row(**fields: Any) -> Build:
    """Our row of the first attempt to build the head for ``janky``, as it is written down."""
    whole: dict[str, Any] = {
        "id": "",
        "server": "default",
        "job": "widgets-pr",
        "repo": REPO,
        "pull": 7,
        "sha": HEAD,
        "base": "main",
        "context": "janky",
        "attempt": 1,
        "parameters": {"GIT_SHA1": fields.get("sha", HEAD)},
        "url": "http://jenkins.test/job/widgets-pr/",
        "created": 1_000.0,
        "updated": 1_000.0,
        **fields,
    }
    build = Build(**whole)
    return replace(build, id=build.id or attempt_id(build, build.attempt))


def a_queued_row(**fields: Any) -> Build:
    """The same once Jenkins took it."""
    return a_row(**{"state": BuildState.QUEUED, "queue_id": 41, **fields})


def a_running_row(**fields: Any) -> Build:
    """The same while it runs."""
    running = {
        "state": BuildState.RUNNING,
        "queue_id": 41,
        "build_number": 17,
        "url": "http://jenkins.test/job/widgets-pr/17/",
    }
    return a_row(**{**running, **fields})


def a_done_row(**fields: Any) -> Build:
    """The same when it is over."""
    done = {"state": BuildState.DONE, "result": Result.SUCCESS, "duration": 200.0}
    return a_running_row(**{**done, **fields})


def a_jenkins_build(**fields: Any) -> JenkinsBuild:
    """Build #17 of that row, as Jenkins describes it while it runs."""
    whole: dict[str, Any] = {
        "server": "default",
        "job": "widgets-pr",
        "number": 17,
        "url": "http://jenkins.test/job/widgets-pr/17/",
        "is_building": True,
        "result": None,
        "duration": 0.0,
        "queue_id": 41,
        "parameters": {"GIT_SHA1": HEAD},
        "revisions": frozenset(),
        "is_replay": False,
        "started": 1_010.0,
        **fields,
    }
    return JenkinsBuild(**whole)


def a_queue_item(**fields: Any) -> QueueItem:
    """Queue item 41 of that row, as Jenkins describes it while it waits."""
    whole: dict[str, Any] = {
        "server": "default",
        "id": 41,
        "is_cancelled": False,
        "build_number": None,
        "build_url": "",
        "why": "Waiting for next available executor",
        "has_left": False,
        "parameters": {"GIT_SHA1": HEAD},
        **fields,
    }
    return QueueItem(**whole)


def a_patch(*paths: str, **fields: Any) -> PatchSet:
    """A patch that modifies these files."""
    files = tuple(
        PatchedFile(path=path, status=FileStatus.MODIFIED, additions=1, deletions=0)
        for path in paths
    )
    return PatchSet(files=files, **fields)


def words_of(
    subject: PullRef | BranchRef, written: Mapping[Place, Status], base: str = ""
) -> dict[Place, tuple[Word, ...]]:
    """What stands on commits, as words of one subject that has them for itself."""
    return {
        place: (
            Word(
                subject=subject,
                context=status.context,
                state=status.state,
                text=status.description,
                link=status.target_url,
                base=base,
                rank=rank_of(status.state),
                is_vouched=True,
            ),
        )
        for place, status in written.items()
    }


def pull_facts(settings: Config | None = None, **fields: Any) -> PullFacts:
    """The facts of a first look at :func:`a_pull`; what stands is what it said itself."""
    settings = settings or config()
    pull = fields.pop("pull", a_pull())
    whole: dict[str, Any] = {
        "pull": pull,
        "settings": settings.for_repo(pull.ref.repo),
        "configured": settings.builds_for(pull.ref.repo, pull.base_ref),
        "job_urls": {("default", "widgets-pr"): "http://jenkins.test/job/widgets-pr/"},
        "author_can_write": False,
        "author_is_trusted": False,
        "now": datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
        "words": words_of(pull.ref, fields.get("written", {}), pull.base_ref),
        **fields,
    }
    return PullFacts(**whole)
