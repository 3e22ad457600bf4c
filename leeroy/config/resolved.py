"""The settings as they hold for one repository, branch, job or server: nearest wins, words filled.

Everything here is asked on every look, so answers are kept; the settings never change meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

from pydantic import BaseModel, PrivateAttr, SecretStr

from leeroy.config.docker import full_name_of, with_path_rules
from leeroy.config.fields import is_glob, is_repo, secret_of_url
from leeroy.config.merge_groups import MergeGroup
from leeroy.config.models import DEFAULT_SERVER, Branch, Build, Job, RepoSettings, Server, Settings
from leeroy.config.not_yet import without_effect
from leeroy.config.policy import read_policy
from leeroy.config.templates import fill, job_branch, pattern_of
from patchparser.globs import matches

if TYPE_CHECKING:
    from patchparser.policy import Policy

#: What a build takes from its repository unless it says so itself.
INHERITED = tuple(name for name in RepoSettings.model_fields if name in Build.model_fields)

#: URLs of which only the password is secret.
_URLS = frozenset({"proxy", "github_proxy", "database_url", "smtp_url", "url"})

# Repositories and branches come from deliveries, also forged ones: what is kept has a bound.
_KEPT = 2048

J = TypeVar("J", bound=Job)


class Config(Settings):
    """The settings of one file, and what they come to.

    Build it with :func:`leeroy.config.load_config`, which also finds what this class takes on
    trust: no two builds of one context, a server, a token and a secret for every repository.
    """

    _source: Path = PrivateAttr(default=Path("config.json"))
    _kept: dict[str, Callable[..., Any]] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: Any, /) -> None:
        """Note the file they come from, and prepare the answers that are kept."""
        if context:
            self._source = context["source"]
        keep = lru_cache(maxsize=_KEPT)
        self._kept["knows"] = keep(self._knows)
        self._kept["for_repo"] = keep(self._for_repo)
        self._kept["builds_for"] = keep(self._builds_for)
        self._kept["branches_for"] = keep(self._branches_for)
        self._kept["policy_for"] = keep(self._policy_for)
        self._kept["of_job"] = keep(self._of_job)

    @property
    def source(self) -> Path:
        """The file they come from; relative paths in it, SQLite's too, begin at its folder."""
        return self._source

    @property
    def servers(self) -> Mapping[str, Server]:
        """Every Jenkins by its name; the one under ``jenkins`` is called ``default``."""
        first = {DEFAULT_SERVER: self.jenkins} if self.jenkins else {}
        return MappingProxyType({**first, **self.jenkins_servers})

    def server(self, name: str = DEFAULT_SERVER) -> Server:
        """One Jenkins; KeyError when there is none of that name."""
        return self.servers[name]

    def for_repo(self, repo: str) -> RepoSettings:
        """What holds for a repository: each key from the nearest place that has it.

        Near is its own entry under ``repositories``, then globs there, the one with the most
        letters first, then the top.
        """
        settings: RepoSettings = self._kept["for_repo"](repo.lower())
        return settings

    def builds_for(self, repo: str, base_branch: str = "") -> tuple[Build, ...]:
        """The builds of a repository's pull requests, complete; those without a job are left out.

        ``{branch}`` in a job's name or context stays until the base branch is given.
        """
        builds: tuple[Build, ...] = self._kept["builds_for"](repo, base_branch)
        return builds

    def branches_for(self, repo: str, branch: str) -> tuple[Branch, ...]:
        """What is built for a push to this branch, complete."""
        branches: tuple[Branch, ...] = self._kept["branches_for"](repo, branch)
        return branches

    def jobs_for_push(self, repo: str, branch: str) -> tuple[Job, ...]:
        """The same, and for a merge queue's branch the builds of pull requests into its base.

        GitHub asks of a merge group every check that it asks of a pull request.
        """
        own = self.branches_for(repo, branch)
        group = MergeGroup.parse(branch)
        if group is None:
            return own
        contexts = {job.context.casefold() for job in own}
        builds = self.builds_for(repo, group.base)
        return (*own, *(b for b in builds if b.context.casefold() not in contexts))

    def policy_for(self, repo: str) -> "Policy | None":
        """The repository's patchparser policy; None where nothing is checked."""
        policy: Policy | None = self._kept["policy_for"](repo.lower())
        return policy

    def knows(self, repo: str) -> bool:
        """Leeroy was asked to look after this repository."""
        known: bool = self._kept["knows"](repo.lower())
        return known

    def handles_issues(self, repo: str) -> bool:
        """The repository's issues are sorted by labels."""
        return any(build.handle_issues and build.is_for(repo) for build in self.builds)

    def builds_of_job(self, server: str, job: str) -> tuple[Build, ...]:
        """The builds a job of this full name may be of; a glob stays where the name tells no more.

        A multibranch project's branch jobs count as its own.
        """
        found: tuple[tuple[Build, ...], tuple[Branch, ...]] = self._kept["of_job"](server, job)
        return found[0]

    def branches_of_job(self, server: str, job: str) -> tuple[Branch, ...]:
        """The same for what is built for pushes."""
        found: tuple[tuple[Build, ...], tuple[Branch, ...]] = self._kept["of_job"](server, job)
        return found[1]

    def repo_names(self) -> tuple[str, ...]:
        """The repositories called by their names."""
        return tuple(dict.fromkeys(name for name in self._repos() if not is_glob(name)))

    def repo_globs(self) -> tuple[str, ...]:
        """The globs that stand for more repositories."""
        return tuple(dict.fromkeys(name for name in self._repos() if is_glob(name)))

    def without_effect(self) -> tuple[str, ...]:
        """The paths of settings that are accepted, but change nothing yet."""
        return tuple(without_effect(self))

    def secrets(self) -> frozenset[str]:
        """Every text that must not appear in a log, a page or an error."""
        return frozenset(_secrets(self))

    def _repos(self) -> Iterator[str]:
        yield from (job.github_repo for job in (*self.builds, *self.branches))
        yield from self.repositories

    def _knows(self, repo: str) -> bool:
        return any(job.is_for(repo) for job in (*self.builds, *self.branches)) or any(
            is_repo(glob, repo) for glob in self.repositories
        )

    def _for_repo(self, repo: str) -> RepoSettings:
        near = sorted((glob for glob in self.repositories if is_repo(glob, repo)), key=_nearness)
        places: list[RepoSettings] = [*(self.repositories[glob] for glob in near), self]
        values = {}
        for name in RepoSettings.model_fields:
            place = next((place for place in places if name in place.model_fields_set), self)
            values[name] = getattr(place, name)
        return RepoSettings.model_construct(**values)

    def _builds_for(self, repo: str, base_branch: str) -> tuple[Build, ...]:
        settings = self.for_repo(repo)
        found: dict[str, Build] = {}
        for build in self.builds:
            if not build.jenkins_job_name or not build.is_for(repo):
                continue
            inherited = {
                name: getattr(settings, name)
                for name in INHERITED
                if name not in build.model_fields_set
            }
            whole = with_path_rules(build).model_copy(update=inherited)
            whole = filled(whole, repo, base_branch)
            # Globs whose meeting could not be told beforehand may repeat a context: GitHub shows
            # one of them only, and compares without case.
            found.setdefault(whole.context.casefold(), whole)
        return tuple(found.values())

    def _branches_for(self, repo: str, branch: str) -> tuple[Branch, ...]:
        return tuple(
            filled(each, repo, branch)
            for each in self.branches
            if each.jenkins_job_name and each.is_for(repo) and matches(each.branch, branch)
        )

    def _policy_for(self, repo: str) -> "Policy | None":
        policy = self.for_repo(repo).patchparser
        return None if policy is None else read_policy(policy)

    def _of_job(self, server: str, job: str) -> tuple[tuple[Build, ...], tuple[Branch, ...]]:
        builds: list[Build] = []
        for build in self.builds:
            repo = _repo_of_job(build, server, job)
            if repo is None:
                continue
            if is_glob(repo):
                builds.append(with_path_rules(build))
                continue
            context = filled(build, repo).context
            builds.extend(b for b in self.builds_for(repo) if b.context == context)
        branches = [
            each if is_glob(repo) else filled(each, repo)
            for each in self.branches
            if (repo := _repo_of_job(each, server, job)) is not None
        ]
        return tuple(builds), tuple(branches)


