"""The settings as they hold for one repository, branch, job or server: nearest wins, words filled.

Everything here is asked on every look, so answers are kept; the settings never change meanwhile.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, get_args
from urllib.parse import unquote

from pydantic import BaseModel, PrivateAttr, SecretStr

from leeroy.config.contexts import OwnContext, own_contexts
from leeroy.config.docker import full_name_of, with_path_rules
from leeroy.config.fields import is_glob, secret_of_url
from leeroy.config.layout import Layout
from leeroy.config.merge_groups import MergeGroup
from leeroy.config.models import DEFAULT_SERVER, Branch, Build, Job, RepoSettings, Server, Settings
from leeroy.config.not_yet import without_effect
from leeroy.config.policy import policy_faults, read_policy
from leeroy.config.templates import fill, job_branch
from leeroy.config.webhook_secrets import MOST_UNNAMED, claimed_repos
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
        once, keep = lru_cache(maxsize=1), lru_cache(maxsize=_KEPT)
        self._kept["layout"] = once(lambda: Layout(self))
        self._kept["webhook_secrets"] = once(self._webhook_secrets)
        self._kept["knows"] = keep(lambda repo: self._layout.mentions(repo))
        self._kept["for_repo"] = keep(self._for_repo)
        self._kept["builds_for"] = keep(self._builds_for)
        self._kept["branches_for"] = keep(self._branches_for)
        self._kept["policy_at"] = keep(self._policy_at)
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

        Until the base branch is given ``{branch}`` stays in a job's name or context, and builds that
        share a context, each for other base branches, are all there.
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
        return self.policy_at(self.place_of("patchparser", repo))

    def policy_at(self, place: str) -> "Policy | None":
        """The policy that stands at one of ``repositories``; empty: at the top."""
        policy: Policy | None = self._kept["policy_at"](place)
        return policy

    def own_contexts(self, repo: str) -> tuple[OwnContext, ...]:
        """Every name under which we may speak of a commit of the repository.

        Their jobs are as the file says them; ``{branch}`` stays in a name.
        """
        jobs = (*self._layout.builds_of(repo), *self._layout.branches_of(repo))
        return tuple(own_contexts(self.for_repo(repo), self.policy_for(repo), jobs, repo=repo))

    def place_of(self, key: str, repo: str) -> str:
        """Which of ``repositories`` says what holds there for a key; empty: the top does."""
        return next((glob for glob, place in self._near(repo) if key in place.model_fields_set), "")

    def secrets_for(self, repo: str) -> tuple[str, ...]:
        """The webhook secrets of a repository, for as long as one replaces another."""
        return tuple(s.get_secret_value() for s in self.for_repo(repo).github_webhook_secret)

    def may_have_signed(
        self,
        body: bytes,
        content_type: str = "",
        name_of: Callable[[str, int], str] = lambda repo, _id: repo,
    ) -> tuple[str, ...]:
        """The secrets to try on a delivery: those of the repository it says it is of.

        ``name_of`` tells our name of a repository by its own and by its id.
        """
        claims = claimed_repos(body, content_type)
        if not claims:
            return self.webhook_secrets if len(body) <= MOST_UNNAMED else self.secrets_for("")
        return tuple(
            dict.fromkeys(s for claim in claims for s in self.secrets_for(name_of(*claim)))
        )

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """All of them; none where webhooks are not signed."""
        secrets: tuple[str, ...] = self._kept["webhook_secrets"]()
        return secrets

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

    def spellings_of_job(self, server: str, job: str) -> tuple[str, ...]:
        """A job's full name as Jenkins writes it, and as the settings do, where that differs.

        Jenkins finds jobs in any case of letters; our rows have the settings' name.
        """
        jobs = (*self.builds_of_job(server, job), *self.branches_of_job(server, job))
        written = (each.jenkins_job_name for each in jobs)
        return tuple(dict.fromkeys((job, *(n for n in written if n.lower() == job.lower()))))

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

    @property
    def _layout(self) -> Layout:
        layout: Layout = self._kept["layout"]()
        return layout

    def _webhook_secrets(self) -> tuple[str, ...]:
        places: tuple[RepoSettings, ...] = (self, *self.repositories.values())
        found = (secret for place in places for secret in place.github_webhook_secret)
        return tuple(dict.fromkeys(secret.get_secret_value() for secret in found))

    def _near(self, repo: str) -> Sequence[tuple[str, RepoSettings]]:
        """The places of ``repositories`` that say something for this one, nearest first."""
        return sorted(self._layout.places.find(repo), key=lambda found: _nearness(found[0]))

    def _for_repo(self, repo: str) -> RepoSettings:
        places: list[RepoSettings] = [*(place for _, place in self._near(repo)), self]
        values = {}
        for name in RepoSettings.model_fields:
            place = next((place for place in places if name in place.model_fields_set), self)
            values[name] = getattr(place, name)
        return RepoSettings.model_construct(**values)

    def _builds_for(self, repo: str, base_branch: str) -> tuple[Build, ...]:
        builds = [self._whole(each, repo, base_branch) for each in self._layout.builds_of(repo)]
        if not base_branch:
            return tuple(builds)
        # Several may have a context, each for base branches of its own; GitHub shows one of them,
        # and compares without case. That of the base speaks; the first where none is.
        found: dict[str, Build] = {}
        for build in builds:
            first = found.setdefault(build.context.casefold(), build)
            if build.is_for_base(base_branch) and not first.is_for_base(base_branch):
                found[build.context.casefold()] = build
        return tuple(found.values())

    def _whole(self, build: Build, repo: str, base_branch: str = "") -> Build:
        """The build with all it has from its repository."""
        settings = self.for_repo(repo)
        inherited = {
            name: getattr(settings, name)
            for name in INHERITED
            if name not in build.model_fields_set
        }
        whole = with_path_rules(build).model_copy(update=inherited)
        return filled(whole, repo, base_branch)

    def _branches_for(self, repo: str, branch: str) -> tuple[Branch, ...]:
        return tuple(
            filled(each, repo, branch)
            for each in self._layout.branches_of(repo)
            if matches(each.branch, branch)
        )

    def _policy_at(self, place: str) -> "Policy | None":
        holder = self.repositories[place] if place else self
        if holder.patchparser is None or [*policy_faults(holder.patchparser, "")]:
            return None  # settings with faults are told, and never used
        return read_policy(holder.patchparser)

    def _of_job(self, server: str, job: str) -> tuple[tuple[Build, ...], tuple[Branch, ...]]:
        builds: list[Build] = []
        branches: list[Branch] = []
        for each, repo in self._layout.of_job(server, job):
            if isinstance(each, Branch):
                branches.append(each if is_glob(repo) else filled(each, repo))
            elif isinstance(each, Build):
                builds.append(with_path_rules(each) if is_glob(repo) else self._whole(each, repo))
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


def _secrets(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        password = secret_of_url(text) if "://" in text else None
        if password:
            yield from (password, unquote(password))
        if text and name not in _URLS:
            yield text
    elif isinstance(value, BaseModel):
        for field in _secret_fields(type(value)):
            yield from _secrets(getattr(value, field), field)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _secrets(inner, name)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _secrets(inner, name)


@lru_cache
def _secret_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields under which a secret may stand, by their types."""
    return tuple(name for name, field in model.model_fields.items() if _is_secret(field.annotation))


def _is_secret(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bool(_secret_fields(annotation))
    return annotation is SecretStr or any(map(_is_secret, get_args(annotation)))
