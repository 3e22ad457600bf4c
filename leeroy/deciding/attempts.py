"""The next attempt to build a commit for a context: its row, with what Jenkins is asked with."""

from dataclasses import replace

from leeroy.config import Job, ParameterSet
from leeroy.deciding.decision import Wanted
from leeroy.deciding.facts import BranchFacts, Facts, PullFacts
from leeroy.deciding.life import attempt_id
from leeroy.deciding.parameters import (
    BUILD_ID,
    GHPRB_AUTHOR,
    fill_in,
    ghprb_parameters,
    ghprb_push_parameters,
    pull_parameters,
    push_parameters,
)
from leeroy.deciding.unknown import or_none
from leeroy.job_names import branch_jobs
from leeroy.model import Build, Cause, Comment, cause_of


def attempt_for(facts: Facts, wanted: Wanted, previous: Build | None, cause: Cause) -> Build:
    """The next attempt after ``previous``, with what Jenkins is asked with."""
    settings = wanted.settings
    number = 1 if previous is None else previous.attempt + 1
    build = Build(
        id="",
        server=settings.jenkins,
        job=_job(facts, settings),
        repo=facts.repo,
        pull=facts.pull.ref.number if isinstance(facts, PullFacts) else None,
        branch=facts.ref.branch if isinstance(facts, BranchFacts) else "",
        sha=wanted.sha,
        base=facts.base,
        context=wanted.context,
        attempt=number,
        cause=cause,
        url=facts.job_urls.get((settings.jenkins, settings.jenkins_job_name), ""),
    )
    build = replace(build, id=attempt_id(build, number))
    values = _values(facts, build)
    if settings.parameters is ParameterSet.GHPRB:
        return replace(build, parameters={**_ghprb_values(facts, build, previous), **values})
    if isinstance(settings.parameters, str):
        return replace(build, parameters=values)
    # Our id goes along whatever the settings say: it finds the build again.
    given = fill_in(settings.parameters, values)
    return replace(build, parameters={**values, **given, BUILD_ID: build.id})


def needed_of(facts: Facts, wanted: Wanted, previous: Build | None) -> list[object]:
    """What GHPRB's parameters tell of, for a pull request."""
    if wanted.settings.parameters is not ParameterSet.GHPRB or not isinstance(facts, PullFacts):
        return []
    return [
        facts.merge,
        *([facts.commits] if _is_first_of(wanted.sha, previous) else []),
        *([facts.author_can_write, facts.author_is_trusted] if facts.pull.is_from_fork else []),
    ]


def _values(facts: Facts, build: Build) -> dict[str, str]:
    match facts:
        case PullFacts():
            return pull_parameters(facts.pull, build)
        case BranchFacts():
            return push_parameters(build, facts.group, f"{facts.web_url}/{facts.repo}")
    raise TypeError(f"nothing is built for {type(facts).__name__}")


def _job(facts: Facts, settings: Job) -> str:
    """The full name of the job; in a multibranch project, the likeliest."""
    if settings.is_pipeline and isinstance(facts, PullFacts):
        return branch_jobs(settings.jenkins_job_name, facts.pull.ref.number)[0]
    return settings.jenkins_job_name


def _ghprb_values(facts: Facts, build: Build, previous: Build | None) -> dict[str, str]:
    if not isinstance(facts, PullFacts):
        return ghprb_push_parameters(build, facts.group if isinstance(facts, BranchFacts) else None)
    is_first = _is_first_of(build.sha, previous)
    commits = or_none(facts.commits) if is_first else None
    author = next((c.author for c in commits or () if c.sha == build.sha), None)
    is_trusted = (
        not facts.pull.is_from_fork
        or facts.author_can_write is True
        or facts.author_is_trusted is True
    )
    read = (c for c in facts.read_comments.values() if isinstance(c, Comment))
    comment = next((c for c in read if build.cause == cause_of(c)), None)
    values = ghprb_parameters(
        facts.pull,
        sha=build.sha,
        merge=or_none(facts.merge) or _known_merge(facts.pull.base_sha, build, previous),
        commit_author=author,
        is_trusted=is_trusted,
        triggered_by=comment.author if comment else "",
        comment=comment.body if comment else "",
    )
    if is_trusted and previous is not None and not is_first:
        known = {name: previous.parameters.get(name, "") for name in GHPRB_AUTHOR}
        return {**values, **known}
    return values


def _known_merge(base_sha: str, build: Build, previous: Build | None) -> str:
    """The merge an earlier attempt was given, if it is of the same two commits."""
    if previous is None or previous.sha != build.sha:
        return ""
    return previous.merge if previous.parameters.get("BASE_SHA") == base_sha else ""


def _is_first_of(sha: str, previous: Build | None) -> bool:
    """Commits are read for a first attempt only; who wrote one does not change."""
    return previous is None or previous.sha != sha
