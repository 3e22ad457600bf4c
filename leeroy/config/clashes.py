"""Two writers of one context: GitHub shows one status a context, so one would hide the other.

A repository called by its name is looked at as it is. For globs it is found out whether there can
be a repository that two of them mean, and of builds that share a context whether there can be a
base branch that both are for; that one is looked at.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leeroy.config.contexts import OwnContext, own_contexts
from leeroy.config.fields import is_glob, is_repo
from leeroy.config.index import pairs_that_may_meet
from leeroy.config.meeting import Undecided, example
from leeroy.config.models import Branch, Build, Job, RepoSettings
from leeroy.config.resolved import Config
from leeroy.config.validate import Origins, path_of
from leeroy.errors import Fault

Loc = tuple[str | int, ...]
#: Settings that write nothing by themselves.
_NOTHING = RepoSettings()
_WAY_OUT = "give one of them another context"


def clashes(config: Config, origins: Origins) -> Iterator[Fault]:
    """A fault for each writer of a context that another writes before it, with both places."""
    places = _places_of_jobs(config)
    told: set[Loc] = set()
    for repo, shown in examples(config).items():
        yield from _in_repository(config, repo, shown, places, origins, told)
    for repo in _where_globs_meet(config):
        yield from _in_repository(config, repo, repo, places, origins, told)


def examples(config: Config) -> Mapping[str, str]:
    """Repositories to try the settings on, and how to call each: a glob stands by an example."""
    found = {name: name for name in config.repo_names()}
    for glob in config.repo_globs():
        name = example_of(glob)
        if name is not None:
            found.setdefault(name, glob)
    return found


def example_of(glob: str) -> str | None:
    """A repository the glob stands for; None when it stands for none.

    >>> example_of("acme/w*"), example_of("acme/{a,b}"), example_of("acme/[!a-z]?")
    ('acme/wexample', 'acme/a', 'acme/0x')
    """
    text = re.sub(r"\{([^,{}]*),[^{}]*\}", r"\1", glob)
    text = re.sub(r"\*+", "example", text).replace("?", "x")
    if not is_glob(text) and is_repo(glob, text):
        return text
    try:
        return example([glob.lower()], all)
    except Undecided:
        return None


@dataclass(frozen=True, kw_only=True)
class _Writer:
    own: OwnContext
    loc: Loc


def _in_repository(
    config: Config,
    repo: str,
    shown: str,
    places: Mapping[int, Loc],
    origins: Origins,
    told: set[Loc],
) -> Iterator[Fault]:
    groups: dict[str, list[_Writer]] = {}
    for own in config.own_contexts(repo):
        loc = _loc_of(config, own, repo, places)
        groups.setdefault(own.name.casefold(), []).append(_Writer(own=own, loc=loc))
    for group in groups.values():
        if len(group) == 1:
            continue
        for writer, other, why in _clashing(group):
            if writer.loc not in told:
                told.add(writer.loc)
                holder = other.loc[:2] if other.own.job is not None else other.loc
                yield Fault(
                    path=path_of(writer.loc, origins),
                    problem=f'"{writer.own.name}" in {shown} is the context of '
                    f"{path_of(holder, origins)} too{why}",
                    hint=_WAY_OUT,
                )


def _places_of_jobs(config: Config) -> Mapping[int, Loc]:
    return {
        id(job): (kind, index)
        for kind, jobs in (("builds", config.builds), ("branches", config.branches))
        for index, job in enumerate(jobs)
    }


def _loc_of(config: Config, own: OwnContext, repo: str, places: Mapping[int, Loc]) -> Loc:
    if own.job is not None:
        return (*places[id(own.job)], *own.path)
    place = config.place_of(own.path[0], repo)
    return ("repositories", place, *own.path) if place else own.path


def _clashing(group: Sequence[_Writer]) -> Iterator[tuple[_Writer, _Writer, str]]:
    """Each writer of a group that meets one before it, that one, and where they meet."""
    builds = [writer for writer in group if isinstance(writer.own.job, Build)]
    branches = [writer for writer in group if isinstance(writer.own.job, Branch)]
    yield from _of_one_kind(builds)
    # A branch may report what builds report: GitHub asks both of a merge queue's branches.
    yield from _of_one_kind(branches)
    for writer in group[1:]:
        if writer.own.job is None:
            yield writer, group[0], ""


def _of_one_kind(writers: Sequence[_Writer]) -> Iterator[tuple[_Writer, _Writer, str]]:
    named: dict[str, _Writer] = {}
    wide: list[_Writer] = []
    for position, writer in enumerate(writers):
        branches = _Branches.of(writer.own.job)
        names = branches.names
        # Those for a few named branches are many where others are: each is looked up.
        near = (
            writers[:position]
            if names is None
            else [*(named[name] for name in names if name in named), *wide]
        )
        for other in near:
            meeting = branches.meets(_Branches.of(other.own.job))
            if meeting is not None:
                yield writer, other, meeting
                break
        if names is None:
            wide.append(writer)
        for name in names or ():
            named.setdefault(name, writer)


@dataclass(frozen=True, kw_only=True)
class _Branches:
    """The branches a job is for."""

    #: Empty: all.
    only: tuple[str, ...]
    but: tuple[str, ...]

    @classmethod
    def of(cls, job: Job | None) -> "_Branches":
        if isinstance(job, Build):
            return cls(only=job.branches, but=job.branches_ignore)
        assert isinstance(job, Branch)
        return cls(only=(job.branch,), but=())

    @property
    def names(self) -> tuple[str, ...] | None:
        """All of them, where they are called by their names."""
        has_globs = not self.only or any(is_glob(one) or one.startswith("!") for one in self.only)
        return None if has_globs else self.only

    def meets(self, other: "_Branches") -> str | None:
        """Where both are for one branch: how to say so; None: they never are."""
        if not (self.only or self.but or other.only or other.but):
            return ""
        globs = [*self.only, *self.but, *other.only, *other.but]
        ours = len(self.only) + len(self.but)

        def both(says: Sequence[bool]) -> bool:
            return self._is_for(says[:ours]) and other._is_for(says[ours:])

        try:
            branch = example(globs, both)
        except Undecided:
            return ", and whether some branch is for both cannot be told"
        return None if branch is None else f", for branch {branch}"

    def _is_for(self, says: Sequence[bool]) -> bool:
        """It is for the branch of which its globs say this, in their order."""
        only, but = says[: len(self.only)], says[len(self.only) :]
        return (not only or any(only)) and not any(but)


def _where_globs_meet(config: Config) -> Iterator[str]:
    """Repositories that two globs mean whose writers have one context."""
    groups: dict[str, dict[str, tuple[str, ...]]] = {}
    for repo, own in _writers_of_globs(config):
        exclude = own.job.exclude if own.job is not None else ()
        groups.setdefault(own.name.casefold(), {}).setdefault(repo.lower(), exclude)
    for group in groups.values():
        globs = list(group)
        for first, later in pairs_that_may_meet(globs):
            but = [one.lower() for one in (*group[globs[first]], *group[globs[later]])]
            try:
                found = example([globs[first], globs[later], *but], _both_and_no_other)
            except Undecided:
                continue  # the first of them keeps the context
            if found is not None:
                yield found


def _both_and_no_other(says: Sequence[bool]) -> bool:
    return says[0] and says[1] and not any(says[2:])


def _writers_of_globs(config: Config) -> Iterator[tuple[str, OwnContext]]:
    jobs: Iterable[Job] = (*config.builds, *config.branches)
    for job in jobs:
        if job.jenkins_job_name and is_glob(job.github_repo):
            owner, _, name = job.github_repo.partition("/")
            # What the glob leaves open stays a word.
            owner = "{owner}" if is_glob(owner) else owner
            name = "{repo}" if is_glob(name) else name
            for own in own_contexts(_NOTHING, None, [job], repo=f"{owner}/{name}"):
                yield job.github_repo, own
    for glob, place in config.repositories.items():
        if is_glob(glob):
            for own in own_contexts(place, config.policy_at(glob)):
                yield glob, own
