"""What the settings come to, repository by repository: globs and templates filled in."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from leeroy.config import NOT_YET, Branch, Build, Config, ParameterSet, RepoSettings, notes
from leeroy.config.fields import Model, is_glob
from leeroy.config.models import Job
from leeroy.config.resolved import INHERITED, filled

#: What stays in a job's name until a branch is known.
BRANCH_WORD = "{branch}"
#: What a job's own line says; the rest stands under it.
_ON_THE_LINE = frozenset({"github_repo", "jenkins_job_name", "context", "jenkins", "branch"})


@dataclass(frozen=True, kw_only=True)
class JobUse:
    """One job of one repository, complete."""

    repo: str
    #: A build's or a branch's settings, with everything inherited and filled in.
    settings: Job

    @property
    def server(self) -> str:
        """Which Jenkins."""
        return self.settings.jenkins

    @property
    def job(self) -> str:
        """The job's full name."""
        return self.settings.jenkins_job_name


def job_uses(config: Config, repo: str) -> Iterator[JobUse]:
    """What is built for a repository: its pull requests first, then its branches."""
    for build in config.builds_for(repo):
        yield JobUse(repo=repo, settings=build)
    for branch in config.branches:
        if branch.jenkins_job_name and branch.is_for(repo):
            name = "" if is_glob(branch.branch) else branch.branch
            yield JobUse(repo=repo, settings=filled(branch, repo, name))


def summary(config: Config) -> Iterator[str]:
    """A few lines on settings that are good."""
    repos, globs = config.repo_names(), config.repo_globs()
    named = [_count(len(repos), "repository", "repositories")] if repos or not globs else []
    named += [_count(len(globs), "glob of repositories", "globs of repositories")] if globs else []
    yield (
        f"{config.source.name} is good: {' and '.join(named)}, "
        f"{_count(len(config.builds), 'build', 'builds')}, "
        f"{_count(len(config.branches), 'branch build', 'branch builds')}"
    )
    for name, server in config.servers.items():
        who = f" as {server.username}" if server.username else ", without a user"
        yield f"  Jenkins {name}: {server.base_url}{who}"
    yield f"  GitHub: {config.github_api_url}"
    if config.public_url is None:
        yield "  public_url is not set: `leeroy hooks install` and links to Leeroy need it"
    if config.allow_unsigned_webhooks and not config.github_webhook_secret:
        yield "  webhooks are not signed: anybody who reaches Leeroy can make it look"


def worth_knowing(config: Config, environ: Mapping[str, str]) -> Iterator[str]:
    """What these settings mean that nobody may have meant; no fault."""
    found = list(notes(config, environ))
    if found:
        yield "Worth knowing"
    for note in found:
        yield f"  {note}"


def without_effect_yet(config: Config) -> Iterator[str]:
    """The settings that change nothing yet, with what will make use of them."""
    by_feature: dict[str, list[str]] = {}
    for path in config.without_effect():
        by_feature.setdefault(feature_of(path), []).append(path)
    if by_feature:
        yield "These settings have no effect yet; they wait for"
    for feature, paths in by_feature.items():
        yield f"  {feature}: {', '.join(paths)}"


def feature_of(path: str) -> str:
    """What will make use of the setting at a path.

    >>> feature_of("builds[0].handle_issues"), feature_of("builds[0].nothing_of_ours")
    ('sorting issues', 'a later release')
    """
    plain = re.sub(r"\[\d+\]", "", path)
    first, last = plain.partition(".")[0], plain.rpartition(".")[2]
    known = (NOT_YET.get(key) for key in (plain, f"{first}.{last}", last))
    return next((feature for feature in known if feature), "a later release")


def resolved(config: Config) -> Iterator[str]:
    """All that globs and templates come to, as lines."""
    for repo in config.repo_names():
        yield ""
        yield repo
        yield f"  settings: {_repository_settings(config.for_repo(repo))}"
        uses = list(job_uses(config, repo))
        for use in uses:
            yield from _job_lines(use.settings)
        if not uses:
            yield "  nothing is built"
    for glob in config.repo_globs():
        yield ""
        yield f"{glob}: only GitHub can list the repositories it stands for; in each of them"
        jobs = [each for each in (*config.builds, *config.branches) if each.github_repo == glob]
        for job in jobs:
            # What it inherits differs from repository to repository.
            yield from _job_lines(job, inherited=())
        if not jobs:
            yield "  settings of their own hold"


def _job_lines(job: Job, inherited: Collection[str] = INHERITED) -> Iterator[str]:
    if not job.jenkins_job_name:
        yield "  nothing is built: no job is named"
        return
    what = f"push to {job.branch}" if isinstance(job, Branch) else "pull request"
    context = job.context or job.jenkins_job_name
    yield f"  {context}: job {job.jenkins_job_name} on Jenkins {job.jenkins}, for each {what}"
    told = [f"{name} {_shown(value)}" for name, value in _told(job, inherited)]
    if told:
        yield f"    {', '.join(told)}"
    if BRANCH_WORD in job.jenkins_job_name:
        yield f"    {BRANCH_WORD} is filled in once the branch is known"


def _told(job: Job, inherited: Collection[str]) -> Iterator[tuple[str, Any]]:
    """What was set for the job, and what a build has from its repository."""
    for name, field in type(job).model_fields.items():
        value = getattr(job, name)
        is_inherited = isinstance(job, Build) and name in inherited
        if name not in _ON_THE_LINE and (is_inherited or value != field.default):
            yield name, value


def _repository_settings(settings: RepoSettings) -> str:
    told = []
    for name, field in RepoSettings.model_fields.items():
        value = getattr(settings, name)
        is_part = isinstance(value, Model | dict)
        if value not in ("", (), None) and not (is_part and value == field.default):
            told.append((name, value))
    return ", ".join(f"{name} {_shown(value)}" for name, value in told if not _is_secret(value))


def _is_secret(value: object) -> bool:
    return isinstance(value, SecretStr) or (
        isinstance(value, tuple) and any(map(_is_secret, value))
    )


def _shown(value: object) -> str:
    """A value as people read it.

    >>> [_shown(v) for v in (True, ("docs/**", "*.md"), {"rev": "{GIT_SHA1}"}, 3, {"docs": {}})]
    ['yes', 'docs/** *.md', 'rev={GIT_SHA1}', '3', 'set']
    """
    if isinstance(value, Model) or (
        isinstance(value, dict) and not all(isinstance(each, str) for each in value.values())
    ):
        return "set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(str(each) for each in value)
    if isinstance(value, dict):
        return " ".join(f"{name}={template}" for name, template in value.items())
    return value.value if isinstance(value, ParameterSet) else str(value)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
