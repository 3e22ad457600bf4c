"""The contexts that are ours: one list, for all who must know under which names we speak on GitHub.

A rule speaks under a context that its setting names, so the list is read from the settings: a new
rule's context is in it once its setting is a :data:`leeroy.config.fields.Context`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from leeroy.config.docker import full_name_of
from leeroy.config.fields import IS_CONTEXT, Model
from leeroy.config.models import Job, RepoSettings
from leeroy.config.templates import fill

if TYPE_CHECKING:
    from patchparser.policy import Policy


@dataclass(frozen=True, kw_only=True)
class OwnContext:
    """One name under which we say something of a commit."""

    name: str
    #: Where the settings say it: from the job's place on, or from where the repository's key stands.
    path: tuple[str, ...]
    #: Whose builds it reports; None: it judges the pull request, and nothing is built for it.
    job: Job | None = None


def own_contexts(
    settings: RepoSettings, policy: "Policy | None", jobs: Iterable[Job] = (), *, repo: str = ""
) -> Iterator[OwnContext]:
    """All of one repository, first those of its jobs; several may bear one name.

    With ``repo`` the words of jobs' contexts are filled in as far as it tells them.
    """
    owner, _, name = repo.partition("/")
    words = {"owner": owner, "repo": name} if repo else {}
    for job in jobs:
        context = job.context or full_name_of(job.jenkins_job_name)
        yield OwnContext(name=fill(context, words), path=("context",), job=job)
    if policy is not None:
        yield from _required_checks(policy)
    for field in type(settings).model_fields:
        part = getattr(settings, field)
        if isinstance(part, Model):
            for key in _context_keys(type(part)):
                yield OwnContext(name=getattr(part, key), path=(field, key))
    for key in _context_keys(type(settings)):
        if context := getattr(settings, key):
            yield OwnContext(name=context, path=(key,))


def _required_checks(policy: "Policy") -> Iterator[OwnContext]:
    """patchparser's checks that have a status of their own; the others only advise."""
    # Imported here: who checks nothing need not wait for it.
    from patchparser.findings import Check, Mode

    parts = {Check.SIGN_OFF: policy.sign_off, Check.DOCS: policy.docs, Check.TESTS: policy.tests}
    for check, context in policy.contexts.items():
        part = parts[check]
        if part is not None and part.mode is Mode.REQUIRED:
            yield OwnContext(name=context, path=("patchparser", check.value, "context"))


@lru_cache
def _context_keys(model: type[Model]) -> tuple[str, ...]:
    fields = model.model_fields.items()
    return tuple(name for name, field in fields if IS_CONTEXT in field.metadata)
