"""The settings' jobs and places, laid out by repository and by Jenkins job, to be found quickly."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from leeroy.config.docker import full_name_of
from leeroy.config.fields import is_glob
from leeroy.config.index import Index
from leeroy.config.models import Branch, Build, Job, RepoSettings, Settings
from leeroy.config.templates import has_words, words_in

J = TypeVar("J", bound=Job)


class Layout:
    """Answers by a look-up what would else be a walk through all jobs; made once for settings."""

    def __init__(self, settings: Settings) -> None:
        #: ``repositories``, with the key of each.
        self.places: Index[tuple[str, RepoSettings]] = Index(
            (glob, (glob, place)) for glob, place in settings.repositories.items()
        )
        self._builds = Index((build.github_repo, build) for build in settings.builds)
        self._branches = Index((branch.github_repo, branch) for branch in settings.branches)
        self._by_name: dict[tuple[str, str], list[Job]] = {}
        self._by_template: list[tuple[str, Job]] = []
        for job in (*settings.builds, *settings.branches):
            if name := full_name_of(job.jenkins_job_name):
                if has_words(name):
                    self._by_template.append((name, job))
                else:
                    self._by_name.setdefault((job.jenkins, name.lower()), []).append(job)

    def mentions(self, repo: str) -> bool:
        """Some job or place is for it, also a job without a name."""
        jobs: tuple[Job, ...] = (*self._builds.find(repo), *self._branches.find(repo))
        return bool(self.places.find(repo)) or any(job.is_for(repo) for job in jobs)

    def builds_of(self, repo: str) -> Iterator[Build]:
        """What is built for its pull requests, as the file says it."""
        return _built(self._builds.find(repo), repo)

    def branches_of(self, repo: str) -> Iterator[Branch]:
        """What is built for pushes to some branch of it."""
        return _built(self._branches.find(repo), repo)

    def of_job(self, server: str, full_name: str) -> Iterator[tuple[Job, str]]:
        """What a Jenkins job of this name is for, each with its repository.

        A glob stands where the name tells no more. A multibranch project's branch jobs count as its
        own.
        """
        parent = full_name.rpartition("/")[0]
        for job in self._by_name.get((server, full_name.lower()), ()):
            yield from _with_repo(job, {})
        for job in self._by_name.get((server, parent.lower()), ()):
            if job.is_pipeline:
                yield from _with_repo(job, {})
        for template, job in self._by_template:
            if job.jenkins != server:
                continue
            words = words_in(template, full_name)
            if words is None and job.is_pipeline:
                words = words_in(template, parent)
            if words is not None:
                yield from _with_repo(job, words)


def _built(jobs: Iterable[J], repo: str) -> Iterator[J]:
    return (job for job in jobs if job.jenkins_job_name and job.is_for(repo))


def _with_repo(job: Job, words: dict[str, str]) -> Iterator[tuple[Job, str]]:
    owner, _, name = job.github_repo.partition("/")
    repo = f"{words.get('owner', owner)}/{words.get('repo', name)}"
    if is_glob(repo):
        yield job, job.github_repo
    elif job.is_for(repo):
        yield job, repo