def _nearness(glob: str) -> tuple[bool, int]:
    """Sorts names before globs, and globs with more letters of their own before those with less."""
    return is_glob(glob), -sum(letter not in "*?[]{}()!+@|" for letter in glob)


def filled(job: J, repo: str, branch: str = "") -> J:
    """The job as it is in one repository; ``{branch}`` stays until it is known."""
    owner, _, name = repo.partition("/")
    words = {"owner": owner, "repo": name}
    in_job = {**words, "branch": job_branch(branch)} if branch else words
    in_context = {**words, "branch": branch} if branch else words
    full_name = fill(full_name_of(job.jenkins_job_name), in_job)
    context = fill(job.context, in_context) or full_name
    update = {"github_repo": repo, "jenkins_job_name": full_name, "context": context}
    return job.model_copy(update=update)


def _repo_of_job(job: Job, server: str, full_name: str) -> str | None:
    """The repository a job of this name is for, its glob when the name does not tell, or None."""
    if not job.jenkins_job_name or job.jenkins != server:
        return None
    pattern = pattern_of(full_name_of(job.jenkins_job_name))
    match = pattern.fullmatch(full_name)
    if match is None and job.is_pipeline:
        match = pattern.fullmatch(full_name.rpartition("/")[0])
    if match is None:
        return None
    words = match.groupdict()
    owner, _, name = job.github_repo.partition("/")
    repo = f"{words.get('owner', owner)}/{words.get('repo', name)}"
    if is_glob(repo):
        return job.github_repo
    return repo if job.is_for(repo) else None


def _secrets(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        password = secret_of_url(text) if "://" in text else None
        if password:
            yield from (password, unquote(password))
        if text and name not in _URLS:
            yield text
    elif isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from _secrets(getattr(value, field), field)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _secrets(inner, name)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _secrets(inner, name)
